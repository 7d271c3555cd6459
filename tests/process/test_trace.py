"""The judge of the campaign over processes calls out what it is there for, and nothing on a busy computer."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from tests.process.trace import (
    BEAT_S,
    DEAD_S,
    EMPTY_S,
    LOOK_S,
    NEW,
    RAIL,
    RAIL_HOLDS_S,
    STOP_S,
    Asked,
    Fed,
    Look,
    Meddled,
    Over,
    Trace,
)

RAIL_PIN, MOTOR, VALVE = 26, 12, 21
STRUCK_S = 10.0
KILLED = Over(STRUCK_S, "S12", "the controller is killed", DEAD_S, DEAD_S + RAIL_HOLDS_S, DEAD_S + EMPTY_S)


def trace(*edges: tuple[float, int | str, float], until_s: float = 30.0) -> Trace:
    """A session asked for at 1 s with a motor on from 2 s, watched for so long by a quiet computer."""
    found = Trace(RAIL_PIN)
    found.edges = [(1.0, RAIL, 1.0), (2.0, MOTOR, 0.5), *edges]
    found.asked = [Asked(1.0, 1.1)]
    found.beats = [n * BEAT_S for n in range(int(until_s / BEAT_S))]
    found.looks = [Look(n * LOOK_S, (0.0, 0.0)) for n in range(int(until_s / LOOK_S))]
    return found


def rules(found: Trace) -> list[str]:
    return [broken.rule for broken in found.broken()]


def test_power_that_ends_in_time_and_stays_off_is_right() -> None:
    found = trace((11.0, MOTOR, 0.0), (11.5, RAIL, 0.0))
    found.overs = [KILLED]
    assert not found.broken()
    assert found.took_s() == {"S12": 1.0}


def test_a_motor_that_outlives_its_controller_is_called_out() -> None:
    found = trace()
    found.overs = [KILLED]
    assert rules(found) == ["S12", "S12"], "its power, and the rail"


def test_a_rail_that_is_fed_after_a_kill_is_called_out_though_nothing_hangs_on_it() -> None:
    found = trace((11.0, MOTOR, 0.0))
    found.overs = [KILLED]
    assert rules(found) == ["S12"]
    found.fed = [Fed(11.2)]
    assert not found.broken(), "another controller is there"


def test_a_session_that_goes_on_by_itself_is_called_out_and_one_that_was_asked_for_is_not() -> None:
    found = trace((11.0, MOTOR, 0.0), (15.0, VALVE, 1.0), (16.0, VALVE, 0.0))
    found.overs = [replace(KILLED, rule="S2", rail_s=None)]
    assert rules(found) == ["S2"]
    found.asked.append(Asked(14.0, 14.1))
    assert not found.broken()


def test_a_session_that_is_resumed_by_power_up_is_called_out() -> None:
    found = trace((STRUCK_S, NEW, 0.0), (14.0, RAIL, 1.0), (14.1, MOTOR, 0.3), (14.2, MOTOR, 0.0))
    found.overs = [Over(STRUCK_S, "S13", "everything was started anew", 0.0, slack_s=0.0)]
    assert rules(found) == ["S13"]


def test_two_that_feed_the_rail_are_called_out_and_one_after_the_other_is_not() -> None:
    found = trace()
    found.looks[50] = replace(found.looks[50], feeding=2)
    assert not found.broken()
    found.looks[50:60] = [replace(look, feeding=2) for look in found.looks[50:60]]
    assert rules(found) == ["S12"]


@pytest.mark.parametrize(("off_s", "holds"), [(10.3, True), (11.5, False)])
def test_s3_stop_is_on_the_pins_at_once(off_s: float, holds: bool) -> None:
    found = trace((off_s, MOTOR, 0.0))
    found.overs = [Over(STRUCK_S, "S3", "Stop", STOP_S, empty_s=EMPTY_S)]
    assert not found.broken() if holds else rules(found) == ["S3"]


def test_s3_a_bag_that_stays_full_is_called_out() -> None:
    found = trace((10.02, MOTOR, 0.0))
    found.overs = [Over(STRUCK_S, "S3", "Stop", STOP_S, empty_s=EMPTY_S)]
    found.looks = [replace(look, bags_mmhg=(0.0, 12.0)) for look in found.looks]
    assert rules(found) == ["S3"]


def test_what_the_controller_says_while_it_is_asked_is_of_before() -> None:
    found = trace()
    found.overs = [Over(1.05, "S2", "it says idle", 0.0, told=True)]
    assert not found.broken()
    found.overs = [replace(found.overs[0], at_s=8.0)]
    assert rules(found) == ["S2"]


def test_a_hand_that_has_let_go_is_the_end_of_its_power() -> None:
    found = trace((3.0, MOTOR, 0.0))
    found.asked = [Asked(1.0, 1.1, 0.6), Asked(1.5, 1.6, 0.6), Asked(2.0, 2.1, 0.6)]
    assert not found.broken()
    found.edges[-1] = (4.0, MOTOR, 0.0)
    assert rules(found) == ["S2"]
    found.overs = [replace(KILLED, at_s=2.5, rail_s=None)]
    assert not found.broken(), "the controller was killed meanwhile: its lease runs out"


def test_what_another_puts_on_a_pin_is_not_the_controllers_doing_for_as_long_as_the_rule_has_it() -> None:
    found = trace((10.5, MOTOR, 0.0), (20.0, VALVE, 1.0), (20.9, VALVE, 0.0))
    found.overs = [replace(KILLED, rail_s=None)]
    assert rules(found) == ["S12"]
    found.meddled = [Meddled(20.0)]
    assert not found.broken()
    found.edges[-1] = (23.0, VALVE, 0.0)
    assert rules(found) == ["S12"]


def test_a_busy_computer_breaks_no_rule() -> None:
    found = trace((17.0, MOTOR, 0.0), (17.5, RAIL, 0.0))
    found.overs = [KILLED]
    assert rules(found) == ["S12", "S12"]
    found.beats = [at for at in found.beats if not 10.1 < at < 16.5]
    assert not found.broken(), "nobody had a processor"
    assert found.busy()
    found = trace((17.0, MOTOR, 0.0), (17.5, RAIL, 0.0))
    found.overs = [KILLED]
    found.looks = [look for look in found.looks if not 10.1 < look.at_s < 16.5]
    assert not found.broken(), "the daemon had none"


def test_what_was_not_watched_for_long_enough_is_not_judged() -> None:
    found = trace(until_s=11.0)
    found.overs = [KILLED]
    assert found.passed(STRUCK_S, DEAD_S) == inf
    assert not found.broken()
