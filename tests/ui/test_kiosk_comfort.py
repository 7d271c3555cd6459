"""Dimming, waking, sounds and reminders, without Kivy: every clock here is told what time it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from scenes import ADVICE, FAULT, NOW, ended, idle, running

from app.household.preferences import Preferences
from app.places import ASSETS
from app.ui.atmosphere import Atmosphere
from app.ui.state.chimes import Chimes
from app.ui.state.comfort import LEAST_PERCENT, WOKEN_S, Comfort
from app.ui.state.reminder import reminder
from hardware.program import load_programs

PREFERENCES = Preferences(dim_after_min=3, off_after_min=15, brightness=80, night_dimming=True)
NOON, NIGHT = 12, 22


class Room:
    def __init__(self, preferences: Preferences = PREFERENCES) -> None:
        self.t = 1000.0
        self.preferences = preferences
        self.comfort = Comfort(lambda: self.t)
        self.see(idle())

    def see(self, snapshot: Any) -> None:
        self.comfort.see(snapshot, self.preferences)

    def after(self, minutes: float) -> str:
        self.t += minutes * 60
        return self.comfort.mood


def test_it_dims_then_goes_dark_and_the_first_touch_only_wakes() -> None:
    room = Room()
    assert room.after(2.9) == "awake"
    assert room.after(0.2) == "dimmed"
    assert room.after(12) == "dark"
    assert not room.comfort.touched()
    assert room.comfort.mood == "awake"
    assert not room.comfort.touched()  # the same finger, arriving twice
    room.t += WOKEN_S + 0.01
    assert room.comfort.touched()


def test_a_touch_on_a_dimmed_screen_only_wakes_it_too() -> None:
    room = Room()
    room.after(4)
    assert not room.comfort.touched()
    room.t += 1
    assert room.comfort.touched()


def test_in_a_session_a_touch_acts_at_once_and_the_screen_never_goes_black() -> None:
    room = Room()
    room.see(running())
    assert room.after(4) == "dimmed"
    assert room.after(60) == "dimmed"
    assert room.comfort.touched()
    assert room.comfort.mood == "awake"


@pytest.mark.parametrize(
    "news",
    [
        idle(state="fault", faults=(FAULT,)),
        idle(faults=(ADVICE,)),
        running(),
    ],
)
def test_what_a_person_has_to_know_wakes_the_screen(news: Any) -> None:
    room = Room()
    assert room.after(30) == "dark"
    room.see(news)
    assert room.comfort.mood == "awake"
    room.see(news)
    assert room.after(4) == "dimmed"


def test_the_end_of_a_session_wakes_the_screen() -> None:
    room = Room()
    room.see(running())
    assert room.after(20) == "dimmed"
    room.see(idle(ended=ended()))
    assert room.comfort.mood == "awake"


def test_dark_comes_after_dim_whatever_the_settings_say() -> None:
    room = Room(Preferences(dim_after_min=30, off_after_min=2))
    room.see(idle())
    assert room.after(29) == "awake"
    assert room.after(1.5) == "dimmed"
    assert room.after(1) == "dark"


def test_how_bright_it_is() -> None:
    room = Room()
    assert (room.comfort.light(NOON).percent, room.comfort.light(NOON).shade) == (80, 0.0)
    assert (room.comfort.light(NIGHT).percent, room.comfort.light(NIGHT).shade) == (40, 0.0)
    room.after(4)
    assert room.comfort.light(NOON).percent == 20
    assert 0.3 < room.comfort.light(NOON).shade < 0.8
    room.after(20)
    assert (room.comfort.light(NOON).percent, room.comfort.light(NOON).shade) == (0, 1.0)


def test_dimmed_is_never_black_and_night_can_be_as_bright_as_day() -> None:
    room = Room(Preferences(brightness=10))
    room.after(4)
    assert room.comfort.light(NIGHT).percent == LEAST_PERCENT
    assert Room(Preferences(night_dimming=False)).comfort.light(NIGHT).percent == 80


# --- light and sound together ---


class Panel:
    there = True

    def __init__(self) -> None:
        self.set_to: list[int] = []

    def set(self, percent: int) -> None:
        self.set_to.append(percent)


class Speaker:
    def __init__(self) -> None:
        self.played: list[str] = []

    def play(self, name: str) -> None:
        self.played.append(name)

    def close(self) -> None: ...


class Glass:
    """A stage that only notes how dark it is."""

    def __init__(self) -> None:
        self.shade = 0.0
        self.felt: Any = None

    def darken(self, share: float) -> None:
        self.shade = share


@pytest.mark.parametrize("panel", [Panel(), None])
def test_a_backlight_dims_and_where_there_is_none_the_stage_does(panel: Any) -> None:
    t = [0.0]
    speaker, glass = Speaker(), Glass()
    noon = NOW.replace(hour=12)
    air = Atmosphere(lambda: t[0], lambda: noon, lambda: PREFERENCES, panel, speaker)  # type: ignore[arg-type]
    air.attach(glass)  # type: ignore[arg-type]
    air.see(idle())
    t[0] += 4 * 60
    air.see(idle())
    if panel is not None:
        assert panel.set_to[-1] == 20
    assert (glass.shade > 0) == (panel is None)
    t[0] += 20 * 60
    air.see(idle())
    assert glass.shade == 1.0
    assert not glass.felt()
    assert glass.shade == 0.0
    air.see(running())
    assert speaker.played == ["start"]
    air.close()
    if panel is not None:
        assert panel.set_to[-1] == 80


def test_light_that_fails_costs_nothing_else() -> None:
    def broken() -> Preferences:
        raise OSError("gone")

    Atmosphere(lambda: 0.0, lambda: NOW, broken).see(idle())


# --- sounds -----------------------------------------------------------------------------------------


def test_sounds_are_of_changes_and_never_of_what_was_so_before() -> None:
    chimes = Chimes()
    assert chimes.see(running()) is None
    assert chimes.see(running()) is None
    assert chimes.see(running(phase=3)) == "phase"
    assert chimes.see(running(phase=3, intensity=2, more={"state": "paused"})) is None
    assert chimes.see(idle(ended=ended())) == "end"
    assert chimes.see(running()) == "start"
    assert chimes.see(running(more={"faults": (ADVICE,)})) == "attention"
    assert chimes.see(idle(state="fault", faults=(FAULT, ADVICE))) == "attention"
    assert chimes.see(idle(state="fault", faults=(FAULT, ADVICE))) is None
    assert chimes.see(idle()) is None


# --- reminders --------------------------------------------------------------------------------------

PROGRAMS, _BROKEN = load_programs(ASSETS / "programs")


def said(days: float | None, heel: float | None = None, hour: int = 20, **preferences: Any) -> str:
    now = NOW.replace(hour=hour)

    def at(ago: float | None) -> float | None:
        return None if ago is None else (now - timedelta(days=ago)).timestamp()

    chosen = msgspec.structs.replace(PREFERENCES, **preferences)
    return reminder(chosen, PROGRAMS, now, at(days), at(heel))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (None, ""),
        (0, ""),
        (2, ""),
        (3, "Three days since your last session."),
        (7, "A week since your last session."),
        (12, "12 days since your last session."),
        (400, "Your last session was a while ago."),
        (-4, ""),
    ],
)
def test_the_days_since_the_last_session(days: int | None, expected: str) -> None:
    assert said(days) == expected


def test_reminders_can_be_other_days_or_none() -> None:
    assert said(30, remind_after_days=0) == ""
    assert said(1, remind_after_days=1) == "One day since your last session."
    assert said(13, remind_after_days=14) == ""


def test_heel_is_for_mornings() -> None:
    offered = "This morning, Heel before the first steps?"
    assert said(1, heel=5, hour=7) == offered
    assert said(5, heel=20, hour=7) == "Five days since your last session."
    assert said(1, heel=None, hour=7, heel_mornings=True) == offered
    assert said(1, heel=5, hour=11) == ""
    assert said(0, heel=0, hour=9, heel_mornings=True) == ""
