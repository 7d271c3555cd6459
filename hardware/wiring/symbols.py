"""Circuit symbols (IEC 60617 shapes), drawn onto a sheet. Each names where its wires end."""

from __future__ import annotations

from hardware.wiring.header import PIN_OF
from hardware.wiring.svg import CARD, INK, PAPER, QUIET, SMALL, WARNING, Sheet

RAIL_WIDTH = 5.0


def ground(sheet: Sheet, x: float, y: float) -> None:
    """The common ground; its wire ends at (x, y)."""
    sheet.line((x, y), (x, y + 6))
    for index, half in enumerate((11.0, 7.0, 3.0)):
        sheet.line((x - half, y + 6 + 5 * index), (x + half, y + 6 + 5 * index))


def tag(sheet: Sheet, x: float, y: float, words: str, *, colour: str = INK) -> None:
    """A supply: a bar with its name above; its wire ends at (x, y)."""
    sheet.line((x - 13, y), (x + 13, y), colour=colour, width=3)
    sheet.text(x, y - 7, words, size=SMALL, anchor="middle", colour=colour)


def rail(sheet: Sheet, left: float, right: float, y: float, words: str) -> None:
    sheet.line((left, y), (right, y), width=RAIL_WIDTH)
    sheet.text(right + 9, y + 5, words, size=SMALL, weight=700)


def flag(
    sheet: Sheet,
    x: float,
    y: float,
    pin: int,
    *,
    colour: str = INK,
    tint: str = CARD,
    leads_left: bool = False,
) -> None:
    """A GPIO with its header pin, 92 × 40. Its wire ends at (x, y): on the right, or on the left."""
    left = x if leads_left else x - 92
    sheet.box(left, y - 20, 92, 40, radius=8, fill=tint, colour=colour)
    sheet.text(left + 46, y - 2, f"GPIO {pin}", anchor="middle", weight=700)
    sheet.text(left + 46, y + 14, f"header {PIN_OF[pin]}", size=SMALL - 1, anchor="middle", colour=QUIET)


def label(
    sheet: Sheet, x: float, y: float, words: str, *, leads_left: bool = False, width: float = 58
) -> None:
    """A wire that goes on where the same words stand; it ends at (x, y)."""
    left = x if leads_left else x - width
    sheet.box(left, y - 13, width, 26, radius=13, fill=CARD)
    sheet.text(left + width / 2, y + 5, words, size=SMALL, anchor="middle", weight=700)


def resistor(
    sheet: Sheet, x: float, y: float, words: str, *, upright: bool = False, left: bool = False
) -> None:
    """Ends 24 from its middle (x, y)."""
    if upright:
        sheet.line((x, y - 24), (x, y + 24))
        sheet.box(x - 6, y - 15, 12, 30)
        sheet.text(x + (-12 if left else 12), y + 5, words, size=SMALL, anchor="end" if left else "start")
    else:
        sheet.line((x - 24, y), (x + 24, y))
        sheet.box(x - 15, y - 6, 30, 12)
        sheet.text(x, y - 12, words, size=SMALL, anchor="middle")


def thermistor(sheet: Sheet, x: float, y: float, words: str) -> None:
    """Upright; ends 24 from its middle."""
    resistor(sheet, x, y, "", upright=True)
    sheet.line((x - 15, y + 16), (x - 9, y + 16), (x + 13, y - 14), width=1.5)
    sheet.text(x - 20, y + 4, words, size=SMALL, anchor="end")


def capacitor(
    sheet: Sheet, x: float, y: float, words: str, *, polar: bool = False, left: bool = False
) -> None:
    """Upright; ends 24 from its middle. A polar one has its plus above."""
    sheet.line((x, y - 24), (x, y - 4))
    sheet.line((x, y + 4), (x, y + 24))
    sheet.line((x - 12, y - 4), (x + 12, y - 4), width=2.6)
    sheet.line((x - 12, y + 4), (x + 12, y + 4), width=2.6)
    if polar:
        sheet.text(x - 15, y - 10, "+", size=SMALL, anchor="middle")
    sheet.text(x + (-18 if left else 18), y + 5, words, size=SMALL, anchor="end" if left else "start")


def diode(sheet: Sheet, x: float, top: float, bottom: float, words: str = "") -> None:
    """Upright, cathode above: across a coil it blocks, and carries the current at switching off."""
    y = (top + bottom) / 2
    sheet.line((x, top), (x, bottom))
    sheet.line((x - 9, y + 8), (x + 9, y + 8), (x, y - 7), (x - 9, y + 8), fill=PAPER)
    sheet.line((x - 10, y - 8), (x + 10, y - 8), width=2.6)
    if words:
        sheet.text(x + 15, y + 5, words, size=SMALL)


def led(sheet: Sheet, x: float, y: float) -> None:
    """Upright, anode above; ends 24 from its middle."""
    sheet.line((x, y - 24), (x, y + 24))
    sheet.line((x - 9, y - 8), (x + 9, y - 8), (x, y + 7), (x - 9, y - 8), fill=PAPER)
    sheet.line((x - 10, y + 8), (x + 10, y + 8), width=2.6)
    for shift in (0.0, 7.0):
        sheet.line((x + 12, y - 2 + shift), (x + 21, y - 9 + shift), (x + 16, y - 9 + shift), width=1.3)


def mosfet(sheet: Sheet, x: float, y: float) -> None:
    """N-channel. Gate's wire ends at (x, y), drain's at (x + 34, y − 30), source's at (x + 34, y + 30)."""
    sheet.circle(x + 24, y, 25, fill=PAPER, stroke=1.2, colour=QUIET)
    sheet.line((x, y), (x + 15, y))
    sheet.line((x + 15, y - 14), (x + 15, y + 14), width=2.4)
    for shift in (-12.0, 0.0, 12.0):
        sheet.line((x + 20, y + shift - 4), (x + 20, y + shift + 4), width=2.4)
    sheet.line((x + 20, y - 12), (x + 34, y - 12), (x + 34, y - 30))
    sheet.line((x + 20, y + 12), (x + 34, y + 12), (x + 34, y + 30))
    sheet.line((x + 20, y), (x + 34, y), (x + 34, y + 12))
    sheet.line((x + 22, y), (x + 29, y - 4), (x + 29, y + 4), (x + 22, y), fill=INK, width=1)


def fuse(sheet: Sheet, x: float, y: float, *, colour: str = WARNING) -> None:
    """Lying; ends 26 from its middle."""
    sheet.box(x - 20, y - 8, 40, 16, colour=colour, stroke=2)
    sheet.line((x - 26, y), (x + 26, y), colour=colour)


def normally_closed(sheet: Sheet, x: float, top: float, *, colour: str = WARNING) -> None:
    """Upright, 60 high: a contact that pressing opens."""
    sheet.line((x, top), (x, top + 18), (x + 11, top + 18), colour=colour, width=2)
    sheet.line((x, top + 60), (x, top + 42), (x + 14, top + 12), colour=colour, width=2)


def thermal_contact(sheet: Sheet, x: float, y: float, *, colour: str = WARNING) -> None:
    """Lying; ends 32 from its middle: a contact that heat opens."""
    sheet.circle(x, y, 23, colour=colour, stroke=1.4)
    sheet.line((x - 32, y), (x - 12, y), (x + 14, y - 6), colour=colour, width=2)
    sheet.line((x + 32, y), (x + 11, y), (x + 11, y - 10), colour=colour, width=2)
    sheet.text(x, y + 17, "ϑ", size=SMALL + 2, anchor="middle", colour=colour)


def motor(sheet: Sheet, x: float, y: float, colour: str, tint: str) -> None:
    """Ends 24 above and below its middle."""
    sheet.line((x, y - 24), (x, y + 24))
    sheet.circle(x, y, 19, fill=tint, colour=colour, stroke=2)
    sheet.text(x, y + 6, "M", anchor="middle", weight=700, size=17, colour=colour)


def coil(sheet: Sheet, x: float, y: float, colour: str, tint: str) -> None:
    """Ends 24 above and below its middle."""
    sheet.line((x, y - 24), (x, y + 24))
    sheet.box(x - 20, y - 13, 40, 26, fill=tint, colour=colour, stroke=2)
    sheet.line((x - 20, y + 13), (x + 20, y - 13), colour=colour, width=1.5)
