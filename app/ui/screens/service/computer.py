"""Restart and shut down: a Stop first, and a second step each."""

from __future__ import annotations

from functools import partial

from app import system
from app.ui.layout import Rect
from app.ui.screens.base import Desk
from app.ui.screens.service.page import Ground, Page
from app.ui.theme import DELIBERATE_S
from app.ui.widgets.base import Element, Text, Ui
from app.ui.widgets.button import PushButton
from app.ui.widgets.paint import Box
from app.ui.words import _
from hardware.messages import Snapshot, Stop


class Computer(Page):
    """Two cards; the one that was touched asks again, in the other place. And the way through the machine."""

    keys = 27.0

    def __init__(self, ui: Ui, rect: Rect, desk: Desk, ground: Ground) -> None:
        super().__init__(ui, rect, desk, ground)
        self._asked: system.Deed | None = None
        self._going = False
        self._body: Element | None = None
        self.key(self.keys_at, "walk", _("Commissioning"), lambda: self.turn_to("walk"))

    def opened(self) -> None:
        super().opened()
        self._asked, self._going = None, False
        self._build()

    def update(self, snapshot: Snapshot) -> None:
        self.say("", snapshot)

    def _build(self) -> None:
        ui = self.ui
        if self._body is not None:
            self.remove_widget(self._body)
        body = self._body = Element(ui, self.rect)
        self.add_widget(body)
        area = self.area.copy()
        if self.portrait:
            area = area.cut_top(ui.g(62))
            places = area.rows(2, ui.g(1.5))
        else:
            places = area.columns(2, ui.g(1.5))
        self._card(
            body,
            places[0],
            "restart",
            _("Restart"),
            _("The machine stops, and everything is back in about a minute."),
            _("Yes, restart"),
        )
        self._card(
            body,
            places[1],
            "shut-down",
            _("Shut down"),
            _("The machine stops. Switch it off at the plug once the screen is dark."),
            _("Yes, shut down"),
        )
        now = ui.now()
        for widget in body.walk(restrict=True):
            if isinstance(widget, PushButton):
                widget.opened_at = now

    def _card(self, body: Element, place: Rect, deed: system.Deed, title: str, words: str, yes: str) -> None:
        ui = self.ui
        asked = self._asked == deed
        body.canvas.add(Box(place, ui.color("surface"), ui.g(3)))
        inner = place.inset(ui.g(2.5), ui.g(2.5))
        keys = inner.cut_bottom(ui.g(9), ui.g(1.5))
        body.add_widget(Text(ui, inner.cut_top(ui.g(4.5), ui.g(0.5)), title, size="title", weight="strong"))
        body.add_widget(Text(ui, inner, words, size="small", tone="quiet", wrap=True, valign="top"))

        def button(at: Rect, name: str, text: str, act: object, style: str) -> None:
            assert callable(act)
            key = PushButton(
                ui, at, name, text, act, style=style, radius=4.5, arm_s=DELIBERATE_S if asked else 0.15
            )
            key.set_enabled(not self._going)
            body.add_widget(key)

        if asked:
            no, sure = keys.shares((0.36, 0.64), ui.g(1.5))
            button(no, f"{deed}-no", _("No"), partial(self._ask, None), "plain")
            button(sure, f"{deed}-yes", yes, partial(self._leave, deed), "warning")
        else:
            button(keys, deed, title, partial(self._ask, deed), "plain")

    def _ask(self, deed: system.Deed | None) -> None:
        self._asked = deed
        self.tell("")
        self._build()
        self.desk.refresh()

    def _leave(self, deed: system.Deed) -> None:
        self.desk.send(Stop())
        self._going = True
        self.tell(_("One moment …"))
        self._build()
        self.desk.refresh()
        self.aside(partial(system.leave, deed), self._refused)

    def _refused(self, _done: object, why: str) -> None:
        """Asked for, the system takes us along; until then, or when it may not, the page says so."""
        if not why:
            return
        self._asked, self._going = None, False
        self.tell(why)
        self._build()
        self.desk.refresh()
