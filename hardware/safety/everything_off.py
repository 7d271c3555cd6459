"""Everything off, on its own: ``python -m hardware.safety.everything_off``.

The service manager runs it after the controller has died; a person may at any time. It needs no controller,
no history and no screen, only the machine file. It says what it did and what it could not reach, and exits
with 0 only when every power pin was reached.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hardware.board.factory import drop_connection, open_factory
from hardware.errors import BoardError, FileError
from hardware.machine import Machine, load_machine

REFERENCE = Path(__file__).resolve().parents[2] / "assets" / "machines" / "reference.toml"


def pins_off(machine: Machine, drive_low: Callable[[int], None]) -> list[str]:
    """Drive every power pin low, the rail's last. Returns what could not be, a sentence each.

    The rail lives on edges, and lowering its pin may be one: by then nothing is left that could use it.
    """
    missed = []
    for pin in (*machine.power_pins(), machine.rail.pin):
        try:
            drive_low(pin)
        except Exception as error:  # whatever a driver raises: the next pin is tried all the same
            missed.append(f"pin {pin} could not be driven low: {type(error).__name__}: {error}")
    return missed


def everything_off(machine: Machine, *, port: int | None = None) -> list[str]:
    """Everything off on the machine's own pins. Returns what could not be reached, empty when all was.

    The stored script that feeds the rail is stopped first: left to itself it would go on for its second.
    """
    try:
        factory = open_factory(machine, port=port)
    except BoardError as error:
        return [str(error)]
    try:
        if machine.pins.factory == "pigpio":
            return _through_pigpio(factory.connection, machine)
        return _through_gpiozero(factory, machine)
    finally:
        if machine.pins.factory == "pigpio":
            drop_connection(factory)
        else:
            factory.close()


def _through_pigpio(connection: Any, machine: Machine) -> list[str]:
    from hardware.board.lease import HALTED, SCRIPTS

    missed = []
    for number in range(SCRIPTS):
        try:
            status, _ = connection.script_status(number)
            if status > HALTED:
                connection.stop_script(number)
        except Exception as error:
            missed.append(f"script {number} could not be stopped: {type(error).__name__}: {error}")
            break
    return missed + pins_off(machine, lambda pin: connection.write(pin, 0))


def _through_gpiozero(factory: Any, machine: Machine) -> list[str]:
    from gpiozero import DigitalOutputDevice

    devices = []

    def drive_low(pin: int) -> None:
        devices.append(DigitalOutputDevice(pin, initial_value=False, pin_factory=factory))

    missed = pins_off(machine, drive_low)
    for device in devices:
        device.close()
    return missed


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="everything_off", description="Every power pin low, now.")
    parser.add_argument("--machine", type=Path, default=REFERENCE, metavar="FILE", help="machine file")
    parser.add_argument("--port", type=int, metavar="N", help="of the pigpio daemon")
    given = parser.parse_args(arguments)
    try:
        machine = load_machine(given.machine)
    except FileError as error:
        sys.stderr.write(f"{error}\nThe reference machine's pins are driven instead.\n")
        machine = load_machine(REFERENCE)
    missed = everything_off(machine, port=given.port)
    for sentence in missed:
        sys.stderr.write(f"{sentence}\n")
    if missed:
        sys.stderr.write("Cut the 12 V supply if anything still moves or warms.\n")
        return 1
    sys.stdout.write(f"Everything is off: {len(machine.power_pins()) + 1} pins of {machine.name}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
