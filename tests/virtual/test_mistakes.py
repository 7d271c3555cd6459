"""Wires as a builder's hands leave them: what the pins really do then, and what the state says of it."""

from __future__ import annotations

from random import Random

import pytest
from msgspec.structs import replace

from hardware.errors import InstepError
from hardware.machine import Machine
from hardware.sensors import bag_mmhg, pad_celsius
from hardware.virtual.board import VirtualBoard
from hardware.virtual.commands import Commands
from hardware.virtual.params import PlantParams
from hardware.virtual.plant import Plant
from hardware.virtual.watch import StateFace
from hardware.virtual.wiring import Wiring
from tests import shaped

ROLL_LEFT, ROLL_RIGHT, KNEAD_LEFT, KNEAD_RIGHT, VIBRATE_LEFT, VIBRATE_RIGHT = range(6)
FOOT, ANKLE, CALF, HEEL = range(4)
EVERY_S = 0.1


class Driven:
    """A machine that is kept alive while one of its outputs is driven, and its state as it is watched."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.board = VirtualBoard(machine, PlantParams(room_c=20.0))
        self.plant = self.board.plant
        self.face = StateFace(Commands(machine, self.board.wiring, lambda: self.board.now_s))

    def put(self, words: str) -> None:
        name, _, where = words.partition(" ")
        self.plant.faults.put(name, where)

    def drive(self, seconds: float = 2.0, **changes: object) -> list[str]:
        """What moves at the end of it, as the state socket tells."""
        for _ in range(round(seconds / EVERY_S)):
            self.board.write(shaped.outputs(self.machine, **changes))  # type: ignore[arg-type]
            self.board.keep_alive()
            self.board.advance(EVERY_S)
        moves: list[str] = self.face.state()["moves"]
        return moves


@pytest.fixture
def driven(machine: Machine) -> Driven:
    return Driven(machine)


def only(length: int, index: int, value: float = 1.0) -> tuple[float, ...]:
    return tuple(value if at == index else 0.0 for at in range(length))


@pytest.mark.parametrize(
    ("put", "changes", "moves"),
    [
        ("", {"motors": only(6, KNEAD_LEFT, 0.5)}, ["knead arch left"]),
        ("pins-swapped 16 17", {"motors": only(6, KNEAD_LEFT, 0.5)}, ["knead arch right"]),
        ("pins-swapped 17 20", {"pump": 1.0}, ["knead arch right"]),
        ("pins-swapped 17 20", {"motors": only(6, KNEAD_RIGHT, 0.3)}, []),
        ("pins-swapped 17 20", {"motors": only(6, KNEAD_RIGHT, 0.9)}, ["pump"]),
        ("pins-swapped 16 21", {"motors": only(6, KNEAD_LEFT, 0.3)}, []),
        ("pins-swapped 16 21", {"valves": (True, False, False, False)}, ["knead arch left"]),
        ("pins-swapped 16 25", {"heaters": (1.0, 0.0)}, ["knead arch left"]),
        ("pins-swapped 25 27", {"heaters": (1.0, 0.0)}, ["pad right"]),
        ("sides-swapped", {"motors": only(6, ROLL_LEFT, 0.5)}, ["roll sole right"]),
        ("sides-swapped", {"heaters": (0.0, 1.0)}, ["pad left"]),
        ("motor-wire-off knead left", {"motors": only(6, KNEAD_LEFT, 0.5)}, []),
        ("motor-stuck-on roll right", {}, ["roll sole right"]),
        ("ports-swapped calf", {}, ["valve calf"]),
        ("ports-swapped calf", {"valves": (False, False, True, False)}, []),
        ("rail-wire-off", {"motors": (0.5,) * 6, "pump": 1.0}, []),
        ("supply-missing", {"motors": (0.5,) * 6, "pump": 1.0}, []),
    ],
)  # fmt: skip
def test_the_state_names_what_really_moves(
    driven: Driven, put: str, changes: dict[str, object], moves: list[str]
) -> None:
    if put:
        driven.put(put)
    assert driven.drive(**changes) == moves


def test_what_does_not_move_draws_nothing(driven: Driven) -> None:
    driven.drive(motors=only(6, KNEAD_LEFT, 0.5))
    assert driven.plant.watts == pytest.approx(4.0)
    driven.put("motor-wire-off knead left")
    assert driven.plant.watts == 0.0
    driven.plant.faults.clear()
    driven.put("pins-swapped 16 20")
    assert driven.plant.watts == pytest.approx(6.0), "the pump's twelve, at half"


def test_swapped_inputs_give_the_other_sensors_word(driven: Driven) -> None:
    plant, machine = driven.plant, driven.machine
    driven.drive(1.5, pump=1.0, valves=(True, False, False, False))
    assert (bag_mmhg(plant.adc_code(4), machine) or 0.0) > 20
    driven.put("inputs-swapped 4 5")
    assert (bag_mmhg(plant.adc_code(5), machine) or 0.0) > 20
    assert abs(bag_mmhg(plant.adc_code(4), machine) or 99.0) < 5
    driven.put("inputs-swapped 0 5")
    celsius = pad_celsius(plant.adc_code(5), machine)
    assert celsius == pytest.approx(20.0, abs=0.5), "a thermistor, with its resistor"


def test_an_input_that_nothing_is_on_follows_the_one_before_and_hums(driven: Driven) -> None:
    driven.put("input-loose 1")

    def words(before: str) -> list[int]:
        driven.put(before)
        found = []
        for _ in range(100):
            driven.plant.adc_code(0)
            found.append(driven.plant.adc_code(1))
        driven.plant.faults.take(before.split()[0])
        return found

    low, high = words("sensor-shorted left a"), words("sensor-open left a")
    assert sum(high) / 100 - sum(low) / 100 > 300
    assert max(low) - min(low) > 200


@pytest.mark.parametrize(
    ("put", "released", "pressed"),
    [("", False, True), ("stop-normally-open", True, False), ("stop-bridged", False, False)],
)
def test_the_emergency_stop_on_the_wrong_contact(
    driven: Driven, put: str, released: bool, pressed: bool
) -> None:
    if put:
        driven.put(put)
    assert driven.board.read().stop_open is released
    driven.plant.stop_pressed = True
    assert driven.board.read().stop_open is pressed
    driven.put("stop-wire-broken")
    assert driven.board.read().stop_open, "a broken wire is open, whatever the contact"


def test_a_bridged_relay_has_power_whatever_the_pin_does(driven: Driven) -> None:
    driven.put("rail-bridged")
    assert driven.plant.rail
    driven.board.advance(5.0)
    assert driven.plant.rail
    driven.plant.faults.clear()
    assert not driven.plant.rail
    driven.drive(1.0)
    driven.put("rail-wire-off")
    assert not driven.plant.rail
    driven.plant.faults.clear()
    assert driven.plant.rail, "the monostable held all the time"
    driven.board.advance(5.0)
    assert not driven.plant.rail
    assert [(pin, on) for _, pin, on in driven.board.wiring.edges if pin == "rail"][-1] == ("rail", 0.0)


@pytest.mark.parametrize(
    ("put", "words"),
    [
        (("pins-swapped",), "has to be on one of: 12 13, 12 16"),
        (("pins-swapped", "12 12"), "cannot be on '12 12'"),
        (("inputs-swapped", "4 9"), "cannot be on '4 9'"),
        (("rail-bridged", "26"), "is not on anything: leave out '26'"),
    ],
)
def test_what_cannot_be_is_refused(driven: Driven, put: tuple[str, ...], words: str) -> None:
    with pytest.raises(InstepError, match=words):
        driven.plant.faults.put(*put)
    driven.plant.faults.put("pins-swapped", "17 16")
    assert str(driven.plant.faults.active()[0]) == "pins-swapped 16 17"


def test_no_long_random_test_draws_them_and_all_of_them_end(machine: Machine) -> None:
    plant, sound = Plant(machine), Plant(machine)
    wirings = [Wiring(machine, each) for each in (plant, sound)]
    mistakes = plant.faults.mistakes()
    assert not {fault.name for fault in mistakes} & {fault.name for fault in plant.faults.possible()}
    rng = Random(3)
    for fault in mistakes:
        targets = plant.faults.targets(fault.name)
        for target in rng.sample(targets, min(len(targets), 6)):
            plant.faults.put(fault.name, target)
    plant.faults.clear()
    for wiring in wirings:
        wiring.drive(26, 0.5, 0.0)
        for pin in (16, 20, 21, 25):
            wiring.drive(pin, 0.8, 0.0)
        wiring.advance(30.0)
    assert (plant.pad_c, plant.bag_mmhg, plant.watts) == (sound.pad_c, sound.bag_mmhg, sound.watts)
    assert (plant.motor_speed, plant.pump_speed) == (sound.motor_speed, sound.pump_speed)


def test_a_small_machine_has_only_the_mistakes_of_its_parts(machine: Machine) -> None:
    bare = Plant(replace(machine, pump=None, bag=(), pad=machine.pad[:1], motor=machine.motor[:1]))
    names = {fault.name for fault in bare.faults.mistakes()}
    assert {"ports-swapped", "sides-swapped"} & names == set()
    assert bare.faults.targets("pins-swapped") == ("12 25",)
    assert bare.faults.targets("inputs-swapped") == ("0 1",)
