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

EXIT_OK, EXIT_UNUSABLE = 0, 2


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
            self._transport.write(reply(command, p1, p2, result, more))

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
        self._waits = True
        self._hold()
        answer = reply(command, delay, p2, 0)
        asyncio.get_running_loop().call_later(delay * unit_s, self._go_on, answer)

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
        self._servers: list[asyncio.Server] = []
        self._state_socket: Path | None = None
        self._ticking: asyncio.Task[None] | None = None

    async def start(self, port: int, state_socket: Path | None = None) -> int:
        """Listen on loopback; answers the port. Raises OSError when it is taken."""
        loop = asyncio.get_running_loop()
        sockets = listen_on_loopback(port)
        chosen: int = sockets[0].getsockname()[1]
        for listener in sockets:
            self._servers.append(
                await loop.create_server(lambda: Connection(self.commands, self._connections), sock=listener)
            )
        if state_socket is not None:
            self._servers.append(await serve_state(StateFace(self.commands), state_socket))
            self._state_socket = state_socket
        self._ticking = loop.create_task(self._tick())
        return chosen

    async def _tick(self) -> None:
        while True:
            self.commands.periodic()
            await asyncio.sleep(PERIOD_S)

    def close(self) -> None:
        """Stop listening, end every connection and script."""
        if self._ticking is not None:
            self._ticking.cancel()
        for server in self._servers:
            server.close()
        for connection in list(self._connections):
            connection.close()
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
