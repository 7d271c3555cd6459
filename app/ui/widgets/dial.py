"""The ring of time left, in its phases; and the level's ten steps."""

from __future__ import annotations

from collections.abc import Sequence

from app.ui.draw.ribbon import dial
from app.ui.layout import Rect
from app.ui.theme import mix
from app.ui.widgets.base import Element, Text, Ui, text_width
from app.ui.widgets.paint import Box, Line, Picture, disc_texture

GAP = 0.014
"""Between two phases, as a share of the ring."""


class Dial(Element):
    """A ring cut into the session's phases, filled clockwise as time passes."""

    def __init__(self, ui: Ui, rect: Rect, width: float = 1.5) -> None:
        super().__init__(ui, rect)
        self._width = ui.g(width)
        self._x, self._y = rect.center
        self._radius = min(rect.w, rect.h) / 2 - self._width / 2
        self._segments: tuple[tuple[float, float], ...] = ()
        self._fills: list[tuple[Line, Picture, Picture]] = []
        self._shown: tuple[float, str] | None = None

    def set(self, segments: Sequence[tuple[float, float]], done: float, accent: str) -> None:
        """``done`` and the segments are shares of the session."""
        # A thousandth of the ring is less than a pixel of it.
        done = round(done, 3)
        edges = tuple((round(start, 3), round(end, 3)) for start, end in segments)
        if edges != self._segments:  # they move slowly while a phase waits for the feet
            self._segments = edges
            self._shown = None
            self._build(accent)
        if (done, accent) == self._shown:
            return
        self._shown = (done, accent)
        for (start, end), (line, first, last) in zip(self._segments, self._fills, strict=True):
            low, high = self._ends(start, end)
            at = min(high, max(low, done))
            begun = done > start + 1e-6
            passed = done >= end - 1e-6
            rgba = self.ui.color(accent)
            rgba = mix(self.ui.color("raised"), rgba, 0.55) if passed else rgba
            hidden = (*rgba[:3], 0.0)
            line.tint(rgba if begun and at > low else hidden)
            first.tint(rgba if begun else hidden)
            last.tint(rgba if begun else hidden)
            if begun:
                points = dial(self._x, self._y, self._radius, low, max(at, low + 1e-4))
                line.draw(points)
                self._cap(last, points[-1])

    def _ends(self, start: float, end: float) -> tuple[float, float]:
        """A segment with round ends and a gap beside it."""
        cap = self._width / 2 / (2 * 3.1416 * self._radius)
        room = (GAP / 2 if len(self._segments) > 1 else 0) + cap
        return (
            (start + room, end - room) if end - start > 2 * room else ((start + end) / 2, (start + end) / 2)
        )

    def _build(self, accent: str) -> None:
        self.canvas.clear()
        self._fills = []
        track = self.ui.color("raised")
        none = self.ui.color(accent, 0.0)
        for start, end in self._segments:
            low, high = self._ends(start, end)
            points = dial(self._x, self._y, self._radius, low, max(high, low + 1e-4))
            self.canvas.add(Line(points, self._width, track))
            for end_point in (points[0], points[-1]):
                self.canvas.add(self._disc(end_point, track))
            fill = (Line(points, self._width, none), self._disc(points[0], none), self._disc(points[0], none))
            for shape in fill:
                self.canvas.add(shape)
            self._fills.append(fill)

    def _disc(self, at: tuple[float, float], rgba: tuple[float, float, float, float]) -> Picture:
        half = self._width / 2
        return Picture(disc_texture(self._width), at[0] - half, at[1] - half, rgba)

    def _cap(self, picture: Picture, at: tuple[float, float]) -> None:
        picture.move(at[0] - self._width / 2, at[1] - self._width / 2)


class Digits(Element):
    """A running time whose digits keep their places: a number must not dance while one rests."""

    def __init__(self, ui: Ui, rect: Rect, size: str = "number", weight: str = "light") -> None:
        super().__init__(ui, rect)
        self._size, self._weight = size, weight
        self._wide = max(text_width(ui, digit, size, weight) for digit in "0123456789")
        self._narrow = text_width(ui, ":", size, weight) * 1.1
        self._texts: list[Text] = []
        self._said = ""

    def set(self, text: str) -> None:
        if text == self._said:
            return
        if [c == ":" for c in text] != [c == ":" for c in self._said]:
            self._build(text)
        for widget, character in zip(self._texts, text, strict=True):
            widget.set(character)
        self._said = text

    def _build(self, text: str) -> None:
        self.clear_widgets()
        widths = [self._narrow if c == ":" else self._wide for c in text]
        x = self.rect.x + (self.rect.w - sum(widths)) / 2
        self._texts = []
        for width in widths:
            place = Rect(round(x), self.rect.y, round(width) + 2, self.rect.h)
            self._texts.append(Text(self.ui, place, size=self._size, weight=self._weight, align="center"))
            self.add_widget(self._texts[-1])
            x += width


class Steps(Element):
    """Ten steps: bright up to the level in force, half lit up to what was asked for."""

    def __init__(self, ui: Ui, rect: Rect) -> None:
        super().__init__(ui, rect)
        self._boxes = []
        gap = ui.g(0.5)
        for place in rect.columns(10, gap):
            box = Box(place, ui.color("line"), place.w / 2)
            self._boxes.append(box)
            self.canvas.add(box)

    def set(self, level: float, asked: int, accent: str) -> None:
        ui = self.ui
        for number, box in enumerate(self._boxes, start=1):
            if level >= number - 0.05:
                box.tint(ui.color(accent))
            elif number <= asked:
                box.tint(mix(ui.color("line"), ui.color(accent), 0.45))
            else:
                box.tint(ui.color("line"))
