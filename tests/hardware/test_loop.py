"""What the loop makes of a board that is lost, another's, or switched off by somebody else."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from hardware.board.interface import Board, Outputs, Readings
from hardware.engine import Engine
from hardware.errors import BoardError, SwitchedOffError
from hardware.loop import REOPEN_S, Loop
from hardware.machine import Machine
from hardware.messages import Acknowledge, Alive, EngineCommand, FaultView, Reply, Start
from hardware.program import Program
from hardware.safety import limits
from hardware.virtual.board import VirtualBoard
from tests.rig import SCREEN, Disk
from tests.said import say


class Switchable:
    """A virtual board that somebody else may switch off, or take away."""

    def __init__(self, machine: Machine) -> None:
        self.inner = VirtualBoard(machine)
        self.off = ""
        self.lost = ""
        self.fed = 0

    def read(self) -> Readings:
        if self.lost:
            raise BoardError(say(self.lost))
        return self.inner.read()

    def write(self, outputs: Outputs) -> None:
        if self.off:
            why, self.off = self.off, ""
            raise SwitchedOffError(say(why))
        self.inner.write(outputs)

    def keep_alive(self) -> None:
        self.fed += 1
        self.inner.keep_alive()

    def close(self) -> None: ...


class Bench:
    def __init__(self, machine: Machine, programs: dict[str, Program]) -> None:
        self.board = Switchable(machine)
        self.engine = Engine(machine, programs, new_id=lambda: "s1", pulses=False)
        self.loop = Loop(
            self.engine,
            self.open,
            publish=lambda _snapshot: None,
            events=lambda _step: None,
            disk=Disk(),
            clock=lambda: self.board.inner.now_s,
        )

    def open(self, _woken: Callable[[], None]) -> Board:
        if self.board.lost:
            raise BoardError(say(self.board.lost))
        return self.board

    def tick(self, *commands: EngineCommand) -> list[Reply]:
        replies: list[Reply] = []
        for command in (*commands, Alive()):
            self.loop.submit(command, SCREEN, replies.append)
        self.loop.tick()
        self.board.inner.advance(limits.TICK_S)
        return replies

    def live(self, seconds: float) -> None:
        for _ in range(round(seconds / limits.TICK_S)):
            self.tick()

    def faults(self) -> tuple[FaultView, ...]:
        return self.engine.snapshot().faults


@pytest.fixture
def bench(machine: Machine, programs: dict[str, Program]) -> Bench:
    found = Bench(machine, programs)
    while found.engine.state != "idle":
        found.tick()
    assert found.tick(Start(program="relax", minutes=10, intensity=5, answers=()))[0].ok
    found.live(1.0)
    assert found.engine.state == "running"
    return found


def test_s12_switched_off_by_somebody_else_it_stops_and_feeds_no_more_until_a_person_has_seen_it(
    bench: Bench,
) -> None:
    bench.board.off = "another program has asked for everything off"
    bench.tick()
    fed = bench.board.fed
    bench.live(3.0)
    assert bench.board.fed == fed
    assert bench.engine.state == "fault"
    (fault,) = bench.faults()
    assert (fault.code, fault.latched, fault.present) == ("switched-off-elsewhere", True, False)
    assert bench.tick(Acknowledge())[0].ok
    bench.live(0.5)
    assert bench.faults() == ()
    assert bench.board.fed > fed


def test_why_the_pins_are_lost_is_said_as_it_is_now_and_logged_once_a_cause(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    for why in ("the daemon is gone", "another controller holds this machine's pins", "the daemon is gone"):
        bench.board.lost = why
        bench.live(5 * REOPEN_S)
        (fault,) = bench.faults()
        assert fault.code == "pins-lost"
        assert str(fault.detail).endswith(why)
        assert fault.present
    told = [record.getMessage() for record in caplog.records if "pins are lost" in record.getMessage()]
    assert len(told) == 3
    assert not bench.tick(Acknowledge())[0].ok


def test_s13_lost_pins_may_be_acknowledged_once_they_are_back(bench: Bench) -> None:
    bench.board.lost = "the daemon is gone"
    bench.live(3.0)
    bench.board.lost = ""
    bench.live(3.0)
    assert not bench.faults()[0].present
    assert bench.engine.state == "fault"
    assert bench.tick(Acknowledge())[0].ok
    bench.live(0.5)
    assert bench.faults() == ()
