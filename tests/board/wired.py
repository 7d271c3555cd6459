"""Controllers wired to a virtual daemon in this very process and in a time of its own.

The genuine client's sockets are taken away under its feet: what it sends is done at once, in the order in
which it was sent, so that one controller can be frozen between any two of its messages while others go on.
"""

from __future__ import annotations

import asyncio
import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import pytest
from msgspec.structs import replace

from hardware.board.factory import open_factory
from hardware.board.gpio import GpioBoard
from hardware.board.interface import Outputs, all_off
from hardware.errors import BoardError, SwitchedOffError
from hardware.machine import Machine
from hardware.safety import limits
from hardware.virtual.commands import Commands
from hardware.virtual.plant import Plant
from hardware.virtual.protocol import FRAME, Cmd, reply
from hardware.virtual.wiring import RAIL, Wiring
from tests.shaped import flat

SOME = flat((0.5, 0.4, 0.3, 0.0, 0.6, 0.0), 0.8, (True, False, True, False), (0.25, 0.5))
SCRIPTS = frozenset({Cmd.PROC, Cmd.PROCD, Cmd.PROCP, Cmd.PROCR, Cmd.PROCS, Cmd.PROCU})
OTHER = flat((0.4, 0.5, 0.0, 0.3, 0.0, 0.6), 0.7, (False, True, False, True), (0.5, 0.25))


class _Jumping(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    """Waits for nothing: time jumps to where something is due."""

    now_s = 1000.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is not None and timeout > 0:
            self.now_s += timeout
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.jumping = _Jumping()
        super().__init__(self.jumping)

    def time(self) -> float:
        return self.jumping.now_s


class Wire:
    """A socket of the genuine client's, as far as it uses one."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._answers = b""
        self._closed = threading.Event()
        self.owner = world.wiring_for

    def send(self, data: bytes) -> int:
        if self._closed.is_set():
            raise BrokenPipeError
        self._answers += self._world.do(self, bytes(data))
        return len(data)

    sendall = send

    def recv(self, size: int, _flags: int = 0) -> bytes:
        if not self._answers:
            self._closed.wait()  # the client's thread, for notifications that nobody sends
        found, self._answers = self._answers[:size], self._answers[size:]
        return found

    def hears(self, _report: bytes) -> None:
        """A notification. Nobody waits for one here."""

    def close(self) -> None:
        """The second time it is the client's own thread, which has no business in the daemon."""
        if not self._closed.is_set():
            self._closed.set()
            self._world.commands.forget(self.hears)

    def shutdown(self, _how: int) -> None:
        self.close()

    def settimeout(self, _seconds: float | None) -> None: ...
    def setsockopt(self, *_option: object) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


class World:
    """One daemon and its machine. ``before`` is called before each message, with sender and command."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.loop = _Loop()
        self.wiring = Wiring(machine, Plant(machine), self.loop.time())
        self.commands = Commands(machine, self.wiring, self.loop.time)
        self.before: Callable[[str, int], None] = lambda _name, _command: None
        self.wiring_for = ""
        self.boards: list[GpioBoard] = []
        self._wires: list[Wire] = []

    def connect(self, _address: object, _timeout: object = None) -> Wire:
        wire = Wire(self)
        self._wires.append(wire)
        return wire

    def do(self, wire: Wire, data: bytes) -> bytes:
        command, p1, p2, size = FRAME.unpack_from(data)
        self.before(wire.owner, command)
        extension = data[FRAME.size : FRAME.size + size]

        def done() -> tuple[int, bytes]:
            if command == Cmd.NOIB:
                return self.commands.listen(wire.hears), b""
            return self.commands.do(command, p1, p2, extension)

        async def done_in_loop() -> tuple[int, bytes]:
            return done()

        # Whatever has to do with scripts runs in the loop; most messages have not, and a loop is slow.
        answer = self.loop.run_until_complete(done_in_loop()) if command in SCRIPTS else done()
        return reply(command, p1, p2, *answer)

    def now(self) -> float:
        return self.loop.time()

    def pass_time(self, seconds: float) -> None:
        async def passed() -> None:
            await asyncio.sleep(seconds)

        self.loop.run_until_complete(passed())
        self.commands.periodic()

    def pins(self) -> dict[int, float]:
        """The loads' pins that are driven."""
        return {pin: self.wiring.duties[pin] for pin in self.machine.power_pins() if self.wiring.duties[pin]}

    def spans(self, *, rail: bool) -> list[tuple[float, float]]:
        """When a load's pin was driven, with the ``rail`` alive or whatever it was; up to now."""
        driven: set[int | str] = set()
        alive = False
        found: list[tuple[float, float]] = []
        since: float | None = None
        for at, pin, duty in (*self.wiring.edges, (self.now(), -1, 0.0)):
            if pin == RAIL:
                alive = bool(duty)
            elif pin != self.machine.rail.pin:
                (driven.add if duty else driven.discard)(pin)
            on = bool(driven) and (alive or not rail) and pin != -1
            if on and since is None:
                since = at
            elif not on and since is not None:
                found.append((since, at))
                since = None
        return found

    def close(self) -> None:
        self.before = lambda _name, _command: None
        for board in self.boards:
            board.abandon()
        for wire in self._wires:
            wire.close()
        self.commands.scripts.close()
        self.pass_time(0.01)
        self.loop.close()


@contextmanager
def world(machine: Machine) -> Iterator[World]:
    found = World(machine)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "create_connection", found.connect)
        try:
            yield found
        finally:
            found.close()


class Controller:
    """A board, ticked as the loop does it; without a claim, so that two can be had."""

    def __init__(self, name: str, around: World) -> None:
        self.name, self.world = name, around
        self.told: list[BoardError] = []
        self.board: GpioBoard | None = None
        around.wiring_for = name
        # gpiozero shares one SPI among all boards of a process at the same host: each has a name of its own.
        machine = replace(around.machine, pins=replace(around.machine.pins, host=name))
        self.board = GpioBoard(
            machine, factory=open_factory(machine, port=1), clock=around.now, sleep=around.pass_time
        )
        around.boards.append(self.board)

    def tick(self, outputs: Outputs | None = None, *, feed: bool = True) -> None:
        """One whole tick; what is lost is let go, as the loop does it."""
        if self.board is not None:
            try:
                self.board.read()
                self.board.write(outputs or all_off(self.world.machine))
                if feed:
                    self.board.keep_alive()
            except SwitchedOffError as error:
                self.told.append(error)
            except BoardError as error:
                self.told.append(error)
                self.board.close()
                self.board = None
        self.world.pass_time(limits.TICK_S)

    def live(self, seconds: float, outputs: Outputs | None = None, *, feed: bool = True) -> None:
        until = self.world.now() + seconds - 1e-6
        while self.world.now() < until:
            self.tick(outputs, feed=feed)

    def die(self) -> None:
        """As by SIGKILL: nothing is said any more."""
        if self.board is not None:
            self.board.abandon()
            self.world.boards.remove(self.board)
            self.board = None
