"""The self-test on demand, and its report."""

from __future__ import annotations

from app.ui.layout import Rect
from app.ui.screens.base import Desk
from app.ui.screens.service.page import Ground, Page
from app.ui.state.service import check as state
from app.ui.widgets.base import Icon, Panel, Text, Ui, line_count, paragraph
from app.ui.widgets.paint import Box
from app.ui.words import _
from hardware.messages import CheckItself, Snapshot


class Check(Page):
    """While it goes on a bar fills; then a line for each part."""

    keys = 22.0

    def __init__(self, ui: Ui, rect: Rect, desk: Desk, ground: Ground) -> None:
        super().__init__(ui, rect, desk, ground)
        self._run = self.key(self.keys_at, "check", _("Test now"), self._check, style="primary")
        self._shape: tuple[object, ...] | None = None
        self._heading: Text | None = None
        self._bar: Box | None = None
        self._bar_at = rect
        self._most = 1

    def update(self, snapshot: Snapshot) -> None:
        said = state.check(snapshot)
        self._most = max(self._most, said.left_s) if said.going else 1
        shape = (said.going, said.lines)
        if shape != self._shape:
            self._shape = shape
            self._build(said)
        if self._heading is not None:
            self._heading.set(said.heading)
        if self._bar is not None:
            at = self._bar_at
            done = 1 - said.left_s / self._most
            self._bar.place(Rect(at.x, at.y, max(at.h, round(at.w * done)), at.h))
        self._run.set_enabled(said.can_run)
        self.say(said.note, snapshot)

    def _build(self, said: state.Check) -> None:
        ui = self.ui
        body = self.fresh_body()
        self._bar = None
        area = self.area.copy()
        if not said.lines:
            body.add_widget(Panel(ui, area))
            inner = area.inset(ui.g(4), 0).middle(area.w - ui.g(8), ui.g(9))
            self._heading = Text(ui, inner.cut_top(ui.g(6), ui.g(1)), align="center", wrap=True)
            body.add_widget(self._heading)
            if said.going:
                bar = self._bar_at = inner.cut_top(ui.g(1))
                body.canvas.add(Box(bar, ui.color("line"), ui.g(0.5)))
                self._bar = Box(Rect(bar.x, bar.y, bar.h, bar.h), ui.color("text"), ui.g(0.5))
                body.canvas.add(self._bar)
            return
        self._heading = Text(ui, area.cut_top(ui.g(4.5), ui.g(1)), size="title", weight="strong")
        body.add_widget(self._heading)
        if self.portrait:
            area = area.cut_top(ui.g(30))
        for place, (name, words, sound) in zip(
            area.rows(len(said.lines), ui.g(1.5)), said.lines, strict=True
        ):
            body.add_widget(Panel(ui, place))
            inner = place.inset(ui.g(2.5), ui.g(1))
            mark = inner.cut_left(ui.g(3), ui.g(2))
            tone = "text" if sound else "warning"
            body.add_widget(Icon(ui, mark, "check" if sound else "warning", ui.color(tone)))
            if self.portrait:
                # Name and words stand in the middle, beside their mark, however many lines they take.
                lines = line_count(ui, words, inner.w)
                inner = inner.middle(inner.w, min(inner.h, ui.g(4) + lines * ui.theme.line_px("body")))
                body.add_widget(Text(ui, inner.cut_top(ui.g(3.5)), name, weight="strong"))
            else:
                body.add_widget(Text(ui, inner.cut_left(ui.g(14), ui.g(1)), name, weight="strong"))
            body.add_widget(
                paragraph(ui, inner, words, ("body", "small"), valign="top" if self.portrait else "middle")
            )

    def _check(self) -> None:
        self.tell("")
        self.desk.send(CheckItself(), self.answered)
