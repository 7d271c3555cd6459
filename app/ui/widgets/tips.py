"""Panels of words beside the controls: tips, and why something does not go."""

from __future__ import annotations

from collections.abc import Sequence

from app.ui.layout import Rect
from app.ui.widgets.base import Icon, Panel, Text, Ui, paragraph


class Tips(Panel):
    """A row each: icon and words."""

    def __init__(self, ui: Ui, rect: Rect, tips: Sequence[tuple[str, str]], accent: str) -> None:
        super().__init__(ui, rect, "surface")
        for (icon, words), row in zip(tips, rect.inset(ui.g(2), ui.g(1)).rows(len(tips)), strict=True):
            self.add_widget(Icon(ui, row.cut_left(ui.g(3), ui.g(1.25)), icon, ui.color(accent), steps=2.75))
            self.add_widget(Text(ui, row, words, size="small"))


class Refusal(Panel):
    """Why not, framed in the warning colour."""

    def __init__(self, ui: Ui, rect: Rect, reason: str) -> None:
        super().__init__(ui, rect, "surface", radius=2.5, line="warning")
        inner = rect.inset(ui.g(2), ui.g(1))
        self.add_widget(
            Icon(ui, inner.cut_left(ui.g(3.5), ui.g(1.5)), "warning", ui.color("warning"), steps=3.5)
        )
        self.add_widget(paragraph(ui, inner, reason, ("body", "small")))
