"""The fault notice as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.words import _, told
from hardware.messages import FaultView, Snapshot


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


def fault(found: FaultView, snapshot: Snapshot) -> FaultState:
    """What the notice says: the first sentence of the fault's words is what happened."""
    heading, _dot, rest = told(found.words).partition(". ")
    if found.severity == "stop":
        did = _("The machine has switched off the heat and the motors and opened the bags.")
    elif found.severity == "pause":
        did = _("The machine has paused: no motion, no heat, the bags are open.")
    else:
        did = _("The machine goes on without it.")
    if rest:
        do = rest
    elif found.present:
        do = _("The cause is still there. Have a look at the machine, then touch Understood.")
    else:
        do = _("The cause has gone. Touch Understood to go on.")
    others = [
        _("{part}: {words}").format(part=other.code, words=told(other.detail)) for other in snapshot.faults
    ]
    return FaultState(
        heading=heading.rstrip(".") + ".",
        did=did,
        do=do,
        detail="\n".join(others) or told(found.detail),
        present=found.present,
        more=max(0, len(snapshot.faults) - 1),
    )
