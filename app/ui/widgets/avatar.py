"""A person as a round colour with an initial; the guest as a quiet figure."""

from __future__ import annotations

from app.household.people import Colour
from app.ui.layout import Rect
from app.ui.theme import PEOPLE
from app.ui.widgets.base import Element, Icon, Text, Ui
from app.ui.widgets.paint import Picture, disc_texture


class Avatar(Element):
    """Centred in its place; ``steps`` is its diameter."""

    def __init__(self, ui: Ui, rect: Rect, initial: str, colour: Colour | None, steps: float = 6) -> None:
        super().__init__(ui, rect)
        self._steps = steps
        self._said: tuple[str, Colour | None] | None = None
        self.set(initial, colour)

    def set(self, initial: str, colour: Colour | None) -> None:
        if (initial, colour) == self._said:
            return
        self._said = (initial, colour)
        ui = self.ui
        self.clear_widgets()
        self.canvas.clear()
        side = ui.g(self._steps)
        x, y = self.rect.center
        place = Rect(round(x - side / 2), round(y - side / 2), side, side)
        tone = PEOPLE[colour] if colour else "raised"
        self.canvas.add(Picture(disc_texture(side), place.x, place.y, ui.color(tone)))
        if colour is None or not initial:
            self.add_widget(Icon(ui, place, "person", ui.color("text"), steps=self._steps * 0.55))
            return
        size = "title" if self._steps >= 5 else "body"
        self.add_widget(
            Text(ui, place, initial, size=size, weight="strong", align="center", rgba=ui.theme.on(tone))
        )
