"""Curves that tell their values where a finger is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.ui.layout import Rect
from app.ui.state.past import Curve, Mark
from app.ui.state.probe import Probe, Reading
from app.ui.widgets.base import Element, Text, Ui, text_width
from app.ui.widgets.chart import Curves
from app.ui.widgets.paint import Ground, Picture, disc_texture


class ProbedCurves(Curves):
    """A touch puts a line there, a finger that moves takes it along; it stays when the finger is gone."""

    def __init__(
        self,
        ui: Ui,
        rect: Rect,
        curves: Sequence[Curve],
        marks: Sequence[Mark],
        span: str,
        probe: Probe,
    ) -> None:
        super().__init__(ui, rect, curves, marks, span)
        self.name = "curves"
        self._probe = probe
        self._overlay: Element | None = None
        self._quiet = {tone: head.text for tone, head in self.heads.items()}

    def on_touch_down(self, touch: Any) -> bool:
        if not self.collide_point(*touch.pos):
            return False
        # Held on to: it is told where the finger moves, wherever that is.
        touch.grab(self)
        self._point(touch.x)
        return True

    def on_touch_move(self, touch: Any) -> bool:
        if touch.grab_current is not self:
            return False
        self._point(touch.x)
        return True

    def _point(self, x: float) -> None:
        self.show_at((x - self.rect.x) / self.rect.w)

    def show_at(self, share: float) -> None:
        """Show the values at this share of the time."""
        reading = self._probe.at(share)
        if self._overlay is not None:
            self.remove_widget(self._overlay)
        overlay = self._overlay = Element(self.ui, self.rect)
        self.add_widget(overlay)
        self._line(overlay, reading)
        for tone, head in self.heads.items():
            values = reading.values.get(tone)
            if values is None:
                head.set("–")
            else:
                fits = text_width(self.ui, values.long, "small", "strong") <= head.width
                head.set(values.long if fits else values.short)
            head.tint(self.ui.color("text"))

    def _line(self, overlay: Element, reading: Reading) -> None:
        ui = self.ui
        x = round(self.rect.x + reading.at * self.rect.w)
        thick = max(2, ui.g(0.25))
        for tone, plot in self.plots.items():
            overlay.canvas.add(Ground(Rect(x - thick // 2, plot.y, thick, plot.h), ui.color("text")))
            values = reading.values.get(tone)
            room = plot.inset(0, ui.g(0.4))
            for height in values.heights if values else ():
                y = room.y + height * room.h
                for steps, tone_ in ((2.0, "surface"), (1.25, tone)):
                    side = ui.g(steps)
                    overlay.canvas.add(
                        Picture(disc_texture(side), x - side / 2, y - side / 2, ui.color(tone_))
                    )
        if not self.ends:
            return
        wide = text_width(ui, reading.time, "small", "strong") + ui.g(1)
        left = min(max(x - wide / 2, self.foot.x), self.foot.right - wide)
        place = Rect(round(left), self.foot.y, wide, self.foot.h)
        overlay.add_widget(Text(ui, place, reading.time, size="small", weight="strong", align="center"))
        first, last = self.ends
        first.opacity = 1.0 if place.x > self.foot.x + ui.g(3) else 0.0
        last.opacity = 1.0 if place.right < self.foot.right - ui.g(8) else 0.0
