"""What an event does to the tables, inside whatever transaction the caller has open."""

from __future__ import annotations

import logging
import math
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec

from app.sessions import curves
from hardware.message import says
from hardware.messages import (
    DeleteSession,
    Event,
    ForgetPerson,
    HistoryCommand,
    Noted,
    PainWhere,
    Rate,
    Reply,
    Sampled,
    SessionEnded,
)
from hardware.messages import SessionStarted as Started

if TYPE_CHECKING:
    from sqlite_utils import Database


@says("The history does not know this session.")
def session_unknown() -> None: ...


@says("This session is still running.")
def session_still_running() -> None: ...


_log = logging.getLogger(__name__)

_START = """
INSERT INTO sessions (id, boot, person, program, program_version, title, started_at, position, monotonic_s,
  minutes, intensity, heat_c, feet, channels) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_END = """
UPDATE sessions SET outcome = ?, duration_s = ?, end_minutes = ?, end_intensity = ?, end_heat_c = ?,
  max_level = ?, mean_level = ? WHERE number = ? AND (outcome IS NULL OR outcome = 'interrupted')
"""
_CHUNK = """
INSERT INTO samples (session, second, data) VALUES (?, ?, ?)
ON CONFLICT (session, second) DO UPDATE SET data = excluded.data
"""
_EVENT = """
INSERT INTO events (session, elapsed_s, what, detail, boot, monotonic_s, at, code, part, severity, found)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_RATE = "UPDATE sessions SET before = coalesce(?, before), after = coalesce(?, after) WHERE number = ?"
_RUNNING = "SELECT 1 FROM sessions WHERE number = ? AND outcome IS NULL"
_FORGET = "DELETE FROM sessions WHERE person = ? AND outcome IS NOT NULL"
_NAMELESS = "UPDATE sessions SET person = NULL WHERE person = ?"
_INTERRUPT = """
UPDATE sessions SET outcome = 'interrupted', duration_s = ?, max_level = ?, mean_level = ? WHERE number = ?
"""


@dataclass
class _Open:
    """A session that is running, with the row of curves that is still growing."""

    started: Started
    number: int
    first_s: int = 0
    points: list[curves.Point] = field(default_factory=list)
    grown: bool = False


class Writer:
    """Writes events; remembers the sessions that run, so that a new file can take them over.

    ``boot`` names this run of the machine. ``wall`` turns a monotonic time (s) into seconds since 1970, or
    None while the clock is not known to be right.
    """

    def __init__(self, boot: str, wall: Callable[[float], float | None]) -> None:
        self._boot = boot
        self._wall = wall
        self._open: dict[str, _Open] = {}
        self.unwritable = 0
        """Events that no table takes: a fault in what sent them."""

    def remembered(self) -> dict[str, _Open]:
        """Return what to give to :meth:`recall` should the transaction come to nothing."""
        return {key: replace(run, points=list(run.points)) for key, run in self._open.items()}

    def recall(self, remembered: dict[str, _Open]) -> None:
        self._open = remembered

    def take_over(self, db: Database) -> None:
        """Settle a file just opened: running sessions get their rows, others left open are interrupted."""
        for run in self._open.values():
            run.number = self._row_of(db, run.started)
            run.grown = bool(run.points)
        running = {run.number for run in self._open.values()}
        for (number,) in db.execute("SELECT number FROM sessions WHERE outcome IS NULL").fetchall():
            if number not in running:
                _interrupt(db, number)

    def write(self, db: Database, events: Iterable[Event]) -> None:
        """Write ``events`` in order. One that no table takes is logged and left out."""
        for event in events:
            try:
                self._write(db, event)
            except (sqlite3.IntegrityError, sqlite3.ProgrammingError, ValueError, TypeError, OverflowError):
                self.unwritable += 1
                _log.exception("not kept: %r", event)
        for run in self._open.values():
            _write_chunk(db, run)

    def _write(self, db: Database, event: Event) -> None:
        match event:
            case Sampled():
                self._sample(db, event)
            case Noted():
                self._note(db, event.session, event)
            case Started():
                if _number(db, event.session) is None:  # or it was said twice
                    self._open[event.session] = _Open(event, self._row_of(db, event))
            case SessionEnded():
                self._end(db, event)

    def _row_of(self, db: Database, event: Started) -> int:
        found = _number(db, event.session)
        if found is not None:
            return found
        started_at = self._wall(event.at_s)
        row = (
            event.session,
            self._boot,
            event.person,
            event.program,
            event.program_version,
            event.title,
            started_at,
            _position(db, started_at),
            event.at_s,
            event.minutes,
            event.intensity,
            event.heat_c,
            event.feet,
            _json(curves.channels(event)),
        )
        return int(db.execute(_START, row).lastrowid or 0)

    def _sample(self, db: Database, event: Sampled) -> None:
        run = self._open.get(event.session)
        if run is None:
            return
        next_s = run.first_s + len(run.points)
        if run.points and event.second < next_s:
            return  # said twice
        if len(run.points) == curves.CHUNK_S or event.second != next_s:
            _write_chunk(db, run)
            run.first_s, run.points = event.second, []
        run.points.append(curves.point(event, len(run.started.pads), len(run.started.bags)))
        run.grown = True

    def _note(self, db: Database, session: str | None, event: Noted) -> None:
        run = self._open.get(session) if session is not None else None
        number = run.number if run else _number(db, session)
        if number is not None:
            detail = _json(_detail(event))
            db.execute(_EVENT, (number, event.elapsed_s, event.what, detail, None, None, None, *_said(event)))
            return
        # It stands by itself: then it has to tell its own time.
        alone = _detail(event) if session is None else {"session": session, **_detail(event)}
        when = (self._boot, event.at_s, self._wall(event.at_s))
        db.execute(_EVENT, (None, event.elapsed_s, event.what, _json(alone), *when, *_said(event)))

    def _end(self, db: Database, event: SessionEnded) -> None:
        run = self._open.pop(event.session, None)
        if run is not None:
            _write_chunk(db, run)
        number = run.number if run else _number(db, event.session)
        if number is None:
            about = {"outcome": event.outcome, "duration_s": event.duration_s}
            self._note(
                db,
                event.session,
                Noted(at_s=event.at_s, session=None, elapsed_s=0.0, what="ended", detail=about),
            )
            return
        asked = (event.minutes, event.intensity, event.heat_c)
        levels = (_finite(event.max_level), _finite(event.mean_level))
        db.execute(_END, (event.outcome, _finite(event.duration_s) or 0.0, *asked, *levels, number))

    def answer(self, db: Database, command: HistoryCommand) -> Reply:
        """Do what a person said about a session: refused if the history does not know it."""
        if isinstance(command, ForgetPerson):
            db.execute(_FORGET if command.sessions else _NAMELESS, (command.person,))
            return Reply(True)
        number = _number(db, command.session)
        if number is None and isinstance(command, DeleteSession):
            return Reply(True, session=command.session)  # asked for twice, and gone
        if number is None:
            return Reply(False, session_unknown(), command.session)
        match command:
            case Rate(before=before, after=after):
                db.execute(_RATE, (before, after, number))
            case DeleteSession():
                if db.execute(_RUNNING, (number,)).fetchone():
                    return Reply(False, session_still_running(), command.session)
                db.execute("DELETE FROM sessions WHERE number = ?", (number,))
            case PainWhere(zone=zone, side=side):
                # The last word counts: a person may tap again.
                db.execute("DELETE FROM events WHERE session = ? AND what = 'pain-where'", (number,))
                detail = _json({"zone": zone, "side": side})
                last = db.execute(
                    "SELECT coalesce(max(elapsed_s), 0.0) FROM events WHERE session = ?", (number,)
                )
                nothing = (None,) * 7
                db.execute(_EVENT, (number, last.fetchone()[0], "pain-where", detail, *nothing))
        return Reply(True, session=command.session)

    def mend(self, db: Database) -> None:
        """Date what this boot wrote before the clock was known to be right, if it is now."""
        undated = (
            "SELECT number, monotonic_s FROM sessions WHERE boot = ? AND started_at IS NULL ORDER BY number"
        )
        for number, monotonic_s in db.execute(undated, (self._boot,)).fetchall():
            started_at = self._wall(monotonic_s)
            if started_at is not None:
                dated = (started_at, _position(db, started_at), number)
                db.execute("UPDATE sessions SET started_at = ?, position = ? WHERE number = ?", dated)
        base = self._wall(0.0)
        if base is not None:
            since = "UPDATE events SET at = ? + monotonic_s WHERE session IS NULL AND boot = ? AND at IS NULL"
            db.execute(since, (base, self._boot))


def _detail(event: Noted) -> dict[str, Any]:
    """With what a version of before reads of a fault: its code, and in English what was found."""
    code = {"code": event.code} if event.code else {}
    found = {} if event.found is None else {"detail": str(event.found)}
    return {**event.detail, **code, **found}


def _said(event: Noted) -> tuple[str | None, str | None, str | None, str | None]:
    found = event.found
    part = None if found is None else found.part or None
    return event.code or None, part, event.severity, None if found is None else _json(found)


def _number(db: Database, session: str | None) -> int | None:
    row = db.execute("SELECT number FROM sessions WHERE id = ?", (session,)).fetchone()
    return None if row is None else int(row[0])


def _position(db: Database, started_at: float | None) -> float:
    """Where a session stands among the others; no two stand on the same spot."""
    if started_at is None:
        # Just after the last: the order in which they happened is known even when the date is not.
        started_at = db.execute("SELECT coalesce(max(position), 0.0) FROM sessions").fetchone()[0] + 0.001
    position = float(started_at)
    while db.execute("SELECT 1 FROM sessions WHERE position = ?", (position,)).fetchone():
        position += 0.001
    return position


def _write_chunk(db: Database, run: _Open) -> None:
    if run.grown:
        db.execute(_CHUNK, (run.number, run.first_s, curves.encode(run.points)))
        run.grown = False


def _interrupt(db: Database, number: int) -> None:
    """Close a session that nobody ended, with what its curves and events still tell."""
    seconds, levels = _sampled(db, number)
    reached_s = float(seconds)
    paused_s = 0.0
    since_s: float | None = None
    told = "SELECT elapsed_s, what FROM events WHERE session = ? ORDER BY number"
    for elapsed_s, what in db.execute(told, (number,)).fetchall():
        reached_s = max(reached_s, elapsed_s)
        if what == "pause" and since_s is None:
            since_s = elapsed_s
        elif what == "resume" and since_s is not None:
            paused_s, since_s = paused_s + elapsed_s - since_s, None
    if since_s is not None:
        paused_s += reached_s - since_s
    mean = sum(levels) / len(levels) if levels else 0.0
    db.execute(_INTERRUPT, (max(0.0, reached_s - paused_s), max(levels, default=0.0), mean, number))


def _sampled(db: Database, number: int) -> tuple[int, list[float]]:
    """Return how many seconds a session's curves reach, and the levels in them."""
    reached_s = 0
    levels: list[float] = []
    for second, data in db.execute(
        "SELECT second, data FROM samples WHERE session = ?", (number,)
    ).fetchall():
        try:
            level = curves.decode(data)[-1]  # the last channel of every session
        except (msgspec.MsgspecError, IndexError):
            continue  # an unreadable minute must not keep the machine from recording the next session
        reached_s = max(reached_s, second + len(level))
        levels += [tenths / 10 for tenths in level if tenths is not None]
    return reached_s, levels


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
