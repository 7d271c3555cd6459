"""The people of the household and what each may have. The kiosk writes the file, the controller reads it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field
from msgspec.structs import replace

from app.filing import Filing
from app.glyphs import undrawable
from app.household.kept import Kept
from app.household.screening import (
    AGAIN_DAYS,
    EFFECTS,
    QUESTION_SET,
    locks_of,
    new_questions,
    new_today,
    new_today_of_a_guest,
    rested,
)
from app.sessions.clock import boot_id, clock_is_good
from hardware.errors import InstepError
from hardware.message import Count, Message, Named, says
from hardware.messages import HeatC, Level, Minutes, Name, Seated
from hardware.plaintext import alike, clean
from hardware.safety.locks import Locks, answer_first
from hardware.words import Feet, Zone


@says("This person is not known here any more. Choose who you are on Home.")
def person_unknown() -> None: ...


@says("Somebody a newer version wrote down cannot be shown here. Nothing is lost.")
def not_all_shown() -> None: ...


@says("There is room for {count} people. Remove somebody first.")
def room_for(count: Count) -> None: ...


@says("A name has at least one letter.")
def name_without_letter() -> None: ...


@says("A name has at most {count} letters.")
def name_too_long(count: Count) -> None: ...


@says("{name} is what guests are called here. Choose another name.")
def name_of_guests(name: Named) -> None: ...


@says("The screen cannot show {letters}. Write the name in other letters.")
def name_not_shown(letters: Named) -> None: ...


@says("There is a {name} already.")
def name_there_already(name: Named) -> None: ...


MOST_PEOPLE = 24
NAME_LETTERS = 20
GUESTS = ("Guest", "Gast", "Invitado", "Invité", "Гість")
"""What somebody without a name is called on the screen, in every language; nobody else is."""
Colour = Literal["violet", "teal", "gold", "rose", "sky", "leaf"]
NO_DAY = date.max
"""In the place of a day that nobody knows: one that is still to come tells nothing."""
DAY_S = 24 * 3600.0
COLOURS: tuple[Colour, ...] = ("violet", "teal", "gold", "rose", "sky", "leaf")


class Preferred(Struct, frozen=True, kw_only=True):
    """How a person last had a program."""

    minutes: Minutes
    intensity: Level
    heat_c: HeatC | None = None
    feet: Feet = "both"


class Person(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What of health this version does not understand counts as not answered, until the questions have been
    answered here; it stays in the file for the version that does."""

    id: Name
    name: Annotated[str, Meta(min_length=1, max_length=NAME_LETTERS)]
    colour: Colour = "violet"
    ticklish: bool = False
    answered: date | None = None
    """When the screening was answered last; None: never."""
    undated: bool = False
    """The clock was not known to be right then; ``answered`` is what it said."""
    questions: Annotated[int, Meta(ge=1)] = 1
    """Which set of questions that was; files of before say nothing of it, and it was the first."""
    yes: tuple[Annotated[str, Meta(max_length=40)], ...] = ()
    """The questions answered with yes."""
    preferred: dict[str, Preferred] = {}
    """By program."""
    new_on: date | None = None
    """The day on which they last said that something is new with their feet."""
    new_boot: str = ""
    """The computer's run in which they did, where the clock was not known to be right."""
    settled: tuple[str, ...] = ()
    """What stands here about their health that this version does not know, and that was there already when
    they answered its questions. A version that locks something else names that in a list ``locks``."""
    odd: tuple[str, ...] = field(default=(), name="_odd")
    """All that stands here of that kind; the reader's note, never written."""

    @classmethod
    def understand(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """What another version wrote of somebody, in our words (see ``app.tolerant``)."""
        yes = raw.get("yes", [])
        said = yes if isinstance(yes, list) else [yes]
        known = [each for each in said if isinstance(each, str) and each in EFFECTS]
        locks = raw.get("locks") or []
        odd = [each for each in said if each not in known]
        odd += [{"lock": each} for each in (locks if isinstance(locks, list) else [locks])]
        found = {**raw, "yes": known}
        name = raw.get("name")
        found["name"] = clean(name)[:NAME_LETTERS].rstrip() or "?" if isinstance(name, str) else "?"
        if not isinstance(raw.get("ticklish", False), bool):
            found["ticklish"] = True
        if raw.get("new_on") is not None:
            found["new_on"] = _day_in(raw["new_on"])
            odd += [{"new": raw["new_on"]}] if found["new_on"] is None else []
        found["_odd"] = [msgspec.json.encode(each).decode() for each in odd]
        return found

    @property
    def unsettled(self) -> bool:
        """Something is said of their health that nobody here can weigh."""
        return not set(self.odd) <= set(self.settled)

    def screened(self, today: date) -> bool:
        """Whether the answers still count: to these very questions, and not too long ago.

        A date in the future is none: the clock was wrong then or is wrong now. One day of it may be a
        journey, or a clock that was set.
        """
        if self.answered is None or self.asked_anew:
            return False
        return -1 <= (today - self.answered).days < AGAIN_DAYS

    def with_answers(self, yes: Collection[str], today: date) -> Person:
        """The person with these questions, of all that there are now, answered with yes today."""
        return replace(
            self, yes=tuple(yes), answered=today, undated=False, questions=QUESTION_SET, settled=self.odd
        )

    @property
    def asked_anew(self) -> bool:
        """They answered, but other questions than there are now, or in words that are not known here."""
        return self.answered is not None and (self.questions != QUESTION_SET or self.unsettled)


class _File(Struct, frozen=True, kw_only=True):
    version: int = 1
    """Of the form. One that is higher stays: what a later version knows of its form still holds."""
    people: tuple[Person, ...] = ()
    guest_new_on: date | None = None
    """The day on which a guest last said that something is new."""
    guest_new_boot: str = ""

    @classmethod
    def understand(cls, raw: dict[str, Any]) -> dict[str, Any]:
        found = {**raw, "guest_new_on": _day_in(raw.get("guest_new_on"))}
        people = raw.get("people")
        if isinstance(people, list):  # of two with one id nobody could say who is meant
            ids = [each.get("id") if isinstance(each, dict) else None for each in people]
            found["people"] = [
                _doubted(each) if ids.count(ids[at]) > 1 and isinstance(each, dict) else each
                for at, each in enumerate(people)
                if ids[at] not in ids[:at]
            ]
        return found


def _weighs(file: _File, person: str | None) -> object:
    """What of all of it the locks of this one are made of."""
    if person is None:
        return file.guest_new_on, file.guest_new_boot
    found = next((each for each in file.people if each.id == person), None)
    return found and replace(found, name="-", colour=COLOURS[0], preferred={})


def _doubted(raw: dict[str, Any]) -> dict[str, Any]:
    """Somebody who stands there twice: what they answered may be the other's, so they are asked again."""
    locks = raw.get("locks") or []
    return {**raw, "locks": [*(locks if isinstance(locks, list) else [locks]), "twice"]}


def _day_in(value: Any) -> str | None:
    """The latest day named anywhere in this, however another version words it; None where there is none."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10]).isoformat()
        except ValueError:
            return None
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max((day for each in inside if (day := _day_in(each))), default=None)


class People:
    """Everybody but the guest, who is always there; of guests one day is kept, and nothing else.

    ``clock_is_good`` says whether the date can be believed. Answers given while it could not count for as
    long as it cannot, their days counted by the clock there is: a machine that never knows the date must not
    ask at every start. Once it is known they may be as old as any, and are asked for again.

    That something is new counts, without a date, for as long as the computer runs, and for the day on which
    the date comes to be known: a clock that starts anew from one day would make it today for ever.
    """

    def __init__(
        self,
        path: Path,
        clock_is_good: Callable[[], bool] = clock_is_good,
        monotonic: Callable[[], float] = time.monotonic,
        boot: str | None = None,
        filing: Filing | None = None,
    ) -> None:
        self._kept = Kept(path, _File(), filing)
        self._clock_is_good, self._monotonic = clock_is_good, monotonic
        self._boot = boot if boot is not None else boot_id()
        self._answered_s: dict[str, float] = {}
        """Who has answered here without a date, and when by the clock that always runs."""

    @property
    def all(self) -> tuple[Person, ...]:
        people = self._kept.value.people
        if not any(person.undated or person.new_boot for person in people):
            return people
        good = self._clock_is_good()
        return tuple(self._as_it_counts(person, good) for person in people)

    def _as_it_counts(self, person: Person, good: bool) -> Person:
        """What was said without a date, as far as it still holds."""
        if good and person.undated and person.answered:
            person = replace(person, answered=NO_DAY)
        if not good and person.new_boot not in ("", self._boot):
            person = replace(person, new_on=None, new_boot="")
        return person

    def answered(self, person: Person, yes: Collection[str], today: date) -> Person:
        """The person with these answers given now, for ``change``; dated as far as today is known."""
        undated = not self._clock_is_good()
        if undated:
            self._answered_s[person.id] = self._monotonic()
        return replace(person.with_answers(yes, today), undated=undated)

    @property
    def problem(self) -> Message | None:
        stood = self._kept.raw.get("people", [])
        whole = isinstance(stood, list) and len(stood) == len(self.all)
        return self._kept.problem or (None if whole else not_all_shown())

    def reads(self, person: str | None) -> bool:
        """Whether the controller reads what weighs for this one as it is known here.

        How they like a program does not weigh, nor what is said of anybody else: a full disk stops nobody.
        """
        if self._kept.on_disk:
            return True
        now, written = self._kept.value, self._kept.written
        return written is not None and _weighs(now, person) == _weighs(written, person)

    @property
    def unkept(self) -> Message | None:
        """Why what was changed last is not on the disk; None when it is, or may be yet."""
        return self._kept.unkept

    def refresh(self) -> bool:
        """Read the file if it was changed by another process."""
        return self._kept.refresh()

    def get(self, person: str | None) -> Person | None:
        return next((found for found in self.all if found.id == person), None)

    def add(self, name: str) -> Person:
        """A new person, in a colour that nobody has yet if there is one. Raises InstepError."""
        if len(self.all) >= MOST_PEOPLE:
            raise InstepError(room_for(Count(MOST_PEOPLE)))
        import secrets  # the first frame needs none of its ciphers

        taken = [person.colour for person in self.all]
        colour = min(COLOURS, key=lambda colour: (taken.count(colour), COLOURS.index(colour)))
        person = Person(id=f"p-{secrets.token_hex(4)}", name=self._fit(name, None), colour=colour)
        self._save((*self._kept.value.people, person))
        return person

    def change(self, person: Person) -> None:
        """Keep this person as they are now. Raises InstepError."""
        before = self.get(person.id)
        if before is None:
            raise InstepError(person_unknown())
        if person.name != before.name:  # a name of before the rules costs nobody their answers
            person = replace(person, name=self._fit(person.name, person.id))
        self._save(tuple(person if other.id == person.id else other for other in self._kept.value.people))

    def settle(self, today: date) -> None:
        """Give what was said without a date the one it has, as soon as the clock is known to be right.

        What was answered since this process began has its day. That something is new counts from today, for
        nobody knows when today began. Raises InstepError.
        """
        kept = self._kept.value
        undated = any(person.new_boot or person.id in self._answered_s for person in kept.people)
        if not (undated or kept.guest_new_boot) or not self._clock_is_good():
            return
        guest = today if kept.guest_new_boot else kept.guest_new_on
        people = tuple(self._settled(person, today) for person in kept.people)
        self._kept.save(replace(kept, people=people, guest_new_on=guest, guest_new_boot=""))
        self._answered_s.clear()

    def _settled(self, person: Person, today: date) -> Person:
        if person.new_boot:
            person = replace(person, new_on=today, new_boot="")
        answered_s = self._answered_s.get(person.id)
        if answered_s is None or not (person.undated and person.answered):
            return person
        days = int((self._monotonic() - answered_s) // DAY_S)
        return replace(person, answered=today - timedelta(days=days), undated=False)

    def remove(self, person: str) -> None:
        """Forget a person; what they did is the history's. Raises InstepError."""
        self._save(tuple(other for other in self._kept.value.people if other.id != person))

    def tell_new(self, person: str | None, today: date) -> None:
        """Somebody says that something is new with their feet today. Raises InstepError.

        Nobody can tell one guest from the next, so it counts for all of them: sitting down once more, or
        on a screen that has been dark, is no way round it.
        """
        boot = "" if self._clock_is_good() else self._boot
        if person is None:
            self._kept.save(replace(self._kept.value, guest_new_on=today, guest_new_boot=boot))
            return
        found = self.get(person)
        if found is None:
            raise InstepError(person_unknown())
        self.change(replace(found, new_on=today, new_boot=boot))

    def new_today(self, person: str | None, today: date) -> bool:
        """Whether something is new with their feet on this very day; another date locks nobody."""
        if person is None:
            kept = self._kept.value
            return self._counts(kept.guest_new_on, kept.guest_new_boot, today)
        found = self.get(person)
        return found is not None and self._counts(found.new_on, found.new_boot, today)

    def _counts(self, day: date | None, boot: str, today: date) -> bool:
        if not boot or day is None:
            return day == today
        return self._clock_is_good() or (day == today and boot == self._boot)

    def _fit(self, name: str, own: str | None) -> str:
        name = clean(name)
        if not any(letter.isalnum() for letter in name):
            raise InstepError(name_without_letter())
        if len(name) > NAME_LETTERS:
            raise InstepError(name_too_long(Count(NAME_LETTERS)))
        if alike(name) in map(alike, GUESTS):
            raise InstepError(name_of_guests(Named(name)))
        unknown = undrawable(name)
        if unknown:
            raise InstepError(name_not_shown(Named(unknown)))
        if any(other.id != own and alike(other.name) == alike(name) for other in self.all):
            raise InstepError(name_there_already(Named(name)))
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
                return Locks(refuse=answer_first())
            locks = locks_of(seated.answers)
            return (
                _refused(locks, new_today_of_a_guest())
                if self.new_today(None, today)
                else rested(locks, sore)
            )
        found = self.get(person)
        if found is None:
            return Locks(refuse=person_unknown())
        if not found.screened(today):
            return Locks(refuse=new_questions() if found.asked_anew else answer_first())
        locks = locks_of(found.yes, ticklish=found.ticklish, first=person not in had_sessions)
        return _refused(locks, new_today()) if self.new_today(person, today) else rested(locks, sore)


def _refused(locks: Locks, why: Message) -> Locks:
    """What the answers refuse weighs more than what is new today."""
    return locks if locks.refuse else replace(locks, refuse=why)
