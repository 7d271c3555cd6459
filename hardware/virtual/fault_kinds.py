"""What can go wrong with the virtual machine: each fault an entry, with where it can be and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from msgspec import Struct

from hardware.virtual.damage import BURST_ML_S, Damage

Place = Literal[
    "pad sensor",
    "pressure sensor",
    "pad",
    "pair of pads",
    "bag",
    "pair of bags",
    "motor",
    "pump",
    "pair of pins",
    "input",
    "pair of inputs",
    "both sides",
    "adc",
    "stop",
    "rail",
    "supply",
    "foot",
    "daemon",
]
"""Where a fault can be."""

Effect = Callable[[Damage, Any, float], None]
"""(what to do it to, which part, the amount: 0 where there is none)"""


class Amount(Struct, frozen=True):
    unit: str
    least: float
    most: float
    default: float

    def __str__(self) -> str:
        return f"{self.least:g} to {self.most:g} {self.unit}"


class Fault(Struct, frozen=True):
    """One thing that can go wrong. With ``freezes`` its amount is what the sensor gave as it was put in."""

    name: str
    on: Place
    about: str
    effect: Effect
    amount: Amount | None = None
    freezes: bool = False


def _sticks_heater(on: bool) -> Effect:
    return lambda damage, output, _: damage.stuck_heaters.update({output: on})


def _sticks_valve(shut: bool) -> Effect:
    return lambda damage, bag, _: damage.stuck_valves.update({bag: shut})


def _gives(share: float) -> Effect:
    return lambda damage, sensor, _: damage.reads(sensor, share)


def _foot(there: bool) -> Effect:
    return lambda damage, side, _: damage.feet.update({side: there})


def _item(name: str) -> Effect:
    """Writes the amount to the part's place in one of the damage's lists."""
    return lambda damage, part, amount: getattr(damage, name).__setitem__(part, amount)


def _field(name: str, value: object = None) -> Effect:
    """Sets one of the damage's fields, to the amount unless a value is given."""
    return lambda damage, _, amount: setattr(damage, name, amount if value is None else value)


FAULTS: tuple[Fault, ...] = (
    Fault("sensor-open", "pad sensor", "its wire is broken: reads the top of the scale", _gives(1.0)),
    Fault("sensor-shorted", "pad sensor", "its wires touch: reads the bottom of the scale", _gives(0.0)),
    Fault("sensor-frozen", "pad sensor", "goes on giving what it gave", Damage.reads, freezes=True),
    Fault(
        "sensor-detached",
        "pad sensor",
        "has come off the pad and feels the room's air",
        lambda damage, sensor, _: damage.loose.add(sensor),
    ),
    Fault(
        "sensor-offset",
        "pad sensor",
        "reads this much too warm; on b alone, the two disagree",
        Damage.is_off_by,
        Amount("°C", -40.0, 40.0, 5.0),
    ),
    Fault(
        "sensor-reversed",
        "pad sensor",
        "exchanged with its resistor: reads colder as it gets warmer",
        lambda damage, sensor, _: damage.reversed_sensors.add(sensor),
    ),
    Fault(
        "pressure-open", "pressure sensor", "its wire is broken: reads the bottom of the scale", _gives(0.0)
    ),
    Fault("pressure-shorted", "pressure sensor", "shorted to its supply: reads the top", _gives(1.0)),
    Fault("pressure-frozen", "pressure sensor", "goes on giving what it gave", Damage.reads, freezes=True),
    Fault(
        "pressure-offset",
        "pressure sensor",
        "reads this much too high",
        Damage.is_off_by,
        Amount("mmHg", -100.0, 100.0, 15.0),
    ),
    Fault(
        "pressure-tap-blocked",
        "pressure sensor",
        "its hose is kinked or off: reads zero, with its noise",
        lambda damage, sensor, _: damage.blocked.add(sensor),
    ),
    Fault("heater-stuck-on", "pad", "its MOSFET conducts whatever the pin says", _sticks_heater(True)),
    Fault("heater-stuck-off", "pad", "its MOSFET or a wire is broken: no heat", _sticks_heater(False)),
    Fault(
        "heaters-swapped",
        "pair of pads",
        "a wiring mistake: each output warms the other pad",
        lambda damage, *_: damage.swap_heaters(),
    ),
    Fault(
        "sensors-swapped",
        "pair of pads",
        "a wiring mistake: each pad's sensors are on the other's inputs",
        lambda damage, *_: damage.swap_pad_sensors(),
    ),
    Fault("pump-dead", "pump", "does not turn, whatever its duty", _field("pump_share", 0.0)),
    Fault(
        "pump-weak",
        "pump",
        "gives only this share of its flow and of its pressure",
        _field("pump_share"),
        Amount("share", 0.05, 1.0, 0.4),
    ),
    Fault("valve-stuck-open", "bag", "the bag stays open to the air", _sticks_valve(False)),
    Fault("valve-stuck-shut", "bag", "the bag stays on the pump and cannot vent", _sticks_valve(True)),
    Fault(
        "valves-swapped",
        "pair of bags",
        "a wiring mistake: each output moves the other bag's valve",
        lambda damage, pair, _: damage.swap_valves(*pair),
    ),
    Fault(
        "bag-leak",
        "bag",
        "loses this much more air at 60 mmHg",
        _item("leaks_ml_s"),
        Amount("mL/s", 0.1, 500.0, 20.0),
    ),
    Fault(
        "bag-burst",
        "bag",
        "holds no pressure at all",
        lambda damage, bag, _: damage.leaks_ml_s.__setitem__(bag, BURST_ML_S),
    ),
    Fault(
        "hose-kinked",
        "bag",
        "only this share of the air gets through, in and out",
        _item("flows"),
        Amount("share", 0.0, 1.0, 0.1),
    ),
    Fault(
        "motor-stalled",
        "motor",
        "held fast: turns 0 and draws its stall current",
        lambda damage, motor, _: damage.stalled.add(motor),
    ),
    Fault(
        "adc-dead",
        "adc",
        "answers every question with this word",
        lambda damage, _, word: setattr(damage, "word", round(word)),
        Amount("of 1023", 0.0, 1023.0, 0.0),
    ),
    Fault(
        "adc-stuttering",
        "adc",
        "one of this many words is garbage",
        lambda damage, _, every: setattr(damage, "garbage_every", round(every)),
        Amount("words", 1.0, 10_000.0, 20.0),
    ),
    Fault("stop-pressed", "stop", "the emergency stop is pressed", _field("stop_pressed", True)),
    Fault(
        "stop-wire-broken",
        "stop",
        "its wire is broken, which has to read as pressed",
        _field("stop_wire_broken", True),
    ),
    Fault(
        "supply-sagging",
        "supply",
        "gives only this voltage: weaker motors, pump and heat; below half no valve holds",
        lambda damage, _, volts: damage.sag(volts),
        Amount("V", 0.0, 24.0, 9.0),
    ),
    Fault("foot-withdrawn", "foot", "is taken out of the machine", _foot(False)),
    Fault("foot-put-in", "foot", "is put into the machine", _foot(True)),
    Fault(
        "daemon-slow",
        "daemon",
        "every reply comes this much late",
        lambda damage, _, ms: setattr(damage, "reply_delay_s", ms / 1000.0),
        Amount("ms", 0.1, 10_000.0, 60.0),
    ),
    Fault(
        "daemon-gone",
        "daemon",
        "dead until taken out: connections and scripts end, new ones are refused, pins freeze",
        _field("daemon_gone", True),
    ),
    Fault("daemon-died", "daemon", "its process ends at once, for good", _field("daemon_died", True)),
)

MISTAKES: tuple[Fault, ...] = (
    Fault(
        "pins-swapped",
        "pair of pins",
        "each of the two pins drives the other's motor, pump, valve or pad",
        lambda damage, pair, _: damage.swap_outputs(*pair),
    ),
    Fault(
        "inputs-swapped",
        "pair of inputs",
        "each of the converter's two inputs has the other's sensor",
        lambda damage, pair, _: damage.swap_inputs(*pair),
    ),
    Fault(
        "sides-swapped",
        "both sides",
        "motors, pads and their sensors of each foot hang on the other foot's pins and inputs",
        lambda damage, *_: damage.swap_sides(),
    ),
    Fault(
        "input-loose",
        "input",
        "nothing is on the converter's input: it shows hum, and what was read before it",
        lambda damage, channel, _: damage.floating.add(channel),
    ),
    Fault(
        "motor-wire-off", "motor", "does not turn and draws nothing", lambda damage, at, _: damage.cut.add(at)
    ),
    Fault(
        "motor-stuck-on",
        "motor",
        "soldered past its MOSFET: turns whenever the rail is on",
        lambda damage, at, _: damage.stuck_motors.add(at),
    ),
    Fault(
        "ports-swapped",
        "bag",
        "a normally open valve, or its ports exchanged: open when driven, on the pump when not",
        lambda damage, bag, _: damage.reversed_valves.add(bag),
    ),
    Fault(
        "stop-normally-open",
        "stop",
        "on its normally open contact: reads pressed when it is not, and released when it is",
        _field("stop_opens_released", True),
    ),
    Fault(
        "stop-bridged", "stop", "its two wires touch: never reads as pressed", _field("stop_bridged", True)
    ),
    Fault("rail-wire-off", "rail", "no edge reaches the monostable: no power", _field("rail", False)),
    Fault("rail-bridged", "rail", "the relay is bridged: power whatever its pin does", _field("rail", True)),
    Fault(
        "supply-missing",
        "supply",
        "not plugged in, or its fuse has blown",
        lambda damage, *_: damage.sag(0.0),
    ),
)
"""What a builder does wrong with his hands. They are there from the first power-up or never, and some take
away what safety in use rests on: nothing draws them at random."""

BY_NAME: Mapping[str, Fault] = {fault.name: fault for fault in (*FAULTS, *MISTAKES)}
