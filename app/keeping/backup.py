"""Backups: one folder each with everything a person would miss, verified before it counts.

A backup is made beside its final name and renamed when all of it has been read back, so that there is never a
half one. They are counted: the clock of a Raspberry Pi cannot be trusted to tell which is newer.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from app.files import sync_folder
from app.places import Places
from app.sessions.clock import clock_is_good
from app.version import our_version
from hardware.errors import TerminalError
from hardware.plaintext import legible
from hardware.program_file import is_program, program_names
from hardware.textfile import MAX_BYTES

log = logging.getLogger(__name__)

KEPT = 10
"""Backups in one folder; the oldest goes when there is one more."""
LEAST_FREE = 32 * 1024 * 1024
"""Bytes that a backup leaves free: the sessions to come need the card more than it does."""

HISTORY = "history.db"
SINGLE = (
    HISTORY, "people.json", "preferences.json", "pin.json",
    "machine.toml", "commissioned.json", "mounting.json",
)  # fmt: skip
"""What lies in the data folder itself; a person's own programs come along."""
OF_THE_CASE = "mounting.json"
"""A backup that has none, from before there was one, says nothing of how the panel is built in."""
MANIFEST = "backup.json"

_NAME = re.compile(r"^(\d{6})-\d{4}-\d\d-\d\d$")
UNDATED = "0000-00-00"
"""In a backup's name, where nobody knew the day; older versions read it, too."""
PROGRAMS = "programs"
LONGEST_NAME = 255
"""Bytes of a file's name."""
_BLOCK = 256 * 1024
_PAGES = 512
"""Of the history at a time: between them the recorder gets its turn."""


class BackupError(TerminalError):
    """A backup that was not made or cannot be used: which, why, and what to do."""


class Sum(Struct, frozen=True):
    """What a file was when it was copied."""

    bytes: Annotated[int, Meta(ge=0)]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Manifest(Struct, frozen=True, kw_only=True):
    """``backup.json``, written last. Of what a later version backs up, what is known here is put back."""

    version: int = 1
    made: datetime
    dated: bool = True
    """Whether the clock was known to be right."""
    made_by: str
    sessions: Annotated[int, Meta(ge=0)]
    files: dict[str, Sum]
    """By their path in the data folder."""


@dataclass(frozen=True)
class Backup:
    path: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def bytes(self) -> int:
        return sum(known.bytes for known in self.manifest.files.values())


def backups(folder: Path) -> list[Backup]:
    """The backups in ``folder``, newest first; what is no backup of ours is passed over. Raises nothing."""
    found = []
    for name in sorted(_names(folder), reverse=True):
        with contextlib.suppress(BackupError):
            found.append(read(folder / name))
    return found


def read(path: Path) -> Backup:
    """The backup at ``path``, by its manifest alone. Raises BackupError when there is none to be read."""
    try:
        manifest = msgspec.json.decode((path / MANIFEST).read_bytes(), type=Manifest)
    except OSError as error:
        raise BackupError(f"there is no backup at {path}: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise BackupError(f"{path / MANIFEST} is no list of a backup: {error}") from error
    strange = [name for name in manifest.files if not _is_inside(name)]
    if strange:
        raise BackupError(f"{path} lists what is not Instep's: {legible(strange[0])}")
    known = {name: known for name, known in manifest.files.items() if _is_ours(name)}
    return Backup(path, replace(manifest, files=known))


def _is_inside(name: str) -> bool:
    """Whether it could be in a data folder; a later version may keep more there than this one knows."""
    folder, _slash, file = name.rpartition("/")
    return folder in ("", PROGRAMS) and file not in ("", ".", "..") and "\0" not in file


def _is_ours(name: str) -> bool:
    folder, _slash, file = name.rpartition("/")
    return is_program(file) if folder else file in SINGLE


def verify(backup: Backup) -> None:
    """Read all of it and compare. Raises BackupError with the first thing that is not as it was."""
    for name, known in backup.manifest.files.items():
        try:
            found = _sum(backup.path / name)
        except OSError as error:
            raise BackupError(
                f"{name} in the backup {backup.name} cannot be read: {error.strerror}"
            ) from error
        if found != known:
            raise BackupError(
                f"{name} in the backup {backup.name} is not what was copied: use another backup"
            )
    if HISTORY in backup.manifest.files:
        _check_history(backup.path / HISTORY, f"the history in the backup {backup.name}")


def make(
    places: Places,
    folder: Path | None = None,
    now: datetime | None = None,
    is_good: Callable[[], bool] = clock_is_good,
) -> Backup | None:
    """Back up ``places.data`` into ``folder``, by default its own ``backups``. A session may be running.

    Returns None when nothing has changed since the newest one there. Raises BackupError; older backups are
    then as they were.
    """
    folder = folder or places.backups
    now = now or datetime.now().astimezone()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(folder)
        _see_room(places.data, folder)
        before = backups(folder)
        number = max((int(name[:6]) for name in _names(folder)), default=0) + 1
        dated = is_good()
        path = folder / f"{number:06d}-{f'{now:%Y-%m-%d}' if dated else UNDATED}"
        new = folder / f".{path.name}.new"
        try:
            manifest = _copy(places.data, new, now, dated)
            if before and before[0].manifest.files == manifest.files:
                shutil.rmtree(new)
                verify(before[0])
                return None
            _write(new / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
            verify(Backup(new, manifest))
            sync_folder(new)
            new.rename(path)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        sync_folder(folder)
    except OSError as error:
        raise BackupError(
            f"no backup could be written to {folder}: {error.strerror}. What was there is unchanged."
        ) from error
    _prune(folder)
    return Backup(path, manifest)


def _copy(data: Path, new: Path, now: datetime, dated: bool) -> Manifest:
    new.mkdir(mode=0o700)
    sums: dict[str, Sum] = {}
    sessions = 0
    if (data / HISTORY).exists():
        sessions = _copy_history(data / HISTORY, new / HISTORY)
        sums[HISTORY] = _sum(new / HISTORY)
    for there in _others(data):
        name = _storable(there)
        if name in sums:
            continue  # of two such names one is left out as a program, too
        try:
            raw = (data / there).read_bytes()
        except FileNotFoundError:
            continue  # removed a moment ago
        except OSError as error:
            if name in SINGLE:
                raise
            log.warning("%s is not backed up: %s", legible(name), error.strerror)  # and no program, either
            continue
        (new / name).parent.mkdir(mode=0o700, exist_ok=True)
        _write(new / name, raw)
        sums[name] = Sum(len(raw), hashlib.sha256(raw).hexdigest())
    if (new / "programs").exists():
        sync_folder(new / "programs")
    return Manifest(made=now, dated=dated, made_by=our_version(), sessions=sessions, files=sums)


def _others(data: Path) -> Iterator[str]:
    for name in SINGLE:
        if name != HISTORY and (data / name).is_file():
            yield name
    for program in programs_in(data):
        with contextlib.suppress(OSError):
            info = (data / PROGRAMS / program).stat()
            if stat.S_ISREG(info.st_mode) and info.st_size <= MAX_BYTES:
                yield f"{PROGRAMS}/{program}"


def programs_in(data: Path) -> list[str]:
    """The names of a person's own program files, sound or not."""
    try:
        return program_names(data / PROGRAMS)
    except OSError:
        return []


def _storable(name: str) -> str:
    """A name that the list of a backup can hold: bytes that are no UTF-8 as their numbers, as in a key."""
    try:
        name.encode()
    except UnicodeEncodeError:
        whole = legible(name)
        if len(os.path.basename(whole).encode()) > LONGEST_NAME:
            digest = hashlib.sha256(os.fsencode(name)).hexdigest()
            return f"{PROGRAMS}/{digest}.toml"
        return whole
    return name


def _copy_history(source: Path, target: Path) -> int:
    """One moment of the history, as one file without side files; returns how many sessions it has."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    try:
        with (
            contextlib.closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
            contextlib.closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new, pages=_PAGES, sleep=0.01)
            new.execute("PRAGMA journal_mode = DELETE")
            count = new.execute(
                "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'sessions'"
            ).fetchone()[0]
            sessions = new.execute("SELECT count(*) FROM sessions").fetchone()[0] if count else 0
    except sqlite3.Error as error:
        raise BackupError(
            f"{source.name} cannot be copied ({error}); the older backups are kept. `instep doctor` says more"
        ) from error
    _check_history(target, source.name)
    with target.open("rb") as file:
        os.fsync(file.fileno())
    return int(sessions)


def _check_history(path: Path, what: str) -> None:
    """All of it, which may take seconds: nobody is waiting. Raises BackupError."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as db:
            verdict = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
            orphan = db.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        raise BackupError(f"{what} is damaged: {error}") from error
    if verdict != "ok" or orphan is not None:
        raise BackupError(f"{what} is damaged: {verdict if orphan is None else 'rows without their session'}")


def _sum(path: Path) -> Sum:
    """From the disk where the system allows it, not from what it still has in memory."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        with contextlib.suppress(OSError):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return Sum(size, digest.hexdigest())


def _write(path: Path, raw: bytes) -> None:
    with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def _see_room(data: Path, folder: Path) -> None:
    needed = LEAST_FREE
    for name in (HISTORY, f"{HISTORY}-wal"):
        with contextlib.suppress(OSError):
            needed += (data / name).stat().st_size
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupError(
            f"{folder} has {free >> 20} MB free and a backup wants {needed >> 20} MB: remove old ones, "
            "or choose another place with --to"
        )


def _names(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir() if _NAME.match(entry.name)]
    except OSError:
        return []


def _sweep(folder: Path) -> None:
    """What a power cut left unfinished."""
    for begun in folder.glob(".*.new"):
        shutil.rmtree(begun, ignore_errors=True)


def _prune(folder: Path) -> None:
    for name in sorted(_names(folder), reverse=True)[KEPT:]:
        shutil.rmtree(folder / name, ignore_errors=True)
