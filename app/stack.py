"""The processes of one machine, started and ended together: virtual machine, controller, kiosk.

On the appliance the service manager does this. Here it is done for a laptop and for ``instep run``.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from app.link.client import Client
from app.link.wire import endpoints
from app.places import Places, machine_file, only_one
from hardware.errors import TerminalError
from hardware.machine import Machine
from hardware.senders import Role

START_S = 15.0
END_S = 5.0
KEEP_S = 15.0
"""Kiosk and controller write what they have yet to keep: a disk may be slow."""
POLL_S = 0.02
DEATHS = 5
DEATHS_WITHIN_S = 60.0
"""More deaths of one process than that in so long are not bad luck."""


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Being told to go waits until a process that was started is known, or nobody would end it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda told, _frame: held.append(told)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for told in held:
            signal.raise_signal(told)


class Stack:
    """A controller on its pins, for as long as the ``with`` block lasts.

    ``virtual`` puts the virtual machine behind the pins; otherwise they are the machine file's own.
    ``role`` is that of ``client``. What
    the processes say goes to ``log``. Raises InstepError when one of them does not come up.

        with Stack(machine_path, machine, places, virtual=True) as stack:
            client = stack.client
    """

    def __init__(
        self,
        machine_path: Path,
        machine: Machine,
        places: Places,
        *,
        virtual: bool,
        role: Role = "command-line",
    ) -> None:
        self._machine_path = machine_path
        self._by_default = machine_path == machine_file(None, places)
        self.machine = machine
        self.places = places
        self.virtual = virtual
        self._role: Role = role
        self.log = places.runtime / "log"
        self.state_socket = places.runtime / "virtual"
        self.port: int | None = None
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._client: Client | None = None
        self._deaths: dict[str, list[float]] = {}
        self._kiosk_options: tuple[str, ...] = ()
        self._kiosk_since = 0.0

    def __enter__(self) -> Self:
        self.places.make()
        endpoints(
            self.places.runtime
        )  # a path that no socket can have is better said before than by a process
        with only_one(self.places.runtime):
            pass  # say so before anything is started, or anybody's log is touched
        self.log.unlink(missing_ok=True)
        try:
            if self.virtual:
                self._start_virtual()
            self._start_controller()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def machine_path(self) -> Path:
        """The machine file in use; tuned pads make the default one the owner's own."""
        return machine_file(None, self.places) if self._by_default else self._machine_path

    @property
    def client(self) -> Client:
        assert self._client is not None
        return self._client

    def pid(self, name: str) -> int:
        """The process number of ``virtual``, ``controller`` or ``kiosk``."""
        return self._processes[name].pid

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one of Instep's commands as a process of this stack."""
        with self.log.open("ab") as log, _undisturbed():
            process = self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", "app", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                # Ctrl-C belongs to the one in front, who ends the others in their order.
                start_new_session=True,
            )
        return process

    def _start_virtual(self) -> None:
        ready = self.places.runtime / "virtual.port"
        ready.unlink(missing_ok=True)
        self.start_virtual("--ready-file", str(ready))
        self._wait("virtual", ready.exists)
        self.port = int(ready.read_text())

    def start_virtual(self, *more: str) -> None:
        """Start the virtual machine, or start it again where it was."""
        self.start(
            "virtual",
            "virtual",
            "--machine", str(self.machine_path),
            "--port", str(self.port or 0),
            "--state-socket", str(self.state_socket),
            *more,
        )  # fmt: skip

    def tend(self) -> None:
        """Start again what has died, as the service manager does on the appliance; call now and then.

        Raises InstepError when something dies again and again.
        """
        now = time.monotonic()
        starts: tuple[tuple[str, Callable[[], None]], ...] = (
            ("virtual", self.start_virtual),
            ("controller", self.start_controller),
            ("kiosk", lambda: self.start_kiosk(*self._kiosk_options)),
        )
        for name, start in starts:
            gone = name in self._processes and not self.running(name)
            if gone and (name != "kiosk" or self.kiosk_ended() is None):
                deaths = [at for at in self._deaths.get(name, ()) if now - at < DEATHS_WITHIN_S]
                self._deaths[name] = [*deaths, now]
                if len(deaths) >= DEATHS:
                    raise TerminalError(
                        f"the {name} dies again and again: {self._last_words()}; see {self.log}"
                    )
                start()

    def _start_controller(self) -> None:
        self.start_controller()
        client = self._client = Client(self.places.runtime, self._role)
        self._wait("controller", lambda: client.wait(POLL_S))

    def start_controller(self) -> None:
        """Start the controller, or start it again."""
        port = () if self.port is None else ("--port", str(self.port))
        self.start(
            "controller",
            "controller",
            "--machine", str(self.machine_path),
            "--data", str(self.places.data),
            "--runtime", str(self.places.runtime),
            *port,
            # A virtual machine is wired as it should be, and nobody wants to wait for it.
            *(["--no-pulses"] if self.virtual else []),
        )  # fmt: skip

    def start_kiosk(self, *more: str) -> None:
        """Start the kiosk, or start it again."""
        self._kiosk_options = more
        self._kiosk_since = time.monotonic()
        self.start(
            "kiosk",
            "kiosk",
            "--machine", str(self.machine_path),
            "--data", str(self.places.data),
            "--runtime", str(self.places.runtime),
            *more,
        )  # fmt: skip

    def kiosk_ended(self) -> int | None:
        """The code the kiosk ended with when it was closed or could not start.

        None while it is shown, and when it died: a crash of the screen shall cost nobody the session.
        """
        code = self._processes["kiosk"].poll()
        crashed = code is not None and (
            code < 0 or (code > 0 and time.monotonic() - self._kiosk_since > START_S)
        )
        return None if crashed else code

    def _wait(self, name: str, there: object) -> None:
        assert callable(there)
        deadline = time.monotonic() + START_S
        while not there():
            code = self._processes[name].poll()
            if code is not None:
                raise TerminalError(f"the {name} did not start: {self._last_words()}")
            if time.monotonic() > deadline:
                raise TerminalError(f"the {name} did not start within {START_S:.0f} s; see {self.log}")
            time.sleep(POLL_S)

    def _last_words(self) -> str:
        try:
            lines = self.log.read_text(errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1].removeprefix("Error: ") if lines else "it said nothing"

    def running(self, name: str) -> bool:
        process = self._processes.get(name)
        return process is not None and process.poll() is None

    def close(self) -> None:
        """End them: the screen first, the machine last. A controller that ends stops its session."""
        if self._client is not None:
            self._client.close()
            self._client = None
        for name in ("kiosk", "controller", "virtual"):
            process = self._processes.pop(name, None)
            if process is None or process.poll() is not None:
                continue
            process.terminate()
            try:
                process.wait(END_S if name == "virtual" else KEEP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
