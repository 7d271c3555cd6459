"""Everything off, on its own: ``python -m hardware.safety.everything_off``.

The service manager runs it after the controller has died; a person may at any time, beside a living one, too,
which then stays off until a person confirms it there. It needs no controller, no history and no screen, only
the machine file. It looks at the pins again before it says that they are off, says what it could not reach or
what came on again, and exits with 0 only when every power pin is off.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hardware.board.claim import Claim, Request, place_of
from hardware.board.factory import drop_connection, open_factory
from hardware.errors import BoardError, FileError
from hardware.machine import Machine, load_machine

REFERENCE = Path(__file__).resolve().parents[2] / "assets" / "machines" / "reference.toml"

LOOK_AFTER_S = 2.0
"""Longer than any lease, and than a controller takes to write its outputs again."""
ROUNDS = 2
"""What came on again is switched off once more; then it is somebody else's doing, and is said."""
ANSWER_S = 1.0
"""A living controller looks twenty times a second whether it is asked."""
LEVELS, LEVELS_EVERY_S = 5, 0.02
"""A pin that is pulsed without PWM shows in one of so many looks."""


def pins_off(machine: Machine, drive_low: Callable[[int], None]) -> list[str]:
    """Drive every power pin low, the rail's last. Returns what could not be, a sentence each.

    The rail lives on edges, and lowering its pin may be one: by then nothing is left that could use it.
    """
    missed = []
    for pin in every_pin(machine):
        try:
            drive_low(pin)
        except Exception as error:  # whatever a driver raises: the next pin is tried all the same
            missed.append(f"pin {pin} could not be driven low: {type(error).__name__}: {error}")
    return missed


def every_pin(machine: Machine) -> tuple[int, ...]:
    return (*machine.power_pins(), machine.rail.pin)


def everything_off(
    machine: Machine, *, port: int | None = None, wait: Callable[[float], None] = time.sleep
) -> list[str]:
    """Everything off on the machine's own pins. Returns what is not, a sentence each, empty when all is.

    A living controller is asked, too, and told by its lease, so that it does not put the power back. Where
    there is none, none can begin before this has ended. ``wait`` lets seconds pass before the second look.
    """
    try:
        factory = open_factory(machine, port=port)
    except BoardError as error:
        return [str(error)]
    try:
        with contextlib.ExitStack() as held:
            place = place_of(factory, machine)
            try:
                held.callback(Claim(place).release)
                owner = None
            except BoardError:
                owner = place
            if machine.pins.factory == "pigpio":
                return _through_pigpio(factory.connection, machine, owner, wait)
            return _through_gpiozero(factory, machine, owner, wait)
    finally:
        if machine.pins.factory == "pigpio":
            drop_connection(factory)
        else:
            factory.close()


def _through_pigpio(
    connection: Any, machine: Machine, owner: str | None, wait: Callable[[float], None]
) -> list[str]:
    """Whether a controller lives, hangs or lies: what counts is what the daemon says of its pins."""
    amiss: list[str] = []
    for _ in range(ROUNDS):
        amiss = _stop_leases(connection)
        amiss += pins_off(machine, lambda pin: connection.write(pin, 0))
        if owner is not None:
            Request(owner).done(ANSWER_S)
        wait(LOOK_AFTER_S)
        amiss += _still_on(connection, machine, wait)
        if not amiss:
            break
    return amiss


def _stop_leases(connection: Any) -> list[str]:
    """The stored script that feeds the rail: left to itself it would go on for its second."""
    try:
        for number in _running(connection):
            connection.stop_script(number)
    except Exception as error:
        return [f"the scripts that feed the rail could not be stopped: {type(error).__name__}: {error}"]
    return []


def _running(connection: Any) -> list[int]:
    from hardware.board.lease import RUNNING, SCRIPTS, WAITING

    return [n for n in range(SCRIPTS) if connection.script_status(n)[0] in (RUNNING, WAITING)]


def _still_on(connection: Any, machine: Machine, wait: Callable[[float], None]) -> list[str]:
    """What the daemon drives high, by level and by PWM, or would."""
    try:
        on = {pin for pin in every_pin(machine) if _duty(connection, pin)}
        for _ in range(LEVELS):
            on |= {pin for pin in every_pin(machine) if connection.read(pin)}
            wait(LEVELS_EVERY_S)
        fed = _running(connection)
    except Exception as error:
        return [f"the pins could not be looked at again: {type(error).__name__}: {error}"]
    told = [f"pin {pin} is on again" for pin in every_pin(machine) if pin in on]
    return told + [f"script {number} in the pigpio daemon feeds the rail again" for number in fed]


def _duty(connection: Any, pin: int) -> int:
    import pigpio

    try:
        return int(connection.get_PWM_dutycycle(pin))
    except pigpio.error:
        return 0  # no PWM on it


def _through_gpiozero(
    factory: Any, machine: Machine, owner: str | None, wait: Callable[[float], None]
) -> list[str]:
    """The kernel lends each line to one process: a living controller has to let go of its power itself."""
    if owner is not None:
        if Request(owner).done(ANSWER_S):
            wait(LOOK_AFTER_S)
            # Asked again, it looks at its pins and drives them low once more before it says so.
            if Request(owner).done(ANSWER_S):
                return []
        return ["the controller that holds the pins does not answer: end it, then its power ends, too"]
    from gpiozero import DigitalOutputDevice

    devices: dict[int, Any] = {}

    def drive_low(pin: int) -> None:
        devices[pin] = DigitalOutputDevice(pin, initial_value=False, pin_factory=factory)

    amiss = pins_off(machine, drive_low)
    wait(LOOK_AFTER_S)
    for pin, device in devices.items():
        try:
            if device.value:
                amiss.append(f"pin {pin} is on again")
        except Exception as error:
            amiss.append(f"pin {pin} could not be looked at again: {type(error).__name__}: {error}")
        device.close()
    return amiss


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
    amiss = everything_off(machine, port=given.port)
    for sentence in amiss:
        sys.stderr.write(f"{sentence}\n")
    if amiss:
        sys.stderr.write("Cut the 12 V supply if anything still moves or warms.\n")
        return 1
    sys.stdout.write(f"Everything is off: {len(every_pin(machine))} pins of {machine.name}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
