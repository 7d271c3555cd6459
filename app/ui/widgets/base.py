"""The elements every screen is made of: text, icons, boxes. Placed once, changed only when they differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kivy.core.text import Label as Measure
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from app.glyphs import drawable
from app.ui.layout import Rect
from app.ui.theme import LEAST_PX, Rgba, Theme
from app.ui.widgets.paint import Box, Picture, icon_texture


@dataclass(frozen=True)
class Ui:
    """What every widget is built with."""

    theme: Theme
    now: Callable[[], float]
    """Monotonic seconds."""

    def g(self, steps: float) -> int:
        return self.theme.g(steps)

    def color(self, tone: str, alpha: float = 1.0) -> Rgba:
        return self.theme.color(tone, alpha)


class Element(Widget):
    """A widget with a fixed place and, if one can do something with it, a name."""

    def __init__(self, ui: Ui, rect: Rect, name: str = "") -> None:
        super().__init__(size_hint=(None, None), pos=rect.pos, size=rect.size)
        self.ui = ui
        self.rect = rect
        self.name = name

    @property
    def shown(self) -> bool:
        return bool(self.opacity > 0)

    def show(self, shown: bool = True) -> None:
        """Hidden elements neither draw nor feel touches."""
        opacity = 1.0 if shown else 0.0
        if self.shown != shown:
            self.opacity = opacity

    def on_touch_down(self, touch: Any) -> bool:
        return bool(self.shown and super().on_touch_down(touch))

    def on_touch_move(self, touch: Any) -> bool:
        return False

    def on_touch_up(self, touch: Any) -> bool:
        return False


SLACK = 3
"""Kivy shortens a line that comes nearer than 2 px to its width, and counts in whole pixels."""


class Text(Label):
    """A line or paragraph. Too long a line is set smaller, then cut with an ellipsis.

    ``alike``: what stands beside it in places of this size; all of it is set as small as the longest needs.
    ``may_cut``: it holds what somebody chose to be called or wrote in a program's file, which may end in an
    ellipsis; nothing that we say ever may.
    """

    def __init__(
        self,
        ui: Ui,
        rect: Rect,
        text: str = "",
        size: str = "body",
        tone: str = "text",
        weight: str = "plain",
        align: str = "left",
        valign: str = "middle",
        wrap: bool = False,
        rgba: Rgba | None = None,
        balance: bool = False,
        alike: Sequence[str] = (),
        may_cut: bool = False,
        cut_from: str = "right",
    ) -> None:
        self.ui = ui
        self.name = ""
        self.may_cut = may_cut
        self._alike = tuple(map(drawable, alike))
        self._size = size
        self._wrap, self._balance = wrap, balance
        self._said = ""
        self._face = ui.theme.face(weight)
        # Its lines are counted here. Kivy would count again, and drop the last of a centred text; without a
        # height it draws all of them, and the picture of them is centred on the place.
        height = None if valign == "middle" else rect.h + ui.g(0.5)
        self._room = rect.w
        if not wrap:
            # What fits exactly is not to be shortened: the place grows where its words do not begin.
            ahead = {"left": 0.0, "center": SLACK / 2, "right": float(SLACK)}[align]
            rect = Rect(rect.x - ahead, rect.y, rect.w + SLACK, rect.h)
        super().__init__(
            text="",
            font_name=self._face,
            font_size=ui.theme.type_px(size),
            color=rgba or ui.color(tone),
            size_hint=(None, None),
            pos=rect.pos,
            size=rect.size,
            # A single line may be higher than its place: it is centred on it, never dropped.
            text_size=(rect.w, height) if wrap else (rect.w, None),
            halign=align,
            valign=valign,
            shorten=not wrap,
            shorten_from=cut_from,
            # Lines are counted here, after our own breaking.
            max_lines=0 if wrap else 1,
        )
        self._most_lines = self._lines(rect.h, ui.theme.type_px(size))
        self.set(text)

    def _lines(self, height: float, px: int) -> int:
        line = Measure(font_name=self._face, font_size=px).get_extents("Äg")[1]
        return max(1, int(height / line + 0.1))

    def set(self, text: str) -> None:
        """Say this; nothing is drawn again when it says it already."""
        text = drawable(text)
        if text == self._said:
            return
        self._said = text
        label: Any = self
        if self._wrap:
            self.text = self._wrapped(label, text)
            return
        size = self._fitting(text)
        if size != label.font_size:
            label.font_size = size
        self.text = text

    def tint(self, rgba: Rgba) -> None:
        label: Any = self
        if tuple(label.color) != rgba:
            label.color = rgba

    def _wrapped(self, label: Any, text: str) -> str:
        """In the largest size in which all of it has room, else cut in the smallest."""
        kept = text
        for px in self.ui.theme.smaller(self._size):
            if px != label.font_size:
                label.font_size = px
                self._most_lines = self._lines(self.height, px)
            kept = self._cut(text)
            if all(self._holds(each) for each in (text, *self._alike)):
                break
        return kept

    def _holds(self, text: str) -> bool:
        return _flat(self._cut(text)) == _flat(text) and self._widest(text) <= self.width

    def _widest(self, text: str) -> float:
        """The widest word, which no line could hold if it is wider than the place."""
        measure = Measure(font_name=self._face, font_size=self.font_size)
        return max((float(measure.get_extents(word)[0]) for word in text.split()), default=0.0)

    def _cut(self, text: str) -> str:
        """What fits into the lines there are; a sentence that is cut says so with an ellipsis."""
        measure = Measure(font_name=self._face, font_size=self.font_size)
        lines, line = 1, ""
        kept: list[str] = []
        for word in text.split(" "):
            if measure.get_extents(word)[0] > self.width:
                # Kivy would break it, into a line more than there is room for.
                return self._balanced(f"{' '.join(kept)} {self._ended(word, self.width)}".strip())
            longer = f"{line} {word}".strip()
            if line and measure.get_extents(longer)[0] > self.width:
                lines, longer = lines + 1, word
                if lines > self._most_lines:
                    while len(kept) > 1 and measure.get_extents(f"{line} …")[0] > self.width:
                        line = line.rpartition(" ")[0]
                        kept.pop()
                    return " ".join(kept).rstrip(",.;: ") + " …"
            line = longer
            kept.append(word)
        return self._balanced(text) if self._balance and lines > 1 else text

    def _ended(self, word: str, width: float) -> str:
        """As much of a word as fits, with an ellipsis."""
        measure = Measure(font_name=self._face, font_size=self.font_size)
        while word and measure.get_extents(f"{word}…")[0] > width:
            word = word[:-1]
        return f"{word}…"

    def _balanced(self, text: str) -> str:
        """As many lines as it takes, but of much the same length: no word alone on the last one."""
        measure = Measure(font_name=self._face, font_size=self.font_size)

        def broken(width: float) -> list[str]:
            found = [""]
            for word in text.split(" "):
                longer = f"{found[-1]} {word}".strip()
                if found[-1] and measure.get_extents(longer)[0] > width:
                    found.append(word)
                else:
                    found[-1] = longer
            return found

        fewest = len(broken(self.width))
        tries = (broken(self.width * share / 20) for share in range(8, 21))
        best = next((found for found in tries if len(found) == fewest), [text])
        return "\n".join(best)

    def _fitting(self, text: str) -> int:
        sizes = self.ui.theme.smaller(self._size)
        for px in sizes:
            measure = Measure(font_name=self._face, font_size=px)
            if all(measure.get_extents(each)[0] <= self._room for each in (text, *self._alike)):
                return px
        return sizes[-1]

    @property
    def whole(self) -> bool:
        """Whether all of it can be read."""
        if not self._wrap:
            measure = Measure(font_name=self._face, font_size=self.font_size)
            return bool(measure.get_extents(self._said)[0] <= self._room)
        return _flat(self.text) == _flat(self._said) and self._widest(self._said) <= self.width + 1

    def on_touch_down(self, touch: Any) -> bool:
        return False


def _flat(text: str) -> str:
    return text.replace("\n", " ")


def paragraph(ui: Ui, rect: Rect, text: str, sizes: tuple[str, ...], **style: Any) -> Text:
    """A paragraph in the first of these sizes that has room for all of it, or in the last."""
    style = {"wrap": True, "balance": True, **style}
    for size in sizes[:-1]:
        found = Text(ui, rect, text, size=size, **style)
        if found.whole:
            return found
    return Text(ui, rect, text, size=sizes[-1], **style)


def text_width(ui: Ui, text: str, size: str = "body", weight: str = "plain") -> float:
    """How wide a line of text will be."""
    measure = Measure(font_name=ui.theme.face(weight), font_size=ui.theme.type_px(size))
    return float(measure.get_extents(text)[0])


def line_count(ui: Ui, text: str, width: float, size: str = "body", weight: str = "plain") -> int:
    """How many lines a text of this size takes in this width."""
    measure = Measure(font_name=ui.theme.face(weight), font_size=ui.theme.type_px(size))
    lines, line = 1, ""
    for word in text.split(" "):
        longer = f"{line} {word}".strip()
        if line and measure.get_extents(longer)[0] > width:
            lines, longer = lines + 1, word
        line = longer
    return lines


def least_width(ui: Ui, text: str, weight: str = "strong") -> float:
    """How wide words, a button's if nothing else is said, are in the smallest print there is."""
    px = round(LEAST_PX * ui.theme.scale)
    return float(Measure(font_name=ui.theme.face(weight), font_size=px).get_extents(text)[0])


class Icon(Element):
    """One of our icons, centred in its place."""

    def __init__(self, ui: Ui, rect: Rect, icon: str, rgba: Rgba, steps: float = 3) -> None:
        super().__init__(ui, rect)
        self._icon, self._steps, self._rgba = icon, steps, rgba
        self._draw()

    def _draw(self) -> None:
        side = self.ui.g(self._steps)
        x, y = self.rect.center
        self.canvas.clear()
        self._picture = Picture(
            icon_texture(self._icon, side), round(x - side / 2), round(y - side / 2), self._rgba
        )
        self.canvas.add(self._picture)

    def set(self, icon: str) -> None:
        if icon != self._icon:
            self._icon = icon
            self._draw()

    def tint(self, rgba: Rgba) -> None:
        self._rgba = rgba
        self._picture.tint(rgba)


class Panel(Element):
    """A surface on which things stand."""

    def __init__(
        self,
        ui: Ui,
        rect: Rect,
        tone: str = "surface",
        radius: float = 3,
        line: str = "",
        alpha: float = 1.0,
    ) -> None:
        super().__init__(ui, rect)
        self.fill = Box(rect, ui.color(tone, alpha), ui.g(radius))
        self.canvas.add(self.fill)
        if line:
            self.canvas.add(Box(rect, ui.color(line), ui.g(radius), max(1, ui.g(0.2))))
