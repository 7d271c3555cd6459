"""The check of the day: is anything new with these feet? One touch from Start, which says that nothing is."""

from __future__ import annotations

from collections.abc import Callable

from app.ui.layout import Rect
from app.ui.state.questions import new_today
from app.ui.theme import DELIBERATE_S, MARGIN
from app.ui.widgets.base import Icon, Panel, Text, Ui, paragraph
from app.ui.widgets.button import PushButton, Touchable
from app.ui.widgets.paint import Box
from app.ui.widgets.sheet import Sheet
from app.ui.words import _


class TodayRow(Touchable):
    """Beside Start: what to start says, and the way to say otherwise."""

    def __init__(self, ui: Ui, rect: Rect, accent: str, action: Callable[[], None]) -> None:
        super().__init__(ui, rect, "new-today", action)
        self._box = Box(rect, ui.color("surface"), ui.g(3))
        self.canvas.add(self._box)
        inner = rect.inset(ui.g(2), ui.g(0.75))
        self.add_widget(Icon(ui, inner.cut_right(ui.g(2.5)), "right", ui.color("quiet"), steps=2.5))
        self.add_widget(Icon(ui, inner.cut_left(ui.g(3), ui.g(1.25)), "eye", ui.color(accent), steps=2.75))
        top, low = inner.middle(inner.w, min(inner.h, ui.g(6.5))).rows(2)
        self.add_widget(Text(ui, top, _("Anything new today?"), size="small", weight="strong"))
        self.add_widget(Text(ui, low, _("To go on is to say no"), size="small", tone="quiet"))

    def flash(self) -> None:
        self._box.tint(self.ui.color("pressed"))

    def calm(self) -> None:
        self._box.tint(self.ui.color("surface"))


class TodayCheck(Sheet):
    """What may be new, and what saying so does."""

    def __init__(
        self, ui: Ui, rect: Rect, accent: str, out: Rect, is_new: Callable[[], None], back: Callable[[], None]
    ) -> None:
        super().__init__(ui, rect)
        upright = rect.h > rect.w
        page = rect.inset(ui.g(MARGIN))
        bottom = page.cut_bottom(out.h, ui.g(2))
        bottom.cut_right(out.w, ui.g(1.5))
        if upright:
            bottom = page.cut_bottom(ui.g(12), ui.g(2))
        head = page.cut_top(ui.g(4.5), ui.g(1.5))
        self.add_widget(Text(ui, head, _("Anything new today?"), size="title", weight="strong"))
        rows = new_today()
        if upright:
            page.cut_bottom(max(0.0, page.h - ui.g(60)))
        self.add_widget(Panel(ui, page, "surface"))
        inner = page.inset(ui.g(2.5), ui.g(1.5))
        low = inner.cut_bottom(ui.g(11 if upright else 7), ui.g(0.5))
        for words, row in zip(rows, inner.rows(len(rows)), strict=True):
            bullet = row.cut_left(ui.g(1), ui.g(1.5)).middle(ui.g(1), ui.g(1))
            self.canvas.add(Box(bullet, ui.color("warning"), bullet.w / 2))
            self.add_widget(Text(ui, row, words))
        words = _("Then there is no massage today. If it stays, or in doubt, ask your doctor.")
        self.add_widget(paragraph(ui, low, words, ("body", "small"), tone="quiet"))
        self.add_widget(
            PushButton(
                ui, bottom, "something-new", _("Yes, something is new"), is_new, style="caution",
                size="title", icon="warning", arm_s=DELIBERATE_S, radius=4.5,
            )
        )  # fmt: skip
        self.add_widget(
            PushButton(
                ui, out, "nothing-new", _("Nothing new"), back, style="primary", accent=accent, radius=4.5,
            )
        )  # fmt: skip
