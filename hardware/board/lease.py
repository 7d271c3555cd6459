"""The lease on the power rail: renewed each tick, and everything off when it runs out (S12).

The rail's monostable wants an edge every half second. On pigpio the edges come from a script stored inside
the daemon, which counts down and, when nobody renews it, drops the rail and every power pin by itself: it
works although the controller is dead or frozen. On lgpio the edges are the controller's own, so a controller
that is gone makes none.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any, Protocol

from hardware.errors import BoardError, NotOwnerError, SwitchedOffError
from hardware.machine import Machine
from hardware.message import Message, says


@says("the lease on this machine's pins has gone from the pigpio daemon")
def lease_gone() -> None: ...


@says("another controller has taken this machine's pins")
def pins_taken() -> None: ...


@says("another program has ended this machine's lease on its power")
def lease_ended() -> None: ...


@says("the lease is closed")
def lease_closed() -> None: ...


@says("the pigpio daemon does not get its dead-man script ready")
def script_not_ready() -> None: ...


@says("the pigpio daemon does not run its dead-man script")
def script_not_run() -> None: ...


LEASE_S = 1.0
STEP_S = 0.05
"""One turn of the script: an edge up and an edge down."""
COUNT = int(LEASE_S / STEP_S)
INITING, HALTED, RUNNING, WAITING, FAILED = range(5)
SCRIPTS = 32
"""As many as the daemon can store."""
OPEN_S = 2.0
BEGIN_S = 0.25
"""A script that was told to run and has not begun by then is not going to."""
POLL_S = 0.002

RENEWAL, OWNER, ENDED, LEFT = range(4)
"""The script's parameters. A client writes the renewal alone; the others are the script's own word."""
BY_COUNT, BY_CLOCK = 1, 2
"""Why it has ended, by its own word. Without one it was stopped from outside."""
TOKENS = 1 << 30
NO_TOKEN = 0


class Lease(Protocol):
    """Renewed by every complete tick; before the first one the rail gets no edge."""

    def ran_out(self) -> bool:
        """Whether it has run out since it was last asked, and every pin has been dropped.

        To be asked before anything is written and before each renewal. Raises NotOwnerError when the lease is
        another's or gone, SwitchedOffError when somebody has ended it.
        """
        ...

    def renew(self) -> None: ...

    def end(self) -> None:
        """No edge any more, from now on; it can be renewed again."""
        ...

    def close(self) -> None: ...


def script(machine: Machine, token: int) -> str:
    """The dead-man's script in pigpio's language, which takes renewals from the owner of ``token`` alone.

    The token stands in the text: a renewal is the token, written where the script looks each turn, and taken
    away there. Another's word in that place renews nothing, so that a controller which was frozen between
    its look and its renewal feeds nobody's power but its own. Whose the script is it says itself, where no
    renewal reaches. Started without its token it drops every pin and ends.

    Between two edges it looks at the clock. A daemon that was frozen for as long as the rail holds has let
    it drop; thawed, one more edge would put power back on whatever the pins were left at. So it never makes
    that edge, and leaves the rail's pin as it is: to write it could be one.
    """
    rail = machine.rail.pin
    half = int(STEP_S * 1000 / 2)
    dropped_us = machine.rail.drops_after_ms * 1000
    look = f"t sta v1 sub v0 jm 8 cmp {dropped_us} jp 8 lda v1 sta v0"
    off = " ".join(f"w {pin} 0" for pin in machine.power_pins())
    return (
        f"ld p{OWNER} {token} ld p{ENDED} 0 ld p{LEFT} 0 t sta v0 "
        f"tag 0 lda p{RENEWAL} cmp {token} jnz 1 ld p{RENEWAL} 0 ld p{LEFT} {COUNT} "
        f"tag 1 dcr p{LEFT} jm 9 {look} w {rail} 1 mils {half} {look} w {rail} 0 mils {half} jmp 0 "
        f"tag 8 ld p{ENDED} {BY_CLOCK} jmp 7 tag 9 ld p{ENDED} {BY_COUNT} "
        f"tag 7 {off} ld p{RENEWAL} 0 ld p{LEFT} 0 halt"
    )


class ScriptLease:
    """A lease held by a script inside the pigpio daemon. Older ones are to be taken over before.

    Once it is there, every power pin is low.
    """

    def __init__(
        self,
        connection: Any,
        machine: Machine,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._pi = connection
        self._clock, self._sleep = clock, sleep
        self._token = 1 + secrets.randbelow(TOKENS)
        self._fed = self._late = False
        self._sent_s = 0.0
        self._id: int | None = connection.store_script(script(machine, self._token))
        self._until(lambda status, _: status != INITING, OPEN_S, script_not_ready())
        self._pi.run_script(self._held(), [NO_TOKEN])
        self._until(
            lambda status, params: status == HALTED and params[OWNER] == self._token,
            OPEN_S,
            script_not_run(),
        )

    def _until(self, met: Callable[[int, Any], bool], within_s: float, complaint: Message) -> None:
        give_up_s = self._clock() + within_s
        while True:
            status, params = self._pi.script_status(self._held())
            if status < 0:
                raise NotOwnerError(lease_gone())
            if met(status, params):
                return
            if self._clock() > give_up_s:
                raise BoardError(complaint)
            self._sleep(POLL_S)

    def _held(self) -> int:
        if self._id is None:
            raise BoardError(lease_closed())
        return self._id

    def ran_out(self) -> bool:
        status, params = self._pi.script_status(self._held())
        if status < 0 or params[OWNER] != self._token:
            self._id = None  # whoever's it is: it is not ours to stop or to delete
            if status < 0:
                raise NotOwnerError(lease_gone())
            raise NotOwnerError(pins_taken())
        if not self._fed or status in (RUNNING, WAITING):
            return False
        self._fed = False
        late = self._late or self._clock() - self._sent_s > LEASE_S
        if params[ENDED] == BY_CLOCK or (late and params[ENDED] == BY_COUNT):
            return True
        raise SwitchedOffError(lease_ended())

    def renew(self) -> None:
        """A renewal that comes after the end changes nothing: one that ran out is begun anew only once it has
        been asked, and everything written before that is known to be off.
        """
        sent_s = self._clock()
        if not self._fed:
            self._pi.run_script(self._held(), [self._token])
            self._fed, self._late = True, False
            self._until(
                lambda status, params: status in (RUNNING, WAITING) or params[RENEWAL] != self._token,
                BEGIN_S,
                script_not_run(),
            )
        else:
            self._pi.update_script(self._held(), [self._token])
            self._late = self._late or self._clock() - self._sent_s > LEASE_S
        self._sent_s = sent_s

    def end(self) -> None:
        self._fed = False
        self._pi.stop_script(self._held())

    def close(self) -> None:
        if self._id is not None:
            number, self._id = self._id, None
            _, params = self._pi.script_status(number)
            if params and params[OWNER] == self._token:
                self._pi.stop_script(number)
                self._pi.delete_script(number)


class EdgeLease:
    """A lease made of the controller's own edges. The kernel lends a line to one process only: nobody else
    can end it but by asking.
    """

    def __init__(
        self, factory: Any, machine: Machine, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        from gpiozero import DigitalOutputDevice

        self._rail = DigitalOutputDevice(machine.rail.pin, initial_value=False, pin_factory=factory)
        self._drops_after_s = machine.rail.drops_after_ms / 1000
        self._clock = clock
        self._renewed_at: float | None = None

    def ran_out(self) -> bool:
        if self._renewed_at is None or self._clock() - self._renewed_at <= self._drops_after_s:
            return False
        self._renewed_at = None
        return True

    def renew(self) -> None:
        self._renewed_at = self._clock()
        self._rail.toggle()

    def end(self) -> None:
        self._renewed_at = None

    def close(self) -> None:
        self._rail.off()
        self._rail.close()
