"""Balance and boost: a sheet over the session. Stop stays where it is."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, get_args

from app.ui.layout import Rect
from app.ui.screens.base import Desk
from app.ui.state import common
from app.ui.state.home import heat_words
from app.ui.state.session import MOST_HEAT_C, SessionState
from app.ui.theme import MARGIN
from app.ui.widgets.base import Element, Text, Ui, least_width, text_width
from app.ui.widgets.button import PushButton
from app.ui.widgets.controls import Segments, Stepper
from app.ui.widgets.paint import Ground
from app.ui.words import _
from hardware.words import Balance, Kind, Zone

LABEL = (10.5, 14.0)
"""The names of the kinds, at least and at most, grid steps."""
LABEL_GAP = 1.0
"""Least room for a kind's name, grid steps."""
TOKENS: dict[Kind, str] = {
    "squeeze": "air",
    "knead": "motion",
    "roll": "motion",
    "vibrate": "motion",
    "heat": "heat",
}


class BalanceSheet(Element):
    """How much of each kind, one zone a little stronger, how warm."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk, close: Callable[[], None], out: Rect) -> None:
        super().__init__(ui, rect)
        self._desk, self._out, self._close = desk, out, close
        self._shape: tuple[object, ...] | None = None
        self._kinds: dict[Kind, Segments] = {}
        self._boost: Segments | None = None
        self._heat: Stepper | None = None
        self._label_w = 0.0
        self._names: list[str] = []

    def on_touch_down(self, touch: Any) -> bool:
        super().on_touch_down(touch)
        # What lies under the sheet is not to be felt through it.
        return True

    def update(self, said: SessionState) -> None:
        shape = (tuple(kind for kind, _balance in said.balances), said.boostable, said.has_heat)
        if shape != self._shape:
            self._shape = shape
            self._build(said)
        for kind, balance in said.balances:
            self._kinds[kind].choose(balance)
        if self._boost is not None:
            self._boost.choose(said.boost)
        if self._heat is not None:
            hottest = said.heat_c is not None and said.heat_c >= MOST_HEAT_C
            self._heat.set(heat_words(said.heat_c), said.heat_c is not None, not hottest)

    def _build(self, said: SessionState) -> None:
        ui = self.ui
        self.clear_widgets()
        self.canvas.clear()
        self.canvas.add(Ground(self.rect, ui.color("base")))
        page = self.rect.inset(ui.g(MARGIN))
        bottom = page.cut_bottom(self._out.h, ui.g(2))
        bottom.cut_right(self._out.w, ui.g(1.5))
        portrait = self.rect.h > self.rect.w
        # Warmth is one more kind; lying, a fifth row is that of the button.
        below = said.has_heat and len(said.balances) > 3 and not portrait
        count = len(said.balances) + (1 if said.has_heat and not below else 0)
        if portrait:
            # All rows stand closer where a machine has everything.
            boosts = -(-(len(said.boostable) + 1) // 3) if said.boostable else 0
            free = page.h - ui.g(5) - ui.g(3) - ui.g(5) - boosts * ui.g(9) + ui.g(1)
            pitch = min(ui.g(10.5), (free + ui.g(1)) / max(1, count))
            kinds = page.cut_top(ui.g(5) + max(1, count) * pitch - ui.g(1), ui.g(3))
            rest = page
        else:
            rest = page.cut_right(page.w * 0.37, ui.g(4))
            kinds = page
        warmth = bottom.cut_left(kinds.w, ui.g(4)) if below else bottom
        self.add_widget(
            PushButton(ui, bottom, "done", _("Done"), self._close, style="primary", icon="check", radius=4.5)
        )
        self._head(kinds, _("Balance"))
        rows = kinds.rows(max(1 if portrait else 4, count), ui.g(1))
        for row in rows:
            row.h, row.y = min(row.h, ui.g(9)), row.top - min(row.h, ui.g(9))
        self._kinds = {}
        kinds_shown: list[Kind] = [kind for kind, _balance in said.balances]
        names = [common.kind(kind) for kind in ([*kinds_shown, "heat"] if said.has_heat else kinds_shown)]
        self._names = names
        wide = max(text_width(ui, name, "body", "strong") for name in names) + ui.g(LABEL_GAP)
        least = max(least_width(ui, name) for name in names) + ui.g(LABEL_GAP)
        self._label_w = max(ui.g(LABEL[0]), least, min(wide, ui.g(LABEL[1])))
        for (kind, _balance), row in zip(said.balances, rows, strict=False):
            self._kind(kind, row)
        if said.has_heat:
            row = warmth if below else rows[len(said.balances)]
            self._label(row.cut_left(self._label_w), "heat")
            self._heat_row(row)
        if said.boostable:
            self._boost_row(rest, said.boostable, 3 if portrait else 2)

    def _head(self, area: Rect, words: str) -> None:
        self.add_widget(
            Text(self.ui, area.cut_top(self.ui.g(4), self.ui.g(1)), words, size="title", weight="strong")
        )

    def _kind(self, kind: Kind, row: Rect) -> None:
        ui = self.ui
        tone = TOKENS[kind]
        self._label(row.cut_left(self._label_w), kind)
        options: list[tuple[Hashable, str]] = [(name, common.balance(name)) for name in get_args(Balance)]
        self._kinds[kind] = Segments(
            ui,
            row,
            f"balance-{kind}",
            options,
            lambda chosen: self._balance(kind, chosen),
            accent=tone,
            size="small",
        )
        self.add_widget(self._kinds[kind])

    def _label(self, place: Rect, kind: Kind) -> None:
        place = Rect(place.x, place.y, place.w - self.ui.g(LABEL_GAP), place.h)
        words = common.kind(kind)
        self.add_widget(
            Text(self.ui, place, words, tone=TOKENS[kind], weight="strong", alike=self._names)
        )  # fmt: skip

    def _heat_row(self, row: Rect) -> None:
        self._heat = Stepper(self.ui, row, "heat", self._step_heat, tone="heat", numeral=True)
        self.add_widget(self._heat)

    def _boost_row(self, area: Rect, zones: tuple[Zone, ...], columns: int) -> None:
        ui = self.ui
        self._head(area, _("One zone stronger"))
        options: list[tuple[Hashable, str]] = [(None, _("None"))]
        options += [(zone, common.zone(zone).capitalize()) for zone in zones]
        rows = -(-len(options) // columns)
        area = area.cut_top(min(area.h, rows * ui.g(10.5) - ui.g(1.5)))
        self._boost = Segments(ui, area, "boost", options, self._set_boost, rows=rows, size="small")
        self.add_widget(self._boost)

    def _balance(self, kind: Kind, chosen: Hashable) -> None:
        for name in get_args(Balance):
            if name == chosen:
                self._desk.model.set_balance(kind, name)
        self._desk.refresh()

    def _set_boost(self, chosen: Hashable) -> None:
        zone: Zone | None = None
        for name in get_args(Zone):
            if name == chosen:
                zone = name
        self._desk.model.set_boost(zone)
        self._desk.refresh()

    def _step_heat(self, by: int) -> None:
        self._desk.model.step_heat(by)
        self._desk.refresh()
