"""Before a guest's first start: when not to use the machine, in plain words, and one large way on."""

from __future__ import annotations

from collections.abc import Callable

from app.ui.layout import Rect
from app.ui.state.screening import never
from app.ui.theme import DELIBERATE_S, MARGIN
from app.ui.widgets.base import Icon, Panel, Text, Ui, paragraph
from app.ui.widgets.button import PushButton
from app.ui.widgets.sheet import Sheet
from app.ui.words import _


class GuestCard(Sheet):
    """A guest answers no questions; this is what they would have asked."""

    def __init__(
        self, ui: Ui, rect: Rect, accent: str, out: Rect, none: Callable[[], None], back: Callable[[], None]
    ) -> None:
        super().__init__(ui, rect)
        page = rect.inset(ui.g(MARGIN))
        bottom = page.cut_bottom(out.h, ui.g(2))
        bottom.cut_right(out.w, ui.g(1.5))
        if rect.h > rect.w:
            bottom = page.cut_bottom(ui.g(12), ui.g(2))
        head = page.cut_top(ui.g(4.5), ui.g(1.5))
        self.add_widget(
            Text(ui, head, _("Please do not use it with any of these"), size="title", weight="strong")
        )
        self.add_widget(Panel(ui, page, "surface"))
        inner = page.inset(ui.g(2.5), ui.g(1.5))
        low = inner.cut_bottom(ui.g(6.5 if rect.h > rect.w else 3), ui.g(1))
        # Under the words, not under their icons.
        low.cut_left(ui.g(5))
        reasons = never()
        if rect.h > rect.w:
            inner.y, inner.h = (
                inner.top - min(inner.h, ui.g(11) * len(reasons)),
                min(inner.h, ui.g(11) * len(reasons)),
            )
        for (icon, words), row in zip(reasons, inner.rows(len(reasons), ui.g(0.5)), strict=True):
            self.add_widget(Icon(ui, row.cut_left(ui.g(3), ui.g(2)), icon, ui.color("warning"), steps=3))
            self.add_widget(paragraph(ui, row, words, ("body", "small")))
        self.add_widget(paragraph(ui, low, _("In doubt ask your doctor first."), ("small",), tone="quiet"))
        self.add_widget(
            PushButton(
                ui, bottom, "none-of-these", _("None of these apply to me"), none,
                style="primary", accent=accent, size="title", icon="play", arm_s=DELIBERATE_S, radius=4.5,
            )
        )  # fmt: skip
        self.add_widget(
            PushButton(ui, out, "guest-back", _("Back"), back, icon="left", radius=4.5, ground="surface")
        )
