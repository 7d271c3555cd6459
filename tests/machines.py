"""Other machines than the reference one, of parts that people really buy."""

from __future__ import annotations

from msgspec.structs import replace

from hardware.machine import Machine


def coarse(machine: Machine) -> Machine:
    """The same with coarse sensors: 100 kPa with 0 V at rest, 100 k thermistors against 4.7 k."""
    return replace(
        machine,
        pad_sensor=replace(machine.pad_sensor, ohms_25c=100_000.0, pull_up_ohms=4_700.0),
        pressure_sensor=replace(machine.pressure_sensor, zero_volts=0.0, full_volts=5.0, full_mmhg=750.0),
    )
