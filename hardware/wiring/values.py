"""Values of the parts around the machine file's numbers: fuse, wires, timing, dividers. Pure functions."""

from __future__ import annotations

from math import floor, log10

from hardware.machine import Machine

E24 = (1.0, 1.1, 1.2, 1.3, 1.5, 1.6, 1.8, 2.0, 2.2, 2.4, 2.7, 3.0,
       3.3, 3.6, 3.9, 4.3, 4.7, 5.1, 5.6, 6.2, 6.8, 7.5, 8.2, 9.1)  # fmt: skip
FUSES = (
    0.5,
    0.63,
    0.8,
    1.0,
    1.25,
    1.6,
    2.0,
    2.5,
    3.15,
    4.0,
    5.0,
    6.3,
    8.0,
    10.0,
    12.5,
    16.0,
    20.0,
    25.0,
    30.0,
    40.0,
    60.0,
    100.0,
)
"""Usual ratings in A (IEC 60127, and flat fuses above)."""
FUSE_SPARE = 1.2
CONTACTS, CONTACT_SPARE = (10.0, 16.0, 20.0, 30.0, 40.0, 60.0), 1.25
WIRES = (
    (4.0, "0.5 mm² (AWG 20)"),
    (6.3, "0.75 mm² (AWG 18)"),
    (10.0, "1.0 mm² (AWG 17)"),
    (16.0, "1.5 mm² (AWG 15)"),
)
"""Up to which fuse a wire is good for."""

TIMING_FARAD = 2.2e-6
TIMING_FACTOR = 0.45
"""Of the 74HCT123 at 5 V with more than 10 nF: width = 0.45·R·C."""
TIMING_TOLERANCE = 0.12
"""Resistor 1 %, film capacitor 5 %, chip to chip about 6 %."""


def ohms(value: float) -> str:
    """4700 → ``4.7 k``."""
    if value >= 1e6:
        return f"{value / 1e6:g} M"
    return f"{value / 1e3:g} k" if value >= 1e3 else f"{value:g} Ω"


def _decade(value: float) -> float:
    return float(10 ** floor(log10(value)))


def nearest_e24(value: float) -> float:
    decade = _decade(value)
    return min((step * decade for step in (*E24, 10.0)), key=lambda found: abs(found - value))


def at_most_e24(value: float) -> float:
    decade = _decade(value)
    return max(step * decade for step in E24 if step * decade <= value * 1.0001)


def supply_amps(machine: Machine) -> float:
    return machine.supply.watts / machine.supply.volts


def fuse_amps(machine: Machine) -> float:
    """The smallest usual fuse that carries the whole supply with a fifth to spare."""
    wanted = supply_amps(machine) * FUSE_SPARE
    return next(rating for rating in FUSES if rating >= wanted - 1e-9)


def contact_amps(machine: Machine) -> float:
    """What the relay's contact has to switch: it is to outlive the fuse."""
    wanted = fuse_amps(machine) * CONTACT_SPARE
    return next((rating for rating in CONTACTS if rating >= wanted), 60.0)


def rail_wire(machine: Machine) -> str:
    fuse = fuse_amps(machine)
    return next((wire for rating, wire in WIRES if fuse <= rating), "2.5 mm² (AWG 13) or more")


def timing_ohms(machine: Machine) -> float:
    """The monostable's resistor: even its slowest specimen drops no later than the machine file says."""
    longest_s = machine.rail.drops_after_ms / 1000.0
    return at_most_e24(longest_s / (1.0 + TIMING_TOLERANCE) / (TIMING_FACTOR * TIMING_FARAD))


def holds_ms(machine: Machine) -> tuple[float, float, float]:
    """How long the monostable holds after the last edge: shortest, typical and longest."""
    typical = TIMING_FACTOR * timing_ohms(machine) * TIMING_FARAD * 1000.0
    return typical * (1 - TIMING_TOLERANCE), typical, typical * (1 + TIMING_TOLERANCE)


LOWER_OHMS = 10_000.0
"""Of the pressure sensors' divider, to ground."""


def upper_ohms(machine: Machine) -> float | None:
    """The divider's resistor in series with a pressure sensor; None: it needs none."""
    share = machine.pressure_sensor.divider
    return None if share >= 1.0 else nearest_e24(LOWER_OHMS * (1.0 / share - 1.0))


def divider(machine: Machine) -> float:
    """The share that the divider of usual resistors really has."""
    upper = upper_ohms(machine)
    return 1.0 if upper is None else LOWER_OHMS / (LOWER_OHMS + upper)
