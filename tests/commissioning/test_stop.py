"""Trying the emergency stop and the rail's relay: what is seen, what is asked, who turns power on again."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from app.commissioning.walk import Walk
from hardware.machine import Machine
from hardware.messages import Acknowledge, Command, Reply
from hardware.program import Program
from tests import shaped
from tests.bench import NO_FEET
from tests.rig import SCREEN, TERMINAL, Rig
from tests.said import say


class Stand:
    """A walk that stands before the emergency stop, and a machine that it is tried on."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.walk = Walk(rig.machine)
        self.sent: list[Command] = []
        while self.walk.step.kind != "stop":
            self.walk.next()
        self.walk.begin(rig.now)

    @property
    def phase(self) -> str:
        return self.walk.stop.phase

    def live(self, seconds: float = 1.0) -> None:
        until = self.rig.now + seconds
        while self.rig.now < until:
            commands = self.walk.update(self.rig.now, self.rig.engine.snapshot())
            self.sent += commands
            step = self.rig.tick(*commands)  # type: ignore[arg-type]
            for command, reply in zip(commands, step.replies, strict=False):
                self.walk.replied(command, reply)

    def press(self, pressed: bool = True) -> None:
        self.rig.plant.stop_pressed = pressed
        self.live()

    def pressed_and_dark(self) -> None:
        self.live(0.2)
        self.press()
        self.live(5.0)
        self.walk.answer("yes")
        self.live(0.2)

    def codes(self) -> list[str]:
        return [finding.code for finding in self.walk.findings]


@pytest.fixture
def stand(machine: Machine, programs: Mapping[str, Program]) -> Stand:
    return Stand(Rig(machine, programs, by=TERMINAL, params=NO_FEET).ready())


def test_the_machine_sees_by_itself_that_it_is_pressed_and_let_go(stand: Stand) -> None:
    stand.live(60.0)
    assert (stand.phase, stand.walk.stage) == ("press", "busy")
    assert stand.rig.plant.rail
    stand.press()
    assert (stand.phase, stand.walk.stage) == ("fading", "busy")
    stand.live(4.0)
    assert (stand.phase, stand.walk.stage) == ("dark", "asking")
    assert not stand.rig.plant.rail, "asked once it has to be dark"
    stand.walk.answer("yes")
    stand.live(60.0)
    assert (stand.phase, stand.walk.stage) == ("release", "busy")
    stand.press(False)
    assert (stand.phase, stand.walk.stage) == ("still", "asking")
    assert not stand.rig.plant.rail


def test_power_comes_back_by_a_persons_answer_and_not_before(stand: Stand) -> None:
    stand.pressed_and_dark()
    stand.press(False)
    stand.live(30.0)
    assert stand.rig.engine.state == "fault"
    assert stand.sent == []
    stand.walk.answer("yes")
    stand.live(3.0)
    assert stand.sent == [Acknowledge()], "once"
    assert stand.walk.stage == "told"
    assert stand.rig.engine.state == "idle"
    assert stand.rig.plant.rail
    assert stand.codes() == []
    stand.walk.next()
    assert stand.walk.step.kind == "zero"


def test_another_fault_is_never_confirmed_from_here(stand: Stand) -> None:
    stand.pressed_and_dark()
    stand.press(False)
    stand.rig.doctor = lambda readings: shaped.reading(
        stand.rig.machine, readings, pads_c=((50.0, 50.0),) * 2
    )
    # Two sensors that jump together are believed once a pad can have got there.
    stand.rig.until(lambda: sum(fault.latched for fault in stand.rig.engine.snapshot().faults) > 1, 150)
    stand.walk.answer("yes")
    stand.live(0.2)
    assert stand.sent == []
    assert stand.walk.stage == "ready"
    assert "A pad got too hot" in str(stand.walk.problem)
    assert stand.rig.engine.state == "fault"


def test_pressed_again_before_power_comes_back_it_stays_off(stand: Stand) -> None:
    stand.pressed_and_dark()
    stand.press(False)
    stand.rig.plant.stop_pressed = True
    stand.walk.answer("yes")
    stand.live()
    assert str(stand.walk.problem) == "The cause is still there."
    assert stand.rig.engine.state == "fault"
    assert not stand.rig.plant.rail
    stand.walk.begin(stand.rig.now)
    stand.live()
    assert stand.phase == "release", "it goes on where it was"
    stand.press(False)
    stand.walk.answer("yes")
    stand.live(3.0)
    assert stand.walk.stage == "told"


def test_one_that_is_pressed_before_it_is_asked_for_has_changed_nothing(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = Rig(machine, programs, by=TERMINAL, params=NO_FEET).ready()
    rig.plant.stop_pressed = True
    rig.wait(0.2)
    stand = Stand(rig)
    stand.live()
    assert "The stop button is pressed" in str(stand.walk.problem)
    assert stand.walk.stop.stop == ""


def test_nothing_happens_ends_it_with_the_pin(stand: Stand) -> None:
    stand.rig.plant.faults.put("stop-bridged")
    stand.live(0.2)
    stand.press()
    assert stand.phase == "press"
    stand.walk.answer("no")
    assert stand.walk.over
    assert stand.codes() == ["stop-unread"]


@pytest.mark.parametrize(("released", "code"), [(False, "rail-lit"), (True, "rail-held")])
def test_a_lamp_that_is_lit_ends_it_and_turns_nothing_on(stand: Stand, released: bool, code: str) -> None:
    stand.live(0.2)
    stand.press()
    stand.live(5.0)
    if released:
        stand.walk.answer("yes")
        stand.press(False)
    stand.walk.answer("no")
    assert stand.walk.over
    assert stand.codes() == [code]
    stand.live()
    assert stand.sent == []
    assert stand.rig.engine.state == "fault"


def test_without_a_lamp_the_stop_alone_counts_and_the_rail_is_left_out(stand: Stand) -> None:
    stand.live(0.2)
    stand.press()
    stand.live(5.0)
    stand.walk.answer("skipped")
    stand.press(False)
    assert (stand.phase, stand.walk.stage) == ("confirm", "asking")
    stand.walk.answer("yes")
    stand.live(3.0)
    assert stand.walk.stage == "told"
    assert (stand.walk.stop.stop, stand.walk.stop.rail) == ("read", "skipped")
    assert stand.codes() == ["rail-skipped"]


def test_left_out_the_machine_is_unfinished(stand: Stand) -> None:
    stand.walk.skip(say("No time."))
    assert stand.walk.step.kind == "zero"
    assert stand.codes() == ["stop-skipped"]


def test_a_machine_that_does_not_come_to_rest_is_told(stand: Stand) -> None:
    stand.rig.by = SCREEN
    stand.rig.start()
    stand.live(13.0)
    assert str(stand.walk.problem) == "The machine is busy with something else."


def test_a_reply_that_comes_late_tells_nothing(stand: Stand) -> None:
    stand.walk.leave()
    stand.walk.replied(Acknowledge(), Reply(False, say("The cause is still there.")))
    stand.walk.begin(stand.rig.now)
    assert stand.walk.stop.trouble is None
