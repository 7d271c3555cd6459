"""What the person sitting here may have, and who is to be asked what before a session."""

from __future__ import annotations

from collections.abc import Callable
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
)
from app.ui.words import _
from hardware.safety.locks import NO_LOCKS, Locks

if TYPE_CHECKING:
    # The first frame needs none of these; who asks for them has read them already, or soon will.
    from app.ui.state.home import Choices
    from app.ui.state.screening import Limit
    from hardware.machine import Machine
    from hardware.program import Program

AGREED_S = 30 * 60.0
"""A guest's "none of these" is forgotten after this long without a touch."""


def locks(who: Person | None, first: bool) -> Locks:
    """What the controller will hold; here only to propose and explain nothing that it would refuse."""
    return NO_LOCKS if who is None else locks_of(who.yes, ticklish=who.ticklish, first=first)


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
        heat_c=None if held.forbids("heat") else choices.heat_c,
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


def shown(who: Person | None, first: bool) -> tuple[Limit, ...]:
    """What is locked, lock by lock, and the weightiest reason; as short as Get ready's column wants it."""
    if who is None:
        return ()
    from app.ui.state.screening import Limit

    found = effects(who.yes)
    if "refuse" in found:
        return (Limit(_("Because of your answers"), _("Ask your doctor first"), "refuse"),)
    sensitive, pregnant = _("Feet that feel little"), _("Pregnant")
    rows: list[Limit] = []
    if found & {"sensitive", "pregnant"}:
        rows.append(Limit(sensitive if "sensitive" in found else pregnant, _("No warmth")))
    if who.ticklish:
        rows.append(Limit(_("Ticklish feet"), _("No rolling or vibration")))
    elif found & {"pregnant", "implant"}:
        why = pregnant if "pregnant" in found else _("Implant or epilepsy")
        rows.append(Limit(why, _("No vibration")))
    if "sensitive" in found:
        rows.append(Limit(sensitive, _("Soft air and kneading")))
    elif "pregnant" in found:
        rows.append(Limit(pregnant, _("Soft air")))
    if "gentle" in found:
        rows.append(Limit(_("A flare-up"), _("Intensity {level} at most").format(level=GENTLE_INTENSITY)))
    elif first:
        rows.append(
            Limit(_("Your first massage"), _("Intensity {level} at most").format(level=FIRST_INTENSITY))
        )
    if first:
        words = _("{minutes} minutes at most").format(minutes=FIRST_MINUTES)
        rows.append(Limit(_("Your first massage"), words))
    return tuple(rows)


def why_no_stronger(who: Person | None, most: int) -> str:
    """Beside the intensity that cannot rise further; empty when it is as high as it goes for anybody."""
    if most >= 10:
        return ""
    from app.ui.state.screening import limits_of

    if who is not None and any(limit.effect == "gentle" for limit in limits_of(who.yes)):
        return _("gentle: max {level}").format(level=most)
    return _("first time: max {level}").format(level=most)


@dataclass
class GuestWord:
    """A guest's "none of these apply to me", as long as it counts."""

    now: Callable[[], float]
    _until: float | None = None

    @property
    def given(self) -> bool:
        return self._until is not None and self.now() < self._until

    def give(self) -> None:
        self._until = self.now() + AGREED_S

    def touched(self) -> None:
        """Somebody is still there."""
        if self.given:
            self.give()

    def forget(self) -> None:
        """Somebody else may sit here now: the screen went black, or another person was chosen."""
        self._until = None
