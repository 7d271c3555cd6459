"""What whoever sits there may have: their answers, the day's word, today's pain (S14)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime

from app.household.people import People
from app.places import Places
from app.sessions.history import people_in
from app.sessions.pains import Pains
from hardware.messages import EndedView, PainWhere, Seated
from hardware.safety.locks import Locks


def this_day() -> date:
    return datetime.now().astimezone().date()


class Admission:
    """Asked before anybody is moved or warmed, by whatever runs an engine: the controller, or a terminal."""

    def __init__(
        self,
        places: Places,
        today: Callable[[], date] = this_day,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._today = today
        self.people = People(places.people)
        self.had_sessions = people_in(places.history)
        self.pains = Pains(places.history, today, monotonic)

    def locks_for(self, seated: Seated) -> Locks:
        """What whoever sits there is held to. Reads no disk: ``refresh`` has to come before it."""
        return self.people.locks_for(seated, self._today(), self.had_sessions, self.pains.of(seated.person))

    def refresh(self) -> None:
        """Take in what the screen has written."""
        self.people.refresh()

    def ended(self, session: EndedView) -> None:
        """A session is over."""
        if session.person is not None:
            self.had_sessions.add(session.person)
        self.pains.ended(session)

    def told(self, where: PainWhere) -> None:
        """Somebody says where it hurt."""
        self.pains.told(where)
