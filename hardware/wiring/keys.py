"""Every key of a machine file, with its bounds as the file's own types have them. For the guide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import NODEFAULT, inspect

from hardware.machine import Machine
from hardware.wiring.table import markdown

MEANING = {
    "name": "what the machine is called",
    "version": "of this file, yours to count",
    "pins.factory": "the library that reaches the pins, see below",
    "pins.host": "where the pigpio daemon is; leave it",
    "pins.port": "of the pigpio daemon",
    "supply.volts": "V of the rail",
    "supply.watts": "W that the supply can give all day; loads stay below, heat gives way first",
    "rail.pin": "BCM number of the pin that makes the edges",
    "rail.drops_after_ms": "ms that your monostable holds after the last edge at most; with lgpio 300 and up",
    "emergency_stop.pin": "BCM number; a contact to ground, closed unless pressed",
    "adc.chip": "the converter",
    "adc.port": "SPI port: 0 (pins 9, 10, 11; selects 8, 7) or 1 (pins 19, 20, 21; selects 18, 17, 16)",
    "adc.select": "which select of the port; all of the port's selects are taken",
    "adc.volts": "V of its reference and supply; 3.3, for its output goes straight to the Pi",
    "pad_sensor.ohms_25c": "Ω of a thermistor at 25 °C",
    "pad_sensor.beta": "its B value, K",
    "pad_sensor.pull_up_ohms": "Ω from the input to the converter's supply",
    "pressure_sensor.zero_volts": "V at no pressure, before the divider",
    "pressure_sensor.full_volts": "V at full pressure, before the divider",
    "pressure_sensor.full_mmhg": "mmHg at full_volts",
    "pressure_sensor.divider": "share of the sensor's voltage that reaches the converter",
    "motor.kind": "what it does",
    "motor.zone": "where",
    "motor.side": "which foot",
    "motor.pin": "BCM number, 9 to 27 without 14 and 15",
    "motor.stalls_below": "duty below which it does not turn; such a duty is never sent",
    "motor.duty_at_1": "duty at intensity 1",
    "motor.duty_at_10": "duty at intensity 10; straight in between",
    "motor.max_duty": "duty it never gets more than",
    "motor.frequency_hz": "Hz of its PWM",
    "motor.watts": "W at full duty",
    "pump.pin": "BCM number, 9 to 27 without 14 and 15",
    "pump.stalls_below": "duty below which it gives no air",
    "pump.max_duty": "duty it never gets more than",
    "pump.frequency_hz": "Hz of its PWM",
    "pump.watts": "W at full duty",
    "bag.zone": "where; one valve feeds the bags of both feet",
    "bag.valve_pin": "BCM number, 9 to 27 without 14 and 15",
    "bag.channel": "converter input of its pressure sensor",
    "bag.feet": "which feet's bags hang on the valve",
    "bag.mmhg_at_1": "mmHg at intensity 1",
    "bag.mmhg_at_10": "mmHg at intensity 10",
    "bag.mmhg_steps": "more points between: [intensity, mmHg], rising",
    "bag.watts": "W of the driven valve",
    "pad.side": "which foot; one pad a foot",
    "pad.pin": "BCM number, 9 to 27 without 14 and 15",
    "pad.channels": "converter inputs of its two thermistors, [A, B]",
    "pad.max_c": "°C that no program's target goes above",
    "pad.max_duty": "duty it never gets more than",
    "pad.frequency_hz": "Hz of its slow PWM",
    "pad.watts": "W at full duty",
    "pad.gains.kp": "duty per °C; `instep tune` finds all three",
    "pad.gains.ki": "duty per °C and second",
    "pad.gains.kd": "duty per °C/s",
}


def keys() -> dict[str, tuple[str, str]]:
    """By key: what may stand there, and what does when nothing does (empty: it must)."""
    return {name: (bounds, default) for name, bounds, default in _walk(inspect.type_info(Machine), "")}


def _walk(kind: inspect.Type, path: str) -> Iterator[tuple[str, str, str]]:
    assert isinstance(kind, inspect.StructType)
    for field in kind.fields:
        name = f"{path}{field.encode_name}"
        inner = _struct(field.type)
        if inner is not None:
            yield from _walk(inner, f"{name}.")
        else:
            yield name, _bounds(field.type), _default(field)


def _struct(kind: inspect.Type) -> inspect.StructType | None:
    """The table behind a key: itself, one of a list, or one that may be left out."""
    if isinstance(kind, inspect.StructType):
        return kind
    if isinstance(kind, inspect.VarTupleType):
        return _struct(kind.item_type)
    if isinstance(kind, inspect.UnionType):
        return next((found for member in kind.types if (found := _struct(member))), None)
    return None


def _bounds(kind: inspect.Type) -> str:
    match kind:
        case inspect.LiteralType(values=values):
            return ", ".join(f"`{value}`" for value in values)
        case inspect.IntType() | inspect.FloatType():
            what = "whole number" if isinstance(kind, inspect.IntType) else "number"
            return " ".join([what, *_range(kind)])
        case inspect.StrType():
            return f"text, {kind.min_length} to {kind.max_length} letters"
        case inspect.VarTupleType(item_type=item):
            return f"list of [{_bounds(item)}]"
        case inspect.TupleType(item_types=items):
            return " and ".join(dict.fromkeys(_bounds(item) for item in items))
    raise TypeError(f"no words for {kind}")


def _range(kind: inspect.IntType | inspect.FloatType) -> Iterator[str]:
    low = kind.ge if kind.ge is not None else kind.gt
    high = kind.le if kind.le is not None else kind.lt
    if low is not None:
        yield f"{'above' if kind.ge is None else 'from'} {low:.10g}"
    if high is not None:
        yield f"{'below' if kind.le is None else 'to'} {high:.10g}"


def _default(field: inspect.Field) -> str:
    value: Any = field.default
    if value is NODEFAULT:
        return "must be given" if field.required else ""
    if value == ():
        return "none"
    return f"{value:.10g}" if isinstance(value, (int, float)) else f"`{value}`"


def key_table() -> str:
    rows = [(f"`{name}`", bounds, default, MEANING[name]) for name, (bounds, default) in keys().items()]
    return markdown(("key", "may be", "left out it is", "what"), rows)
