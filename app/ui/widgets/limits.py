"""What is locked for a person and why, as a panel of rows."""

from __future__ import annotations

from collections.abc import Sequence

from app.ui.layout import Rect
from app.ui.state.screening import Limit
from app.ui.widgets.base import Element, Icon, Panel, Text, Ui

ROW = 6.5
"""With the reason below; grid steps."""


class LimitList(Element):
    """What in a strong line, why in a quiet one below; where that has no room, only what."""

    def __init__(self, ui: Ui, rect: Rect, limits: Sequence[Limit]) -> None:
        super().__init__(ui, rect)
        self.add_widget(Panel(ui, rect, "surface"))
        inner = rect.inset(ui.g(1.75), ui.g(1))
        for limit, row in zip(limits, inner.rows(len(limits)), strict=True):
            tone = "warning" if limit.effect == "refuse" else "heat"
            self.add_widget(Icon(ui, row.cut_left(ui.g(2.5), ui.g(1.25)), "lock", ui.color(tone), steps=2.5))
            if row.h >= ui.g(5.75):
                top, low = row.middle(row.w, ui.g(5.75)).rows(2)
                self.add_widget(Text(ui, top, limit.what, size="small", weight="strong"))
                self.add_widget(Text(ui, low, limit.why, size="small", tone="quiet"))
            else:
                self.add_widget(Text(ui, row, limit.what, size="small", weight="strong"))

    @staticmethod
    def height(ui: Ui, limits: Sequence[Limit]) -> int:
        """How much it would like to have."""
        return ui.g(ROW) * len(limits) + ui.g(2)
