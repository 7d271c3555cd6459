"""The PIN: kept hashed, slow to guess, and pulling the plug buys no new tries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.household.pin import FIRST_WAIT_S, FREE_TRIES, LONGEST_WAIT_S, Pin
from hardware.errors import InstepError


class Clock:
    t = 1000.0

    def __call__(self) -> float:
        return self.t


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pin(tmp_path: Path, clock: Clock) -> Pin:
    found = Pin(tmp_path / "pin.json", clock)
    found.set("4711")
    return found


def test_without_a_pin_anything_opens(tmp_path: Path, clock: Clock) -> None:
    found = Pin(tmp_path / "pin.json", clock)
    assert not found.is_set
    assert found.opens("0000")


def test_only_the_right_digits_open(pin: Pin) -> None:
    assert pin.is_set
    assert not pin.opens("4712")
    assert not pin.opens("")
    assert pin.opens("4711")


def test_the_digits_are_nowhere_in_the_file_and_no_two_files_are_alike(pin: Pin, tmp_path: Path) -> None:
    first = json.loads((tmp_path / "pin.json").read_text())
    assert "4711" not in "".join(str(value) for value in first.values() if not isinstance(value, int))
    assert len(first["digest"]) == 128
    pin.set("4711")
    second = json.loads((tmp_path / "pin.json").read_text())
    assert first["salt"] != second["salt"]
    assert first["digest"] != second["digest"]


@pytest.mark.parametrize("digits", ["", "123", "12345", "abcd", "12 4", "١٢٣٤", "12.4"])
def test_a_pin_is_four_digits(pin: Pin, digits: str) -> None:
    with pytest.raises(InstepError, match="4 digits"):
        pin.set(digits)
    assert pin.opens("4711")


def test_after_a_few_wrong_tries_nothing_is_looked_at_for_a_while(pin: Pin, clock: Clock) -> None:
    for _ in range(FREE_TRIES):
        assert pin.wait_s == 0
        assert not pin.opens("0000")
    assert pin.wait_s == FIRST_WAIT_S
    clock.t += FIRST_WAIT_S - 0.1
    assert not pin.opens("4711"), "not even the right one"
    clock.t += 0.2
    assert pin.wait_s == 0
    assert pin.opens("4711")
    assert not pin.opens("0000")
    assert pin.wait_s == 0, "the right one has cleared the count"


def test_each_wait_is_twice_the_last_up_to_a_quarter_of_an_hour(pin: Pin, clock: Clock) -> None:
    waits = []
    for _ in range(FREE_TRIES + 8):
        assert not pin.opens("0000")
        waits.append(pin.wait_s)
        clock.t += pin.wait_s
    waits = waits[FREE_TRIES - 1 :]
    assert waits[:4] == [FIRST_WAIT_S * 2**n for n in range(4)]
    assert waits[-1] == LONGEST_WAIT_S


def test_a_try_during_a_wait_does_not_count(pin: Pin, clock: Clock) -> None:
    for _ in range(FREE_TRIES):
        pin.opens("0000")
    for _ in range(50):
        pin.opens("0000")
    assert pin.wait_s == FIRST_WAIT_S


def test_pulling_the_plug_buys_no_new_tries(pin: Pin, tmp_path: Path) -> None:
    for _ in range(FREE_TRIES):
        pin.opens("0000")
    again = Pin(tmp_path / "pin.json", Clock())
    assert again.wait_s == FIRST_WAIT_S
    assert not again.opens("4711")


def test_a_pin_that_was_taken_away_is_asked_for_no_more(pin: Pin, tmp_path: Path) -> None:
    pin.opens("0000")
    pin.clear()
    assert not Pin(tmp_path / "pin.json").is_set
    assert pin.opens("anything")
    assert pin.wait_s == 0
