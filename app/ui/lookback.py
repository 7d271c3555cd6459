"""What Home says of the past: the last session, this week, a reminder. Holds the reader of the history.

The history is read by another thread: a disk may hang, and the thread that draws carries Stop.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from app.household.household import Household
    from app.ui.ports import HistoryReader, SessionRow
    from app.ui.state.home import Choices
    from hardware.machine import Machine
    from hardware.program import Program
    from hardware.words import Zone

log = logging.getLogger(__name__)

T = TypeVar("T")
Act = Callable[[], None]


class LookBack:
    """Read when the kiosk starts, when a session has ended and when somebody else sits down.

    ``beside`` has something done in another thread, ``post`` has it done in the one that draws; False when
    there is too much to do already.
    """

    def __init__(
        self,
        open_history: Callable[[], HistoryReader],
        machine: Machine,
        wall: Callable[[], datetime],
        beside: Callable[[Act], bool],
        post: Callable[[Act], None],
    ) -> None:
        self._open, self._machine, self._wall = open_history, machine, wall
        self._beside, self._post = beside, post
        self._lock = threading.Lock()
        self._reader: HistoryReader | None = None
        self._asked: object = None
        self._last: tuple[Program, Choices] | None = None
        self._last_at: float | None = None
        self._heel_at: float | None = None
        self.week: int | None = None
        """This week's sessions; None while they are not known."""
        self.sore: frozenset[Zone | None] = frozenset()
        """Where it hurt them today."""

    def reader(self) -> HistoryReader | None:
        """The reader, for other threads than the one that draws; None when it cannot be opened."""
        with self._lock:
            if self._reader is None:
                try:
                    self._reader = self._open()
                except Exception:
                    log.exception("the history cannot be opened")
            return self._reader

    def look(
        self, read: Callable[[HistoryReader], T], done: Callable[[T], None], failed: Act = lambda: None
    ) -> None:
        """Have ``read`` look into the history; ``done`` gets what it found, ``failed`` hears if it cannot."""

        def work() -> None:
            try:
                reader = self.reader()
                if reader is None:
                    raise LookupError("no history reader")
                found = read(reader)
            except Exception:
                log.exception("the history cannot be read")
                self.close()
                self._post(failed)
                return
            self._post(lambda: done(found))

        if not self._beside(work):
            failed()

    def last(self, programs: Mapping[str, Program]) -> tuple[Program, Choices] | None:
        """The last session, as long as its program is there."""
        if self._last is None:
            return None
        program, choices = self._last
        return programs.get(program.id, program), choices

    def read(
        self, household: Household, programs: Mapping[str, Program], then: Callable[[bool | None], None]
    ) -> None:
        """Read it all for who sits here. ``then`` hears whether they have had a session; None: not known."""
        asked = self._asked = object()
        who = household.who
        person = who.id if who else None
        today = self._wall().date()

        def look(
            reader: HistoryReader,
        ) -> tuple[int, SessionRow | None, SessionRow | None, frozenset[Zone | None]]:
            from app.sessions.pains import pains_in, zones_of
            from app.ui.state.reminder import HEEL

            year, week, _day = today.isocalendar()
            weeks = reader.weeks(1, today, person=person)
            return (
                sum(row.sessions for row in weeks if (row.year, row.week) == (year, week)),
                reader.last(person=person),
                reader.last(person=person, program=HEEL),
                zones_of(pains_in(reader, today), person),
            )

        def done(
            found: tuple[int, SessionRow | None, SessionRow | None, frozenset[Zone | None]],
        ) -> None:
            if self._asked is not asked:
                return  # somebody else sits here by now
            from app.ui.state.home import again_choices

            self.week, row, heel, self.sore = found
            self._last_at = row.started_at if row else None
            self._heel_at = heel.started_at if heel else None
            program = programs.get(row.program) if row else None
            self._last = (program, again_choices(program, self._machine, row)) if program and row else None
            then(row is not None)

        def failed() -> None:
            if self._asked is asked:
                then(None)

        self.look(look, done, failed)

    def forget(self) -> None:
        """Somebody else sits here: what was known is not theirs."""
        self._asked = None
        self._last = self._last_at = self._heel_at = self.week = None
        self.sore = frozenset()

    def reminder(self, household: Household, programs: Mapping[str, Program]) -> str:
        """One quiet line, or nothing."""
        from app.ui.state.reminder import reminder

        return reminder(household.preferences.value, programs, self._wall(), self._last_at, self._heel_at)

    def close(self) -> None:
        """Let go of the history. It may be read just then: not from the thread that draws."""
        with self._lock:
            reader, self._reader = self._reader, None
        if reader is not None:
            try:
                reader.close()
            except Exception:
                log.exception("the history cannot be closed")
