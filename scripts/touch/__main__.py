"""The command line of ``scripts/test-touch``: a palm rests on the glass, and another finger taps Stop.

Each trial: a session, a palm of one to five contacts anywhere but on Stop (there before it, or come since,
at rest or restless), then a tap on Stop by a finger, or the mouse. What counts is the virtual machine's pins.
Now and then the kiosk is killed with the palm on the glass, so that it starts with it.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from app.places import Places, machine_file
from app.stack import Stack
from hardware.machine import load_machine
from hardware.messages import Alive, Reply, Start
from hardware.virtual.watch import StateClient
from scripts.touch.xserver import XServer, missing

SIZE = (800, 480)
STOP = (0.87, 0.91)
STOP_IS = (0.55, 0.74)
"""Stop is right of and below this; a palm stays away from it."""
SHOWN_S = 1.5
"""A session's screen has come up by then."""
SOON_S = 3.0
UP_S = 60.0
AGAIN_S = 15.0
TAPS = {"finger": 0.75, "mouse": 0.25}
GOING = ("running", "paused")


class FailedError(Exception):
    """A rule does not hold."""


class Bench:
    """The whole of Instep in the server's window, and what is seen of it."""

    def __init__(self, stack: Stack, server: XServer, seed: int, top: float, rotation: int) -> None:
        self.stack, self.server = stack, server
        self._top = top
        self._rotation = rotation
        self.dice = random.Random(seed)
        self.watch = StateClient(stack.state_socket)
        self._alive_s = 0.0
        self._lying: dict[int, tuple[float, float]] = {}
        self._older: set[int] = set()
        """What has lain there since before the kiosk's window: a window manager has the mouse for so long."""
        self._started_s = 0.0
        self._next = 0

    # --- the machine --------------------------------------------------------------------------------------

    def pump(self, seconds: float = 0.02) -> None:
        """The session is this bench's: it proves that it is alive, for the kiosk only looks on."""
        now = time.monotonic()
        if now >= self._alive_s:
            self._alive_s = now + 0.2
            self.stack.client.send(Alive())
        self.stack.client.wait(seconds)

    def pass_(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.pump()

    def until(self, what: Callable[[], object], within_s: float, name: str) -> float:
        begun = time.monotonic()
        while not what():
            if time.monotonic() - begun > within_s:
                raise FailedError(f"not within {within_s:.0f} s: {name} ({self.state}, {self.powered()})")
            self.pump()
        return time.monotonic() - begun

    @property
    def state(self) -> str:
        latest = self.stack.client.latest
        return "" if latest is None else latest.state

    def powered(self) -> list[str]:
        """Pins with power behind them, but for the rail."""
        rail = str(self.stack.machine.rail.pin)
        return [pin for pin, now in self.watch.state()["pins"].items() if now["duty"] > 0 and pin != rail]

    def begin(self) -> None:
        self.until(lambda: self.state == "idle", UP_S, "at rest")
        replies: list[Reply] = []
        # As mild as after a palm that has told of pain.
        start = Start(program="circulation", minutes=20, intensity=2, heat_c=None, answers=())
        self.stack.client.send(start, replies.append)
        self.until(lambda: replies, SOON_S, "an answer")
        if not replies[0].ok:
            raise FailedError(replies[0].reason)
        self.until(lambda: self.state == "running", SOON_S, "a session")

    # --- the hand -----------------------------------------------------------------------------------------

    def lay(self) -> None:
        """A palm, or more of it."""
        for _ in range(self.dice.randint(1, 5 - min(4, len(self._lying)))):
            place = STOP
            while _on_stop(place) or place[1] < self._top:
                place = (self.dice.random(), self.dice.random())
            self._next += 1
            self._lying[self._next] = place
            self.server.touchscreen.down(self._next, *self._on_panel(place))
            if self.dice.random() < 0.5:
                self.pass_(0.02)

    def fidget(self) -> None:
        for finger, (x, y) in list(self._lying.items()):
            chance = self.dice.random()
            if chance < 0.4:
                place = (x + self.dice.uniform(-0.02, 0.02), y + self.dice.uniform(-0.02, 0.02))
                if not _on_stop(place) and 0 <= place[0] <= 1 and self._top <= place[1] <= 1:
                    self._lying[finger] = place
                    self.server.touchscreen.move(finger, *self._on_panel(place))
            elif chance < 0.55:
                self.lift(finger)

    def lift(self, *fingers: int) -> None:
        for finger in fingers or tuple(self._lying):
            self.server.touchscreen.up(finger, *self._on_panel(self._lying.pop(finger)))
        self.server.touchscreen.settle()

    def _on_panel(self, place: tuple[float, float]) -> tuple[float, float]:
        """Where a place of the picture is on a panel that shows it turned clockwise."""
        x, y = place
        for _ in range(self._rotation // 90):
            x, y = 1 - y, x
        return x, y

    def tap(self, by: str) -> None:
        """On Stop, for as long as a tap takes."""
        if by == "mouse":
            mouse = self.server.mouse
            mouse.move(*self._on_panel(STOP))
            mouse.press(1, True)
            self.pass_(self.dice.uniform(0, 0.15))
            mouse.press(1, False)
            mouse.settle()
            return
        self._next += 1
        finger, touchscreen = self._next, self.server.touchscreen
        touchscreen.down(finger, *self._on_panel(STOP))
        if self.dice.random() < 0.7:
            # Otherwise down and up are one breath for the server.
            self.pass_(self.dice.uniform(0, 0.15))
        touchscreen.up(finger, *self._on_panel(STOP))
        touchscreen.settle()

    # --- the kiosk ----------------------------------------------------------------------------------------

    def kiosk_again(self) -> None:
        """It dies, and starts with whatever lies on the glass."""
        self._older, self._started_s = set(self._lying), time.monotonic()
        os.kill(self.stack.pid("kiosk"), signal.SIGKILL)
        while self.stack.running("kiosk"):
            self.pump()
        self.stack.tend()
        self.kiosk_up()

    def kiosk_up(self) -> None:
        told = self.stack.places.runtime / "touch.json"
        self.until(told.exists, UP_S, "a kiosk")
        pid = f'"pid":{self.stack.pid("kiosk")},'
        self.until(lambda: told.exists() and pid in told.read_text(), UP_S, "the kiosk that runs now")
        self.pass_(SHOWN_S)

    # --- one trial ----------------------------------------------------------------------------------------

    def trial(self) -> str:
        """What happened, in a few words. Raises FailedError when Stop did nothing."""
        before, again = self.dice.random() < 0.4, self.dice.random() < 0.1
        # More often, and the stack would call it a kiosk that cannot live.
        again = again and time.monotonic() - self._started_s > AGAIN_S
        if before:
            self.lay()
        if again:
            self.kiosk_again()
        self.begin()
        self.pass_(SHOWN_S)
        if not before or self.dice.random() < 0.5:
            self.lay()
        for _ in range(self.dice.randint(0, 4)):
            self.fidget()
            self.pass_(0.03)
        self.server.touchscreen.settle()
        by = self.dice.choices(list(TAPS), list(TAPS.values()))[0]
        if self._top and self._older & self._lying.keys():
            by = "finger"
        lying = len(self._lying)
        if self.state not in GOING:
            self.lift()
            return "the palm itself ended it"
        begun = time.monotonic()
        self.tap(by)
        self.until(lambda: self.state not in GOING, SOON_S, f"stopped by the {by}, {lying} on the glass")
        self.until(lambda: not self.powered(), SOON_S, "every pin off")
        took = time.monotonic() - begun
        if self.dice.random() < 0.7:
            self.lift()
        return f"{lying} on the glass, stopped by the {by} in {took * 1000:.0f} ms" + " after a start" * again


def _on_stop(place: tuple[float, float]) -> bool:
    return place[0] > STOP_IS[0] and place[1] > STOP_IS[1]


def main() -> int:
    """0 Stop stopped each time; 1 it did not; 3 something is missing here."""
    parser = argparse.ArgumentParser(prog="test-touch", description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--desktop", metavar="COMMAND", help="a window manager, and the kiosk in a window")
    parser.add_argument("--rotation", type=int, choices=(0, 90, 180, 270), default=0, help="of the picture")
    given = parser.parse_args()
    lacks = missing()
    if not lacks and given.desktop and shutil.which(given.desktop) is None:
        lacks = f"there is no {given.desktop}"
    if lacks:
        print(f"Not tried: {lacks}.", file=sys.stderr)
        return 3
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="touch-", dir="/tmp")))
        server = held.enter_context(XServer(folder))
        os.environ.update(DISPLAY=server.display, SDL_VIDEODRIVER="x11")
        os.environ.pop("WAYLAND_DISPLAY", None)
        if given.desktop:
            manager = subprocess.Popen([given.desktop], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            held.callback(manager.wait)
            held.callback(manager.terminate)
        path = machine_file("reference")
        places = Places(folder / "data", folder / "run")
        stack = held.enter_context(Stack(path, load_machine(path), places, virtual=True, role="screen"))
        stack.start_kiosk("--rotation", str(given.rotation), *([] if given.desktop else ["--fullscreen"]))
        # A palm on a window's title is the window manager's: it drags, and the mouse is taken.
        bench = Bench(stack, server, given.seed, 0.12 if given.desktop else 0.0, given.rotation)
        try:
            bench.kiosk_up()
            for number in range(1, given.trials + 1):
                print(f"{number:4}  {bench.trial()}", flush=True)
        except FailedError as failed:
            print(f"FAILED  {failed}\n{stack.log.read_text()[-3000:]}", file=sys.stderr)
            return 1
    print(f"Stop stopped it each time ({given.trials} trials, seed {given.seed}).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
