"""The pressures and their zeros."""

from __future__ import annotations

from app.ui.layout import Rect
from app.ui.screens.base import Desk
from app.ui.screens.service.page import Ground, Page
from app.ui.speech import render
from app.ui.state.service import air as state
from app.ui.widgets.base import Panel, Text, Ui
from app.ui.words import _
from hardware.messages import Reply, Rezero, Snapshot


class Air(Page):
    """A card a bag: the reading in large, its zero below."""

    keys = 22.0

    def __init__(self, ui: Ui, rect: Rect, desk: Desk, ground: Ground) -> None:
        super().__init__(ui, rect, desk, ground)
        self._cards: list[tuple[Text, Text]] = []
        count = len(desk.machine.bag)
        columns = 2 if self.portrait or count > 4 else max(1, count)
        rows = max(1, -(-count // columns))
        places = [
            place for row in self.area.rows(rows, ui.g(1.5)) for place in row.columns(columns, ui.g(1.5))
        ]
        snapshot = desk.snapshot
        bags = state.air(snapshot, desk.machine).bags if snapshot else ()
        for bag, place in zip(bags, places, strict=False):
            self.add_widget(Panel(ui, place))
            inner = place.inset(ui.g(1.5), ui.g(2))
            inner = inner.middle(inner.w, min(inner.h, ui.g(22)))
            self.add_widget(
                Text(ui, inner.cut_top(ui.g(3.5)), bag.title, weight="strong", align="center", tone="air")
            )
            zero = inner.cut_bottom(ui.g(3.5))
            unit = Rect(inner.x, inner.center[1] - ui.g(6), inner.w, ui.g(3))
            number = Rect(inner.x, unit.top, inner.w, ui.g(7))
            value = Text(ui, number, size="number", weight="light", align="center")
            self.add_widget(value)
            self.add_widget(Text(ui, unit, _("mmHg"), size="small", tone="quiet", align="center"))
            below = Text(ui, zero, size="small", tone="quiet", align="center")
            self.add_widget(below)
            self._cards.append((value, below))
        wide = self.keys_at.w
        self._zero = self.key(
            self.keys_at.copy().cut_right(wide), "rezero", _("Zero now"), self._rezero, style="primary"
        )

    def update(self, snapshot: Snapshot) -> None:
        said = state.air(snapshot, self.desk.machine)
        for (value, below), bag in zip(self._cards, said.bags, strict=False):
            value.set(bag.now)
            below.set(bag.zero)
        self._zero.set_enabled(said.can_zero)
        if said.bags:
            words = _("Take your feet out and let the bags go empty, then zero them.")
        else:
            words = _("This machine has no bags.")
        self.say(words, snapshot)

    def _rezero(self) -> None:
        self.desk.send(Rezero(), self._zeroed)

    def _zeroed(self, reply: Reply) -> None:
        self.tell(_("What the sensors read now is zero.") if reply.ok else render(reply.reason))
        self.desk.refresh()
