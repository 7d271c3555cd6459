"""A phase that lasts until the feet are warm: when it ends, and who takes up the difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.places import ASSETS
from hardware.machine import load_machine
from hardware.messages import Start
from hardware.program import Program, load_programs
from hardware.safety.expectation import Expectation
from hardware.session import Session
from hardware.timeline import at, lay_out, squeezed_until_s
from hardware.warm_feet import AHEAD_S, HELD_S, LEAST_S, LONGER_S, SURE_C

PROGRAMS = load_programs(ASSETS / "programs")[0]
MACHINE = load_machine(ASSETS / "machines" / "reference.toml")
TICK_S = 0.25
Skins = tuple[Expectation, ...]


def skin(celsius: float, within: float = 1.0) -> Expectation:
    return Expectation(None, celsius, within)


WARM, COLD, UNHEATED = (skin(34.0), skin(31.0)), (skin(34.0), skin(20.0)), ()


def begun(name: str = "relax", minutes: int = 15) -> Session:
    heat = PROGRAMS[name].heat
    start = Start(program=name, minutes=minutes, intensity=5, heat_c=heat.target_c if heat else None)
    return Session("s1", start, PROGRAMS[name], MACHINE, 0.0)


def ticks(session: Session, skins: Callable[[float], Skins], until_s: float) -> Iterator[float]:
    """The program time after each tick, as long as it is in its first phase."""
    while session.moment.index == 0 and session.program_s < until_s:
        session.advance(session.running_s, TICK_S, skins(session.program_s))
        yield session.program_s


def ends(session: Session, skins: Callable[[float], Skins]) -> float:
    """When the first phase was over, in seconds."""
    for _ in ticks(session, skins, 1e4):
        pass
    return session.program_s


def test_warm_feet_end_it_at_two_minutes_and_the_others_take_up_what_is_saved() -> None:
    session = begun()
    assert ends(session, lambda _t: WARM) == pytest.approx(LEAST_S, abs=TICK_S)
    assert session.plan.total_s == pytest.approx(900)
    lengths = [slot.duration_s for slot in session.plan.slots]
    assert lengths == pytest.approx([120, 195, 260, 195, 130]), "each of the four by a twelfth"


def test_cold_feet_lengthen_it_by_two_minutes_at_most() -> None:
    session = begun()
    assert ends(session, lambda _t: COLD) == pytest.approx(180 + LONGER_S, abs=TICK_S)
    assert [slot.duration_s for slot in session.plan.slots] == pytest.approx([300, 150, 200, 150, 100])


def test_it_ends_with_the_squeeze_that_is_under_way_when_the_colder_foot_is_warm() -> None:
    session = begun()
    ended = ends(session, lambda t: WARM if t > 150 else COLD)
    # Squeezes of 13 s begin every 18 s, the last before that at 144 s.
    assert ended == pytest.approx(157, abs=2 * TICK_S)
    assert ended > 150 + HELD_S


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("warm_at_s", [100.0, 131.0, 170.0, 222.0, 280.0])
def test_no_squeeze_is_cut_off(name: str, warm_at_s: float) -> None:
    session = begun(name)
    squeezed_s = 0.0
    for t in ticks(session, lambda t: WARM if t > warm_at_s else COLD, 1e4):
        if session.moment.index == 0:
            squeezed_s = squeezed_until_s(session.plan, t)
    assert squeezed_s <= session.plan.slots[0].end_s + 1e-6


@pytest.mark.parametrize(
    "skins",
    [
        (skin(34.0), skin(34.0, SURE_C + 0.1)),
        (skin(34.0), Expectation(None, None)),
        (skin(34.0), skin(29.9)),
    ],
    ids=["unsure", "unknown", "not yet"],
)
def test_what_is_not_known_to_be_warm_is_not_warm(skins: Skins) -> None:
    assert ends(begun(), lambda _t: skins) == pytest.approx(300, abs=TICK_S)


def test_a_glimpse_of_warmth_ends_nothing() -> None:
    assert ends(begun(), lambda t: WARM if t % 6 < HELD_S - 2 * TICK_S else COLD) > 290


def test_without_heat_the_plan_stays() -> None:
    session = begun()
    plan = session.plan
    assert ends(session, lambda _t: UNHEATED) == pytest.approx(180, abs=TICK_S)
    assert session.plan == plan


def test_heat_that_is_lost_on_the_way_leaves_the_plan() -> None:
    assert ends(begun(), lambda t: COLD if t < 100 else UNHEATED) == pytest.approx(180, abs=TICK_S)
    assert ends(begun(), lambda t: WARM if t < 80 else UNHEATED) == pytest.approx(180, abs=TICK_S)


def test_heat_that_is_lost_while_it_waits_lets_it_end() -> None:
    ended = ends(begun(), lambda t: COLD if t < 200 else UNHEATED)
    assert ended == pytest.approx(200 + HELD_S + AHEAD_S, abs=2 * TICK_S)


def test_a_tick_without_heat_as_after_a_pause_changes_nothing() -> None:
    session = begun()
    least_s = 1e9
    for _ in ticks(session, lambda t: UNHEATED if 200 < t < 203 else COLD, 1e4):
        if session.moment.index == 0:
            assert session.moment.phase_left_s <= least_s + 1e-6
            least_s = session.moment.phase_left_s
    assert session.program_s == pytest.approx(300, abs=TICK_S)


def test_skipped_it_is_over() -> None:
    session = begun()
    for _ in ticks(session, lambda _t: COLD, 190):
        pass
    assert session.skip_to(1) is None
    session.advance(0.0, TICK_S, WARM)
    assert session.moment.index == 1
    assert session.moment.phase_s == pytest.approx(TICK_S)


def test_five_more_minutes_while_it_waits_are_the_other_phases() -> None:
    session = begun()
    for _ in ticks(session, lambda _t: COLD, 250):
        pass
    left_s = session.moment.phase_left_s
    assert session.set_minutes(20) is None
    assert session.moment.phase_left_s == pytest.approx(left_s)
    assert ends(session, lambda _t: COLD) == pytest.approx(300, abs=TICK_S)
    assert session.plan.total_s == pytest.approx(1200)


def test_the_later_phases_keep_at_least_half_of_their_length() -> None:
    relax = PROGRAMS["relax"]
    values = {name: getattr(relax, name) for name in relax.__struct_fields__}
    short = Program(**{**values, "phase": relax.phase[:2]})
    session = begun()
    session.plan = lay_out(short, 5)
    session.moment = at(session.plan, 0.0)
    assert ends(session, lambda _t: COLD) == pytest.approx(150 + 75, abs=TICK_S)


@settings(max_examples=50, deadline=None)
@given(
    name=st.sampled_from(sorted(PROGRAMS)),
    minutes=st.integers(10, 30),
    asked=st.dictionaries(st.integers(1, 320), st.integers(5, 30), max_size=2),
    turns=st.lists(st.sampled_from([WARM, COLD, UNHEATED]), min_size=1, max_size=40),
)
def test_whatever_happens_the_plan_is_whole_and_nothing_runs_backwards(
    name: str, minutes: int, asked: dict[int, int], turns: list[Skins]
) -> None:
    session = begun(name, minutes)
    before = session.view(0.0)
    for second in range(420):
        changed = second in asked and session.set_minutes(asked[second]) is None
        session.advance(float(second), 1.0, turns[second // 10 % len(turns)])
        if session.over(float(second)):
            break
        view = session.view(float(second))
        assert session.plan.total_s == pytest.approx(session.minutes * 60)
        assert sum(phase.minutes for phase in view.phases) == pytest.approx(session.minutes, abs=0.01)
        assert all(slot.duration_s >= 0 for slot in session.plan.slots)
        assert view.phase >= before.phase
        if not changed:
            assert view.left_s == pytest.approx(before.left_s - 1)
            if view.phase == before.phase and second > 0:
                assert view.phase_left_s <= before.phase_left_s + 1e-6
        warm_up = session.plan.slots[0]
        assert warm_up.duration_s <= warm_up.planned_s + LONGER_S + 1e-6
        if session.moment.index:
            assert warm_up.duration_s >= min(LEAST_S, warm_up.planned_s) - 1e-6
        before = view
