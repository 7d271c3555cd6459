"""The warm-up ends when the feet are warm. Truth is the plant's skin."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from hardware.messages import Pause, Resume, SetHeat, Stop
from hardware.virtual.plant import SIDES
from tests.lives import Life, begun, plant
from tests.rig import LONG_S, Rig

PLANNED_S = 180.0
"""Of Relax, in 15 minutes."""
WARM_C = 30.0
SHOWN_EVERY = 5
"""Ticks."""


def on_feet(skin_c: float, seed: int = 0, **start: object) -> Rig:
    """A session of Relax that has just begun on feet with this skin."""
    usual = plant(Life("relax", seed))
    feet = {side: replace(usual.foot(side), present=True, skin_c=skin_c) for side in SIDES}
    return begun(Life("relax", seed, tuple(start.items()), (("feet", feet),))).rig


def warmed_up(rig: Rig) -> float:
    """How long its warm-up takes, in seconds of program time; nothing shown may jump."""
    before, ticks = rig.session.view(rig.now), 0
    while rig.session.moment.index == 0:
        rig.tick()
        ticks += 1
        if ticks % SHOWN_EVERY and rig.session.moment.index == 0:
            continue
        view = rig.session.view(rig.now)
        assert -0.06 * SHOWN_EVERY <= view.left_s - before.left_s <= 1e-6
        assert view.phase > before.phase or view.phase_left_s <= before.phase_left_s + 1e-6
        before = view
    return float(rig.session.program_s)


@pytest.mark.parametrize("seed", [3, 16])
def test_the_skin_is_about_as_warm_as_the_program_says_when_it_ends(seed: int) -> None:
    rig = on_feet(26.0, seed)
    took_s = warmed_up(rig)
    assert 120.0 <= took_s < PLANNED_S + 119.0, "not because it was late"
    coldest_c = min(rig.plant.skin_c.values())
    assert coldest_c == pytest.approx(WARM_C, abs=3.0), f"seed {seed}"


def test_feet_that_are_warm_already_take_two_minutes() -> None:
    rig = on_feet(34.0)
    assert warmed_up(rig) < PLANNED_S, "as soon as the machine can tell"
    rig.wait(30)
    rig.give(Stop())
    rig.ready()
    rig.start("relax")
    assert warmed_up(rig) == pytest.approx(120.0, abs=0.1), "it knows them"
    assert min(rig.plant.skin_c.values()) > WARM_C


def test_cold_feet_take_two_more_and_the_session_ends_at_its_time() -> None:
    rig = on_feet(15.0)
    begun_s = rig.now
    assert warmed_up(rig) == pytest.approx(PLANNED_S + 120.0, abs=0.1)
    rig.until(lambda: rig.engine.session is None, 700, LONG_S)
    assert rig.now - begun_s == pytest.approx(900, abs=1)
    assert rig.engine.ended is not None
    assert rig.engine.ended.outcome == "completed"


def test_without_heat_the_warm_up_is_as_long_as_planned() -> None:
    assert warmed_up(on_feet(15.0, heat_c=None)) == pytest.approx(PLANNED_S, abs=0.1)
    rig = on_feet(15.0)
    rig.wait(60)
    assert rig.give(SetHeat(heat_c=None)).ok
    assert warmed_up(rig) == pytest.approx(PLANNED_S, abs=0.1)


def test_one_cold_foot_is_waited_for_only_where_it_is_in_the_session() -> None:
    usual = plant(Life("relax"))
    feet = {
        side: replace(usual.foot(side), present=True, skin_c=skin_c)
        for side, skin_c in (("left", 33.0), ("right", 15.0))
    }
    plants = (("feet", feet),)
    assert warmed_up(begun(Life("relax", plant=plants)).rig) == pytest.approx(300.0, abs=0.1)
    left = begun(Life("relax", start=(("feet", "left"),), plant=plants))
    assert warmed_up(left.rig) < 240.0


def test_a_pause_while_it_waits_is_not_counted() -> None:
    rig = on_feet(15.0)
    rig.wait(200)
    left_s = rig.session.moment.phase_left_s
    assert rig.give(Pause()).ok
    rig.wait(40)
    assert rig.give(Resume()).ok
    assert rig.session.moment.phase_left_s == pytest.approx(left_s, abs=0.1)
    assert warmed_up(rig) == pytest.approx(300.0, abs=0.1)
