"""The PIN pad: four digits before the settings and the service pages, or a new PIN."""

from __future__ import annotations

from functools import partial

from app.household.pin import DIGITS
from app.ui.layout import Rect
from app.ui.screens.base import Desk, Screen
from app.ui.state.pin import PinEntry
from app.ui.widgets.base import Element, Icon, Text, Ui
from app.ui.widgets.button import PushButton
from app.ui.widgets.paint import Picture, disc_texture
from app.ui.words import _

KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", "erase")


class Dots(Element):
    """How many digits are typed; never which."""

    def __init__(self, ui: Ui, rect: Rect) -> None:
        super().__init__(ui, rect)
        side, gap = ui.g(2.25), ui.g(2)
        row = rect.middle(DIGITS * side + (DIGITS - 1) * gap, side)
        self._dots = [
            Picture(disc_texture(side), row.x + at * (side + gap), row.y, ui.color("line"))
            for at in range(DIGITS)
        ]
        for dot in self._dots:
            self.canvas.add(dot)

    def set(self, count: int) -> None:
        for at, dot in enumerate(self._dots):
            dot.tint(self.ui.color("text" if at < count else "line"))


class PinPad(Screen):
    """Keys on the left, what they are for on the right; one above the other where it is narrow."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect, desk)
        self._entry = self._fresh()
        page = self.page.copy()
        if self.portrait:
            page.cut_bottom(self.out.h, ui.g(3))
            keys = page.cut_bottom(ui.g(52), ui.g(4))
            told = page.middle(page.w, ui.g(26))
        else:
            keys = page.cut_left(ui.g(45), ui.g(4))
            told = Rect(page.x, self.out.top + ui.g(2), page.w, page.top - self.out.top - ui.g(2))
            told = told.middle(told.w, ui.g(26))
        self.add_widget(Icon(ui, told.cut_top(ui.g(6), ui.g(1.5)), "lock", ui.color("text"), steps=5))
        self._heading = Text(
            ui, told.cut_top(ui.g(4.5), ui.g(1.5)), size="title", weight="strong", align="center"
        )
        self._dots = Dots(ui, told.cut_top(ui.g(3), ui.g(1.5)))
        self._words = Text(ui, told, tone="quiet", align="center", valign="top", wrap=True, balance=True)
        for widget in (self._heading, self._dots, self._words):
            self.add_widget(widget)
        self._keys = self._pad(keys)
        self.add_widget(
            PushButton(
                ui, self.out, "back", _("Back"), self._leave, icon="left", radius=4.5, ground="surface"
            )
        )
        self.update()

    def _pad(self, area: Rect) -> list[PushButton]:
        ui = self.ui
        found = []
        places = [place for row in area.rows(4, ui.g(1.5)) for place in row.columns(3, ui.g(1.5))]
        for key, place in zip(KEYS, places, strict=True):
            if not key:
                continue
            if key == "erase":
                button = PushButton(
                    ui, place, "pin-erase", "", self._erase, icon="erase", icon_steps=4, ground="base"
                )
            else:
                act = partial(self._press, key)
                button = PushButton(ui, place, f"pin-{key}", key, act, size="title", ground="surface")
            found.append(button)
            self.add_widget(button)
        return found

    def _fresh(self) -> PinEntry:
        return PinEntry(self.desk.household.pin, self.desk.lock.setting)

    def opened(self) -> None:
        self._entry = self._fresh()
        self.update()
        super().opened()

    def update(self) -> None:
        entry = self._entry
        self._heading.set(entry.heading)
        self._words.set(entry.words)
        self._words.tint(self.ui.color("warning" if entry.alarming else "quiet"))
        self._dots.set(len(entry.typed))
        for key in self._keys:
            key.set_enabled(not entry.wait_s)

    def _press(self, digit: str) -> None:
        done = self._entry.press(digit)
        self.update()
        if done:
            self.desk.lock.opened = True
            self.desk.go(self.desk.lock.wants)

    def _erase(self) -> None:
        self._entry.erase()
        self.update()

    def _leave(self) -> None:
        self.desk.go("settings" if self.desk.lock.setting else "home")
