"""What every page of Service has: its area, a line that tells things, and keys beside the way out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kivy.clock import Clock

from app.ui.layout import Rect
from app.ui.screens.base import Desk
from app.ui.speech import render
from app.ui.theme import ARM_S
from app.ui.widgets.base import Element, Icon, Text, Ui
from app.ui.widgets.button import PushButton
from app.ui.words import _
from hardware.errors import InstepError
from hardware.messages import Reply, Snapshot

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ground:
    """Where a page stands."""

    content: Rect
    strip: Rect
    """Beside the way out."""
    portrait: bool


class Page(Element):
    """``keys`` is how much of the strip the page's buttons take, in grid steps."""

    keys = 0.0

    def __init__(self, ui: Ui, rect: Rect, desk: Desk, ground: Ground) -> None:
        super().__init__(ui, rect)
        self.desk = desk
        self.portrait = ground.portrait
        self.area = ground.content.copy()
        self._strip = ground.strip
        self._words_at = self.area.cut_bottom(ui.g(9.5), ui.g(1)) if self.portrait else None
        self._notice: PushButton | None = None
        self._fault = ""
        self._told = ""
        self._line: Text | None = None
        self._body: Element | None = None
        self.turn_to: Callable[[str], None] = lambda _page: None
        """Leads to another page of Service."""
        self.make_room(self.keys)

    def make_room(self, keys: float) -> None:
        """The page's buttons take so much of the strip from now on, in grid steps; the line has the rest."""
        ui = self.ui
        words = self._words_at
        self.keys_at = self._strip.copy()
        if words is None:
            words = self._strip.copy()
            self.keys_at = words.cut_right(ui.g(keys), ui.g(2) if keys else 0)
        self._notice_at = words
        if self._line is not None:
            self.remove_widget(self._line)
        self._show_fault("")
        self._fault = ""
        self._line = Text(ui, words.inset(ui.g(0.5), 0), size="small", tone="quiet", wrap=True)
        self.add_widget(self._line)

    def fresh_body(self) -> Element:
        """Nothing but the line and this, for what the page shows now."""
        if self._body is not None:
            self.remove_widget(self._body)
        self._body = Element(self.ui, self.rect)
        self.add_widget(self._body)
        return self._body

    def opened(self) -> None:
        """It has come up."""
        self._told = ""

    def left(self) -> None:
        """It is gone, or the whole screen is."""

    def update(self, snapshot: Snapshot) -> None:
        """Show the latest."""

    # --- the line ------------------------------------------------------------------------------------

    def tell(self, words: str) -> bool:
        """Something a person has to know; it stays until the next thing they do. True if it is new."""
        was, self._told = self._told, words
        return was != words

    def answered(self, reply: Reply) -> None:
        self.tell("" if reply.ok else render(reply.reason))
        self.desk.refresh()

    def say(self, words: str, snapshot: Snapshot) -> None:
        """``words``, unless something has been told, or something is wrong with the machine."""
        news = self._told
        fault = "" if news or not snapshot.faults else render(snapshot.faults[0].words)
        if fault != self._fault:
            self._fault = fault
            self._show_fault(fault)
        assert self._line is not None
        self._line.opacity = 0.0 if fault else 1.0
        self._line.set(news or words)
        self._line.tint(self.ui.color("text" if news else "quiet"))

    def _show_fault(self, words: str) -> None:
        ui = self.ui
        if self._notice is not None:
            self.remove_widget(self._notice)
            self._notice = None
        if not words:
            return
        notice = self._notice = PushButton(ui, self._notice_at, "notice", "", self._read, style="notice")
        notice.opened_at = ui.now()
        inner = self._notice_at.inset(ui.g(2), ui.g(0.5))
        notice.add_widget(
            Icon(ui, inner.cut_left(ui.g(3), ui.g(1.5)), "warning", ui.color("warning"), steps=3)
        )
        notice.add_widget(Icon(ui, inner.cut_right(ui.g(3), ui.g(1)), "right", ui.color("warning")))
        notice.add_widget(
            Text(ui, inner, words.partition(". ")[0].rstrip(".") + ".", size="small", wrap=True)
        )
        self.add_widget(notice)

    def _read(self) -> None:
        self.desk.router.read_notice()
        self.desk.refresh()

    # --- keys ----------------------------------------------------------------------------------------

    def key(
        self,
        place: Rect,
        name: str,
        text: str,
        action: Callable[[], None],
        style: str = "plain",
        icon: str = "",
        arm_s: float = ARM_S,
        ground: str = "surface",
    ) -> PushButton:
        """A button as the way out is one."""
        button = PushButton(
            self.ui,
            place,
            name,
            text,
            action,
            style=style,
            icon=icon,
            radius=4.5,
            arm_s=arm_s,
            ground=ground,
        )
        self.add_widget(button)
        return button

    def aside(self, work: Callable[[], Any], done: Callable[[Any, str], None]) -> None:
        """Do what takes long in another thread; ``done`` gets the result, or why there is none."""

        def run() -> None:
            result, why = None, ""
            try:
                result = work()
            except InstepError as error:
                why = render(error.message)
            except Exception:
                log.exception("%s", self.name or type(self).__name__)
                why = _("That did not work. The details are in the kiosk's log.")
            Clock.schedule_once(lambda _dt: done(result, why))

        threading.Thread(target=run, name="service", daemon=True).start()
