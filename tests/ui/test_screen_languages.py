"""Language, look and settings chosen by touch. That all of it is translated and fits: test_screen_fit.py."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from app.household.preferences import Preferences
from app.ui import habits, languages

pytestmark = pytest.mark.screen


@pytest.fixture(autouse=True)
def _in_english_again(hand: Any) -> Any:
    before = hand.preferences
    yield
    hand.preferences = before
    languages.speak(Preferences())
    habits.use(habits.Habits())


def _texts(stage: Any) -> list[Any]:
    from app.ui.widgets.base import Text

    found = [widget for widget in stage.walk(restrict=True) if isinstance(widget, Text)]
    return [text for text in found if text.text and text.opacity > 0]


def test_a_language_is_chosen_by_a_touch_and_kept(hand: Any) -> None:
    from app.ui import find

    app = hand.start()
    hand.settle()
    hand.touch("settings")
    hand.settle()
    hand.touch("section-language")
    hand.settle()
    hand.touch("language-uk")
    hand.settle()
    assert app.household.preferences.value.language == "uk"
    assert find(app.stage, "home").text == "Додому"
    assert find(app.stage, "language-uk") is not None
    assert find(app.stage, "stop").text == "Стоп"
    hand.touch("home")
    hand.settle()
    assert any(text.text.startswith("Доброго вечора") for text in _texts(app.stage))


def test_the_look_that_follows_the_day_turns_by_itself_on_home(hand: Any) -> None:
    hand.preferences = replace(hand.preferences, look="auto")
    app = hand.start()
    hand.settle()
    assert app._ui.theme.dark
    app.wall = lambda: __import__("scenes").NOW.replace(hour=9)
    app._tick()
    assert not app._ui.theme.dark
    assert app.stage.screen is not None


def test_the_pin_stands_before_the_settings_and_is_asked_once(hand: Any) -> None:
    app = hand.start()
    app.household.pin.set("2580")
    hand.settle()
    hand.touch("settings")
    hand.settle()
    assert app.router.place == "pin"
    for digit in "2580":
        hand.settle()
        hand.touch(f"pin-{digit}")
    hand.settle()
    assert app.router.place == "settings"
    hand.touch("home")
    hand.settle()
    hand.touch("settings")
    hand.settle()
    assert app.router.place == "pin"
    hand.touch("back")
    hand.settle()
    assert app.router.place == "home"


def test_settings_act_at_once_and_touches_that_arrive_twice_act_once(hand: Any) -> None:
    app = hand.start()
    hand.settle()
    hand.touch("settings")
    hand.settle()
    hand.touch("brightness-plus")
    hand.touch("brightness-plus")
    assert app.household.preferences.value.brightness == 90
    hand.settle()
    hand.touch("large-text-True")
    hand.touch("large-text-True")
    assert app.household.preferences.value.large_text
    assert app._ui.theme.large
    hand.settle()
    assert app.router.place == "settings"
