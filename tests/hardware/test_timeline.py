"""The timeline: what the programs ask for, moment by moment, reads like their description."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.places import ASSETS
from hardware.program import Program, load_programs
from hardware.timeline import Plan, at, lay_out, stretch

PROGRAMS = load_programs(ASSETS / "programs")[0]


def squeeze(plan: Plan, zone: str, t: float):  # type: ignore[no-untyped-def]
    return next(s for s in at(plan, t).squeezes if s.zone == zone)


def share(plan: Plan, kind: str, t: float) -> float:
    return next((m.share for m in at(plan, t).motions if m.kind == kind), 0.0)


def test_phases_at_the_default_length_are_those_of_the_file(programs: dict[str, Program]) -> None:
    plan = lay_out(programs["relax"], 15)
    assert [slot.duration_s / 60 for slot in plan.slots] == [3, 3, 4, 3, 2]
    assert plan.total_s == 900


def test_the_warm_up_is_never_below_two_minutes(programs: dict[str, Program]) -> None:
    for program in programs.values():
        plan = lay_out(program, min(program.minutes))
        assert plan.slots[0].duration_s >= 120
        assert plan.total_s == pytest.approx(min(program.minutes) * 60)


def test_a_stretch_keeps_its_length_whatever_the_session_s(programs: dict[str, Program]) -> None:
    for minutes in programs["arch"].minutes:
        slots = lay_out(programs["arch"], minutes).slots
        assert [s.duration_s for s in slots if s.phase.name == "Stretch"] == [120]


def test_heat_goes_off_when_the_programs_say(programs: dict[str, Program]) -> None:
    assert lay_out(programs["relax"], 15).heat_until_s == 14 * 60
    assert lay_out(programs["circulation"], 20).heat_until_s == 18 * 60
    assert lay_out(programs["arch"], 15).heat_until_s == 12 * 60
    assert lay_out(programs["heel"], 12).heat_until_s == 9 * 60


def test_circulation_pumps_foot_ankle_calf_and_the_foot_lets_go_first(programs: dict[str, Program]) -> None:
    plan = lay_out(programs["circulation"], 20)
    pump = plan.slots[2].start_s
    begins = {"foot": 0.0, "ankle": 2.5, "calf": 5.5}
    ends = {"foot": 11.0, "ankle": 11.5, "calf": 12.0}
    for wave in range(3):
        base = pump + wave * 28
        for zone in begins:
            assert squeeze(plan, zone, base + begins[zone] + 0.1).stage == "inflate"
            assert squeeze(plan, zone, base + ends[zone] - 0.1).stage == "hold"
            assert squeeze(plan, zone, base + ends[zone] + 0.1).stage == "rest"
        assert all(s.stage == "rest" for s in at(plan, base + 20).squeezes)
    assert pytest.approx(2, abs=0.2) == 60 / 28, "about two waves a minute"


def test_circulation_vibrates_four_minutes_in_turns_of_twenty_seconds(
    programs: dict[str, Program],
) -> None:
    plan = lay_out(programs["circulation"], 20)
    steps = [t / 2 for t in range(int(plan.total_s * 2))]
    on = [share(plan, "vibrate", t) > 0 for t in steps]
    assert sum(on) / 2 == pytest.approx(240, abs=1)
    begun = [t for t, before, after in zip(steps[1:], on, on[1:], strict=False) if after and not before]
    assert all(b - a == 40 for a, b in itertools.pairwise(begun))


def test_the_flush_is_one_level_lower(programs: dict[str, Program]) -> None:
    plan = lay_out(programs["circulation"], 20)
    assert squeeze(plan, "foot", plan.slots[3].start_s + 1).offset == -1


def test_relax_kneads_strongest_in_the_sole_phase_and_swells_over_twenty_seconds(
    programs: dict[str, Program],
) -> None:
    plan = lay_out(programs["relax"], 15)
    sole = plan.slots[2]
    low, high = share(plan, "knead", sole.start_s), share(plan, "knead", sole.start_s + 10)
    assert low == pytest.approx(0.4)
    assert high > 0.8
    assert share(plan, "knead", sole.start_s + 20) == pytest.approx(low, abs=0.01)
    assert all(share(plan, "knead", t) == 0 for t in (60, 300, 700, 880))


def test_every_second_wave_of_relax_is_lighter(programs: dict[str, Program]) -> None:
    plan = lay_out(programs["relax"], 15)
    start = plan.slots[1].start_s
    factors = [squeeze(plan, "foot", start + 18 * wave + 1).factor for wave in range(4)]
    assert factors == [1.0, 0.8, 1.0, 0.8]


def test_arch_circles_rise_pause_return_and_grow(programs: dict[str, Program]) -> None:
    plan = lay_out(programs["arch"], 15)
    start = plan.slots[2].start_s
    rise = [share(plan, "knead", start + t) for t in (0, 10, 20, 30, 39)]
    assert rise == sorted(rise)
    assert share(plan, "knead", start + 42) == 0
    assert share(plan, "knead", start + 50) == pytest.approx(0.3)
    assert share(plan, "knead", start + 55 * 4 + 39) > rise[-1], "ten percent more each half minute"
    assert max(share(plan, "knead", start + t) for t in range(300)) <= 1.0


def test_the_stretch_guides_three_times_fifteen_seconds(programs: dict[str, Program]) -> None:
    plan = lay_out(programs["heel"], 12)
    slot = next(s for s in plan.slots if s.phase.name == "Stretch")
    holding = [at(plan, slot.start_s + t / 10).guide for t in range(1200)]
    on = [guide is not None and guide.left_s > 0 for guide in holding]
    begun = sum(after and not before for before, after in zip([False, *on], on, strict=False))
    assert begun == 3
    assert sum(on) / 10 == pytest.approx(45, abs=0.5)


def test_heel_never_rolls_and_kneads_only_under_the_arch(programs: dict[str, Program]) -> None:
    plan = lay_out(programs["heel"], 12)
    for t in range(0, 720, 5):
        for motion in at(plan, t).motions:
            assert (motion.kind, motion.zone) == ("knead", "arch")


@given(
    name=st.sampled_from(sorted(PROGRAMS)),
    minutes=st.integers(5, 30),
    t=st.floats(0, 1800),
)
def test_any_moment_of_any_length_is_within_bounds(name: str, minutes: int, t: float) -> None:
    plan = lay_out(PROGRAMS[name], minutes)
    moment = at(plan, t)
    assert 0 <= moment.index < len(plan.slots)
    assert all(0 <= motion.share <= 1.2 for motion in moment.motions)
    assert all(0 <= s.fraction <= 1 for s in moment.squeezes)
    assert all((s.stage == "rest") == (s.fraction == 0) or s.stage == "inflate" for s in moment.squeezes)


@given(
    name=st.sampled_from(sorted(PROGRAMS)),
    minutes=st.integers(10, 30),
    part=st.floats(0, 0.95),
    other=st.integers(5, 30),
)
def test_stretching_changes_only_what_is_left(name: str, minutes: int, part: float, other: int) -> None:
    plan = lay_out(PROGRAMS[name], minutes)
    t = plan.total_s * part
    longer = stretch(plan, t, max(other * 60, t + 60))
    assert longer.total_s == pytest.approx(max(other * 60, t + 60))
    assert longer.index_at(t) == plan.index_at(t)
    for before, after in zip(plan.slots, longer.slots, strict=True):
        if before.end_s <= t:
            assert after == before
        if after.phase.fixed and after.start_s >= t and longer.total_s > plan.total_s:
            assert after.duration_s == pytest.approx(before.duration_s)
