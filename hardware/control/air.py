"""The air bags: squeeze cycles on one pump and one manifold.

Every driven bag hangs on the manifold through a check valve, so the pump's air goes to the lowest of them
first and no bag gives air to another. From that follows how it is filled: in falling order of target, a
cycle's target latched when it begins, and a bag that holds less than another wants blocks it until it lets
go. A bag is lowered by letting its valve open for a moment.
"""

from __future__ import annotations

from math import inf

from msgspec import Struct

from hardware.control.slew import Slew
from hardware.machine import Bag, Machine
from hardware.safety import limits
from hardware.timeline import Stage
from hardware.words import Zone

RATE_FILTER = 0.5
LEAD_S = 0.17
"""How far ahead a filling bag is looked at: the sensor's lag, a tick, and the air already on its way."""
SETTLE_S = 0.2
"""After the pump or a valve acted, the sensor needs this long to tell the truth."""
FILL_BELOW_MMHG = 2.5
TOP_UP_BELOW_MMHG = 4.0
TRIM_ABOVE_MMHG = 5.5
"""The shortest opening of a valve lets out about this much; below it a trim would do more harm than good."""
RELEASE_ABOVE_MMHG = 1.5
LET_GO_MMHG = 8.0
"""A release that has come down to here opens the valve for good."""
BLOCKED_BY_MMHG = 4.0
OVERFED_MMHG = 8.0
FED_MMHG = 2.0
EMPTIES_S = 2.5
"""An open bag is empty by then."""
ZERO_AFTER_S = 4.0
ZERO_BOUND_MMHG = 15.0
ZERO_S = 1.0
DISTAL_OF: dict[Zone, Zone] = {"ankle": "foot", "calf": "ankle"}
"""A zone is never squeezed harder than its neighbour farther from the heart."""
QUIET_SPAN_MMHG = 25.0
"""A bag nearer to its target than this is filled with less than the full pump."""


class Order(Struct, frozen=True):
    """What one bag shall do now."""

    cycle: tuple[int, int]
    """(phase, cycle): a new pair begins a new cycle and latches its target."""
    stage: Stage
    fraction: float
    target_mmhg: float
    """What a cycle that began now would go for."""


class AirOutputs(Struct, frozen=True):
    pump: float
    valves: tuple[bool, ...]


class BagControl:
    """One bag: its zero, its cycle, its setpoint."""

    def __init__(self, bag: Bag) -> None:
        self.bag = bag
        self.zero_mmhg = 0.0
        self.mmhg: float | None = None
        self.setpoint_mmhg: float | None = None
        self.plateau_mmhg = 0.0
        self.driven = False
        self.wants_air = False
        self.distal: BagControl | None = None
        self._ceiling = Slew(limits.AIR_MMHG_PER_S)
        self._cycle: tuple[int, int] | None = None
        self._latched: float | None = None
        self._stage: Stage = "rest"
        self._rate = 0.0
        self._empty_s = inf
        self._open_s = 0.0
        self._held_s = 0.0
        self._quiet_s = inf

    def off(self) -> None:
        """Forget the cycle; the next one begins from the bottom."""
        self.setpoint_mmhg = None
        self.driven = self.wants_air = False
        self._cycle = None
        self._latched = None
        self._ceiling.reset()

    def measure(self, raw_mmhg: float | None, dt_s: float) -> None:
        """Take a reading: zero it, and keep the clocks that depend on it."""
        if raw_mmhg is None:
            self.mmhg = None
            return
        self._open_s = 0.0 if self.driven else self._open_s + dt_s
        if self._open_s > ZERO_AFTER_S and abs(raw_mmhg) < ZERO_BOUND_MMHG:
            # Open to the air for seconds: what the sensor says now is its zero.
            self.zero_mmhg += (raw_mmhg - self.zero_mmhg) * min(dt_s / ZERO_S, 1.0)
        mmhg = raw_mmhg - self.zero_mmhg
        if self.mmhg is not None and dt_s > 0:
            self._rate += (max((mmhg - self.mmhg) / dt_s, 0.0) - self._rate) * RATE_FILTER
        self.mmhg = mmhg
        self._empty_s = self._empty_s + dt_s if mmhg < limits.BAG_EMPTY_MMHG else 0.0
        self._held_s = self._held_s + dt_s if mmhg > limits.BAG_HELD_MMHG else 0.0
        self._quiet_s += dt_s

    def follow(self, order: Order | None, dt_s: float) -> None:
        """Turn an order into a setpoint for this tick."""
        if order is not None:
            self._ceiling.toward(order.target_mmhg, dt_s)  # S8, between squeezes too
        if order is None or order.stage == "rest":
            self._end_cycle(order)
            return
        if order.cycle != self._cycle:
            rested = self._empty_s >= limits.BAG_REST_S
            if order.stage != "inflate" or not rested:
                # Never joined half-way, never before the foot has had its rest (S7).
                self._end_cycle(None)
                return
            self._cycle, self._latched = order.cycle, order.target_mmhg
        if self._latched is None or self._held_s > limits.BAG_HELD_S:
            self._latched = None
            self.setpoint_mmhg = None
            return
        self._stage = order.stage
        self._latched = min(self._latched, order.target_mmhg, self._top_mmhg())
        self.plateau_mmhg = min(self._latched, self._ceiling.value)
        self.setpoint_mmhg = self.plateau_mmhg * order.fraction

    def _top_mmhg(self) -> float:
        """While the neighbour holds, no more than that holds: it was latched at an earlier level."""
        distal = self.distal
        return distal.plateau_mmhg if distal is not None and distal.setpoint_mmhg is not None else inf

    def _end_cycle(self, order: Order | None) -> None:
        if order is not None:
            self._cycle = None
        self._latched = None
        self.setpoint_mmhg = None
        self._stage = "rest"

    @property
    def overfed(self) -> bool:
        """It was not to have any more air, and has far more than it should."""
        if self.mmhg is None or self.wants_air:
            return False
        if self.setpoint_mmhg is None:
            return self._open_s > EMPTIES_S and self.mmhg > limits.BAG_HELD_MMHG
        return self._stage != "release" and self.mmhg > self.plateau_mmhg + OVERFED_MMHG

    def decide(self, pumped: bool) -> None:
        """Whether the bag wants air, and whether its valve is driven, before the manifold is shared."""
        setpoint, mmhg = self.setpoint_mmhg, self.mmhg
        if setpoint is None or mmhg is None:
            self.driven = self.wants_air = False
            return
        if self._stage == "release":
            self.wants_air = False
            settled = self._quiet_s >= SETTLE_S
            lets_go = mmhg < LET_GO_MMHG or setpoint < LET_GO_MMHG
            vents = lets_go or (mmhg > setpoint + RELEASE_ABOVE_MMHG and settled)
        else:
            ahead = mmhg + (self._rate * LEAD_S if pumped else 0.0)
            below = FILL_BELOW_MMHG if self._stage == "inflate" else TOP_UP_BELOW_MMHG
            settled = self._quiet_s >= SETTLE_S
            if self.wants_air:
                self.wants_air = ahead < setpoint
                if not self.wants_air:
                    self._quiet_s = 0.0
            else:
                self.wants_air = mmhg < setpoint - below and settled
            vents = not self.wants_air and settled and mmhg > setpoint + TRIM_ABOVE_MMHG
        if vents:
            self._quiet_s = 0.0
        self.driven = not vents


class AirControl:
    """All bags of a machine and its pump."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.bags = [BagControl(bag) for bag in machine.bag]
        for bag in self.bags:
            bag.distal = next((b for b in self.bags if b.bag.zone == DISTAL_OF.get(bag.bag.zone)), None)
        self._pumping = False

    def off(self) -> AirOutputs:
        for bag in self.bags:
            bag.off()
        self._pumping = False
        return AirOutputs(0.0, (False,) * len(self.bags))

    def measure(self, raw_mmhg: tuple[float | None, ...], dt_s: float) -> None:
        for bag, raw in zip(self.bags, raw_mmhg, strict=True):
            bag.measure(raw, dt_s)

    def update(self, orders: tuple[Order | None, ...], dt_s: float) -> AirOutputs:
        """Pump duty and valves for this tick; ``measure`` comes first."""
        for bag, order in zip(self.bags, orders, strict=True):
            bag.follow(order, dt_s)
            bag.decide(self._pumping)
        wanting = [bag for bag in self.bags if bag.wants_air]
        if wanting:
            self._share(wanting)
            wanting = [bag for bag in self.bags if bag.wants_air]
        if any(bag.overfed for bag in self.bags):
            # Air that is meant for one bag goes into another: a valve does not do what it is told.
            for bag in wanting:
                bag.wants_air = False
            wanting = []
        pump = self.machine.pump
        duty = 0.0
        if wanting and pump is not None:
            need = max((bag.setpoint_mmhg or 0.0) - (bag.mmhg or 0.0) for bag in wanting)
            share = min(max(need / QUIET_SPAN_MMHG, 0.0), 1.0)
            duty = pump.stalls_below + (pump.max_duty - pump.stalls_below) * share
        self._pumping = duty > 0
        return AirOutputs(duty, tuple(bag.driven for bag in self.bags))

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
    def setpoints_mmhg(self) -> tuple[float | None, ...]:
        return tuple(bag.setpoint_mmhg for bag in self.bags)

    @property
    def plateaus_mmhg(self) -> tuple[float | None, ...]:
        """What each bag is to reach in the cycle it is in; None in a rest."""
        return tuple(bag.plateau_mmhg if bag.setpoint_mmhg is not None else None for bag in self.bags)

    @property
    def fed(self) -> tuple[bool, ...]:
        """Which bags the pump's air goes to: those that want some, the lowest of what is driven."""
        lowest = min((bag.mmhg or 0.0 for bag in self.bags if bag.driven), default=0.0)
        return tuple(
            bag.wants_air and self._pumping and (bag.mmhg or 0.0) <= lowest + FED_MMHG for bag in self.bags
        )

    @property
    def empty(self) -> bool:
        """Every bag is known to be below what a foot feels."""
        return all(bag.mmhg is not None and bag.mmhg < limits.BAG_EMPTY_MMHG for bag in self.bags)
