"""What a builder calls the machine's outputs, and the pins they are on."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from hardware.machine import Machine, Motor
from hardware.words import DrivenPart

_MOTORS = {"knead": "kneader", "roll": "roller", "vibrate": "vibration motor"}


class Output(Struct, frozen=True):
    """One output of the machine."""

    part: DrivenPart | Literal["pump"]
    index: int
    """Into the machine file's motors, bags or pads."""
    name: str
    """Such as left kneader, foot bag, right pad."""
    pin: int

    @property
    def key(self) -> str:
        return f"{self.part} {self.index}"


def outputs(machine: Machine) -> tuple[Output, ...]:
    """Every output that can be driven on its own, motors first, then bags, then pads."""
    motors = [
        Output("motor", index, _motor(motor, machine), motor.pin) for index, motor in enumerate(machine.motor)
    ]
    bags = [Output("bag", index, f"{bag.zone} bag", bag.valve_pin) for index, bag in enumerate(machine.bag)]
    pads = [Output("pad", index, f"{pad.side} pad", pad.pin) for index, pad in enumerate(machine.pad)]
    return (*motors, *bags, *pads)


def _motor(motor: Motor, machine: Machine) -> str:
    """The zone is said only where there are two such motors on one side."""
    alike = [other for other in machine.motor if (other.kind, other.side) == (motor.kind, motor.side)]
    zone = f"{motor.zone} " if len(alike) > 1 else ""
    return f"{motor.side} {zone}{_MOTORS[motor.kind]}"


def everything(machine: Machine) -> tuple[Output, ...]:
    """What can be seen to move: the outputs, and the pump that only runs for a bag."""
    pump = machine.pump
    return (*outputs(machine), *(() if pump is None else (Output("pump", 0, "air pump", pump.pin),)))


def by_key(machine: Machine) -> dict[str, Output]:
    """The same, each by its key."""
    return {output.key: output for output in everything(machine)}
