"""The power budget (S16): when the supply cannot feed all that is wanted, lower-priority loads give way."""

from __future__ import annotations

from hardware.board.interface import Outputs
from hardware.machine import Machine
from hardware.words import MotionKind

GIVES_WAY: tuple[MotionKind, ...] = ("vibrate", "roll", "knead")
"""After heat, in this order. Air comes last: a bag that was begun is finished."""


def watts(outputs: Outputs, machine: Machine) -> float:
    """What these outputs draw, by the machine file's figures."""
    total = sum(duty * motor.watts for duty, motor in zip(outputs.motors, machine.motor, strict=True))
    total += outputs.pump * machine.pump.watts if machine.pump else 0.0
    total += sum(bag.watts for driven, bag in zip(outputs.valves, machine.bag, strict=True) if driven)
    return total + sum(duty * pad.watts for duty, pad in zip(outputs.heaters, machine.pad, strict=True))


def within_budget(outputs: Outputs, machine: Machine) -> Outputs:
    """The same, with loads scaled down or left out until the supply can feed it. Only ever takes away."""
    over = watts(outputs, machine) - machine.supply.watts
    if over <= 0:
        return outputs
    heat = sum(duty * pad.watts for duty, pad in zip(outputs.heaters, machine.pad, strict=True))
    keep = max(1.0 - over / heat, 0.0) if heat > 0 else 0.0
    over -= heat * (1.0 - keep)
    motors = list(outputs.motors)
    for kind in GIVES_WAY:
        for index, motor in enumerate(machine.motor):
            if over > 1e-9 and motor.kind == kind and motors[index] > 0:
                over -= motors[index] * motor.watts
                motors[index] = 0.0
    pump = outputs.pump
    if over > 1e-9 and machine.pump:
        over -= pump * machine.pump.watts
        pump = 0.0
    valves = outputs.valves if over <= 1e-9 else (False,) * len(outputs.valves)
    return Outputs(tuple(motors), pump, valves, tuple(duty * keep for duty in outputs.heaters))
