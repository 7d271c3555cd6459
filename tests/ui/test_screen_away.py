"""Whichever screen is open, it follows the machine: into a session, away, and back in any state."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from everywhere import SCENES, SCREENS, go_to, says, stop_acts
from scenes import FAULT, ended, idle, running

from hardware.messages import Alive, CheckView, Snapshot, Start

pytestmark = pytest.mark.screen

BACK: dict[str, Snapshot] = {
    "at rest": idle(boot="b2"),
    "in a session": running(more={"boot": "b2"}),
    "with a fault": idle(boot="b2", state="fault", faults=(FAULT,)),
    "in its self-test": idle(boot="b2", state="self-test", check=CheckView(None, None, False, 18)),
}


@pytest.fixture(autouse=True)
def _no_mishap(hand: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(hand, "draws", False)
    caplog.set_level(logging.ERROR)
    yield
    assert [record.getMessage() for record in caplog.get_records("call")] == []


def test_every_screen_has_a_scene() -> None:
    from app.ui import app

    assert set(SCREENS) == set(app.SCREENS)


def _lose(hand: Any) -> None:
    """As the app sees it: nothing new comes, and then the link says that nobody is there."""
    hand.link.connected = False
    hand.app._poll()
    hand.frames(1)


def _bring_back(hand: Any, snapshot: Snapshot) -> None:
    hand.link.connected = True
    hand.link.show(snapshot)
    hand.app._poll()
    hand.frames(1)


@pytest.mark.parametrize("scene", SCENES)
def test_a_session_begins_the_machine_goes_and_comes_back_in_every_state(hand: Any, scene: str) -> None:
    go_to(hand, scene)
    app, place = hand.app, SCENES[scene]
    before, was_ended = hand.link.latest, app.router.ended

    def back_where_it_was() -> None:
        hand.now += 5
        app.router.ended, app.router.place = was_ended, place
        hand.link.latest = before
        hand.link.connected = place != "offline"
        hand.settle()
        assert app._shown == place

    # Asked for elsewhere; the screen has it at its next look, and Stop acts no frame later.
    hand.link.connected = True
    hand.link.show(running())
    app._poll()
    assert app._shown == "session"
    assert stop_acts(hand)
    # What lay on top of the screen is not in its way later either.
    hand.settle(1.0)
    assert stop_acts(hand)
    back_where_it_was()
    for name, snapshot in BACK.items():
        _lose(hand)
        assert app._shown == "offline", name
        assert says(hand, "Waking up" if before is None else "Reconnecting")
        assert not app.stage.stop.shown, "it would reach nobody; the screen tells of the one on the machine"
        assert app._alive_event is None
        hand.now += 20
        app._tick()
        assert not stop_acts(hand)
        _bring_back(hand, snapshot)
        match name:
            case "in a session":
                assert app._shown == "session"
                assert says(hand, "Circulation")
                assert app._alive_event is not None
                assert stop_acts(hand)
            case "with a fault":
                assert app._shown == "fault"
                assert says(hand, str(FAULT.title))
                assert not app.stage.stop.shown
            case _:
                # What was asked about a session that has ended is still to be answered.
                assert app._shown == (place if place in ("after", "pain") else "home")
                assert says(hand, "checking itself") == (name == "in its self-test" and app._shown == "home")
                assert not app.stage.stop.shown
        back_where_it_was()


def test_a_start_that_is_lost_with_the_machine_leaves_no_stop_behind(hand: Any) -> None:
    go_to(hand, "ready-guest-card")
    hand.link.refuse.clear()
    hand.settle(1.0)
    hand.touch("none-of-these")
    assert hand.link.of(Start)
    assert hand.app.stage.stop.shown
    _lose(hand)
    assert not hand.app.stage.stop.shown
    _bring_back(hand, idle(boot="b2"))
    assert hand.app._shown == "home"
    assert not hand.app.stage.stop.shown, "it would lie over Home's own buttons"


def test_a_start_that_led_to_nothing_can_be_tried_again(hand: Any) -> None:
    go_to(hand, "ready-again")
    hand.app.sitting.word.give()
    hand.touch("start")
    hand.settle(2.0)
    assert hand.app.stage.stop.shown
    hand.settle(5.0)
    assert not hand.app.stage.stop.shown
    assert says(hand, "The machine cannot start now.")
    hand.touch("start")
    assert len(hand.link.of(Start)) == 2
    hand.link.show(running())
    hand.settle()
    assert stop_acts(hand)


def test_a_wait_for_a_word_of_where_it_hurt_survives_the_machine(hand: Any) -> None:
    go_to(hand, "pain")
    _lose(hand)
    _bring_back(hand, idle(boot="b2"))
    hand.settle(2.0)
    hand.touch("pain-skip")
    assert hand.app._shown == "after"
    _lose(hand)
    _bring_back(hand, idle(boot="b2"))
    assert hand.app._shown == "after", "asked once, answered once"


def test_a_yes_counts_though_the_machine_went_away_before_the_last_question(hand: Any) -> None:
    """S14: who has just said yes to something must not go on with the answers of last week."""
    go_to(hand, "person")
    people = hand.app.household.people
    hand.app.sitting.questions("anna")
    hand.app.go("screening")
    hand.settle(1.0)
    hand.touch("yes")
    _lose(hand)
    _bring_back(hand, idle(boot="b2"))
    assert people.get("anna").answered is None
    hand.settle(1.0)
    hand.touch("program-relax")
    assert hand.app._shown == "screening"


def test_the_proof_of_life_goes_on_when_the_machine_does(hand: Any) -> None:
    hand.start(running())
    _lose(hand)
    sent = len(hand.link.of(Alive))
    _bring_back(hand, running())
    assert len(hand.link.of(Alive)) == sent + 1
    _bring_back(hand, idle(ended=ended()))
    assert hand.app._alive_event is None
