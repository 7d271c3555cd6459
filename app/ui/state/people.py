"""People and one person as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.household.people import COLOURS, MOST_PEOPLE, Colour, Person
from app.household.screening import effects
from app.ui.state.screening import answered_words
from app.ui.words import _, plural

GUEST = "guest"


@dataclass(frozen=True)
class Tile:
    """Somebody who may sit here."""

    id: str | None
    """None: the guest."""
    name: str
    initial: str
    colour: Colour | None
    words: str
    sits: bool


def initial(name: str) -> str:
    return name.strip()[:1].upper()


def tiles(people: Sequence[Person], who: Person | None, today: date) -> tuple[Tile, ...]:
    """The guest, then everybody by name."""
    guest = Tile(None, _("Guest"), "", None, _("Nothing is remembered"), who is None)
    return (
        guest,
        *(
            Tile(
                person.id,
                person.name,
                initial(person.name),
                person.colour,
                _words(person, today),
                who is not None and who.id == person.id,
            )
            for person in sorted(people, key=lambda person: person.name.casefold())
        ),
    )


def _words(person: Person, today: date) -> str:
    if person.answered is None:
        return _("Questions not answered yet")
    if person.asked_anew:
        return _("There are new questions")
    if not person.screened(today):
        return _("Time to answer again")
    if person.new_on == today:
        return _("No massage today")
    if "refuse" in effects(person.yes):
        return _("Ask your doctor first")
    return answered_words(person.answered, today, valid=True)


def room_left(people: Sequence[Person]) -> bool:
    return len(people) < MOST_PEOPLE


@dataclass(frozen=True)
class PersonState:
    name: str
    initial: str
    colour: Colour
    colours: tuple[tuple[Colour, str], ...]
    ticklish: bool
    reduced_feeling: str
    """Why the feet count as feeling little, or empty."""
    answered: str
    verdict: str
    """What the answers come to, in a few words."""
    refused: bool
    screened: bool


def person(found: Person, today: date) -> PersonState:
    screened = found.screened(today)
    known = effects(found.yes)
    if found.answered is None:
        verdict = _("To be answered before the first massage")
    elif "refuse" in known:
        verdict = _("No massage: ask your doctor first")
    elif found.yes:
        verdict = plural("One thing to look after", "{count} things to look after", len(found.yes))
    else:
        verdict = _("Nothing to look after")
    return PersonState(
        name=found.name,
        initial=initial(found.name),
        colour=found.colour,
        colours=tuple((colour, colour_name(colour)) for colour in COLOURS),
        ticklish=found.ticklish,
        reduced_feeling=_("Only the questions can clear this") if "feeling" in known else "",
        answered=answered_words(found.answered, today, valid=screened, anew=found.asked_anew),
        verdict=verdict,
        refused="refuse" in known,
        screened=screened,
    )


def colour_name(colour: Colour) -> str:
    return {
        "violet": _("Violet"),
        "teal": _("Teal"),
        "gold": _("Gold"),
        "rose": _("Rose"),
        "sky": _("Sky"),
        "leaf": _("Leaf"),
    }[colour]


def farewell(name: str, sessions: int | None) -> str:
    """Before somebody is removed."""
    if not sessions:
        return _("{name} and what is remembered of {name} will be gone from this machine.").format(name=name)
    return _("{name} has sessions in the history. What is to become of them?").format(name=name)
