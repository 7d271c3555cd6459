"""A test rig: the real engine on the virtual machine, in a time of its own. Truth is the plant's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from hardware.board.interface import Readings
from hardware.engine import Engine, Step
from hardware.machine import Machine
from hardware.messages import Alive, EngineCommand, Event, Reply, Start
from hardware.program import Program
from hardware.safety import limits
from hardware.safety.locks import NO_LOCKS, Locks
from hardware.safety.memory import FRESH, Keep, Memory, Recalled
from hardware.senders import Given, Sender
from hardware.virtual.board import VirtualBoard
from hardware.virtual.plant import PlantParams

SCREEN = Sender("screen", "s1")
TERMINAL = Sender("service", "t1")


class Disk:
    """Where a loop keeps what safety has to remember: written at once, and gone with the test."""

    written = 0
    off_s: float | None = None

    def put(self, keep: Keep) -> None:
        self.written = keep.number


class Rig:
    """Engine and plant, tick by tick. A session's screen is alive unless ``alive`` is cleared.

    What safety has to remember is on the disk by the next tick, as long as ``disk_works``.
    """

    def __init__(
        self,
        machine: Machine,
        programs: Mapping[str, Program],
        *,
        params: PlantParams | None = None,
        seed: int = 0,
        locks_for: Callable[[Start], Locks] = lambda _start: NO_LOCKS,
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
        self.kept: Memory = recalled.memory
        """What is on the disk."""
        self.kept_at = self.board.now_s
        self.engine = self._new_engine(recalled)
        self.events: list[Event] = []
        self.alive = True
        self.doctor: Callable[[Readings], Readings] = lambda readings: readings
        """Changes what the engine is told was measured."""
        self.read: Readings = self.board.read()
        """What it was told last."""
        self.cut = False
        """The pins cannot be reached: nothing is read, nothing written."""
        self.at_s = self.now
        """When the last tick was, what it was given, and what it replied."""
        self.given: tuple[EngineCommand, ...] = ()
        self.replies: tuple[Reply, ...] = ()
        self.begun: Start | None = None
        """What the session that began last was asked for with."""

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

    def restart(self, after_s: float, *, clock_is_good: bool = True) -> None:
        """The controller dies now, and a new one starts after so long; by default the clock says how long."""
        self.board.advance(after_s)
        off_s = self.now - self.kept_at if clock_is_good else None
        self.engine = self._new_engine(Recalled(self.kept, off_s))

    @property
    def now(self) -> float:
        return self.board.now_s

    @property
    def plant(self):  # type: ignore[no-untyped-def]
        return self.board.plant

    def tick(self, *commands: EngineCommand, dt_s: float = limits.TICK_S) -> Step:
        proof = (Alive(),) if self.alive and self.engine.session is not None else ()
        self.at_s, self.given = self.now, (*commands, *proof)
        if not self.cut:
            self.read = self.doctor(self.board.read())
        given = [Given(command, self.by) for command in self.given]
        step = self.engine.step(self.now, None if self.cut else self.read, given)
        if step.keep is not None and self.disk_works:
            self.kept, self.kept_at = step.keep.memory, self.now
            self.engine.memory.written = step.keep.number
        self.replies = step.replies
        for command, reply in zip(self.given, step.replies, strict=True):
            if isinstance(command, Start) and reply.ok:
                self.begun = command
        if not self.cut:
            self.board.write(step.outputs)
            if step.feed:
                self.board.keep_alive()
        self.events += step.events
        self.board.advance(dt_s)
        return step

    def give(self, command: EngineCommand) -> Reply:
        return self.tick(command).replies[0]

    def run(self, seconds: float) -> Iterator[Step]:
        """Ticks for this long."""
        until = self.now + seconds
        while self.now < until - 1e-9:
            yield self.tick()

    def wait(self, seconds: float) -> None:
        for _ in self.run(seconds):
            pass

    def until(self, condition: Callable[[], bool], within_s: float = 60.0) -> float:
        """Ticks until the condition holds; how long that took. Fails when it takes longer."""
        begun = self.now
        while not condition():
            assert self.now - begun < within_s, f"not within {within_s} s"
            self.tick()
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
        return [event.detail for event in self.events if getattr(event, "what", None) == what]

    @property
    def session(self):  # type: ignore[no-untyped-def]
        assert self.engine.session is not None
        return self.engine.session
