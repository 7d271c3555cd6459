"""The lease on the power rail: renewed each tick, and everything off when it runs out (S12).

The rail's monostable wants an edge every half second. On pigpio the edges come from a script stored inside
the daemon, which counts a parameter down and, when nobody renews it, drops the rail and every power pin by
itself: it works although the controller is dead or frozen. On lgpio the edges are the controller's own, so
a controller that is gone makes none.
"""

from __future__ import annotations

import time
from typing import Any, Protocol

from hardware.errors import BoardError
from hardware.machine import Machine

LEASE_S = 1.0
STEP_S = 0.05
"""One turn of the script: an edge up and an edge down."""
COUNT = int(LEASE_S / STEP_S)
INITING, HALTED, _RUNNING, _WAITING, FAILED = range(5)
SCRIPTS = 32
"""As many as the daemon can store."""
OPEN_S = 2.0


class Lease(Protocol):
    """Renewed by every complete tick; before the first one the rail gets no edge."""

    def ran_out(self) -> bool:
        """It was not renewed in time, and every pin has been dropped. To be asked before each renewal."""
        ...

    def renew(self) -> None: ...

    def close(self) -> None: ...


def script(machine: Machine) -> str:
    """The dead-man's script in pigpio's language; parameter 0 counts it down.

    Between two edges it looks at the clock. A daemon that was frozen for as long as the rail holds has let
    it drop; thawed, one more edge would put power back on whatever the pins were left at. So it never makes
    that edge, and leaves the rail's pin as it is: to write it could be one.
    """
    rail = machine.rail.pin
    half = int(STEP_S * 1000 / 2)
    dropped_us = machine.rail.drops_after_ms * 1000
    look = f"t sta v1 sub v0 jm 9 cmp {dropped_us} jp 9 lda v1 sta v0"
    off = " ".join(f"w {pin} 0" for pin in machine.power_pins())
    return (
        f"t sta v0 tag 0 dcr p0 jm 9 {look} w {rail} 1 mils {half} {look} w {rail} 0 mils {half} jmp 0 "
        f"tag 9 {off} ld p0 0 halt"
    )


def take_over(connection: Any, machine: Machine) -> None:
    """Remove the leases that earlier controllers left, once they have run out.

    Before any pin is touched: a dead controller's lease would drop the pins again, and one that does not
    run out is somebody else's, alive, whose pins they are. Raises BoardError for that.
    """
    deadline = time.monotonic() + OPEN_S
    for number in range(SCRIPTS):
        while True:
            status, _ = connection.script_status(number)
            if status < 0 or status == INITING:
                break
            if status in (HALTED, FAILED):
                connection.delete_script(number)
                break
            if time.monotonic() > deadline:
                raise BoardError(
                    "another controller holds this machine's pins: stop it first "
                    f"(its lease is script {number} of the daemon on pin {machine.rail.pin})"
                )
            time.sleep(STEP_S)


class ScriptLease:
    """A lease held by a script inside the pigpio daemon. Older ones are to be taken over before."""

    def __init__(self, connection: Any, machine: Machine) -> None:
        self._pi = connection
        self._id: int | None = connection.store_script(script(machine))
        self._fed = self._out = False
        self._wait_ready()

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + OPEN_S
        while self._status() == INITING:
            if time.monotonic() > deadline:
                raise BoardError("the pigpio daemon does not get its dead-man script ready")
            time.sleep(0.002)

    def _status(self) -> int:
        status, _ = self._pi.script_status(self._held())
        return int(status)

    def _held(self) -> int:
        if self._id is None:
            raise BoardError("the lease is closed")
        return self._id

    def ran_out(self) -> bool:
        self._out = self._fed and self._status() in (HALTED, FAILED)
        return self._out

    def renew(self) -> None:
        # One that ran out since it was asked stays out until it has been asked again.
        if self._fed and not self._out:
            self._pi.update_script(self._held(), [COUNT])
            return
        self._pi.run_script(self._held(), [COUNT])
        self._fed, self._out = True, False

    def close(self) -> None:
        if self._id is not None:
            number, self._id = self._id, None
            self._pi.stop_script(number)
            self._pi.delete_script(number)


class EdgeLease:
    """A lease made of the controller's own edges."""

    def __init__(self, factory: Any, machine: Machine) -> None:
        from gpiozero import DigitalOutputDevice

        self._rail = DigitalOutputDevice(machine.rail.pin, initial_value=False, pin_factory=factory)
        self._drops_after_s = machine.rail.drops_after_ms / 1000
        self._renewed_at: float | None = None

    def ran_out(self) -> bool:
        return self._renewed_at is not None and time.monotonic() - self._renewed_at > self._drops_after_s

    def renew(self) -> None:
        self._renewed_at = time.monotonic()
        self._rail.toggle()

    def close(self) -> None:
        self._rail.off()
        self._rail.close()
