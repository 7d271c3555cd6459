"""What is left when the controller has died again and again: ``python -m app.last_resort``.

The service manager starts it. Everything off once more; then, at most once in six hours, the computer starts
anew, which it does by itself when this ends with 0. With any other code the machine stays off.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from app.files import write_whole
from app.places import Places, only_one
from hardware.errors import FileError, InstepError
from hardware.machine import load_machine
from hardware.safety.everything_off import REFERENCE, everything_off

log = logging.getLogger(__name__)

REBOOT, STAY = 0, 1
EVERY_S = 6 * 3600.0
QUIET_S = 15.0
"""Without a controller for so long, nobody is going to start one. Everything-off, which looks at the pins a
second time, comes between two of them."""
BACK_S = 30.0
"""A controller that has lived for so long is back."""
GIVE_UP_S = 300.0
POLL_S = 0.5
STAMP = "last-resort"
LOCK = "controller.lock"
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
LOCKS = Path("/proc/locks")


class Stamp(msgspec.Struct, frozen=True):
    """The last restart of this kind."""

    at_s: float
    """By the wall clock, which may be wrong: a Pi has none that runs on without power."""
    boot: str


@dataclass(frozen=True)
class Clocks:
    """What time it is, in the three ways that matter here."""

    wall: Callable[[], float] = time.time
    since_boot: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME)
    boot: Callable[[], str] = lambda: BOOT_ID.read_text().strip()
    sleep: Callable[[float], None] = time.sleep


def controller_lives(runtime: Path) -> bool:
    """Whether the process that took the runtime folder last still holds it; without a try to take it.

    The try could be in the way of a controller that starts at that moment.
    """
    try:
        owner = str(int((runtime / LOCK).read_text()))
        table = LOCKS.read_text()
    except (OSError, ValueError):
        return False
    # 1: FLOCK  ADVISORY  WRITE 1234 00:19:1024 0 EOF
    return any(row[1:2] == ["FLOCK"] and row[4:5] == [owner] for row in map(str.split, table.splitlines()))


def given_up(alive: Callable[[], bool], clocks: Clocks) -> bool:
    """Whether nobody starts the controller any more; watches it for a while.

    Where the service manager calls for the last resort at every death, not at the last one, the next
    controller is a second away: its pins must not be touched, nor the computer restarted.
    """
    began_s = changed_s = clocks.since_boot()
    was = alive()
    while (now_s := clocks.since_boot()) - began_s < GIVE_UP_S:
        if (there := alive()) != was:
            was, changed_s = there, now_s
        if now_s - changed_s >= (BACK_S if was else QUIET_S):
            return not was
        clocks.sleep(POLL_S)
    return False


def may_reboot(path: Path, clocks: Clocks) -> bool:
    """Whether six hours have passed for certain, or as far as the clock can be trusted.

    The uptime cannot be wrong: a restart in an earlier boot is at least as long ago.
    """
    try:
        stamp = msgspec.json.decode(path.read_bytes(), type=Stamp)
    except FileNotFoundError:
        return True
    except (OSError, msgspec.DecodeError):
        # It was there once: rather off than restarting without an end.
        return clocks.since_boot() >= EVERY_S
    if clocks.wall() - stamp.at_s >= EVERY_S:
        return True
    return stamp.boot != clocks.boot() and clocks.since_boot() >= EVERY_S


def last_resort(
    places: Places, off: Callable[[], list[str]], clocks: Clocks, *, mendable: bool = True
) -> int:
    """Everything off; REBOOT when it is time to start anew, and that is written down, else STAY.

    ``mendable``: whether starting anew might help.
    """
    if not given_up(lambda: controller_lives(places.runtime), clocks):
        log.warning("The controller is back: there is nothing to do.")
        return STAY
    try:
        with only_one(places.runtime):
            for sentence in off():
                log.error("%s", sentence)
    except InstepError as error:
        log.warning("%s", error)
        return STAY
    if not mendable:
        log.error("A restart would not mend the machine file: the machine stays off. See: instep doctor")
        return STAY
    path = places.data / STAMP
    if not may_reboot(path, clocks):
        log.error(
            "The controller has died again and again, and a restart has not helped: the machine stays off. "
            "See: journalctl -u instep-controller"
        )
        return STAY
    try:
        write_whole(path, msgspec.json.encode(Stamp(clocks.wall(), clocks.boot())).decode())
    except OSError as error:
        log.error("When this was cannot be written down (%s): the machine stays off.", error)
        return STAY
    log.error("The controller has died again and again: the computer starts anew.")
    return REBOOT


def main(arguments: list[str] | None = None) -> int:
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    parser = argparse.ArgumentParser(prog="last_resort", description="When the controller cannot be kept up.")
    parser.add_argument("--machine", type=Path, default=REFERENCE, metavar="FILE", help="machine file")
    parser.add_argument("--port", type=int, metavar="N", help="of the pigpio daemon")
    given = parser.parse_args(arguments)
    mendable = True
    try:
        machine = load_machine(given.machine)
    except FileError as error:
        log.error("%s. The reference machine's pins are driven instead.", error)
        machine, mendable = load_machine(REFERENCE), False
    return last_resort(
        Places(), lambda: everything_off(machine, port=given.port), Clocks(), mendable=mendable
    )


if __name__ == "__main__":
    sys.exit(main())
