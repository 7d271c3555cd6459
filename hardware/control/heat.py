"""The heated pads: each to its slowly rising setpoint, by PID on the mean of its two sensors."""

from __future__ import annotations

from msgspec.structs import replace

from hardware.control.pid import Pid
from hardware.machine import Gains, Machine, Pad
from hardware.safety import limits

PERIOD_S = 0.2
"""Heat is slow: five times a second is plenty. What the ticks between measured is averaged, which steadies
the derivative and reads between the steps of the ADC (0.1 °C at 40 °C)."""

BLIND_S = 1.0
"""A pad that cannot be measured for longer begins anew."""


class HeatControl:
    """One pad. ``None`` as target is "off now"; any number is "regulate to it"."""

    def __init__(self, pad: Pad) -> None:
        self.pad = pad
        self.setpoint_c: float | None = None
        self._pid = Pid(pad.gains, high=pad.max_duty)
        self._since_s = 0.0
        self._blind_s = 0.0
        self._sum_c = 0.0
        self._readings = 0
        self._duty = 0.0

    def use(self, gains: Gains) -> None:
        """Regulate by other gains from now on."""
        self.pad = replace(self.pad, gains=gains)
        self._pid = Pid(gains, high=self.pad.max_duty)
        self.off()

    def off(self) -> float:
        self.setpoint_c = None
        self._since_s = 0.0
        self._sum_c = 0.0
        self._readings = 0
        self._duty = 0.0
        self._pid.reset()
        return 0.0

    def update(self, target_c: float | None, measured_c: float | None, dt_s: float) -> float:
        """The duty for this tick; 0 without a target or a believable measurement. One that is missing for a
        moment costs the heat of its ticks, and nothing else."""
        self._blind_s = self._blind_s + dt_s if measured_c is None else 0.0
        if target_c is None or self._blind_s > BLIND_S or (measured_c is None and self.setpoint_c is None):
            return self.off()
        if measured_c is None:
            return 0.0
        target_c = min(target_c, self.pad.max_c, limits.PAD_TARGET_MAX_C)
        if self.setpoint_c is None:
            # Below the lowest setting nobody feels a rise: the slow part begins there.
            self.setpoint_c = min(target_c, max(measured_c, limits.PAD_TARGET_MIN_C))
            self._duty = self._pid.update(self.setpoint_c, measured_c, 0.0)
        self._since_s += dt_s
        self._sum_c += measured_c
        self._readings += 1
        self.setpoint_c = min(target_c, self.setpoint_c + limits.HEAT_C_PER_S * dt_s)
        if self._since_s >= PERIOD_S - 1e-9:
            mean_c = self._sum_c / self._readings
            self._duty = self._pid.update(self.setpoint_c, mean_c, self._since_s)
            self._since_s = 0.0
            self._sum_c = 0.0
            self._readings = 0
        return self._duty


class HeatBank:
    """All pads of a machine, in the machine file's order."""

    def __init__(self, machine: Machine) -> None:
        self.pads = [HeatControl(pad) for pad in machine.pad]

    def off(self) -> None:
        for pad in self.pads:
            pad.off()

    def update(
        self,
        targets_c: tuple[float | None, ...],
        measured_c: tuple[float | None, ...],
        dt_s: float,
    ) -> tuple[float, ...]:
        return tuple(
            control.update(target, measured, dt_s)
            for control, target, measured in zip(self.pads, targets_c, measured_c, strict=True)
        )

    @property
    def setpoints_c(self) -> tuple[float | None, ...]:
        return tuple(pad.setpoint_c for pad in self.pads)
