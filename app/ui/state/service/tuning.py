"""Tuning a pad: what is chosen, how far it is, what was found and what may be done with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from app.ui.speech import render
from app.ui.state import common
from app.ui.state.past import Curve
from app.ui.state.service import parts
from app.ui.words import _
from hardware.machine import Gains
from hardware.messages import Snapshot, TuneView
from hardware.words import Side

LEAST_C, MOST_C, USUAL_C = 25, 40, 38
DASHES = 40

Step = Literal["choose", "going", "found", "failed"]
Result = tuple[str, Side, float]
"""Which tuning of which run of the controller it is."""


@dataclass
class Chosen:
    """What the person has set; the rest is the machine's."""

    side: Side = "left"
    target_c: int = USUAL_C
    left: Result | None = None
    """The result that is done with: kept, or left as it is."""

    def warmer(self, by: int) -> None:
        self.target_c = min(MOST_C, max(LEAST_C, self.target_c + by))


@dataclass(frozen=True)
class Tuning:
    step: Step
    words: str
    clock: str = ""
    curves: tuple[Curve, ...] = ()
    gains: tuple[tuple[str, str, str], ...] = ()
    """Name, in use, found."""
    can_start: bool = False
    side: str = ""
    key: tuple[object, ...] = field(default=())
    """Changes when the curve does."""


def result_of(snapshot: Snapshot) -> Result | None:
    """The tuning that is over, if there is one."""
    tune = snapshot.tune
    if tune is None or (tune.state not in ("done", "aborted") and _under_way(snapshot)):
        return None
    return (snapshot.boot, tune.side, tune.elapsed_s)


def _under_way(snapshot: Snapshot) -> bool:
    """A fault ends a tuning without a word in it."""
    return snapshot.state == "service" and snapshot.driven is None


def tuning(snapshot: Snapshot, chosen: Chosen) -> Tuning:
    tune = snapshot.tune
    idle = snapshot.state == "idle"
    if tune is None or (result_of(snapshot) is not None and result_of(snapshot) == chosen.left):
        return Tuning(
            "choose",
            _("Take your feet out first."),
            can_start=idle,
        )
    shown = Tuning(
        "going",
        _stage(tune),
        clock=common.clock(tune.elapsed_s),
        curves=curves(tune),
        side=parts.pad(tune.side),
        key=(tune.side, len(tune.curve), *tune.curve[-1:]),
    )
    if tune.state != "done" and result_of(snapshot) is not None:
        why = render(tune.reason) or _("It was ended by a fault.")
        return replace(shown, step="failed", words=why, can_start=idle)
    if tune.state == "done" and tune.found is not None:
        words = _("New gains were found. Nothing has changed yet.")
        return replace(shown, step="found", words=words, gains=gains(tune.in_use, tune.found))
    return shown


def _stage(tune: TuneView) -> str:
    return {
        "warming": _("Warming up to {c}."),
        "centring": _("Looking for the middle around {c}."),
        "measuring": _("Measuring how it swings around {c}."),
    }.get(tune.state, _("Nearly done.")).format(c=parts.degrees(tune.target_c))


def gains(in_use: Gains, found: Gains) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (name, f"{getattr(in_use, name):.4g}", f"{getattr(found, name):.4g}") for name in ("kp", "ki", "kd")
    )


def curves(tune: TuneView) -> tuple[Curve, ...]:
    """Temperature, with the target dashed through it, above the duty."""
    if not tune.curve:
        return ()
    last = max(60, tune.curve[-1][0])
    low = min(tune.target_c, *(c for _at, c, _duty in tune.curve)) - 0.5
    high = max(tune.target_c, *(c for _at, c, _duty in tune.curve)) + 0.5
    warm = tuple((at / last, (c - low) / (high - low)) for at, c, _duty in tune.curve)
    level = (tune.target_c - low) / (high - low)
    dashes = tuple(((n / DASHES, level), ((n + 0.35) / DASHES, level)) for n in range(DASHES))
    duty = tuple((at / last, share) for at, _c, share in tune.curve)
    _at, now_c, now_duty = tune.curve[-1]
    return (
        Curve(_("Temperature"), "heat", parts.degrees(now_c), (warm, *dashes)),
        Curve(_("Duty"), "quiet", parts.share(now_duty), (duty,)),
    )
