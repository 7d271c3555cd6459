"""Symbols of air (ISO 1219 shapes), drawn onto a sheet."""

from __future__ import annotations

from hardware.wiring import symbols
from hardware.wiring.svg import AIR, AIR_TINT, INK, PAPER, QUIET, SMALL, WARNING, WARNING_TINT, Point, Sheet


def hose(sheet: Sheet, *points: Point) -> None:
    sheet.line(*points, colour=AIR, width=3.6)


def arrow(sheet: Sheet, start: Point, end: Point, colour: str = INK) -> None:
    """A thin arrow, its head 7 long."""
    length = ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5
    along = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
    back = (end[0] - 8 * along[0], end[1] - 8 * along[1])
    aside = (-3.6 * along[1], 3.6 * along[0])
    sheet.line(start, end, colour=colour, width=1.6)
    sheet.line(
        end, (back[0] + aside[0], back[1] + aside[1]), (back[0] - aside[0], back[1] - aside[1]), end,
        colour=colour, width=1, fill=colour,
    )  # fmt: skip


def pump(sheet: Sheet, x: float, y: float) -> None:
    sheet.circle(x, y, 24, fill=AIR_TINT, colour=AIR, stroke=2)
    sheet.line((x + 22, y), (x + 6, y - 10), (x + 6, y + 10), (x + 22, y), colour=AIR, fill=PAPER)


def relief(sheet: Sheet, x: float, y: float) -> None:
    """Its hose ends at (x, y); it opens by pressure alone, against a spring."""
    sheet.box(x, y - 19, 38, 38, fill=WARNING_TINT, colour=WARNING, stroke=2)
    arrow(sheet, (x + 4, y + 8), (x + 34, y + 8), WARNING)
    sheet.line(
        (x - 14, y), (x - 14, y - 30), (x + 19, y - 30), (x + 19, y - 19), colour=AIR, dash="4 4", width=1.6
    )
    sheet.line(
        (x + 19, y + 19), (x + 13, y + 23), (x + 25, y + 28), (x + 13, y + 33), (x + 25, y + 38),
        colour=WARNING, width=1.6,
    )  # fmt: skip
    sheet.line((x + 38, y), (x + 48, y), colour=AIR, width=3.6)
    sheet.line((x + 48, y - 8), (x + 62, y), (x + 48, y + 8), (x + 48, y - 8), colour=AIR)


def check_valve(sheet: Sheet, x: float, y: float) -> None:
    """Air passes from left to right only; ends 18 from its middle."""
    sheet.line((x - 18, y), (x - 10, y), colour=AIR, width=3.6)
    sheet.line((x + 8, y), (x + 18, y), colour=AIR, width=3.6)
    sheet.line((x + 2, y - 15), (x - 10, y), (x + 2, y + 15), colour=AIR, width=2)
    sheet.circle(x + 2, y, 8, colour=AIR, stroke=2)


def three_way(sheet: Sheet, x: float, y: float) -> Point:
    """A valve sold as normally closed, as it stands without power: fed at (x, y) and shut there, the bag open
    to the room. Answers where the bag's hose is.

    The square beside the spring is how it rests, the one beside the coil how it stands when driven.
    """
    side, left = 52.0, x + 46
    top = y - 34
    # The coil's square, then the spring's: hoses end at the latter.
    sheet.box(left, top, side, side, fill=AIR_TINT)
    sheet.box(left + side, top, side, side)
    sheet.box(left - 24, top + 12, 24, side - 24)
    sheet.line((left - 24, top + side - 12), (left, top + 12), width=1.4)
    spring = left + 2 * side
    zigzag = [(spring + 5 * step, top + side / 2 + (7 if step % 2 else -7)) for step in range(1, 6)]
    sheet.line((spring, top + side / 2), *zigzag, width=1.6)
    bottom = top + side
    arrow(sheet, (left + 14, bottom), (left + 26, top + 2))
    sheet.line((left + 38, bottom), (left + 38, bottom - 12))
    sheet.line((left + 32, bottom - 12), (left + 44, bottom - 12))
    rest = left + side
    sheet.line((rest + 14, bottom), (rest + 14, bottom - 12))
    sheet.line((rest + 8, bottom - 12), (rest + 20, bottom - 12))
    arrow(sheet, (rest + 26, top + 2), (rest + 38, bottom - 2))
    # Port 1 from the pump, 3 to the room, 2 to the bags.
    hose(sheet, (x, y), (x + 10, y), (x + 10, bottom + 26), (rest + 14, bottom + 26), (rest + 14, bottom))
    hose(sheet, (rest + 38, bottom), (rest + 38, bottom + 18))
    sheet.line(
        (rest + 31, bottom + 18), (rest + 45, bottom + 18),
        (rest + 38, bottom + 29), (rest + 31, bottom + 18),
        colour=AIR, fill=PAPER,
    )  # fmt: skip
    sheet.text(rest + 52, bottom + 28, "open air", size=SMALL, colour=QUIET)
    hose(sheet, (rest + 26, top), (rest + 26, top - 14))
    for words, at, height in (
        ("1", rest + 4, bottom + 15),
        ("3", rest + 46, bottom + 14),
        ("2", rest + 16, top - 5),
    ):
        sheet.text(at, height, words, size=SMALL - 1, anchor="middle", colour=QUIET)
    hose(sheet, (rest + 26, top - 14), (rest + 60, top - 14))
    return rest + 60, top - 14


def gauge(sheet: Sheet, x: float, y: float, channel: str) -> None:
    """A pressure sensor and the converter's input it goes to."""
    sheet.circle(x, y, 22, fill=PAPER, colour=AIR, stroke=2)
    sheet.text(x, y + 6, "p", anchor="middle", weight=700, size=17, colour=AIR)
    sheet.line((x + 22, y), (x + 36, y))
    symbols.label(sheet, x + 36, y, channel, leads_left=True)


def bag(sheet: Sheet, x: float, y: float, words: str) -> None:
    sheet.box(x, y - 24, 158, 48, radius=24, fill=AIR_TINT, colour=AIR, stroke=2)
    sheet.text(x + 79, y + 5, words, anchor="middle")
