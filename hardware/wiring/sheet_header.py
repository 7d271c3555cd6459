"""Sheet 1: the Pi's header, every pin that is used and what by."""

from __future__ import annotations

from hardware.machine import Machine
from hardware.wiring.header import FEED_3V3, FEED_5V, HEADER
from hardware.wiring.names import motor_name, spi_pins
from hardware.wiring.svg import (
    AIR,
    AIR_TINT,
    CARD,
    FAINT,
    HEAT,
    HEAT_TINT,
    INK,
    MOTION,
    MOTION_TINT,
    PAPER,
    QUIET,
    SMALL,
    WARNING,
    WARNING_TINT,
    Anchor,
    Sheet,
)

PITCH, TOP, MIDDLE = 38.0, 160.0, 600.0
PALE = "#8D8592"


def uses(machine: Machine) -> dict[int, tuple[str, str, str]]:
    """What each used GPIO does, with its colour and tint."""
    found = {
        machine.rail.pin: ("power rail: edges to the monostable", WARNING, WARNING_TINT),
        machine.emergency_stop.pin: ("emergency stop", WARNING, WARNING_TINT),
    }
    for motor in machine.motor:
        found[motor.pin] = (motor_name(motor), MOTION, MOTION_TINT)
    if machine.pump:
        found[machine.pump.pin] = ("Air pump", AIR, AIR_TINT)
    for bag in machine.bag:
        found[bag.valve_pin] = (f"Valve, {bag.zone}", AIR, AIR_TINT)
    for pad in machine.pad:
        found[pad.pin] = (f"Heated pad, {pad.side}", HEAT, HEAT_TINT)
    for pin, signal in spi_pins(machine).items():
        found[pin] = (f"{machine.adc.chip}: {signal}", INK, CARD)
    return found


def draw(machine: Machine) -> Sheet:
    used = uses(machine)
    sheet = Sheet(
        "1  The Pi's header",
        "Seen from above, the header at the right-hand edge: pin 1 is the one farthest from the USB sockets.",
        machine.name,
    )  # fmt: skip
    bottom = TOP + 19 * PITCH
    sheet.box(MIDDLE - 54, TOP - 30, 108, 19 * PITCH + 60, radius=12, fill=CARD, colour=FAINT)
    sheet.text(MIDDLE, TOP - 38, "end with the SD card", size=SMALL, anchor="middle", colour=QUIET)
    sheet.text(MIDDLE, bottom + 50, "end with the USB sockets", size=SMALL, anchor="middle", colour=QUIET)
    for place, what in enumerate(HEADER, start=1):
        right = place % 2 == 0
        x = MIDDLE + (24 if right else -24)
        y = TOP + (place - 1) // 2 * PITCH
        _pin(sheet, machine, place, what, x, y, used)
    sheet.notes(
        TOP + 20 * PITCH + 34,
        "Grounds are all one: use whichever is near, and more than one. Pins without a word stay empty.",
        "Power outputs sit on pins that boot with a pull-down, and the boot settings hold them low before "
        "any program runs.",
    )
    return sheet


def _pin(
    sheet: Sheet, machine: Machine, place: int, what: int | str, x: float, y: float,
    used: dict[int, tuple[str, str, str]],
) -> None:  # fmt: skip
    right = place % 2 == 0
    words, colour, tint = "", FAINT, PAPER
    if isinstance(what, int) and what in used:
        words, colour, tint = used[what]
    elif what == "GND":
        words, colour, tint = "ground", INK, INK
    elif place == FEED_5V:
        words, colour = "to the monostable" + (" and the pressure sensors" if machine.bag else ""), INK
    elif place == FEED_3V3:
        words, colour = f"to the {machine.adc.chip} and its sensors", INK
    square = place == 1
    if square:
        sheet.box(x - 14, y - 14, 28, 28, radius=3, fill=tint, colour=colour if words else QUIET)
    else:
        sheet.circle(x, y, 14, fill=tint, colour=colour if words else FAINT, stroke=2 if words else 1.4)
    inverse = PAPER if tint == INK else (INK if words else QUIET)
    sheet.text(
        x, y + 5, str(place), size=SMALL, anchor="middle", colour=inverse, weight=700 if words else 400
    )
    side = 1 if right else -1
    edge = x + side * 46
    name = f"GPIO {what}" if isinstance(what, int) else what
    anchor: Anchor = "start" if right else "end"
    if not words:
        sheet.text(edge + side * 10, y + 5, name, size=SMALL, anchor=anchor, colour=PALE)
        return
    sheet.line((x + side * 15, y), (edge, y), colour=colour, width=2)
    if what == "GND":
        sheet.text(edge + side * 10, y + 5, words, size=SMALL, anchor=anchor, colour=QUIET)
        return
    left = edge if right else edge - 84
    sheet.box(left, y - 15, 84, 30, radius=8, fill=tint, colour=colour)
    sheet.text(left + 42, y + 5, name, size=SMALL + 1, anchor="middle", weight=700)
    sheet.text(edge + side * 98, y + 5, words[0].upper() + words[1:], anchor=anchor)
