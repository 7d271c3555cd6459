"""A first evening and a later one at a living machine: how many touches each task takes, on the real widgets.

The design's numbers: start Relax 3, softer 1, stop 1, last week's minutes 1.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from everywhere import says
from living import LivingMachine
from scenes import NOW, household_of

from hardware.messages import Start

pytestmark = pytest.mark.screen

SEED = 11


class Evening:
    """A person at the kiosk: every touch is counted, and time goes by for all in the same steps."""

    def __init__(self, hand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        from kivy.clock import Clock

        print(f"seed {SEED}")
        self.hand = hand
        self.machine = LivingMachine(hand.machine, hand.programs, SEED)
        self.touches = 0
        self._time_s = Clock.time()
        monkeypatch.setattr(Clock, "time", lambda: self._time_s)
        monkeypatch.setattr(hand, "draws", False)
        monkeypatch.setattr(subprocess, "run", None)

    def come(self) -> None:
        """The machine has been switched on."""
        self.machine.live(2.0)
        self.hand.start(
            self.machine.latest,
            link=self.machine,
            household=self.machine.household,
            history=self.machine.history(),
        )
        self.wait(2.0)

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self._time_s += 0.1
            self.hand.now += 0.1
            self.machine.live(0.1)
            self.hand.frames(1)

    def touch(self, *names: str) -> None:
        """One touch each, with the second that a person takes to look."""
        for name in names:
            self.touches += 1
            self.hand.touch(name)
            self.wait(1.0)

    def counted(self) -> int:
        touches, self.touches = self.touches, 0
        return touches

    @property
    def shown(self) -> str:
        return str(self.hand.app._shown)

    @property
    def state(self) -> str:
        assert self.machine.latest is not None
        return self.machine.latest.state

    @property
    def asked(self) -> int:
        """The intensity the machine goes by."""
        assert self.machine.latest is not None
        assert self.machine.latest.session is not None
        return self.machine.latest.session.intensity

    def power(self) -> bool:
        duties = self.machine.rig.board.wiring.duties
        return any(duties.get(pin, 0.0) for pin in self.hand.machine.power_pins())


@pytest.fixture
def evening(hand: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Evening]:
    found = Evening(hand, monkeypatch)
    yield found
    hand.close()
    found.machine.close()


def _softer_and_stop(evening: Evening) -> None:
    was = evening.asked
    evening.touch("minus")
    assert evening.asked == was - 1
    assert evening.counted() == 1
    evening.wait(5.0)
    assert evening.state == "running", "the screen proves that it is alive"
    assert evening.power()
    evening.hand.touch("stop")
    evening.machine.live(0.1)
    assert not evening.power()
    evening.wait(4.0)
    assert evening.shown == "after"


def test_a_guest_on_a_fresh_machine_and_again(evening: Evening) -> None:
    evening.come()
    assert evening.shown == "home"
    evening.touch("program-relax", "start", "none-of-these")
    assert evening.state == "running"
    assert evening.counted() == 3
    assert evening.machine.latest is not None
    assert evening.machine.latest.session is not None
    assert evening.machine.latest.session.program == "relax"
    _softer_and_stop(evening)
    evening.touch("home")
    # Their word of what they do not have counts for a while.
    evening.counted()
    evening.touch("program-relax", "start")
    assert evening.state == "running"
    assert evening.counted() == 2
    evening.touch("too-strong")
    assert evening.counted() == 1
    evening.touch("stop")
    evening.wait(4.0)
    assert evening.counted() == 1


def test_pads_are_warmed_while_a_guest_gets_ready(evening: Evening) -> None:
    """S2: for who looks at that page, until they stop it, leave it or start."""
    from app.ui import find

    def heated() -> bool:
        return any(evening.machine.rig.plant.heater_duty)

    def shown(name: str) -> bool:
        return bool(find(evening.hand.app.stage, name).shown)

    evening.come()
    evening.touch("program-relax", "warm-up", "none-of-these")
    assert (evening.state, evening.counted()) == ("preheating", 3)
    assert shown("stop")
    assert not shown("back"), "it is where Stop is"
    evening.wait(4.0)
    assert heated(), "the screen proves that it is alive"
    assert says(evening.hand, "Now 2")
    assert says(evening.hand, "· 2:5")
    evening.hand.touch("stop")
    evening.machine.live(0.1)
    assert not heated()
    evening.wait(1.0)
    assert shown("back")
    evening.touch("warm-up", "feet-left")
    assert evening.machine.rig.plant.heater_duty[1] == 0.0 < evening.machine.rig.plant.heater_duty[0]
    evening.touch("new-today")
    assert not heated(), "the day's check is not said yet"
    evening.touch("nothing-new", "warm-up")
    assert heated()
    evening.hand.app.go("home")
    evening.wait(0.5)
    assert not heated()
    evening.touch("program-relax", "warm-up", "start")
    assert evening.state == "running"
    assert heated()


def test_somebody_who_is_known(evening: Evening) -> None:
    household_of("Anna")(evening.machine.household)
    evening.come()
    assert says(evening.hand, "Anna")
    evening.touch("program-relax", "start")
    assert evening.state == "running"
    assert evening.counted() == 2
    assert evening.asked <= 4, "S14: a first massage is gentle"
    _softer_and_stop(evening)
    evening.touch("home")
    evening.counted()
    # With the settings of the last time.
    evening.touch("again", "start")
    assert evening.state == "running"
    assert evening.counted() == 2


def test_somebody_new_answers_every_question_once_and_no_start_goes_round_them(evening: Evening) -> None:
    """S14. The questions are what these touches are; nothing else is in the way."""
    from app.household.screening import QUESTIONS

    evening.come()
    evening.touch("who", "add-person", "key-j", "key-o", "name-done")
    evening.touch("back", "home")
    evening.counted()
    evening.touch("program-relax")
    assert evening.shown == "screening"
    evening.touch(*len(QUESTIONS) * ("no",), "screening-done", "start")
    assert evening.state == "running"
    assert evening.counted() == 1 + len(QUESTIONS) + 2
    evening.touch("stop")
    evening.wait(4.0)
    evening.touch("home")
    evening.counted()
    evening.touch("program-relax", "start")
    assert evening.state == "running"
    assert evening.counted() == 2, "they are asked again in thirty days, not before"


def test_somebody_whose_answers_are_old_is_asked_before_the_start(evening: Evening) -> None:
    household_of("Anna", answered=NOW.date() - timedelta(days=31))(evening.machine.household)
    evening.come()
    evening.touch("program-relax")
    assert evening.shown == "screening"
    evening.touch("yes", "go-on")
    assert evening.state == "idle"
    evening.touch(*13 * ("no",))
    anna = evening.machine.household.people.get("anna")
    assert anna is not None
    assert anna.yes == ("clot",)
    evening.touch("back", "program-relax", "answer-again")
    assert evening.shown == "screening", "there is no Start to touch"
    # Nor is there one to send.
    evening.machine.send(Start(program="relax", minutes=10, intensity=2, heat_c=None, person="anna"))
    evening.wait(1.0)
    assert evening.state == "idle"
