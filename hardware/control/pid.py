"""A PID controller in series form: derivative on the measurement, integral bounded and held at saturation."""

from __future__ import annotations

from hardware.machine import Gains

FILTER_S = 4.0
"""Of the derivative: slow enough for a 10-bit ADC, short beside a pad sensor's lag of 10 s."""


class Pid:
    """Duty 0..1 from a setpoint and a measurement in the same unit.

    Series (interacting) form: the measurement is first led by ``kd / kp`` seconds, then both P and I act on
    what comes out. With ``kd / kp`` equal to the sensor's lag the lead cancels it, and the controller works
    on where the pad is rather than on where the sensor says it was. (Skogestad, "Simple analytic rules for
    model reduction and PID controller tuning", J. Process Control 13, 2003, tunes in this form.) In the
    textbook's parallel form the integral looks back: it still grows when the pad is at its target already.

    The derivative acts on the filtered measurement, so that a new setpoint gives no kick. The integral is
    kept in units of output and does not grow while the output is at a bound and the error pushes further
    out (anti-windup by conditional integration).
    """

    def __init__(self, gains: Gains, *, high: float = 1.0, filter_s: float = FILTER_S) -> None:
        self.gains = gains
        self.high = high
        self.filter_s = filter_s
        self.integral = 0.0
        self._lead_s = gains.kd / gains.kp if gains.kp > 0 else 0.0
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
        led_error = error - self._lead_s * slope
        held = self.gains.kp * error - self.gains.kd * slope
        grown = self.integral + self.gains.ki * led_error * dt_s
        output = held + grown
        pushes_out = (output > self.high and led_error > 0) or (output < 0.0 and led_error < 0)
        if not pushes_out:
            self.integral = min(max(grown, 0.0), self.high)
        return min(max(held + self.integral, 0.0), self.high)
