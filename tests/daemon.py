"""The virtual machine's daemon as a process of a test's own, and patience."""

from __future__ import annotations

import contextlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pigpio

from app.places import ASSETS
from hardware.virtual.watch import StateClient

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ASSETS / "machines" / "reference.toml"
DEADLINE_S = 60.0


def until(condition: Callable[[], object], deadline_s: float = DEADLINE_S) -> None:
    """Poll until ``condition`` holds; fail when it has not by the deadline."""
    ends_s = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < ends_s, "it did not happen in time"
        time.sleep(0.002)


class Daemon:
    """A running daemon: its port, its state socket, and clients that end with it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.ready, self.state = folder / "port", folder / "state"
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "hardware.virtual.daemon", "--machine", str(REFERENCE),
                "--ready-file", str(self.ready), "--state-socket", str(self.state), *options,
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        self._clients: list[pigpio.pi] = []
        try:
            until(lambda: self.ready.exists() or self.process.poll() is not None)
            self.port = int(self.ready.read_text())
        except BaseException:
            self.stop()
            raise

    def client(self) -> pigpio.pi:
        client = pigpio.pi("localhost", self.port)
        assert client.connected
        self._clients.append(client)
        return client

    def leave(self, client: pigpio.pi) -> None:
        self._clients.remove(client)
        client.stop()

    def watch(self) -> StateClient:
        return StateClient(self.state)

    def stop(self) -> int:
        """End it, however it is; answers its exit code."""
        for client in self._clients:
            client.stop()
        self._clients.clear()
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            code = self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


@contextlib.contextmanager
def raw(daemon: Daemon) -> Iterator[socket.socket]:
    """A connection without the genuine client's manners."""
    with socket.create_connection(("127.0.0.1", daemon.port), DEADLINE_S) as plain:
        yield plain


def ask(plain: socket.socket, command: int, p1: int = 0, p2: int = 0, extension: bytes = b"") -> int:
    """Send one request; the result in its reply, which no extension may follow."""
    plain.sendall(struct.pack("<IIII", command, p1, p2, len(extension)) + extension)
    reply = b""
    while len(reply) < 16:
        part = plain.recv(16 - len(reply))
        assert part, "the connection was closed"
        reply += part
    got_command, got_p1, got_p2, result = struct.unpack("<IIIi", reply)
    assert (got_command, got_p1, got_p2) == (command, p1, p2)
    return int(result)


@contextlib.contextmanager
def virtual_daemon(seed: int = 0) -> Iterator[Daemon]:
    with tempfile.TemporaryDirectory(prefix="vm-", dir="/tmp") as folder:
        running = Daemon(Path(folder), "--seed", str(seed))
        try:
            yield running
        finally:
            running.stop()
