"""Sheet 2: from the supply to the switched rail, and everything that can open it."""

from __future__ import annotations

from hardware.machine import Machine
from hardware.wiring import symbols, values
from hardware.wiring.names import rail_name
from hardware.wiring.svg import CARD, MARGIN, QUIET, SMALL, WARNING, WARNING_TINT, Anchor, Sheet

FEED, GATE, COIL = 200.0, 660.0, 720.0
"""Heights of the supply's plus and of the coil's transistor's gate; where the coil hangs from the plus."""
COIL_Y = 330.0


def draw(machine: Machine) -> Sheet:
    sheet = Sheet(
        "2  Power and the safety chain",
        f"The rail has power only while GPIO {machine.rail.pin} makes edges and the emergency stop is "
        "closed. Drawn without power.",
        machine.name,
    )
    _feed(sheet, machine)
    _coil(sheet, machine)
    _monostable(sheet, machine)
    _stop_input(sheet, machine)
    shortest, typical, longest = values.holds_ms(machine)
    sheet.notes(
        852,
        "Monostable: 74HCT123 at 5 V (the T matters: it takes the Pi's 3.3 V as high; a plain 74HC123 "
        f"wants 3.5 V). {values.ohms(values.timing_ohms(machine))} and 2.2 µF hold the relay for about "
        f"{typical:.0f} ms after the last edge, {shortest:.0f} to {longest:.0f} ms with the parts' "
        f"tolerances: never longer than the {machine.rail.drops_after_ms} ms of the machine file.",
        "470 µF: between fuse and contact. Behind the contact it would be charged through it at every start, "
        "by tens of amperes, and weld it. A load with a large capacitor of its own takes an NTC in series.",
        "2.2 µF: film, 5 %. The Schottky diode lets it empty into the 5 V when those go away. Second half "
        "of the chip: pins 9 and 16 to 5 V; 10 and 11 to ground; 5, 6, 7 and 12 stay open.",
        f"Everything that carries the rail's current: {values.rail_wire(machine)} or thicker. Pi ground, "
        "supply minus and the MOSFETs' sources meet at one point, the star; sensors' grounds run to the "
        "Pi, not along motor wires.",
    )
    return sheet


def _feed(sheet: Sheet, machine: Machine) -> None:
    supply = machine.supply
    sheet.box(MARGIN, FEED - 42, 150, 132, radius=12, fill=CARD)
    sheet.text(MARGIN + 75, FEED + 18, f"{supply.volts:g} V supply", anchor="middle", weight=700, size=16)
    sheet.text(MARGIN + 75, FEED + 40, f"{supply.watts:g} W", anchor="middle")
    sheet.text(MARGIN + 138, FEED - 10, "+", anchor="end", weight=700)
    sheet.text(MARGIN + 138, FEED + 76, "−", anchor="end", weight=700)
    right = MARGIN + 150
    sheet.line((right, FEED), (250, FEED), width=3)
    symbols.fuse(sheet, 276, FEED)
    sheet.text(
        276, FEED - 18, f"fuse T {values.fuse_amps(machine):g} A", anchor="middle", colour=WARNING, weight=700
    )
    sheet.line((302, FEED), (806, FEED), width=3)
    # Ahead of the contact, so that the contact never charges it.
    sheet.dot(400, FEED)
    sheet.line((400, FEED), (400, FEED + 16))
    symbols.capacitor(sheet, 400, FEED + 40, "470 µF", polar=True)
    symbols.ground(sheet, 400, FEED + 64)
    sheet.text(422, FEED + 68, "ahead of the contact,", size=SMALL, colour=WARNING)
    sheet.text(422, FEED + 85, "never behind it", size=SMALL, colour=WARNING)
    sheet.line((right, FEED + 72), (232, FEED + 72), (232, FEED + 96), width=3)
    symbols.ground(sheet, 232, FEED + 94)
    sheet.text(252, FEED + 110, "star point", size=SMALL, weight=700)
    # The relay's contact, open as it rests.
    sheet.line((COIL + 22, COIL_Y), (834, COIL_Y), (834, FEED - 10), dash="3 6", width=1.4, colour=WARNING)
    sheet.circle(810, FEED, 4)
    sheet.line((813, FEED - 3), (856, FEED - 22), colour=WARNING, width=2.6)
    sheet.circle(862, FEED, 4)
    sheet.text(836, FEED - 36, "relay contact", anchor="middle", colour=WARNING, weight=700)
    sheet.line((866, FEED), (900, FEED), width=3)
    symbols.rail(sheet, 900, 1078, FEED, rail_name(machine))
    sheets = [
        number for number, there in (("3", machine.motor), ("4", machine.pump), ("5", machine.pad)) if there
    ]
    sheet.text(1160, FEED - 18, f"to sheets {', '.join(sheets)}", size=SMALL, colour=QUIET, anchor="end")
    sheet.line((1020, FEED), (1020, FEED + 8))
    symbols.resistor(sheet, 1020, FEED + 32, "2.2 k", upright=True)
    sheet.line((1020, FEED + 56), (1020, FEED + 60))
    symbols.led(sheet, 1020, FEED + 84)
    sheet.text(1050, FEED + 84, "lit while the", size=SMALL)
    sheet.text(1050, FEED + 101, "rail has power", size=SMALL)
    symbols.ground(sheet, 1020, FEED + 108)


def _coil(sheet: Sheet, machine: Machine) -> None:
    sheet.dot(COIL, FEED)
    _button(sheet, COIL, FEED, "first contact")
    sheet.line((COIL, FEED + 60), (COIL, COIL_Y - 24))
    symbols.coil(sheet, COIL, COIL_Y, WARNING, WARNING_TINT)
    sheet.text(COIL - 70, COIL_Y, "relay", anchor="end", colour=WARNING, weight=700)
    sheet.text(
        COIL - 70,
        COIL_Y + 19,
        f"contact for {values.contact_amps(machine):g} A",
        anchor="end",
        size=SMALL,
        colour=WARNING,
    )
    top, bottom = COIL_Y - 36, COIL_Y + 36
    sheet.line((COIL - 46, top), (COIL, top))
    sheet.line((COIL - 46, bottom), (COIL, bottom))
    sheet.dot(COIL, top)
    sheet.dot(COIL, bottom)
    symbols.diode(sheet, COIL - 46, top, bottom)
    sheet.text(COIL - 62, bottom + 18, "1N4007", size=SMALL, anchor="end")
    sheet.line((COIL, COIL_Y + 24), (COIL, GATE - 30))


def _button(sheet: Sheet, x: float, y: float, contact: str) -> None:
    """One contact of the emergency stop, from (x, y) to (x, y + 60)."""
    symbols.normally_closed(sheet, x, y)
    sheet.line((x + 8, y + 28), (x + 34, y + 28), dash="3 4", width=1.4, colour=WARNING)
    edge = x + 34
    sheet.path(
        f"M{edge:g} {y + 14:g} L{edge:g} {y + 42:g} A15 14 0 0 0 {edge:g} {y + 14:g} Z",
        colour=WARNING, fill=WARNING, width=1,
    )  # fmt: skip
    sheet.text(x - 18, y + 27, "emergency stop,", size=SMALL, colour=WARNING, weight=700, anchor="end")
    sheet.text(x - 18, y + 45, contact, size=SMALL, colour=WARNING, weight=700, anchor="end")


def _monostable(sheet: Sheet, machine: Machine) -> None:
    left, right, top, bottom = 300.0, 480.0, 520.0, 770.0
    sheet.text(MARGIN, 400, "Monostable: holds the relay while edges come", weight=700, size=16)
    sheet.box(left, top, right - left, bottom - top, radius=6, fill=CARD)
    sheet.text(390, 690, "74HCT123", anchor="middle", weight=700, size=17)
    names: tuple[tuple[float, float, str, Anchor], ...] = (
        (308, 561, "3 CLR", "start"), (308, GATE + 5, "2 B", "start"), (308, 735, "1 A", "start"),
        (340, 538, "16 VCC", "middle"), (390, 762, "8 GND", "middle"),
        (472, 561, "RC 15", "end"), (472, 609, "C 14", "end"), (472, GATE + 5, "Q 13", "end"),
    )  # fmt: skip
    for x, y, words, anchor in names:
        sheet.text(x, y, words, size=SMALL, anchor=anchor)
    # Supply, with its capacitor close to the chip.
    symbols.tag(sheet, 340, 440, "5 V")
    sheet.line((340, 440), (340, top))
    sheet.dot(340, 454)
    sheet.line((340, 454), (284, 454), (284, 460))
    symbols.capacitor(sheet, 284, 478, "100 nF", left=True)
    symbols.ground(sheet, 284, 502)
    sheet.line((390, bottom), (390, bottom + 8))
    symbols.ground(sheet, 390, bottom + 8)
    symbols.tag(sheet, 262, 540, "5 V")
    sheet.line((262, 540), (262, 556), (left, 556))
    # The Pi's edges.
    symbols.flag(sheet, 132, GATE, machine.rail.pin, colour=WARNING, tint=WARNING_TINT)
    sheet.line((132, GATE), (150, GATE))
    symbols.resistor(sheet, 174, GATE, "1 k")
    sheet.line((198, GATE), (left, GATE))
    sheet.dot(226, GATE)
    sheet.line((226, GATE), (226, GATE + 8))
    symbols.resistor(sheet, 226, GATE + 32, "10 k", upright=True, left=True)
    symbols.ground(sheet, 226, GATE + 56)
    sheet.line((left, 730), (270, 730), (270, 744))
    symbols.ground(sheet, 270, 744)
    # How long it holds.
    sheet.line((right, 556), (640, 556))
    sheet.dot(560, 556)
    symbols.resistor(sheet, 560, 532, values.ohms(values.timing_ohms(machine)), upright=True)
    symbols.diode(sheet, 640, 508, 556, "BAT85")
    sheet.line((560, 508), (640, 508))
    symbols.tag(sheet, 600, 508, "5 V")
    symbols.capacitor(sheet, 560, 580, "2.2 µF")
    sheet.line((right, 604), (560, 604))
    sheet.dot(520, 604)
    symbols.ground(sheet, 520, 604)
    # Its output switches the coil.
    sheet.line((right, GATE), (512, GATE))
    symbols.resistor(sheet, 536, GATE, "220 Ω")
    sheet.line((560, GATE), (COIL - 34, GATE))
    sheet.dot(620, GATE)
    sheet.line((620, GATE), (620, GATE + 8))
    symbols.resistor(sheet, 620, GATE + 32, "10 k", upright=True, left=True)
    symbols.ground(sheet, 620, GATE + 56)
    symbols.mosfet(sheet, COIL - 34, GATE)
    sheet.line((COIL, GATE + 30), (COIL, GATE + 56))
    symbols.ground(sheet, COIL, GATE + 56)


def _stop_input(sheet: Sheet, machine: Machine) -> None:
    x, y = 940.0, 560.0
    sheet.text(800, 400, "Emergency stop, as the Pi reads it", weight=700, size=16)
    sheet.text(800, 422, "high is stop: pressed, unplugged or broken", size=SMALL, colour=QUIET)
    symbols.tag(sheet, x, y - 72, "3.3 V")
    sheet.line((x, y - 72), (x, y - 62))
    symbols.resistor(sheet, x, y - 38, "1 k", upright=True)
    sheet.line((x, y - 14), (x, y + 24))
    sheet.dot(x, y)
    sheet.line((x, y), (x + 34, y))
    symbols.resistor(sheet, x + 58, y, "1 k")
    sheet.line((x + 82, y), (x + 100, y))
    symbols.flag(
        sheet, x + 100, y, machine.emergency_stop.pin, colour=WARNING, tint=WARNING_TINT, leads_left=True
    )
    _button(sheet, x, y + 24, "second contact")
    symbols.ground(sheet, x, y + 84)
    sheet.line((x + 88, y), (x + 88, y + 46))
    sheet.dot(x + 88, y)
    symbols.capacitor(sheet, x + 88, y + 70, "100 nF")
    symbols.ground(sheet, x + 88, y + 94)
