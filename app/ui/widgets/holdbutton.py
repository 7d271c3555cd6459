"""A button that drives an output for as long as a finger is known to lie on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.base import EventLoop

from app.ui.layout import Rect
from app.ui.theme import Rgba
from app.ui.widgets.base import Text, Ui, text_width
from app.ui.widgets.button import Touchable
from app.ui.widgets.paint import Box, Picture, disc_texture


class HoldButton(Touchable):
    """Its name, what it does now, and a light that is the machine's to switch.

    ``held`` is asked, never told: whoever wants to know looks for the finger among those that are down now.
    """

    def __init__(
        self,
        ui: Ui,
        rect: Rect,
        name: str,
        title: str,
        tone: str,
        press: Callable[[HoldButton], None],
    ) -> None:
        super().__init__(ui, rect, name, self._press)
        self._tone, self._told = tone, press
        self._touch: Any = None
        self._began = False
        self._driven = False
        self._box = Box(rect, ui.color("surface"), ui.g(2.5))
        self.canvas.add(self._box)
        # A long name has two lines.
        side, dot = ui.g(1.5), ui.g(1.25)
        two = text_width(ui, title, "small", "strong") > rect.w - 2 * side - dot - ui.g(1)
        inner = rect.inset(side, 0).middle(
            rect.w - 2 * side, min(rect.h - ui.g(0.5), ui.g(9.75 if two else 7))
        )
        bottom = inner.cut_bottom(ui.g(3.25))
        top = inner
        lamp = top.cut_right(dot, ui.g(1))
        self._lamp = Picture(disc_texture(dot), lamp.x, round(lamp.center[1] - dot / 2), ui.color(tone))
        self.canvas.add(self._lamp)
        self._title = Text(ui, top, title, weight="strong", wrap=two)
        self._effect = Text(ui, bottom, size="small", tone="quiet")
        self.add_widget(self._title)
        self.add_widget(self._effect)
        self.calm()

    def set(self, effect: str, driven: bool) -> None:
        self._effect.set(effect)
        if driven != self._driven:
            self._driven = driven
            self.calm()

    @property
    def held(self) -> bool:
        """Whether the finger that began is still known to be down, and here."""
        touch = self._touch
        if touch is None:
            return False
        here = (
            touch in EventLoop.touches
            and touch.time_end < 0
            and self.shown
            and self.get_root_window() is not None
            and self.collide_point(*touch.pos)
        )
        if not here:
            # A finger that slips back on does not begin again.
            self._touch = None
        return here

    def on_touch_down(self, touch: Any) -> bool:
        if self.held:
            return bool(self.collide_point(*touch.pos))
        self._touch, self._began = touch, False
        felt = super().on_touch_down(touch)
        if not self._began:
            # Swallowed as too early, or as the same finger arriving twice: it holds nothing.
            self._touch = None
        return felt

    def _press(self) -> None:
        self._began = True
        self._told(self)

    def flash(self) -> None:
        if not self._driven:
            self._box.tint(self.ui.color("pressed"))

    def calm(self) -> None:
        """As the machine has it."""
        ui = self.ui
        text: Rgba = ui.theme.on(self._tone) if self._driven else ui.color("text")
        self._box.tint(ui.color(self._tone if self._driven else "surface"))
        self._title.tint(text)
        self._effect.tint(text if self._driven else ui.color("quiet"))
        self._lamp.tint(text if self._driven else ui.color(self._tone))
