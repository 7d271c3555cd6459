"""The loop's queue: Stop and Sharp pain go past everything; who floods is in nobody's way but their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from hardware.board.interface import Outputs, Readings
from hardware.engine import Engine, Step
from hardware.loop import QUEUE_OF_ONE, Loop
from hardware.machine import Machine
from hardware.messages import Alive, EngineCommand, Pain, Reply, SetIntensity, Start, Stop
from hardware.program import Program
from hardware.safety import limits
from hardware.senders import Sender
from hardware.virtual.board import VirtualBoard
from tests.rig import SCREEN, Disk

FLOOD = tuple(Sender("command-line", f"c{number}") for number in range(3))


class Desk:
    """A loop on the virtual board, ticked by hand."""

    def __init__(self, machine: Machine, programs: Mapping[str, Program]) -> None:
        self.board = VirtualBoard(machine)
        self.steps: list[Step] = []
        self.loop = Loop(
            Engine(machine, programs, new_id=lambda: "x", pulses=False),
            self._open,
            publish=lambda _: None,
            events=self.steps.append,
            disk=Disk(),
            clock=lambda: self.board.now_s,
        )

    def _open(self, _woken: Callable[[], None]) -> VirtualBoard:
        return self.board

    def give(self, command: EngineCommand, by: Sender = SCREEN) -> list[Reply]:
        replies: list[Reply] = []
        self.loop.submit(command, by, replies.append)
        return replies

    def tick(self) -> Outputs:
        outputs = self.loop.tick().outputs
        self.board.advance(limits.TICK_S)
        return outputs

    def ready(self) -> Desk:
        while self.loop.engine.state != "idle":
            self.tick()
        return self


@pytest.fixture
def desk(machine: Machine, programs: Mapping[str, Program]) -> Desk:
    return Desk(machine, programs).ready()


def start(desk: Desk) -> None:
    desk.give(Start(program="relax", minutes=15, intensity=5, answers=()))
    for _ in range(60):
        desk.give(Alive())
        outputs = desk.tick()
    assert any(outputs.duties)


@pytest.mark.parametrize("last", [Stop(), Pain()])
def test_s3_stop_is_never_refused_and_comes_before_all_that_waits(desk: Desk, last: EngineCommand) -> None:
    start(desk)
    waiting = [
        desk.give(SetIntensity(level=1 + at % 9), by)
        for by in (*FLOOD, SCREEN)
        for at in range(QUEUE_OF_ONE + 5)
    ]
    told = desk.give(last)
    outputs = desk.tick()
    assert not any(outputs.duties)
    assert told[0].ok
    assert all(replies and not replies[0].ok for replies in waiting), (
        "what came before it is not done any more"
    )


def test_s3_a_start_that_waits_is_not_done_after_a_stop(desk: Desk) -> None:
    begun = desk.give(Start(program="relax", minutes=15, intensity=5, answers=()))
    stopped = desk.give(Stop(), FLOOD[0])
    for _ in range(20):
        desk.tick()
    assert stopped[0].ok
    assert not begun[0].ok
    assert desk.loop.engine.session is None


def test_a_proof_of_life_outlives_a_flood(desk: Desk) -> None:
    start(desk)
    for _ in range(200):
        for by in FLOOD:
            for _ in range(QUEUE_OF_ONE):
                desk.give(SetIntensity(level=3), by)
        desk.give(Alive())
        desk.tick()
    assert desk.loop.engine.state == "running"


def test_who_floods_is_told_to_wait_and_nobody_else_is(desk: Desk) -> None:
    floods = [desk.give(SetIntensity(level=3), FLOOD[0]) for _ in range(QUEUE_OF_ONE + 1)]
    assert not floods[-1][0].ok, "refused at once"
    assert desk.give(SetIntensity(level=3)) == [], "still waiting for its turn"


def test_readings_come_before_the_commands_of_a_tick(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Stop that comes while the inputs are read is in that very tick."""
    start(desk)
    read = desk.board.read
    told: list[list[Reply]] = []

    def slow() -> Readings:
        told.append(desk.give(Stop()))
        return read()

    monkeypatch.setattr(desk.board, "read", slow)
    outputs = desk.tick()
    assert not any(outputs.duties)
    assert told[0][0].ok
