"""The loop: time and pins around the engine. Twenty ticks a second on absolute deadlines.

read → validate → stop, then commands → decide → gate → write → keep alive → publish. A command wakes it at
once. The lease on the power rail is renewed only by a tick that did all of it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Protocol

from hardware.board.interface import Board
from hardware.engine import Engine, Step
from hardware.errors import BoardError, SwitchedOffError
from hardware.message import Message, says
from hardware.messages import Alive, EngineCommand, Pain, Reply, Snapshot, Stop
from hardware.safety import limits
from hardware.safety.memory import Keep
from hardware.senders import Given, Sender


@says("The machine is busy. Try again in a moment.")
def machine_busy() -> None: ...


@says("The machine was stopped before that was done.")
def stopped_before_done() -> None: ...


log = logging.getLogger(__name__)

COMMANDS_A_TICK = 32
QUEUE_OF_ONE = 32
"""Commands of one sender that may wait: who floods is refused, and nobody else is."""
QUEUE = 1024
SNAPSHOT_S = 0.1
REOPEN_S = 1.0
BUSY = Reply(False, machine_busy())
STOPPED = Reply(False, stopped_before_done())

Answer = Callable[[Reply], None]


class Disk(Protocol):
    """Where what safety has to remember is kept. Nothing here waits."""

    written: int
    """The number of the newest that no power cut takes back."""
    off_s: float | None
    """How long ago the memory was written when this controller started, once a clock that is good says so."""

    def put(self, keep: Keep) -> None: ...


class Loop:
    """Runs an engine on a board until told to end.

    ``open_board`` is called again when the pins were lost. ``publish`` gets a snapshot ten times a second
    and after every command; ``events`` gets each step's events; ``notices`` is asked for what else a person
    should know; ``fed`` is called at the end of each complete tick (the service watchdog); ``disk`` keeps
    what safety has to remember.
    """

    def __init__(
        self,
        engine: Engine,
        open_board: Callable[[Callable[[], None]], Board],
        *,
        publish: Callable[[Snapshot], None],
        events: Callable[[Step], None],
        notices: Callable[[], tuple[Message, ...]] = tuple,
        fed: Callable[[], None] = lambda: None,
        disk: Disk,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.engine = engine
        self._open_board = open_board
        self._publish = publish
        self._events = events
        self._notices = notices
        self._fed = fed
        self._disk = disk
        self._clock = clock
        self._board: Board | None = None
        self._commands: deque[tuple[Given, Answer]] = deque()
        self._stops: deque[tuple[Given, Answer]] = deque()
        """Stop and Sharp pain have a way of their own, past all that waits (S3)."""
        self._waiting: Counter[Sender] = Counter()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._ending = False
        self._next_open_s = 0.0
        self._lost_told = ""
        self._snapshot_due_s = 0.0
        self.lateness: Callable[[float], None] | None = None
        """Told how late each tick came, in seconds; for measuring."""

    @property
    def has_pins(self) -> bool:
        """Whether the last tick had a board to read and to write."""
        return self._board is not None

    # --- from other threads --------------------------------------------------------------------------

    def submit(self, command: EngineCommand, by: Sender, answer: Answer) -> None:
        """Hand over a command; ``answer`` is called from the loop's thread. Wakes the loop.

        Stop and Sharp pain are never refused, and what waits before them is not done any more.
        """
        refused: list[Answer] = []
        why = STOPPED
        with self._lock:
            if isinstance(command, Stop | Pain):
                waiting, self._commands = self._commands, deque()
                for waits in waiting:
                    if isinstance(waits[0].command, Alive):
                        self._commands.append(waits)
                    else:
                        refused.append(waits[1])
                self._waiting = Counter(waits.by for waits, _ in self._commands)
                self._stops.append((Given(command, by), answer))
                self._wake.set()
            elif self._waiting[by] < QUEUE_OF_ONE and len(self._commands) < QUEUE:
                self._commands.append((Given(command, by), answer))
                self._waiting[by] += 1
                if not isinstance(command, Alive):  # proof of life can wait for the next tick
                    self._wake.set()
            else:
                refused, why = [answer], BUSY
        for told in refused:
            told(why)

    def wake(self) -> None:
        self._wake.set()

    def end(self) -> None:
        """Leave the loop with the next tick, after making everything safe.

        Only a flag, so that a signal handler may call it at any moment.
        """
        self._ending = True

    # --- the loop ------------------------------------------------------------------------------------

    def run(self) -> None:
        """Until ``end``. Raises BoardError when the pins cannot be opened at the start."""
        self._board = self._open_board(self.wake)
        try:
            deadline = self._clock()
            while not self._ending:
                now = self._clock()
                if self.lateness and now >= deadline:
                    self.lateness(now - deadline)
                self.tick()
                while deadline <= self._clock():
                    deadline += limits.TICK_S
                self._wake.wait(max(deadline - self._clock(), 0.0))
                self._wake.clear()
        finally:
            self._make_safe()

    def tick(self) -> Step:
        """One whole tick; what a lost board costs is this tick's outputs, and the lease."""
        board = self._board or self._reopen()
        readings = None
        if board is not None:
            try:
                readings = board.read()
            except BoardError as error:
                self._lose(error)
        commands = self._drain()
        self.engine.memory.written = self._disk.written
        if self._disk.off_s is not None:
            self.engine.allowance.was_off(self._disk.off_s)
        step = self.engine.step(self._clock(), readings, [given for given, _ in commands])
        if self._board is not None and readings is not None:
            try:
                self._board.write(step.outputs)
                if step.feed:
                    self._board.keep_alive()
            except SwitchedOffError as error:
                log.error("switched off from elsewhere: %s", error)
                self.engine.switched_off(error.message)
            except BoardError as error:
                self._lose(error)
        if step.keep is not None:
            self._disk.put(step.keep)
        for (_, answer), reply in zip(commands, step.replies, strict=True):
            answer(reply)
        if step.events:
            self._events(step)
        now = self._clock()
        if commands or now >= self._snapshot_due_s:
            self._snapshot_due_s = now + SNAPSHOT_S - limits.TICK_S / 2
            self._publish(self.engine.snapshot(self._notices()))
        self._fed()
        return step

    def _drain(self) -> list[tuple[Given, Answer]]:
        with self._lock:
            taken = list(self._stops)
            self._stops.clear()
            for _ in range(min(len(self._commands), COMMANDS_A_TICK)):
                given, answer = self._commands.popleft()
                self._waiting[given.by] -= 1
                taken.append((given, answer))
            self._waiting = +self._waiting
            if self._commands:
                self._wake.set()
        return taken

    def _lose(self, error: BoardError) -> None:
        self._tell_lost(error)
        board, self._board = self._board, None
        self._next_open_s = self._clock() + REOPEN_S
        if board is not None:
            with contextlib.suppress(BoardError):
                board.close()

    def _reopen(self) -> Board | None:
        now = self._clock()
        if now < self._next_open_s:
            return None
        self._next_open_s = now + REOPEN_S
        try:
            self._board = self._open_board(self.wake)
        except BoardError as error:
            self._tell_lost(error)
            return None
        self._lost_told = ""
        log.info("the pins are back")
        return self._board

    def _tell_lost(self, error: BoardError) -> None:
        """To the engine each time, to the log once a cause: it may stay for days."""
        self.engine.pins_lost(error.message)
        if str(error) != self._lost_told:
            self._lost_told = str(error)
            log.error("the pins are lost: %s", error)

    def _make_safe(self) -> None:
        """On every way out: the session ends, every pin is off, the lease is given back."""
        board, self._board = self._board, None
        if board is not None:
            board.close()
        step = self.engine.shut_down(self._clock())
        if step.keep is not None:
            self._disk.put(step.keep)
        if step.events:
            self._events(step)
