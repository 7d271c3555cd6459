"""Sheet 5: every heated pad with its driver, thermostat and thermal fuse."""

from __future__ import annotations

from hardware.machine import Machine, Pad
from hardware.wiring import symbols
from hardware.wiring.driver import Look, stage
from hardware.wiring.names import amps, rail_name
from hardware.wiring.svg import HEAT, HEAT_TINT, MARGIN, QUIET, SMALL, WARNING, Sheet

TOP, ROW = 116.0, 290.0
HEAT_LOOK = Look(HEAT, HEAT_TINT)


def draw(machine: Machine) -> Sheet | None:
    if not machine.pad:
        return None
    sheet = Sheet(
        "5  Heat",
        "What is red keeps a failed pad from fire, without any software. It is part of every pad, and does "
        "not keep skin from a burn.",
        machine.name,
    )
    for index, pad in enumerate(machine.pad):
        _pad(sheet, machine, pad, TOP + index * ROW)
    sheet.notes(
        TOP + len(machine.pad) * ROW + 6,
        "Thermostat: normally closed, opens at 50 °C, resets by itself. Thermal fuse: 70 °C, opens once "
        "and for ever. Both in series with the heating element, insulated, pressed onto it where it gets "
        "hottest. They protect the pad: skin burns below 50 °C already, and a foot may draw so much heat "
        "away that the thermostat never opens. Below that, only software watches the temperature.",
        "Crimp the thermal fuse's leads, or hold them with pliers while soldering: an iron's heat would "
        "open it. So would a hair dryer on the finished pad: try the thermostat on its own, before it goes "
        "in.",
        "The two sensors sit on different places of the same pad; where their other ends go is on sheet 6.",
    )
    return sheet


def _pad(sheet: Sheet, machine: Machine, pad: Pad, y: float) -> None:
    sheet.text(MARGIN, y + 36, f"{pad.side.capitalize()} pad", weight=700, size=16)
    sheet.text(
        MARGIN,
        y + 57,
        f"{amps(machine, pad.watts)} · slow PWM {pad.frequency_hz} Hz",
        size=SMALL,
        colour=QUIET,
    )
    drain_x, drain_y = stage(sheet, MARGIN, y + 142, pad.pin, HEAT_LOOK)
    line = y + 84
    left, right = 400.0, 1040.0
    sheet.box(left, y + 24, right - left, 234, radius=26, fill="#FFFCF7", colour=HEAT, dash="7 6")
    sheet.text(left + 24, y + 52, "in the pad", size=SMALL, colour=HEAT, weight=700)
    sheet.line((drain_x, drain_y), (drain_x, line), (left + 60, line))
    # The element, then what guards it.
    element = left + 130
    sheet.line((left + 60, line), (element - 52, line))
    sheet.box(element - 52, line - 13, 104, 26, fill=HEAT_TINT, colour=HEAT, stroke=2)
    for place in (-26.0, 0.0, 26.0):
        sheet.line((element + place, line - 13), (element + place, line + 13), colour=HEAT, width=1.4)
    ohms = machine.supply.volts**2 / pad.watts
    sheet.text(element, line + 34, f"{pad.watts:g} W, about {ohms:.2g} Ω", size=SMALL, anchor="middle")
    melts = element + 190
    sheet.line((element + 52, line), (melts - 26, line))
    symbols.fuse(sheet, melts, line)
    sheet.text(
        melts, line + 34, "thermal fuse 70 °C", size=SMALL, anchor="middle", colour=WARNING, weight=700
    )
    opens = melts + 180
    sheet.line((melts + 26, line), (opens - 32, line))
    symbols.thermal_contact(sheet, opens, line)
    sheet.text(opens, line + 44, "thermostat 50 °C", size=SMALL, anchor="middle", colour=WARNING, weight=700)
    sheet.line((opens + 32, line), (1090, line))
    sheet.line((1090, line - 26), (1090, line + 26), width=symbols.RAIL_WIDTH)
    sheet.text(1090, line - 36, rail_name(machine), size=SMALL, anchor="middle", weight=700)
    for place, (letter, channel) in enumerate(zip("AB", pad.channels, strict=True)):
        x = left + 150 + place * 300
        symbols.thermistor(sheet, x, y + 206, f"sensor {letter}")
        sheet.line((x, y + 182), (x, y + 172), (x + 60, y + 172))
        symbols.label(sheet, x + 60, y + 172, f"CH{channel}", leads_left=True)
        sheet.line((x, y + 230), (x + 60, y + 230))
        symbols.label(sheet, x + 60, y + 230, "ground", leads_left=True, width=70)
