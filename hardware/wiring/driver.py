"""The one driver that every power output has: GPIO, gate resistor, pull-down, MOSFET, and its load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hardware.wiring import symbols
from hardware.wiring.svg import QUIET, SMALL, Sheet

GATE_OHMS, PULL_DOWN = "220 Ω", "10 k"
HEIGHT = 206.0
"""Of a driver with its load above it."""

Load = Literal["motor", "coil"]


@dataclass(frozen=True)
class Look:
    """One meaning's colours."""

    colour: str
    tint: str


def stage(sheet: Sheet, x: float, y: float, pin: int, look: Look) -> tuple[float, float]:
    """From the GPIO to the MOSFET, 270 wide, gates at height ``y``. Answers where the drain's wire ends."""
    symbols.flag(sheet, x + 92, y, pin, colour=look.colour, tint=look.tint)
    sheet.line((x + 92, y), (x + 106, y))
    symbols.resistor(sheet, x + 130, y, GATE_OHMS)
    sheet.line((x + 154, y), (x + 206, y))
    sheet.dot(x + 176, y)
    sheet.line((x + 176, y), (x + 176, y + 8))
    symbols.resistor(sheet, x + 176, y + 32, PULL_DOWN, upright=True, left=True)
    symbols.ground(sheet, x + 176, y + 56)
    symbols.mosfet(sheet, x + 206, y)
    sheet.line((x + 240, y + 30), (x + 240, y + 56))
    symbols.ground(sheet, x + 240, y + 56)
    return x + 240, y - 30


def low_side(
    sheet: Sheet, x: float, y: float, pin: int, load: Load, look: Look, name: str, about: str, feed: str
) -> float:
    """A whole driver with its load, ``y`` its top, 520 wide. Answers the height of the load's middle."""
    top, gate = y + 24, y + 132
    sheet.text(x, y + 36, name, weight=700, size=16)
    sheet.text(x, y + 57, about, size=SMALL, colour=QUIET)
    drain_x, drain_y = stage(sheet, x, gate, pin, look)
    middle = top + 32
    bottom = top + 64
    sheet.line((drain_x, drain_y), (drain_x, bottom - 8))
    sheet.line((drain_x, top), (drain_x, middle - 24))
    (symbols.motor if load == "motor" else symbols.coil)(sheet, drain_x, middle, look.colour, look.tint)
    symbols.diode(sheet, drain_x + 52, top, bottom)
    across = [drain_x + 52]
    if load == "motor":
        across.append(drain_x + 96)
        sheet.line((across[-1], top), (across[-1], middle - 24))
        symbols.capacitor(sheet, across[-1], middle, "100 nF")
        sheet.line((across[-1], middle + 24), (across[-1], bottom))
    sheet.line((drain_x, bottom), (across[-1], bottom))
    sheet.dot(drain_x, bottom)
    for place in across[:-1]:
        sheet.dot(place, bottom)
    symbols.rail(sheet, drain_x - 24, across[-1] + 24, top, feed)
    return middle
