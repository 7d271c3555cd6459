"""S4, S5: heat only on good readings, never too warm, never too long; told from pins, pads and skin."""

from __future__ import annotations

from hardware.safety import limits
from tests.judge.look import Look

PAD_SOUND_C = limits.PAD_HOT_C
PAD_LIES_C = 46.0
"""With a fault: below what the thermostat in the pad allows, and where skin is not burnt within minutes."""
PAD_EVER_C = 51.0
"""With several that hide each other: what the thermostat leaves, 50 °C and how far heat goes on for."""
SKIN_LIES_C = 43.0
SKIN_EVER_C = 46.0
HOT_TRUE_C = limits.PAD_HOT_TARGET_C + 0.9
"""A pad regulated to just below 41 °C is below this, with its sensors' errors and its ripple."""
COOLS_S = 180.0
LIES = frozenset(
    {
        *("heater-stuck-on", "sensor-frozen", "sensor-detached", "sensor-offset", "adc-dead"),
        *("sensor-reversed", "adc-stuttering", "heaters-swapped", "sensors-swapped"),
    }
)
LIES_LAST_S = 900.0
"""A pad and a foot that became too warm need this long to cool."""
LOOK_EVERY = 4
"""Ticks: the plant moves heat in steps of 0.2 s, at most 0.03 °C each."""


class HeatJudge:
    def __init__(self, look: Look) -> None:
        self.look = look
        self._session: object = None
        self._hot_s = self._heated_s = self._truly_hot_s = 0.0

    def check(self) -> None:
        look = self.look
        if not look.machine.pad:
            return
        heaters = look.pins[look.heaters]
        if any(heaters):
            self._readings(heaters)
        self._targets()
        if look.turn % LOOK_EVERY == 0:
            self._temperatures()

    def _readings(self, heaters: tuple[float, ...]) -> None:
        """S4, by what the controller was told in this tick."""
        read = self.look.rig.read
        for duty, pad, sensors in zip(heaters, self.look.machine.pad, read.pads_c, strict=True):
            if duty == 0:
                continue
            for celsius in sensors:
                if celsius is None or not celsius < limits.PAD_HOT_C:
                    self.look.fail("S4", f"{pad.side} heated at {sensors}")
        if self.look.at_s - read.at_s > limits.SENSOR_STALE_S:
            self.look.fail("S4", f"heated on readings {self.look.at_s - read.at_s:.1f} s old")

    def _targets(self) -> None:
        """S5: how warm, and for how long in a session."""
        look = self.look
        session = look.rig.engine.session
        if session is not self._session:
            self._session = session
            self._hot_s = self._heated_s = self._truly_hot_s = 0.0
        if session is None:
            return
        targets = [c for c in look.rig.engine._heat.setpoints_c if c is not None]
        if not targets:
            return
        highest = max(targets)
        gap_s = min(look.gap_s, limits.LATE_TICK_S)  # a tick that comes later drives nothing
        self._heated_s += gap_s
        self._hot_s += gap_s if highest >= limits.PAD_HOT_TARGET_C else 0.0
        if highest > limits.PAD_TARGET_MAX_C:
            look.fail("S5", f"a target of {highest:.2f} °C")
        if self._heated_s > limits.HEAT_MAX_S + 1.0 or self._hot_s > limits.PAD_HOT_TARGET_S + 1.0:
            look.fail(
                "S5", f"heated for {self._heated_s:.0f} s, {self._hot_s:.0f} s of them at 41 °C or more"
            )

    def _temperatures(self) -> None:
        look = self.look
        hottest, skin = max(look.rig.plant.pad_c), max(look.rig.plant.skin_c.values())
        if hottest < HOT_TRUE_C:  # below every bound
            return
        lies = look.wrong(LIES, LIES_LAST_S)
        pad_bound = (PAD_SOUND_C, PAD_LIES_C)[lies] if lies < 2 else PAD_EVER_C
        if hottest >= pad_bound:
            look.fail("S5", f"a pad at {hottest:.1f} °C")
        if skin >= (SKIN_LIES_C if lies < 2 else SKIN_EVER_C):
            look.fail("S5", f"skin at {skin:.1f} °C")
        if self._session is not None and not lies:
            self._truly_hot_s += LOOK_EVERY * limits.TICK_S
            if self._truly_hot_s > limits.PAD_HOT_TARGET_S + COOLS_S:
                look.fail("S5", f"a pad above {HOT_TRUE_C} °C for {self._truly_hot_s:.0f} s")
