"""What the person sitting here may have, and who is to be asked what before a session."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from app.household.people import Person, Preferred
from app.household.screening import (
    FIRST_INTENSITY,
    FIRST_MINUTES,
    GENTLE_INTENSITY,
    effects,
    locks_of,
    rested,
)
from app.ui.words import _
from hardware.safety.locks import Locks
from hardware.words import ZONES, Zone

if TYPE_CHECKING:
    # The first frame needs none of these; who asks for them has read them already, or soon will.
    from app.ui.state.home import Choices
    from app.ui.state.screening import Limit
    from hardware.machine import Machine
    from hardware.program import Program

AGREED_S = 30 * 60.0
"""What a guest said on their card is forgotten after this long without a touch."""


def locks(
    who: Person | None,
    first: bool,
    answers: Collection[str] = (),
    sore: Collection[Zone | None] = (),
) -> Locks:
    """What the controller will hold; here only to propose and explain nothing that it would refuse.

    ``answers`` are a guest's. ``sore``: where it hurt today.
    """
    if who is None:
        return rested(locks_of(answers), sore)
    return rested(locks_of(who.yes, ticklish=who.ticklish, first=first), sore)


def asks_first(who: Person | None, today: date) -> bool:
    """Whether the questions come before the session."""
    return who is not None and not who.screened(today)


def within(choices: Choices, program: Program, held: Locks) -> Choices:
    """The choices as far as this person may have them."""
    allowed = [minutes for minutes in program.minutes if minutes <= held.max_minutes]
    minutes = choices.minutes
    if minutes not in allowed:
        minutes = max(allowed, default=min(program.minutes))
    return replace(
        choices,
        minutes=minutes,
        intensity=min(choices.intensity, held.max_intensity),
        heat_c=None if no_warmth(held) else choices.heat_c,
    )


def preferred_choices(who: Person | None, program: Program, machine: Machine) -> Choices | None:
    """How this person last had this program, as far as it still offers that."""
    last = who.preferred.get(program.id) if who else None
    if last is None:
        return None
    from app.ui.state.home import Choices

    return Choices(
        program.id,
        last.minutes if last.minutes in program.minutes else program.default_minutes,
        last.intensity,
        last.heat_c if "heat" in program.kinds(machine) else None,
        last.feet,
    )


def remembered(who: Person, choices: Choices) -> Person:
    """The person with these settings as their last of this program."""
    last = Preferred(
        minutes=choices.minutes, intensity=choices.intensity, heat_c=choices.heat_c, feet=choices.feet
    )
    return changed(who, preferred={**who.preferred, choices.program: last})


def shown(
    who: Person | None,
    first: bool,
    answers: Collection[str] = (),
    sore: Collection[Zone | None] = (),
    new: bool = False,
) -> tuple[Limit, ...]:
    """What is locked, lock by lock, and the weightiest reason; as short as Get ready's column wants it.

    ``answers`` are a guest's. ``sore``: where it hurt today. ``new``: something is new with their feet today.
    """
    from app.ui.state.screening import Limit

    found = effects(answers if who is None else who.yes)
    ticklish, first = who is not None and who.ticklish, who is not None and first
    if "refuse" in found:
        return (Limit(_("Because of your answers"), _("Ask your doctor first"), "refuse"),)
    if new:
        return (Limit(_("Something is new"), _("No massage today"), "refuse"),)
    feeling, pregnant, thinners = _("Reduced feeling"), _("Pregnant"), _("Blood thinners, or bruises")
    rows: list[Limit] = []
    if found & {"feeling", "pregnant"}:
        rows.append(Limit(feeling if "feeling" in found else pregnant, _("No warmth")))
    if ticklish:
        rows.append(Limit(_("Ticklish feet"), _("No rolling, no vibration")))
    elif found & {"pregnant", "implant"}:
        why = pregnant if "pregnant" in found else _("Implant or epilepsy")
        rows.append(Limit(why, _("No vibration")))
    if "feeling" in found:
        rows.append(Limit(feeling, _("Gentle air and kneading")))
    elif found & {"pregnant", "thinners"}:
        rows.append(Limit(pregnant if "pregnant" in found else thinners, _("Gentle air")))
    if "veins" in found:
        rows.append(Limit(_("Painful varicose veins"), _("The calf is left out")))
    rows += [Limit(_("It hurt"), _resting(zone)) for zone in ZONES if zone in sore]
    gentle = _("Intensity {level} at most").format(level=GENTLE_INTENSITY)
    if found & {"gentle", "thinners"}:
        rows.append(Limit(_("A flare-up") if "gentle" in found else thinners, gentle))
    elif None in sore:
        rows.append(Limit(_("It hurt today"), gentle))
    elif first:
        rows.append(
            Limit(_("Your first massage"), _("Intensity {level} at most").format(level=FIRST_INTENSITY))
        )
    if first:
        words = _("{minutes} minutes at most").format(minutes=FIRST_MINUTES)
        rows.append(Limit(_("Your first massage"), words))
    return tuple(rows)


def _resting(zone: Zone) -> str:
    return {
        "foot": _("Top of the foot rests today"),
        "arch": _("The arch rests today"),
        "sole": _("Sole and warmth rest today"),
        "heel": _("The heel rests today"),
        "ankle": _("The ankle rests today"),
        "calf": _("The calf rests today"),
    }[zone]


def no_warmth(held: Locks) -> bool:
    """Whether the pads stay off: they lie under the sole."""
    return held.forbids("heat") or "sole" in held.left_out


def why_no_stronger(who: Person | None, most: int, sore: Collection[Zone | None] = ()) -> str:
    """Beside the intensity that cannot rise further; empty when it is as high as it goes for anybody."""
    if most >= 10:
        return ""
    # A guest is nowhere for the first time: what holds them is what they said.
    if who is None or None in sore or effects(who.yes) & {"gentle", "thinners"}:
        return _("gentle: max {level}").format(level=most)
    return _("first time: max {level}").format(level=most)


@dataclass
class GuestWord:
    """What a guest says yes to on their card, as long as it counts."""

    now: Callable[[], float]
    _until: float | None = None
    _answers: tuple[str, ...] = ()

    @property
    def given(self) -> bool:
        return self._until is not None and self.now() < self._until

    @property
    def answers(self) -> tuple[str, ...] | None:
        """None: they have not been asked, or so long ago that somebody else may sit here."""
        return self._answers if self.given else None

    def give(self, answers: tuple[str, ...] = ()) -> None:
        self._answers = answers
        self._until = self.now() + AGREED_S

    def touched(self) -> None:
        """Somebody is still there."""
        if self.given:
            self.give(self._answers)

    def forget(self) -> None:
        """Somebody else may sit here now: the screen went black, or another person was chosen."""
        self._until, self._answers = None, ()
