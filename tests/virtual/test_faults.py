"""Putting faults in and taking them out: what can be, what wins, and that nothing stays behind."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from hardware.errors import InstepError
from hardware.machine import Machine
from hardware.virtual.board import VirtualBoard
from hardware.virtual.fault_kinds import FAULTS
from hardware.virtual.faults import FaultError
from hardware.virtual.params import PlantParams
from hardware.virtual.plant import Plant

FOOT, ANKLE, CALF, HEEL = range(4)
LEFT_A, LEFT_B, RIGHT_A, RIGHT_B = range(4)


@pytest.fixture
def plant(machine: Machine) -> Plant:
    found = Plant(machine, PlantParams(room_c=20.0))
    found.rail = True
    return found


@pytest.mark.parametrize(
    ("put", "words"),
    [
        (("nothing",), "there is no fault named 'nothing'; there are: sensor-open, sensor-shorted"),
        (("valve-stuck-open",), "has to be on one of: foot, ankle, calf, heel"),
        (("valve-stuck-open", "knee"), "cannot be on 'knee'; on one of: foot, ankle"),
        (("pump-dead", "left"), "is not on anything: leave out 'left'"),
        (("pump-dead", "", 3.0), "takes no amount"),
        (("bag-leak", "foot", 0.0), "bag-leak of 0: it can be 0.1 to 500 mL/s"),
        (("sensor-offset", "left a", math.nan), "it can be -40 to 40 °C"),
        (("adc-dead", "", math.inf), "it can be 0 to 1023"),
        (("daemon-slow",), "there is no daemon here"),
    ],
)
def test_what_cannot_be_is_refused_and_says_what_can(
    plant: Plant, put: tuple[str, str, float], words: str
) -> None:
    with pytest.raises(FaultError) as caught:
        plant.faults.put(*put)
    assert words in str(caught.value)
    assert isinstance(caught.value, InstepError)
    assert plant.faults.active() == []
    assert plant.faults.damage is None


def test_only_what_is_in_can_be_taken(plant: Plant) -> None:
    with pytest.raises(FaultError, match="pump-dead is not in; what is: none"):
        plant.faults.take("pump-dead")
    plant.faults.put("bag-leak", "foot")
    with pytest.raises(FaultError, match="bag-leak calf is not in; what is: bag-leak foot 20"):
        plant.faults.take("bag-leak", "calf")
    plant.faults.put("bag-leak", "heel", 3.0)
    plant.faults.take("bag-leak")
    assert plant.faults.active() == []


def test_the_last_one_put_in_wins(plant: Plant) -> None:
    plant.faults.put("sensor-open", "left a")
    plant.faults.put("sensor-shorted", "left a")
    assert plant.adc_code(LEFT_A) == 0
    plant.faults.put("sensor-open", "left a")
    assert plant.adc_code(LEFT_A) == 1023
    assert [str(active) for active in plant.faults.active()] == [
        "sensor-shorted left a",
        "sensor-open left a",
    ]


def test_a_machine_without_the_part_has_not_the_fault(machine: Machine) -> None:
    small = Plant(replace(machine, pump=None, bag=(), pad=machine.pad[:1]))
    with pytest.raises(FaultError, match="pump-dead: there is no pump here"):
        small.faults.put("pump-dead")
    with pytest.raises(FaultError, match="there is no pair of pads here"):
        small.faults.put("sensors-swapped")
    names = {fault.name for fault in small.faults.possible()}
    assert "bag-leak" not in names
    small.faults.put("heater-stuck-on", "left")
    small.rail = True
    small.step(1.0)


def test_two_motors_of_a_kind_on_one_side_are_told_apart(machine: Machine) -> None:
    twin = replace(machine.motor[0], zone="heel", pin=9)
    plant = Plant(replace(machine, motor=(*machine.motor, twin)))
    assert {"roll sole left", "roll heel left", "roll right"} <= set(plant.faults.targets("motor-stalled"))


def test_in_process_it_works_while_running(machine: Machine) -> None:
    board = VirtualBoard(machine)
    board.plant.faults.put("sensor-open", "left a")
    board.plant.faults.put("stop-pressed")
    readings = board.read()
    assert readings.values[0] is None
    assert readings.stop_open
    board.plant.faults.clear()
    assert board.read().values[0] == pytest.approx(20.0, abs=0.5)


def everything(machine: Machine) -> list[tuple[str, str, float | None]]:
    faults = Plant(machine).faults
    found = []
    for fault in faults.possible():
        for target in faults.targets(fault.name):
            amounts = (None,) if fault.amount is None else (fault.amount.least, None, fault.amount.most)
            found += [(fault.name, target, amount) for amount in amounts]
    return found


def test_every_fault_is_somewhere_and_taken_out_leaves_nothing(machine: Machine) -> None:
    plant, sound = Plant(machine), Plant(machine)
    for each in (plant, sound):
        each.rail = True
        each.motor_duty[:], each.heater_duty[:] = [0.5] * 6, [0.4] * 2
    for name, target, amount in everything(machine):
        plant.faults.put(name, target, amount)
        plant.faults.take(name, target)
    for each in (plant, sound):
        each.step(30.0)
    assert (plant.pad_c, plant.bag_mmhg, plant.watts) == (sound.pad_c, sound.bag_mmhg, sound.watts)
    assert (plant.feet, plant.motor_speed) == (sound.feet, sound.motor_speed)
    assert [bag.vent for bag in plant.bags] == [bag.vent for bag in sound.bags]
    named = {name for name, _, _ in everything(machine)}
    assert {fault.name for fault in FAULTS} - named == {"daemon-slow", "daemon-gone", "daemon-died"}


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1000), data=st.data())
def test_any_faults_in_any_order_keep_physics_finite_and_bounded(
    machine: Machine, seed: int, data: st.DataObject
) -> None:
    params = PlantParams.random(Random(seed))
    plant = Plant(machine, params, seed)
    coldest = min(params.room_c, *(params.foot(side).skin_c for side in plant.feet))
    duty = st.floats(0.0, 1.0)
    for name, target, amount in data.draw(st.lists(st.sampled_from(everything(machine)), max_size=15)):
        plant.faults.put(name, target, amount)
        plant.rail = data.draw(st.booleans())
        plant.motor_duty[:] = [data.draw(duty)] * 6
        plant.heater_duty[:] = [data.draw(duty), data.draw(duty)]
        plant.pump_duty = data.draw(st.sampled_from([0.0, 0.8, 1.0]))
        plant.valve_driven[:] = data.draw(st.lists(st.booleans(), min_size=4, max_size=4))
        if data.draw(st.booleans()):
            gone = data.draw(st.sampled_from(plant.faults.active()))
            plant.faults.take(gone.name, gone.target)
        plant.step(data.draw(st.floats(0.0, 20.0)))
        assert all(0.0 <= speed <= 1.0 for speed in plant.motor_speed)
        assert all(bag.ml >= 0.0 and 0.0 <= bag.mmhg < 1500.0 for bag in plant.bags)
        assert all(coldest - 1e-6 <= c < 55.0 for c in plant.pad_c)
        assert all(10.0 <= c < 50.0 for c in plant.skin_c.values())
        assert 0.0 <= plant.watts <= 250.0
        assert plant.rail or plant.watts == 0.0
        assert all(0 <= plant.adc_code(channel) <= 1023 for channel in range(8))
        assert all(math.isfinite(gap) for pad in plant.pads for gap in pad.gaps_c)
    plant.faults.clear()
    assert plant.faults.damage is None
