"""A PID controller: derivative on the measurement, integral bounded and held while the output saturates."""

from __future__ import annotations

from hardware.machine import Gains


class Pid:
    """Duty 0..1 from a setpoint and a measurement in the same unit.

    The derivative acts on the filtered measurement, so that a new setpoint gives no kick. The integral is
    kept in units of output and does not grow while the output is at a bound and the error pushes further
    out (anti-windup by conditional integration).
    """

    def __init__(self, gains: Gains, *, high: float = 1.0, filter_s: float = 4.0) -> None:
        self.gains = gains
        self.high = high
        self.filter_s = filter_s
        self.integral = 0.0
        self._filtered: float | None = None

    def reset(self) -> None:
        self.integral = 0.0
        self._filtered = None

    def update(self, setpoint: float, measured: float, dt_s: float) -> float:
        """One step; ``dt_s`` is the measured time since the last. Returns the output, 0..``high``."""
        if self._filtered is None:
            self._filtered = measured
        slope = 0.0
        if dt_s > 0:
            share = dt_s / (self.filter_s + dt_s)
            step = (measured - self._filtered) * share
            self._filtered += step
            slope = step / dt_s
        error = setpoint - measured
        held = self.gains.kp * error - self.gains.kd * slope
        grown = self.integral + self.gains.ki * error * dt_s
        output = held + grown
        pushes_out = (output > self.high and error > 0) or (output < 0.0 and error < 0)
        if not pushes_out:
            self.integral = min(max(grown, 0.0), self.high)
        return min(max(held + self.integral, 0.0), self.high)
