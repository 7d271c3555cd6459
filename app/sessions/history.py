"""The history for those who only look: another process than the recorder's, and never in its way."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import EllipsisType
from typing import TYPE_CHECKING, Any

import msgspec

from app.sessions import curves, faultlog, schema, store
from app.sessions.clock import a_date
from app.sessions.errors import HistoryError
from app.sessions.rows import EventRow, RatingRow, SessionDetail, SessionRow, WeekRow, found_of
from hardware.message import Foreign, Message, Named, foreign, says

if TYPE_CHECKING:
    from sqlite_utils import Database


@says("{file} was made by a newer version of Instep; update Instep to read it")
def history_of_newer_version(file: Named) -> None: ...


@says("{file} is not a history of Instep")
def not_a_history(file: Named) -> None: ...


@says("{file} is damaged ({why}); restart the machine to have it set aside and a new one begun")
def history_damaged(file: Named, why: Foreign) -> None: ...


@says("{file} is being used by another program; close that program and try again")
def history_in_use(file: Named) -> None: ...


@says("{file} cannot be read: {why}")
def history_unreadable(file: Named, why: Foreign) -> None: ...


Person = str | None | EllipsisType
"""A person, None for guests, ``...`` for everybody."""

_ROW = """
SELECT number, id, program, title, person, started_at, coalesce(end_minutes, minutes) AS minutes,
  coalesce(duration_s, 0.0) AS duration_s, coalesce(end_intensity, intensity) AS intensity,
  coalesce(max_level, 0.0) AS max_level,
  CASE WHEN end_minutes IS NULL THEN heat_c ELSE end_heat_c END AS heat_c,
  feet, coalesce(outcome, 'running') AS outcome, before, after, position AS key, channels
FROM sessions
"""
_AT_A_TIME = 200
_AHEAD = 20
"""So many sessions may stand before the last one because a clock was wrong."""
_NONSENSE = (msgspec.MsgspecError, ValueError, LookupError)
"""What comes of text in the file that no recorder wrote."""
_DETAIL = msgspec.json.Decoder(dict[str, Any])
_NAMES = msgspec.json.Decoder(list[str])


class History:
    """The sessions in the file at ``path``, newest first; empty as long as there is no file.

    Every method raises :class:`~app.sessions.errors.HistoryError` when the file cannot be read, and may be
    called from any thread.

        with contextlib.closing(History(path)) as history:
            for row in history.page(20):
                print(row.title, row.duration_s)
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._db: Database | None = None
        self._identity: tuple[int, int] | None = None

    def page(
        self, limit: int, before: float | None = None, program: str | None = None, person: Person = ...
    ) -> list[SessionRow]:
        """Return up to ``limit`` sessions, newest first, of all that are before the key ``before``.

        The next page begins before the ``key`` of the last row of this one.
        """
        where, values = _only(program, person)
        if before is not None:
            where, values = [*where, "position < ?"], [*values, before]
        found = self._rows(f"{_where(where)} ORDER BY position DESC LIMIT ?", (*values, max(0, limit)))
        return [_session_row(row) for row in found]

    def last(self, person: Person = ..., program: str | None = None) -> SessionRow | None:
        """Return the session that ended last, however it did."""
        where, values = _only(program, person)
        found = self._rows(
            f"{_where([*where, 'outcome IS NOT NULL'])} ORDER BY position DESC LIMIT {_AHEAD}", values
        )
        # Of the newest the one recorded last: a clock that once ran ahead must not stay the last word.
        return _session_row(max(found)) if found else None

    def weeks(self, count: int, today: date, person: Person = ...) -> list[WeekRow]:
        """Return the ``count`` ISO weeks up to that of ``today``, oldest first, empty ones too.

        Sessions count in the week in which they began, in local time; those that still run or have no date
        do not count.
        """
        where, values = _only(None, person)
        where += ["started_at >= ?", "started_at < ?", "duration_s IS NOT NULL"]
        counted = f"SELECT count(*), total(duration_s) FROM sessions {_where(where)}"
        weeks = []
        with self._reading() as db:
            for (year, week), span in _spans(count, today):
                sessions, seconds = 0, 0.0
                if db is not None:
                    sessions, seconds = db.execute(counted, (*values, *span)).fetchone()
                weeks.append(WeekRow(year=year, week=week, sessions=sessions, minutes=seconds / 60))
        return weeks

    def ratings(self, count: int, today: date, person: Person = ...) -> list[RatingRow]:
        """Return how the feet felt in the ``count`` ISO weeks up to that of ``today``, oldest first.

        Only sessions that were rated both before and after count; a week without one has no ``sessions``.
        """
        where, values = _only(None, person)
        where += ["started_at >= ?", "started_at < ?", "before IS NOT NULL", "after IS NOT NULL"]
        rated = f"SELECT count(*), total(before), total(after) FROM sessions {_where(where)}"
        weeks = []
        with self._reading() as db:
            for (year, week), span in _spans(count, today):
                sessions, before, after = 0, 0.0, 0.0
                if db is not None:
                    sessions, before, after = db.execute(rated, (*values, *span)).fetchone()
                each = max(1, sessions)
                weeks.append(
                    RatingRow(
                        year=year, week=week, sessions=sessions, before=before / each, after=after / each
                    )
                )
        return weeks

    def people(self) -> set[str]:
        """Return everybody who has had a session."""
        with self._reading() as db:
            if db is None:
                return set()
            found = db.execute("SELECT DISTINCT person FROM sessions WHERE person IS NOT NULL")
            return {person for (person,) in found}

    def log(self, limit: int, before: int | None = None) -> list[faultlog.LogRow]:
        """Return up to ``limit`` faults and deeds of service, newest first, all before the key ``before``."""
        with self._reading() as db:
            return [] if db is None else faultlog.read(db, schema.said(db), limit, before)

    def session(self, id: str) -> SessionDetail | None:  # noqa: A002 - what the row calls it
        """Return one session with its curves and events; None if there is no such session."""
        with self._reading() as db:
            found = None if db is None else db.execute(f"{_ROW} WHERE id = ?", (id,)).fetchone()
            return None if db is None or found is None else _detail(db, schema.said(db), found)

    def everything(self, person: Person = ...) -> Iterator[SessionDetail]:
        """Yield every session with its curves and events in the order they were recorded, a few at a time."""
        for found in self._in_order(person):
            for row in found:
                with self._reading() as db:
                    detail = None if db is None else _detail(db, schema.said(db), row)
                if detail is not None:
                    yield detail

    def rows(self, person: Person = ...) -> Iterator[SessionRow]:
        """Yield every session in the order they were recorded."""
        for found in self._in_order(person):
            yield from map(_session_row, found)

    def _in_order(self, person: Person) -> Iterator[list[tuple[Any, ...]]]:
        where, values = _only(None, person)
        asked = f"{_where([*where, 'number > ?'])} ORDER BY number LIMIT ?"
        number = 0
        while found := self._rows(asked, (*values, number, _AT_A_TIME)):
            yield found
            number = found[-1][0]

    def close(self) -> None:
        """Let go of the file; the next call opens it again."""
        with self._lock:
            self._forget()

    def _rows(self, rest: str, values: tuple[Any, ...] | list[Any]) -> list[tuple[Any, ...]]:
        with self._reading() as db:
            return [] if db is None else db.execute(_ROW + rest, values).fetchall()

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Database | None]:
        """The open database, or None as long as nothing has been recorded."""
        with self._lock:
            try:
                yield self._opened()
            except (sqlite3.Error, OSError, *_NONSENSE) as error:
                self._forget()
                raise HistoryError(_why(error, self._path)) from error

    def _opened(self) -> Database | None:
        found = store.identity(self._path)
        if found != self._identity:
            # Set aside, removed or put back: the open one is no longer the history.
            self._forget()
        if self._db is None and found is not None and self._path.stat().st_size:
            db = store.open_for_reading(self._path)
            try:
                _check(db, self._path)
                if db["sessions"].exists():
                    self._db, self._identity = db, found
            finally:
                if self._db is None:
                    db.close()
        return self._db

    def _forget(self) -> None:
        db, self._db, self._identity = self._db, None, None
        if db is not None:
            db.close()


def people_in(path: Path) -> set[str]:
    """Return who has had a session by the history at ``path``; nobody when it cannot be read."""
    with contextlib.closing(History(path)) as history, contextlib.suppress(HistoryError):
        return history.people()
    return set()


def _check(db: Database, path: Path) -> None:
    """Raise HistoryError for a file that is not to be read."""
    steps = {step.name for step in schema.steps().applied(db)}
    if steps - schema.KNOWN and not schema.fits(db):
        raise HistoryError(history_of_newer_version(Named(path.name)))
    if not steps and set(db.table_names()) - {schema.steps().migrations_table}:
        raise HistoryError(not_a_history(Named(path.name)))


def _why(error: Exception, path: Path) -> Message:
    name = Named(path.name)
    if isinstance(error, _NONSENSE) or store.is_kind(error, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return history_damaged(name, foreign(error))
    if store.is_kind(error, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return history_in_use(name)
    return history_unreadable(name, foreign(error))


def _only(program: str | None, person: Person) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    values: list[Any] = []
    if person is not ...:
        where, values = ["person IS ?"], [person]
    if program is not None:
        where, values = [*where, "program = ?"], [*values, program]
    return where, values


def _where(terms: list[str]) -> str:
    return f"WHERE {' AND '.join(terms)}" if terms else ""


def _spans(count: int, today: date) -> Iterator[tuple[tuple[int, int], tuple[float, float]]]:
    """Year and number of each of the last ISO weeks, with the seconds since 1970 it lies between."""
    monday = today - timedelta(days=today.weekday())
    days = [monday - timedelta(weeks=back) for back in range(count - 1, -2, -1)]
    for first, next_first in itertools.pairwise(days):
        year, week, _ = first.isocalendar()
        yield (year, week), (_midnight_s(first), _midnight_s(next_first))


def _midnight_s(day: date) -> float:
    """Seconds since 1970 at which ``day`` begins here, summer time and all."""
    return time.mktime((day.year, day.month, day.day, 0, 0, 0, 0, 0, -1))


def _session_row(row: tuple[Any, ...]) -> SessionRow:
    (_, session, program, title, person, started_at, minutes, duration_s, intensity, max_level, *rest) = row
    heat_c, feet, outcome, before, after, key, _ = rest
    return SessionRow(
        id=session,
        program=program,
        title=title,
        person=person,
        started_at=a_date(started_at),
        minutes=minutes,
        duration_s=duration_s,
        intensity=intensity,
        max_level=max_level,
        heat_c=heat_c,
        feet=feet,
        outcome=outcome,
        before=before,
        after=after,
        key=key,
    )


def _detail(db: Database, said: str, row: tuple[Any, ...]) -> SessionDetail:
    names = _NAMES.decode(row[-1])
    columns: list[list[float | None]] = [[] for _ in names]
    seconds: list[int] = []
    chunks = "SELECT second, data FROM samples WHERE session = ? ORDER BY second"
    for first_s, data in db.execute(chunks, row[:1]).fetchall():
        numbers = curves.decode(data)
        seconds += range(first_s, first_s + len(numbers[0]))
        for column, name, whole in zip(columns, names, numbers, strict=True):
            column.extend(_in_units(whole, curves.per_unit(name)))
    told = f"SELECT elapsed_s, what, detail, {said} FROM events WHERE session = ? ORDER BY elapsed_s, number"
    events = [
        EventRow(
            elapsed_s=elapsed_s,
            what=what,
            detail=_DETAIL.decode(detail),
            code=code or "",
            severity=severity,
            found=found_of(found, text),
        )
        for elapsed_s, what, detail, code, severity, found, text in db.execute(told, row[:1]).fetchall()
    ]
    by_name = dict(zip(names, columns, strict=True))
    return SessionDetail(
        row=_session_row(row),
        seconds=seconds,
        level=[level or 0.0 for level in by_name.pop(curves.LEVEL)],
        pads=_named(by_name, "pad."),
        bags=_named(by_name, "bag."),
        events=events,
    )


def _in_units(whole: list[int | None], per_unit: int) -> list[float | None]:
    if None in whole:
        return [None if number is None else number / per_unit for number in whole]
    return [number / per_unit for number in whole]  # type: ignore[operator]


def _named(by_name: dict[str, list[float | None]], kind: str) -> dict[Any, list[float | None]]:
    return {name.removeprefix(kind): column for name, column in by_name.items() if name.startswith(kind)}
