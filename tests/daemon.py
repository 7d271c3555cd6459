"""The virtual machine's daemon as a process of a test's own."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.places import ASSETS

START_S = 15.0


@dataclass
class Daemon:
    process: subprocess.Popen[bytes]
    port: int
    state: Path


@contextlib.contextmanager
def virtual_daemon(seed: int = 0) -> Iterator[Daemon]:
    with tempfile.TemporaryDirectory(prefix="vm-", dir="/tmp") as folder:
        ready, state = Path(folder) / "port", Path(folder) / "state"
        process = subprocess.Popen(
            [
                sys.executable, "-m", "hardware.virtual.daemon",
                "--machine", str(ASSETS / "machines" / "reference.toml"),
                "--port", "0", "--seed", str(seed),
                "--ready-file", str(ready), "--state-socket", str(state),
            ],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + START_S
            while not ready.exists():
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.01)
            yield Daemon(process, int(ready.read_text()), state)
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(5)
