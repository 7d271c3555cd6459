"""One session in the history's list."""

from __future__ import annotations

from collections.abc import Callable

from app.ui.layout import Rect
from app.ui.state import past as state
from app.ui.widgets.base import Text, Ui, text_width
from app.ui.widgets.button import Touchable
from app.ui.widgets.paint import Box, Picture, disc_texture


class Row(Touchable):
    """What it was, when, and how sore the feet were before and after."""

    def __init__(self, ui: Ui, rect: Rect, line: state.Line, dated: bool, action: Callable[[], None]) -> None:
        super().__init__(ui, rect, f"session-{line.id}", action)
        self._box = Box(rect, ui.color("surface"), ui.g(2.5))
        self.canvas.add(self._box)
        inner = rect.inset(ui.g(2), ui.g(0.75))
        dot = ui.g(1.75)
        mark = inner.cut_left(dot, ui.g(1.75))
        self.canvas.add(
            Picture(disc_texture(dot), mark.x, round(mark.center[1] - dot / 2), ui.color(line.accent))
        )
        top, bottom = inner.middle(inner.w, ui.g(6.5)).rows(2)
        if line.rating:
            # Beside the title: the line below ends in a number, too, and has the whole width.
            numbers = min(text_width(ui, line.rating, "body", "strong"), ui.g(8.5))
            self.add_widget(
                Text(ui, top.cut_right(numbers, ui.g(1.5)), line.rating, weight="strong", align="right")
            )
        self.add_widget(Text(ui, top, line.title, weight="strong", may_cut=True))
        self.add_widget(Text(ui, bottom, line.dated if dated else line.words, size="small", tone="quiet"))

    def flash(self) -> None:
        self._box.tint(self.ui.color("raised"))
