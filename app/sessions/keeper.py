"""The open file through good and bad days: opened late, taken back when removed, replaced when damaged."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.sessions import store
from app.sessions.clock import clock_is_good
from app.sessions.errors import DamagedError
from app.sessions.writer import Writer
from hardware.messages import Event, HistoryCommand, Reply

if TYPE_CHECKING:
    from sqlite_utils import Database

_log = logging.getLogger(__name__)


class Keeper:
    """Keeps events in the file at ``path``, all of a call or none. Belongs to one thread.

    ``clock`` gives seconds since 1970, ``monotonic`` the seconds that events carry; ``is_good`` says
    whether the former can be believed (by default :func:`~app.sessions.clock.clock_is_good`).
    """

    def __init__(
        self,
        path: Path,
        boot: str,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        is_good: Callable[[], bool] | None = None,
    ) -> None:
        self._path = path
        self._clock = clock
        self._monotonic = monotonic
        self._is_good = is_good or (lambda: clock_is_good(clock))
        self._writer = Writer(boot, self._wall)
        self._db: Database | None = None
        self._identity: tuple[int, int] | None = None
        self._sides: dict[Path, tuple[int, int] | None] = {}
        self.dated = False
        """All that this boot wrote has its date."""
        self.set_aside: list[str] = []
        """Names under which damaged files have been kept."""

    @property
    def unwritable(self) -> int:
        """Events that no table took."""
        return self._writer.unwritable

    def keep(
        self, events: Sequence[Event], commands: Sequence[HistoryCommand] = (), *, at_once: bool = False
    ) -> list[Reply]:
        """Commit ``events`` and what a person said about sessions; return an answer to each ``commands``.

        ``at_once`` waits for the disk itself, so that a power cut takes nothing back. Raises RefusedError,
        sqlite3.Error or OSError, and then nothing of this call is in the file.
        """
        try:
            return self._keep(events, commands, at_once)
        except DamagedError as error:
            _log.error("%s; setting it aside", error)
            self._forget()
            self.set_aside.append(store.set_aside(self._path, self._clock()).name)
            return self._keep(events, commands, at_once)

    def close(self) -> None:
        self._forget()

    def recover(self, error: Exception) -> None:
        """Make the next call begin afresh where ``error`` leaves the connection in doubt."""
        # A full or busy disk leaves it sound, and reopening would only cost more of what is short. Where
        # the file has gone from its folder the connection is the only way to what it held.
        sound = store.is_kind(error, sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        if not sound and store.identity(self._path) is not None:
            self._forget()

    def _keep(
        self, events: Sequence[Event], commands: Sequence[HistoryCommand], at_once: bool
    ) -> list[Reply]:
        with store.damage_named(self._path):
            db = self._opened()
            good = self._is_good()
            remembered = self._writer.remembered()
            # NORMAL is as consistent as FULL, and saves waiting for the disk twelve times a minute.
            db.execute(f"PRAGMA synchronous = {'FULL' if at_once else 'NORMAL'}")
            try:
                with db.atomic():
                    self._writer.write(db, events)
                    answers = [self._writer.answer(db, command) for command in commands]
                    if good and not self.dated:
                        self._writer.mend(db)
            except BaseException:
                self._writer.recall(remembered)
                raise
            self.dated = good
            return answers

    def _opened(self) -> Database:
        found = store.identity(self._path)
        if self._db is not None:
            if found == self._identity:
                return self._db
            # Writing on would go to a file without a name, and be gone with it.
            if found is None:
                _log.warning("%s was removed; writing it again", self._path)
                self._bring_back(self._db)
            else:
                _log.warning("%s was replaced; going on with the one in its place", self._path)
            store.let_go(self._db, self._sides)
            self._db = None
        db = store.open_for_writing(self._path)
        try:
            db.execute("PRAGMA synchronous = FULL")
            with db.atomic():
                self._writer.take_over(db)
        except BaseException:
            db.close()
            raise
        self._db, self._identity, self.dated = db, store.identity(self._path), False
        self._sides = store.side_files(self._path)
        return db

    def _bring_back(self, db: Database) -> None:
        try:
            store.bring_back(db, self._path)
        except sqlite3.DatabaseError as error:
            if not store.is_kind(error, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise
            _log.error("%s cannot be written again: %s", self._path, error)

    def _forget(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            with contextlib.suppress(sqlite3.Error):
                db.close()

    def _wall(self, at_s: float) -> float | None:
        """Seconds since 1970 at the monotonic time ``at_s``; None while the clock cannot be believed."""
        return self._clock() - self._monotonic() + at_s if self._is_good() else None
