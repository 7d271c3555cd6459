"""The virtual machine as a daemon: pigpio's socket protocol on loopback, in real time.

    python -m hardware.virtual.daemon --machine assets/machines/reference.toml --port 0

The genuine clients run against it unmodified. It listens on loopback only.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hardware.errors import FileError
from hardware.machine import Machine, load_machine
from hardware.virtual.commands import Commands
from hardware.virtual.gpio import EVERY_PIN
from hardware.virtual.plant import Plant, PlantParams
from hardware.virtual.protocol import FRAME, MAX_EXTENSION, Cmd, Err, reply
from hardware.virtual.scripts import MAX_MICS, MAX_MILS
from hardware.virtual.watch import StateFace, serve_state
from hardware.virtual.wiring import Wiring

PERIOD_S = 0.02
"""How often the plant's time moves on when nobody asks."""
MAX_UNREAD = 1 << 18
"""A connection with more than this waiting for it gets no more notifications."""
PORT_TRIES = 20

LAST_WORD_S = 0.05
"""For the answer to whoever put in the fault that ends it."""

EXIT_OK, EXIT_DIED, EXIT_UNUSABLE = 0, 1, 2


class Connection(asyncio.Protocol):
    """One client's connection, for commands or for notifications.

    A request announcing too long an extension ends it; what it got wrong harms nobody else.
    """

    def __init__(self, commands: Commands, everyone: set[Connection]) -> None:
        self._commands = commands
        self._everyone = everyone
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._waits = False
        self._full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self._commands.gone:
            transport.abort()
            return
        self._transport = transport
        self._everyone.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._everyone.discard(self)
        self._commands.forget(self._notify)

    def pause_writing(self) -> None:
        self._full = True
        self._hold()

    def resume_writing(self) -> None:
        self._full = False
        self._hold()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._waits:
            self._serve()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _serve(self) -> None:
        """Answer every whole request in the buffer, in order."""
        buffer = self._buffer
        while len(buffer) >= FRAME.size and self._transport is not None and not self._waits:
            command, p1, p2, size = FRAME.unpack_from(buffer)
            if size >= MAX_EXTENSION:
                self.close()
                return
            end = FRAME.size + size
            if len(buffer) < end:
                return
            extension = bytes(buffer[FRAME.size : end])
            del buffer[:end]
            if command in (Cmd.MICS, Cmd.MILS):
                self._delay(command, p1, p2)
                continue
            if command == Cmd.NOIB:
                result, more = self._commands.listen(self._notify), b""
            else:
                result, more = self._commands.do(command, p1, p2, extension)
            answer = reply(command, p1, p2, result, more)
            if self._commands.reply_delay_s > 0.0:
                self._answer_later(answer, self._commands.reply_delay_s)
            else:
                self._transport.write(answer)

    def _delay(self, command: int, delay: int, p2: int) -> None:
        """A delay holds up this connection only."""
        assert self._transport is not None
        limit, unit_s, error = (
            (MAX_MICS, 1e-6, Err.BAD_MICS_DELAY)
            if command == Cmd.MICS
            else (MAX_MILS, 1e-3, Err.BAD_MILS_DELAY)
        )
        if delay > limit:
            self._transport.write(reply(command, delay, p2, error))
            return
        self._answer_later(reply(command, delay, p2, 0), delay * unit_s)

    def _answer_later(self, answer: bytes, delay_s: float) -> None:
        self._waits = True
        self._hold()
        asyncio.get_running_loop().call_later(delay_s, self._go_on, answer)

    def _go_on(self, answer: bytes) -> None:
        self._waits = False
        if self._transport is not None:
            self._transport.write(answer)
            self._hold()
            self._serve()

    def _hold(self) -> None:
        """Read on only while there is room for answers and no delay to sit out."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._full or self._waits:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _notify(self, report: bytes) -> None:
        if self._transport is not None and self._transport.get_write_buffer_size() < MAX_UNREAD:
            self._transport.write(report)


class Daemon:
    """The virtual machine, its listeners and its clock. Starts listening with :meth:`start`."""

    def __init__(
        self,
        machine: Machine,
        *,
        seed: int = 0,
        params: PlantParams | None = None,
        mask: int = EVERY_PIN,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.plant = Plant(machine, params, seed)
        self.wiring = Wiring(machine, self.plant, clock())
        self.commands = Commands(machine, self.wiring, clock, mask)
        self._connections: set[Connection] = set()
        self._doors: list[asyncio.Server] = []
        """Where pigpio's clients come in; none while the daemon is gone."""
        self._port = 0
        self._watched: asyncio.Server | None = None
        self._state_socket: Path | None = None
        self._ticking: asyncio.Task[None] | None = None
        self.end_process: Callable[[], None] = lambda: os._exit(EXIT_DIED)
        """How it dies of a fault: with nothing cleared up."""
        self.plant.faults.connect_daemon()
        self.plant.faults.listeners.append(self._follow_faults)

    async def start(self, port: int, state_socket: Path | None = None) -> int:
        """Listen on loopback; answers the port. Raises OSError when it is taken."""
        self._port = port
        await self._open()
        if state_socket is not None:
            self._watched = await serve_state(StateFace(self.commands), state_socket)
            self._state_socket = state_socket
        self._ticking = asyncio.get_running_loop().create_task(self._tick())
        return self._port

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        sockets = listen_on_loopback(self._port)
        self._port = sockets[0].getsockname()[1]
        for listener in sockets:
            self._doors.append(
                await loop.create_server(lambda: Connection(self.commands, self._connections), sock=listener)
            )

    async def _tick(self) -> None:
        while True:
            self.commands.periodic()
            if not self._doors and not self.commands.gone:
                with suppress(OSError):  # somebody else has the port: again at the next tick
                    await self._open()
                self._follow_faults()  # it may have gone again meanwhile
            await asyncio.sleep(PERIOD_S)

    def _follow_faults(self) -> None:
        damage = self.plant.faults.damage
        self.commands.reply_delay_s = 0.0 if damage is None else damage.reply_delay_s
        self.commands.gone = damage is not None and damage.daemon_gone
        if self.commands.gone and self._doors:
            self._shut()
            self.commands.die()
        if damage is not None and damage.daemon_died:
            asyncio.get_running_loop().call_later(LAST_WORD_S, self.end_process)

    def _shut(self) -> None:
        for server in self._doors:
            server.close()
        self._doors.clear()
        for connection in list(self._connections):
            connection.close()

    def close(self) -> None:
        """Stop listening, end every connection and script."""
        if self._ticking is not None:
            self._ticking.cancel()
        self._shut()
        if self._watched is not None:
            self._watched.close()
        self.commands.scripts.close()
        if self._state_socket is not None:
            self._state_socket.unlink(missing_ok=True)
            self._state_socket = None


def listen_on_loopback(port: int) -> list[socket.socket]:
    """Sockets bound to 127.0.0.1 and, where there is one, ::1 at the same port; 0 chooses a free one.

    Raises OSError when the port is taken on either.
    """
    for tries_left in reversed(range(PORT_TRIES)):
        first = _bound(socket.AF_INET, "127.0.0.1", port)
        try:
            second = _bound(socket.AF_INET6, "::1", first.getsockname()[1])
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                return [first]  # this machine has no IPv6
            first.close()
            if port or not tries_left:
                raise
        else:
            return [first, second]
    raise AssertionError("the last try returns or raises")


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def serve(
    machine: Machine,
    port: int = 0,
    seed: int = 0,
    params: PlantParams | None = None,
    ready: Path | None = None,
    state_socket: Path | None = None,
    mask: int = EVERY_PIN,
) -> int:
    """Be the virtual machine until SIGTERM or SIGINT; answers an exit code.

    Prints ``listening on 127.0.0.1:PORT`` once it does, and writes the port to ``ready``. 2: it cannot
    listen, with one line on standard error that says why.
    """
    return asyncio.run(_serve(machine, port, seed, params, ready, state_socket, mask))


async def _serve(
    machine: Machine,
    port: int,
    seed: int,
    params: PlantParams | None,
    ready: Path | None,
    state_socket: Path | None,
    mask: int,
) -> int:
    daemon = Daemon(machine, seed=seed, params=params, mask=mask)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    where = f"127.0.0.1:{port}"
    try:
        chosen = await daemon.start(port, state_socket)
        where = f"127.0.0.1:{chosen}"
        if ready is not None:
            _write_whole(ready, f"{chosen}\n")
    except (OSError, OverflowError) as error:
        daemon.close()
        reason = getattr(error, "strerror", None) or error
        sys.stderr.write(f"the virtual machine cannot listen on {where}: {reason}\n")
        return EXIT_UNUSABLE
    sys.stdout.write(f"listening on {where}\n")
    sys.stdout.flush()
    try:
        await stop.wait()
    finally:
        daemon.close()
        if ready is not None:
            ready.unlink(missing_ok=True)
    return EXIT_OK


def _write_whole(path: Path, text: str) -> None:
    """Whoever sees the file sees all of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(path)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="hardware.virtual.daemon", description="The virtual machine.")
    parser.add_argument("--machine", type=Path, required=True, metavar="FILE", help="machine file")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="0 chooses a free one")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the sensors' noise")
    parser.add_argument("--ready-file", type=Path, metavar="PATH", help="gets the port once it listens")
    parser.add_argument("--state-socket", type=Path, metavar="PATH", help="unix socket to watch it by")
    parser.add_argument(
        "--mask",
        type=lambda text: int(text, 0),
        default=EVERY_PIN,
        metavar="BITS",
        help="pins that may be changed, a bit each (as pigpiod's -x)",
    )
    given = parser.parse_args(arguments)
    try:
        machine = load_machine(given.machine)
    except FileError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_UNUSABLE
    return serve(
        machine,
        given.port,
        given.seed,
        ready=given.ready_file,
        state_socket=given.state_socket,
        mask=given.mask,
    )


if __name__ == "__main__":
    sys.exit(main())
