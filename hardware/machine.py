"""The machine file: which parts a machine has, on which pins, within which bounds.

``load_machine`` reads one TOML file into a :class:`Machine` or raises :class:`~hardware.errors.FileError`
with the file, the key and the reason. Nothing is guessed: an unknown key, a missing key, a pin used twice
or a limit above a hard ceiling is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from math import ceil, exp
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from hardware.errors import FileError
from hardware.message import Count, Message, Named, Place, Temperature, TemperatureDifference, says
from hardware.parts import (
    Input,
    InputRef,
    Layout,
    Mmhg,
    Output,
    PadRefs,
    inputs_of,
    layout_of,
    outputs_of,
    refs_of,
)
from hardware.safety import limits
from hardware.textfile import read_toml
from hardware.words import Kind, MotionKind, Side, Zone


@says("pin {pin} is used by {other} already: give each part a pin of its own")
def pin_taken(pin: Count, other: Named) -> None: ...


@says("on lgpio a pulse comes every 100 ms, or late: give the monostable {least} ms or more")
def rail_too_short(least: Count) -> None: ...


@says("pin {pin} boots with a pull-up: power outputs belong on pins 9 to 27")
def pin_pulled_up(pin: Count) -> None: ...


@says("pin {pin} is the serial console at boot: choose another")
def pin_is_console(pin: Count) -> None: ...


@says("ADC input {channel} is read by {other} already")
def input_taken(channel: Count, other: Named) -> None: ...


@says("there are bags but no pump to fill them: add a [pump], or leave the bags out")
def bags_without_pump() -> None: ...


@says("pressure has to rise with intensity, one point a level")
def pressure_has_to_rise() -> None: ...


@says("there is a bag at the {zone} already")
def bag_there_already(zone: Place) -> None: ...


@says("stalls_below, duty_at_1, duty_at_10 and max_duty have to rise in this order")
def duties_have_to_rise() -> None: ...


@says("is below the duty at which the pump stalls: it would never turn")
def pump_would_stall() -> None: ...


@says("two pads on one side: give the other one the other side")
def two_pads_on_one_side() -> None: ...


@says("has to be above zero_volts")
def not_above_zero() -> None: ...


@says("the sensor's full scale would be above what the ADC can read")
def above_the_adc() -> None: ...


@says("has to be {least} or more where bag.mmhg_at_10 is {highest}")
def scale_too_small(least: Count, highest: Count) -> None: ...


@says("one count is {step} mmHg with pressure_sensor.divider = {divider}: more than 1 mmHg says too little")
def pressure_too_coarse(step: Named, divider: Named) -> None: ...


@says("one count at {at} is {step} with pad_sensor.ohms_25c = {ohms}: more than 0.5 °C says too little")
def temperature_too_coarse(at: Temperature, step: TemperatureDifference, ohms: Named) -> None: ...


Pin = Annotated[int, Meta(ge=2, le=27)]
Channel = Annotated[int, Meta(ge=0, le=7)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Title = Annotated[str, Meta(min_length=1, max_length=60)]

FULL_SCALE = 1023
"""The MCP3008's largest word: ten bits."""
KELVIN = 273.15

SPI_PINS = {0: (8, 7), 1: (18, 17)}
"""Chip-select pins by SPI port."""
SPI_BUS_PINS = {0: (9, 10, 11), 1: (19, 20, 21)}
SPI_TAKEN_PINS = {port: (*bus, *{0: (8, 7), 1: (18, 17, 16)}[port]) for port, bus in SPI_BUS_PINS.items()}
"""Whichever select is ours: who opens a port gets all its selects, and those idle high."""

LGPIO_RAIL_MS = 300
"""Of the rail's monostable at least, where the loop itself toggles the pin, twice a pulse: even its fastest
specimen outlasts a pulse that comes late."""


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Pins(_Part, frozen=True, kw_only=True):
    """How the pins are reached."""

    factory: Literal["pigpio", "lgpio"]
    host: Annotated[str, Meta(min_length=1, max_length=200)] = "localhost"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8888


class Supply(_Part, frozen=True, kw_only=True):
    volts: Annotated[float, Meta(ge=5, le=24)]
    watts: Annotated[float, Meta(gt=0, le=400)]


class Rail(_Part, frozen=True, kw_only=True):
    """The relay that feeds all power outputs, held by a retriggerable monostable."""

    pin: Pin
    drops_after_ms: Annotated[int, Meta(ge=100, le=1000)]
    """Without an edge for this long every power output is dead."""


class EmergencyStop(_Part, frozen=True, kw_only=True):
    """A normally closed contact to ground: open (pressed, unplugged, broken) reads high."""

    pin: Pin


class Adc(_Part, frozen=True, kw_only=True):
    chip: Literal["MCP3008"]
    port: Literal[0, 1] = 0
    select: Literal[0, 1] = 0
    volts: Annotated[float, Meta(ge=2.7, le=5.5)] = 3.3


class PadSensor(_Part, frozen=True, kw_only=True):
    """The thermistors: NTC from the input to ground, a resistor to the supply of the ADC."""

    ohms_25c: Annotated[float, Meta(gt=0, le=1e6)] = 10_000.0
    beta: Annotated[float, Meta(ge=2000, le=5000)] = 3950.0
    pull_up_ohms: Annotated[float, Meta(gt=0, le=1e6)] = 10_000.0


class PressureSensor(_Part, frozen=True, kw_only=True):
    zero_volts: Annotated[float, Meta(ge=0, le=5)] = 0.5
    full_volts: Annotated[float, Meta(gt=0, le=5)] = 4.5
    full_mmhg: Annotated[float, Meta(gt=0, le=1000)] = 300.0
    divider: Annotated[float, Meta(gt=0, le=1)] = 0.66


class Motor(_Part, frozen=True, kw_only=True):
    kind: MotionKind
    zone: Zone
    side: Side
    pin: Pin
    stalls_below: Share = 0.0
    """Duty below which it does not turn; such a duty is never sent."""
    duty_at_1: Share = 0.30
    duty_at_10: Share = 0.85
    """Duty at intensity 1 and 10; linear between."""
    max_duty: Share = 1.0
    frequency_hz: Annotated[int, Meta(ge=10, le=8000)] = 800
    watts: Annotated[float, Meta(ge=0, le=100)]


class Pump(_Part, frozen=True, kw_only=True):
    pin: Pin
    stalls_below: Share = 0.75
    max_duty: Share = 1.0
    frequency_hz: Annotated[int, Meta(ge=10, le=8000)] = 800
    watts: Annotated[float, Meta(ge=0, le=100)]

    @property
    def surely_turns(self) -> float:
        """The least duty to ask for: it gives air also where the supply droops by a tenth of its volts."""
        return min(self.stalls_below / 0.88, self.max_duty)


class Bag(_Part, frozen=True, kw_only=True):
    zone: Zone
    valve_pin: Pin
    channel: Channel
    feet: Literal["both"] = "both"
    """One valve feeds the bags of both feet."""
    mmhg_at_1: Annotated[float, Meta(ge=10, le=limits.BAG_TARGET_MAX_MMHG)]
    mmhg_at_10: Annotated[float, Meta(ge=10, le=limits.BAG_TARGET_MAX_MMHG)]
    """Pressure at intensity 1 and 10."""
    mmhg_steps: tuple[tuple[Annotated[float, Meta(ge=1, le=10)], float], ...] = ()
    """More points between them: [intensity, mmHg]."""
    watts: Annotated[float, Meta(ge=0, le=20)] = 2.0
    """Of the driven valve."""


class Gains(_Part, frozen=True, kw_only=True):
    """PID, duty 0..1 from °C: kp per °C, ki per °C·s, kd per °C/s."""

    kp: Annotated[float, Meta(ge=0, le=10)]
    ki: Annotated[float, Meta(ge=0, le=1)]
    kd: Annotated[float, Meta(ge=0, le=100)]


class Pad(_Part, frozen=True, kw_only=True):
    side: Side
    pin: Pin
    channels: tuple[Channel, Channel]
    max_c: Annotated[float, Meta(ge=20, le=limits.PAD_TARGET_MAX_C)] = limits.PAD_TARGET_MAX_C
    max_duty: Share = 1.0
    frequency_hz: Annotated[int, Meta(ge=10, le=100)] = 10
    watts: Annotated[float, Meta(gt=0, le=30)]
    gains: Gains


class Machine(_Part, frozen=True, kw_only=True, dict=True):
    """One machine. What it drives and measures are ``outputs`` and ``inputs``, see :mod:`hardware.parts`."""

    name: Title
    version: Annotated[int, Meta(ge=1)] = 1
    pins: Pins
    supply: Supply
    rail: Rail
    emergency_stop: EmergencyStop
    adc: Adc
    pad_sensor: PadSensor = PadSensor()
    pressure_sensor: PressureSensor = PressureSensor()
    motor: tuple[Motor, ...] = ()
    pump: Pump | None = None
    bag: tuple[Bag, ...] = ()
    pad: tuple[Pad, ...] = ()

    @cached_property
    def outputs(self) -> tuple[Output, ...]:
        """Every output, in the order of duties."""
        return outputs_of(self)

    @cached_property
    def by_hand(self) -> tuple[Output, ...]:
        """Every output that can be driven on its own."""
        return tuple(output for output in self.outputs if output.by_hand == "alone")

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """Every input of the converter, in the order of readings."""
        return inputs_of(self)

    @cached_property
    def pad_sensors(self) -> tuple[PadRefs, ...]:
        """Where the two readings of each pad are."""
        return refs_of(self.inputs)[0]

    @cached_property
    def bag_sensors(self) -> tuple[InputRef[Mmhg], ...]:
        """Where the reading of each bag is."""
        return refs_of(self.inputs)[1]

    @cached_property
    def layout(self) -> Layout:
        return layout_of(self)

    def channels_of(self, output: Output) -> tuple[int, ...]:
        """The converter's inputs that tell what an output does."""
        return tuple(self.inputs[place].channel for place in output.felt_by)

    def power_pins(self) -> tuple[int, ...]:
        """Every pin that can put power near a person, the rail left out."""
        return tuple(output.pin for output in self.outputs)

    def side_pairs(self) -> list[tuple[int, int]]:
        """Motors that are each other's on the other foot, left and right, by their places in ``motor``."""
        lefts = {(m.kind, m.zone): at for at, m in enumerate(self.motor) if m.side == "left"}
        return [
            (lefts[m.kind, m.zone], at)
            for at, m in enumerate(self.motor)
            if m.side == "right" and (m.kind, m.zone) in lefts
        ]

    def has(self, kind: Kind, zone: Zone) -> bool:
        if kind == "squeeze":
            return any(bag.zone == zone for bag in self.bag)
        if kind == "heat":
            return zone == "sole" and bool(self.pad)
        return any(motor.kind == kind and motor.zone == zone for motor in self.motor)


def load_machine(path: Path) -> Machine:
    """Read and check a machine file.

    Raises :class:`~hardware.errors.FileError` when it cannot be read or breaks a bound.
    """
    machine = read_toml(path, Machine)
    for where, reason in _faults_of(machine):
        raise FileError(path.name, where, reason)
    return machine


def _faults_of(machine: Machine) -> Iterator[tuple[str, Message]]:
    """What bounds on single keys cannot say; the first is reported."""
    taken: dict[int, str] = {}
    for pin in SPI_TAKEN_PINS[machine.adc.port]:
        taken[pin] = "adc"
    for where, pin in _pins_of(machine):
        if pin in taken:
            yield where, pin_taken(Count(pin), Named(taken[pin]))
        taken[pin] = where.removesuffix(".pin")
    if machine.pins.factory == "lgpio" and machine.rail.drops_after_ms < LGPIO_RAIL_MS:
        yield (
            "rail.drops_after_ms",
            rail_too_short(Count(LGPIO_RAIL_MS)),
        )
    for output in machine.outputs:
        if not 9 <= output.pin <= 27:
            yield output.where, pin_pulled_up(Count(output.pin))
        if output.pin in (14, 15):
            yield output.where, pin_is_console(Count(output.pin))
    channels: dict[int, str] = {}
    for measured in machine.inputs:
        if measured.channel in channels:
            yield measured.where, input_taken(Count(measured.channel), Named(channels[measured.channel]))
        channels[measured.channel] = measured.where
    if machine.bag and machine.pump is None:
        yield "bag[0]", bags_without_pump()
    for index, bag in enumerate(machine.bag):
        steps = [bag.mmhg_at_1, *(mmhg for _, mmhg in bag.mmhg_steps), bag.mmhg_at_10]
        levels = [1.0, *(level for level, _ in bag.mmhg_steps), 10.0]
        if steps != sorted(steps) or levels != sorted(set(levels)):
            yield f"bag[{index}].mmhg_steps", pressure_has_to_rise()
        if any(other.zone == bag.zone for other in machine.bag[:index]):
            yield f"bag[{index}].zone", bag_there_already(Place(bag.zone))
    for index, motor in enumerate(machine.motor):
        if not motor.stalls_below <= motor.duty_at_1 <= motor.duty_at_10 <= motor.max_duty:
            yield f"motor[{index}]", duties_have_to_rise()
    if machine.pump and machine.pump.stalls_below > machine.pump.max_duty:
        yield "pump.max_duty", pump_would_stall()
    sides = [pad.side for pad in machine.pad]
    if len(sides) != len(set(sides)):
        yield "pad", two_pads_on_one_side()
    yield from _sensors_of(machine)
    sensor = machine.pressure_sensor
    if sensor.full_volts <= sensor.zero_volts:
        yield "pressure_sensor.full_volts", not_above_zero()
    if sensor.full_volts * sensor.divider > machine.adc.volts:
        yield "pressure_sensor.divider", above_the_adc()


ABOVE_BAG_MMHG = 30.0
READS_MMHG = 130.0
BAG_COUNT_MMHG = 1.0
PAD_COUNT_C = 0.5
PAD_RANGE_C = (30.0, 46.0)


def pad_count_c(celsius: float, sensor: PadSensor) -> float:
    """What one count of the ADC is worth at ``celsius``, in °C."""
    kelvin = celsius + KELVIN
    ohms = sensor.ohms_25c * exp(sensor.beta * (1.0 / kelvin - 1.0 / (25.0 + KELVIN)))
    share = ohms / (ohms + sensor.pull_up_ohms)
    return kelvin * kelvin / sensor.beta / (share * (1.0 - share)) / FULL_SCALE


def _sensors_of(machine: Machine) -> Iterator[tuple[str, Message]]:
    """Sensors that cannot tell what safety rests on: how full a bag may get, and small changes."""
    sensor, pad = machine.pressure_sensor, machine.pad_sensor
    highest = max((bag.mmhg_at_10 for bag in machine.bag), default=0.0)
    volts_a_count = machine.adc.volts / FULL_SCALE / sensor.divider
    if machine.bag and sensor.full_volts > sensor.zero_volts:
        needed = max(READS_MMHG, highest + ABOVE_BAG_MMHG)
        count_mmhg = volts_a_count * sensor.full_mmhg / (sensor.full_volts - sensor.zero_volts)
        if sensor.full_mmhg < needed:
            yield "pressure_sensor.full_mmhg", scale_too_small(Count(ceil(needed)), Count(round(highest)))
        if count_mmhg > BAG_COUNT_MMHG:
            reason = pressure_too_coarse(Named(f"{count_mmhg:.1f}"), Named(f"{sensor.divider:g}"))
            yield "pressure_sensor.full_mmhg", reason
    if machine.pad:
        for celsius in PAD_RANGE_C:
            count_c = pad_count_c(celsius, pad)
            if count_c > PAD_COUNT_C:
                reason = temperature_too_coarse(
                    Temperature(celsius, 0), TemperatureDifference(count_c, 1), Named(f"{pad.ohms_25c:g}")
                )
                yield "pad_sensor.pull_up_ohms", reason


def _pins_of(machine: Machine) -> Iterator[tuple[str, int]]:
    yield "rail.pin", machine.rail.pin
    yield "emergency_stop.pin", machine.emergency_stop.pin
    yield from ((output.where, output.pin) for output in machine.outputs)
