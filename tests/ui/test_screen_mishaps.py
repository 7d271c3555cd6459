"""Wherever a person is, a screen's mistake is told calmly and costs nothing else, least of all Stop.

That Stop acts on every screen that a session finds is in ``test_screen_away``.
"""

from __future__ import annotations

from typing import Any

import pytest
from everywhere import SCENES, SCREENS, feel, go_to, says, stop_acts
from scenes import idle, running

pytestmark = pytest.mark.screen

TOLD = "Part of this screen cannot be shown. The Stop button works."
OF_SESSIONS = [scene for scene, place in SCENES.items() if place == "session"]


class BrokenError(Exception):
    """A mistake of somebody's."""


def _break(*_args: object, **_more: object) -> None:
    raise BrokenError


@pytest.fixture(autouse=True)
def _undrawn(hand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand, "draws", False)


def _begin(hand: Any) -> None:
    """A session begins, asked for elsewhere; the screen has it at its next look, and no frame later."""
    hand.link.connected = True
    hand.link.show(running())
    hand.app._poll()


# --- Stop ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scene", OF_SESSIONS)
def test_stop_acts_on_a_dimmed_screen_with_fingers_on_it(hand: Any, scene: str) -> None:
    go_to(hand, scene)
    for minutes in (0, 4, 60):
        hand.now += 60 * minutes
        hand.app._tick()
        awake = minutes == 0 and scene != "comfort-dimmed"
        assert (hand.app._atmosphere.comfort.mood == "awake") == awake
        hand.touch_at(5, 5)  # and stays
        assert stop_acts(hand)
        hand.app._tick()


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280)])
def test_stop_is_in_its_place_in_every_size(hand: Any, size: tuple[int, int]) -> None:
    hand.resize(size)
    for scene in ("balance", "naming", "farewell", "pin-new", "ready-guest-card", "service-outputs-driven"):
        go_to(hand, scene)
        _begin(hand)
        assert stop_acts(hand), scene


@pytest.mark.parametrize("scene", ["service-outputs-driven", "service-tuning-going", "service-check-going"])
def test_stop_ends_what_goes_on_in_service(hand: Any, scene: str) -> None:
    go_to(hand, scene)
    assert stop_acts(hand)


def test_stop_acts_though_it_cannot_be_lit(hand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    go_to(hand, "session-relax")
    monkeypatch.setattr(hand.app.stage.stop, "flash", _break)
    assert stop_acts(hand)


# --- mistakes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", SCREENS)
def test_a_screen_that_cannot_be_updated(hand: Any, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    go_to(hand, SCREENS[place])
    screen = hand.app.stage.screen
    monkeypatch.setattr(screen, "update", _break)
    hand.settle()
    assert says(hand, TOLD)
    stoppable = hand.app.stage.stop.shown
    assert stoppable == (place == "session")
    if place != "session":
        _begin(hand)
        assert hand.app.stage.screen is not screen
        assert not says(hand, TOLD), "the session's screen is another one"
    assert stop_acts(hand)
    hand.link.show(idle())
    hand.settle()
    assert hand.app._shown != "session", "whoever is broken can be left"


@pytest.mark.parametrize("place", [place for place in SCREENS if place != "offline"])
def test_a_button_that_fails(hand: Any, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.ui.widgets.button import Touchable

    go_to(hand, SCREENS[place])
    hand.settle(2.0)
    widgets = hand.app.stage.screen.walk(restrict=True)
    button = next(each for each in widgets if isinstance(each, Touchable) and each.shown and each.enabled)
    monkeypatch.setattr(button, "action", _break)
    feel(hand, *button.center)
    assert says(hand, TOLD)
    # Long enough to be read, though the screen itself can be shown.
    hand.settle(3.0)
    assert says(hand, TOLD)
    if place != "session":
        _begin(hand)
    assert stop_acts(hand)
    hand.settle(6.0)
    assert not says(hand, TOLD)


@pytest.mark.parametrize("method", ["left", "opened", "__init__"])
@pytest.mark.parametrize("place", ["home", "history", "service"])
def test_a_screen_that_cannot_come_or_go(
    hand: Any, place: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps nobody from the next screen, least of all a session."""
    from app.ui.screens.roster import screen_class

    go_to(hand, SCREENS["people"])
    monkeypatch.setattr(screen_class(place), method, _break)
    hand.app._screens.pop(place, None)
    hand.app.go(place)
    hand.settle()
    assert says(hand, TOLD) == (method == "__init__")
    hand.app.go("settings")
    hand.settle()
    assert hand.app._shown == "settings"
    assert not says(hand, TOLD)
    hand.app.go(place)
    _begin(hand)
    assert hand.app._shown == "session"
    assert stop_acts(hand)


def test_a_session_without_its_screen_can_be_stopped(hand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.ui.screens.roster import screen_class

    go_to(hand, "history-filter")
    monkeypatch.setattr(screen_class("session"), "__init__", _break)
    _begin(hand)
    assert says(hand, TOLD)
    assert stop_acts(hand)
    assert hand.app._alive_event is not None, "what runs goes on, and ends by itself at its time"


def test_a_clock_that_fails_is_told_and_the_next_one_is_kept(hand: Any) -> None:
    from kivy.clock import Clock

    go_to(hand, "session-relax")
    Clock.schedule_once(_break)
    hand.frames(1)
    assert says(hand, TOLD)
    assert stop_acts(hand)
