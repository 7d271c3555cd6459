"""The air: the squeezes of all bags on one pump and one manifold.

Every driven bag hangs on the manifold through a check valve, so the pump's air goes to the lowest of them
first and no bag gives air to another. From that follows how it is filled: in falling order of target, a
cycle's target latched when it begins, and a bag that holds less than another wants blocks it until it lets
go. A bag is lowered by letting its valve open for a moment.
"""

from __future__ import annotations

from math import inf

from hardware.control.bag import BagControl, Order
from hardware.control.slew import Slew
from hardware.machine import Machine
from hardware.safety import limits
from hardware.safety.manifold import shares
from hardware.words import Zone

BLOCKED_BY_MMHG = 4.0
DISTAL_OF: dict[Zone, Zone] = {"ankle": "foot", "calf": "ankle"}
"""A zone is never squeezed harder than its neighbour farther from the heart."""
QUIET_SPAN_MMHG = 25.0
"""A bag nearer to its target than this is filled with less than the full pump."""
LAST_MMHG = 3.0
"""For so little the pump may stand on a poor supply; more than the least overshoots."""
SOFT_START_S = 0.4
"""From the least the pump turns at to the most."""


class AirControl:
    """All bags of a machine and its pump."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.bags = [BagControl(bag) for bag in machine.bag]
        for bag in self.bags:
            bag.distal = next((b for b in self.bags if b.bag.zone == DISTAL_OF.get(bag.bag.zone)), None)
        self._duty = 0.0
        pump = machine.pump
        rise = 0.0 if pump is None else (pump.max_duty - pump.surely_turns) / SOFT_START_S
        self._soft = Slew(rise)

    def off(self) -> None:
        for bag in self.bags:
            bag.off()
        self._duty = 0.0

    def measure(self, raw_mmhg: tuple[float | None, ...], dt_s: float) -> None:
        for bag, raw in zip(self.bags, raw_mmhg, strict=True):
            bag.measure(raw, dt_s)

    def rezero(self, raw_mmhg: tuple[float | None, ...]) -> bool:
        """What the open bags' sensors say now is their zero. False, and nothing done, when that cannot be."""
        if not all(
            raw is not None and bag.may_be_zero(raw) for bag, raw in zip(self.bags, raw_mmhg, strict=True)
        ):
            return False
        for bag, raw in zip(self.bags, raw_mmhg, strict=True):
            bag.zero_mmhg = raw or 0.0
        return True

    def update(self, orders: tuple[Order | None, ...], dt_s: float) -> tuple[float, ...]:
        """The duties of pump and valves for this tick; ``measure`` comes first."""
        pump = self.machine.pump
        likely = 0.0 if pump is None else max(self._duty, pump.surely_turns)
        for bag, order in zip(self.bags, orders, strict=True):
            bag.follow(order, dt_s)
            bag.decide(likely)
        wanting = [bag for bag in self.bags if bag.wants_air]
        if wanting:
            self._share(wanting)
            wanting = [bag for bag in wanting if bag.wants_air]
            if any(bag.overfed for bag in self.bags):
                # Air that is meant for one bag goes into another: a valve does not do what it is told.
                for bag in wanting:
                    bag.wants_air = False
                wanting = []
        self._duty = self._pump(wanting, dt_s)
        fed = shares([bag.mmhg for bag in self.bags], [bag.driven for bag in self.bags])
        for bag, share in zip(self.bags, fed, strict=True):
            bag.given(self._duty * share, dt_s)
        return self.duties

    def _pump(self, wanting: list[BagControl], dt_s: float) -> float:
        """Quiet: it begins at the least it surely turns at, and ends there as the bag gets near."""
        pump = self.machine.pump
        if pump is None or not wanting:
            return 0.0
        need = max((bag.setpoint_mmhg or 0.0) - (bag.mmhg or 0.0) for bag in wanting)
        share = min(max(need / QUIET_SPAN_MMHG, 0.0), 1.0)
        least = pump.surely_turns
        if self._duty == 0.0:
            self._soft.reset(least)
            return least
        # The last of it may be at less: where the pump stands then, the bag has all but what it wants.
        last = pump.stalls_below if need < LAST_MMHG else least
        return self._soft.toward(last + (pump.max_duty - last) * share, dt_s)

    def _share(self, wanting: list[BagControl]) -> None:
        """Who may have air now: the highest target first, and nobody above a lower bag that holds."""
        holding = [bag.mmhg or 0.0 for bag in self.bags if bag.driven and not bag.wants_air]
        lowest = min(holding, default=inf)
        for bag in wanting:
            if lowest < (bag.mmhg or 0.0) - BLOCKED_BY_MMHG:
                bag.wants_air = False
        free = [bag for bag in wanting if bag.wants_air]
        first = max((bag.plateau_mmhg for bag in free), default=0.0)
        for bag in free:
            if bag.plateau_mmhg < first - BLOCKED_BY_MMHG:
                bag.wants_air = False
                if (bag.mmhg or 0.0) < limits.BAG_EMPTY_MMHG:
                    # Driven, it would be the lowest and take the other bag's air.
                    bag.driven = False

    @property
    def duties(self) -> tuple[float, ...]:
        """Of the pump, where there is one, and the valves."""
        pump = () if self.machine.pump is None else (self._duty,)
        return (*pump, *(1.0 if bag.driven else 0.0 for bag in self.bags))

    @property
    def setpoints_mmhg(self) -> tuple[float | None, ...]:
        return tuple(bag.setpoint_mmhg for bag in self.bags)

    @property
    def plateaus_mmhg(self) -> tuple[float | None, ...]:
        """What each bag is to reach in the cycle it is in; None in a rest."""
        return tuple(bag.plateau_mmhg if bag.setpoint_mmhg is not None else None for bag in self.bags)

    @property
    def empty(self) -> bool:
        """Every bag is known to be below what a foot feels."""
        return all(bag.mmhg is not None and bag.mmhg < limits.BAG_EMPTY_MMHG for bag in self.bags)
