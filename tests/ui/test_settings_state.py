"""The settings, the lock and the PIN pad, without Kivy."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from app.household.pin import Pin
from app.household.preferences import Preferences
from app.ui.state import settings
from app.ui.state.lock import Lock
from app.ui.state.pin import PinEntry
from hardware.errors import InstepError
from tests.said import say


class Clock:
    def __init__(self) -> None:
        self.t = 100.0

    def __call__(self) -> float:
        return self.t


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pin(tmp_path: Path, clock: Clock) -> Pin:
    return Pin(tmp_path / "pin.json", clock)


def test_black_always_comes_later_than_dim() -> None:
    now = Preferences(dim_after_min=3, off_after_min=5)
    for minutes in settings.DIM_MIN:
        found = settings.with_dim(now, minutes)
        assert (found.dim_after_min, found.off_after_min > minutes) == (minutes, True)
    for minutes in settings.OFF_MIN:
        found = settings.with_off(Preferences(dim_after_min=60, off_after_min=120), minutes)
        assert (found.off_after_min, found.dim_after_min < minutes) == (minutes, True)


def test_steps_find_their_way_from_any_value() -> None:
    assert settings.stepped(settings.DIM_MIN, 4, 1) == 5
    assert settings.stepped(settings.DIM_MIN, 4, -1) == 3
    assert settings.stepped(settings.DIM_MIN, 60, 1) == 60
    assert settings.stepped(settings.DIM_MIN, 1, -1) == 1


@pytest.mark.parametrize(("hour", "dark"), [(7, True), (8, False), (17, False), (18, True), (0, True)])
def test_the_look_of_the_day(hour: int, dark: bool) -> None:
    now = datetime(2026, 11, 21, hour)  # noqa: DTZ001 - a wall clock's
    assert settings.is_dark(Preferences(look="auto"), now) is dark
    assert settings.is_dark(Preferences(look="dark"), now)
    assert not settings.is_dark(Preferences(look="light"), now)


def test_the_lock_asks_once_until_everything_behind_it_is_left(pin: Pin) -> None:
    lock = Lock(pin)
    assert lock.way("settings") == "settings"
    pin.set("1234")
    assert lock.way("service") == "pin"
    assert lock.wants == "service"
    lock.opened = True
    lock.at("service")
    assert lock.way("settings") == "settings"
    lock.at("home")
    assert lock.way("settings") == "pin"
    assert lock.way("history") == "history"


def test_the_right_digits_open_and_wrong_ones_are_slowed_down(pin: Pin, clock: Clock) -> None:
    pin.set("1234")
    entry = PinEntry(pin)
    assert _type(entry, "1111") is False
    assert entry.alarming
    assert entry.typed == ""
    _type(entry, "2222")
    _type(entry, "3333")
    assert entry.wait_s == 30
    assert "30 seconds" in entry.words
    assert _type(entry, "1234") is False
    clock.t += 30.1
    assert _type(entry, "1234") is True


def test_a_long_wait_is_said_in_minutes(pin: Pin, clock: Clock) -> None:
    pin.set("1234")
    entry = PinEntry(pin)
    for _try in range(5):
        clock.t += 1000
        _type(entry, "0000")
    assert entry.words == "Too many tries. The next is possible in 2 minutes."


def test_a_new_pin_is_typed_twice(pin: Pin) -> None:
    entry = PinEntry(pin, setting=True)
    assert _type(entry, "1234") is False
    assert entry.heading == "The same again"
    assert _type(entry, "1243") is False
    assert entry.heading == "Choose four digits"
    assert not pin.is_set
    _type(entry, "5678")
    assert _type(entry, "5678") is True
    assert pin.opens("5678")


def test_a_full_card_is_said_and_nothing_opens() -> None:
    class Full:
        wait_s = 0.0

        def opens(self, digits: str) -> bool:
            raise InstepError(say("pin.json cannot be written: No space left on device"))

        def set(self, digits: str) -> None:
            raise InstepError(say("pin.json cannot be written: No space left on device"))

    for setting in (False, True):
        entry = PinEntry(Full(), setting=setting)
        assert _type(entry, "1234" * (2 if setting else 1)) is False
        assert "cannot be written" in entry.words


def test_a_digit_can_be_taken_back(pin: Pin) -> None:
    entry = PinEntry(pin)
    for digit in "12":
        entry.press(digit)
    entry.erase()
    assert entry.typed == "1"


def _type(entry: Any, digits: str) -> bool:
    return [entry.press(digit) for digit in digits][-1]
