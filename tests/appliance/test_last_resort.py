"""When the controller has died again and again: off, and a restart at most once in six hours."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from app import last_resort as module
from app.last_resort import BACK_S, EVERY_S, GIVE_UP_S, QUIET_S, REBOOT, STAY, Clocks, given_up, last_resort
from app.places import Places, only_one


@dataclass
class World:
    """A computer with clocks of its own, which starts anew when it is told to."""

    places: Places
    wall_s: float = 1_700_000_000.0
    up_s: float = 60.0
    boots: int = 1
    offs: int = 0
    each: Callable[[], None] = field(default=lambda: None)

    @property
    def clocks(self) -> Clocks:
        return Clocks(lambda: self.wall_s, lambda: self.up_s, lambda: f"boot-{self.boots}", self.wait)

    def wait(self, wait_s: float) -> None:
        self.wall_s += wait_s
        self.up_s += wait_s
        self.each()

    def off(self) -> list[str]:
        self.offs += 1
        return ["pin 12 could not be driven low"]

    def fails(self) -> int:
        code = last_resort(self.places, self.off, self.clocks)
        if code == REBOOT:
            self.boot()
        return code

    def boot(self, *, lost_s: float = -20.0) -> None:
        """``lost_s`` is what the clock fell behind: a Pi's goes on from where it was written down last."""
        self.boots += 1
        self.up_s = 30.0
        self.wall_s -= lost_s


@pytest.fixture
def world(places: Places) -> World:
    return World(places)


def test_the_first_time_it_is_off_and_then_starts_anew(world: World) -> None:
    assert world.fails() == REBOOT
    assert world.offs == 1


def test_a_restart_that_did_not_help_is_not_repeated(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.fails()
    for _ in range(20):
        assert world.fails() == STAY
    assert world.offs == 21, "off it is all the same"
    assert "stays off" in caplog.text


def test_after_six_hours_once_more(world: World) -> None:
    world.fails()
    world.wait(EVERY_S - 60)
    assert world.fails() == STAY
    world.wait(60)
    assert world.fails() == REBOOT
    assert world.fails() == STAY


def test_the_next_day_counts_although_it_was_switched_off(world: World) -> None:
    world.fails()
    world.boot(lost_s=-86_400)
    assert world.fails() == REBOOT


def test_a_clock_that_fell_back_for_years_is_not_asked(world: World) -> None:
    world.fails()
    world.boot(lost_s=40 * 365 * 86_400.0)
    assert world.fails() == STAY
    world.wait(EVERY_S)
    assert world.fails() == REBOOT, "up for six hours is six hours"


def test_the_same_boot_cannot_wait_by_its_uptime(world: World) -> None:
    """It was to start anew and did not: how long it had been up before says nothing."""
    world.wait(EVERY_S * 2)
    assert last_resort(world.places, world.off, world.clocks) == REBOOT
    assert world.fails() == STAY


def test_where_nothing_can_be_written_nothing_starts_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_whole", full)
    assert world.fails() == STAY
    assert world.offs == 1


def test_a_damaged_stamp_is_no_way_round_the_six_hours(world: World) -> None:
    (world.places.data / "last-resort").write_text("\0\0\0")
    assert world.fails() == STAY
    world.wait(EVERY_S)
    assert world.fails() == REBOOT
    assert set(json.loads((world.places.data / "last-resort").read_text())) == {"at_s", "boot"}


# --- whether the controller has really been given up ----------------------------------------------------


def lives(world: World, alive: Callable[[float], bool]) -> bool:
    began_s = world.up_s
    return not given_up(lambda: alive(world.up_s - began_s), world.clocks)


def test_a_controller_that_comes_back_is_let_alone(world: World) -> None:
    assert lives(world, lambda since_s: since_s > 1.5)
    assert world.up_s <= 60 + 1.5 + BACK_S + 1


def test_one_that_goes_on_dying_is_watched_to_its_end(world: World) -> None:
    assert not lives(world, lambda since_s: since_s < 40 and since_s % 5 > 1)
    assert 60 + 40 + QUIET_S - 2 <= world.up_s <= 60 + 40 + QUIET_S + 1


def test_watching_has_an_end(world: World) -> None:
    assert lives(world, lambda since_s: since_s % 12 > 4)
    assert world.up_s <= 60 + GIVE_UP_S + 1


def test_the_pins_of_a_living_controller_are_not_touched(world: World) -> None:
    with only_one(world.places.runtime):
        assert (world.places.runtime / "controller.lock").read_text() == str(os.getpid())
        assert world.fails() == STAY
    assert world.offs == 0


def test_one_that_comes_at_the_last_moment_keeps_its_pins(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "controller_lives", lambda _runtime: False)
    with only_one(world.places.runtime):
        assert world.fails() == STAY
    assert world.offs == 0


def test_a_machine_file_that_no_restart_would_mend_starts_nothing_anew(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    assert last_resort(world.places, world.off, world.clocks, mendable=False) == STAY
    assert world.offs == 1
    assert "instep doctor" in caplog.text
