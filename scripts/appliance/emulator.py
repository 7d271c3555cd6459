"""A computer emulated by QEMU: its console to type at, its monitor to look from outside, its plug to pull."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

POLL_S = 0.2
MARK = "instep-proof"
_PPM = re.compile(rb"P6\s+(\d+)\s+(\d+)\s+255\s")


class GuestError(Exception):
    """The emulated computer did not do what it was told; the text ends with what its console said last."""


@dataclass(frozen=True)
class Picture:
    wide: int
    high: int
    rgb: bytes

    @classmethod
    def of_ppm(cls, data: bytes) -> Self:
        head = _PPM.match(data)
        rgb = data[head.end() :] if head else b""
        if head is None or len(rgb) != 3 * int(head[1]) * int(head[2]):
            raise GuestError("the picture is not as QEMU makes them")
        return cls(int(head[1]), int(head[2]), rgb)

    def turned(self) -> Picture:
        """Upside down."""
        pixels = [self.rgb[at : at + 3] for at in range(0, len(self.rgb), 3)]
        return Picture(self.wide, self.high, b"".join(reversed(pixels)))

    def box(self, x: float, y: float, wide: float, high: float) -> list[bytes]:
        """The pixels around a place; all are shares of the picture."""
        left, right = (round((x + side * wide / 2) * self.wide) for side in (-1, 1))
        top, end = (round((y + side * high / 2) * self.high) for side in (-1, 1))
        rows = [
            self.rgb[3 * (row * self.wide + left) : 3 * (row * self.wide + right)] for row in range(top, end)
        ]
        return [row[at : at + 3] for row in rows for at in range(0, len(row), 3)]


class Emulator:
    """QEMU with ``arguments``, for as long as the ``with`` block lasts. Its console has to log root in.

    What the console says is also kept in ``log``. ``run`` types a command and waits for its end; ``monitor``
    asks QEMU itself, which sees the machine whatever the guest does; ``pull_the_plug`` is what it says.
    """

    def __init__(self, arguments: Sequence[str], log: Path, *, serial_before: Sequence[str] = ()) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="instep-emulator-")
        folder = Path(self._folder.name)
        self._log = log.open("ab")
        self._serial, self._qmp = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        self._said = b""
        self._number = 0
        places = {name: folder / name for name in ("serial", "qmp")}
        self.process = subprocess.Popen(
            [
                *arguments,
                *("-display", "none", "-no-reboot"),
                *serial_before,
                *("-serial", f"unix:{places['serial']},server=on,wait=off"),
                *("-qmp", f"unix:{places['qmp']},server=on,wait=off"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        try:
            for connection, place in ((self._serial, places["serial"]), (self._qmp, places["qmp"])):
                self._connect(connection, place)
            self._qmp_file = self._qmp.makefile("rw")
            self._qmp_file.readline()
            self._ask("qmp_capabilities")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.pull_the_plug()
        self._serial.close()
        self._qmp.close()
        self._log.close()
        self._folder.cleanup()

    def pull_the_plug(self) -> None:
        """No shutting down, no syncing: the power is gone."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def _connect(self, connection: socket.socket, place: Path) -> None:
        deadline = time.monotonic() + 20
        while True:
            try:
                connection.connect(str(place))
                return
            except OSError:
                if self.process.poll() is not None:
                    raise GuestError(f"{self.process.args!r} ended with {self.process.returncode}") from None
                if time.monotonic() > deadline:
                    raise
                time.sleep(POLL_S)

    # --- from outside ----------------------------------------------------------------------------------

    def _ask(self, command: str, **arguments: object) -> object:
        self._qmp_file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._qmp_file.flush()
        while True:
            line = self._qmp_file.readline()
            if not line:
                raise GuestError("the emulator is gone")
            answer = json.loads(line)
            if "error" in answer:
                raise GuestError(f"{command}: {answer['error'].get('desc')}")
            if "return" in answer:
                return answer["return"]

    def monitor(self, line: str) -> str:
        """What QEMU's monitor answers to ``line``."""
        return str(self._ask("human-monitor-command", **{"command-line": line}))

    def word(self, address: int) -> int:
        """The 32 bits at a physical address, a device's register say, read past the guest."""
        said = self.monitor(f"xp /1wx {address:#x}")
        found = re.search(r":\s*(0x[0-9a-fA-F]+)", said)
        if not found:
            raise GuestError(f"the monitor cannot read {address:#x}: {said}")
        return int(found[1], 16)

    def picture(self, path: Path) -> None:
        """What is on the emulated display, as a PNG or PPM file."""
        self._ask("screendump", filename=str(path), format="png")

    def pixels(self) -> Picture:
        """What is on the emulated display."""
        place = Path(self._folder.name) / "screen.ppm"
        self._ask("screendump", filename=str(place))
        return Picture.of_ppm(place.read_bytes())

    # --- at the console --------------------------------------------------------------------------------

    def wait_for(self, pattern: str, patience_s: float) -> str:
        """Wait until the console says ``pattern``; returns everything up to there. Raises GuestError."""
        deadline = time.monotonic() + patience_s
        wanted = re.compile(pattern.encode())
        while True:
            found = wanted.search(self._said)
            if found:
                text, self._said = self._said[: found.end()], self._said[found.end() :]
                return text.decode(errors="replace")
            if time.monotonic() > deadline or self.process.poll() is not None:
                state = "ended" if self.process.poll() is not None else f"did not say {pattern!r}"
                tail = self._said[-2000:].decode(errors="replace")
                raise GuestError(f"the emulated computer {state}; it said last:\n{tail}")
            self._serial.settimeout(POLL_S)
            with contextlib.suppress(TimeoutError):
                self._said += self._keep(self._serial.recv(65536))

    def _keep(self, raw: bytes) -> bytes:
        self._log.write(raw)
        self._log.flush()
        return raw

    def log_in(self, patience_s: float) -> None:
        """Wait for root's prompt and make the console quiet."""
        self.wait_for(r"root@[^\r\n]*[#$] ", patience_s)
        # No echo, no prompt, no kernel messages in between: what comes is what commands print.
        self._serial.sendall(b"stty -echo; PS1=; dmesg -n 1; export TERM=dumb SYSTEMD_PAGER=cat\n")
        time.sleep(1)
        self.run("true", patience_s=60)

    def run(self, command: str, patience_s: float = 180, check: bool = True) -> str:
        """Type ``command`` and return what it printed. Raises GuestError when it fails or takes too long."""
        self._number += 1
        begin, end = f"{MARK}-{self._number}-begin", f"{MARK}-{self._number}-end"
        # Said in two halves, so that no echo of what was typed is taken for the answer.
        first = f"printf '%s%s\\n' {begin[:6]} {begin[6:]}"
        last = f"printf '%s%s=%s=\\n' {end[:6]} {end[6:]} $?"
        self._serial.sendall(f"{first}; {{ {command}\n}} 2>&1; {last}\n".encode())
        self.wait_for(re.escape(begin) + r"\r?\n", patience_s)
        said = self.wait_for(re.escape(end) + r"=\d+=", patience_s)
        body, _, status = said.rpartition(end)
        if check and status.strip("=") != "0":
            raise GuestError(f"{shlex.quote(command)} ended with {status.strip('=')}:\n{body}")
        return body.replace("\r\n", "\n").strip()
