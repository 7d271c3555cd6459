"""Sheet 6: the converter, its eight inputs and the sensor at each."""

from __future__ import annotations

from hardware.machine import SPI_BUS_PINS, SPI_PINS, Machine
from hardware.wiring import symbols, values
from hardware.wiring.driver import Look
from hardware.wiring.header import FEED_3V3
from hardware.wiring.names import channel_names
from hardware.wiring.svg import AIR, AIR_TINT, CARD, HEAT, HEAT_TINT, MARGIN, QUIET, SMALL, Sheet

TOP, PITCH = 196.0, 108.0
LEFT, RIGHT = 700.0, 860.0
"""The converter's edges."""
NODE = 500.0
"""Where a sensor, its resistor and the wire to the converter meet."""
CHANNELS = 8


def draw(machine: Machine) -> Sheet | None:
    names = channel_names(machine)
    if not names:
        return None
    volts = f"{machine.adc.volts:g} V"
    sheet = Sheet(
        "6  Sensors",
        f"{machine.adc.chip}, seen from above with its notch at the top: inputs left, the Pi right.",
        machine.name,
    )
    bottom = TOP + (CHANNELS - 1) * PITCH + 60
    sheet.box(LEFT, TOP - 30, RIGHT - LEFT, bottom - TOP + 30, radius=8, fill=CARD)
    sheet.path(f"M{(LEFT + RIGHT) / 2 - 16:g} {TOP - 30:g} a16 16 0 0 0 32 0", fill="#FFFFFF")
    sheet.text((LEFT + RIGHT) / 2, TOP + 4.5 * PITCH, machine.adc.chip, anchor="middle", weight=700, size=18)
    pads = {channel for pad in machine.pad for channel in pad.channels}
    for channel in range(CHANNELS):
        y = TOP + channel * PITCH
        sheet.text(LEFT + 10, y + 5, f"{channel + 1}", size=SMALL, weight=700)
        sheet.text(LEFT + 34, y + 5, f"CH{channel}", size=SMALL)
        if channel not in names:
            sheet.line((LEFT, y), (LEFT - 40, y), (LEFT - 40, y + 12))
            symbols.ground(sheet, LEFT - 40, y + 12)
            sheet.text(LEFT - 66, y + 5, "not used: to ground", colour=QUIET, anchor="end", size=SMALL)
        elif channel in pads:
            _thermistor(sheet, machine, y, names[channel], volts)
        else:
            _pressure(sheet, machine, y, names[channel])
    _pi_side(sheet, machine, volts)
    sheet.notes(bottom + 24, *_notes(machine))
    return sheet


def _sensor(sheet: Sheet, y: float, look: Look, name: str, about: str) -> None:
    sheet.box(MARGIN, y - 24, 230, 48, radius=8, fill=look.tint, colour=look.colour)
    sheet.text(MARGIN + 115, y - 2, name, anchor="middle", weight=700)
    sheet.text(MARGIN + 115, y + 16, about, size=SMALL, anchor="middle", colour=QUIET)
    sheet.line((MARGIN + 190, y + 24), (MARGIN + 190, y + 30))
    symbols.ground(sheet, MARGIN + 190, y + 30)


def _into_converter(sheet: Sheet, y: float) -> None:
    """With the capacitor that holds the reading still."""
    sheet.line((NODE, y), (LEFT, y))
    sheet.dot(NODE + 80, y)
    symbols.capacitor(sheet, NODE + 80, y + 24, "100 nF")
    symbols.ground(sheet, NODE + 80, y + 48)


def _thermistor(sheet: Sheet, machine: Machine, y: float, name: str, volts: str) -> None:
    sensor = machine.pad_sensor
    about = f"NTC {values.ohms(sensor.ohms_25c)}, B {sensor.beta:g}"
    _sensor(sheet, y, Look(HEAT, HEAT_TINT), name, about)
    up = NODE - 90
    sheet.line((MARGIN + 230, y), (NODE, y))
    sheet.dot(up, y)
    sheet.line((up, y - 50), (up, y))
    symbols.resistor(sheet, up, y - 26, values.ohms(sensor.pull_up_ohms), upright=True)
    symbols.tag(sheet, up, y - 50, volts)
    _into_converter(sheet, y)


def _pressure(sheet: Sheet, machine: Machine, y: float, name: str) -> None:
    _sensor(sheet, y, Look(AIR, AIR_TINT), name, f"0 to {machine.pressure_sensor.full_mmhg:g} mmHg")
    sheet.line((MARGIN + 40, y - 24), (MARGIN + 40, y - 34))
    symbols.tag(sheet, MARGIN + 40, y - 34, "5 V")
    upper = values.upper_ohms(machine)
    if upper is None:
        sheet.line((MARGIN + 230, y), (NODE, y))
    else:
        middle = NODE - 90
        sheet.line((MARGIN + 230, y), (middle - 24, y))
        symbols.resistor(sheet, middle, y, values.ohms(upper))
        sheet.line((middle + 24, y), (NODE, y))
        sheet.dot(NODE, y)
        symbols.resistor(sheet, NODE, y + 24, values.ohms(values.LOWER_OHMS), upright=True, left=True)
        symbols.ground(sheet, NODE, y + 48)
    _into_converter(sheet, y)


def _pi_side(sheet: Sheet, machine: Machine, volts: str) -> None:
    miso, mosi, clock = SPI_BUS_PINS[machine.adc.port]
    select = SPI_PINS[machine.adc.port][machine.adc.select]
    lines: list[tuple[int, str, int | str]] = [
        (16, "VDD", volts), (15, "VREF", volts), (14, "AGND", "GND"), (13, "CLK", clock),
        (12, "DOUT", miso), (11, "DIN", mosi), (10, "CS", select), (9, "DGND", "GND"),
    ]  # fmt: skip
    for row, (pin, name, goes) in enumerate(lines):
        y = TOP + row * PITCH
        sheet.text(RIGHT - 10, y + 5, f"{pin}", size=SMALL, weight=700, anchor="end")
        sheet.text(RIGHT - 34, y + 5, name, size=SMALL, anchor="end")
        if isinstance(goes, int):
            sheet.line((RIGHT, y), (960, y))
            symbols.flag(sheet, 960, y, goes, leads_left=True)
        elif goes == "GND":
            sheet.line((RIGHT, y), (RIGHT + 40, y), (RIGHT + 40, y + 12))
            symbols.ground(sheet, RIGHT + 40, y + 12)
        else:
            sheet.line((RIGHT, y), (1120 if row == 0 else 960, y))
            if row == 1:
                sheet.line((960, y), (960, y - PITCH))
                sheet.dot(960, y - PITCH)
    symbols.tag(sheet, 1107, TOP, f"{volts}, header {FEED_3V3}")
    for x, words, polar in ((990.0, "100 nF", False), (1090.0, "10 µF", True)):
        sheet.dot(x, TOP)
        sheet.line((x, TOP), (x, TOP + 16))
        symbols.capacitor(sheet, x, TOP + 40, words, polar=polar)
        symbols.ground(sheet, x, TOP + 64)


def _notes(machine: Machine) -> list[str]:
    same = f"Reference and supply are the same {machine.adc.volts:g} V"
    notes = [f"{same}: the pads' readings do not depend on its exact value."]
    if machine.bag:
        sensor = machine.pressure_sensor
        gives = f"{sensor.zero_volts:g} to {sensor.full_volts:g} V for 0 to {sensor.full_mmhg:g} mmHg"
        notes.append(f"Pressure sensors: fed with 5 V, {gives}. {_divider(machine)}")
    notes.append(
        "100 nF at every input, close to the converter. Twist each sensor's wires; keep them off the motors'."
    )
    return notes


def _divider(machine: Machine) -> str:
    sensor, share = machine.pressure_sensor, values.divider(machine)
    if values.upper_ohms(machine) is None:
        return "They need no divider."
    return (
        f"The divider of 1 % resistors makes {sensor.full_volts * share:.2f} V of {sensor.full_volts:g} V, "
        f"a share of {share:.3f}; the file says {sensor.divider:g}. Without it the converter is damaged."
    )
