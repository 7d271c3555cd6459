"""The reference machine, and the daemon as a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pigpio
import pytest

from hardware.machine import Machine, load_machine
from hardware.virtual.watch import StateClient

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "assets" / "machines" / "reference.toml"
DEADLINE_S = 10.0


def until(condition: Callable[[], object], deadline_s: float = DEADLINE_S) -> None:
    """Poll until ``condition`` holds; fail when it has not by the deadline."""
    ends_s = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < ends_s, "it did not happen in time"
        time.sleep(0.002)


class DaemonProcess:
    """A running daemon: its port, its state socket, and clients that end with it."""

    def __init__(self, directory: Path, *options: str) -> None:
        ready, self.state_socket = directory / "ready", directory / "state"
        self.process = subprocess.Popen(
            [
                sys.executable,
                *("-m", "hardware.virtual.daemon", "--machine", str(REFERENCE), "--seed", "1"),
                *("--ready-file", str(ready), "--state-socket", str(self.state_socket), *options),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._clients: list[pigpio.pi] = []
        try:
            until(lambda: ready.exists() or self.process.poll() is not None)
            self.port = int(ready.read_text())
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
        return StateClient(self.state_socket)

    def stop(self) -> int:
        for client in self._clients:
            client.stop()
        self._clients.clear()
        self.process.terminate()
        try:
            code = self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


@pytest.fixture(scope="session")
def machine() -> Machine:
    return load_machine(REFERENCE)


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    running = DaemonProcess(tmp_path_factory.mktemp("daemon"))
    yield running
    running.stop()


@pytest.fixture
def pi(daemon: DaemonProcess) -> Iterator[pigpio.pi]:
    """The genuine client, on a daemon whose power pins are all low inputs again afterwards."""
    client = daemon.client()
    yield client
    for gpio in (*range(12, 28), 5):
        client.set_mode(gpio, pigpio.INPUT)
    for script in range(32):
        with suppress(pigpio.error):
            client.delete_script(script)
    daemon.leave(client)
