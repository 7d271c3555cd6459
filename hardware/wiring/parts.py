"""What has to be bought for a machine, counted from its file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hardware.machine import Machine
from hardware.wiring import values
from hardware.wiring.names import MOTORS

SMALL_DIODE_A = 1.0
"""What a 1N5819 carries."""
COVERED = ("knead", "roll")
"""Kinds of motor that turn something a finger can get into."""


class Part(NamedTuple):
    number: int
    name: str
    look_for: str


def parts(machine: Machine) -> list[Part]:
    return [
        *_power(machine),
        *_outputs(machine),
        *_air(machine),
        *_heat(machine),
        *_inputs(machine),
        *_small(machine),
    ]


def _power(machine: Machine) -> Iterator[Part]:
    volts = f"{machine.supply.volts:g} V"
    fuse = f"{values.fuse_amps(machine):g} A"
    yield Part(
        1, "Raspberry Pi with its own supply", "Pi 4 (5 V, 3 A) or Pi 5 (5 V, 5 A); 64-bit Raspberry Pi OS"
    )
    yield Part(1, "touchscreen", "7 inch, 800 × 480 or more")
    yield Part(
        1,
        f"{volts} supply",
        f"{machine.supply.watts:g} W, closed, limits its current when shorted, safety class II",
    )
    yield Part(1, f"fuse {fuse}, time-lag, with holder", "first thing after the supply's plus; a DC rating")
    yield Part(
        1,
        f"relay, {volts} coil",
        f"one make contact for {values.contact_amps(machine):g} A DC or more, coil up to 1 W",
    )
    yield Part(1, "emergency stop", "latching mushroom button with **two** normally closed contacts")
    yield Part(
        1, "74HCT123", "retriggerable monostable; **HCT**, not HC, and not a 555, which cannot be retriggered"
    )
    yield Part(1, "capacitor 2.2 µF", "film, 5 %: it sets the time, an electrolytic one would not keep it")
    yield Part(
        1,
        f"resistor {values.ohms(values.timing_ohms(machine))}",
        "1 %, sets the time together with the 2.2 µF",
    )
    yield Part(1, "Schottky diode BAT85", "empties the 2.2 µF at power-off")
    yield Part(1, "diode 1N4007", "across the relay's coil")
    yield Part(
        1,
        "capacitor 470 µF",
        f"electrolytic, rated {2 * machine.supply.volts:g} V or more; **ahead of** the relay's contact: "
        "behind it, its inrush welds that",
    )
    yield Part(1, "LED with 2.2 k", "shows that the rail has power")


def _outputs(machine: Machine) -> Iterator[Part]:
    drivers = len(machine.power_pins()) + 1
    yield Part(
        drivers,
        "N-channel MOSFET",
        "on-resistance given **at 2.5 V** of gate: AO3400A, IRLML6344 (30 V); one more for the relay is "
        "counted",
    )
    kinds = {(motor.kind, motor.zone, motor.watts) for motor in machine.motor}
    for kind, zone, watts in sorted(kinds):
        count = sum((m.kind, m.zone, m.watts) == (kind, zone, watts) for m in machine.motor)
        name = f"{zone} {MOTORS[kind]}{' motor' if kind == 'vibrate' else ''}"
        yield Part(count, name, f"{machine.supply.volts:g} V brushed, {watts:g} W")
    covered = sum(motor.kind in COVERED for motor in machine.motor)
    if covered:
        yield Part(
            covered,
            "fixed cover",
            "over each kneader and roller: no finger or toe gets at what turns; comes off with a tool only",
        )
    large = small = 0
    for watts in _inductive(machine):
        if watts / machine.supply.volts > SMALL_DIODE_A * 0.8:
            large += 1
        else:
            small += 1
    if small:
        yield Part(small, "Schottky diode 1N5819", "40 V, 1 A, across each small motor and valve")
    if large:
        yield Part(
            large, "Schottky diode SS34 or 1N5822", "40 V, 3 A, across each motor above 0.8 A, the pump too"
        )


def _inductive(machine: Machine) -> Iterator[float]:
    yield from (motor.watts for motor in machine.motor)
    yield from (bag.watts for bag in machine.bag)
    if machine.pump:
        yield machine.pump.watts


def _air(machine: Machine) -> Iterator[Part]:
    if machine.pump:
        yield Part(
            1,
            "air pump",
            f"{machine.supply.volts:g} V diaphragm, {machine.pump.watts:g} W, about 12 L/min, stalls near "
            "350 mmHg",
        )
    bags = len(machine.bag)
    if not bags:
        return
    yield Part(
        bags,
        "three-way air valve",
        "3/2-way, sold as **normally closed**: without current the pump's port is shut and the bag's is open "
        "to the air; 15 ms, holds 300 mmHg or more. A *normally open* one keeps its bag hard when power "
        "fails: try each before you fit it (step 1)",
    )
    yield Part(bags, "check valve", "opens below 10 mmHg, at the valve's pump side")
    yield Part(2 * bags, "air bag", "one for each foot: " + ", ".join(bag.zone for bag in machine.bag))
    sensor = machine.pressure_sensor
    yield Part(
        bags,
        "pressure sensor",
        f"gauge, 0 to {sensor.full_mmhg:g} mmHg (about {sensor.full_mmhg * 0.1333:.0f} kPa), fed with 5 V, "
        f"{sensor.zero_volts:g} to {sensor.full_volts:g} V out",
    )
    yield Part(
        1,
        "relief valve 150 mmHg",
        "20 kPa; spring-loaded, set and sealed, passes all that the pump gives; limits the pump, "
        "empties no bag",
    )


def _heat(machine: Machine) -> Iterator[Part]:
    pads = len(machine.pad)
    if not pads:
        return
    for watts in sorted({pad.watts for pad in machine.pad}):
        count = sum(pad.watts == watts for pad in machine.pad)
        yield Part(
            count, "heated pad", f"{machine.supply.volts:g} V, {watts:g} W, made for wearing on the body"
        )
    yield Part(pads, "thermostat 50 °C", "normally closed, resets by itself, 2 A DC or more, one in each pad")
    yield Part(pads, "thermal fuse 70 °C", "opens once, 2 A DC or more, one in each pad")
    sensor = machine.pad_sensor
    yield Part(
        2 * pads,
        "thermistor",
        f"NTC {values.ohms(sensor.ohms_25c)} at 25 °C, B {sensor.beta:g}, 1 %, two in each pad",
    )
    yield Part(
        2 * pads, f"resistor {values.ohms(sensor.pull_up_ohms)} 1 %", "from each thermistor to the supply"
    )


def _inputs(machine: Machine) -> Iterator[Part]:
    yield Part(1, machine.adc.chip, "10-bit converter with SPI, DIP-16")
    upper = values.upper_ohms(machine)
    if machine.bag and upper:
        yield Part(
            len(machine.bag),
            f"divider {values.ohms(upper)} and {values.ohms(values.LOWER_OHMS)}",
            "1 %, one at each pressure sensor",
        )


def _small(machine: Machine) -> Iterator[Part]:
    gates = len(machine.power_pins()) + 1
    yield Part(gates, "resistor 220 Ω", "in series with each gate, the relay's too")
    yield Part(gates + 1, "resistor 10 k", "gate to ground at each MOSFET; one at the monostable's input")
    yield Part(3, "resistor 1 k", "to the monostable's input; pull-up and series at the emergency stop")
    inputs = 2 * len(machine.pad) + len(machine.bag)
    motors = len(machine.motor) + (1 if machine.pump else 0)
    yield Part(
        inputs + motors + 3,
        "capacitor 100 nF",
        "ceramic: each converter input, each motor, both chips' supplies, the emergency stop's input",
    )
    yield Part(1, "capacitor 10 µF", "at the converter's supply")
    yield Part(
        1, "wire", f"rail: {values.rail_wire(machine)} or thicker; single loads 0.5 mm² (AWG 20); signals any"
    )
