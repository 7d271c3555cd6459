"""The heated pads on the plant, judged by their true temperature."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from msgspec.structs import replace

from hardware.control.heat import HeatControl
from hardware.machine import Gains, Machine
from hardware.safety import limits
from hardware.sensors import pad_celsius
from hardware.virtual.plant import Plant, PlantParams

SEEDS = (3, 17, 29, 41, 58, 77)
"""Of plants strong enough to come to their target within ten minutes."""
TARGETS_C = (38.0, 40.0, 42.0)


def heated(
    machine: Machine,
    params: PlantParams,
    target_c: float,
    for_s: float,
    *,
    seed: int = 0,
    gains: Gains | None = None,
    at: Callable[[float, Plant], None] = lambda _now_s, _plant: None,
) -> list[float]:
    """The left pad's true temperature at every tick, regulated from room temperature."""
    pad = machine.pad[0] if gains is None else replace(machine.pad[0], gains=gains)
    alone = replace(machine, motor=(), bag=(), pump=None, pad=(pad,))
    plant = Plant(alone, params, seed)
    plant.rail = True
    control = HeatControl(pad)
    true_c = []
    for tick in range(round(for_s / limits.TICK_S)):
        at(tick * limits.TICK_S, plant)
        a, b = (pad_celsius(plant.adc_code(channel), alone) for channel in pad.channels)
        assert a is not None
        assert b is not None
        plant.heater_duty[0] = control.update(target_c, (a + b) / 2.0, limits.TICK_S)
        plant.step(limits.TICK_S)
        true_c.append(plant.pads[0].celsius)
    return true_c


def last(true_c: list[float], seconds: float) -> list[float]:
    return true_c[-round(seconds / limits.TICK_S) :]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_pad_comes_to_its_target_without_overshoot_and_stays(machine: Machine, seed: int) -> None:
    target_c = TARGETS_C[seed % 3]
    true_c = heated(machine, PlantParams.random(Random(seed), 0.3), target_c, 720, seed=seed)
    assert max(true_c) <= target_c + 0.5, f"seed {seed}"
    assert max(true_c) < limits.PAD_HOT_C
    assert all(abs(celsius - target_c) <= 0.5 for celsius in last(true_c, 120)), f"seed {seed}"
    assert max(last(true_c, 120)) - min(last(true_c, 120)) <= 0.3, f"seed {seed}"


def test_the_usual_machine_is_at_40_degrees_in_four_to_eight_minutes(machine: Machine) -> None:
    true_c = heated(machine, PlantParams(), 40.0, 720)
    outside = max(tick for tick, celsius in enumerate(true_c) if abs(celsius - 40.0) > 0.5)
    assert 2.5 * 60 <= outside * limits.TICK_S <= 8 * 60


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_a_foot_taken_out_at_the_highest_setting_does_not_make_the_pad_too_hot(
    machine: Machine, seed: int
) -> None:
    def foot(now_s: float, plant: Plant) -> None:
        plant.set_foot("left", now_s < 600)

    true_c = heated(machine, PlantParams.random(Random(seed), 0.3), 42.0, 800, seed=seed, at=foot)
    assert max(true_c) < limits.PAD_HOT_C, f"seed {seed}"


def test_a_pad_too_weak_for_its_room_stops_short_and_does_not_overshoot_when_the_room_warms(
    machine: Machine,
) -> None:
    def room(now_s: float, plant: Plant) -> None:
        plant.params = replace(plant.params, room_c=28.0 if now_s > 600 else 4.0)

    true_c = heated(machine, PlantParams(room_c=4.0), 42.0, 1500, at=room)
    assert max(true_c[: round(600 / limits.TICK_S)]) < 41.5, "a condition of this test"
    assert max(true_c) <= 42.5
