"""What a machine file's parts become: outputs and inputs with keys, places and interlocks."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.places import ASSETS
from hardware.machine import Machine, load_machine
from hardware.safety.interlocks import OnlyIn

MACHINES = sorted(path.stem for path in (ASSETS / "machines").glob("*.toml"))


def test_the_reference_machine_in_keys(machine: Machine) -> None:
    assert [output.key for output in machine.outputs] == [
        *("roll.sole.left", "roll.sole.right", "knead.arch.left", "knead.arch.right"),
        *("vibrate.sole.left", "vibrate.sole.right"),
        *("pump", "valve.foot", "valve.ankle", "valve.calf", "valve.heel", "pad.left", "pad.right"),
    ]
    assert [measured.key for measured in machine.inputs] == [
        *("pad.left.a", "pad.left.b", "pad.right.a", "pad.right.b"),
        *("bag.foot", "bag.ankle", "bag.calf", "bag.heel"),
    ]


@pytest.mark.parametrize("name", MACHINES)
def test_each_has_a_place_a_pin_and_a_key_of_its_own(name: str) -> None:
    machine = load_machine(ASSETS / "machines" / f"{name}.toml")
    for parts in (machine.outputs, machine.inputs):
        assert [part.place for part in parts] == list(range(len(parts)))
        assert len({part.key for part in parts}) == len(parts)
        assert len({part.where for part in parts}) == len(parts)
    assert len({output.pin for output in machine.outputs}) == len(machine.outputs)
    assert len({measured.channel for measured in machine.inputs}) == len(machine.inputs)


@pytest.mark.parametrize("name", MACHINES)
def test_the_layout_is_every_output_once_and_of_its_family(name: str) -> None:
    machine = load_machine(ASSETS / "machines" / f"{name}.toml")
    layout, outputs = machine.layout, machine.outputs
    pump = () if layout.pump is None else (outputs[layout.pump],)
    assert (*outputs[layout.motors], *pump, *outputs[layout.valves], *outputs[layout.pads]) == outputs
    assert {output.family for output in outputs[layout.motors]} <= {"motion"}
    assert {output.family for output in (*pump, *outputs[layout.valves])} <= {"air"}
    assert {output.family for output in outputs[layout.pads]} <= {"heat"}


def test_references_read_what_their_keys_say(machine: Machine) -> None:
    refs = [ref for pair in machine.pad_sensors for ref in pair]
    assert [(ref.key, ref.place) for ref in (*refs, *machine.bag_sensors)] == [
        (measured.key, measured.place) for measured in machine.inputs
    ]


def test_two_motors_of_one_kind_in_one_place_are_told_apart(machine: Machine) -> None:
    first, second, *others = machine.motor
    twice = replace(machine, motor=(first, replace(second, side=first.side, zone=first.zone), *others))
    assert [output.key for output in twice.outputs][:2] == ["roll.sole.left", "roll.sole.left.2"]


def test_a_changed_machine_has_parts_of_its_own(machine: Machine) -> None:
    assert machine.outputs
    fewer = replace(machine, pad=machine.pad[:1])
    assert "pad.right" not in [output.key for output in fewer.outputs]


def test_an_output_without_an_interlock_is_refused(machine: Machine) -> None:
    pump = next(output for output in machine.outputs if output.key == "pump")
    with pytest.raises(ValueError, match="pump: an output without an interlock"):
        replace(pump, interlocks=())


@pytest.mark.parametrize("name", MACHINES)
def test_s2_no_output_is_on_in_a_state_that_none_names(name: str) -> None:
    machine = load_machine(ASSETS / "machines" / f"{name}.toml")
    for output in machine.outputs:
        states = [lock.states for lock in output.interlocks if isinstance(lock, OnlyIn)]
        assert states, output.key
        assert not any({"idle", "paused", "fault"} & each for each in states), output.key
