"""The warmth that is chosen, and beneath it the pads that can be warmed up first."""

from __future__ import annotations

from collections.abc import Callable

from app.ui.layout import Rect
from app.ui.state.warmup import WarmUp
from app.ui.theme import DELIBERATE_S
from app.ui.widgets.base import Element, Icon, Text, Ui, text_width
from app.ui.widgets.button import Touchable
from app.ui.widgets.controls import Stepper
from app.ui.widgets.paint import Box

ICON, ICON_GAP = 2.25, 0.75
"""Grid steps."""
RADIUS = 2.5
GLOW = 0.18
"""How much of the heat's colour lies on what is left of its time."""


class WarmStepper(Stepper):
    """A stepper whose value can be touched: that warms the pads up, or ends it."""

    def __init__(self, ui: Ui, rect: Rect, step: Callable[[int], None], warm: Callable[[], None]) -> None:
        super().__init__(ui, rect, "heat", step, tone="heat", numeral=True)
        inner = rect.copy()
        inner.cut_left(self.minus.width, ui.g(1))
        inner.cut_right(self.plus.width, ui.g(1))
        self.warm = WarmButton(ui, inner, warm)
        self.warm.show(False)
        self.add_widget(self.warm)

    def offer(self, value: str, said: WarmUp | None) -> None:
        """Beside ``value``; None: that stands alone."""
        self._value.opacity = 1.0 if said is None else 0.0
        self.warm.show(said is not None)
        if said is not None:
            self.warm.set(value, said)


class WarmButton(Touchable):
    """The value, and what a touch does or has done."""

    def __init__(self, ui: Ui, rect: Rect, action: Callable[[], None]) -> None:
        super().__init__(ui, rect, "warm-up", action, arm_s=DELIBERATE_S)
        self._ground = Box(rect, ui.color("raised"), ui.g(RADIUS))
        self._left = Box(rect, ui.color("heat", 0.0), ui.g(RADIUS))
        self.canvas.add(self._ground)
        self.canvas.add(self._left)
        inner = rect.inset(ui.g(0.25), 0)
        line = ui.theme.type_px("small") * 1.4
        high = ui.theme.type_px("title") * 1.4
        lines = inner.middle(inner.w, high + line)
        self._value = Text(
            ui, lines.cut_top(high), size="title", weight="strong", align="center", tone="heat"
        )
        self.add_widget(self._value)
        self._low = Element(ui, lines)
        self.add_widget(self._low)
        self._words: Text | None = None
        self._said: WarmUp | None = None

    def set(self, value: str, said: WarmUp) -> None:
        ui = self.ui
        self._value.set(value)
        before, self._said = self._said, said
        if before == said:
            return
        if before is None or not (before.warms and said.warms):
            self._build(said)
        elif self._words is not None:
            self._words.set(said.words)
        rect = self.rect
        self._left.place(Rect(rect.x, rect.y, max(round(rect.w * said.left), 2 * ui.g(RADIUS)), rect.h))

    def _build(self, said: WarmUp) -> None:
        ui, row = self.ui, self._low.rect.copy()
        self._low.clear_widgets()
        self.enabled = said.offered
        self._value.tint(ui.color("text" if said.warms else "heat"))
        self.calm()
        wide = text_width(ui, said.words, "small") + ui.g(ICON + ICON_GAP)
        if said.offered and not said.warms and wide <= row.w:
            row = row.middle(wide + 1, row.h)
            self._low.add_widget(
                Icon(ui, row.cut_left(ui.g(ICON), ui.g(ICON_GAP)), "warm", ui.color("heat"), ICON)
            )
        tone = "text" if said.offered else "quiet"
        self._words = Text(ui, row, said.words, size="small", tone=tone, align="center")
        self._low.add_widget(self._words)

    def flash(self) -> None:
        self._ground.tint(self.ui.color("pressed"))

    def calm(self) -> None:
        """What was touched has been answered."""
        ui, said = self.ui, self._said
        self._ground.tint(ui.color("raised" if said is not None and said.offered else "surface"))
        self._left.tint(ui.color("heat", GLOW if said is not None and said.warms else 0.0))
