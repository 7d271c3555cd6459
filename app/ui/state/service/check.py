"""The self-test: how far it is, or what it found."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.speech import render
from app.ui.words import _, plural
from hardware.messages import Snapshot


@dataclass(frozen=True)
class Check:
    heading: str
    lines: tuple[tuple[str, str, bool], ...]
    """Name, verdict, whether it is sound."""
    note: str
    going: bool
    left_s: int
    can_run: bool


def check(snapshot: Snapshot) -> Check:
    view = snapshot.check
    going = snapshot.state == "self-test"
    if going or view is None:
        left_s = view.left_s if view else 0
        return Check(
            heading=left(left_s) if going else _("The machine has not checked itself yet."),
            lines=(),
            note=_("Each valve and pad is driven for a moment. Take your feet out, or keep them still.")
            if going
            else "",
            going=going,
            left_s=left_s,
            can_run=snapshot.state == "idle",
        )
    sound = view.heat is None and view.air is None
    return Check(
        heading=_("All is sound.") if sound else _("Not everything is sound."),
        lines=(
            (_("Warmth"), render(view.heat) or _("Sensors and pads are sound."), view.heat is None),
            (_("Air"), render(view.air) or _("Sensors, pump and valves are sound."), view.air is None),
        ),
        note=(
            _("Valves and pads were tried as well.")
            if view.pulsed
            else _("Only the sensors were looked at. Run the test to try valves and pads.")
        ),
        going=False,
        left_s=0,
        can_run=snapshot.state == "idle",
    )


def left(seconds: int) -> str:
    """The machine is busy with itself for about so long."""
    if seconds <= 0:
        return _("The machine is checking itself.")
    return plural(
        "The machine is checking itself, about {count} second yet.",
        "The machine is checking itself, about {count} seconds yet.",
        seconds,
    )
