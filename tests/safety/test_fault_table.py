"""The fault table on the plant: each fault put into the machine is found in time, and does what it says."""

from __future__ import annotations

import random

import pytest

from hardware.machine import Machine
from hardware.messages import Acknowledge, Start
from hardware.program import Program
from hardware.safety import limits
from hardware.safety.faults import FAULTS
from hardware.virtual.plant import PlantParams
from tests.lives import Life, Lived, lived
from tests.rig import Rig

USUAL, DRAWN = 0, 7
"""A drawn machine unless a test says otherwise: every number of the usual one is inside what others have, and
the campaign's trials put each fault into ever new ones."""


@pytest.fixture
def seed() -> int:
    return DRAWN


@pytest.fixture
def rig(seed: int, machine: Machine, programs: dict[str, Program]) -> Rig:
    print(f"seed {seed}")
    params = PlantParams.random(random.Random(seed), 0.3) if seed else None
    return Rig(machine, programs, params=params, seed=seed)


def codes(rig: Rig) -> list[object]:
    return [detail["code"] for detail in rig.noted("fault")]


def lived_through(
    seed: int,
    fault: str,
    on: str,
    amount: float | None,
    program: str,
    minutes: float,
    code: str,
    within_s: float,
    *,
    stops: bool,
) -> Lived:
    """A session of ``program`` with the fault put in after so many minutes, until it is found."""
    life = lived(Life(program, seed, (("intensity", 6),)), minutes * 60)
    rig, truth = life.rig, life.truth
    assert codes(rig) == []
    rig.plant.faults.put(fault, on, amount)
    begun = rig.now
    while code not in codes(rig) or (stops and rig.engine.state != "fault"):
        assert rig.now - begun <= within_s, f"not within {within_s} s; so far {codes(rig)}"
        rig.tick()
        truth.check()
    return life


STOPS = [
    # put in, where, amount, program, minutes in, code, within s
    ("sensor-open", "left a", None, "relax", 5, "pad-sensor-invalid", 5.2),
    ("sensor-shorted", "right b", None, "relax", 5, "pad-sensor-invalid", 5.2),
    ("sensor-offset", "left b", -6.0, "relax", 5, "pad-sensors-disagree", 14.0),
    ("sensor-detached", "right a", None, "relax", 8, "pad-sensors-disagree", 30.0),
    ("sensor-frozen", "left a", None, "relax", 5, "pad-sensor-stuck", 180.0),
    ("heater-stuck-on", "left", None, "relax", 10, "pad-heating-by-itself", 240.0),
    ("pressure-open", "foot", None, "circulation", 5, "pressure-sensor-invalid", 0.7),
    ("pressure-shorted", "calf", None, "circulation", 5, "pressure-sensor-invalid", 0.7),
    ("valve-stuck-shut", "foot", None, "circulation", 7, "bag-not-venting", 40.0),
    ("adc-dead", "", None, "relax", 5, "pressure-sensor-invalid", 0.7),
    ("stop-pressed", "", None, "heel", 2, "emergency-stop", 0.11),
    ("stop-wire-broken", "", None, "heel", 2, "emergency-stop", 0.11),
]


@pytest.mark.parametrize(("fault", "on", "amount", "program", "minutes", "code", "within_s"), STOPS)
def test_what_stops_a_session_is_found_in_time_and_leaves_no_power(
    seed: int,
    fault: str,
    on: str,
    amount: float | None,
    program: str,
    minutes: float,
    code: str,
    within_s: float,
) -> None:
    life = lived_through(seed, fault, on, amount, program, minutes, code, within_s, stops=True)
    rig = life.rig
    view = next(view for view in rig.engine.snapshot().faults if view.code == code)
    assert view.latched
    assert view.title == FAULTS[code].title
    assert rig.engine.ended is not None
    assert rig.engine.ended.outcome == "fault"
    life.go_on(10)


ADVISES = [
    ("heater-stuck-off", "left", None, "relax", 0.1, "pad-not-heating", 300.0),
    ("pump-dead", "", None, "circulation", 5, "bag-not-filling", 120.0),
    ("bag-burst", "foot", None, "circulation", 7, "bag-not-filling", 120.0),
    ("valve-stuck-open", "foot", None, "circulation", 7, "bag-not-filling", 120.0),
]


@pytest.mark.parametrize(("fault", "on", "amount", "program", "minutes", "code", "within_s"), ADVISES)
def test_what_only_costs_a_part_is_said_and_the_rest_goes_on(
    seed: int,
    fault: str,
    on: str,
    amount: float | None,
    program: str,
    minutes: float,
    code: str,
    within_s: float,
) -> None:
    life = lived_through(seed, fault, on, amount, program, minutes, code, within_s, stops=False)
    rig = life.rig
    view = rig.engine.snapshot().faults[0]
    assert (view.code, view.severity, view.latched) == (code, "advise", False)
    life.go_on(20)
    assert rig.engine.state == "running"


def test_a_pad_that_does_not_heat_stays_off_and_the_other_goes_on(rig: Rig) -> None:
    rig.start("relax")
    rig.plant.faults.put("heater-stuck-off", "left")
    rig.until(lambda: "pad-not-heating" in codes(rig), 600)
    rig.wait(5)
    left, right = rig.engine.snapshot().pads
    assert left.target_c is None
    assert right.target_c is not None


HARD = {seed: Life("circulation", seed, (("intensity", 10), ("heat_c", None))) for seed in (USUAL, DRAWN)}
"""Without heat, so that each phase begins when the file says."""


@pytest.mark.parametrize(("seed", "share"), [(USUAL, 0.5), (DRAWN, 0.0)])
def test_s6_a_pressure_sensor_that_froze_does_not_burst_a_bag(seed: int, share: float) -> None:
    rig = lived(HARD[seed], 300).rig
    foot = next(bag for bag in rig.engine._air.bags if bag.bag.zone == "foot")
    rig.until(lambda: foot.setpoint_mmhg is None and rig.plant.bag_mmhg[0] < 1, 60)
    if share:
        rig.until(lambda: foot.wants_air and rig.plant.bag_mmhg[0] > 20, 60)
    rig.plant.faults.put("pressure-frozen", "foot")
    assert squeezes_above(rig, limits.BAG_OPEN_MMHG, 130) <= 1
    assert codes(rig)


def squeezes_above(rig: Rig, mmhg: float, seconds: float) -> int:
    """How often the foot bag went above so much, as the plant has it."""
    times, above = 0, rig.plant.bag_mmhg[0] > mmhg
    for _ in rig.run(seconds):
        was, above = above, rig.plant.bag_mmhg[0] > mmhg
        times += above and not was
    return times


@pytest.mark.parametrize(("seed", "minutes"), [(USUAL, 4.0), (DRAWN, 0.0), (DRAWN, 4.0)])
def test_s6_a_blocked_pressure_tap_squeezes_hard_at_most_once_and_then_the_zone_rests(
    seed: int, minutes: float
) -> None:
    rig = lived(HARD[seed], 60 * minutes).rig
    rig.plant.faults.put("pressure-tap-blocked", "foot")
    begun_s, times = rig.now, 0
    while not {"bag-sensor-blind", "bag-not-filling"} & set(codes(rig)):
        assert rig.now - begun_s < 240
        times += squeezes_above(rig, limits.BAG_OPEN_MMHG, 10)
    assert times <= 1
    assert squeezes_above(rig, limits.BAG_EMPTY_MMHG, 120) == 0
    assert rig.engine.state == "running"
    assert max(rig.plant.bag_mmhg[1:]) < limits.BAG_PUMP_STOP_MMHG


def test_a_stuck_mosfet_is_found_at_rest_and_the_rail_cut(rig: Rig) -> None:
    rig.ready()
    rig.plant.faults.put("heater-stuck-on", "right")
    taken = rig.until(lambda: rig.engine.state == "fault", 400)
    assert "pad-heating-by-itself" in codes(rig)
    assert max(rig.plant.pad_c) < limits.PAD_HOT_C, f"after {taken:.0f} s"
    rig.wait(3)
    assert not rig.board.wiring.rail
    hottest = max(rig.plant.pad_c)
    rig.wait(120)
    assert max(rig.plant.pad_c) < hottest
    assert not rig.give(Start(program="relax", minutes=15, intensity=3, answers=())).ok


def test_s13_a_latched_fault_goes_only_by_a_person_and_only_once_its_cause_has_gone(rig: Rig) -> None:
    rig.start("relax")
    rig.wait(60)
    rig.plant.faults.put("sensor-offset", "left a", 8.0)
    rig.until(lambda: rig.engine.state == "fault", 30)
    rig.wait(5)
    assert not rig.give(Acknowledge()).ok
    rig.plant.faults.clear()
    rig.wait(30)
    assert rig.engine.state == "fault", "nobody has seen it yet"
    assert rig.give(Acknowledge()).ok
    rig.until(lambda: rig.engine.state == "idle", 10)
    assert rig.engine.session is None
    assert rig.engine.snapshot().faults == ()


def test_a_part_that_fails_at_rest_leaves_the_others_usable_and_says_so(rig: Rig) -> None:
    rig.plant.faults.put("sensor-open", "left a")
    rig.until(lambda: rig.engine.state == "idle", 20)
    view = next(view for view in rig.engine.snapshot().faults if view.code == "self-test-failed")
    assert view.severity == "advise"
    assert rig.give(Start(program="arch", minutes=15, intensity=3, heat_c=40.0, answers=())).ok
    assert "heat" not in rig.session.kinds
    for _ in rig.run(120):
        assert rig.heaters == (0.0, 0.0)
    assert rig.engine.state == "running"


def test_a_dead_converter_is_no_session_at_all(rig: Rig) -> None:
    rig.plant.faults.put("adc-dead")
    rig.until(lambda: rig.engine.state == "fault", 20)
    assert codes(rig)[-1] == "self-test-failed"
    assert not rig.give(Start(program="relax", minutes=15, intensity=3, answers=())).ok


def test_every_fault_has_plain_and_technical_words() -> None:
    for code, fault in FAULTS.items():
        assert fault.steps, f"{code} leaves a person alone"
        assert len(str(fault.rule)) > 30, code
        said = [fault.title, fault.mild, fault.costs, *fault.steps, *(fault.advised or ())]
        for word in ("PID", "MOSFET", "duty", "setpoint", "interlock", "actuator"):
            assert all(word not in str(each) for each in said), f"{code} says {word} to a person"
