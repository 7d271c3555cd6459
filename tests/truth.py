"""The safety rules as seen from the far end: pins, rail and plant, whatever the controller believes.

A fault in the machine itself excuses exactly what it makes impossible: a valve that is stuck shut cannot
vent its bag. Nothing excuses power at a pin that has to be off.
"""

from __future__ import annotations

from hardware.safety import limits
from hardware.safety.budget import watts
from tests.rig import Rig

PAD_SOUND_C = limits.PAD_HOT_C
PAD_EVER_C = 46.0
"""With any fault: below what the thermostat in the pad allows, and where skin is not burnt within minutes."""
SKIN_EVER_C = 43.0
BAG_EVER_MMHG = 155.0
"""The relief valve's own bound: what is left when a sensor lies."""
PUMP_STOPS_WITHIN_S = 0.4
NOISE_MMHG = 3.0
SENSED_MMHG = 6.0
"""How far a sound sensor's zero may have drifted since it was last found."""
PUT_IN_S = 4.0
HELD_S = limits.BAG_HELD_EVER_S + 1.0
VENT_S = limits.VENT_S + 0.2

NO_VENT = {"valve-stuck-shut", "hose-kinked", "valves-swapped"}
NO_PRESSURE = {"pressure-offset", "pressure-frozen", "adc-dead", "adc-stuttering"}
NO_HEAT_TRUTH = {"heater-stuck-on", "sensor-frozen", "sensor-detached", "sensor-offset", "adc-dead"}
NO_HEAT_TRUTH |= {"adc-stuttering", "heaters-swapped", "sensors-swapped"}


class ViolationError(AssertionError):
    """A rule did not hold."""


class Truth:
    """Call ``check`` after every tick."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        bags = len(rig.machine.bag)
        self._off_since: float | None = None
        self._put_in_at = -1e9
        self._feet = dict(rig.plant.feet)
        self._over_since: list[float | None] = [None] * bags
        self._held_s = [0.0] * bags
        self._seen: set[str] = set()

    def check(self) -> None:
        rig = self.rig
        self._seen |= {active.name for active in rig.plant.faults.active()}
        self._look_at_feet()
        self._outputs()
        self._rest()
        self._heat()
        self._air()
        session = rig.engine.session
        if session is not None:
            self._must(rig.now - session.started_at <= limits.SESSION_MAX_S + 0.1, "S9", "longer than 30 min")

    def _must(self, holds: bool, rule: str, what: str) -> None:
        if not holds:
            faults = ", ".join(map(str, self.rig.plant.faults.active())) or "no faults"
            raise ViolationError(f"{rule} at {self.rig.now:.2f} s, {self.rig.engine.state}, {faults}: {what}")

    def _look_at_feet(self) -> None:
        """The plant puts a foot in at once, which squeezes what air there is as no person could."""
        feet = dict(self.rig.plant.feet)
        if any(feet[side] and not self._feet[side] for side in feet):
            self._put_in_at = self.rig.now
        self._feet = feet

    @property
    def _feet_sit(self) -> bool:
        """Both feet are in, and have been for long enough to fit a bag."""
        return all(self._feet.values()) and self.rig.now - self._put_in_at > PUT_IN_S

    def _outputs(self) -> None:
        machine, out = self.rig.machine, self.rig.engine.outputs
        for duty, motor in zip(out.motors, machine.motor, strict=True):
            sound = duty == 0 or motor.stalls_below <= duty <= motor.max_duty
            self._must(sound, "S1", f"{motor.kind} {motor.side} at {duty}")
        self._must(all(0 <= duty <= 1 for duty in out.heaters), "S1", f"heaters {out.heaters}")
        drawn = watts(out, machine)
        self._must(drawn <= machine.supply.watts + 1e-6, "S16", f"{drawn:.1f} W")
        for duty, pad in zip(out.heaters, machine.pad, strict=True):
            if duty > 0:
                readings = self.rig.read
                index = machine.pad.index(pad)
                good = all(c is not None and c < limits.PAD_HOT_C for c in readings.pads_c[index])
                self._must(good, "S4", f"{pad.side} heated at {readings.pads_c[index]}")

    def _rest(self) -> None:
        rig = self.rig
        pins = {pin: rig.board.wiring.duties.get(pin, 0.0) for pin in rig.machine.power_pins()}
        if rig.engine.state == "running":
            self._off_since = None
            return
        on = {pin: duty for pin, duty in pins.items() if duty > 0}
        self._must(not on, "S2", f"pins {on}")
        if self._off_since is None:
            self._off_since = rig.now
        # A bag with no foot in it holds several times the air, and holds nobody.
        if rig.now - self._off_since > VENT_S and self._feet_sit and not NO_VENT & self._seen:
            self._must(max(rig.plant.bag_mmhg) < limits.BAG_EMPTY_MMHG, "S3", f"bags {rig.plant.bag_mmhg}")

    def _heat(self) -> None:
        hottest = max(self.rig.plant.pad_c)
        bound = PAD_EVER_C if NO_HEAT_TRUTH & self._seen else PAD_SOUND_C
        self._must(hottest < bound, "S5", f"a pad at {hottest:.1f} °C")
        skin = max(self.rig.plant.skin_c.values())
        self._must(skin < SKIN_EVER_C, "S5", f"skin at {skin:.1f} °C")

    def _air(self) -> None:
        rig = self.rig
        lies = bool(NO_PRESSURE & self._seen)
        for index, mmhg in enumerate(rig.plant.bag_mmhg):
            zone = rig.machine.bag[index].zone
            if rig.now - self._put_in_at > PUT_IN_S:
                self._must(mmhg < BAG_EVER_MMHG, "S6", f"{zone} at {mmhg:.0f} mmHg")
            over = mmhg > limits.BAG_PUMP_STOP_MMHG + SENSED_MMHG and not lies
            since = self._over_since[index] if over else None
            self._over_since[index] = rig.now if over and since is None else since
            if since is not None and rig.now - since > PUMP_STOPS_WITHIN_S:
                self._must(rig.engine.outputs.pump == 0, "S6", f"pumping with {zone} at {mmhg:.0f} mmHg")
            held = mmhg > limits.BAG_HELD_MMHG + NOISE_MMHG
            self._held_s[index] = self._held_s[index] + limits.TICK_S if held else 0.0
            if not (NO_VENT | NO_PRESSURE) & self._seen:
                self._must(
                    self._held_s[index] <= HELD_S, "S7", f"{zone} held for {self._held_s[index]:.1f} s"
                )
