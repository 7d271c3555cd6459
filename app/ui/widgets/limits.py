"""What is locked for a person and why, as a panel of rows."""

from __future__ import annotations

from collections.abc import Sequence

from app.ui.layout import Rect
from app.ui.state.screening import Limit
from app.ui.widgets.base import Element, Icon, Panel, Text, Ui, least_width, line_count

ROW = 6.5
"""With the reason below; grid steps."""
LINE = 3.0
"""One more line of what is locked."""
PAD = 1.75
LOCK = (2.5, 1.25)
"""The lock before it, and the gap."""


class LimitList(Element):
    """What in a strong line or two, why in a quiet one below; where that has no room, only what."""

    def __init__(self, ui: Ui, rect: Rect, limits: Sequence[Limit]) -> None:
        super().__init__(ui, rect)
        self.add_widget(Panel(ui, rect, "surface"))
        inner = rect.inset(ui.g(PAD), ui.g(1))
        needs = [_needs(ui, limit, rect.w) for limit in limits]
        share = inner.h / sum(needs)
        for limit, need in zip(limits, needs, strict=True):
            row = inner.cut_top(need * share)
            tone = "warning" if limit.effect == "refuse" else "heat"
            self.add_widget(Icon(ui, row.cut_left(ui.g(LOCK[0]), ui.g(LOCK[1])), "lock", ui.color(tone), 2.5))
            two = need > ROW
            high = ui.g(5.75 + (3.5 if two else 0))
            if row.h >= high:
                top = row.middle(row.w, high)
                low = top.cut_bottom(ui.g(2.875))
                self.add_widget(Text(ui, low, limit.why, size="small", tone="quiet"))
            else:
                top = row
            self.add_widget(Text(ui, top, limit.what, size="small", weight="strong", wrap=two, balance=two))

    @staticmethod
    def height(ui: Ui, limits: Sequence[Limit], width: float) -> int:
        """How much it would like to have."""
        return ui.g(sum(_needs(ui, limit, width) for limit in limits) + 2)


def _needs(ui: Ui, limit: Limit, width: float) -> float:
    """A row's height, grid steps."""
    room = width - ui.g(2 * PAD + sum(LOCK))
    if least_width(ui, limit.what) <= room:
        return ROW
    return ROW + LINE * (line_count(ui, limit.what, room, "small", "strong") - 1)
