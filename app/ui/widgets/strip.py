"""The place above the foot map: one thing at a time, gone by itself."""

from __future__ import annotations

from collections.abc import Callable

from app.ui.layout import Rect
from app.ui.state.session import SessionModel, Strip
from app.ui.widgets.base import Element, Icon, Panel, Text, Ui, line_count, text_width
from app.ui.widgets.button import PushButton
from app.ui.words import _


class StripBar(Element):
    """Shows a :class:`~app.ui.state.session.Strip`; built anew only when its kind or words change."""

    def __init__(self, ui: Ui, rect: Rect, model: SessionModel, refresh: Callable[[], None]) -> None:
        super().__init__(ui, rect)
        self._model, self._refresh = model, refresh
        self._said = Strip()
        self._left: Text | None = None
        self.low = rect.y
        """How far down it reaches now."""

    def update(self, strip: Strip) -> None:
        if (strip.kind, strip.text) != (self._said.kind, self._said.text):
            self.clear_widgets()
            self._left = None
            self.low = self.rect.y
            self._build(strip)
        if self._left is not None:
            self._left.set(strip.left)
        self._said = strip

    def _build(self, strip: Strip) -> None:
        ui, rect, model = self.ui, self.rect, self._model
        match strip.kind:
            case "":
                return
            case "ask":
                less, fine = _("Softer"), _("Just right")
                # Each as wide as its word wants it.
                wide = [text_width(ui, words, "body", "strong") + ui.g(6) for words in (less, fine)]
                left, right = self._low().shares((wide[0], wide[1]), ui.g(1.5))
                self._add(PushButton(ui, left, "softer", less, self._then(model.softer), icon="minus"))
                self._add(
                    PushButton(ui, right, "just-right", fine, self._then(model.just_right), icon="check")
                )
            case "here":
                self._add(
                    PushButton(ui, self._low(), "here", strip.text, self._then(model.here), icon="here")
                )
            case "guide":
                tall = self._tall(strip.text, rect.w - ui.g(10), "strong")
                self._add(Panel(ui, tall, "raised", radius=2.5))
                inner = tall.inset(ui.g(2), ui.g(0.5))
                self._left = Text(
                    ui, inner.cut_right(ui.g(6)), size="title", weight="strong", align="right", tone="motion"
                )
                self._add(self._left)
                self._add(Text(ui, inner, strip.text, size="body", weight="strong", wrap=True))
            case "fault" | "told":
                tone = "warning" if strip.kind == "fault" else "line"
                tall = self._tall(strip.text, rect.w - ui.g(7), "plain")
                self._add(Panel(ui, tall, "surface", radius=2.5, line=tone))
                inner = tall.inset(ui.g(1.5), ui.g(0.5))
                self._add(Icon(ui, inner.cut_left(ui.g(3), ui.g(1)), "warning", ui.color("warning"), steps=3))
                self._add(Text(ui, inner, strip.text, size="small", wrap=True))

    def _tall(self, text: str, room: float, weight: str) -> Rect:
        """As high as its lines want it, up to five small ones: it may cover the leg's faded end."""
        ui, rect = self.ui, self.rect
        lines = line_count(ui, text, room, "small", weight)
        more = min(max(0, lines * ui.theme.line_px("small") + ui.g(2) - rect.h), ui.g(7.75))
        self.low = rect.y - more
        return Rect(rect.x, self.low, rect.w, rect.h + more)

    def _low(self) -> Rect:
        """Its upper part, as high as other buttons."""
        return self.rect.copy().cut_top(self.ui.g(8.5))

    def _add(self, widget: Element | Text) -> None:
        self.add_widget(widget)

    def _then(self, act: Callable[[], None]) -> Callable[[], None]:
        def acted() -> None:
            act()
            self._refresh()

        return acted
