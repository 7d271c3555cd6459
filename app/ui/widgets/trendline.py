"""How sore the feet were before and after, week by week: a ring, a dot, a line from one to the other."""

from __future__ import annotations

from collections.abc import Sequence

from app.ui.layout import Rect
from app.ui.state.trend import MOST, Trend
from app.ui.widgets.base import Element, Text, Ui, text_width
from app.ui.widgets.paint import Box, Ground, Picture, disc_texture
from app.ui.words import _

DISC = 1.75


class TrendChart(Element):
    """Its columns are those of the week bars; the lower, the better."""

    def __init__(self, ui: Ui, rect: Rect, trend: Trend, labels: Sequence[tuple[str, bool]]) -> None:
        """``labels``: what stands under each week, and whether it is this one."""
        super().__init__(ui, rect)
        area = rect.copy()
        if trend.empty:
            self.add_widget(
                Text(
                    ui, area, trend.empty, size="small", tone="quiet", wrap=True, balance=True, align="center"
                )
            )
            return
        for (name, value), draw, tone in zip(
            trend.words, (self._ring, self._dot), ("quiet", "text"), strict=True
        ):
            # The shapes' meaning and the average in one line each.
            row = area.cut_top(ui.g(3))
            mark = row.cut_left(ui.g(DISC), ui.g(1))
            draw(mark.center[0], mark.center[1])
            self.add_widget(
                Text(
                    ui, row.cut_right(ui.g(6)), value, size="small", tone=tone, weight="strong", align="right"
                )
            )
            self.add_widget(Text(ui, row, name, size="small", tone=tone))
        better = _("0 is fine, 10 is very sore")
        self.add_widget(Text(ui, area.cut_top(ui.g(3), ui.g(0.5)), better, size="small", tone="quiet"))
        self._weeks(area, trend, labels)

    def _weeks(self, area: Rect, trend: Trend, labels: Sequence[tuple[str, bool]]) -> None:
        ui = self.ui
        gap = ui.g(1)
        foot = area.cut_bottom(ui.g(3.5), ui.g(0.5))
        side, line = ui.g(DISC), max(1, ui.g(0.12))
        room = Rect(area.x, area.y + side / 2, area.w, area.h - side)
        for share in (0.0, 0.5, 1.0):
            y = round(room.y + share * room.h)
            self.canvas.add(Ground(Rect(area.x, y, area.w, line), ui.color("line")))
        for week, column in zip(trend.weeks, room.columns(len(trend.weeks), gap), strict=True):
            if week is None:
                continue
            x = column.center[0]
            before, after = (room.y + value / MOST * room.h for value in (week.before, week.after))
            thick = max(2, ui.g(0.5))
            low, high = min(before, after), max(before, after)
            if high - low > 1:
                bar = Rect(round(x - thick / 2), low, thick, high - low)
                self.canvas.add(Box(bar, ui.color("outline"), 0))
            self._ring(x, before)
            self._dot(x, after)
        for (label, this), place in zip(labels, foot.columns(len(labels), gap), strict=True):
            if label:
                more = max(gap, (text_width(ui, label, "small", "strong") - place.w) / 2)
                under = place.inset(-more, 0)
                under.x = min(under.x, area.right + gap - under.w)
                self.add_widget(
                    Text(
                        ui,
                        under,
                        label,
                        size="small",
                        tone="text" if this else "quiet",
                        weight="strong" if this else "plain",
                        align="center",
                    )
                )

    def _ring(self, x: float, y: float) -> None:
        self._disc(x, y, DISC, "quiet")
        self._disc(x, y, DISC - 0.75, "surface")

    def _dot(self, x: float, y: float) -> None:
        self._disc(x, y, DISC, "text")

    def _disc(self, x: float, y: float, steps: float, tone: str) -> None:
        side = self.ui.g(steps)
        self.canvas.add(
            Picture(disc_texture(side), round(x - side / 2), round(y - side / 2), self.ui.color(tone))
        )
