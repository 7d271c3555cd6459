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
HOUR_S = 3600.0
MINUTE_S = 60.0
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
        self._hot: list[dict[int, float]] = [{} for _ in look.machine.pad]
        """By pad and minute: seconds at 41 °C or more, whoever sat there, however often it was started."""
        self._warm: dict[str | None, dict[int, float]] = {}
        """By person, guests as one, and minute: seconds with power at a heater."""
        self._sitting: str | None = None

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
        """S5: how warm, and for how long a person has it in any hour."""
        look = self.look
        session = look.rig.engine.session
        if session is not None:
            self._sitting = session.person
        targets = [c for c in look.rig.engine._heat.setpoints_c if c is not None]
        if targets and max(targets) > limits.PAD_TARGET_MAX_C:
            look.fail("S5", f"a target of {max(targets):.2f} °C")
        if not any(look.pins[look.heaters]):
            return
        warm = self._warm.setdefault(self._sitting, {})
        warm_s = self._count(warm, min(look.gap_s, limits.LATE_TICK_S))  # a later tick drives nothing
        if warm_s > limits.HEAT_MAX_S + 1.0:
            look.fail("S5", f"{warm_s:.0f} s of heat for {self._sitting} in an hour")

    def _count(self, by_minute: dict[int, float], seconds: float) -> float:
        """Add so much now; what there was within the hour, to a minute less."""
        minute = int(self.look.at_s // MINUTE_S)
        by_minute[minute] = by_minute.get(minute, 0.0) + seconds
        oldest = (self.look.at_s - HOUR_S) // MINUTE_S
        for old in [at for at in by_minute if at <= oldest]:
            del by_minute[old]
        return sum(by_minute.values())

    def _temperatures(self) -> None:
        look = self.look
        hottest, skin = max(look.rig.plant.pad_c), max(look.rig.plant.skin_c.values())
        if hottest < limits.PAD_HOT_TARGET_C:  # below every bound
            return
        lies = look.wrong(LIES, LIES_LAST_S)
        pad_bound = (PAD_SOUND_C, PAD_LIES_C)[lies] if lies < 2 else PAD_EVER_C
        if hottest >= pad_bound:
            look.fail("S5", f"a pad at {hottest:.1f} °C")
        if skin >= (SKIN_LIES_C if lies < 2 else SKIN_EVER_C):
            look.fail("S5", f"skin at {skin:.1f} °C")
        for celsius, hot in zip(look.rig.plant.pad_c, self._hot, strict=True):
            if celsius >= limits.PAD_HOT_TARGET_C and not lies:
                hot_s = self._count(hot, LOOK_EVERY * limits.TICK_S)
                if hot_s > limits.PAD_HOT_TARGET_S:
                    look.fail("S5", f"a pad at 41 °C or more for {hot_s:.0f} s in an hour")
