"""A sheet over a whole screen: nothing under it is felt through it."""

from __future__ import annotations

from typing import Any

from app.ui.layout import Rect
from app.ui.widgets.base import Element, Ui
from app.ui.widgets.paint import Ground


class Sheet(Element):
    """Built, added in front of a screen and removed again by that screen."""

    def __init__(self, ui: Ui, rect: Rect) -> None:
        super().__init__(ui, rect)
        self.canvas.add(Ground(rect, ui.color("base")))

    def on_touch_down(self, touch: Any) -> bool:
        super().on_touch_down(touch)
        return True
