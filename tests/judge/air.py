"""S6, S7: how hard and how long a bag may hold a foot; told from the bags and the pins."""

from __future__ import annotations

from hardware.messages import SessionStarted
from tests.judge import rules
from tests.judge.look import DOCTORED, Look

BAG_EVER_MMHG = rules.RELIEF_MMHG + 5.0
"""The relief valve's own bound and how far it is overshot."""
ACTS_WITHIN_S = 0.4
"""Sensor lag, a tick, and the next tick's outputs."""
NOISE_MMHG = 3.0
SENSED_MMHG = 6.0
"""How far a sound sensor's zero may have drifted since it was last found."""
HELD_EVER_S = rules.HELD_EVER_S + 1.0
HELD_S = rules.HELD_S + 2.0
"""In normal work, with the time a bag takes to let go."""
RESTED_S = rules.RESTS_S - 0.5
"""A bag's own lag, and zero, make the rest seem a little longer to its sensor than it was."""
RESTED_MMHG = rules.EMPTY_MMHG + NOISE_MMHG
BY_HAND = frozenset({"self-test", "service"})

NO_VENT = frozenset({"valve-stuck-shut", "hose-kinked", "valves-swapped"})
NO_PRESSURE = frozenset(
    {
        *("pressure-offset", "pressure-frozen", "pressure-tap-blocked"),
        *("adc-dead", "adc-stuttering", "valves-swapped", DOCTORED),
    }
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
        # A sensor whose rest is 0 V reads no pressure where its wire is broken.
        silent = {"pressure-open"} if look.machine.pressure_sensor.zero_volts == 0.0 else set()
        self._no_pressure = NO_PRESSURE | silent
        self._over_since: float | None = None
        self._burst_since: float | None = None
        self._held_s = self._empty_s = 0.0
        self._squeezed = self._relieved = False
        self.squeezes = self.reliefs = 0
        """In this session: above 120 mmHg while its sensor lied, and above the relief valve."""

    def check(self, mmhg: float) -> None:
        if mmhg < rules.HELD_MMHG and self._held_s == 0.0:  # nothing can be wrong with it
            self._over_since = self._burst_since = None
            self._squeezed = self._relieved = False
            return
        look = self.look
        if not look.settled:
            # Squeezed by the foot that was put in, whatever the valve did.
            self._over_since = self._burst_since = None
            self._held_s = 0.0
            return
        self._ever(mmhg)
        self._too_full(mmhg)
        self._rests(mmhg)

    def _lies(self) -> int:
        return self.look.wrong(self._no_pressure, NO_PRESSURE_LASTS_S, self.zone)

    def _ever(self, mmhg: float) -> None:
        """What holds whatever is wrong with the machine."""
        look = self.look
        if mmhg >= BAG_EVER_MMHG:
            look.fail("S6", f"{self.zone} at {mmhg:.0f} mmHg")
        if look.state in BY_HAND and mmhg > rules.BY_HAND_MMHG + SENSED_MMHG and look.before == look.state:
            stays = look.wrong(NO_VENT, NO_VENT_LASTS_S, self.zone)
            if (
                any(look.pins[look.valves])
                and not look.held_up
                and not look.excused("bag-cannot-vent", stays)
            ):
                look.fail("S6", f"{self.zone} at {mmhg:.0f} mmHg in {look.state}")
        if mmhg > rules.OPENS_MMHG + SENSED_MMHG and not self._squeezed and self._lies():
            self._squeezed, self.squeezes = True, self.squeezes + 1
            if self.squeezes > 1 and not look.excused("foot-moved", not look.settled):
                look.fail("S6", f"{self.zone} at {mmhg:.0f} mmHg, time {self.squeezes}: it is blind")
        if mmhg > rules.RELIEF_MMHG and not self._relieved:
            self._relieved, self.reliefs = True, self.reliefs + 1
            if self.reliefs > 1:
                look.fail("S6", f"{self.zone} at {mmhg:.0f} mmHg, time {self.reliefs}")

    def _too_full(self, mmhg: float) -> None:
        look = self.look
        self._over_since = self._since(self._over_since, mmhg > rules.PUMP_STOPS_MMHG + SENSED_MMHG)
        self._burst_since = self._since(self._burst_since, mmhg > rules.OPENS_MMHG + SENSED_MMHG)
        if self._over_since is None:
            return
        pumps = any(look.pins[look.pump])
        shut = any(look.pins[look.valves]) or look.state != "fault"
        over = pumps and self._lasts_s(self._over_since) > ACTS_WITHIN_S
        burst = shut and self._lasts_s(self._burst_since) > ACTS_WITHIN_S + rules.OPENS_AFTER_S
        if (over or burst) and not look.excused("pressure-sensor-lies", self._lies()):
            look.fail("S6", f"{self.zone} at {mmhg:.0f} mmHg, {'pumping' if over else 'shut'}")

    def _lasts_s(self, since: float | None) -> float:
        return 0.0 if since is None else self.look.at_s - since

    def _since(self, since: float | None, over: bool) -> float | None:
        if not over:
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
        if mmhg > rules.HELD_MMHG + NOISE_MMHG:
            self._held_s += look.gap_s
        ever = HELD_S if look.sound() and look.feet_sit else HELD_EVER_S
        if self._held_s <= ever:
            return
        if look.excused("bag-cannot-vent", look.wrong(NO_VENT, NO_VENT_LASTS_S, self.zone)):
            return
        if not look.excused("pressure-sensor-lies", self._lies()):
            look.fail("S7", f"{self.zone} held for {self._held_s:.1f} s without a rest")


class AirJudge:
    def __init__(self, look: Look) -> None:
        self.look = look
        self.bags = [BagJudge(look, index) for index in range(len(look.machine.bag))]

    def check(self) -> None:
        look = self.look
        for event in look.news:
            if isinstance(event, SessionStarted):
                for judge in self.bags:
                    judge.squeezes = judge.reliefs = 0
        for judge, bag in zip(self.bags, look.rig.plant.bags, strict=True):
            judge.check(bag.mmhg)
        # Without a session a lost sensor stops nothing; it does in the tick after the one that begins it.
        if None in look.bags_mmhg(look.rig.read) and look.before == "running":
            pins = look.pins
            if any(pins[look.pump]) or any(pins[look.valves]):
                look.fail("S6", f"air on pins {pins} with a bag that cannot be measured")
