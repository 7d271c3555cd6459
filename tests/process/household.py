"""Virtual machine, controller and screen as processes, and when their loads had power.

Times are the virtual machine's own. The screen has no window, but is a process that owns its sessions; this
one only looks on, and never proves that a screen is alive.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any

import msgspec

from app.stack import Stack
from hardware.messages import EngineCommand, Reply, Resume, Start
from hardware.safety import limits
from hardware.virtual.watch import StateClient
from hardware.virtual.wiring import RAIL, Edge
from tests.process.screen import PATIENCE_S, Screen

Span = tuple[float, float]


def powered(before: Mapping[str, Any], edges: Sequence[Edge], rail_pin: int) -> list[Span]:
    """When any load had power: its pin driven and the rail alive. Begins with the state ``before``.

    A span that lasts ends at infinity. Times are the machine's, monotonic seconds.
    """
    duties = {int(pin): state["duty"] for pin, state in before["pins"].items() if int(pin) != rail_pin}
    rail = bool(before["rail"])
    since = before["now_s"] if rail and any(duties.values()) else None
    spans: list[Span] = []
    for at, pin, duty in edges:
        if pin == RAIL:
            rail = bool(duty)
        else:
            duties[int(pin)] = duty
        on = rail and any(duties.values())
        if on and since is None:
            since = at
        elif not on and since is not None:
            spans.append((since, at))
            since = None
    return spans if since is None else [*spans, (since, inf)]


class Household(Screen):
    """Someone who looks at the whole machine from outside, and does with it what nobody should.

    The stack is tended as its own front does, but for as long as ``lets_lie_until`` has not come.
    """

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack, alive=False)
        self.lets_lie_until = 0.0
        self._start_screen()

    def _start_screen(self) -> None:
        self.screen = subprocess.Popen(
            [sys.executable, "-m", "tests.process.headless", str(self.stack.places.runtime)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is not for it
        )

    def close(self) -> None:
        self.screen.kill()
        self.screen.communicate()
        self.watch.close()

    def pump(self) -> None:
        if time.monotonic() >= self.lets_lie_until:
            self.stack.tend()
            if self.screen.poll() is not None:
                self.screen.communicate()
                self._start_screen()
        super().pump()

    def on_screen(self, command: EngineCommand) -> Reply:
        """Give a command at the screen: the session is that process's from then on."""
        assert self.screen.stdin is not None
        assert self.screen.stdout is not None
        self.screen.stdin.write(msgspec.json.encode(command) + b"\n")
        self.screen.stdin.flush()
        return msgspec.json.decode(self.screen.stdout.readline(), type=Reply)

    def start(self, program: str = "circulation", minutes: int = 20, intensity: int = 5) -> str:
        self.until(lambda: self.client.latest and self.client.latest.state == "idle")
        start = Start(program=program, minutes=minutes, intensity=intensity, heat_c=38.0, answers=())
        replies: list[Reply] = []

        def begun() -> bool:
            if self.screen.poll() is None:
                replies.append(self.on_screen(start))  # it may be new, and not have found the controller yet
            return bool(replies) and replies[-1].ok

        self.until(begun)
        return replies[-1].session

    def live_for(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= ends, seconds + PATIENCE_S)

    def strike(self, name: str, number: signal.Signals) -> float:
        """Send a signal to one of the processes; the time by which it had it."""
        os.kill(self.screen.pid if name == "screen" else self.stack.pid(name), number)
        return time.monotonic()

    def look_again(self) -> None:
        """At a virtual machine that has been started anew."""
        self.watch.close()
        self.until(self.stack.state_socket.is_socket, PATIENCE_S)
        self.watch = StateClient(self.stack.state_socket)

    # --- the far end --------------------------------------------------------------------------------------

    def powered_since(self, before: Mapping[str, Any]) -> list[Span]:
        return powered(before, self.watch.edges(before["now_s"]), self.stack.machine.rail.pin)

    def until_off(self, before: Mapping[str, Any], within_s: float) -> float:
        """When the last power pin went low, whether or not the rail was alive."""
        self.until(lambda: not self.power(), within_s)
        rail = (RAIL, self.stack.machine.rail.pin)
        offs = [at for at, pin, duty in self.watch.edges(before["now_s"]) if pin not in rail and duty == 0]
        return max(offs, default=before["now_s"])

    def until_empty(self, within_s: float) -> float:
        """When every bag was seen to be empty."""
        seen = self.watch.state()
        begun = time.monotonic()
        while max(seen["bags_mmhg"]) >= limits.BAG_EMPTY_MMHG:
            assert time.monotonic() - begun < within_s, seen["bags_mmhg"]
            self.pump()
            seen = self.watch.state()
        return float(seen["now_s"])

    # --- the session --------------------------------------------------------------------------------------

    def goes_on(self) -> None:
        """Runs on for longer than it would without a screen; where it was paused, a person resumes it."""
        mark = inf

        def long_enough() -> bool:
            nonlocal mark
            now = self.client.latest
            assert now is not None
            if now.session is None:
                return False
            if now.state == "paused":
                mark = inf
                self.on_screen(Resume())  # again, if the new one has not found the controller yet
            elif now.state == "running":
                mark = min(mark, now.session.elapsed_s)
            return now.session.elapsed_s - mark > limits.SCREEN_PAUSE_S + 0.5

        self.until(long_enough, PATIENCE_S)

    def processor_s(self, name: str) -> float:
        """Seconds of processor that a process has used."""
        fields = Path(f"/proc/{self.stack.pid(name)}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
