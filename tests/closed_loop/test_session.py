"""Whole sessions on the plant: what the person feels, asks and gets. Truth is the plant's."""

from __future__ import annotations

import pytest

from hardware.messages import (
    Alive,
    JustRight,
    Linger,
    Pain,
    Pause,
    Resume,
    SessionStarted,
    SetBalance,
    SetBoost,
    SetHeat,
    SetIntensity,
    SetMinutes,
    SkipTo,
    Start,
    Stop,
    TooStrong,
)
from hardware.safety import limits
from hardware.session import time_has_passed
from tests.lives import Life, lived
from tests.rig import LONG_S, Rig
from tests.said import say


@pytest.fixture
def rig(machine, programs) -> Rig:  # type: ignore[no-untyped-def]
    return Rig(machine, programs)


def everything_off(rig: Rig) -> bool:
    return not any(rig.engine.outputs.duties)


def test_the_first_minute_is_at_1_whatever_was_asked_then_it_rises(rig: Rig) -> None:
    rig.start("circulation", intensity=9)
    for _ in rig.run(limits.GENTLE_S - 0.1):
        assert rig.session.level.value == 1.0
        assert max(rig.plant.bag_mmhg) < 36
    rig.until(lambda: rig.session.level.value > 8.99, limits.GENTLE_RISE_S + 5)
    assert 115 < rig.now - rig.session.started_at < 185


def test_s8_the_level_rises_one_in_three_seconds_and_falls_at_once(rig: Rig) -> None:
    rig.start("relax", intensity=2)
    rig.wait(200)
    rig.give(SetIntensity(level=8))
    before = rig.session.level.value
    for _ in rig.run(20):
        assert rig.session.level.value - before <= limits.LEVEL_PER_S * limits.TICK_S + 1e-9
        before = rig.session.level.value
    assert before == 8
    rig.give(SetIntensity(level=3))
    assert rig.session.level.value == 3


def test_s3_stop_has_everything_off_in_the_same_tick_and_the_bags_empty_in_three_seconds() -> None:
    rig = lived(Life("circulation", start=(("intensity", 10),)), 180).rig
    rig.until(lambda: min(rig.plant.bag_mmhg[:3]) > 50, 400)
    reply = rig.give(Stop())
    assert reply.ok
    assert everything_off(rig)
    rig.wait(limits.VENT_S)
    assert max(rig.plant.bag_mmhg) < limits.BAG_EMPTY_MMHG
    assert rig.engine.ended is not None
    assert rig.engine.ended.outcome == "stopped"


def test_s3_the_stop_button_works_like_stop_and_a_person_clears_it(rig: Rig) -> None:
    from hardware.messages import Acknowledge

    rig.start("circulation", intensity=8)
    rig.until(lambda: max(rig.plant.bag_mmhg) > 40, 300)
    rig.plant.stop_pressed = True
    rig.tick()
    assert everything_off(rig), "with the first look at it"
    rig.tick()
    assert everything_off(rig)
    assert rig.engine.state == "fault"
    assert rig.engine.snapshot().faults[0].code == "emergency-stop"
    assert not rig.give(Acknowledge()).ok, "it is still pressed"
    rig.wait(3)
    rig.plant.stop_pressed = False
    rig.wait(1)
    assert rig.engine.state == "fault", "released is not acknowledged"
    assert rig.give(Acknowledge()).ok
    rig.until(lambda: rig.engine.state == "idle", 10)
    assert rig.engine.session is None, "power or release never resumes a session"


def test_pause_is_off_at_once_and_resume_rises_from_the_bottom(rig: Rig) -> None:
    rig.start("relax", intensity=6)
    rig.wait(240)
    left = rig.engine.snapshot().session.left_s  # type: ignore[union-attr]
    assert rig.give(Pause()).ok
    assert everything_off(rig)
    rig.wait(20)
    assert rig.engine.snapshot().session.left_s == pytest.approx(left, abs=0.1)  # type: ignore[union-attr]
    assert max(rig.plant.bag_mmhg) < limits.BAG_EMPTY_MMHG
    assert rig.give(Resume()).ok
    assert rig.session.level.value < 1.1
    rig.wait(20)
    assert rig.session.level.value == 6


def test_s9_a_session_ends_at_half_an_hour_even_if_it_was_paused(rig: Rig) -> None:
    rig.start("relax", minutes=30, intensity=1)
    rig.wait(60)
    rig.give(Pause())
    rig.wait(20)
    rig.session.started_at -= 25 * 60  # several pauses later
    rig.give(Resume())
    begun_s = rig.session.started_at
    rig.until(lambda: rig.engine.session is None, 300)
    assert rig.now - begun_s <= limits.SESSION_MAX_S + 1


def test_s9_a_forgotten_pause_ends_the_session(rig: Rig) -> None:
    rig.start("relax")
    rig.wait(30)
    rig.give(Pause())
    rig.until(lambda: rig.engine.session is None, 601)
    assert rig.engine.ended.outcome == "stopped"  # type: ignore[union-attr]


def test_s10_a_silent_screen_pauses_after_two_seconds_and_ends_it_after_thirty(rig: Rig) -> None:
    rig.start("relax")
    rig.wait(30)
    rig.alive = False
    gone = rig.until(lambda: rig.engine.state == "paused", 3)
    assert gone == pytest.approx(limits.SCREEN_PAUSE_S, abs=0.11)
    assert everything_off(rig)
    gone += rig.until(lambda: rig.engine.session is None, 30)
    assert gone == pytest.approx(limits.SCREEN_STOP_S, abs=0.2)
    assert rig.engine.ended.outcome == "interrupted"  # type: ignore[union-attr]


def test_s10_a_screen_that_returns_finds_the_session_paused_and_can_go_on(rig: Rig) -> None:
    rig.start("relax")
    rig.wait(30)
    rig.alive = False
    rig.wait(10)
    rig.alive = True
    rig.wait(5)
    assert rig.engine.state == "paused", "a person decides, not the screen"
    assert rig.give(Resume()).ok
    assert rig.engine.state == "running"


def test_too_strong_drops_two_levels_opens_the_bags_and_holds_half_a_minute() -> None:
    rig = lived(Life("circulation", start=(("intensity", 6),)), 300).rig
    rig.until(lambda: rig.plant.bag_mmhg[0] > 50, 160)
    rig.give(TooStrong())
    assert rig.session.intensity == 4
    assert rig.session.level.value == 4
    rig.wait(2.5)
    assert max(rig.plant.bag_mmhg) < limits.BAG_EMPTY_MMHG
    rig.give(TooStrong())  # a second touch, later, is meant
    assert rig.session.intensity == 2
    assert rig.give(SetIntensity(level=8)).ok
    for _ in rig.run(29):
        assert rig.session.level.value <= 2
    rig.wait(25)
    assert rig.session.level.value == 8
    assert len(rig.noted("too-strong")) == 2


def test_too_strong_that_arrives_twice_drops_once(rig: Rig) -> None:
    rig.start("relax", intensity=7)
    rig.wait(200)
    rig.tick(TooStrong(), TooStrong())
    assert rig.session.intensity == 5
    assert len(rig.noted("too-strong")) == 1


def test_too_strong_on_the_way_up_goes_below_what_is_felt(rig: Rig) -> None:
    rig.start("relax", intensity=10)
    rig.until(lambda: rig.session.level.value > 4.5, 200)
    rig.give(TooStrong())
    assert rig.session.intensity == 3


def test_sharp_pain_ends_the_session_and_says_so(rig: Rig) -> None:
    rig.start("arch")
    rig.wait(200)
    reply = rig.give(Pain())
    assert reply.ok
    assert everything_off(rig)
    assert rig.engine.ended.outcome == "pain"  # type: ignore[union-attr]
    assert rig.give(Pain()).session == reply.session, "the second touch hears the same"


def test_skipping_goes_to_the_phase_and_twice_is_once(rig: Rig) -> None:
    rig.start("relax")
    rig.wait(10)
    rig.tick(SkipTo(phase=2), SkipTo(phase=2))
    assert rig.session.moment.phase.name == "Sole"
    assert len(rig.noted("skip")) == 1
    assert not rig.give(SkipTo(phase=1)).ok
    assert not rig.give(SkipTo(phase=9)).ok


def test_five_more_minutes_and_never_more_than_thirty(rig: Rig) -> None:
    rig.start("circulation", minutes=20)
    rig.wait(60)
    left = rig.engine.snapshot().session.left_s  # type: ignore[union-attr]
    assert rig.give(SetMinutes(minutes=25)).ok
    assert rig.engine.snapshot().session.left_s == pytest.approx(left + 300, abs=0.2)  # type: ignore[union-attr]
    assert rig.give(SetMinutes(minutes=30)).ok
    assert not rig.give(SetMinutes(minutes=35)).ok
    view = rig.engine.snapshot().session
    assert view is not None
    assert 60 + view.left_s == pytest.approx(1800, abs=1)


def test_shortening_below_what_has_passed_is_refused(rig: Rig) -> None:
    rig.start("relax", minutes=15)
    rig.wait(62)
    assert time_has_passed.made(rig.give(SetMinutes(minutes=1)).reason)
    assert rig.session.minutes == 15


def test_balance_off_stops_a_kind_and_strong_is_stronger(rig: Rig) -> None:
    rig.start("arch", intensity=5)
    rig.give(SkipTo(phase=2))
    rig.wait(180)
    rig.give(SetBalance(kind="knead", balance="off"))
    assert rig.motors[2] == 0.0
    rig.give(SetBalance(kind="knead", balance="normal"))
    assert not rig.give(SetBalance(kind="vibrate", balance="soft")).ok, "arch does not vibrate"
    rig.give(SetBalance(kind="squeeze", balance="off"))
    rig.wait(4)
    assert max(rig.plant.bag_mmhg) < limits.BAG_EMPTY_MMHG


def test_boost_adds_ten_mmhg_to_one_zone() -> None:
    def reached(seconds: float) -> tuple[float, float, float]:
        """The highest plateaus of foot and ankle, and what the foot bag really had."""
        foot = ankle = truth = 0.0
        for _ in rig.run(seconds):
            plateaus = rig.engine._air.plateaus_mmhg
            foot, ankle = max(foot, plateaus[0] or 0.0), max(ankle, plateaus[1] or 0.0)
            truth = max(truth, rig.plant.bag_mmhg[0])
        return foot, ankle, truth

    rig = lived(Life("circulation", start=(("intensity", 6),)), 300).rig
    rig.wait(60)
    foot, ankle, truth = reached(60)
    assert rig.give(SetBoost(zone="foot")).ok
    rig.wait(30)
    boosted, still, felt = reached(60)
    assert boosted - foot == pytest.approx(10, abs=0.01)
    assert still == pytest.approx(ankle, abs=0.01)
    assert felt - truth == pytest.approx(10, abs=7)
    assert not rig.give(SetBoost(zone="heel")).ok


def test_heat_can_change_and_go_off_in_mid_session(rig: Rig) -> None:
    rig.start("relax", heat_c=38.0)
    rig.wait(150)
    assert any(rig.heaters)
    assert rig.give(SetHeat(heat_c=None)).ok
    assert rig.heaters == (0.0, 0.0)
    rig.give(SetHeat(heat_c=36.0))
    rig.wait(1)
    assert rig.engine.snapshot().pads[0].target_c is not None


def test_s5_41_degrees_or_more_lasts_fifteen_minutes(rig: Rig) -> None:
    rig.start("relax", minutes=30, heat_c=42.0)
    hot_s = 0.0
    targets = set()
    for tick, _ in enumerate(rig.run(25 * 60, LONG_S)):
        if tick % 4 == 0 and rig.session.running_s > 20 * 60:
            targets |= {pad.target_c for pad in rig.engine.snapshot().pads} - {None}
        hot_s += LONG_S * (max(rig.plant.pad_c) >= limits.PAD_HOT_TARGET_C)
    assert 300 < hot_s <= limits.PAD_HOT_TARGET_S
    assert targets, "it stays warm"
    assert max(targets) < limits.PAD_HOT_TARGET_C
    assert max(rig.plant.pad_c) < limits.PAD_HOT_C


def test_one_foot_keeps_the_other_side_cold_and_still(rig: Rig) -> None:
    rig.start("arch", feet="left", intensity=6)
    for _ in rig.run(330):
        assert rig.heaters[1] == 0.0
    left, right = rig.plant.pad_c
    assert left > 34
    assert right < 28, "no warmer than the foot on it"
    assert rig.plant.motor_speed[2] > 0.3
    assert rig.plant.motor_speed[3] == pytest.approx(0, abs=0.01)


def test_here_lingers_with_the_kneading_for_five_seconds(rig: Rig) -> None:
    rig.start("arch", intensity=6)
    rig.give(SkipTo(phase=2))
    rig.wait(200)
    rig.until(lambda: 0.3 < rig.session.motion_levels(rig.now)[("knead", "arch")] / 6 < 0.6, 60)
    assert rig.give(Linger()).ok
    held = rig.session.motion_levels(rig.now)[("knead", "arch")]
    rig.wait(4.5)
    assert rig.session.motion_levels(rig.now)[("knead", "arch")] == pytest.approx(held, abs=0.05)
    rig.give(SkipTo(phase=4))
    assert not rig.give(Linger()).ok


def test_commands_without_a_session_are_refused_and_stop_never_is(rig: Rig) -> None:
    rig.ready()
    for command in (Pause(), Resume(), SetIntensity(level=3), TooStrong(), Pain(), JustRight(), Linger()):
        assert not rig.give(command).ok
    assert rig.give(Stop()).ok
    assert not rig.give(Alive()).ok, "of what?"


def test_a_second_start_is_refused_and_changes_nothing(rig: Rig) -> None:
    rig.start("relax")
    rig.wait(5)
    first = rig.session.id
    reply = rig.give(Start(program="heel", minutes=12, intensity=2, answers=()))
    assert not reply.ok
    assert "running already" in str(reply.reason)
    assert rig.session.id == first


def test_a_start_beyond_the_program_is_refused(rig: Rig) -> None:
    rig.ready()
    assert "no program named" in str(
        rig.give(Start(program="no", minutes=15, intensity=2, answers=())).reason
    )
    assert "10 to 15 minutes" in str(
        rig.give(Start(program="heel", minutes=30, intensity=2, answers=())).reason
    )
    assert rig.engine.state == "idle"


def test_the_events_tell_the_whole_session(rig: Rig) -> None:
    rig.start("heel", intensity=4)
    rig.wait(20)
    rig.give(SetIntensity(level=6))
    rig.give(Stop())
    assert rig.noted("self-test") == [{}], "before anything else"
    kinds = [type(event).__name__ for event in rig.events[1:]]
    assert kinds[0] == "SessionStarted"
    assert kinds[-1] == "SessionEnded"
    started = rig.events[1]
    assert isinstance(started, SessionStarted)
    assert (started.program, started.minutes, started.heat_c) == ("heel", 12, 38)
    samples = [event.second for event in rig.events if hasattr(event, "second")]
    assert samples == list(range(21))


def test_a_late_tick_drops_all_outputs_and_three_in_a_minute_fault(rig: Rig) -> None:
    rig.start("arch")
    rig.wait(120)
    assert not everything_off(rig)
    rig.board.advance(0.5)
    rig.tick()
    assert everything_off(rig), "S11"
    rig.tick()
    assert not everything_off(rig)
    for _ in range(2):
        rig.board.advance(0.5)
        rig.tick()
    assert rig.engine.state == "fault"
    assert rig.engine.ended.outcome == "fault"  # type: ignore[union-attr]


def test_lost_pins_fault_and_are_cleared_by_a_person_once_they_are_back(rig: Rig) -> None:
    from hardware.messages import Acknowledge

    rig.start("relax")
    rig.wait(5)
    rig.engine.pins_lost(say("the daemon is gone"))
    rig.engine.step(rig.now, None, ())
    assert rig.engine.state == "fault"
    assert "daemon is gone" in str(rig.engine.snapshot().faults[0].detail)
    rig.wait(1)
    assert rig.engine.state == "fault"
    assert rig.give(Acknowledge()).ok
    rig.until(lambda: rig.engine.state == "idle", 10)
