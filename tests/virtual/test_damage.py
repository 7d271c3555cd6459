"""What each fault does to the machine's truth or to what its sensors say, and that it ends with it."""

from __future__ import annotations

import pytest

from hardware.machine import Machine
from hardware.sensors import bag_mmhg, pad_celsius
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
