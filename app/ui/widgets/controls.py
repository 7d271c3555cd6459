"""Steppers and rows of choices."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from functools import partial

from app.ui.layout import Rect
from app.ui.theme import ARM_S
from app.ui.widgets.base import Element, Text, Ui
from app.ui.widgets.button import PushButton
from app.ui.widgets.paint import Box


class Stepper(Element):
    """A value between minus and plus; a ``numeral`` is read from where the feet are in the machine."""

    def __init__(
        self,
        ui: Ui,
        rect: Rect,
        name: str,
        step: Callable[[int], None],
        tone: str = "text",
        ground: str = "raised",
        numeral: bool = False,
    ) -> None:
        super().__init__(ui, rect)
        self.canvas.add(Box(rect, ui.color("surface"), ui.g(2.5)))
        inner = rect.copy()
        side = ui.g(9)
        self.minus = PushButton(
            ui, inner.cut_left(side), f"{name}-minus", "", lambda: step(-1), icon="minus", ground=ground
        )
        self.plus = PushButton(
            ui, inner.cut_right(side), f"{name}-plus", "", lambda: step(1), icon="plus", ground=ground
        )
        size, weight = ("number", "light") if numeral else ("title", "strong")
        self._value = Text(ui, inner, size=size, weight=weight, align="center", tone=tone)
        for widget in (self.minus, self.plus, self._value):
            self.add_widget(widget)

    def set(self, value: str, can_minus: bool = True, can_plus: bool = True) -> None:
        self._value.set(value)
        self.minus.set_enabled(can_minus)
        self.plus.set_enabled(can_plus)


class Segments(Element):
    """One of a few, all in sight."""

    def __init__(
        self,
        ui: Ui,
        rect: Rect,
        name: str,
        options: Sequence[tuple[Hashable, str]],
        choose: Callable[[Hashable], None],
        accent: str = "",
        rows: int = 1,
        size: str = "body",
        arm_s: float = ARM_S,
    ) -> None:
        super().__init__(ui, rect)
        self._buttons: dict[Hashable, PushButton] = {}
        per_row = -(-len(options) // rows)
        # A row of eleven has no room to spare: there the buttons count, not the gaps.
        gap = ui.g(1 if per_row <= 6 else 0.5)
        places = [place for row in rect.rows(rows, gap) for place in row.columns(per_row, gap)]
        for (value, text), place in zip(options, places, strict=False):
            button = PushButton(
                ui,
                place,
                f"{name}-{'none' if value is None else value}",
                text,
                partial(choose, value),
                accent=accent,
                size=size,
                arm_s=arm_s,
            )
            self._buttons[value] = button
            self.add_widget(button)

    def allow(self, values: Collection[Hashable]) -> None:
        """Only these can be chosen."""
        for value, button in self._buttons.items():
            button.set_enabled(value in values)

    def choose(self, chosen: Hashable) -> None:
        for value, button in self._buttons.items():
            button.restyle("chosen" if value == chosen else "plain")
