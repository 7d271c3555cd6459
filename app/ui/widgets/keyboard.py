"""A keyboard of our own: large keys, one tap each, no help from the operating system."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.ui.layout import Rect
from app.ui.state.typing import PER_ROW, SAMPLE, Page, Typing, pages
from app.ui.widgets.base import Element, Ui
from app.ui.widgets.button import PushButton
from app.ui.words import _

LYING_GAP, UPRIGHT_GAP = 0.5, 1.0
"""Grid steps: eleven keys in a row leave no more."""
UPRIGHT_ROW = 6


class Keyboard(Element):
    """Shows ``typing`` and gives a new one for every key.

    Lying, the rows people know. Upright their keys would be too narrow for a finger: there each row takes
    two, in the same order. The row of shift, pages, space and backspace is ``below``.
    """

    def __init__(
        self, ui: Ui, rect: Rect, below: Rect, language: str, typed: Callable[[Typing], None]
    ) -> None:
        super().__init__(ui, rect)
        self._typed = typed
        self._pages = pages(language)
        self._typing = Typing()
        self._keys: dict[str, PushButton] = {}
        self._letters: Element | None = None
        self._page: int | None = None
        self._below(below)

    def set(self, typing: Typing) -> None:
        self._typing = typing
        if typing.page != self._page:
            self._page = typing.page
            self._build(self._pages[typing.page])
        for letter, key in self._keys.items():
            key.set_text(typing.cased(letter))
            key.set_enabled(not typing.full)
        self._shift.restyle("chosen" if typing.shift else "plain")
        self._turn.set_text(SAMPLE[self._pages[(typing.page + 1) % len(self._pages)].kind])
        self._space.set_enabled(bool(typing.text) and not typing.full and not typing.text.endswith(" "))
        self._backspace.set_enabled(bool(typing.text))

    def _build(self, page: Page) -> None:
        ui = self.ui
        if self._letters is not None:
            self.remove_widget(self._letters)
        self._letters = Element(ui, self.rect)
        self._keys = {}
        upright = self.rect.w < ui.g(PER_ROW * 8)
        per_row = UPRIGHT_ROW if upright else PER_ROW
        rows = page.halves if upright else page.rows
        gap = ui.g(UPRIGHT_GAP if upright else LYING_GAP)
        most = 6 if upright else 3
        high = min(ui.g(10), (self.rect.h - gap * (most - 1)) / most)
        wide = (self.rect.w - gap * (per_row - 1)) / per_row
        # Upright there may be fewer rows than places: they stand by the row below them.
        top = self.rect.y + len(rows) * (high + gap) - gap if upright else self.rect.top
        for row in rows:
            # Shorter rows stand in the middle, as on every keyboard.
            x = self.rect.x + (self.rect.w - len(row) * (wide + gap) + gap) / 2
            for letter in row:
                place = Rect(round(x), round(top - high), round(wide), round(high))
                key = PushButton(
                    ui, place, f"key-{letter}", letter, partial(self._letter, letter), size="title",
                    radius=2, ground="surface",
                )  # fmt: skip
                self._keys[letter] = key
                self._letters.add_widget(key)
                x += wide + gap
            top -= high + gap
        self.add_widget(self._letters)

    def _below(self, row: Rect) -> None:
        ui = self.ui
        gap = ui.g(1)
        side = ui.g(9)
        self._shift = PushButton(
            ui, row.cut_left(side, gap), "key-shift", "", self._shifted, icon="shift", radius=2
        )
        self._turn = PushButton(
            ui, row.cut_left(side, gap), "key-page", SAMPLE["accents"], self._turned, radius=2
        )
        self._backspace = PushButton(
            ui, row.cut_right(side, gap), "key-backspace", "", self._back, icon="erase", radius=2
        )
        self._space = PushButton(
            ui, row, "key-space", _("Space"), self._spaced, size="small", radius=2, ground="surface"
        )
        for key in (self._shift, self._turn, self._space, self._backspace):
            self.add_widget(key)

    def _letter(self, letter: str) -> None:
        self._typed(self._typing.letter(letter))

    def _shifted(self) -> None:
        self._typed(self._typing.shifted())

    def _turned(self) -> None:
        self._typed(self._typing.turned(len(self._pages)))

    def _spaced(self) -> None:
        self._typed(self._typing.space())

    def _back(self) -> None:
        self._typed(self._typing.backspace())
