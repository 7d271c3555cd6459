"""Every program from start to end, softly and hard, on the usual plant and on drawn ones.

Each session is lived once, every rule checked at every tick; what the plant felt is written down, and the
tests read that. Truth is the plant's.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import ceil, inf
from typing import NamedTuple

import pytest

from hardware.messages import SessionEnded
from hardware.safety import limits
from tests.lives import Life, begun
from tests.rig import Rig

TICK_S = limits.TICK_S
PROGRAMS = ("relax", "circulation", "arch", "heel")
SHORTEST_MIN = 10
NEAR_MMHG = 5.0
OVER_MMHG = 15.0
"""One fill in a session may: a small bag that is to have little from a strong pump."""


def life_of(program: str, intensity: int) -> Life:
    """In the middle the usual machine; softest and hardest another one each. One is as long as usual."""
    if intensity == 5:
        return Life(program, start=(("intensity", 5),))
    seed = 140 + intensity + len(program)
    asked = (("intensity", intensity), ("minutes", SHORTEST_MIN))
    return Life(program, seed, asked, both_feet=True)


class Tick(NamedTuple):
    """What there was at the end of one."""

    bags_mmhg: tuple[float, ...]
    """What the bags had ..."""
    setpoints_mmhg: tuple[float | None, ...]
    """... and what they were to have: now, ..."""
    plateaus_mmhg: tuple[float, ...]
    """... in the end, ..."""
    holds: tuple[bool, ...]
    """... and whether they had come to hold it."""
    pads_c: tuple[float, ...]
    kneads: float
    """Of the left arch's motor, its speed."""


class Whole(NamedTuple):
    life: Life
    rig: Rig
    """As it is seconds after its session."""
    ticks: list[Tick]
    took_s: float
    heat_c: float | None


@pytest.fixture(scope="module", autouse=True)
def _told_and_forgotten() -> Iterator[None]:
    yield
    whole.cache_clear()


@cache
def whole(program: str, intensity: int) -> Whole:
    life = life_of(program, intensity)
    lived = begun(life)
    rig, bags, begun_s = lived.rig, lived.rig.engine._air.bags, lived.rig.now
    heat_c = rig.session.heat_c
    ticks = []
    while rig.engine.session is not None:
        rig.tick()
        lived.truth.check()
        ticks.append(
            Tick(
                tuple(rig.plant.bag_mmhg),
                tuple(bag.setpoint_mmhg for bag in bags),
                tuple(bag.plateau_mmhg for bag in bags),
                tuple(bag.stage == "hold" for bag in bags),
                tuple(rig.plant.pad_c),
                rig.plant.motor_speed[2],
            )
        )
    took_s = rig.now - begun_s
    lived.go_on(4)
    return Whole(life, rig, ticks, took_s, heat_c)


every = pytest.mark.parametrize(
    ("program", "intensity"),
    [("relax", 1), ("circulation", 1), ("relax", 5), *((program, 10) for program in PROGRAMS)],
)


@every
def test_it_runs_to_its_end_and_leaves_nothing_on(program: str, intensity: int) -> None:
    one = whole(program, intensity)
    rig = one.rig
    minutes = dict(one.life.start).get("minutes", rig.programs[program].default_minutes)
    assert isinstance(minutes, int)
    assert one.took_s == pytest.approx(minutes * 60, abs=1)
    assert [event.outcome for event in rig.events if isinstance(event, SessionEnded)] == ["completed"]
    assert rig.engine.state == "idle"
    assert not any(rig.plant.motor_duty)
    assert not any(rig.plant.heater_duty)
    assert not any(rig.plant.valve_driven)
    assert rig.plant.pump_duty == 0
    assert max(rig.plant.bag_mmhg) < limits.BAG_EMPTY_MMHG
    assert [note["name"] for note in rig.noted("phase")] == [p.name for p in rig.programs[program].phase]


@every
def test_normal_life_says_nothing(program: str, intensity: int) -> None:
    rig = whole(program, intensity).rig
    assert [detail["code"] for detail in rig.noted("fault")] == []
    assert all(watch.failures < 3 for watch in rig.engine._protection.bags)


@every
def test_s7_no_bag_holds_a_foot_longer_than_fifteen_seconds_and_every_rest_is_real(
    program: str, intensity: int
) -> None:
    held = [0.0] * 4
    empty = [99.0] * 4
    for tick in whole(program, intensity).ticks:
        for index, mmhg in enumerate(tick.bags_mmhg):
            if mmhg > limits.BAG_HELD_MMHG:
                if held[index] == 0:
                    assert empty[index] >= limits.BAG_REST_S - 0.3
                held[index] += TICK_S
                assert held[index] <= limits.BAG_HELD_S + 1.0
            elif mmhg < limits.BAG_EMPTY_MMHG:
                if held[index]:
                    empty[index] = 0.0
                held[index] = 0.0
                empty[index] += TICK_S
        assert max(tick.bags_mmhg) < limits.BAG_PUMP_STOP_MMHG


class Fill(NamedTuple):
    over_mmhg: float
    """The most that the bag had above what it was to have in the end."""
    off_mmhg: float | None
    """How far it was from it as its hold ended; None if it never held."""


def fills(ticks: list[Tick], bag: int) -> list[Fill]:
    """Every time the bag was to have something."""
    found, over, off = [], -inf, None
    for tick in ticks:
        mmhg, setpoint = tick.bags_mmhg[bag], tick.setpoints_mmhg[bag]
        if setpoint is not None:
            over = max(over, mmhg - tick.plateaus_mmhg[bag])
            off = abs(mmhg - setpoint) if tick.holds[bag] else off
        elif over > -inf:
            found.append(Fill(over, off))
            over, off = -inf, None
    return found


@every
def test_bags_reach_their_targets_and_hardly_overshoot(program: str, intensity: int) -> None:
    ticks = whole(program, intensity).ticks
    every = [fill for bag in range(4) for fill in fills(ticks, bag)]
    held = [fill.off_mmhg for fill in every if fill.off_mmhg is not None]
    assert len(held) >= 5
    assert sum(off > NEAR_MMHG for off in held) <= ceil(0.05 * len(held))
    assert sum(fill.over_mmhg > NEAR_MMHG for fill in every) <= max(0.05 * len(every), 1)
    assert max(fill.over_mmhg for fill in every) < OVER_MMHG


@every
def test_no_pad_is_half_a_degree_above_its_target(program: str, intensity: int) -> None:
    one = whole(program, intensity)
    assert one.heat_c is not None
    hottest_c = max(max(tick.pads_c) for tick in one.ticks)
    assert 30.0 < hottest_c <= one.heat_c + 0.5


def test_a_session_warms_squeezes_and_kneads_for_real() -> None:
    ticks = whole("relax", 5).ticks
    assert max(max(tick.pads_c) for tick in ticks) == pytest.approx(39, abs=0.6)
    assert max(tick.bags_mmhg[0] for tick in ticks) == pytest.approx(45, abs=6)
    assert max(tick.kneads for tick in ticks) > 0.4
