"""Who sits here, what they may have, and what has to be asked before they begin."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Collection
from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace

from app.ui.speech import render
from app.ui.state.limits import GuestWord, asks_first, locks, remembered, shown, why_no_stronger
from app.ui.state.route import Place
from hardware.errors import InstepError
from hardware.message import Message, says

if TYPE_CHECKING:
    from app.household.household import Household
    from app.household.people import Person
    from app.ui.state.home import Choices
    from app.ui.state.screening import Limit
    from hardware.messages import Command, Snapshot
    from hardware.safety.locks import Locks
    from hardware.words import Zone


log = logging.getLogger(__name__)


@says("What was answered is still being saved. Try again in a moment.")
def still_saved() -> None:
    """The controller would go by what was answered before (S14)."""


class Sitting:
    """``about`` is the person whose screens are open, which need not be who sits here."""

    def __init__(self, household: Household, now: Callable[[], float], today: Callable[[], date]) -> None:
        self._household, self.today = household, today
        self.first = True
        """No session of theirs has ended yet, as far as is known."""
        self.word = GuestWord(now)
        self.sore: Collection[Zone | None] = ()
        """Where it hurt them today, by the history."""
        self._new: set[tuple[str | None, date]] = set()
        self.about: str | None = None
        self.onward: Place = "person"
        """Where the questions lead once they are answered."""

    @property
    def who(self) -> Person | None:
        return self._household.who

    @property
    def locks(self) -> Locks:
        return locks(self.who, self.first, self.word.answers or (), self.sore)

    @property
    def limits(self) -> tuple[Limit, ...]:
        """What is locked and why, as Get ready says it."""
        return shown(self.who, self.first, self.word.answers or (), self.sore, self.new_today)

    @property
    def answers(self) -> tuple[str, ...] | None:
        """What is answered with yes; None: nobody has been asked."""
        return self.who.yes if self.who is not None else self.word.answers

    def seated(self, command: Command) -> Command:
        """What is done to whoever sits here without a session says who that is (S14); the rest as it is."""
        from hardware.messages import CheckItself, Drive, Preheat, Tune

        if not isinstance(command, CheckItself | Drive | Preheat | Tune):
            return command
        who = self.who
        return replace(
            command,
            person=who.id if who is not None else None,
            answers=None if who is not None else self.word.answers,
        )

    def why_not_yet(self, command: Command) -> Message | None:
        """Why nothing can be done to whoever sits here just now; None when it can."""
        from hardware.messages import Seated

        person = self.who.id if self.who is not None else None
        waits = isinstance(command, Seated) and not self._household.people.reads(person)
        return still_saved() if waits else None

    @property
    def new_today(self) -> bool:
        """Whether they said that something is new with their feet today."""
        person = self.who.id if self.who is not None else None
        return (person, self.today()) in self._new or self._household.people.new_today(person, self.today())

    def tell_new(self) -> str:
        """Something is new. It counts at once; why it cannot be kept, or nothing."""
        person = self.who.id if self.who is not None else None
        self._new.add((person, self.today()))
        try:
            self._household.people.tell_new(person, self.today())
        except InstepError as error:
            log.warning("what is new cannot be kept: %s", error)
            return render(error.message)
        return ""

    def remember(self, choices: Choices) -> None:
        """This is how they like the program. If it cannot be kept, the session is what matters."""
        who = self.who
        if who is None:
            return
        try:
            self._household.people.change(remembered(who, choices))
        except InstepError as error:
            log.warning("the settings cannot be remembered: %s", error)

    def settle(self) -> None:
        """Date what was said before the clock was known to be right; once in a while."""
        with contextlib.suppress(InstepError):  # the next time, then
            self._household.people.settle(self.today())

    def sit(self, person: str | None) -> None:
        self._household.sit(person)
        self.word.forget()
        self.first, self.sore = True, ()

    def felt(self, *_touch: object) -> bool:
        """A finger came down somewhere; it is not taken."""
        self.word.touched()
        return False

    def seen_dark(self, dark: bool) -> None:
        """While the screen was black another guest may have sat down."""
        if dark:
            self.word.forget()

    def why_no_stronger(self, most: int) -> str:
        return why_no_stronger(self.who, most, self.sore)

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
