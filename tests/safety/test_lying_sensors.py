"""Noisy, quiet and coarse sensors stop nothing, one look decides nothing, no lie gets far (S6, S17, S18)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from math import inf

import pytest
from msgspec.structs import replace

from hardware.board.interface import Readings
from hardware.machine import Machine
from hardware.message import Part
from hardware.messages import Acknowledge, Drive
from hardware.program import Program
from hardware.safety import limits
from hardware.safety.bag_watch import BagWatch
from hardware.safety.faults import FaultLog
from hardware.safety.pad_watch import PadWatch, Present
from hardware.service.pulses import bag_takes_no_air
from hardware.virtual.plant import PlantParams
from tests import shaped
from tests.lives import Life, lived
from tests.machines import coarse
from tests.rig import Rig

TICK_S = limits.TICK_S
PAD_LIES_C = 46.0
COOLS_S = 60.0
"""A pad whose rail is cut goes on rising for less."""
Programs = Mapping[str, Program]


def codes(rig: Rig) -> list[object]:
    return [detail["code"] for detail in rig.noted("fault")]


def another(seed: int, **changes: object) -> PlantParams:
    print(f"seed {seed}")
    return replace(PlantParams.random(random.Random(seed), 0.3), **changes)  # type: ignore[arg-type]


# --- sound machines are left alone (S17, S18) --------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "noise", "spikes", "room_c"),
    [
        (11, 0.0, 0.0, 20.0),
        (12, 0.2, 0.02, 38.0),
        (13, 1.0, 0.02, 12.0),
        (14, 3.0, 0.0, 25.0),
        (16, 0.0, 0.02, 30.0),
    ],
)
def test_a_sound_machine_is_left_alone_whatever_its_sensors_are_like(
    machine: Machine, programs: Programs, seed: int, noise: float, spikes: float, room_c: float
) -> None:
    params = another(seed, noise=noise, spikes=spikes, room_c=room_c)
    rig = Rig(machine, programs, params=params, seed=seed, pulses=True)
    rig.until(lambda: rig.engine.state == "idle", 130)
    rig.start("circulation" if seed % 2 else "relax", heat_c=42.0, intensity=8)
    rig.wait(300)
    assert rig.engine.state == "running"
    assert not [view for view in rig.engine.faults.views() if view.latched]


def test_coarse_sensors_without_noise_are_as_good(machine: Machine, programs: Programs) -> None:
    rig = Rig(coarse(machine), programs, params=another(5, noise=0.0), seed=5, pulses=True)
    rig.until(lambda: rig.engine.state == "idle", 130)
    assert rig.engine.check.finding.all == ()
    rig.start("circulation", heat_c=40.0, intensity=7)
    rig.wait(240)
    assert codes(rig) == []


def test_one_wrong_look_in_fifty_hides_no_hold_and_no_overpressure() -> None:
    def watched(mmhg: float, seconds: float) -> tuple[BagWatch, set[str]]:
        watch, found = BagWatch("foot"), set()
        for tick in range(round(seconds / TICK_S)):
            word = (mmhg, None, 0.0, 290.0)[tick // 50 % 3 + 1] if tick % 50 == 49 else mmhg
            found |= set(watch.update(TICK_S, word, driven=True, pumped=0.0, target_mmhg=90.0, used=True))
        return watch, found

    assert "bag-over-pressure" in watched(125.0, 3.0)[1]
    assert watched(60.0, 21.0)[0].must_open
    assert watched(20.0, 60.0)[1] == set()


def test_one_look_without_a_pressure_costs_that_tick_and_no_session(
    machine: Machine, programs: Programs
) -> None:
    rig = Rig(machine, programs).start("circulation", intensity=7)
    rig.until(lambda: rig.plant.bag_mmhg[0] > 20, 120)

    def missing(readings: Readings) -> Readings:
        return shaped.reading(machine, readings, bags_mmhg=(None, *shaped.bags_mmhg(machine, readings)[1:]))

    rig.doctor = missing
    rig.tick()
    assert not any(rig.plant.valve_driven)
    assert rig.plant.pump_duty == 0
    rig.doctor = lambda readings: readings
    rig.wait(30)
    assert codes(rig) == []
    rig.doctor = missing
    rig.wait(0.7)
    assert codes(rig) == ["pressure-sensor-invalid"]


def test_a_wire_that_is_open_again_and_again_stops() -> None:
    watch, now = PadWatch("left"), 0.0
    found: set[str] = set()
    while now < 20.0:
        a = None if now % 7.1 < 4.5 else 38.0
        present = watch.update(now, TICK_S, (a, 38.0), None, True, 40.0, 0.3)
        found |= {code for code, fault in present.items() if fault.stops}
        now += TICK_S
    assert found == {"pad-sensor-invalid"}


def test_s13_a_fault_that_flickers_is_not_cleared() -> None:
    log, now = FaultLog(), 0.0
    log.update({"pad-sensors-disagree": Present()}, now)
    for tick in range(40):
        now += 0.3
        log.update({"pad-sensors-disagree": Present()} if tick % 2 else {}, now)
        assert log.acknowledge(now) == []
    log.update({}, now + 9.0)
    assert log.acknowledge(now + 9.0) == []
    assert log.acknowledge(now + 10.1) == ["pad-sensors-disagree"]


# --- warm rooms, and what conducts -------------------------------------------------------------------


@pytest.mark.parametrize("changes", [{"room_c_per_h": 40.0}, {"room_c": 31.0, "blanket": 0.8}])
def test_a_room_that_warms_the_pads_stops_nothing(
    machine: Machine, programs: Programs, changes: dict[str, float]
) -> None:
    rig = Rig(machine, programs, params=another(3, **{"room_c": 25.0, **changes}), seed=3).ready()
    rig.wait(750)
    assert rig.engine.state == "idle"
    assert rig.board.wiring.rail


def test_a_mosfet_that_conducts_is_found_on_a_machine_with_one_pad(
    machine: Machine, programs: Programs
) -> None:
    rig = Rig(replace(machine, pad=machine.pad[:1]), programs, params=another(4), seed=4).ready()
    rig.wait(30)
    rig.plant.faults.put("heater-stuck-on", "left")
    rig.until(lambda: rig.engine.state == "fault", 400)
    assert "pad-heating-by-itself" in codes(rig)
    assert max(rig.plant.pad_c) < limits.PAD_HOT_C


# --- both sensors of a pad lie alike -----------------------------------------------------------------


@pytest.mark.parametrize("fault", ["sensor-detached", "sensor-frozen", "sensor-offset"])
@pytest.mark.parametrize(("seed", "room_c", "minutes"), [(22, 30.0, 5.0)])
def test_sensors_that_lie_alike_do_not_get_a_pad_hot(
    fault: str, seed: int, room_c: float, minutes: float
) -> None:
    life = Life("relax", seed, (("heat_c", 42.0), ("minutes", 20)), plant=(("room_c", room_c),))
    rig = lived(life, minutes * 60).rig
    assert codes(rig) == []
    for letter in "ab":
        rig.plant.faults.put(fault, f"left {letter}", -6.0 if fault == "sensor-offset" else None)
    hottest, found_s = 0.0, inf
    for _ in rig.run(330):
        hottest = max(hottest, rig.plant.pad_c[0])
        found_s = min(found_s, rig.now) if rig.engine.state == "fault" else inf
        if rig.now - found_s > COOLS_S:
            break
    assert hottest < PAD_LIES_C


def test_sensors_that_came_off_are_said_to_be_wrong(machine: Machine, programs: Programs) -> None:
    rig = Rig(machine, programs).start("relax", heat_c=40.0)
    rig.wait(300)
    for letter in "ab":
        rig.plant.faults.put("sensor-detached", f"left {letter}")
    rig.until(lambda: rig.engine.state == "fault", 300)
    assert codes(rig) == ["pad-sensors-wrong"]
    assert max(rig.plant.pad_c) < limits.PAD_HOT_C
    assert not rig.give(Acknowledge()).ok
    rig.plant.faults.clear()
    rig.wait(120)
    assert rig.give(Acknowledge()).ok


def test_a_thermistor_the_wrong_way_round_gets_no_heat(machine: Machine, programs: Programs) -> None:
    """In a cold room it reads as a warm pad does, which no pulse of heat can test."""
    rig = Rig(machine, programs, params=PlantParams(room_c=12.0), pulses=True)
    for letter in "ab":
        rig.plant.faults.put("sensor-reversed", f"left {letter}")
    rig.until(lambda: rig.engine.state == "idle", 130)
    assert "has to cool first" in str(rig.engine.check.finding.heat)
    rig.start("relax", heat_c=40.0)
    rig.wait(60)
    assert rig.heaters == (0.0, 0.0)
    alone = Rig(replace(machine, pad=machine.pad[:1]), programs, params=PlantParams(room_c=16.0))
    for letter in "ab":
        alone.plant.faults.put("sensor-reversed", f"left {letter}")
    alone.start("relax", heat_c=42.0)
    for _ in alone.run(600):
        assert alone.plant.pad_c[0] < PAD_LIES_C
    assert not any(alone.heaters)


# --- a pressure sensor that feels nothing, without a session (S6) ------------------------------------


@pytest.mark.parametrize("seed", range(30, 34))
def test_s6_a_blocked_tap_squeezes_nobody_in_a_self_test(
    machine: Machine, programs: Programs, seed: int
) -> None:
    rig = Rig(machine, programs, params=another(seed), seed=seed, pulses=True)
    zone = machine.bag[seed % 4].zone
    rig.plant.faults.put("pressure-tap-blocked", zone)
    while rig.engine.state != "idle":
        rig.tick()
        assert max(rig.plant.bag_mmhg) < limits.ERRAND_BAG_MMHG
        assert rig.now < 130
    assert rig.engine.check.finding.air == bag_takes_no_air(Part(f"bag.{zone}"))


def test_s6_a_blocked_tap_squeezes_nobody_by_hand(machine: Machine, programs: Programs) -> None:
    rig = Rig(machine, programs).ready()
    rig.plant.faults.put("pressure-tap-blocked", "foot")
    for _ in range(400):
        rig.give(Drive(output="valve.foot"))
        rig.wait(0.1)
        assert max(rig.plant.bag_mmhg) < limits.ERRAND_BAG_MMHG


def test_air_that_a_bag_keeps_is_no_zero(machine: Machine, programs: Programs) -> None:
    rig = Rig(machine, programs).start("circulation", intensity=6)
    rig.wait(100)

    def keeps(readings: Readings) -> Readings:
        foot, *others = shaped.bags_mmhg(machine, readings)
        foot = None if foot is None else max(foot, 13.5)
        return shaped.reading(machine, readings, bags_mmhg=(foot, *others))

    rig.doctor = keeps
    rig.until(lambda: rig.engine.state == "fault", 60)
    assert codes(rig)[-1] == "bag-not-venting"
