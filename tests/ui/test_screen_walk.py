"""Going through a machine with a finger: the real engine behind the glass, and what was found is kept."""

from __future__ import annotations

from typing import Any

import pytest
from scenes import idle
from serviced import at_rest
from test_screen_service import RigLink, at, pass_by, past_the_card

from app.commissioning import record
from app.household.household import Household
from app.places import Places
from app.ui import find
from app.ui.state.service.walk import finding
from hardware.messages import Drive, Stop
from tests.commissioning.bench import miswired
from tests.commissioning.test_walk import motors_swapped
from tests.rig import Rig

pytestmark = pytest.mark.screen


@pytest.fixture
def home(places: Places) -> Household:
    return Household(places)


def says(hand: Any, words: str) -> bool:
    return any(words in getattr(widget, "text", "") for widget in hand.app.stage.walk(restrict=True))


def opened(hand: Any, rig: Rig, household: Household) -> RigLink:
    link = RigLink(rig.ready())
    at(hand, "computer", link=link, household=household)
    hand.touch("walk")
    hand.settle(1.0)
    past_the_card(hand)
    return link


def touch(hand: Any, link: RigLink, name: str) -> None:
    hand.now += 1.0
    hand.touch(f"walk-{name}")
    pass_by(hand, 0.1, link.go_on)


def until_asked(hand: Any, link: RigLink, name: str, seconds: float = 60.0) -> None:
    """Until this answer can be given."""
    for _ in range(round(seconds)):
        if find(hand.app.stage, f"walk-{name}") is not None:
            return
        pass_by(hand, 1.0, link.go_on)
    pytest.fail(f"{name} was never asked")


def stop_tried(hand: Any, link: RigLink) -> None:
    """The emergency stop as it should be, by touch and by hand."""
    touch(hand, link, "begin")
    until_asked(hand, link, "no")
    link.rig.plant.stop_pressed = True
    until_asked(hand, link, "yes")
    assert says(hand, "Is the lamp of the 12 V rail dark now?")
    assert find(hand.app.stage, "notice") is None, "it was asked for"
    assert not link.rig.plant.rail
    touch(hand, link, "yes")
    assert says(hand, "Now unlatch the emergency stop: turn it or pull it.")
    link.rig.plant.stop_pressed = False
    until_asked(hand, link, "yes")
    assert link.rig.engine.state == "fault"
    touch(hand, link, "yes")
    until_asked(hand, link, "next")
    assert says(hand, "The emergency stop is read, and the power goes with it.")
    assert link.rig.engine.state == "idle"
    touch(hand, link, "next")


def test_swapped_kneaders_are_found_by_touch_and_kept(hand: Any, home: Household) -> None:
    rig = miswired(hand.machine, hand.programs, motors_swapped(hand.machine, 2, 3))
    link = opened(hand, rig, home)
    touch(hand, link, "begin")
    until_asked(hand, link, "next")
    touch(hand, link, "next")
    stop_tried(hand, link)
    until_asked(hand, link, "next")
    touch(hand, link, "next")
    core = hand.app.stage.screen._page._core
    while core.step.kind == "output":
        key = core.step.output.key
        if key not in ("knead.arch.left", "knead.arch.right"):
            core.answer("yes")
            continue
        hand.app.refresh()
        touch(hand, link, "begin")
        until_asked(hand, link, "other")
        assert not any(rig.plant.motor_duty)
        touch(hand, link, "other")
        touch(hand, link, "moved-knead.arch.right" if key == "knead.arch.left" else "moved-knead.arch.left")
    while not core.over:
        core.next()
    hand.app.refresh()
    assert says(hand, "Knead, left / Knead, right: swapped. Exchange the wires of pins 16 and 17.")
    kept = record.read(home._places.commissioned, hand.machine)
    assert kept is not None
    assert [finding.code for finding in kept.findings][:1] == ["swapped"]


@pytest.mark.parametrize(
    ("mistake", "answer", "said"),
    [
        (
            "stop-bridged",
            "no",
            "The emergency stop is not read. See its second contact and its wire to pin 5.",
        ),
        ("rail-bridged", "no", "Unplug the 12 V supply now: the relay does not cut the power."),
        ("", "skip", ""),
    ],
)
def test_what_makes_a_machine_unstoppable_ends_it(
    hand: Any, home: Household, mistake: str, answer: str, said: str
) -> None:
    link = opened(hand, Rig(hand.machine, hand.programs), home)
    touch(hand, link, "begin")
    core = hand.app.stage.screen._page._core
    core.next()
    hand.app.refresh()
    touch(hand, link, "begin")
    until_asked(hand, link, "skip")
    if mistake:
        link.rig.plant.faults.put(mistake)
    link.rig.plant.stop_pressed = True
    if mistake == "rail-bridged":
        until_asked(hand, link, "yes")
    touch(hand, link, answer)
    assert core.over == bool(mistake)
    assert not said or says(hand, said)
    assert not link.of(Drive)
    assert [finding.code for finding in core.findings] == [
        {"stop-bridged": "stop-unread", "rail-bridged": "rail-lit"}.get(mistake, "stop-skipped")
    ]


CROSSED = ("pad.left.b", "pad.right.a")
FOUND = (
    ("always-on", ("knead.arch.left",), (), "Knead, left: runs whatever is driven. Its MOSFET on pin 16 is"),
    ("one-bag-alone", ("valve.foot", "pump", "valve.ankle"), (), "Only “Foot bag” fills."),
    ("valve-shut", ("valve.calf",), (), "Its valve on pin 23"),
    ("pad-sensor-crossed", ("pad.left", "pad.right"), CROSSED, "Exchange the wires of inputs 1 and 2."),
    (
        "sides-exchanged",
        ("roll.sole.left", "roll.sole.right", "pad.left", "pad.right"),
        (),
        "these pins: 12, 13; 25, 27.",
    ),
    ("stop-unread", (), (), "wire to pin 5."),
    ("rail-lit", (), (), "monostable on pin 26."),
    ("rail-held", (), (), "monostable on pin 26, then the relay's MOSFET."),
    ("stop-skipped", (), (), "Emergency stop: left out."),
    ("rail-skipped", (), (), "Relay of the 12 V rail: left out."),
)


@pytest.mark.parametrize(("code", "about", "inputs", "said"), FOUND, ids=lambda value: str(value)[:14])
def test_a_finding_names_parts_and_pins(
    hand: Any, code: str, about: tuple[str, ...], inputs: tuple[str, ...], said: str
) -> None:
    assert said in finding(record.Finding(code, about, inputs=inputs), hand.machine)


def test_leaving_in_the_middle_ends_what_is_driven(hand: Any, home: Household) -> None:
    rig = Rig(hand.machine, hand.programs)
    link = opened(hand, rig, home)
    touch(hand, link, "begin")
    core = hand.app.stage.screen._page._core
    while core.step.output is None:
        core.next()
    hand.app.refresh()
    touch(hand, link, "begin")
    pass_by(hand, 1.5, link.go_on)
    assert rig.plant.motor_duty[0] > 0
    assert find(hand.app.stage, "stop").shown
    hand.touch("tab-inputs")
    pass_by(hand, 0.2, link.go_on)
    assert not any(rig.plant.motor_duty)
    assert link.of(Stop)
    driven = len(link.of(Drive))
    pass_by(hand, 2.0, link.go_on)
    assert len(link.of(Drive)) == driven


@pytest.mark.parametrize(
    ("standing", "said"),
    [("never", "never gone through"), ("outdated", "wiring has changed"), ("unfinished", "to be mended")],
)
def test_home_says_what_was_not_gone_through(hand: Any, home: Household, standing: Any, said: str) -> None:
    home.standing = lambda _machine: standing
    hand.start(idle(), household=home)
    hand.settle(1.5)
    assert says(hand, said)


def test_home_hears_of_what_was_gone_through_at_a_terminal(hand: Any, home: Household) -> None:
    answers = ["never", "never", "done"]
    home.standing = lambda _machine: answers.pop(0)  # type: ignore[return-value]
    hand.start(idle(), household=home)
    hand.settle(1.5)
    assert says(hand, "never gone through")
    for _ in range(2):
        hand.now += 11.0
        hand.settle(0.3)
    assert not says(hand, "never gone through")
    hand.now += 60.0
    hand.settle(0.3)  # asked no more: there would be no answer left


def test_home_says_nothing_of_a_machine_that_was_or_need_not_be(hand: Any, home: Household) -> None:
    hand.start(at_rest(), household=home)
    hand.settle(1.5)
    assert find(hand.app.stage, "notice") is None
    assert not says(hand, "Service, System")
