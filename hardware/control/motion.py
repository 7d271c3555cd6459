"""The motors: from a share of the intensity to a duty that rises slowly and never sits in the stall band."""

from __future__ import annotations

from collections.abc import Mapping

from hardware.control.slew import Slew
from hardware.machine import Machine, Motor
from hardware.safety import limits
from hardware.words import MotionKind, Side, Zone


def duty_at(motor: Motor, level: float) -> float:
    """A motor's duty at a level of 1 to 10; 0 or less is off, a level in between 0 and 1 is the lowest."""
    if level <= 0:
        return 0.0
    level = min(max(level, 1.0), 10.0)
    duty = motor.duty_at_1 + (motor.duty_at_10 - motor.duty_at_1) * (level - 1) / 9
    return min(duty, motor.max_duty)


class MotionControl:
    """All motors of a machine, in the machine file's order."""

    def __init__(self, machine: Machine) -> None:
        self.motors = machine.motor
        self._slews = [Slew(limits.DUTY_PER_S) for _ in machine.motor]

    def off(self) -> None:
        for slew in self._slews:
            slew.reset()

    def update(
        self, levels: Mapping[tuple[MotionKind, Zone], float], sides: tuple[Side, ...], dt_s: float
    ) -> tuple[float, ...]:
        duties = []
        for motor, slew in zip(self.motors, self._slews, strict=True):
            level = levels.get((motor.kind, motor.zone), 0.0) if motor.side in sides else 0.0
            duty = slew.toward(duty_at(motor, level), dt_s)
            # On the way up through the stall band a motor would only hum: it waits for the first duty
            # at which it turns.
            duties.append(duty if duty >= motor.stalls_below else 0.0)
        return tuple(duties)

    def was_cut(self, wanted: tuple[float, ...], given: tuple[float, ...]) -> None:
        """What had to give way to others rises anew from the bottom (S8)."""
        for slew, before, after in zip(self._slews, wanted, given, strict=True):
            if after < before:
                slew.reset(after)
