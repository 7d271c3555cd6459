"""Fingers on the history: values under them, deleting and having back, taking away; and on a dark screen."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from past_moments import a_stick, with_sticks
from scenes import ADVICE, FAULT, NOW, ScriptedHistory, ended, household_of, idle, running

from app import usb
from app.household.household import Household
from app.places import Places
from app.ui import find
from app.ui.state.removal import UNDO_S
from app.ui.state.takeaway import TakeAway
from hardware.messages import DeleteSession, Pause, Stop

pytestmark = pytest.mark.screen


def says(hand: Any, text: str) -> bool:
    words = [getattr(widget, "text", "") for widget in hand.app.stage.walk(restrict=True)]
    return any(text in str(found).replace("\n", " ") for found in words)


def come_to(hand: Any, *names: str) -> None:
    for name in names:
        hand.settle(1.0)
        hand.touch(name)
    hand.settle(1.0)


def a_household(sits: int | None = 0) -> Household:
    made = Household(Places(Path(mkdtemp(prefix="house-"))))
    household_of("Anna", "Jonas", sits=sits)(made)
    return made


# --- the curves ---------------------------------------------------------------------------------------


def test_a_finger_on_the_curves_reads_them_and_may_move(hand: Any) -> None:
    from kivy.tests.common import UnitTestTouch

    hand.start(idle())
    come_to(hand, "history", "session-h-0")
    assert says(hand, "57 mmHg at most")
    curves = find(hand.app.stage, "curves")
    touch = UnitTestTouch(curves.x + curves.width * 0.5, curves.center[1])
    touch.touch_down()
    assert says(hand, "10:00")
    assert says(hand, "right 39.")
    touch.touch_move(curves.x + curves.width * 0.25, curves.center[1])
    assert says(hand, "5:00")
    # Far outside: the end, and no touch-up was needed for any of it.
    touch.touch_move(curves.right + 500, 3)
    assert says(hand, "20:00")


# --- deleting -----------------------------------------------------------------------------------------


def test_a_deleted_session_is_gone_at_once_and_can_be_had_back(hand: Any) -> None:
    hand.start(idle())
    come_to(hand, "history", "session-h-0", "delete")
    assert hand.app.router.place == "history"
    assert find(hand.app.stage, "session-h-0") is None
    assert hand.link.of(DeleteSession) == []
    hand.touch("undo")
    hand.settle(UNDO_S * 2)
    hand.app._tick()
    assert find(hand.app.stage, "session-h-0") is not None
    assert hand.link.of(DeleteSession) == []


def test_after_a_while_it_is_deleted_for_good(hand: Any) -> None:
    hand.start(idle())
    come_to(hand, "history", "session-h-0", "delete")
    hand.settle(UNDO_S)
    hand.app._tick()
    assert hand.link.of(DeleteSession) == [DeleteSession(session="h-0")]
    assert find(hand.app.stage, "undo") is None
    assert find(hand.app.stage, "session-h-0") is None


@pytest.mark.parametrize("way", ["home", "session-h-1", "takeaway", "machine", "closed"])
def test_it_is_deleted_too_when_the_screen_is_left(hand: Any, way: str) -> None:
    hand.start(idle())
    come_to(hand, "history", "session-h-0", "delete")
    link = hand.link
    match way:
        case "machine":
            link.show(running())
            hand.settle()
        case "closed":
            hand.close()
        case "takeaway":
            hand.app.go("takeaway")
        case _:
            hand.touch(way)
    assert link.of(DeleteSession) == [DeleteSession(session="h-0")]


def test_what_cannot_be_deleted_is_back_and_says_why(hand: Any) -> None:
    hand.start(idle())
    hand.link.refuse[DeleteSession] = "The machine does not answer. Try again in a moment."
    come_to(hand, "history", "session-h-0", "delete")
    hand.settle(UNDO_S)
    hand.app._tick()
    assert find(hand.app.stage, "session-h-0") is not None
    assert says(hand, "Not deleted. The machine does not answer.")
    hand.settle(1.0)
    hand.touch("undo-ok")
    assert find(hand.app.stage, "undo-ok") is None


# --- whose, and how it went ---------------------------------------------------------------------------


@pytest.mark.parametrize(("sits", "theirs"), [(0, True), (1, False), (None, False)])
def test_the_history_is_that_of_who_sits_here(hand: Any, sits: int | None, theirs: bool) -> None:
    hand.start(idle(), history=ScriptedHistory(9, whose="anna"), household=a_household(sits=sits))
    come_to(hand, "history")
    assert (find(hand.app.stage, "session-h-0") is not None) == theirs


def test_the_ratings_are_a_touch_away(hand: Any) -> None:
    hand.start(idle())
    come_to(hand, "history", "chart-feet")
    assert says(hand, "Sore before")
    hand.touch("chart-weeks")
    assert says(hand, "Good rhythm: 2 or 3 a week")


# --- to a stick ---------------------------------------------------------------------------------------


def test_sessions_are_on_the_stick_in_two_touches(hand: Any, tmp_path: Path) -> None:
    hand.start(idle(), history=ScriptedHistory(12))
    come_to(hand, "history", "takeaway")
    stick = usb.Stick("/dev/sda1", tmp_path, "BLUE", 10**9, read_only=False, number=os.stat(tmp_path).st_dev)
    screen = hand.app.stage.screen
    screen.away = TakeAway(
        lambda: hand.now, lambda: [stick], finish=lambda _stick: True, spawn=lambda work: work()
    )
    hand.settle(1.0)
    assert says(hand, "The stick BLUE has 1.0 GB free.")
    hand.settle(1.0)
    hand.touch("write")
    hand.settle()
    assert says(hand, "You can take it out now.")
    (file,) = tmp_path.iterdir()
    assert len(file.read_text().splitlines()) == 13
    come_to(hand, "again")
    assert find(hand.app.stage, "write")


def test_only_ones_own_sessions_are_taken_away_unless_everybody_is_asked_for(hand: Any) -> None:
    taken: list[Any] = []

    class Reader(ScriptedHistory):
        def rows(self, person: Any = ...) -> Any:
            taken.append(person)
            return super().rows(person)

    hand.start(idle(), history=Reader(9, whose="anna"), household=a_household())
    come_to(hand, "history", "takeaway")
    with_sticks(a_stick())(hand)
    come_to(hand, "write", "again", "whose-True", "write")
    assert taken == ["anna", ...]


# --- reminders ----------------------------------------------------------------------------------------


def test_home_says_quietly_how_long_it_has_been_and_never_over_a_fault(hand: Any) -> None:
    hand.start(idle(), history=ScriptedHistory(5, started_from=NOW - timedelta(days=3)))
    hand.settle()
    assert says(hand, "Three days since your last session.")
    hand.link.show(idle(faults=(ADVICE,)))
    hand.settle()
    assert not says(hand, "Three days since")
    assert says(hand, "An air bag does not fill as it should.")


# --- a dark screen ------------------------------------------------------------------------------------


def test_the_first_touch_on_a_dark_screen_only_wakes_it(hand: Any) -> None:
    hand.start(idle())
    hand.settle(20 * 60)
    assert hand.app._atmosphere.comfort.mood == "dark"
    hand.touch("program-relax")
    hand.touch("program-relax")
    assert hand.app.router.place == "home"
    assert hand.app._atmosphere.comfort.mood == "awake"
    hand.now += 1
    hand.touch("program-relax")
    assert hand.app.router.place == "ready"


def test_in_a_session_a_touch_acts_at_once_and_stop_always_does(hand: Any) -> None:
    hand.start(running())
    hand.settle(20 * 60)
    assert hand.app._atmosphere.comfort.mood == "dimmed"
    hand.touch("pause")
    assert len(hand.link.of(Pause)) == 1
    hand.settle(20 * 60)
    hand.touch("stop")
    assert hand.link.of(Stop) == [Stop()]


def test_stop_acts_on_a_screen_that_has_gone_dark(hand: Any) -> None:
    hand.start(idle())
    come_to(hand, "program-relax")
    hand.now += 20 * 60
    hand.app.expect_start(True)
    hand.touch("stop")
    assert hand.link.of(Stop) == [Stop()]
    assert hand.app._atmosphere.comfort.mood == "awake"


@pytest.mark.parametrize("news", [idle(state="fault", faults=(FAULT,)), idle(ended=ended())])
def test_what_has_happened_lights_the_screen(hand: Any, news: Any) -> None:
    hand.start(running() if news.ended else idle())
    hand.settle(30 * 60)
    assert hand.app._atmosphere.comfort.mood != "awake"
    hand.link.show(news)
    hand.settle()
    assert hand.app._atmosphere.comfort.mood == "awake"


def test_dark_is_black_and_awake_is_as_it_was(hand: Any) -> None:
    hand.start(idle())
    hand.settle()
    lit = hand.pixels()[2]
    hand.settle(20 * 60)
    assert max(hand.pixels()[2]) == 0
    hand.touch_at(5, 5)
    assert hand.pixels()[2] == lit
