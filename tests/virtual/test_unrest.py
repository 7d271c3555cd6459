"""What real machines have and is no fault: each seen from the plant's truth, or from what its sensors say."""

from __future__ import annotations

import copy
from collections.abc import Callable
from itertools import pairwise
from random import Random
from statistics import mean, pstdev

import pytest
from msgspec.structs import asdict, replace

from hardware.machine import Machine
from hardware.sensors import bag_mmhg, pad_celsius
from hardware.virtual.params import BAGS, BagParams, FootParams, PadParams
from hardware.virtual.plant import Plant, PlantParams
from hardware.words import Side
from tests.machines import coarse

FOOT = 0
LOOK_S = 0.05
TIGHT = BagParams(leak_ml_s=0.0, sensor_noise_mmhg=0.0)
SIDES: tuple[Side, ...] = ("left", "right")


def both(foot: FootParams) -> dict[Side, FootParams]:
    return dict.fromkeys(SIDES, foot)


NOBODY = both(FootParams(present=False))


def held(machine: Machine, mmhg: float = 80.0, seed: int = 0, **params: object) -> Plant:
    """A plant whose foot bag was filled and is shut."""
    plant = Plant(machine, PlantParams(**({"bags": {"foot": TIGHT}} | params)), seed)  # type: ignore[arg-type]
    plant.rail, plant.valve_driven[FOOT], plant.pump_duty = True, True, 1.0
    while plant.bag_mmhg[FOOT] < mmhg:
        plant.step(0.01)
    plant.pump_duty = 0.0
    return plant


def looks(plant: Plant, seconds: float, seen: Callable[[], float]) -> list[float]:
    row = []
    for _ in range(round(seconds / LOOK_S)):
        plant.step(LOOK_S)
        row.append(seen())
    return row


def likeness(one: list[float], other: list[float]) -> float:
    """Pearson's r."""
    a, b = mean(one), mean(other)
    return mean((x - a) * (y - b) for x, y in zip(one, other, strict=True)) / (pstdev(one) * pstdev(other))


# --- sensors ----------------------------------------------------------------------------------------


def test_hum_is_on_all_inputs_at_once_and_goes_on_from_look_to_look(machine: Machine) -> None:
    plant = Plant(machine, PlantParams(noise=0.0, hum=2.0, hum_hz=60.04, feet=NOBODY))
    rows: list[tuple[float, float]] = []
    for _ in range(2000):
        plant.step(LOOK_S)
        rows.append((plant.sensed_pad_c(0, 0), plant.sensed_bag_mmhg(2)))
    pad, bag = ([row[place] for row in rows] for place in (0, 1))
    assert likeness(pad, bag) > 0.99
    assert likeness(bag[1:], bag[:-1]) > 0.99, "60 Hz in 20 looks a second is a slow swell"
    assert pstdev(bag) == pytest.approx(2.0 * 0.5, rel=0.05)
    assert pstdev(pad) == pytest.approx(2.0 * 0.05, rel=0.05)


def test_hum_of_50_hz_is_up_in_one_look_and_down_in_the_next(machine: Machine) -> None:
    plant = Plant(machine, PlantParams(noise=0.0, hum=1.0, hum_hz=50.02))
    row = looks(plant, 100.0, lambda: plant.sensed_bag_mmhg(0))
    assert likeness(row[1:], row[:-1]) < -0.99
    assert likeness(row[2:], row[:-2]) > 0.99


def test_a_pulse_is_felt_by_a_bag_that_lies_on_feet(machine: Machine) -> None:
    plant = held(machine, noise=0.0, pulse_mmhg=0.3, pulse_per_min=80.0)
    plant.step(1.0)
    row = looks(plant, 60.0, lambda: plant.sensed_bag_mmhg(FOOT))
    level = mean(row)
    beats = sum(before < level <= after for before, after in pairwise(row))
    assert beats == pytest.approx(80, abs=1)
    assert max(row) - min(row) == pytest.approx(0.3, rel=0.1)
    assert max(plant.bag_mmhg[1:]) == 0.0
    ankle = looks(plant, 2.0, lambda: plant.sensed_bag_mmhg(1))
    assert max(ankle) == pytest.approx(min(ankle), abs=0.01), "an open bag feels none"


def test_no_feet_no_pulse_and_none_through_a_blocked_tap(machine: Machine) -> None:
    plant = held(machine, noise=0.0, pulse_mmhg=0.3)
    plant.faults.put("pressure-tap-blocked", "foot")
    channel = machine.bag[FOOT].channel
    row = looks(plant, 2.0, lambda: plant.channel_share(channel))
    assert max(row) - min(row) < 1e-5
    bare = held(machine, noise=0.0, pulse_mmhg=0.3, feet=NOBODY)
    bare.step(1.0)
    row = looks(bare, 2.0, lambda: bare.sensed_bag_mmhg(FOOT))
    assert max(row) - min(row) < 0.01


def test_coarse_sensors_say_the_same_in_bigger_steps(machine: Machine) -> None:
    rough = coarse(machine)
    plant = held(rough, noise=0.0)
    plant.step(1.0)
    seen = bag_mmhg(plant.adc_code(machine.bag[FOOT].channel), rough)
    assert seen == pytest.approx(plant.bag_mmhg[FOOT], abs=2.0)
    assert pad_celsius(plant.adc_code(0), rough) == pytest.approx(20.0, abs=1.0)


# --- feet -------------------------------------------------------------------------------------------


def test_a_foot_sits_otherwise_each_time(machine: Machine) -> None:
    plant = Plant(machine, PlantParams(feet=both(FootParams(contact_varies=0.3, slack_varies=0.2))), 4)
    slack, warmth = set(), set()
    for _ in range(6):
        plant.set_foot("left", False)
        plant.pads[0].celsius, plant.pads[0].joules = 40.0, 0.0
        plant.set_foot("left", True)
        plant.step(2.0)
        slack.add(round(plant.bags[FOOT].slack_ml, 3))
        warmth.add(round(plant.pad_c[0], 6))
    assert len(slack) == len(warmth) == 6
    assert all(160.0 <= ml <= 240.0 for ml in slack)


def test_a_foot_that_shifts_moves_the_pressure_and_in_no_single_step(machine: Machine) -> None:
    restless = both(FootParams(slack_varies=0.2, shifts_per_h=60.0))
    plant = held(machine, feet=restless, seed=2)
    plant.step(0.5)
    row = looks(plant, 300.0, lambda: plant.bag_mmhg[FOOT])
    assert max(row) - min(row) > 3.0
    assert max(abs(b - a) for a, b in pairwise(row)) < (max(row) - min(row)) * 0.7
    still = held(machine, feet=both(FootParams(slack_varies=0.2)), seed=2)
    row = looks(still, 30.0, lambda: still.bag_mmhg[FOOT])
    assert max(row) - min(row) < 1e-6


@pytest.mark.parametrize("swells", [0.02, -0.02])
def test_a_foot_swells_or_drains(machine: Machine, swells: float) -> None:
    plant = held(machine, feet=both(FootParams(swells=swells)))
    before, slack_ml = plant.bag_mmhg[FOOT], plant.bags[FOOT].slack_ml
    plant.step(3000.0)
    assert (plant.bag_mmhg[FOOT] - before) * swells > 0.0
    assert slack_ml - plant.bags[FOOT].slack_ml == pytest.approx(swells * 600.0, rel=0.05)


def test_tissue_yields_by_what_was_asked_for_and_comes_back(machine: Machine) -> None:
    plant = held(machine, bags={"foot": replace(TIGHT, creep=0.03, creep_tau_s=20.0)})
    state, before = plant.bags[FOOT], plant.bag_mmhg[FOOT]
    plant.step(20.0)
    at_first = plant.bag_mmhg[FOOT]
    plant.step(180.0)
    at_last = plant.bag_mmhg[FOOT]
    assert (before - at_first) / (before - at_last) == pytest.approx(0.63, abs=0.08)
    full_ml = 200.0 + 1.0 * at_last
    assert state.slack_ml - 200.0 == pytest.approx(0.03 * full_ml, rel=0.02)
    plant.valve_driven[FOOT] = False
    plant.step(200.0)
    assert state.slack_ml == pytest.approx(200.0, abs=0.1)


# --- air, heat and the supply -----------------------------------------------------------------------


def test_air_warms_in_a_bag_that_is_shut(machine: Machine) -> None:
    warm = both(FootParams(skin_c=35.0))
    plant = held(machine, feet=warm, bags={"foot": replace(TIGHT, air_warms=1.0)})
    before, ml = plant.bag_mmhg[FOOT], plant.bags[FOOT].ml
    plant.step(60.0)
    soon = plant.bag_mmhg[FOOT]
    plant.step(1500.0)
    assert before < soon < plant.bag_mmhg[FOOT] - 2.0
    assert plant.bags[FOOT].ml == ml
    skin_c = mean(plant.skin_c.values())
    p = plant.bag_mmhg[FOOT]
    warmth = (760.0 + p) * (200.0 + 1.0 * p) / (760.0 * ml)
    assert warmth == pytest.approx((273.15 + skin_c) / 293.15, rel=0.005), "as an ideal gas does"


def test_air_from_a_warm_pump_cools_and_lets_the_pressure_down(machine: Machine) -> None:
    plant = held(machine, pump_air_k=15.0)
    before = plant.bag_mmhg[FOOT]
    plant.step(30.0)
    assert before - 12.0 < plant.bag_mmhg[FOOT] < before - 1.0


def test_the_sun_warms_one_pad_at_rest_and_goes_again(machine: Machine) -> None:
    always = Plant(machine, PlantParams(feet=NOBODY, pads={"right": PadParams(sun_w=3.0, sun_s=0.0)}))
    always.step(60.0)
    left_c, right_c = always.pad_c
    assert left_c == pytest.approx(20.0, abs=0.01)
    assert right_c - 20.0 == pytest.approx(3.0 * 60.0 / 85.0, rel=0.15)

    plant = Plant(machine, PlantParams(feet=NOBODY, pads={"left": PadParams(sun_w=3.0, sun_s=120.0)}))
    rises = []
    for _ in range(200):
        before = plant.pad_c[0]
        plant.step(10.0)
        rises.append(plant.pad_c[0] > before + 0.01)
    assert 3 < sum(a != b for a, b in pairwise(rises)) < 40


def test_the_supply_droops_with_its_load(machine: Machine) -> None:
    def loaded(droop: float) -> Plant:
        plant = Plant(machine, PlantParams(droop=droop, feet=NOBODY))
        plant.rail, plant.heater_duty[0] = True, 1.0
        plant.motor_duty[:] = [0.8] * len(machine.motor)
        plant.step(2.0)
        return plant

    sound, weak = loaded(0.0), loaded(0.1)
    volts = 1.0 - 0.1 * sound.watts / machine.supply.watts
    assert volts < 0.98
    assert weak.pad_watts[0] == pytest.approx(12.0 * volts**2)
    assert weak.watts == pytest.approx(sound.watts * volts**2)
    assert weak.motor_speed[0] == pytest.approx(sound.motor_speed[0] * volts)
    assert weak.pad_c[0] - 20.0 == pytest.approx((sound.pad_c[0] - 20.0) * volts**2, rel=0.01)
    weak.motor_duty[:] = [0.0] * len(machine.motor)
    weak.step(0.2)
    assert weak.pad_watts[0] > 12.0 * volts**2


def test_an_old_valve_takes_longer(machine: Machine) -> None:
    plant = held(machine, bags={"foot": replace(TIGHT, valve_s=0.1)})
    plant.valve_driven[FOOT] = False
    plant.step(0.09)
    assert plant.bags[FOOT].closed
    plant.step(0.02)
    assert not plant.bags[FOOT].closed


# --- draws ------------------------------------------------------------------------------------------


def test_draws_reach_everything_leave_it_out_often_and_replay() -> None:
    drawn = [PlantParams.odd(Random(seed)) for seed in range(200)]
    assert drawn == [PlantParams.odd(Random(seed)) for seed in range(200)]

    def often(has: Callable[[PlantParams], object]) -> bool:
        return 20 < sum(bool(has(params)) for params in drawn) < 180

    for name in ("noise", "hum", "spikes", "blanket", "room_c_per_h", "droop", "pulse_mmhg", "pump_air_k"):
        assert often(lambda params, name=name: getattr(params, name)), name  # type: ignore[misc]
    for name in ("present", "contact_varies", "slack_varies", "shifts_per_h", "swells"):
        assert often(lambda params, name=name: getattr(params.foot("left"), name)), name  # type: ignore[misc]
    assert often(lambda params: params.pad("left").sun_w)
    assert often(lambda params: params.pad("left").sensor_lag_s > 14.5), "only doubled"
    assert often(lambda params: params.bag("calf").creep)
    assert often(lambda params: params.bag("calf").air_warms)
    assert often(lambda params: params.bag("calf").valve_s > 0.0262), "only old"
    feet = {sum(params.foot(side).present for side in SIDES) for params in drawn}
    assert feet == {0, 1, 2}
    for params in drawn:
        assert params.noise**2 + params.hum**2 <= 9.0 + 1e-9
        assert 5.0 <= params.room_c <= 38.0
        assert all(10.0 <= params.foot(side).skin_c <= 38.0 for side in SIDES)
        assert abs(params.foot("left").swells) <= 0.02
        assert 50.0 <= params.pulse_per_min <= 100.0
        assert sum(params.pad(side).sun_w > 0.0 for side in SIDES) <= 1


def test_a_usual_draw_has_none_of_it() -> None:
    drawn = PlantParams.random(Random(3), 0.3)
    for params, usual in (
        *((drawn.foot(side), FootParams()) for side in SIDES),
        *((drawn.pad(side), PadParams()) for side in SIDES),
        *((drawn.bag(zone), BagParams()) for zone in BAGS),
    ):
        kept = asdict(usual)
        same = {name for name, value in asdict(params).items() if value == kept[name]}
        quiet = {"contact_varies", "slack_varies", "shifts_per_h", "swells", "sun_w", "sun_s"}
        quiet |= {"creep", "creep_tau_s", "air_warms"}
        assert quiet & kept.keys() <= same


@pytest.mark.parametrize("seed", range(6))
def test_a_restless_plant_replays_and_its_copy_lives_as_it_does(machine: Machine, seed: int) -> None:
    params = replace(PlantParams.odd(Random(seed)), hum=0.5, pulse_mmhg=0.2)

    def lived(plant: Plant, acts: Random) -> list[object]:
        row: list[object] = []
        for _ in range(60):
            plant.rail = True
            plant.valve_driven[FOOT], plant.pump_duty = acts.random() < 0.7, acts.random()
            plant.heater_duty[0] = acts.random()
            if acts.random() < 0.1:
                plant.set_foot(acts.choice(SIDES), acts.random() < 0.6)
            plant.step(acts.uniform(0.0, 3.0))
            row.append((plant.bag_mmhg, plant.pad_c, [plant.adc_code(channel) for channel in range(8)]))
            assert all(0.0 <= mmhg < 1500.0 for mmhg in plant.bag_mmhg)
        return row

    one, two = Plant(machine, params, seed), Plant(machine, params, seed)
    assert lived(one, Random(seed)) == lived(two, Random(seed))
    other = copy.deepcopy(one)
    assert lived(one, Random(99)) == lived(other, Random(99))
