"""The relay, the pins' history and the plant's inputs."""

from __future__ import annotations

import pytest

from hardware.machine import Machine
from hardware.virtual.plant import Plant
from hardware.virtual.wiring import RAIL, Wiring

RAIL_PIN = 26


@pytest.fixture
def wiring(machine: Machine) -> Wiring:
    return Wiring(machine, Plant(machine), now_s=100.0)


def test_the_rail_needs_an_edge(wiring: Wiring) -> None:
    wiring.advance(101.0)
    assert not wiring.rail
    wiring.drive(RAIL_PIN, 1.0, 101.0)
    assert wiring.rail
    wiring.advance(101.499)
    assert wiring.rail
    wiring.advance(101.501)
    assert not wiring.rail


def test_either_edge_holds_it_and_a_steady_level_does_not(wiring: Wiring) -> None:
    for tick in range(20):
        wiring.drive(RAIL_PIN, float(tick % 2 == 0), 100.0 + 0.4 * tick)
    assert wiring.rail
    for tick in range(20):
        wiring.drive(RAIL_PIN, 0.0, 107.6 + 0.1 * tick)
        wiring.advance(107.6 + 0.1 * tick)
    assert not wiring.rail


def test_it_drops_at_its_very_moment(wiring: Wiring) -> None:
    wiring.drive(RAIL_PIN, 1.0, 100.0)
    wiring.drive(12, 1.0, 100.0)
    wiring.advance(110.0)
    assert list(wiring.edges) == [(100.0, RAIL, 1.0), (100.0, 12, 1.0), (100.5, RAIL, 0.0)]


def test_a_late_edge_brings_it_back(wiring: Wiring) -> None:
    wiring.drive(RAIL_PIN, 1.0, 100.0)
    wiring.drive(RAIL_PIN, 0.0, 102.0)
    assert wiring.rail
    assert [edge[2] for edge in wiring.edges] == [1.0, 0.0, 1.0]


def test_pwm_on_the_rails_pin_is_edges_all_the_time(wiring: Wiring) -> None:
    wiring.drive(RAIL_PIN, 0.5, 100.0)
    wiring.advance(150.0)
    assert wiring.rail
    wiring.drive(RAIL_PIN, 0.0, 150.0)
    wiring.advance(151.0)
    assert not wiring.rail


def test_every_part_hangs_on_its_pin(wiring: Wiring, machine: Machine) -> None:
    plant = wiring.plant
    for pin in machine.power_pins():
        wiring.drive(pin, 0.6, 100.0)
    assert plant.motor_duty == [0.6] * 6
    assert plant.pump_duty == 0.6
    assert plant.valve_driven == [True] * 4
    assert plant.heater_duty == [0.6] * 2
    wiring.drive(machine.bag[1].valve_pin, 0.4, 100.0)
    assert plant.valve_driven == [True, False, True, True]


def test_other_pins_drive_nothing(wiring: Wiring) -> None:
    wiring.drive(5, 1.0, 100.0)
    wiring.drive(2, 1.0, 100.0)
    assert not wiring.edges
    assert not wiring.rail


def test_time_never_runs_backwards(wiring: Wiring) -> None:
    wiring.advance(105.0)
    wiring.advance(103.0)
    assert wiring.now_s == 105.0


def test_the_emergency_stop_opens_its_contact(wiring: Wiring) -> None:
    assert wiring.stop_level == 0
    wiring.plant.stop_pressed = True
    assert wiring.stop_level == 1
    wiring.plant.stop_pressed, wiring.plant.stop_wire_broken = False, True
    assert wiring.stop_level == 1
