"""A sheet of drawing paper: the few strokes a wiring picture needs, written as SVG. Nothing is fetched."""

from __future__ import annotations

from html import escape
from textwrap import wrap
from typing import Literal

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]

PAPER, CARD, INK, QUIET, FAINT = "#FFFFFF", "#F7F5F1", "#2B2630", "#6A6270", "#C9C3CB"
HEAT, AIR, MOTION, WARNING = "#B4660B", "#2369A6", "#2C7F48", "#C0332A"
"""The product's meanings, dark enough for print: one meaning, one colour."""
HEAT_TINT, AIR_TINT, MOTION_TINT, WARNING_TINT = "#FBEEDC", "#E3EFF9", "#E4F3E8", "#FBE6E3"

FONT = "'DejaVu Sans', Verdana, 'Segoe UI', Helvetica, Arial, sans-serif"
MARGIN = 40.0
BODY, SMALL, TITLE = 15.0, 13.0, 26.0
NOTE_LETTER = 8.2
"""Width of a letter of the notes: wide enough for every font of the list."""


def number(value: float) -> str:
    """A coordinate, the same on every machine."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


class Sheet:
    """One picture, y downwards; its notes end it. Strokes come out in the order they were made."""

    def __init__(self, title: str, about: str, owner: str, width: float = 1200.0) -> None:
        self.width, self.height = width, width
        self.title, self.about = title, about
        self._parts: list[str] = []
        self.text(MARGIN, 52, title, size=TITLE, weight=700)
        self.text(MARGIN, 78, about, colour=QUIET)
        self.text(width - MARGIN, 52, owner, colour=QUIET, anchor="end")
        self.line((MARGIN, 96), (width - MARGIN, 96), colour=FAINT, width=1)

    def line(
        self, *points: Point, colour: str = INK, width: float = 1.8, dash: str = "", fill: str = "none"
    ) -> None:
        path = "M" + " L".join(f"{number(x)} {number(y)}" for x, y in points)
        self.path(path, colour=colour, width=width, dash=dash, fill=fill)

    def path(
        self, path: str, *, colour: str = INK, width: float = 1.8, dash: str = "", fill: str = "none"
    ) -> None:
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<path d="{path}" stroke="{colour}" stroke-width="{number(width)}" fill="{fill}"{dashed}/>'
        )

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        radius: float = 0,
        fill: str = PAPER,
        colour: str = INK,
        stroke: float = 1.8,
        dash: str = "",
    ) -> None:
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" '
            f'rx="{number(radius)}" fill="{fill}" stroke="{colour}" stroke-width="{number(stroke)}"{dashed}/>'
        )

    def circle(
        self, x: float, y: float, radius: float, *, fill: str = PAPER, colour: str = INK, stroke: float = 1.8
    ) -> None:
        self._parts.append(
            f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{fill}" '
            f'stroke="{colour}" stroke-width="{number(stroke)}"/>'
        )

    def dot(self, x: float, y: float, colour: str = INK) -> None:
        """Where wires join; wires that cross without one do not."""
        self.circle(x, y, 3.4, fill=colour, colour=colour, stroke=0.5)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = BODY,
        anchor: Anchor = "start",
        colour: str = INK,
        weight: int = 400,
    ) -> None:
        heavy = f' font-weight="{weight}"' if weight != 400 else ""
        aside = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self._parts.append(
            f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}" fill="{colour}"{aside}{heavy}>'
            f"{escape(words, quote=False)}</text>"
        )

    def notes(self, top: float, *sentences: str) -> None:
        """Paragraphs at the foot of the sheet, which ends below them."""
        self.line((MARGIN, top), (self.width - MARGIN, top), colour=FAINT, width=1)
        y = top + 10
        for words in sentences:
            for index, line in enumerate(wrap(words, int((self.width - 2 * MARGIN) / NOTE_LETTER))):
                y += 22 if index else 26
                self.text(MARGIN, y, line, size=SMALL + 1)
        self.height = y + 34

    def render(self) -> str:
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(self.width)} '
            f'{number(self.height)}" width="{number(self.width)}" height="{number(self.height)}" '
            f'font-family="{FONT}" stroke-linecap="round" stroke-linejoin="round" role="img">\n'
            f"<title>{escape(self.title)}</title>\n<desc>{escape(self.about)}</desc>\n"
            f'<rect width="100%" height="100%" fill="{PAPER}"/>\n'
        )
        return head + "\n".join(self._parts).replace('<text x="', '<text stroke="none" x="') + "\n</svg>\n"
