"""The people of the household and what each may have. The kiosk writes the file, the controller reads it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from app.filing import Filing
from app.household.kept import Kept
from app.household.screening import (
    AGAIN_DAYS,
    NEW_GUEST,
    NEW_QUESTIONS,
    NEW_TODAY,
    NOT_SCREENED,
    QUESTION_SET,
    locks_of,
    rested,
)
from hardware.errors import InstepError
from hardware.messages import HeatC, Level, Minutes, Name, Seated
from hardware.safety.locks import Locks
from hardware.words import Feet, Zone

MOST_PEOPLE = 24
NAME_LETTERS = 20
Colour = Literal["violet", "teal", "gold", "rose", "sky", "leaf"]
COLOURS: tuple[Colour, ...] = ("violet", "teal", "gold", "rose", "sky", "leaf")

UNKNOWN = "This person is not known here any more. Choose who you are on Home."


class Preferred(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a person last had a program."""

    minutes: Minutes
    intensity: Level
    heat_c: HeatC | None = None
    feet: Feet = "both"


class Person(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    id: Name
    name: Annotated[str, Meta(min_length=1, max_length=NAME_LETTERS)]
    colour: Colour = "violet"
    ticklish: bool = False
    answered: date | None = None
    """When the screening was answered last; None: never."""
    questions: Annotated[int, Meta(ge=1)] = 1
    """Which set of questions that was; files of before say nothing of it, and it was the first."""
    yes: tuple[Annotated[str, Meta(max_length=40)], ...] = ()
    """The questions answered with yes."""
    preferred: dict[str, Preferred] = {}
    """By program."""
    new_on: date | None = None
    """The day on which they last said that something is new with their feet."""

    def screened(self, today: date) -> bool:
        """Whether the answers still count: to these very questions, and not too long ago.

        A date in the future is none: the clock was wrong then or is wrong now. One day of it may be a
        journey, or a clock that was set.
        """
        if self.answered is None or self.questions != QUESTION_SET:
            return False
        return -1 <= (today - self.answered).days < AGAIN_DAYS

    def with_answers(self, yes: Collection[str], today: date) -> Person:
        """The person with these questions, of all that there are now, answered with yes today."""
        return replace(self, yes=tuple(yes), answered=today, questions=QUESTION_SET)

    @property
    def asked_anew(self) -> bool:
        """They answered, but other questions than there are now."""
        return self.answered is not None and self.questions != QUESTION_SET


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Literal[1] = 1
    people: Annotated[tuple[Person, ...], Meta(max_length=MOST_PEOPLE)] = ()
    guest_new_on: date | None = None
    """The day on which a guest last said that something is new."""


class People:
    """Everybody but the guest, who is always there; of guests one day is kept, and nothing else."""

    def __init__(self, path: Path, filing: Filing | None = None) -> None:
        self._kept = Kept(path, _File(), filing)

    @property
    def all(self) -> tuple[Person, ...]:
        return self._kept.value.people

    @property
    def problem(self) -> str:
        return self._kept.problem

    @property
    def on_disk(self) -> bool:
        """Whether the controller reads what is known here."""
        return self._kept.on_disk

    def refresh(self) -> bool:
        """Read the file if it was changed by another process."""
        return self._kept.refresh()

    def get(self, person: str | None) -> Person | None:
        return next((found for found in self.all if found.id == person), None)

    def add(self, name: str) -> Person:
        """A new person, in a colour that nobody has yet if there is one. Raises InstepError."""
        if len(self.all) >= MOST_PEOPLE:
            raise InstepError(f"There is room for {MOST_PEOPLE} people. Remove somebody first.")
        import secrets  # the first frame needs none of its ciphers

        taken = [person.colour for person in self.all]
        colour = min(COLOURS, key=lambda colour: (taken.count(colour), COLOURS.index(colour)))
        person = Person(id=f"p-{secrets.token_hex(4)}", name=self._fit(name, None), colour=colour)
        self._save((*self.all, person))
        return person

    def change(self, person: Person) -> None:
        """Keep this person as they are now. Raises InstepError."""
        if self.get(person.id) is None:
            raise InstepError(UNKNOWN)
        person = replace(person, name=self._fit(person.name, person.id))
        self._save(tuple(person if other.id == person.id else other for other in self.all))

    def remove(self, person: str) -> None:
        """Forget a person; what they did is the history's. Raises InstepError."""
        self._save(tuple(other for other in self.all if other.id != person))

    def tell_new(self, person: str | None, today: date) -> None:
        """Somebody says that something is new with their feet today. Raises InstepError.

        Nobody can tell one guest from the next, so it counts for all of them: sitting down once more, or
        on a screen that has been dark, is no way round it.
        """
        if person is None:
            self._kept.save(replace(self._kept.value, guest_new_on=today))
            return
        found = self.get(person)
        if found is None:
            raise InstepError(UNKNOWN)
        self.change(replace(found, new_on=today))

    def new_today(self, person: str | None, today: date) -> bool:
        """Whether something is new with their feet on this very day; another date locks nobody."""
        if person is None:
            return self._kept.value.guest_new_on == today
        found = self.get(person)
        return found is not None and found.new_on == today

    def _fit(self, name: str, own: str | None) -> str:
        name = " ".join(name.split())
        if not name:
            raise InstepError("A name has at least one letter.")
        if len(name) > NAME_LETTERS:
            raise InstepError(f"A name has at most {NAME_LETTERS} letters.")
        if any(other.id != own and other.name.casefold() == name.casefold() for other in self.all):
            raise InstepError(f"There is a {name} already.")
        return name

    def _save(self, people: tuple[Person, ...]) -> None:
        self._kept.save(replace(self._kept.value, people=people))

    def locks_for(
        self,
        seated: Seated,
        today: date,
        had_sessions: Collection[str] = (),
        sore: Collection[Zone | None] = (),
    ) -> Locks:
        """What the controller holds for whoever sits there.

        ``had_sessions``: who has had one before. ``sore``: where they told of sharp pain today.
        """
        person = seated.person
        if person is None:
            if seated.answers is None:
                return Locks(refuse=NOT_SCREENED)
            locks = locks_of(seated.answers)
            return _refused(locks, NEW_GUEST) if self.new_today(None, today) else rested(locks, sore)
        found = self.get(person)
        if found is None:
            return Locks(refuse=UNKNOWN)
        if not found.screened(today):
            return Locks(refuse=NEW_QUESTIONS if found.asked_anew else NOT_SCREENED)
        locks = locks_of(found.yes, ticklish=found.ticklish, first=person not in had_sessions)
        return _refused(locks, NEW_TODAY) if self.new_today(person, today) else rested(locks, sore)


def _refused(locks: Locks, why: str) -> Locks:
    """What the answers refuse weighs more than what is new today."""
    return locks if locks.refuse else replace(locks, refuse=why)
