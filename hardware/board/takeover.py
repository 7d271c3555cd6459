"""What earlier connections left in the pigpio daemon, removed before ours begins.

The daemon keeps scripts and SPI handles of clients that are long dead, 32 of each, and gives none of them a
name: they can only be told apart by what they do. It is this machine's alone (its unit lets it drive no other
pin, and only the converter is on its SPI), and whoever comes here has claimed it. So what it holds is of our
own dead controllers, or of a program that has no business there, which gets errors from then on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from hardware.board.lease import FAILED, HALTED, INITING, LEFT, OPEN_S, SCRIPTS, STEP_S
from hardware.errors import BoardError
from hardware.machine import Machine
from hardware.message import Count, says


@says(
    "another controller holds this machine's pins: stop it first "
    "(its lease is script {number} of the daemon on pin {pin})"
)
def lease_held(number: Count, pin: Count) -> None: ...


SPI_HANDLES = 32
"""PI_SPI_SLOTS of pigpio.h."""
LOOK_S = 2 * STEP_S
RENEWALS = 5
"""A lease that has as much left in so many looks, one after the other, is renewed: its owner lives."""


def take_over(
    connection: Any,
    machine: Machine,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Remove the leases of earlier controllers, once they have run out, and their SPI handles.

    Before any pin is touched: a dead controller's lease would drop the pins again, and one that is renewed
    is somebody else's, alive, whose pins they are. Raises BoardError for that.
    """
    give_up_s = clock() + OPEN_S
    for number in range(SCRIPTS):
        _end(connection, machine, number, give_up_s, clock, sleep)
    for handle in range(SPI_HANDLES):
        _close(connection, handle)


def _end(
    connection: Any,
    machine: Machine,
    number: int,
    give_up_s: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> None:
    renewed, before = 0, 0
    while True:
        status, params = connection.script_status(number)
        if status < 0 or status == INITING:
            return
        if status in (HALTED, FAILED):
            connection.delete_script(number)
            return
        left = params[LEFT]
        renewed = renewed + 1 if 0 < before <= left else 0
        before = left
        if renewed >= RENEWALS or clock() > give_up_s:
            raise BoardError(lease_held(Count(number), Count(machine.rail.pin)))
        sleep(LOOK_S)


def _close(connection: Any, handle: int) -> None:
    import pigpio

    try:
        connection.spi_close(handle)
    except pigpio.error:
        return  # it was not open
