"""The people of the household and what each may have. The kiosk writes the file, the controller reads it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from app.household.kept import Kept
from app.household.screening import AGAIN_DAYS, NOT_SCREENED, locks_of
from hardware.errors import InstepError
from hardware.messages import HeatC, Level, Minutes, Name
from hardware.safety.locks import NO_LOCKS, Locks
from hardware.words import Feet

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
    yes: tuple[Annotated[str, Meta(max_length=40)], ...] = ()
    """The questions answered with yes."""
    preferred: dict[str, Preferred] = {}
    """By program."""

    def screened(self, today: date) -> bool:
        """Whether the answers still count. A clock that runs behind makes no answer old."""
        return self.answered is not None and (today - self.answered).days < AGAIN_DAYS


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Literal[1] = 1
    people: Annotated[tuple[Person, ...], Meta(max_length=MOST_PEOPLE)] = ()


class People:
    """Everybody but the guest, who is always there and is remembered nowhere."""

    def __init__(self, path: Path) -> None:
        self._kept = Kept(path, _File())

    @property
    def all(self) -> tuple[Person, ...]:
        return self._kept.value.people

    @property
    def problem(self) -> str:
        return self._kept.problem

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

    def locks_for(self, person: str | None, today: date, had_sessions: Collection[str]) -> Locks:
        """What the controller holds for this person. ``had_sessions``: who has had one before."""
        if person is None:
            return NO_LOCKS
        found = self.get(person)
        if found is None:
            return Locks(refuse=UNKNOWN)
        if not found.screened(today):
            return Locks(refuse=NOT_SCREENED)
        return locks_of(found.yes, ticklish=found.ticklish, first=person not in had_sessions)
