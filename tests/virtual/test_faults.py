"""Every fault bends the machine's truth or what its sensors say, and taken out leaves nothing behind."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from hardware.errors import InstepError
from hardware.machine import Machine
from hardware.sensors import bag_mmhg, pad_celsius
from hardware.virtual.board import VirtualBoard
from hardware.virtual.fault_kinds import FAULTS
from hardware.virtual.faults import FaultError
from hardware.virtual.params import PadParams, PlantParams
from hardware.virtual.plant import Plant

FOOT, ANKLE, CALF, HEEL = range(4)
LEFT_A, LEFT_B, RIGHT_A, RIGHT_B = range(4)


@pytest.fixture
def plant(machine: Machine) -> Plant:
    found = Plant(machine, PlantParams(room_c=20.0))
    found.rail = True
    return found


def pad_says(plant: Plant, channel: int) -> float | None:
    return pad_celsius(plant.adc_code(channel), plant.machine)


def bag_says(plant: Plant, bag: int) -> float | None:
    return bag_mmhg(plant.adc_code(plant.machine.bag[bag].channel), plant.machine)


def squeeze(plant: Plant, *bags: int, seconds: float = 1.5) -> None:
    plant.pump_duty = 1.0
    for bag in bags:
        plant.valve_driven[bag] = True
    plant.step(seconds)
    plant.pump_duty = 0.0


# --- pad sensors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "code"), [("sensor-open", 1023), ("sensor-shorted", 0)])
def test_a_broken_thermistor_reads_one_end_of_the_scale(plant: Plant, name: str, code: int) -> None:
    plant.faults.put(name, "left b")
    assert plant.adc_code(LEFT_B) == code
    assert pad_says(plant, LEFT_B) is None
    assert pad_says(plant, LEFT_A) == pytest.approx(20.0, abs=0.5)
    plant.faults.take(name, "left b")
    assert pad_says(plant, LEFT_B) == pytest.approx(20.0, abs=0.5)


def test_a_frozen_thermistor_gives_one_word_while_its_pad_warms(plant: Plant) -> None:
    plant.faults.put("sensor-frozen", "left a")
    before = plant.adc_code(LEFT_A)
    plant.heater_duty[0] = 1.0
    for _ in range(50):
        plant.step(1.0)
        assert plant.adc_code(LEFT_A) == before
    other = pad_says(plant, LEFT_B)
    assert other is not None
    assert other > 23.0
    plant.faults.take("sensor-frozen")
    assert pad_says(plant, LEFT_A) == pytest.approx(other, abs=0.5)


def test_a_detached_thermistor_goes_to_the_room_and_back_with_its_own_lag(plant: Plant) -> None:
    plant.heater_duty[0] = 0.5
    plant.step(400.0)
    warm = plant.sensed_pad_c(0, 1)
    plant.faults.put("sensor-detached", "left a")
    plant.step(1.0)
    assert warm - 2.0 < plant.sensed_pad_c(0, 0) < warm + 0.5
    plant.step(200.0)
    assert plant.sensed_pad_c(0, 0) == pytest.approx(20.0, abs=0.5)
    plant.faults.clear()
    plant.step(0.2)
    assert plant.sensed_pad_c(0, 0) < 22.0
    plant.step(120.0)
    assert plant.sensed_pad_c(0, 0) == pytest.approx(plant.sensed_pad_c(0, 1), abs=0.5)
    assert plant.pads[0].gaps_c == [0.0, 0.0]


def test_an_offset_on_b_makes_the_two_disagree(plant: Plant) -> None:
    plant.faults.put("sensor-offset", "right b", 6.0)
    assert plant.sensed_pad_c(1, 1) - plant.sensed_pad_c(1, 0) == pytest.approx(6.0, abs=0.5)
    plant.faults.put("sensor-offset", "right b", -6.0)
    assert plant.sensed_pad_c(1, 1) - plant.sensed_pad_c(1, 0) == pytest.approx(-6.0, abs=0.5)
    plant.faults.take("sensor-offset", "right b")
    assert plant.sensed_pad_c(1, 1) - plant.sensed_pad_c(1, 0) == pytest.approx(0.0, abs=0.5)


def test_swapped_sensors_tell_of_the_other_pad(plant: Plant) -> None:
    plant.heater_duty[0] = 1.0
    plant.step(120.0)
    plant.faults.put("sensors-swapped")
    left, right = pad_says(plant, LEFT_A), pad_says(plant, RIGHT_B)
    assert left is not None
    assert right is not None
    assert right - left > 5.0
    plant.faults.put("sensor-open", "left a")
    assert pad_says(plant, LEFT_A) is not None
    assert pad_says(plant, RIGHT_A) is None, "the left pad's sensor is on the right's input"
    plant.faults.take("sensors-swapped")
    assert pad_says(plant, LEFT_A) is None


# --- heat --------------------------------------------------------------------------------------------


def test_a_heater_stuck_on_heats_whatever_its_pin_says_and_only_with_the_rail(plant: Plant) -> None:
    plant.faults.put("heater-stuck-on", "left")
    plant.step(30.0)
    assert plant.pad_c[0] > 22.0
    assert plant.pad_c[1] < 22.0
    assert plant.watts == pytest.approx(12.0)
    plant.rail = False
    assert plant.watts == 0.0
    hot = plant.pad_c[0]
    plant.step(30.0)
    assert plant.pad_c[0] < hot
    plant.rail = True
    plant.faults.take("heater-stuck-on", "left")
    assert plant.watts == 0.0


def test_the_thermostat_still_ends_a_heater_stuck_on(plant: Plant) -> None:
    plant.set_foot("left", False)
    plant.faults.put("heater-stuck-on", "left")
    hottest = 0.0
    for _ in range(2000):
        plant.step(1.0)
        hottest = max(hottest, plant.pad_c[0])
    assert 49.0 < hottest < 50.5


def test_the_fuse_still_ends_a_heater_whose_thermostat_does_not(machine: Machine) -> None:
    plant = Plant(machine, PlantParams(thermostat_c=1000.0, pads={"left": PadParams(heater_share=1.5)}))
    plant.rail = True
    plant.set_foot("left", False)
    plant.faults.put("heater-stuck-on", "left")
    plant.step(900.0)
    assert plant.pads[0].open_fuse
    assert plant.pad_c[0] < 70.5
    plant.faults.clear()
    assert plant.pads[0].open_fuse, "a fuse does not mend"


def test_a_heater_stuck_off_stays_cold(plant: Plant) -> None:
    plant.faults.put("heater-stuck-off", "right")
    plant.heater_duty[:] = [1.0, 1.0]
    plant.step(60.0)
    assert plant.pad_c[1] < 24.0 < plant.pad_c[0]
    plant.faults.take("heater-stuck-off", "right")
    plant.step(60.0)
    assert plant.pad_c[1] > 26.0


def test_swapped_heaters_warm_the_other_pad(plant: Plant) -> None:
    plant.faults.put("heaters-swapped")
    plant.heater_duty[0] = 1.0
    plant.step(60.0)
    assert plant.pad_c[0] < 24.0 < plant.pad_c[1]
    plant.faults.clear()
    plant.step(60.0)
    assert plant.pad_c[0] > 26.0


# --- air ---------------------------------------------------------------------------------------------


def test_a_dead_pump_gives_nothing_and_a_weak_one_less(plant: Plant) -> None:
    plant.faults.put("pump-dead")
    squeeze(plant, FOOT)
    assert plant.bags[FOOT].ml == 0.0
    plant.faults.put("pump-weak", amount=0.5)
    plant.faults.take("pump-dead")
    squeeze(plant, FOOT)
    half = plant.bags[FOOT].ml
    assert half == pytest.approx(150.0, abs=5.0)
    plant.faults.clear()
    squeeze(plant, FOOT)
    assert plant.bags[FOOT].ml > half + 200.0


def test_a_weak_pump_stalls_earlier(plant: Plant) -> None:
    plant.faults.put("pump-weak", amount=0.2)
    squeeze(plant, FOOT, seconds=120.0)
    assert plant.bag_mmhg[FOOT] < 0.2 * 350.0 + 0.1


def test_a_valve_stuck_open_lets_nothing_stay_in(plant: Plant) -> None:
    squeeze(plant, FOOT)
    plant.faults.put("valve-stuck-open", "foot")
    plant.step(3.0)
    assert plant.bag_mmhg[FOOT] == 0.0
    plant.faults.take("valve-stuck-open", "foot")
    squeeze(plant, FOOT)
    assert plant.bag_mmhg[FOOT] > 50.0


def test_a_valve_stuck_shut_keeps_the_air_without_power_too(plant: Plant) -> None:
    squeeze(plant, FOOT)
    plant.faults.put("valve-stuck-shut", "foot")
    plant.valve_driven[FOOT] = False
    plant.rail = False
    plant.step(6.0)
    assert plant.bag_mmhg[FOOT] > 50.0
    plant.faults.take("valve-stuck-shut", "foot")
    plant.step(3.0)
    assert plant.bag_mmhg[FOOT] < 2.0


def test_swapped_valves_move_each_others_bag(plant: Plant) -> None:
    plant.faults.put("valves-swapped", "calf foot")
    assert [active.target for active in plant.faults.active()] == ["foot calf"]
    squeeze(plant, FOOT)
    assert plant.bags[CALF].closed
    assert plant.bags[FOOT].ml == 0.0
    plant.faults.clear()
    plant.step(0.1)
    assert plant.bags[FOOT].closed
    assert not plant.bags[CALF].closed


def test_a_leak_loses_as_much_as_it_says(plant: Plant) -> None:
    squeeze(plant, FOOT)
    plant.faults.put("bag-leak", "foot", 6.0)
    before, mmhg = plant.bags[FOOT].ml, plant.bag_mmhg[FOOT]
    plant.step(0.5)
    assert before - plant.bags[FOOT].ml == pytest.approx(0.5 * 6.03 * mmhg / 60.0, rel=0.1)
    plant.faults.clear()
    assert plant.bags[FOOT].leak == plant.bags[FOOT].params.leak_ml_s / 60.0


def test_a_burst_bag_holds_nothing(plant: Plant) -> None:
    squeeze(plant, FOOT)
    plant.faults.put("bag-burst", "foot")
    plant.step(1.0)
    assert plant.bag_mmhg[FOOT] < 1.0
    plant.pump_duty = 1.0
    for _ in range(100):
        plant.step(0.05)
        assert plant.bag_mmhg[FOOT] < 25.0
    plant.faults.clear()
    squeeze(plant, FOOT)
    assert plant.bag_mmhg[FOOT] > 50.0


def test_a_kinked_hose_is_slow_both_ways_and_the_air_goes_elsewhere(plant: Plant) -> None:
    plant.faults.put("hose-kinked", "foot", 0.1)
    squeeze(plant, FOOT, CALF)
    assert plant.bags[FOOT].ml == pytest.approx(27.0, abs=5.0)
    assert plant.bags[CALF].ml > 200.0
    plant.faults.clear()
    squeeze(plant, FOOT, seconds=3.0)
    held = plant.bag_mmhg[FOOT]
    plant.faults.put("hose-kinked", "foot", 0.0)
    plant.valve_driven[FOOT] = False
    plant.step(6.0)
    assert plant.bag_mmhg[FOOT] == pytest.approx(held, abs=1.0)
    plant.faults.clear()
    plant.step(3.0)
    assert plant.bag_mmhg[FOOT] < 2.0


@pytest.mark.parametrize(("name", "code"), [("pressure-open", 0), ("pressure-shorted", 1023)])
def test_a_broken_pressure_sensor_reads_one_end_of_the_scale(plant: Plant, name: str, code: int) -> None:
    plant.faults.put(name, "calf")
    assert plant.adc_code(plant.machine.bag[CALF].channel) == code
    assert bag_says(plant, CALF) is None
    plant.faults.take(name)
    assert bag_says(plant, CALF) == pytest.approx(0.0, abs=3.0)


def test_a_frozen_pressure_sensor_and_one_that_is_off(plant: Plant) -> None:
    plant.faults.put("pressure-frozen", "foot")
    squeeze(plant, FOOT)
    assert plant.bag_mmhg[FOOT] > 50.0
    assert bag_says(plant, FOOT) == pytest.approx(0.0, abs=3.0)
    plant.faults.clear()
    plant.step(0.5)
    plant.faults.put("pressure-offset", "foot", -20.0)
    assert bag_says(plant, FOOT) == pytest.approx(plant.bag_mmhg[FOOT] - 20.0, abs=3.0)
    plant.faults.clear()
    assert bag_says(plant, FOOT) == pytest.approx(plant.bag_mmhg[FOOT], abs=3.0)


# --- the rest ----------------------------------------------------------------------------------------


def test_a_foot_is_withdrawn_and_put_back(plant: Plant) -> None:
    squeeze(plant, FOOT)
    before = plant.bag_mmhg[FOOT]
    plant.faults.put("foot-withdrawn", "left")
    assert plant.feet == {"left": False, "right": True}
    assert plant.bag_mmhg[FOOT] < before / 2.0
    plant.set_foot("left", True)
    assert not plant.feet["left"], "the fault wins while it is in"
    plant.faults.clear()
    assert plant.feet["left"]
    plant.set_foot("right", False)
    plant.faults.put("foot-put-in", "right")
    assert plant.feet["right"]
    plant.faults.clear()
    assert not plant.feet["right"]


def test_a_stalled_motor_stands_and_draws_its_stall_current(plant: Plant) -> None:
    plant.motor_duty[:] = [0.5] * 6
    plant.step(2.0)
    running = plant.watts
    plant.faults.put("motor-stalled", "Knead-Left")
    plant.step(2.0)
    assert plant.motor_speed[2] < 1e-3
    assert plant.motor_speed[3] == pytest.approx(0.5, abs=1e-3)
    assert plant.watts == pytest.approx(running + 3.0 * 0.5 * plant.machine.motor[2].watts)
    plant.faults.take("motor-stalled", "knead left")
    plant.step(2.0)
    assert plant.motor_speed[2] == pytest.approx(0.5, abs=1e-3)
    assert plant.watts == pytest.approx(running)


def test_a_dead_adc_says_one_word_on_every_input(plant: Plant) -> None:
    for word in (0, 1023):
        plant.faults.put("adc-dead", amount=word)
        assert {plant.adc_code(channel) for channel in range(8)} == {word}
    plant.faults.clear()
    assert pad_says(plant, LEFT_A) == pytest.approx(20.0, abs=0.5)


def test_a_stuttering_adc_gives_garbage_now_and_then(plant: Plant) -> None:
    sound = {plant.adc_code(LEFT_A) for _ in range(200)}
    plant.faults.put("adc-stuttering", amount=5)
    words = [plant.adc_code(LEFT_A) for _ in range(500)]
    garbage = [word for word in words if not min(sound) - 5 <= word <= max(sound) + 5]
    assert 80 <= len(garbage) <= 100
    assert all(0 <= word <= 1023 for word in words)
    plant.faults.clear()
    assert {plant.adc_code(LEFT_A) for _ in range(200)} <= set(range(min(sound) - 5, max(sound) + 6))


@pytest.mark.parametrize("name", ["stop-pressed", "stop-wire-broken"])
def test_the_emergency_stop_reads_open(plant: Plant, name: str) -> None:
    plant.faults.put(name)
    assert plant.stop_open
    plant.faults.take(name)
    assert not plant.stop_open
    plant.stop_pressed = True
    plant.faults.put(name)
    plant.faults.take(name)
    assert plant.stop_open, "somebody presses it still"


def test_a_sagging_supply_weakens_everything_and_lets_valves_go(plant: Plant) -> None:
    plant.motor_duty[0] = plant.heater_duty[0] = 1.0
    plant.faults.put("supply-sagging", amount=9.0)
    assert plant.watts == pytest.approx(18.0 * 0.75**2)
    plant.step(2.0)
    assert plant.motor_speed[0] == pytest.approx(0.75, abs=1e-3)
    squeeze(plant, FOOT)
    assert 0.0 < plant.bags[FOOT].ml < 240.0
    plant.faults.put("supply-sagging", amount=5.0)
    plant.step(0.1)
    assert not plant.bags[FOOT].closed
    plant.faults.take("supply-sagging")
    plant.step(2.0)
    assert plant.motor_speed[0] == pytest.approx(1.0, abs=1e-3)
    assert plant.bags[FOOT].closed


# --- putting in and taking out -----------------------------------------------------------------------


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
    assert readings.pads_c[0][0] is None
    assert readings.stop_open
    board.plant.faults.clear()
    assert board.read().pads_c[0][0] == pytest.approx(20.0, abs=0.5)


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
