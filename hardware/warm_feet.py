"""When a phase that lasts until the feet are warm ends: pure, from the plan and the estimates of the skin."""

from __future__ import annotations

from collections.abc import Sequence

from hardware.safety import limits
from hardware.safety.expectation import Expectation
from hardware.timeline import Plan, end_at, latest_end_s, squeezed_until_s

LEAST_S = 120.0
"""No such phase is shorter ..."""
LONGER_S = 120.0
"""... or longer by more than its length in the plan."""
HELD_S = 5.0
SURE_C = 4.0
"""An estimate that may be further off says nothing."""
AHEAD_S = limits.BAG_HELD_EVER_S
"""An end is known as long before it comes: no squeeze takes longer, so none is cut off."""


class WarmFeet:
    """One session's. ``advance`` once a tick of running time."""

    def __init__(self) -> None:
        self._index = -1
        self._settled = False
        """This phase's end stands."""
        self._warm_s = 0.0
        self._unheated_s = HELD_S

    def advance(self, plan: Plan, t: float, dt_s: float, skins: Sequence[Expectation]) -> Plan:
        """The plan from ``t`` seconds of program time on.

        ``skins`` are the estimates of every foot in the session; none while one of them is not heated. As
        long as they are not warm, the last ``AHEAD_S`` of the phase do not begin: what a screen shows as left
        of it stands, and never rises.
        """
        self._unheated_s = 0.0 if skins else self._unheated_s + dt_s
        index = plan.index_at(t)
        if index != self._index:
            self._index, self._settled, self._warm_s = index, False, 0.0
        slot = plan.slots[index]
        until_c = slot.phase.until_skin_c
        if until_c is None or self._settled:
            return plan
        warm = bool(skins) and all(_is_at_least(skin, until_c) for skin in skins)
        self._warm_s = self._warm_s + dt_s if warm else 0.0
        soonest_s = slot.start_s + LEAST_S
        if self._warm_s >= HELD_S and t >= soonest_s - AHEAD_S:
            self._settled = True
            return end_at(plan, index, min(max(soonest_s, squeezed_until_s(plan, t)), slot.end_s))
        if slot.end_s - t >= AHEAD_S:
            return plan
        if self._unheated_s >= HELD_S:
            self._settled = True
            return plan
        latest_s = min(slot.start_s + slot.planned_s + LONGER_S, latest_end_s(plan, index))
        end_s = min(t + AHEAD_S, latest_s)
        return end_at(plan, index, end_s) if end_s > slot.end_s else plan


def _is_at_least(skin: Expectation, celsius: float) -> bool:
    return skin.expected is not None and skin.within <= SURE_C and skin.expected >= celsius
