"""Curves over a session, and weeks as bars."""

from __future__ import annotations

from collections.abc import Sequence

from app.ui.layout import Rect
from app.ui.state.past import BEST_WEEK, Bar, Curve, Mark
from app.ui.widgets.base import Element, Text, Ui, least_width, text_width
from app.ui.widgets.paint import Box, Ground, Line, Picture, disc_texture
from app.ui.words import _


class Curves(Element):
    """One band for each quantity, all over the same time; marks run through them."""

    def __init__(
        self,
        ui: Ui,
        rect: Rect,
        curves: Sequence[Curve],
        marks: Sequence[Mark] = (),
        span: str = "",
        compact: bool = False,
        beside: Sequence[Curve] = (),
    ) -> None:
        super().__init__(ui, rect)
        area = rect.copy()
        self.foot = Rect(area.x, area.y, area.w, 0)
        self.ends: list[Text] = []
        """What stands at both ends of the time."""
        self.heads: dict[str, Text] = {}
        """What is said of each curve, by its tone."""
        self.plots: dict[str, Rect] = {}
        if span:
            foot = self.foot = area.cut_bottom(ui.g(3))
            self.ends = [
                Text(ui, foot.copy(), "0", size="small", tone="quiet"),
                Text(ui, foot.copy(), span, size="small", tone="quiet", align="right"),
            ]
            for end in self.ends:
                self.add_widget(end)
        bands = area.rows(max(1, len(curves)), ui.g(1.5))
        plots: list[Rect] = []
        # Beside others a name and its value may have no room in one line; then none of them has.
        two = compact and any(
            least_width(ui, curve.title) + ui.g(1) + least_width(ui, curve.peak) > area.w
            for curve in (*curves, *beside)
        )
        for curve, band in zip(curves, bands, strict=False):
            head = band.cut_top(ui.g(3))
            peak = band.cut_top(ui.g(3)) if two else head.copy()
            name = text_width(ui, curve.title, "small", "strong") + ui.g(1)
            if not two:
                # The name and what is said of it stand apart, as long as both are whole.
                side = peak.cut_left(
                    min(name, max(0.0, head.w - least_width(ui, curve.peak))) if compact else name
                )
                head = side if compact else head
            self.add_widget(Text(ui, head, curve.title, size="small", tone=curve.tone, weight="strong"))
            said = Text(
                ui,
                peak,
                curve.peak if compact else _("{peak} at most").format(peak=curve.peak),
                size="small",
                tone="quiet",
                # Beside others the value stays with its own name, not with the next one.
                align="left" if compact else "right",
            )
            self.heads[curve.tone] = said
            self.add_widget(said)
            plots.append(band)
            self.plots[curve.tone] = band
            line = max(1, ui.g(0.12))
            self.canvas.add(Ground(Rect(band.x, band.y, band.w, line), ui.color("line")))
        self._marks(plots, marks)
        for curve, plot in zip(curves, plots, strict=False):
            room = plot.inset(0, ui.g(0.4))
            for piece in curve.lines:
                points = [(room.x + x * room.w, room.y + y * room.h) for x, y in piece]
                self.canvas.add(Line(points, max(1.6, ui.g(1) * 0.26), ui.color(curve.tone)))

    def _marks(self, plots: Sequence[Rect], marks: Sequence[Mark]) -> None:
        ui = self.ui
        for mark in marks:
            for number, plot in enumerate(plots):
                x = round(plot.x + mark.at * plot.w)
                alpha = 0.9 if mark.tone == "warning" else 0.28
                self.canvas.add(
                    Ground(Rect(x, plot.y, max(1, ui.g(0.12)), plot.h), ui.color(mark.tone, alpha))
                )
                if number == 0 and mark.tone == "warning":
                    side = ui.g(1)
                    self.canvas.add(
                        Picture(disc_texture(side), x - side / 2, plot.top - side, ui.color(mark.tone))
                    )


class WeekBars(Element):
    """Sessions a week against the recommended two to three."""

    def __init__(self, ui: Ui, rect: Rect, bars: Sequence[Bar]) -> None:
        super().__init__(ui, rect)
        area = rect.copy()
        labels = area.cut_bottom(ui.g(3.5))
        # The highest bar has its number above it.
        unit = (area.h - ui.g(2.75)) / max(4, *(bar.count for bar in bars))
        low, high = BEST_WEEK
        band = Rect(area.x, round(area.y + (low - 0.35) * unit), area.w, round((high - low + 0.7) * unit))
        self.canvas.add(Box(band, ui.color("motion", 0.16), ui.g(1)))
        gap = ui.g(1)
        columns = area.columns(len(bars), gap)
        for bar, column, label in zip(bars, columns, labels.columns(len(bars), gap), strict=True):
            wide = min(column.w, ui.g(3))
            place = Rect(
                round(column.x + (column.w - wide) / 2),
                column.y,
                wide,
                max(ui.g(0.5), round(bar.count * unit)),
            )
            tone = "motion" if bar.best else ("outline" if bar.count else "line")
            self.canvas.add(Box(place, ui.color(tone), wide / 2))
            if bar.count:
                # Three digits are wider than a bar.
                number = Rect(column.x, place.top, column.w, ui.g(2.75)).inset(-gap / 2, 0)
                self.add_widget(
                    Text(ui, number, str(bar.count), size="small", align="center", weight="strong")
                )
            if not bar.label:
                continue
            # A word may be wider than its bar; only the last one has the panel's edge beside it.
            words = text_width(ui, bar.label, "small", "strong")
            more = max(gap, (words - label.w) / 2)
            place = label.inset(-more, 0)
            place.x -= max(0.0, place.center[0] + words / 2 - area.right)
            self.add_widget(
                Text(
                    ui,
                    place,
                    bar.label,
                    size="small",
                    tone="text" if bar.this_week else "quiet",
                    weight="strong" if bar.this_week else "plain",
                    align="center",
                )
            )
