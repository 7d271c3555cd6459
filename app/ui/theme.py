"""Every colour, size and font of the screen, declared once.

Lengths are given in steps of an 8 px grid as it is at 800x480 on 7 inches; :class:`Theme` scales them to the
panel. A colour is asked for by what it means ("air", "warning"), never by its value.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

Rgba = tuple[float, float, float, float]

FONTS = Path(__file__).resolve().parents[2] / "assets" / "fonts"

DARK: dict[str, str] = {
    "base": "#17141B",
    "surface": "#221E28",
    "raised": "#2F2A37",
    "pressed": "#433C4D",
    "line": "#3A3442",
    "text": "#F6EFE6",
    "quiet": "#B9ADA6",
    "ink": "#17141B",
    "heat": "#F2A65A",
    "air": "#7DB8EA",
    "motion": "#8ED3A2",
    "warning": "#F0705A",
    "skin": "#3B3443",
    "outline": "#6A6073",
    "shadow": "#0B090E",
}

LIGHT: dict[str, str] = {
    "base": "#F3ECE2",
    "surface": "#FFFBF5",
    "raised": "#ECE3D7",
    "pressed": "#DACDBC",
    "line": "#D9CDBE",
    "text": "#2A222C",
    "quiet": "#62575A",
    "ink": "#2A222C",
    "heat": "#94540A",
    "air": "#1E649B",
    "motion": "#23693C",
    "warning": "#AE3320",
    "skin": "#E6D9CA",
    "outline": "#A99A8C",
    "shadow": "#8A7A68",
}

PEOPLE: dict[str, str] = {
    "violet": "#B7A4F2",
    "teal": "#6CCFC4",
    "gold": "#EAC468",
    "rose": "#EC93AE",
    "sky": "#9FC3F0",
    "leaf": "#A9D6B4",
}
"""What the people of a household are told apart by, beside their initial."""

TEXT_PAIRS: tuple[tuple[str, str], ...] = tuple(
    (text, ground)
    for text in ("text", "quiet", "heat", "air", "motion", "warning")
    for ground in ("base", "surface", "raised")
)
"""Every text colour and what it may stand on."""

TYPE: dict[str, float] = {"small": 18, "body": 20, "title": 26, "number": 46, "hero": 76}
"""The five sizes, px at 800x480."""

TYPE_LARGE: dict[str, float] = {"small": 22, "body": 25, "title": 30, "number": 46, "hero": 76}
"""The same for who sees badly; what is a number is large already."""
LEAST_PX = 18.0
"""No text is ever smaller, px at 800x480: what has no room in it is laid out anew or said in fewer words."""

LINE = 1.4
"""A line's height against its size, as the fonts have it."""

FACES: dict[str, str] = {
    "plain": "Manrope-Medium.ttf",
    "strong": "Manrope-SemiBold.ttf",
    "light": "Manrope-Light.ttf",
}

GRID_PX = 8.0
TARGET = 8.0
"""The least touch target, grid steps: 64 px, 9 mm on 7 inches."""
MARGIN = 3.0
GAP = 1.5
RADIUS = 3.0
"""Of cards."""
STROKE = 0.25
FADE_S = 0.2
FLASH_S = 0.15
"""How long a touched button stays lit."""
ARM_S = 0.15
"""A screen that has just opened ignores touches for this long: the finger that opened it may arrive twice."""
DELIBERATE_S = 0.4
"""The same for Start, and for leaving what a Stop has opened."""
BOUNCE_S = 0.08
"""Two touches of one button closer than a finger can tap are one."""

CONTRAST_TEXT = 4.5
CONTRAST_SHAPE = 3.0


@cache
def parse(code: str) -> Rgba:
    """ "#RRGGBB" as four shares of 1."""
    return (int(code[1:3], 16) / 255, int(code[3:5], 16) / 255, int(code[5:7], 16) / 255, 1.0)


def mix(one: Rgba, other: Rgba, share: float) -> Rgba:
    """``share`` of ``other`` in ``one``."""
    share = min(1.0, max(0.0, share))
    return (
        one[0] + (other[0] - one[0]) * share,
        one[1] + (other[1] - one[1]) * share,
        one[2] + (other[2] - one[2]) * share,
        one[3] + (other[3] - one[3]) * share,
    )


def luminance(color: Rgba) -> float:
    """Relative luminance after WCAG 2."""
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in color[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Rgba, other: Rgba) -> float:
    """Contrast ratio after WCAG 2, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@dataclass(frozen=True)
class Theme:
    """The tokens for one panel: dark or light, scaled to its size."""

    dark: bool = True
    scale: float = 1.0
    large: bool = False
    """Larger text; where it has no room it becomes smaller again."""

    @classmethod
    def for_size(cls, width: float, height: float, dark: bool = True, large: bool = False) -> Theme:
        """The scale at which the design's 800x480 (or 480x800) just fits."""
        long, short = max(width, height), min(width, height)
        return cls(dark, min(long / 800, short / 480), large)

    @lru_cache(maxsize=1024)  # noqa: B019 - there are as many themes as looks and panels
    def color(self, token: str, alpha: float = 1.0) -> Rgba:
        """A token's colour; a "#RRGGBB" is an accent and is made to stand out on this theme's surfaces."""
        if token.startswith("#"):
            red, green, blue, _ = self.accent(token)
        else:
            red, green, blue, _ = parse((DARK if self.dark else LIGHT)[token])
        return (red, green, blue, alpha)

    def accent(self, code: str) -> Rgba:
        """A program's own colour, darkened or lightened until it can be seen here as a shape."""
        color = parse(code)
        surface = self.color("surface")
        # Towards white in the dark; in the light deeper first: mixing with ink alone would make it grey.
        deeper = tuple(max(0.0, 1.6 * c - 1.0) for c in color[:3])
        white, ink = (1.0, 1.0, 1.0, 1.0), parse(LIGHT["ink"])
        for toward in (white,) if self.dark else ((deeper[0], deeper[1], deeper[2], 1.0), ink):
            steps = (mix(color, toward, step / 20) for step in range(21))
            color = next((found for found in steps if contrast(found, surface) >= CONTRAST_SHAPE), toward)
        return color

    def on(self, token: str) -> Rgba:
        """The text colour that reads best on a fill of this token."""
        fill = self.color(token)
        choices = (parse(DARK["ink"]), parse(LIGHT["surface"]))
        return max(choices, key=lambda color: contrast(color, fill))

    def blend(self, one: str, other: str, share: float) -> Rgba:
        return mix(self.color(one), self.color(other), share)

    def g(self, steps: float) -> int:
        """Grid steps as whole pixels of this panel."""
        return round(steps * GRID_PX * self.scale)

    def type_px(self, size: str) -> int:
        return round((TYPE_LARGE if self.large else TYPE)[size] * self.scale)

    def line_px(self, size: str) -> int:
        """How high a line of this size stands."""
        return round(self.type_px(size) * LINE)

    def smaller(self, size: str) -> tuple[int, ...]:
        """This size and those a text that has no room may be set in instead, largest first.

        They are the type scale's own; only large text comes down evenly, it would lose all at one step.
        """
        at, least = self.type_px(size), round(LEAST_PX * self.scale)
        if self.large and size not in ("number", "hero"):
            return tuple(range(at, least - 1, -1))
        steps = {px for name in TYPE if (px := self.type_px(name)) <= at}
        return tuple(sorted({*steps, least}, reverse=True))

    def face(self, weight: str) -> str:
        """The font file; Kivy's own when ours is not installed."""
        return _face(weight)


@cache
def _face(weight: str) -> str:
    path = FONTS / FACES[weight]
    return str(path) if path.is_file() else "Roboto"
