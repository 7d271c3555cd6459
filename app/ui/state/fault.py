"""The fault notice as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.speech import render
from app.ui.state.service import parts
from app.ui.words import _
from hardware.messages import FaultView, Snapshot
from hardware.safety import limits

STUCK_FULL, UNMEASURED = "bag-not-venting", "pressure-sensor-invalid"
"""While these are present what the sensors say does not prove that a bag is empty."""
PADS = "pad-"
"""A pad that did wrong is looked at even if it does right again: what is to be done outlasts the cause."""


@dataclass(frozen=True)
class FaultState:
    heading: str
    did: str
    """What the machine has done."""
    do: str
    """What the person can do."""
    detail: str
    present: bool
    more: int
    """Further faults behind this one."""


def fault(found: FaultView, snapshot: Snapshot, refused: str = "") -> FaultState:
    """What the notice says: what is wrong, what the machine did about it, what the person can do.

    ``refused``: why the last touch on Understood did not clear it, as it is to be read; empty: none did yet.
    """
    rest = " ".join(map(render, found.steps))
    others = [
        _("{part}: {words}").format(part=other.code, words=render(other.detail)) for other in snapshot.faults
    ]
    return FaultState(
        heading=render(found.title),
        did=_did(found, snapshot),
        do=_do(found, rest, refused),
        detail="\n".join(others) or render(found.detail),
        present=found.present,
        more=max(0, len(snapshot.faults) - 1),
    )


def _did(found: FaultView, snapshot: Snapshot) -> str:
    """What is done whatever the parts make of it, and what is measured of the air."""
    if found.severity == "advise":
        return " ".join(map(render, (*found.did, found.works)))
    if found.severity == "pause":
        did = _("The machine has paused: no motion and no heat.")
    elif snapshot.bags:
        did = _("The machine has switched off the heat and the motors and opened the valves.")
    else:
        did = _("The machine has switched off the heat and the motors.")
    return f"{did} {_air(snapshot)}".strip()


def _air(snapshot: Snapshot) -> str:
    """Never "empty" of a bag that is not known to be."""
    if not snapshot.bags:
        return ""
    full = [
        parts.bag(bag.zone)
        for bag in snapshot.bags
        if bag.mmhg is not None and bag.mmhg >= limits.BAG_EMPTY_MMHG
    ]
    present = {other.code for other in snapshot.faults if other.present}
    if full:
        return _("Still holding air: {bags}.").format(bags=", ".join(full))
    if STUCK_FULL in present:
        return _("A bag still holds air.")
    if UNMEASURED in present or any(bag.mmhg is None for bag in snapshot.bags):
        return _("Whether the bags are empty cannot be measured.")
    return _("The bags are empty.")


def _do(found: FaultView, rest: str, refused: str) -> str:
    """What is to be done stays as long as the cause does, however often it was touched."""
    if found.present:
        look = _("The cause is still there. Have a look at the machine, then touch Understood.")
        return f"{refused} {rest}".strip() if rest else look
    if rest and found.severity == "advise":
        return rest
    if refused:
        gone = _("The cause has only just gone. Touch Understood again in a moment.")
    else:
        gone = _("The cause has gone. Touch Understood to go on.")
    return f"{rest} {gone}".strip() if found.code.startswith(PADS) else gone
