"""A disk that does not answer: the screen goes on, Stop acts, nothing is lost, nothing starts too early."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from everywhere import says
from msgspec.structs import replace
from scenes import ScriptedHistory, ended, household_of, idle, running

from app.aside import Aside
from app.filing import Filing
from app.household.household import Household
from app.household.screening import QUESTIONS
from app.places import Places
from app.ui import find
from hardware.messages import CheckItself, Rate, Reply, Start, Stop

pytestmark = pytest.mark.screen

DEADLINE_S = 60.0
FULL = "No space left on device"


class Disk:
    """Answers at once until it is held; what was asked then is answered when it is let go."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.free.set()
        self.asked = threading.Event()
        self.full = False

    def hold(self) -> None:
        self.asked.clear()
        self.free.clear()

    def __call__(self, _file: int = 0) -> None:
        self.asked.set()
        assert self.free.wait(DEADLINE_S)
        if self.full:
            raise OSError(28, FULL)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    found = Disk()
    monkeypatch.setattr(os, "fsync", found)
    yield found
    found.free.set()


@pytest.fixture
def filing(disk: Disk) -> Iterator[Filing]:
    found = Filing(retry_s=1e6)
    yield found
    disk.free.set()
    found.close(DEADLINE_S)


@pytest.fixture
def house(places: Places, filing: Filing) -> Household:
    return Household(places, filing=filing)


@pytest.fixture(autouse=True)
def _undrawn(hand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand, "draws", False)


def until_written(filing: Filing) -> None:
    """Or tried in vain."""

    def rests() -> bool:
        return filing._writing is None and all(waiting.due_s for waiting in filing._waiting.values())

    with filing._changed:
        assert filing._changed.wait_for(rests, DEADLINE_S)


def touch(hand: Any, *names: str) -> None:
    for name in names:
        hand.touch(name)
        hand.settle(1.0)


def begin(hand: Any, house: Household, filing: Filing, *names: str, **about: Any) -> None:
    if names:
        household_of(*names, **about)(house)
    hand.start(idle(), household=house)
    hand.settle(1.0)
    until_written(filing)


def _fidgets(house: Household) -> None:
    """Whoever sits here is ticklish now: the controller has to know before they start."""
    assert house.who is not None
    house.people.change(replace(house.who, ticklish=True))


def test_what_is_changed_is_shown_at_once_and_on_the_disk_when_it_answers(
    hand: Any, house: Household, filing: Filing, disk: Disk, places: Places
) -> None:
    begin(hand, house, filing, "Anna")
    disk.hold()
    touch(hand, "who", "edit-anna", "ticklish-True", "colour-teal", "back", "home", "settings", "look-light")
    assert disk.asked.wait(DEADLINE_S)
    touch(hand, "section-rest", "sounds-False", "home")
    assert house.preferences.value.look == "light"
    kept = Household(places)
    assert (kept.people.all[0].ticklish, kept.preferences.value.look) == (False, "dark")
    hand.link.show(running())
    hand.settle(1.0)
    hand.touch_at(*find(hand.app.stage, "stop").center)
    assert hand.link.of(Stop) == [Stop()]
    disk.free.set()
    hand.close()  # a kiosk that is closed writes what waits
    kept = Household(places)
    assert (kept.people.all[0].ticklish, kept.people.all[0].colour) == (True, "teal")
    assert (kept.preferences.value.look, kept.preferences.value.sounds) == ("light", False)


def test_s14_a_start_waits_until_what_was_answered_is_where_the_controller_reads_it(
    hand: Any, house: Household, filing: Filing, disk: Disk, places: Places
) -> None:
    begin(hand, house, filing, "Anna", answered=None)
    disk.hold()
    touch(hand, "program-relax", *["no"] * 8, "yes", "go-on", *["no"] * (len(QUESTIONS) - 9))
    touch(hand, "screening-done", "start")
    assert disk.asked.wait(DEADLINE_S)
    touch(hand, "start")
    assert says(hand, "is still being saved")
    assert hand.link.of(Start) == []
    refused: list[Reply] = []
    hand.app.send(CheckItself(), refused.append)
    assert not refused[0].ok, "nor is anything else done by what was answered before"
    assert hand.link.of(CheckItself) == []
    disk.free.set()
    until_written(filing)
    hand.app._poll()
    (start,) = hand.link.of(Start)
    assert start.person == "anna"
    assert Household(places).people.all[0].yes == ("feeling",)


def test_a_start_that_waits_is_given_up_by_leaving(
    hand: Any, house: Household, filing: Filing, disk: Disk
) -> None:
    begin(hand, house, filing, "Anna")
    touch(hand, "program-relax")
    disk.hold()
    _fidgets(house)
    touch(hand, "start", "back")
    disk.free.set()
    until_written(filing)
    hand.app._poll()
    hand.settle(1.0)
    assert hand.link.of(Start) == []


def test_a_disk_that_never_answers_ends_the_waiting_with_a_sentence(
    hand: Any, house: Household, filing: Filing, disk: Disk
) -> None:
    begin(hand, house, filing, "Anna")
    touch(hand, "program-relax")
    disk.hold()
    _fidgets(house)
    touch(hand, "start")
    hand.settle(60.0)
    assert says(hand, "Try again in a moment.")
    assert hand.link.of(Start) == []
    disk.free.set()
    until_written(filing)
    touch(hand, "start")
    assert len(hand.link.of(Start)) == 1


def test_a_disk_that_is_full_is_told_as_long_as_it_is_and_nothing_starts_on_old_answers(
    hand: Any, house: Household, filing: Filing, disk: Disk, places: Places
) -> None:
    begin(hand, house, filing, "Anna")
    disk.full = True
    touch(hand, "who", "edit-anna", "ticklish-True")
    until_written(filing)
    hand.app._poll()
    hand.settle(1.0)
    assert says(hand, "people.json cannot be written")
    touch(hand, "back", "home")
    assert says(hand, "not kept yet")
    touch(hand, "program-relax", "start")
    until_written(filing)
    hand.app._poll()
    hand.settle(1.0)
    assert says(hand, FULL)
    assert hand.link.of(Start) == []
    disk.full = False
    touch(hand, "start")
    until_written(filing)
    hand.app._poll()
    assert len(hand.link.of(Start)) == 1
    assert Household(places).people.all[0].ticklish
    assert house.unkept is None


def test_a_full_disk_keeps_nobody_from_a_massage_whose_answers_it_has(
    hand: Any, house: Household, filing: Filing, disk: Disk, places: Places
) -> None:
    begin(hand, house, filing, "Anna")
    disk.full = True
    assert house.who is not None
    house.people.change(replace(house.who, colour="teal"))
    house.people.add("Jo")
    until_written(filing)
    touch(hand, "program-relax", "start")
    assert [start.person for start in hand.link.of(Start)] == ["anna"]
    _fidgets(house)
    until_written(filing)
    assert not house.people.reads("anna")
    assert house.people.reads(None)
    refused: list[Reply] = []
    hand.app.send(CheckItself(), refused.append)
    assert not refused[0].ok


def test_a_kiosk_that_is_closed_waits_for_the_disk_once(
    hand: Any, house: Household, filing: Filing, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(hand, house, filing)
    waits: list[float] = []
    monkeypatch.setattr(house, "close", lambda timeout: not waits.append(timeout))
    app = hand.app
    hand.close()
    app.on_stop()  # as Kivy does
    assert len(waits) == 1


class SlowHistory(ScriptedHistory):
    """``free`` lets it answer."""

    def __init__(self) -> None:
        super().__init__()
        self.free = threading.Event()

    def _check(self) -> None:
        assert self.free.wait(DEADLINE_S)


@pytest.mark.parametrize("place", ["history", "detail"])
def test_a_history_that_is_slow_to_read_holds_up_no_touch(
    hand: Any, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    aside, history = Aside("test"), SlowHistory()
    monkeypatch.setattr(hand, "beside", aside.do)
    hand.start(idle(), history=history)
    hand.app.shown_session = "h-1"
    hand.app.go(place)
    hand.settle(1.0)
    assert says(hand, "One moment.")
    hand.link.show(running())
    hand.settle(1.0)
    hand.touch_at(*find(hand.app.stage, "stop").center)
    assert hand.link.of(Stop) == [Stop()]
    hand.link.show(idle())
    hand.settle(1.0)
    hand.app.go(place)
    history.free.set()
    assert aside.close(DEADLINE_S)
    hand.frames(2)
    hand.settle(1.0)
    assert not says(hand, "One moment.")
    assert find(hand.app.stage, "session-h-0" if place == "history" else "delete") is not None


def test_a_rating_that_is_not_taken_says_so_and_is_asked_for_again(hand: Any) -> None:
    hand.start(running())
    hand.link.show(idle(ended=ended()))
    hand.settle(2.0)
    hand.settle(2.0)
    hand.link.refuse[Rate] = "The machine does not answer. Try again in a moment."
    touch(hand, "rate-before-6")
    assert says(hand, "The machine does not answer.")
    del hand.link.refuse[Rate]
    touch(hand, "rate-before-6", "rate-after-2")
    assert says(hand, "before 6, now 2")
    assert hand.link.of(Rate)[-1] == Rate(session="s-80", before=6, after=2)
