"""Buttons. They act when the finger comes down; nothing waits for it to leave."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from kivy.clock import Clock

from app.ui.layout import Rect
from app.ui.theme import ARM_S, BOUNCE_S, FLASH_S, Rgba
from app.ui.widgets.base import Element, Icon, Text, Ui, least_width, text_width
from app.ui.widgets.paint import Box

log = logging.getLogger(__name__)

WIDE = 36.0
"""From here a button is wide, grid steps."""


class Touchable(Element):
    """An area that does one thing on touch-down.

    ``arm_s``: touches sooner than this after its screen opened are swallowed, so that the finger that opened
    the screen cannot act on it by arriving twice. Stop has none.
    """

    def __init__(
        self, ui: Ui, rect: Rect, name: str, action: Callable[[], None], arm_s: float = ARM_S
    ) -> None:
        super().__init__(ui, rect, name)
        self.action = action
        self.arm_s = arm_s
        self.enabled = True
        self.opened_at = float("-inf")
        self._last = float("-inf")

    def on_touch_down(self, touch: Any) -> bool:
        if not self.shown or not self.collide_point(*touch.pos) or touch.is_mouse_scrolling:
            return False
        now = self.ui.now()
        bounced = now - self._last < BOUNCE_S
        if self.enabled and not bounced and now - self.opened_at >= self.arm_s:
            # Counted from what it did: something that flickers on the glass does not keep it from acting.
            self._last = now
            try:
                self.flash()
            except Exception:
                # What the button does matters more than how it looks; Stop is one of them.
                log.exception("%s cannot be lit", self.name)
            self.action()
        return True

    def flash(self) -> None:
        """Show that the touch was felt."""


class PushButton(Touchable):
    """A labelled button.

    Styles: ``plain``, ``primary`` (the screen's one main action), ``chosen`` (of several), ``warning``
    (Stop), ``caution`` (a breath of the warning colour; only its icon has all of it), ``notice`` (framed in
    the warning colour), ``ghost`` (no ground).
    """

    def __init__(
        self,
        ui: Ui,
        rect: Rect,
        name: str,
        text: str,
        action: Callable[[], None],
        style: str = "plain",
        icon: str = "",
        size: str = "body",
        accent: str = "",
        stacked: bool = False,
        align: str = "center",
        arm_s: float = ARM_S,
        radius: float = 2.5,
        icon_steps: float = 3,
        ground: str = "raised",
        may_cut: bool = False,
    ) -> None:
        super().__init__(ui, rect, name, action, arm_s)
        self._style, self._accent, self._ground = style, accent, ground
        self._ground_box = Box(rect, ui.color("raised"), ui.g(radius))
        self.canvas.add(self._ground_box)
        if style == "notice":
            self.canvas.add(Box(rect, ui.color("warning"), ui.g(radius), max(2, ui.g(0.25))))
        self._icon: Icon | None = None
        self._text: Text | None = None
        weight = "strong"
        tint = ui.color("text")
        # A wide one keeps more of its edge free; a narrow one needs it for its words.
        inner = rect.inset(ui.g(2 if rect.w > ui.g(WIDE) else 0.5), 0)
        if icon and stacked:
            # Icon and words as one group in the middle, whatever the button's height.
            inner = rect.inset(ui.g(0.5), 0).middle(rect.w - ui.g(1), ui.g(icon_steps + 3.25))
            self._icon = Icon(ui, inner.cut_top(ui.g(icon_steps), ui.g(0.25)), icon, tint, icon_steps)
        elif icon and text and _room_for_both(ui, text, size, inner.w - ui.g(icon_steps + 1)):
            side, gap = ui.g(icon_steps), ui.g(1)
            wide = _words_width(ui, text, size, weight, inner.w - side - gap)
            if align == "left":
                inner.cut_left(ui.g(1.5))
            else:
                inner.cut_left(max(0, (inner.w - side - gap - wide) / 2))
            self._icon = Icon(ui, inner.cut_left(side, gap), icon, tint, icon_steps)
            align = "left"
        elif icon and not text:
            self._icon = Icon(ui, inner, icon, tint, icon_steps)
        elif align == "left":
            inner.cut_left(ui.g(1.5))
        if self._icon:
            self.add_widget(self._icon)
        if text or not icon:
            two = not stacked and _wants_two_lines(ui, text, size, inner.w)
            self._text = Text(
                ui, inner, text, size=size, weight=weight, align=align, wrap=two, balance=two, may_cut=may_cut
            )  # fmt: skip
            self.add_widget(self._text)
        self._paint()

    @property
    def text(self) -> str:
        return "" if self._text is None else str(self._text.text)

    def set_text(self, text: str) -> None:
        if self._text is not None:
            self._text.set(text)

    def set_icon(self, icon: str) -> None:
        if self._icon is not None:
            self._icon.set(icon)

    def restyle(self, style: str) -> None:
        if style != self._style:
            self._style = style
            self._paint()

    def set_enabled(self, enabled: bool) -> None:
        """A button that cannot act now looks so; touching it does nothing."""
        if enabled != self.enabled:
            self.enabled = enabled
            self._paint()

    def flash(self) -> None:
        fill, text = self._colors()
        lit = self.ui.color("pressed")
        if self._style in ("primary", "chosen", "warning"):
            lit = (fill[0] * 0.82, fill[1] * 0.82, fill[2] * 0.82, 1.0)
        self._apply(lit, text)
        Clock.schedule_once(lambda _dt: self._paint(), FLASH_S)

    def _paint(self) -> None:
        self._apply(*self._colors())

    def _apply(self, fill: Rgba, text: Rgba) -> None:
        self._ground_box.tint(fill)
        if self._text:
            self._text.tint(text)
        if self._icon:
            loud = self._style == "caution" and self.enabled
            self._icon.tint(self.ui.color("warning") if loud else text)

    def _colors(self) -> tuple[Rgba, Rgba]:
        """Fill and text."""
        ui = self.ui
        if not self.enabled:
            ground = ui.color("base", 0) if self._ground == "base" else ui.color("surface")
            return ground, ui.color("quiet", 0.45)
        match self._style:
            case "primary" | "chosen":
                tone = self._accent or "text"
                return ui.color(tone), ui.theme.on(tone)
            case "warning":
                return ui.color("warning"), ui.theme.on("warning")
            case "caution":
                return ui.theme.blend("surface", "warning", 0.16), ui.color("text")
            case "notice":
                return ui.color("surface"), ui.color("warning")
            case "ghost":
                return ui.color("base", 0), ui.color("text")
            case _:
                return ui.color(self._ground), ui.color("text")


def _wants_two_lines(ui: Ui, text: str, size: str, room: float) -> bool:
    """Whether several words have no room beside each other, in small print either."""
    small = "small" if ui.theme.type_px(size) > ui.theme.type_px("small") else size
    return " " in text and text_width(ui, text, small, "strong") > room


def _room_for_both(ui: Ui, text: str, size: str, room: float) -> bool:
    """Whether the words are whole beside an icon, on two lines if need be; they matter more than it does."""
    if _wants_two_lines(ui, text, size, room):
        return (
            max(least_width(ui, word) for word in text.split()) <= room
            and least_width(ui, text) <= 1.7 * room
        )
    return least_width(ui, text) <= room


def _words_width(ui: Ui, text: str, size: str, weight: str, room: float) -> float:
    """How wide the words will be in a button: on one line, or on two."""
    if not _wants_two_lines(ui, text, size, room):
        return min(room, text_width(ui, text, size, weight))
    words = text.split()
    halves = (
        max(
            text_width(ui, " ".join(words[:at]), size, weight),
            text_width(ui, " ".join(words[at:]), size, weight),
        )
        for at in range(1, len(words))
    )
    return min(room, *halves)
