"""Tuning a pad on the whole machine: gains that are found, kept or left, and every way it can end."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hardware.machine import Machine
from hardware.messages import Alive, KeepGains, Start, Stop, Tune
from hardware.program import Program
from tests.bench import NO_FEET
from tests.rig import Rig


@pytest.fixture
def bench(machine: Machine, programs: Mapping[str, Program]) -> Rig:
    return Rig(machine, programs, params=NO_FEET).ready()


def tune(rig: Rig, seconds: float) -> None:
    """Time with somebody at the screen."""
    for _ in range(round(seconds / 0.05)):
        if rig.engine.state != "service":
            return
        rig.tick(Alive())


def test_the_gains_found_are_used_once_they_are_kept_and_not_before(bench: Rig) -> None:
    before = bench.machine.pad[0].gains
    assert bench.give(Tune(side="left", answers=())).ok
    assert bench.engine.state == "service"
    tune(bench, 15 * 60)
    view = bench.engine.snapshot().tune
    assert view is not None
    assert view.state == "done", view.reason
    assert view.in_use == before
    assert view.found is not None
    assert view.found != before
    assert 60 <= len(view.curve) <= 120
    assert max(c for _, c, _ in view.curve) > 38.0
    assert bench.plant.pad_c[1] < 21.0, "only the left pad was warmed"
    assert max(bench.plant.pad_c) < 43.0
    bench.until(lambda: bench.engine.state == "idle", 10)
    assert bench.give(KeepGains()).ok
    kept = bench.engine.snapshot().tune
    assert kept is not None
    assert kept.in_use == view.found
    noted = bench.noted("gains")[0]
    assert noted["side"] == "left"
    # They regulate: the pad comes to its target and stays.
    bench.start("relax", heat_c=38.0)
    bench.wait(8 * 60)
    assert bench.plant.pad_c[0] == pytest.approx(38.0, abs=0.7)


def test_the_screen_that_goes_away_ends_it(bench: Rig) -> None:
    bench.give(Tune(side="right", answers=()))
    tune(bench, 30)
    assert bench.plant.heater_duty[1] > 0
    bench.alive = False
    bench.wait(2.2)
    assert not any(bench.plant.heater_duty), "S10"
    assert bench.engine.state != "service"
    view = bench.engine.snapshot().tune
    assert view is not None
    assert view.state == "aborted"
    assert "gone" in str(view.reason)
    assert not bench.give(KeepGains()).ok


def test_stop_ends_it_in_the_same_tick(bench: Rig) -> None:
    bench.give(Tune(side="right", answers=()))
    tune(bench, 30)
    assert bench.give(Stop()).ok
    assert not any(bench.plant.heater_duty)
    bench.until(lambda: bench.engine.state == "idle", 10)


def test_a_lost_sensor_ends_it(bench: Rig) -> None:
    bench.give(Tune(side="right", answers=()))
    tune(bench, 30)
    bench.plant.faults.put("sensor-open", "right a")
    tune(bench, 0.2)
    assert not any(bench.plant.heater_duty), "S4"
    tune(bench, 3)
    view = bench.engine.snapshot().tune
    assert view is not None
    assert view.state == "aborted"
    assert "sensors" in str(view.reason)


def test_what_cannot_be_is_refused_and_changes_nothing(bench: Rig) -> None:
    assert not bench.give(KeepGains()).ok
    bench.start("relax")
    reply = bench.give(Tune(side="left", answers=()))
    assert not reply.ok
    assert "session" in str(reply.reason)
    assert bench.engine.state == "running"
    bench.give(Stop())
    bench.until(lambda: bench.engine.state == "idle", 10)
    assert bench.give(Tune(side="left", answers=())).ok
    assert bench.give(Tune(side="left", answers=())).ok, "twice is once"
    assert not bench.give(Tune(side="right", answers=())).ok
    assert not bench.give(Start(program="relax", minutes=15, intensity=3, answers=())).ok
    assert bench.engine.state == "service"


def test_a_pad_that_cannot_get_there_is_told_how_far_it_got(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = Rig(machine, programs, params=NO_FEET).ready()
    rig.plant.faults.put("supply-sagging", "", 6.5)
    rig.give(Tune(side="left", target_c=40.0, answers=()))
    tune(rig, 15 * 60)
    view = rig.engine.snapshot().tune
    assert view is not None
    assert view.state == "aborted"
    assert "does not reach 40 °C" in str(view.reason)
