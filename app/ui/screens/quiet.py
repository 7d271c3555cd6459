"""Screens that only tell: the controller is away; something went wrong."""

from __future__ import annotations

from app.ui.layout import Rect
from app.ui.screens.base import Desk, Screen
from app.ui.speech import render
from app.ui.state import fault as state
from app.ui.state.route import blocking_fault
from app.ui.theme import DELIBERATE_S
from app.ui.widgets.base import Element, Icon, Panel, Text, Ui, line_count, paragraph
from app.ui.widgets.button import PushButton
from app.ui.widgets.paint import Box, Picture, disc_texture
from app.ui.words import _
from hardware.messages import Acknowledge, Reply


class Offline(Screen):
    """The controller cannot be heard. Nothing here to touch: nothing here would work."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect, desk)
        area = rect.middle(min(self.page.w, ui.g(72)), ui.g(46 if self.portrait else 36))
        disc = area.cut_top(ui.g(13), ui.g(2)).middle(ui.g(12), ui.g(12))
        self.canvas.add(Picture(disc_texture(ui.g(12)), disc.x, disc.y, ui.color("surface")))
        self.add_widget(Icon(ui, disc, "link", ui.color("text"), steps=6))
        self._head = Text(ui, area.cut_top(ui.g(5), ui.g(1)), size="title", weight="strong", align="center")
        self._words = Text(ui, area, tone="quiet", align="center", valign="top", wrap=True, balance=True)
        self.add_widget(self._head)
        self.add_widget(self._words)

    def update(self) -> None:
        if self.desk.wrong:
            self._head.set(_("The machine's file is damaged"))
            self._words.set(
                _(
                    "Without it the machine stays off. Whoever looks after it mends the file or puts the "
                    "last backup back; instep doctor tells how. {why}"
                ).format(why=self.desk.wrong)
            )
            return
        if self.desk.snapshot is None:
            self._head.set(_("Waking up …"))
            self._words.set(_("The screen is looking for the machine. This takes a few seconds."))
            return
        self._head.set(_("Reconnecting …"))
        self._words.set(
            _(
                "The screen has lost contact with the machine and is trying again. Without the screen the "
                "machine switches everything off by itself. Its stop button works without the screen, too."
            )
        )


class Fault(Screen):
    """What happened, what the machine has done, what to do; the detail one touch deeper."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect, desk)
        self._said: state.FaultState | None = None
        self._deep = False
        self._refused: tuple[str, bool, str] | None = None
        """The fault's code, whether its cause was there, and why a touch did not clear it."""
        self._body: Element | None = None
        self._keys: Element | None = None

    def opened(self) -> None:
        self._deep, self._refused, self._said = False, None, None
        self._add_keys()
        self.update()
        super().opened()

    def update(self) -> None:
        snapshot = self.desk.snapshot
        if snapshot is None or not snapshot.faults:
            return
        found = blocking_fault(snapshot) or snapshot.faults[0]
        if self._refused is not None and self._refused[:2] != (found.code, found.present):
            self._refused = None  # it was of another fault, or its cause has come or gone since
        said = state.fault(found, snapshot, self._refused[2] if self._refused else "")
        if said != self._said:
            self._said = said
            self._build(said)

    def _build(self, said: state.FaultState) -> None:
        ui = self.ui
        if self._body is not None:
            self.remove_widget(self._body)
        body = self._body = Element(ui, self.rect)
        page = self.page.copy()
        page.cut_bottom(ui.g(9), ui.g(2))
        room = page.w - ui.g(9 + 2.5)
        # A long one has a third line, upright a fourth.
        lines = line_count(ui, said.heading, room, "body", "strong")
        badge = page.cut_top(max(ui.g(9), round((lines + 0.25) * ui.theme.line_px("body"))), ui.g(2))
        disc = badge.cut_left(ui.g(9), ui.g(2.5))
        body.canvas.add(Picture(disc_texture(ui.g(9)), disc.x, disc.y, ui.color("warning", 0.18)))
        body.add_widget(Icon(ui, disc, "warning", ui.color("warning"), steps=5))
        body.add_widget(Text(ui, badge, said.heading, size="title", weight="strong", wrap=True, balance=True))
        if self._deep:
            body.add_widget(Panel(ui, page, "surface"))
            self._details(body, page.inset(ui.g(2.5), ui.g(2)), said)
        else:
            sections = [(_("What the machine did"), said.did), (_("What you can do"), said.do)]
            places = page.rows(2, ui.g(1.5)) if self.portrait else page.columns(2, ui.g(2))
            made = []
            for (head, words), place in zip(sections, places, strict=True):
                body.canvas.add(Box(place, ui.color("surface"), ui.g(3)))
                inner = place.inset(ui.g(2.5), ui.g(2))
                body.add_widget(Text(ui, inner.cut_top(ui.g(3), ui.g(1)), head, size="small", tone="quiet"))
                made.append(paragraph(ui, inner, words, ("title", "body"), valign="top"))
            # Read without glasses, and both alike.
            small = any(each.font_size < ui.theme.type_px("title") for each in made)
            for each, (_head, words) in zip(made, sections, strict=True):
                place = Rect(each.x, each.y, each.width, each.height)
                body.add_widget(Text(ui, place, words, wrap=True, valign="top") if small else each)
        self.add_widget(body)

    def _add_keys(self) -> None:
        """Apart from the words, which change while a finger is on its way."""
        ui = self.ui
        if self._keys is not None:
            self.remove_widget(self._keys)
        body = self._keys = Element(ui, self.rect)
        bottom = self.page.copy().cut_bottom(ui.g(9), ui.g(2))
        acknowledge = bottom.cut_right(bottom.w * (0.5 if self._deep else 0.6), ui.g(1.5))
        if self._deep and self.desk.offers("service"):
            service = bottom.cut_right((bottom.w - ui.g(1.5)) / 2, ui.g(1.5))
            body.add_widget(
                PushButton(
                    ui,
                    service,
                    "service",
                    _("Service"),
                    lambda: self.desk.go("service"),
                    radius=4.5,
                    ground="surface",
                )
            )
        body.add_widget(
            PushButton(
                ui,
                bottom,
                "detail",
                _("Back") if self._deep else _("Details"),
                self._toggle,
                radius=4.5,
                ground="surface",
            )
        )
        body.add_widget(
            PushButton(
                ui,
                acknowledge,
                "acknowledge",
                _("Understood"),
                self._acknowledge,
                style="primary",
                icon="check",
                radius=4.5,
                arm_s=DELIBERATE_S,
            )
        )
        self.add_widget(body)
        self.rearm()

    def _details(self, body: Element, area: Rect, said: state.FaultState) -> None:
        """One paragraph a fault."""
        ui = self.ui
        line = ui.theme.line_px("small")
        for words in said.detail.split("\n"):
            high = min(area.h, line_count(ui, words, area.w, "small") * line + ui.g(0.5))
            if high < line:
                break
            place = area.cut_top(high, ui.g(1.5))
            body.add_widget(Text(ui, place, words, size="small", tone="quiet", wrap=True, valign="top"))

    def _toggle(self) -> None:
        self._deep = not self._deep
        self._add_keys()
        if self._said:
            self._build(self._said)

    def _acknowledge(self) -> None:
        self.desk.router.asked_fault = False
        self.desk.send(Acknowledge(), self._answered)

    def _answered(self, reply: Reply) -> None:
        snapshot = self.desk.snapshot
        if not reply.ok and snapshot is not None and snapshot.faults:
            found = blocking_fault(snapshot) or snapshot.faults[0]
            reason = render(reply.reason) or _("The cause is still there.")
            self._refused = (found.code, found.present, reason)
            self.update()
        self.desk.refresh()
