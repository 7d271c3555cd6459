"""S6, S7: how hard and how long a bag may hold a foot; told from the bags and the pins."""

from __future__ import annotations

from hardware.safety import limits
from tests.judge.look import Look

BAG_EVER_MMHG = 155.0
"""The relief valve's own bound: what is left when a sensor lies."""
ACTS_WITHIN_S = 0.4
"""Sensor lag, a tick, and the next tick's outputs."""
NOISE_MMHG = 3.0
SENSED_MMHG = 6.0
"""How far a sound sensor's zero may have drifted since it was last found."""
HELD_EVER_S = limits.BAG_HELD_EVER_S + 1.0
HELD_S = limits.BAG_HELD_S + 2.0
"""In normal work, with the time a bag takes to let go."""
RESTED_S = limits.BAG_REST_S - 0.5
"""A bag's own lag, and zero, make the rest seem a little longer to its sensor than it was."""
RESTED_MMHG = limits.BAG_EMPTY_MMHG + NOISE_MMHG

NO_VENT = frozenset({"valve-stuck-shut", "hose-kinked", "valves-swapped"})
NO_PRESSURE = frozenset(
    {"pressure-offset", "pressure-frozen", "pressure-tap-blocked", "adc-dead", "adc-stuttering"}
)
NO_VENT_LASTS_S = 5.0
NO_PRESSURE_LASTS_S = 300.0
"""A zero that was found while the sensor lied stays until the bag is next open for seconds."""


class BagJudge:
    """One bag."""

    def __init__(self, look: Look, index: int) -> None:
        self.look = look
        self.index = index
        self.zone = look.machine.bag[index].zone
        self._over_since: float | None = None
        self._burst_since: float | None = None
        self._held_s = self._empty_s = 0.0

    def check(self, mmhg: float) -> None:
        if mmhg < limits.BAG_HELD_MMHG and self._held_s == 0.0:  # nothing can be wrong with it
            self._over_since = self._burst_since = None
            return
        look = self.look
        if not look.settled:
            # Squeezed by the foot that was put in, whatever the valve did.
            self._over_since = self._burst_since = None
            self._held_s = 0.0
            return
        if mmhg >= BAG_EVER_MMHG:
            look.fail("S6", f"{self.zone} at {mmhg:.0f} mmHg")
        self._too_full(mmhg)
        self._rests(mmhg)

    def _too_full(self, mmhg: float) -> None:
        look = self.look
        lies = look.wrong(NO_PRESSURE, NO_PRESSURE_LASTS_S)
        self._over_since = self._since(self._over_since, mmhg > limits.BAG_PUMP_STOP_MMHG + SENSED_MMHG, lies)
        self._burst_since = self._since(self._burst_since, mmhg > limits.BAG_OPEN_MMHG + SENSED_MMHG, lies)
        pumps = any(look.pins[look.pump])
        shut = any(look.pins[look.valves]) or look.state != "fault"
        if pumps and self._lasts_s(self._over_since) > ACTS_WITHIN_S:
            look.fail("S6", f"pumping with {self.zone} at {mmhg:.0f} mmHg")
        if shut and self._lasts_s(self._burst_since) > ACTS_WITHIN_S + limits.BAG_OPEN_S:
            look.fail("S6", f"{self.zone} shut at {mmhg:.0f} mmHg")

    def _lasts_s(self, since: float | None) -> float:
        return 0.0 if since is None else self.look.at_s - since

    def _since(self, since: float | None, over: bool, lies: int) -> float | None:
        if not over or lies:
            return None
        # A tick that came late could not act before.
        return self.look.at_s if since is None or self.look.late else since

    def _rests(self, mmhg: float) -> None:
        """S7: all the time above 25 mmHg since the last rest of 3 s counts together."""
        look = self.look
        self._empty_s = self._empty_s + look.gap_s if mmhg < RESTED_MMHG else 0.0
        if self._empty_s >= RESTED_S:
            self._held_s = 0.0
            return
        if mmhg > limits.BAG_HELD_MMHG + NOISE_MMHG:
            self._held_s += look.gap_s
        ever = HELD_S if look.sound() and look.feet_sit else HELD_EVER_S
        if self._held_s <= ever or look.wrong(NO_VENT, NO_VENT_LASTS_S):
            return
        if not look.wrong(NO_PRESSURE, NO_PRESSURE_LASTS_S):
            look.fail("S7", f"{self.zone} held for {self._held_s:.1f} s without a rest")


class AirJudge:
    def __init__(self, look: Look) -> None:
        self.look = look
        self.bags = [BagJudge(look, index) for index in range(len(look.machine.bag))]

    def check(self) -> None:
        for judge, bag in zip(self.bags, self.look.rig.plant.bags, strict=True):
            judge.check(bag.mmhg)
        # Without a session a lost sensor stops nothing; it does in the tick after the one that begins it.
        if None in self.look.rig.read.bags_mmhg and self.look.before == "running":
            pins = self.look.pins
            if any(pins[self.look.pump]) or any(pins[self.look.valves]):
                self.look.fail("S6", f"air on pins {pins} with a bag that cannot be measured")
