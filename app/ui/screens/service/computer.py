"""Restart and shut down: a Stop first, and a second step each. And the ways to two more pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app import system
from app.ui.layout import Rect
from app.ui.screens.base import Desk, rearm
from app.ui.screens.service.page import Ground, Page
from app.ui.theme import DELIBERATE_S
from app.ui.widgets.base import Element, Text, Ui
from app.ui.widgets.button import PushButton
from app.ui.widgets.paint import Box
from app.ui.words import _
from hardware.messages import Snapshot, Stop


class Computer(Page):
    """Four large buttons. Of two the page asks again, in another place than the finger has just been."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk, ground: Ground) -> None:
        super().__init__(ui, rect, desk, ground)
        self._asked: system.Deed | None = None
        self._going = False

    def opened(self) -> None:
        super().opened()
        self._asked, self._going = None, False
        self._build()

    def update(self, snapshot: Snapshot) -> None:
        self.say("", snapshot)

    def _build(self) -> None:
        ui = self.ui
        body = self.fresh_body()
        area = self.area.copy()
        if self.portrait:
            area = area.cut_top(ui.g(46))
        if self._asked == "restart":
            words = _("The machine stops, and everything is back in about a minute.")
            self._question(body, area, "restart", _("Restart"), words, _("Yes, restart"))
        elif self._asked == "shut-down":
            words = _("The machine stops. Switch it off at the plug once the screen is dark.")
            self._question(body, area, "shut-down", _("Shut down"), words, _("Yes, shut down"))
        else:
            self._choices(body, area)
        rearm(body)

    def _choices(self, body: Element, area: Rect) -> None:
        ui = self.ui
        gap = ui.g(1.5)
        rows = [
            row.columns(1 if self.portrait else 2, gap) for row in area.rows(4 if self.portrait else 2, gap)
        ]
        choices: tuple[tuple[str, str, Callable[[], None]], ...] = (
            ("restart", _("Restart"), partial(self._ask, "restart")),
            ("shut-down", _("Shut down"), partial(self._ask, "shut-down")),
            ("walk", _("Commissioning"), lambda: self.turn_to("walk")),
            ("rotation", _("Turn the picture"), lambda: self.turn_to("rotation")),
        )
        places = [place for row in rows for place in row]
        for place, (name, text, act) in zip(places, choices, strict=True):
            body.add_widget(PushButton(ui, place, name, text, act, size="title", ground="surface", radius=3))

    def _question(
        self, body: Element, area: Rect, deed: system.Deed, title: str, words: str, yes: str
    ) -> None:
        ui = self.ui
        body.canvas.add(Box(area, ui.color("surface"), ui.g(3)))
        inner = area.inset(ui.g(2.5))
        keys = inner.cut_bottom(ui.g(9), ui.g(1.5))
        body.add_widget(Text(ui, inner.cut_top(ui.g(4.5), ui.g(0.5)), title, size="title", weight="strong"))
        body.add_widget(Text(ui, inner, words, tone="quiet", wrap=True, valign="top"))
        no, sure = keys.shares((0.36, 0.64), ui.g(1.5))
        answers: tuple[tuple[Rect, str, str, Callable[[], None], str], ...] = (
            (no, f"{deed}-no", _("No"), partial(self._ask, None), "plain"),
            (sure, f"{deed}-yes", yes, partial(self._leave, deed), "warning"),
        )
        for place, name, text, act, style in answers:
            key = PushButton(ui, place, name, text, act, style=style, radius=4.5, arm_s=DELIBERATE_S)
            key.set_enabled(not self._going)
            body.add_widget(key)

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
