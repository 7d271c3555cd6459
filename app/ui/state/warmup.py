"""Warming up before a session, as Get ready says it beside the warmth that was chosen."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.state import common
from app.ui.words import _
from hardware.messages import PadView, Snapshot
from hardware.safety import limits
from hardware.words import Feet

WARM_C = limits.PREHEAT_C - 0.5
"""A pad that reads this is as warm as it is to be."""


@dataclass(frozen=True)
class WarmUp:
    words: str
    warms: bool = False
    """It goes on now, and a touch ends it."""
    left: float = 0.0
    """How much of its time is left, 0 to 1."""
    offered: bool = True
    """A touch does something."""


def warm_up(snapshot: Snapshot | None, feet: Feet) -> WarmUp | None:
    """What is said of the pads for these feet; None: there are none."""
    pads = [pad for pad in snapshot.pads if feet in ("both", pad.side)] if snapshot is not None else []
    if snapshot is None or not pads:
        return None
    coldest_c = _coldest_c(pads)
    warm = coldest_c is not None and coldest_c >= WARM_C
    going = snapshot.preheat
    if going is not None and snapshot.state == "preheating":
        words = _("Warm · {time}") if warm else _("Now {c} · {time}")
        words = words.format(c=common.degrees(coldest_c, 0), time=common.clock(going.left_s))
        return WarmUp(words, warms=True, left=min(going.left_s / limits.PREHEAT_S, 1.0))
    return WarmUp(_("Pads are warm"), offered=False) if warm else WarmUp(_("Warm up first"))


def _coldest_c(pads: list[PadView]) -> float | None:
    """None while one of them gives no reading."""
    known = [pad.c for pad in pads if pad.c is not None]
    return min(known) if len(known) == len(pads) else None
