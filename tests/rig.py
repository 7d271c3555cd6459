"""A test rig: the real engine on the virtual machine, in a time of its own. Truth is the plant's."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping

from hardware.board.interface import Readings
from hardware.engine import Engine, Step
from hardware.machine import Machine
from hardware.messages import Alive, EngineCommand, Event, Noted, Reply, Seated, Start
from hardware.program import Program
from hardware.safety import limits
from hardware.safety.locks import NO_LOCKS, Locks
from hardware.safety.memory import FRESH, Keep, Memory, Recalled
from hardware.senders import Given, Sender
from hardware.virtual.board import VirtualBoard
from hardware.virtual.plant import PlantParams
from tests import shaped

SCREEN = Sender("screen", "s1")
TERMINAL = Sender("service", "t1")


class Disk:
    """Where a loop keeps what safety has to remember: written at once, and gone with the test."""

    written = 0
    off_s: float | None = None

    def put(self, keep: Keep) -> None:
        self.written = keep.number


LONG_S = 0.25
"""A tick that is not late yet: where only minutes matter they pass in a fifth of the time."""


class Rig:
    """Engine and plant, tick by tick. A session's screen is alive unless ``alive`` is cleared.

    What safety has to remember is on the disk by the next tick, or ``disk_delay_s`` later, as long as
    ``disk_works``; what waits is written once it works again.
    """

    def __init__(
        self,
        machine: Machine,
        programs: Mapping[str, Program],
        *,
        params: PlantParams | None = None,
        seed: int = 0,
        locks_for: Callable[[Seated], Locks] = lambda _seated: NO_LOCKS,
        pulses: bool = False,
        recalled: Recalled = FRESH,
        by: Sender = SCREEN,
    ) -> None:
        self._begun = 0
        """Sessions, so that each has an id of its own."""
        self.machine = machine
        self.programs = programs
        self.locks_for = locks_for
        self.pulses = pulses
        self.board = VirtualBoard(machine, params, seed)
        self.by = by
        """Who gives the commands, and whose proof of life it is."""
        self.disk_works = True
        self.disk_delay_s = 0.0
        self.kept: Memory = recalled.memory
        """What is on the disk, and when it was put there."""
        self.kept_at = self.board.now_s
        self.unwritten: deque[tuple[Keep, float, float]] = deque()
        """What is on its way there: with when it was put, and when it is there."""
        self.disk_failed = False
        """It did not work when the controller died, or what it takes came later than it can."""
        self.restarts = self.damages = 0
        self.plug_pulled = False
        """With the last restart; when that died, and what the next one was told."""
        self.died_at = 0.0
        self.recalled: Memory = recalled.memory
        self._off_s = 0.0
        self._spoilt = False
        """What is on the disk cannot be read."""
        self.engine = self._new_engine(recalled)
        self.events: list[Event] = []
        self.alive = True
        self.others: tuple[Sender, ...] = ()
        """Who else says that they are there, whatever the machine does."""
        self.doctor: Callable[[Readings], Readings] = lambda readings: readings
        """Changes what the engine is told was measured."""
        self.measured: Readings = self.board.read()
        self.read: Readings = self.measured
        """What it was told last."""
        self.cut = False
        """The pins cannot be reached: nothing is read, nothing written."""
        self.at_s = self.now
        """When the last tick was, what it was given by whom, and what it replied."""
        self.given: tuple[Given, ...] = ()
        self.replies: tuple[Reply, ...] = ()

    def _new_engine(self, recalled: Recalled) -> Engine:
        return Engine(
            self.machine,
            self.programs,
            new_id=self._new_id,
            locks_for=self.locks_for,
            pulses=self.pulses,
            recalled=recalled,
        )

    def _new_id(self) -> str:
        self._begun += 1
        return f"s{self._begun}"

    def restart(
        self,
        after_s: float,
        *,
        clock_is_good: bool = True,
        plug_pulled: bool = True,
        damaged: bool = False,
    ) -> None:
        """The controller dies now, and a new one starts after so long; by default the clock says how long.

        With the plug pulled what was on its way to the disk is lost; else the computer's memory still has
        it. ``damaged``: what was on the disk cannot be read.
        """
        if self.unwritten and not plug_pulled:
            keep, self.kept_at, _ = self.unwritten[-1]
            self.kept, self._spoilt = keep.memory, False
        self.disk_failed = bool(self.unwritten) and not self.disk_works
        self.unwritten.clear()
        self.plug_pulled, self.died_at = plug_pulled, self.now
        self.board.advance(after_s)
        self._off_s = self.now - self.kept_at
        off_s = self._off_s if clock_is_good else None
        self.restarts += 1
        self._spoilt = self._spoilt or damaged
        self.damages += self._spoilt
        recalled = Recalled(Memory(), None, damaged=True) if self._spoilt else Recalled(self.kept, off_s)
        self.recalled = recalled.memory
        self.engine = self._new_engine(recalled)

    def set_clock(self) -> None:
        """The clock was not known to be good when the controller started; now it is."""
        self.engine.allowance.was_off(self._off_s)

    @property
    def now(self) -> float:
        return self.board.now_s

    @property
    def plant(self):  # type: ignore[no-untyped-def]
        return self.board.plant

    def tick(self, *commands: EngineCommand | Given, dt_s: float = limits.TICK_S) -> Step:
        """One tick with these commands, by ``by`` unless they say by whom, and ``dt_s`` until the next."""
        given = [one if isinstance(one, Given) else Given(one, self.by) for one in commands]
        if self.alive and self.engine.session is not None:
            given.append(Given(Alive(), self.by))
        given += [Given(Alive(), other) for other in self.others]
        self.at_s, self.given = self.now, tuple(given)
        if not self.cut:
            self.measured = self.board.read()
            self.read = self.doctor(self.measured)
        step = self.engine.step(self.now, None if self.cut else self.read, given)
        self._write(step.keep)
        self.replies = step.replies
        if not self.cut:
            self.board.write(step.outputs)
            if step.feed:
                self.board.keep_alive()
        self.events += step.events
        self.board.advance(dt_s)
        return step

    def _write(self, keep: Keep | None) -> None:
        """The disk takes what is new, and what was on its way for long enough is there."""
        if keep is not None:
            self.unwritten.append((keep, self.now, self.now + self.disk_delay_s))
        while self.unwritten and self.disk_works and self.unwritten[0][2] <= self.now:
            written, self.kept_at, _ = self.unwritten.popleft()
            self.kept, self._spoilt = written.memory, False
            self.engine.memory.written = written.number

    def give(self, command: EngineCommand) -> Reply:
        return self.tick(command).replies[0]

    def run(self, seconds: float, dt_s: float = limits.TICK_S) -> Iterator[Step]:
        """Ticks for this long."""
        until = self.now + seconds
        while self.now < until - 1e-9:
            yield self.tick(dt_s=dt_s)

    def wait(self, seconds: float) -> None:
        for _ in self.run(seconds):
            pass

    def until(
        self, condition: Callable[[], bool], within_s: float = 60.0, dt_s: float = limits.TICK_S
    ) -> float:
        """Ticks until the condition holds; how long that took. Fails when it takes longer."""
        begun = self.now
        while not condition():
            assert self.now - begun < within_s, f"not within {within_s} s"
            self.tick(dt_s=dt_s)
        return self.now - begun

    def ready(self) -> Rig:
        self.until(lambda: self.engine.state == "idle", 10)
        return self

    def start(self, program: str = "relax", **changes: object) -> Rig:
        """Ready, and a session begun."""
        self.ready()
        chosen = self.programs[program]
        asked: dict[str, object] = {
            "program": program,
            "minutes": chosen.default_minutes,
            "intensity": 5,
            "heat_c": chosen.heat.target_c if chosen.heat else None,
            "answers": None if changes.get("person") else (),
        }
        reply = self.give(Start(**{**asked, **changes}))  # type: ignore[arg-type]
        assert reply.ok, reply.reason
        return self

    def noted(self, what: str) -> list[dict[str, object]]:
        """The details of these events; of a fault its code and, in English, what was found, too."""
        return [
            {**event.detail, **({"code": event.code} if event.code else {}), "detail": str(event.found or "")}
            if event.code or event.found
            else event.detail
            for event in self.events
            if isinstance(event, Noted) and event.what == what
        ]

    @property
    def heaters(self) -> tuple[float, ...]:
        """What the gate let through in the last tick."""
        return shaped.heaters(self.machine, self.engine.outputs)

    @property
    def motors(self) -> tuple[float, ...]:
        return shaped.motors(self.machine, self.engine.outputs)

    @property
    def valves(self) -> tuple[bool, ...]:
        return shaped.valves(self.machine, self.engine.outputs)

    @property
    def session(self):  # type: ignore[no-untyped-def]
        assert self.engine.session is not None
        return self.engine.session
