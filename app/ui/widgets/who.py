"""Who sits here, as the head of Home: a touch leads to everybody else."""

from __future__ import annotations

from collections.abc import Callable

from app.household.people import Colour
from app.ui.layout import Rect
from app.ui.state.home import HomeState
from app.ui.widgets.avatar import Avatar
from app.ui.widgets.base import Text, Ui
from app.ui.widgets.button import Touchable
from app.ui.widgets.paint import Box


class Who(Touchable):
    """The round initial with the greeting beside it; with ``alone`` only the initial."""

    def __init__(self, ui: Ui, rect: Rect, action: Callable[[], None], alone: bool = False) -> None:
        super().__init__(ui, rect, "who", action)
        self._box = Box(rect, ui.color("surface"), ui.g(4))
        self.canvas.add(self._box)
        inner = rect.copy()
        self._avatar = Avatar(ui, inner.cut_left(ui.g(8), ui.g(1)), "", None)
        self.add_widget(self._avatar)
        self._greeting: Text | None = None
        self._condition: Text | None = None
        if alone:
            return
        inner.cut_right(ui.g(2.5))
        narrow = self._narrow = rect.w < ui.g(70)
        clock = Rect(inner.right - ui.g(13), inner.y, ui.g(13), inner.h)
        # Upright the condition may need a second line.
        middle = inner.middle(inner.w, ui.g(10.5 if narrow else 7))
        top, low = middle.cut_top(ui.g(4)), middle
        if narrow:
            clock = top.cut_right(ui.g(10), ui.g(1))
        else:
            top.cut_right(clock.w, ui.g(1))
            low.cut_right(clock.w, ui.g(1))
        self._greeting = Text(ui, top, size="body" if narrow else "title", weight="strong", may_cut=True)
        self._condition = Text(
            ui,
            low,
            size="small",
            tone="quiet",
            wrap=narrow,
            balance=narrow,
            valign="top" if narrow else "middle",
        )
        self._clock = Text(
            ui, clock, size="body" if narrow else "title", tone="quiet", weight="light", align="right"
        )
        for text in (self._greeting, self._condition, self._clock):
            self.add_widget(text)
        self._at = [(text, text.y) for text in (self._greeting, self._condition, self._clock)]

    def set(self, initial: str, colour: Colour | None, said: HomeState) -> None:
        self._avatar.set(initial, colour)
        if self._greeting is not None and self._condition is not None:
            self._greeting.set(said.greeting)
            if not self._greeting.whole:
                self._greeting.set(said.name)
            self._condition.set(said.condition)
            if not self._condition.whole:
                self._condition.set(said.shorter)
            self._clock.set(said.clock)
            self._centre()

    def _centre(self) -> None:
        """A condition of one line stands in the middle with its greeting, as two lines do."""
        if not self._narrow or self._condition is None:
            return
        one = "\n" not in self._condition.text
        down = self.ui.theme.line_px("small") / 2 if one else 0
        for text, y in self._at:
            text.y = round(y - down)

    def flash(self) -> None:
        self._box.tint(self.ui.color("raised"))

    def calm(self) -> None:
        self._box.tint(self.ui.color("surface"))
