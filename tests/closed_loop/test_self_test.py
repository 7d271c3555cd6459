"""The self-test on the whole machine: pulses find what is dead and what is swapped, and harm nobody."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from hardware.machine import Machine
from hardware.messages import Acknowledge, CheckItself, Start, Stop
from hardware.program import Program
from hardware.safety import limits
from hardware.virtual.plant import PlantParams
from tests.rig import Rig

LONGEST_S = 120.0


def on_the_bench(machine: Machine, programs: Mapping[str, Program], seed: int) -> Rig:
    params = PlantParams.random(random.Random(seed), 0.3)
    return Rig(machine, programs, params=params, seed=seed, pulses=True)


def finish(rig: Rig) -> Rig:
    """Until the self-test is over. Nobody is squeezed or warmed by it, as the plant tells."""
    begun = rig.now
    warmest = max(rig.plant.pad_c, default=0.0)
    while rig.engine.state not in ("idle", "fault"):
        rig.tick()
        assert rig.now - begun < LONGEST_S
        assert max(rig.plant.bag_mmhg) < limits.ERRAND_BAG_MMHG, "S6: also with a sensor that is stuck"
        assert max(rig.plant.pad_c, default=0.0) < max(warmest + 12.0, 42.0)
        assert not any(rig.plant.motor_speed)
    return rig


@pytest.mark.parametrize("seed", range(6))
def test_a_sound_machine_passes_whoever_sits_at_it(
    machine: Machine, programs: Mapping[str, Program], seed: int
) -> None:
    rig = finish(on_the_bench(machine, programs, seed))
    assert rig.engine.state == "idle"
    check = rig.engine.snapshot().check
    assert check is not None
    assert (check.heat, check.air, check.pulsed) == (None, None, True)
    assert max(rig.plant.bag_mmhg) < 10.0
    rig.wait(5)
    assert not rig.engine.faults.views()


@pytest.mark.parametrize("seed", [6, 10, 40, 73, 82, 93])
def test_the_bags_of_a_sound_machine_pass_on_a_supply_that_droops_and_behind_noisy_wires(
    machine: Machine, programs: Mapping[str, Program], seed: int
) -> None:
    params = PlantParams.odd(random.Random(seed))
    rig = finish(Rig(machine, programs, params=params, seed=seed, pulses=True))
    check = rig.engine.snapshot().check
    assert check is not None
    assert (check.air, check.pulsed) == (None, True)


@pytest.mark.parametrize("bags", [slice(None), slice(0, 4, 2), slice(0, 4, 3)], ids=["all", "large", "small"])
@pytest.mark.parametrize("fault", ["pressure-frozen", "pressure-tap-blocked", "valve-stuck-open"])
def test_s6_a_bag_stays_soft_whenever_its_sensor_or_its_valve_fails(
    machine: Machine, programs: Mapping[str, Program], fault: str, bags: slice
) -> None:
    machine = replace(machine, bag=machine.bag[bags], pad=())
    params = PlantParams.random(random.Random(5), 0.45)
    for second, bag in zip(range(1, 25, 2), itertools.cycle(machine.bag), strict=False):
        rig = Rig(machine, programs, params=params, pulses=True)
        for _ in rig.run(second):
            assert max(rig.plant.bag_mmhg) < limits.ERRAND_BAG_MMHG
        rig.plant.faults.put(fault, bag.zone)
        finish(rig)


def test_s6_a_lone_bag_has_no_witness_and_gets_no_air(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = Rig(replace(machine, bag=machine.bag[:1]), programs, pulses=True)
    while rig.engine.state != "idle":
        rig.tick()
        assert not any(rig.valves)
    check = rig.engine.snapshot().check
    assert check is not None
    assert (check.heat, check.air, check.pulsed) == (None, None, True)


@pytest.mark.parametrize(
    ("fault", "where", "part", "said", "seed"),
    [
        ("heaters-swapped", "", "heat", "swapped", 3),
        ("sensors-swapped", "", "heat", "swapped", 17),
        ("heater-stuck-off", "left", "heat", "Left pad: does not follow", 3),
        ("heater-stuck-off", "right", "heat", "Right pad: does not follow", 17),
        ("valves-swapped", "foot ankle", "air", "Foot bag: its air went into another bag (Ankle bag)", 3),
        ("valves-swapped", "calf heel", "air", "Calf bag: its air went into another bag (Heel bag)", 17),
        ("valve-stuck-open", "calf", "air", "Calf bag: takes no air", 3),
        ("pressure-frozen", "heel", "air", "Heel bag: takes no air", 17),
        ("pump-dead", "", "air", "No bag takes air", 3),
    ],
)
def test_what_does_not_answer_is_named_and_left_out(
    machine: Machine,
    programs: Mapping[str, Program],
    seed: int,
    fault: str,
    where: str,
    part: str,
    said: str,
) -> None:
    rig = on_the_bench(machine, programs, seed)
    rig.plant.faults.put(fault, where)
    finish(rig)
    check = rig.engine.snapshot().check
    assert check is not None
    assert said in str(getattr(check, part))
    assert getattr(check, "air" if part == "heat" else "heat") is None, "the rest is usable"
    rig.until(lambda: bool(rig.engine.faults.views()), 5)
    view = rig.engine.snapshot().faults[0]
    assert (view.code, view.severity) == ("self-test-failed", "advise")
    assert said in str(view.detail)
    assert rig.give(Start(program="relax", minutes=15, intensity=3, heat_c=38.0, answers=())).ok
    for _ in rig.run(60):
        if part == "heat":
            assert rig.heaters == (0.0, 0.0)
        else:
            assert not any(rig.valves)


def test_a_bag_that_does_not_empty_is_a_fault_and_tested_again_once_mended(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = on_the_bench(machine, programs, 3)
    rig.plant.faults.put("valve-stuck-shut", "ankle")
    finish(rig)
    assert rig.engine.snapshot().faults[0].code == "bag-not-venting"
    rig.plant.faults.clear()
    rig.wait(10)
    assert rig.give(Acknowledge()).ok
    finish(rig)
    check = rig.engine.snapshot().check
    assert check is not None
    assert (check.heat, check.air, check.pulsed) == (None, None, True)


def test_no_power_at_all_is_no_session(machine: Machine, programs: Mapping[str, Program]) -> None:
    rig = on_the_bench(machine, programs, 5)
    rig.plant.faults.put("supply-sagging", "", 0.0)
    finish(rig)
    assert rig.engine.state == "fault"
    assert "12 V supply" in str(rig.engine.snapshot().faults[0].detail)
    # Mended, and seen by a person: it tests itself again and is ready.
    rig.plant.faults.clear()
    assert rig.give(Acknowledge()).ok
    finish(rig)
    assert rig.engine.state == "idle"


def test_it_can_be_asked_for_and_what_was_mended_is_usable_again(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = on_the_bench(machine, programs, 8)
    rig.plant.faults.put("heater-stuck-off", "left")
    finish(rig)
    rig.plant.faults.clear()
    assert rig.give(CheckItself(answers=())).ok
    assert rig.give(CheckItself(answers=())).ok, "twice is once"
    assert rig.engine.state == "self-test"
    assert not rig.give(Start(program="relax", minutes=15, intensity=3, answers=())).ok
    finish(rig)
    check = rig.engine.snapshot().check
    assert check is not None
    assert check.heat is None


def test_stop_ends_it_at_once(machine: Machine, programs: Mapping[str, Program]) -> None:
    rig = on_the_bench(machine, programs, 8)
    rig.until(lambda: rig.plant.pump_duty > 0, 10)
    assert rig.give(Stop()).ok
    assert rig.plant.pump_duty == 0
    assert not any(rig.plant.valve_driven)
    assert not any(rig.plant.heater_duty)
    rig.until(lambda: rig.engine.state == "idle", 10)


def test_the_stop_button_ends_it_and_it_begins_again_once_asked(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = on_the_bench(machine, programs, 8)
    rig.until(lambda: rig.plant.pump_duty > 0, 10)
    rig.plant.faults.put("stop-pressed")
    rig.tick()
    assert rig.plant.pump_duty == 0, "with its first reading"
    rig.tick()
    assert rig.engine.state == "fault"
    rig.plant.faults.clear()
    rig.tick()
    assert rig.give(Acknowledge()).ok
    for _ in rig.run(30):
        assert rig.plant.pump_duty == 0, "what was stopped does not go on by itself"
    assert rig.engine.state == "idle"
    assert rig.give(CheckItself(answers=())).ok
    rig.until(lambda: rig.plant.pump_duty > 0, 10)
    finish(rig)
    assert rig.engine.state == "idle"


def test_a_session_is_refused_while_it_runs(machine: Machine, programs: Mapping[str, Program]) -> None:
    rig = on_the_bench(machine, programs, 1)
    rig.wait(3)
    reply = rig.give(Start(program="relax", minutes=15, intensity=3, answers=()))
    assert not reply.ok
    assert "checking itself" in str(reply.reason)
