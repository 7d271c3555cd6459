"""From an ADC word to °C and mmHg, with what is plausible and what is not. Pure functions."""

from __future__ import annotations

from functools import lru_cache
from math import exp, inf, log

from hardware.machine import FULL_SCALE, KELVIN, Machine, PadSensor, PressureSensor
from hardware.parts import BAG_PLAUSIBLE_MMHG, PAD_PLAUSIBLE_C

NTC_LOW, NTC_HIGH = 0.01, 0.99
"""Shares of scale beyond which a thermistor is shorted or broken."""


@lru_cache(maxsize=8)
def _pad_table(sensor: PadSensor) -> tuple[float | None, ...]:
    return tuple(_ntc_celsius(code / FULL_SCALE, sensor) for code in range(FULL_SCALE + 1))


@lru_cache(maxsize=8)
def _pad_steps(sensor: PadSensor) -> tuple[float, ...]:
    table = _pad_table(sensor)
    steps = []
    for code, here in enumerate(table):
        near = (table[max(code - 1, 0)], here, table[min(code + 1, FULL_SCALE)])
        known = [celsius for celsius in near if celsius is not None]
        steps.append(inf if here is None or len(known) < 2 else (known[0] - known[-1]) / (len(known) - 1))
    return tuple(steps)


def _ntc_celsius(share: float, sensor: PadSensor) -> float | None:
    if not NTC_LOW <= share <= NTC_HIGH:
        return None
    ohms = sensor.pull_up_ohms * share / (1.0 - share)
    kelvin = 1.0 / (1.0 / (25.0 + KELVIN) + log(ohms / sensor.ohms_25c) / sensor.beta)
    celsius = kelvin - KELVIN
    return celsius if PAD_PLAUSIBLE_C[0] <= celsius <= PAD_PLAUSIBLE_C[1] else None


def pad_celsius(code: int, machine: Machine) -> float | None:
    """A pad thermistor's temperature in °C; None: open, shorted, or outside −5 to 60 °C."""
    if not 0 <= code <= FULL_SCALE:
        return None
    return _pad_table(machine.pad_sensor)[code]


def pad_step_c(code: int, machine: Machine) -> float:
    """What a step of the converter is in °C at this word; infinite where none is plausible."""
    return _pad_steps(machine.pad_sensor)[code] if 0 <= code <= FULL_SCALE else inf


def pad_share(celsius: float, sensor: PadSensor) -> float:
    """The share of full scale of a thermistor at ``celsius``: the inverse, for the virtual machine."""
    ohms = sensor.ohms_25c * exp(sensor.beta * (1.0 / (celsius + KELVIN) - 1.0 / (25.0 + KELVIN)))
    return ohms / (ohms + sensor.pull_up_ohms)


@lru_cache(maxsize=8)
def _bag_scale(sensor: PressureSensor, adc_volts: float) -> tuple[float, float]:
    """mmHg = code × slope + offset."""
    sensor_volts_per_code = adc_volts / FULL_SCALE / sensor.divider
    mmhg_per_volt = sensor.full_mmhg / (sensor.full_volts - sensor.zero_volts)
    return sensor_volts_per_code * mmhg_per_volt, -sensor.zero_volts * mmhg_per_volt


def bag_mmhg(code: int, machine: Machine) -> float | None:
    """A bag's pressure in mmHg before zeroing; None: the word cannot come from a sound sensor."""
    slope, offset = _bag_scale(machine.pressure_sensor, machine.adc.volts)
    mmhg = code * slope + offset
    low, high = BAG_PLAUSIBLE_MMHG
    return mmhg if low <= mmhg <= min(high, machine.pressure_sensor.full_mmhg) else None


def bag_share(mmhg: float, machine: Machine) -> float:
    """The share of full scale that a sensor at ``mmhg`` gives: the inverse, for the virtual machine."""
    slope, offset = _bag_scale(machine.pressure_sensor, machine.adc.volts)
    return (mmhg - offset) / slope / FULL_SCALE


def in_units(words: tuple[int, ...], machine: Machine) -> tuple[float | None, ...]:
    """The converter's words in the order of the machine's inputs as °C and mmHg."""
    return tuple(
        [
            pad_celsius(word, machine) if measured.quantity == "temperature" else bag_mmhg(word, machine)
            for measured, word in zip(machine.inputs, words, strict=True)
        ]
    )
