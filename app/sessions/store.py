"""The file: made private, checked before it is trusted, set aside when damaged, refused when not ours."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.files import sync_folder
from app.sessions import schema
from app.sessions.errors import DamagedError, RefusedError
from hardware.message import Foreign, Message, Named, foreign, says

if TYPE_CHECKING:
    from sqlite_utils import Database


@says("{file} is damaged: {why}")
def file_damaged(file: Named, why: Foreign | Message) -> None: ...


@says("it does not begin as a database does")
def no_database() -> None: ...


@says("{file} was made by a newer version of Instep; update Instep to go on with it")
def made_by_newer_version(file: Named) -> None: ...


@says("{file} belongs to another program; choose another file for the history")
def of_another_program(file: Named) -> None: ...


PAGE_BYTES = 2048
"""A commit writes whole pages: half of SQLite's usual size halves what a session costs the card."""

BUSY_S = 2.0
"""How long to wait for another program that is writing."""

CHECK_S = 2.0
"""How long the check at a start may take: after years there may be too much to read it all each time."""

_MAGIC = b"SQLite format 3\0"
_LEAST_BYTES = 512
_SIDE_FILES = ("-wal", "-shm")


def open_for_writing(path: Path) -> Database:
    """Open the history at ``path``, making or upgrading it as needed.

    Raises :class:`DamagedError` or :class:`RefusedError`, and then has changed nothing; sqlite3.Error or
    OSError if the storage does not play along. A connection belongs to the thread that opened it.
    """
    from sqlite_utils import Database

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size:
        inspect(path)
    else:
        # SQLite would make it readable to everybody; its side files take after it.
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    db = Database(sqlite3.connect(path, timeout=BUSY_S), execute_plugins=False)
    try:
        with damage_named(path):
            # The first two count only before the first table.
            db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            db.execute("PRAGMA auto_vacuum = INCREMENTAL")
            db.enable_wal()
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA journal_size_limit = 4194304")
            schema.steps().apply(db)
    except BaseException:
        db.close()
        raise
    return db


def open_for_reading(path: Path) -> Database:
    """Open the history at ``path`` without ever writing to it; any thread may use the connection.

    Raises sqlite3.Error.
    """
    from sqlite_utils import Database

    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_S, check_same_thread=False)
        db = Database(connection, execute_plugins=False)
        db.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        # On a card that can only be read there is no room for the side files that a reader needs. Then
        # nobody writes either, and if no side file was left the database alone is all there is.
        if _side(path, "-wal").exists() or not path.exists():
            raise
        return _open_fixed(path)
    return db


def inspect(path: Path) -> None:
    """Check the file at ``path`` without changing a byte of it.

    Raises :class:`DamagedError` or :class:`RefusedError`; sqlite3.Error if it cannot be read now.
    """
    with path.open("rb") as file:
        # SQLite takes a file that is too short to be one of its own for an empty one, and writes over it.
        if not file.read(_LEAST_BYTES).startswith(_MAGIC) or file.tell() < _LEAST_BYTES:
            raise DamagedError(file_damaged(Named(path.name), no_database()))
    with damage_named(path), contextlib.closing(_open_to_inspect(path)) as db:
        tables = set(db.table_names()) - {schema.steps().migrations_table}
        ours = {step.name for step in schema.steps().applied(db)}
        if ours - schema.KNOWN and not schema.fits(db):
            raise RefusedError(made_by_newer_version(Named(path.name)))
        if tables and not ours:
            raise RefusedError(of_another_program(Named(path.name)))
        deadline_s = time.monotonic() + CHECK_S
        db.conn.set_progress_handler(lambda: time.monotonic() > deadline_s, 10_000)
        try:
            verdict = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.OperationalError as error:
            if not is_kind(error, sqlite3.SQLITE_INTERRUPT):
                raise
            return
        if verdict != "ok":
            raise DamagedError(file_damaged(Named(path.name), Foreign(str(verdict))))


def _open_to_inspect(path: Path) -> Database:
    # Even a reader leaves side files behind, unless the file is declared fixed; beside a side file it is not.
    return open_for_reading(path) if _side(path, "-wal").exists() else _open_fixed(path)


def _open_fixed(path: Path) -> Database:
    from sqlite_utils import Database

    uri = f"{path.absolute().as_uri()}?immutable=1"
    return Database(sqlite3.connect(uri, uri=True, check_same_thread=False), execute_plugins=False)


@contextlib.contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Turn SQLite's word for a damaged file into :class:`DamagedError`; let its other errors pass."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if is_kind(error, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise DamagedError(file_damaged(Named(path.name), foreign(error))) from error
        raise


def is_kind(error: BaseException, *codes: int) -> bool:
    """Say whether SQLite raised ``error`` for one of these primary result codes."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in codes


def set_aside(path: Path, now_s: float) -> Path:
    """Rename a damaged file and its side files; return the name under which it is kept.

    ``now_s`` (seconds since 1970) dates the name. Raises OSError.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now_s))
    kept = path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}")
    count = 1
    while kept.exists():
        count += 1
        kept = path.with_name(f"{path.stem}.damaged-{stamp}-{count}{path.suffix}")
    # The database goes last: a side file must never lie beside a database that it does not belong to.
    for suffix in _SIDE_FILES:
        with contextlib.suppress(FileNotFoundError):
            _side(path, suffix).rename(_side(kept, suffix))
    path.rename(kept)
    sync_folder(path.parent)
    return kept


def side_files(path: Path) -> dict[Path, tuple[int, int] | None]:
    """Return where the side files of ``path`` are, with their :func:`identity`."""
    return {_side(path, suffix): identity(_side(path, suffix)) for suffix in _SIDE_FILES}


def let_go(db: Database, sides: dict[Path, tuple[int, int] | None]) -> None:
    """Close a file that has been moved away, and leave nothing of it beside the one now in its place.

    ``sides`` are its :func:`side_files`. SQLite leaves them where they were, and would then read the log
    of one database into another.
    """
    with contextlib.suppress(sqlite3.Error):
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with contextlib.suppress(sqlite3.Error):
        db.close()
    for side, known in sides.items():
        if known is not None and identity(side) == known:
            side.unlink()


def bring_back(db: Database, path: Path) -> None:
    """Write a file that was removed while ``db`` had it open to ``path`` again, and close ``db``.

    Raises sqlite3.Error or OSError; ``db`` then stays open, so that nothing is lost yet.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = path.with_name(f".{path.name}.back")
    copy.unlink(missing_ok=True)
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    with contextlib.closing(sqlite3.connect(copy)) as target:
        db.conn.backup(target)
    # Closing removes side files by name: before the new file is there to be mistaken for the old one.
    db.close()
    for suffix in _SIDE_FILES:
        _side(path, suffix).unlink(missing_ok=True)
    copy.rename(path)
    sync_folder(path.parent)


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells this file from another of the same name; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _side(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
