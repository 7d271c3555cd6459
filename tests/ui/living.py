"""A machine that lives behind the screen: real engine, plant and recorder, in the screen's own fake time."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import get_args

from scenes import NOW

from app.household.admission import Admission
from app.household.household import Household
from app.places import Places
from app.sessions.history import History
from app.sessions.recorder import Recorder
from hardware.machine import Machine
from hardware.messages import (
    Command,
    EngineCommand,
    HistoryCommand,
    PainWhere,
    Rate,
    Reply,
    SessionEnded,
    Snapshot,
    Start,
)
from hardware.program import Program
from hardware.safety import limits
from hardware.safety.locks import Locks
from tests.rig import Rig
from tests.said import say
from tests.truth import Truth

SNAPSHOT_S = 0.1
HISTORY_COMMANDS = get_args(HistoryCommand)


class LivingMachine:
    """The screen's link to a rig. ``live`` lets time pass; every tick is judged from the plant.

    With ``connected`` cleared the controller is gone: the rig stands still, commands are lost.
    """

    def __init__(self, machine: Machine, programs: Mapping[str, Program], seed: int) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="in-")
        self.places = Places(Path(self.folder.name) / "data", Path(self.folder.name) / "run")
        self.places.make()
        self.admission = Admission(self.places, NOW.date, lambda: self.rig.now)
        self.rig = Rig(
            machine,
            programs,
            seed=seed,
            locks_for=self._locks_for,
        )
        self.household = Household(self.places, lambda: self.rig.now)
        self.rig.alive = False  # the screen has to say so itself
        self.truth = Truth(self.rig)
        self.recorder = Recorder(self.places.history, boot="monkey", monotonic=lambda: self.rig.now)
        self.recorder.start()
        self.connected = True
        self.latest: Snapshot | None = None
        self._commands: list[tuple[EngineCommand, Callable[[Reply], None] | None]] = []
        self._answers: list[tuple[Callable[[Reply], None], Reply]] = []
        self._shown_at = -SNAPSHOT_S
        self._told = 0
        self._new = False
        self._behind_s = 0.0

    def _locks_for(self, start: Start) -> Locks:
        self.admission.refresh()
        return self.admission.locks_for(start)

    # --- the link, as a screen sees it ----------------------------------------------------------------

    def send(self, command: Command, on_reply: Callable[[Reply], None] | None = None) -> None:
        if not self.connected:
            if on_reply is not None:
                on_reply(Reply(False, say("The machine is not ready yet. Try again in a moment.")))
        elif isinstance(command, HISTORY_COMMANDS):
            if isinstance(command, PainWhere):
                self.admission.told(command)
            reply = self.recorder.ask(command).result(60.0)  # type: ignore[arg-type]
            if on_reply is not None:
                self._answers.append((on_reply, reply))
        else:
            self._commands.append((command, on_reply))  # type: ignore[arg-type]

    def poll(self) -> bool:
        answers, self._answers = self._answers, []
        for on_reply, reply in answers:
            on_reply(reply)
        new, self._new = self._new, False
        return new and self.connected

    def history(self) -> History:
        return History(self.places.history)

    # --- time -----------------------------------------------------------------------------------------

    def live(self, seconds: float) -> None:
        """Let the machine live for this long. Raises ViolationError when a safety rule does not hold."""
        rig = self.rig
        self._behind_s += seconds
        while self._behind_s >= limits.TICK_S - 1e-9:
            self._behind_s -= limits.TICK_S
            if not self.connected:
                self._commands.clear()
                rig.board.advance(limits.TICK_S)  # the lease runs out, as it does when a controller is dead
                continue
            commands, self._commands = self._commands, []
            step = rig.tick(*(command for command, _ in commands))
            self.truth.check()
            for (_, on_reply), reply in zip(commands, step.replies, strict=False):
                if on_reply is not None:
                    self._answers.append((on_reply, reply))
            if commands or rig.now - self._shown_at >= SNAPSHOT_S:
                self._shown_at = rig.now
                self.latest = rig.engine.snapshot(self.recorder.notices)
                self._new = True
        for event in rig.events[self._told :]:
            self.recorder.put(event)
            if isinstance(event, SessionEnded) and rig.engine.ended is not None:
                self.admission.ended(rig.engine.ended)
                # What is asked in its turn is answered once all before it is on the disk: the machine's
                # seconds pass faster than the recorder's.
                self.recorder.ask(Rate(session="nobody", after=0)).result(60.0)
        self._told = len(rig.events)

    def die_and_return(self) -> None:
        """The controller is gone now, or back: started anew, as the service manager does."""
        self.connected = not self.connected
        if self.connected:
            self.rig.restart(0.0)

    def close(self) -> None:
        self.recorder.close(10.0)
        with contextlib.suppress(OSError):
            self.folder.cleanup()
