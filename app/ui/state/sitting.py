"""Who sits here, what they may have, and what has to be asked before they begin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from app.ui.state.limits import GuestWord, asks_first, locks, why_no_stronger
from app.ui.state.route import Place

if TYPE_CHECKING:
    from app.household.household import Household
    from app.household.people import Person
    from hardware.messages import Snapshot
    from hardware.safety.locks import Locks


class Sitting:
    """``about`` is the person whose screens are open, which need not be who sits here."""

    def __init__(self, household: Household, now: Callable[[], float], today: Callable[[], date]) -> None:
        self._household, self.today = household, today
        self.first = True
        """No session of theirs has ended yet, as far as is known."""
        self.word = GuestWord(now)
        self.about: str | None = None
        self.onward: Place = "person"
        """Where the questions lead once they are answered."""

    @property
    def who(self) -> Person | None:
        return self._household.who

    @property
    def locks(self) -> Locks:
        return locks(self.who, self.first)

    def sit(self, person: str | None) -> None:
        self._household.sit(person)
        self.word.forget()
        self.first = True

    def felt(self, *_touch: object) -> bool:
        """A finger came down somewhere; it is not taken."""
        self.word.touched()
        return False

    def seen_dark(self, dark: bool) -> None:
        """While the screen was black another guest may have sat down."""
        if dark:
            self.word.forget()

    def why_no_stronger(self, most: int) -> str:
        return why_no_stronger(self.who, most)

    def way(self, place: Place) -> Place:
        """Where a touch that leads to ``place`` really leads: questions that are due come first."""
        if place == "ready" and self.who is not None and asks_first(self.who, self.today()):
            self.about, self.onward = self.who.id, "ready"
            return "screening"
        return place

    def questions(self, person: str) -> Place:
        """Somebody wants to answer the questions anew."""
        self.about, self.onward = person, "person"
        return "screening"

    def see(self, snapshot: Snapshot) -> bool:
        """A screen that was restarted in somebody's session finds them sitting here. True then."""
        person = snapshot.session.person if snapshot.session else None
        if person is None or (self.who is not None and self.who.id == person):
            return False
        if self._household.people.get(person) is None:
            return False
        self.sit(person)
        return True
