"""What Home says of the past: the last session, this week, a reminder. Holds the reader of the history."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.household.household import Household
    from app.ui.ports import HistoryReader
    from app.ui.state.home import Choices
    from hardware.machine import Machine
    from hardware.program import Program
    from hardware.words import Zone

log = logging.getLogger(__name__)


class LookBack:
    """Read when the kiosk starts, when a session has ended and when somebody else sits down."""

    def __init__(
        self, open_history: Callable[[], HistoryReader], machine: Machine, wall: Callable[[], datetime]
    ) -> None:
        self._open, self._machine, self._wall = open_history, machine, wall
        self._reader: HistoryReader | None = None
        self._last: tuple[Program, Choices] | None = None
        self._last_at: float | None = None
        self._heel_at: float | None = None
        self.week: int | None = None
        """This week's sessions; None while they are not known."""
        self.sore: frozenset[Zone | None] = frozenset()
        """Where it hurt them today."""

    def reader(self) -> HistoryReader | None:
        """The reader; None when it cannot be opened."""
        if self._reader is None:
            try:
                self._reader = self._open()
            except Exception:
                log.exception("the history cannot be opened")
        return self._reader

    def last(self, programs: Mapping[str, Program]) -> tuple[Program, Choices] | None:
        """The last session, as long as its program is there."""
        if self._last is None:
            return None
        program, choices = self._last
        return programs.get(program.id, program), choices

    def read(self, household: Household, programs: Mapping[str, Program]) -> bool | None:
        """Read it all for who sits here. Whether they have had a session; None when that is not known."""
        reader = self.reader()
        if reader is None:
            return None
        try:
            from app.sessions.pains import pains_in, zones_of
            from app.ui.state.home import again_choices
            from app.ui.state.reminder import HEEL

            who = household.who
            person = who.id if who else None
            today = self._wall().date()
            year, week, _day = today.isocalendar()
            weeks = reader.weeks(1, today, person=person)
            self.week = sum(row.sessions for row in weeks if (row.year, row.week) == (year, week))
            row = reader.last(person=person)
            heel = reader.last(person=person, program=HEEL)
            self.sore = zones_of(pains_in(reader, today), person)
            self._last_at = row.started_at if row else None
            self._heel_at = heel.started_at if heel else None
            program = programs.get(row.program) if row else None
            self._last = (program, again_choices(program, self._machine, row)) if program and row else None
        except Exception:
            log.exception("the history cannot be read")
            self.close()
            return None
        return row is not None

    def forget(self) -> None:
        """Somebody else sits here: what was known is not theirs."""
        self._last = self._last_at = self._heel_at = self.week = None
        self.sore = frozenset()

    def reminder(self, household: Household, programs: Mapping[str, Program]) -> str:
        """One quiet line, or nothing."""
        from app.ui.state.reminder import reminder

        return reminder(household.preferences.value, programs, self._wall(), self._last_at, self._heel_at)

    def close(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            try:
                reader.close()
            except Exception:
                log.exception("the history cannot be closed")
