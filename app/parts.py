"""What a builder calls the machine's outputs: left kneader, foot bag, right pad, air pump."""

from __future__ import annotations

from typing import assert_never

from hardware.machine import Machine
from hardware.parts import Output

_MOTORS = {"knead": "kneader", "roll": "roller", "vibrate": "vibration motor"}


def by_key(machine: Machine) -> dict[str, Output]:
    return {output.key: output for output in machine.outputs}


def name(output: Output, machine: Machine) -> str:
    match output.family:
        case "motion":
            # The zone is said only where there are two such motors on one side.
            alike = [one for one in machine.outputs if (one.kind, one.side) == (output.kind, output.side)]
            zone = f"{output.zone} " if len(alike) > 1 else ""
            return f"{output.side} {zone}{_MOTORS[output.kind]}"
        case "air":
            return "air pump" if output.zone is None else f"{output.zone} bag"
        case "heat":
            return f"{output.side} pad"
        case _:
            assert_never(output.family)
