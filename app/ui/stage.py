"""The stage: one screen at a time, and Stop above them all."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from kivy.uix.widget import Widget

from app.ui.layout import Rect
from app.ui.screens.base import Screen, way_out
from app.ui.theme import FADE_S
from app.ui.widgets.base import Element, Panel, Text, Ui, line_count
from app.ui.widgets.button import PushButton
from app.ui.widgets.paint import Ground
from app.ui.words import _

log = logging.getLogger(__name__)


class Stage(Widget):
    """Holds the current screen and, in front of it, Stop.

    Stop is built once, before any screen, and gets every touch first: no screen's mistake can take it away.
    """

    def __init__(self, ui: Ui, rect: Rect, stop: Callable[[], None]) -> None:
        super().__init__(size_hint=(None, None), pos=rect.pos, size=rect.size)
        self.ui, self.rect = ui, rect
        self.name = ""
        self.screen: Screen | None = None
        self.felt: Callable[[], bool] = lambda: True
        """Told of every finger; False when it has only woken the screen. Stop acts all the same."""
        self._shade = Ground(rect, (0.0, 0.0, 0.0, 0.0))
        self.canvas.after.add(self._shade)
        self._said: dict[str, Element] = {}
        self.stop = PushButton(
            ui,
            way_out(ui, rect),
            "stop",
            _("Stop"),
            stop,
            style="warning",
            icon="stop",
            size="title",
            arm_s=0.0,
            radius=2.5,
        )
        self.stop.show(False)
        self.add_widget(self.stop)

    def put(self, screen: Screen) -> None:
        """Bring up a screen. It can be touched at once; it fades in meanwhile."""
        if screen is self.screen:
            return
        first = self.screen is None
        if self.screen is not None:
            # The first frame has nothing to fade.
            from kivy.animation import Animation

            Animation.cancel_all(self.screen)
            self.remove_widget(self.screen)
        self.screen = screen
        self.add_widget(screen, index=len(self.children))
        if first:
            screen.opacity = 1.0
        else:
            screen.opacity = 0.02
            Animation(opacity=1.0, duration=FADE_S, t="out_quad").start(screen)

    def show_trouble(self, shown: bool) -> None:
        """A part of the screen failed: say so calmly, on top, out of Stop's way."""
        self._say("trouble", _("Part of this screen cannot be shown. The Stop button works."), shown)

    def show_unfelt(self, shown: bool) -> None:
        """No touchscreen is there to feel a finger; what is on the glass cannot be used."""
        words = _("The screen does not feel fingers. See its cable; the stop button on the machine works.")
        self._say("unfelt", words, shown)

    def _say(self, name: str, words: str, shown: bool) -> None:
        if shown == (name in self._said):
            return
        said = self._said.pop(name, None)
        if said is not None:
            self.remove_widget(said)
            return
        ui = self.ui
        lines = line_count(ui, words, self.rect.w - 2 * ui.g(5), "small")
        high = ui.g(2.75 + 3.25 * lines)
        place = Rect(self.rect.x, self.rect.top - high, self.rect.w, high).inset(ui.g(3), ui.g(0.5))
        panel = self._said[name] = Panel(ui, place, "surface", radius=2, line="warning")
        inner = place.inset(ui.g(2), ui.g(0.25))
        panel.add_widget(Text(ui, inner, words, size="small", align="center", wrap=lines > 1, balance=True))
        self.add_widget(panel, index=1)

    def darken(self, share: float) -> None:
        """Lay this much black over everything: how a panel without a backlight is dimmed."""
        self._shade.tint((0.0, 0.0, 0.0, share))

    def on_touch_down(self, touch: Any) -> bool:
        if self.stop.on_touch_down(touch):
            self.felt()
            return True
        if not self.felt():
            return True
        return bool(self.screen is not None and self.screen.on_touch_down(touch))

    def on_touch_move(self, touch: Any) -> bool:
        return False

    def on_touch_up(self, touch: Any) -> bool:
        return False
