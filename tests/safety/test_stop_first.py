"""S2, S3, S10: what Stop ends, what does not go on by itself, whose proof of life counts; from the pins."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hardware.machine import Machine
from hardware.messages import (
    Acknowledge,
    Alive,
    CheckItself,
    Drive,
    EngineCommand,
    Pain,
    Pause,
    Resume,
    SetIntensity,
    Start,
    Stop,
    Tune,
)
from hardware.program import Program
from hardware.safety import limits
from hardware.senders import SERVICE_ONLY, Sender, may
from tests.rig import SCREEN, Rig

OTHER = Sender("screen", "s2")
TERMINAL = Sender("command-line", "c1")


def power(rig: Rig) -> list[float]:
    pins = rig.board.wiring.duties
    return [pin for pin in rig.machine.power_pins() if pins[pin] > 0]


def off_for(rig: Rig, seconds: float) -> None:
    for _ in rig.run(seconds):
        assert not power(rig)


# --- Stop in a self-test ------------------------------------------------------------------------------


@pytest.mark.parametrize("after_s", [0.0, 0.1, 0.5, 1.2, 3.0, 6.0, 12.0])
@pytest.mark.parametrize("stop", [Stop(), Pain()])
def test_s3_not_one_output_after_stop_in_a_self_test(
    machine: Machine, programs: Mapping[str, Program], after_s: float, stop: EngineCommand
) -> None:
    rig = Rig(machine, programs, pulses=True)
    rig.tick()
    rig.wait(after_s)
    assert rig.engine.state == "self-test"
    rig.give(stop)
    off_for(rig, 60)
    assert rig.engine.state == "idle"
    rig.give(CheckItself(answers=()))
    rig.wait(after_s)
    rig.give(stop)
    off_for(rig, 60)


@pytest.mark.parametrize("after_s", [0.3, 4.0])
def test_s3_the_button_ends_a_self_test_and_what_is_due(
    machine: Machine, programs: Mapping[str, Program], after_s: float
) -> None:
    rig = Rig(machine, programs, pulses=True)
    rig.wait(after_s)
    rig.plant.stop_pressed = True
    rig.wait(3)
    assert rig.engine.state == "fault"
    rig.plant.stop_pressed = False
    rig.wait(3)
    assert rig.give(Acknowledge()).ok
    off_for(rig, 60)


@pytest.mark.parametrize("gap_s", [0.4, 3.0])
def test_s2_what_was_under_way_when_the_controller_was_late_does_not_go_on(
    machine: Machine, programs: Mapping[str, Program], gap_s: float
) -> None:
    rig = Rig(machine, programs, pulses=True)
    rig.until(lambda: bool(power(rig)), 30)
    rig.tick(dt_s=gap_s)
    rig.tick()
    off_for(rig, 60)
    rig.by = Sender("service", "t1")
    assert rig.give(Tune(side="left", answers=())).ok
    rig.until(lambda: bool(power(rig)), 30)
    rig.tick(Alive(), dt_s=gap_s)
    rig.tick()
    for _ in rig.run(30):
        rig.give(Alive())
        assert not power(rig)


def test_s2_nor_does_it_when_the_pins_were_lost(machine: Machine, programs: Mapping[str, Program]) -> None:
    rig = Rig(machine, programs).ready()
    rig.by = Sender("service", "t1")
    assert rig.give(Drive(output="roll.sole.left", answers=())).ok
    rig.cut = True
    rig.tick()
    rig.cut = False
    off_for(rig, 5)


# --- whose session it is --------------------------------------------------------------------------------


@pytest.mark.parametrize("other", [OTHER, TERMINAL, Sender("service", "t1")])
def test_s10_nobody_else_keeps_a_session_going(
    machine: Machine, programs: Mapping[str, Program], other: Sender
) -> None:
    rig = Rig(machine, programs).start("relax", heat_c=None)
    rig.wait(5)
    rig.by = other  # the screen froze; somebody else says again and again that they live
    rig.wait(limits.SCREEN_PAUSE_S + 0.2)
    assert rig.engine.state == "paused"
    off_for(rig, limits.SCREEN_STOP_S - limits.SCREEN_PAUSE_S)
    assert rig.engine.session is None
    assert rig.engine.ended is not None
    assert rig.engine.ended.outcome == "interrupted"


def test_a_screen_that_was_started_anew_goes_on_when_somebody_says_so_there(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = Rig(machine, programs).start("relax", heat_c=None)
    rig.wait(5)
    rig.by = OTHER
    rig.wait(4)
    assert rig.engine.state == "paused"
    assert rig.give(Resume()).ok
    rig.wait(60)
    assert rig.engine.state == "running"
    rig.by = SCREEN  # the first one thaws: it has nothing any more
    rig.wait(3)
    assert rig.engine.state == "paused"


def test_stop_is_everybodys(machine: Machine, programs: Mapping[str, Program]) -> None:
    for by in (OTHER, TERMINAL, Sender("service", "t1"), Sender("outside", "o1")):
        rig = Rig(machine, programs).start("relax", heat_c=None)
        rig.by = by
        assert rig.give(Stop()).ok
        assert not power(rig)


def test_what_is_not_at_the_machine_may_make_it_quieter_and_nothing_else(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    outside = Sender("outside", "o1")
    rig = Rig(machine, programs).ready()
    rig.by = outside
    for command in (
        Start(program="relax", minutes=15, intensity=1, answers=()),
        Drive(output="roll.sole.left", answers=()),
        Tune(side="left", answers=()),
        CheckItself(answers=()),
        Acknowledge(),
    ):
        refused = rig.give(command)
        assert not refused.ok
        assert refused.reason
        assert rig.engine.state == "idle"
    rig.by = SCREEN
    rig.start("relax", heat_c=None)
    rig.by = outside
    assert not rig.give(SetIntensity(level=9)).ok
    assert rig.give(Pause()).ok
    assert not rig.give(Resume()).ok
    assert not rig.give(Alive()).ok


def test_rights_hang_on_the_role() -> None:
    assert all(
        may("service", kind)
        for kind in (Drive(output="roll.sole.left", answers=()), Tune(side="left", answers=()))
    )
    assert not may("service", Start(program="relax", minutes=10, intensity=1, answers=()))
    drive = Drive(output="roll.sole.left", answers=())
    assert type(drive) in SERVICE_ONLY
    assert may("screen", drive)
    assert not may("command-line", drive)
    assert not may("outside", drive)
