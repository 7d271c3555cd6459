"""The air's own promises: a quiet pump, slack that presses on nobody, rests as given."""

from __future__ import annotations

import itertools

import pytest

from hardware.control.air import SOFT_START_S, AirControl
from hardware.control.bag import Order
from hardware.machine import Machine
from hardware.safety import limits
from hardware.virtual.plant import Plant

TICK_S = limits.TICK_S


def settled(machine: Machine) -> AirControl:
    """Its bags have long been empty, and the target may be what it likes."""
    air = AirControl(machine)
    for _ in range(round(20 / TICK_S)):
        air.measure((0.0,) * 4, TICK_S)
        air.update((Order((0, 0), "rest", 0.0, 90.0), None, None, None), TICK_S)
    return air


def test_the_pump_begins_at_the_least_it_turns_at_and_rises_softly(machine: Machine) -> None:
    pump = machine.pump
    assert pump is not None
    air = settled(machine)
    duties = []
    for _ in range(20):
        air.measure((0.0,) * 4, TICK_S)
        order = Order((0, 1), "inflate", 1.0, 90.0)
        duties.append(air.update((order, None, None, None), TICK_S)[0])
    assert duties[0] == pump.surely_turns, "also on a supply that droops"
    rise = (pump.max_duty - pump.surely_turns) * TICK_S / SOFT_START_S
    assert all(0 <= after - before <= rise + 1e-9 for before, after in itertools.pairwise(duties))
    assert duties[round(SOFT_START_S / TICK_S) + 1] == pump.max_duty


def test_the_pump_ends_softly_at_once_when_told_and_never_stalls(machine: Machine) -> None:
    pump = machine.pump
    assert pump is not None
    air, plant = settled(machine), Plant(machine)
    plant.rail = True
    duties = []
    for _ in range(60):
        air.measure(plant.bag_mmhg, TICK_S)
        duty, *valves = air.update((Order((0, 1), "inflate", 1.0, 80.0), None, None, None), TICK_S)
        plant.pump_duty, plant.valve_driven = duty, [bool(shut) for shut in valves]
        plant.step(TICK_S)
        duties.append(duty)
    assert all(duty == 0 or pump.stalls_below <= duty <= pump.max_duty for duty in duties)
    last = max(index for index, duty in enumerate(duties) if duty)
    assert duties[last] < pump.surely_turns + 0.1
    air.off()
    assert not any(air.duties)


def test_an_everyday_foot_bag_is_at_eighty_as_fast_as_the_machine_promises(machine: Machine) -> None:
    air, plant = settled(machine), Plant(machine)
    plant.rail = True
    taken_s = 0.0
    while plant.bag_mmhg[0] < 80.0:
        air.measure(plant.bag_mmhg, TICK_S)
        duty, *valves = air.update((Order((0, 1), "inflate", 1.0, 90.0), None, None, None), TICK_S)
        plant.pump_duty, plant.valve_driven = duty, [bool(shut) for shut in valves]
        plant.step(TICK_S)
        taken_s += TICK_S
    assert taken_s == pytest.approx(1.6, abs=0.15)


@pytest.mark.parametrize("rest_s", [3.0, 12.0])
def test_s7_a_cycle_begins_only_after_the_rest_it_was_given(machine: Machine, rest_s: float) -> None:
    air = settled(machine)
    held, again = Order((0, 1), "inflate", 1.0, 60.0, rest_s), Order((0, 2), "inflate", 1.0, 60.0, rest_s)
    for order, mmhg in ((held, 60.0), (Order((0, 1), "rest", 0.0, 60.0), 40.0)):
        for _ in range(4):
            air.measure((mmhg, 0.0, 0.0, 0.0), TICK_S)
            air.update((order, None, None, None), TICK_S)
    waited_s = 0.0
    while air.setpoints_mmhg[0] is None:
        air.measure((0.0,) * 4, TICK_S)
        air.update((again, None, None, None), TICK_S)
        waited_s += TICK_S
    assert waited_s == pytest.approx(rest_s, abs=2 * TICK_S)
