"""A whole stack that is struck again and again: how it is brought into a state, and how it comes back.

Nothing here tends the processes by itself: who strikes decides for how long what is dead lies. Whatever a
person asks for, and whatever is done to the machine, stands in the watcher's trace.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from app.link.client import NO_ANSWER, NOT_THERE
from app.places import Places, machine_file
from app.stack import Stack
from hardware.errors import BoardError
from hardware.machine import Machine
from hardware.messages import (
    Acknowledge,
    CheckItself,
    Drive,
    EngineCommand,
    FaultView,
    Pause,
    Preheat,
    Reply,
    Snapshot,
    Start,
    Stop,
    Tune,
)
from hardware.virtual.watch import StateClient
from tests.process.household import Household
from tests.process.screen import PATIENCE_S
from tests.process.trace import (
    EMPTY_S,
    HAND_S,
    RAIL_HOLDS_S,
    STOP_S,
    Asked,
    Fed,
    Meddled,
    Over,
)
from tests.process.watcher import ANSWER_S, RUNNING, SCRIPTS, WAITING, Watcher

OFF = frozenset({"starting", "idle", "paused", "stopping", "fault"})
"""In these no load has power."""
SAID_S = 0.25
LEASE_S = 1.0
SETTLES_S = 3.0
"""What the controller has said for so long is on its disk, too."""
SAVED_S = 5.0
AGAIN_S = 0.25
STATES = (
    "starting",
    "idle",
    "self-test",
    "running",
    "running",
    "paused",
    "stopping",
    "preheating",
    "by hand",
    "tuning",
    "emergency stop",
    "switched off",
)
WRITE, PWM, STOP_SCRIPT, SCRIPT_STATUS = 4, 5, 41, 45


class StuckError(Exception):
    """The machine did not come to where it has to come."""


class Struck(Household):
    """The household of a round. Use as a context manager: no process outlives it."""

    def __init__(self, stack: Stack, patience: float = 1.0) -> None:
        assert stack.port is not None
        self.port = stack.port
        self.watcher = Watcher(stack.state_socket, stack.port, stack.machine.rail.pin, patience)
        self.hand: Drive | None = None
        self._hand_due = 0.0
        self.state_now = ""
        """What was brought about, in the round's words."""
        self._said: tuple[str, str] = ("", "")
        self._codes: dict[str, float] = {}
        """Latched faults, and since when they are told."""
        self.told: dict[str, str] = {}
        """Every fault that was told since this was last cleared, and its detail."""
        super().__init__(stack)

    @classmethod
    @contextlib.contextmanager
    def household(
        cls, machine: Machine, data: Path, runtime: Path, patience: float = 1.0
    ) -> Iterator[Struck]:
        places = Places(data, runtime)
        stack = Stack(machine_file("reference"), machine, places, virtual=True, role="screen")
        with stack:
            house = cls(stack, patience)
            try:
                with house.watcher:
                    yield house
            finally:
                house.thaw()
                house.close()

    # --- one look

    def pump(self) -> None:
        now = time.monotonic()
        if self.hand is not None and now >= self._hand_due:
            self._hand_due = now + AGAIN_S
            self.watcher.trace.asked.append(Asked(now, now, HAND_S))
            self.client.send(self.hand)
        self.client.wait(0.02)
        if self.client.latest is not None:
            self._hear(self.client.latest)

    def _hear(self, latest: Snapshot) -> None:
        self.told.update({fault.code: str(fault.detail) for fault in latest.faults})
        latched = {fault.code for fault in latest.faults if fault.latched}
        self._codes = {code: self._codes.get(code, latest.at_s) for code in latched}
        if (latest.boot, latest.state) == self._said:
            return
        self._said = latest.boot, latest.state
        if latest.state in OFF:
            rail_s = LEASE_S + RAIL_HOLDS_S if latest.state == "fault" else None
            why = f"it says {latest.state} {[fault.code for fault in latest.faults] or ''}"
            self.watcher.trace.overs.append(Over(latest.at_s, "S2", why, SAID_S, rail_s, told=True))

    def latched(self) -> set[str]:
        """Latched faults that have been told for long enough to be on the disk."""
        return {code for code, at_s in self._codes.items() if time.monotonic() - at_s > SETTLES_S}

    def forgets(self) -> None:
        """Its disk has taken nothing: what it has said may be on it a while after there is room."""
        self._codes = dict.fromkeys(self._codes, time.monotonic() + SAVED_S)

    @property
    def faults(self) -> tuple[FaultView, ...]:
        return () if self.client.latest is None else self.client.latest.faults

    def until_said(self, *states: str, within_s: float = PATIENCE_S) -> None:
        def there() -> bool:
            return self.client.connected and self.client.latest is not None and self.state in states

        ends = time.monotonic() + within_s
        while not there():
            if time.monotonic() > ends:
                said = self.state if self.client.connected else "nothing"
                codes = [fault.code for fault in self.faults]
                raise StuckError(f"it says {said} {codes}, not {' or '.join(states)}")
            self.pump()

    # --- what people do

    def over(
        self,
        rule: str,
        why: str,
        within_s: float,
        *,
        at_s: float | None = None,
        rail_s: float | None = None,
        empty_s: float | None = None,
        slack_s: float | None = None,
    ) -> None:
        at_s = time.monotonic() if at_s is None else at_s
        over = Over(at_s, rule, f"{why} ({self.state_now})", within_s, rail_s, empty_s)
        if slack_s is not None:
            over = Over(at_s, rule, over.why, within_s, rail_s, empty_s, slack_s)
        self.watcher.trace.overs.append(over)

    def feeds(self) -> None:
        """The rail may be fed from now on, if no latched fault forbids it."""
        if not self.latched():
            self.watcher.trace.fed.append(Fed(time.monotonic()))

    def asks_power(self, command: EngineCommand) -> Reply:
        """At the screen, whose session it is then."""
        at_s = time.monotonic()
        reply = self.at_screen(command)
        if reply.ok or reply == NO_ANSWER:
            self.watcher.trace.asked.append(Asked(at_s, time.monotonic()))
        return reply

    def at_screen(self, command: EngineCommand) -> Reply:
        if self.screen.poll() is not None:
            self.screen.communicate()
            self._start_screen()
        try:
            return self.on_screen(command)
        except (OSError, msgspec.DecodeError) as error:
            raise StuckError(f"the screen does not answer: {error}") from error

    def asks(self, command: EngineCommand) -> Reply:
        replies: list[Reply] = []
        self.client.send(command, replies.append)
        ends = time.monotonic() + PATIENCE_S
        while not replies:
            if time.monotonic() > ends:
                raise StuckError(f"no answer to {command}")
            self.pump()
        return replies[0]

    def stop(self) -> Reply:
        """Stop, and the rule's time runs from when it was sent."""
        self.hand = None
        self.over("S3", "Stop", STOP_S, empty_s=EMPTY_S)
        reply = self.asks(Stop())
        if not reply.ok and reply not in (NO_ANSWER, NOT_THERE):
            raise StuckError(f"Stop is refused: {reply.reason}")
        return reply

    # --- states

    def bring(self, state: str, rng: random.Random) -> None:
        self.state_now = state
        match state:
            case "starting":
                self.end("controller", signal.SIGTERM)
                self.begin("controller")
                self.lives(rng.uniform(0.0, 1.5))
            case "self-test":
                at_s = time.monotonic()
                if self.asks(CheckItself(answers=())).ok:
                    self.watcher.trace.asked.append(Asked(at_s, time.monotonic()))
                self.lives(rng.uniform(0.0, 3.0))
            case "running" | "paused" | "stopping":
                self.has_session(rng)
                self.lives(rng.uniform(0.0, 5.0))
                if state == "paused":
                    if self.at_screen(Pause()).ok:
                        self.until_said("paused", "fault")
                    self.lives(rng.uniform(0.0, 2.0))
                elif state == "stopping":
                    self.stop()
                    self.lives(rng.uniform(0.0, 0.5))
            case "by hand":
                outputs, layout = self.stack.machine.outputs, self.stack.machine.layout
                family = rng.choice([outputs[layout.motors], outputs[layout.valves], outputs[layout.pads]])
                output, no_feet = rng.choice(family), rng.random() < 0.5
                self.hand = Drive(output=output.key, answers=(), no_feet=no_feet)
                self.lives(rng.uniform(0.5, 3.0))
            case "preheating":
                self.asks_power(Preheat(answers=()))
                self.lives(rng.uniform(0.0, 4.0))
            case "tuning":
                self.asks_power(Tune(side=rng.choice(["left", "right"]), answers=()))
                self.lives(rng.uniform(0.0, 4.0))
            case "emergency stop":
                self.watch.set("emergency_stop", pressed=True)
                self.until_said("fault")
                self.lives(rng.choice([rng.uniform(0.0, 2.0), SETTLES_S + rng.random()]))
                if rng.random() < 0.5:
                    self.watch.set("emergency_stop", pressed=False)
            case "switched off":
                if rng.random() < 0.5:
                    self.has_session(rng)
                self.ends_leases()
                self.until_said("fault")
                self.lives(rng.choice([rng.uniform(0.0, 2.5), SETTLES_S + rng.random()]))

    def has_session(self, rng: random.Random) -> None:
        program = rng.choice(["arch", "circulation", "heel", "relax"])
        start = Start(
            program=program,
            minutes=rng.choice([10, 15]),
            intensity=rng.randint(1, 10),
            heat_c=rng.choice([None, 36.0, 40.0]),
            answers=(),
        )
        ends = time.monotonic() + PATIENCE_S
        while not (reply := self.asks_power(start)).ok:
            if time.monotonic() > ends:
                raise StuckError(f"{program} is refused: {reply.reason}")
            start = msgspec.structs.replace(start, program="circulation", minutes=20)
            self.lives(0.1)

    def lives(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.pump()

    # --- processes

    def number(self, name: str) -> int | None:
        """The process's, while it is there."""
        if name == "screen":
            return self.screen.pid if self.screen.poll() is None else None
        return self.stack.pid(name) if self.stack.running(name) else None

    def settled(self) -> bool:
        """A controller lives, is heard, and has got over its start."""
        there = self.number("controller") is not None and self.client.connected
        return there and self.state != "starting" and self.state_now != "starting"

    def strikes(self, name: str, number: signal.Signals) -> None:
        pid = self.number(name)
        if pid is not None:
            os.kill(pid, number)

    def end(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        self.strikes(name, number)
        ends = time.monotonic() + PATIENCE_S
        while self.number(name) is not None:
            if time.monotonic() > ends:
                raise StuckError(f"the {name} does not end")
            time.sleep(0.005)
        if name == "virtual":
            self.watcher.another()

    def begin(self, name: str) -> None:
        """Start it again, if it is not there."""
        if self.number(name) is not None:
            return
        if name == "screen":
            self.screen.communicate()
            self._start_screen()
        elif name == "virtual":
            self.watcher.another()
            self.stack.start_virtual()
            self.look_again()
        else:
            self.feeds()
            self.stack.start_controller()

    def look_again(self) -> None:
        self.watch.close()
        ends = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.watch = StateClient(self.stack.state_socket)
            except BoardError:
                if time.monotonic() > ends:
                    raise
                time.sleep(0.02)
            else:
                return

    def thaw(self) -> None:
        for name in ("controller", "virtual", "screen"):
            self.strikes(name, signal.SIGCONT)

    # --- at the daemon, past the controller

    def puts_power_on(self, pin: int, duty: float, times: int) -> None:
        with self._daemon() as plain:
            for _ in range(times):
                self.watcher.trace.meddled.append(Meddled(time.monotonic()))
                if duty >= 1.0:
                    _ask(plain, WRITE, pin, 1)
                else:
                    _ask(plain, PWM, pin, int(duty * 255))
                self.lives(0.05)
            self.watcher.trace.meddled.append(Meddled(time.monotonic()))

    def pulses_rail(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        pin, level = self.stack.machine.rail.pin, 0
        with self._daemon() as plain:
            while time.monotonic() < ends:
                level = 1 - level
                self.watcher.trace.meddled.append(Meddled(time.monotonic(), RAIL_HOLDS_S))
                _ask(plain, WRITE, pin, level)
                self.lives(0.1)

    def ends_leases(self) -> int:
        """What everything-off does first: stops the scripts that feed the rail; how many there were."""
        ended = 0
        with self._daemon() as plain:
            for number in range(SCRIPTS):
                if _ask(plain, SCRIPT_STATUS, number) in (RUNNING, WAITING):
                    _ask(plain, STOP_SCRIPT, number)
                    ended += 1
        return ended

    @contextlib.contextmanager
    def _daemon(self) -> Iterator[socket.socket]:
        try:
            with socket.create_connection(("127.0.0.1", self.port), ANSWER_S * 10) as plain:
                yield plain
        except OSError as error:
            raise StuckError(f"the daemon does not answer: {error}") from error

    # --- and back

    def recover(self) -> None:
        """Everything that is out is mended, and a person brings the machine back to idle."""
        self.hand = None
        self.thaw()
        self.begin("virtual")
        self.look_again()
        self.watch.clear()
        self.watch.set("emergency_stop", pressed=False)
        self.begin("screen")
        ends = time.monotonic() + PATIENCE_S
        while True:
            self.begin("controller")
            self.pump()
            state = self.state if self.client.connected else ""
            if state == "idle":
                if self.faults:
                    self.asks(Acknowledge())  # advice stays until somebody has seen it
                return
            if state in ("running", "paused", "preheating", "service", "self-test"):
                self.stop()
            elif state == "fault" and not any(fault.present for fault in self.faults):
                at_s = time.monotonic()
                if self.asks(Acknowledge()).ok:
                    self._codes.clear()
                    self.watcher.trace.fed.append(Fed(at_s))
                else:
                    self.lives(0.2)
            if time.monotonic() > ends:
                codes = [(fault.code, fault.present, str(fault.detail)) for fault in self.faults]
                raise StuckError(f"it does not come back: it says {state or 'nothing'} {codes}")


def _ask(plain: socket.socket, command: int, p1: int = 0, p2: int = 0) -> int:
    """One of pigpio's commands; of a script, how it is, else the result."""
    plain.sendall(struct.pack("<IIII", command, p1, p2, 0))
    with plain.makefile("rb") as answers:
        head = answers.read(16)
        if len(head) < 16:
            raise ConnectionError("the daemon has hung up")
        result = int(struct.unpack("<IIIi", head)[3])
        if command == SCRIPT_STATUS and result > 0:
            return int(struct.unpack_from("<I", answers.read(result))[0])
        return result
