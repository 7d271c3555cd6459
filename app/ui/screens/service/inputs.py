"""Every input, live."""

from __future__ import annotations

from app.ui.layout import Rect
from app.ui.screens.base import Desk
from app.ui.screens.service.page import Ground, Page
from app.ui.state.service import inputs as state
from app.ui.widgets.base import Element, Panel, Text, Ui, least_width, text_width
from app.ui.widgets.paint import Ground as Plain
from app.ui.words import _
from hardware.messages import Snapshot

COLUMNS = 3
"""The reference machine's pads, its bags, and the rest."""


class _Row(Element):
    """One input: what it is and says, where that comes from, what is to be thought of it.

    ``tall``: there is more height than width, and a line for each.
    """

    def __init__(self, ui: Ui, rect: Rect, tall: bool) -> None:
        super().__init__(ui, rect)
        self._tall = tall
        self._shape: tuple[object, ...] = ()

    def _build(self, line: state.Line) -> None:
        """Value and verdict have what they need, the names the rest."""
        ui, rect = self.ui, self.rect
        self.clear_widgets()
        said = text_width(ui, line.said, "small") + ui.g(0.5)
        if self._tall:
            top, middle, bottom = rect.middle(rect.w, min(rect.h, ui.g(10.5))).rows(3)
            # Large, the verdict comes down before its value would be cut.
            room = middle.w - least_width(ui, line.value) - ui.g(1)
            below = middle.cut_right(min(said, max(room, middle.w * 0.3)), ui.g(0.5))
            right, align = middle, "left"
        else:
            top, bottom = rect.middle(rect.w, min(rect.h, ui.g(7))).rows(2)
            below = bottom.cut_right(said, ui.g(0.5))
            value = max(text_width(ui, line.value, weight="strong") + ui.g(1), top.w * 0.35)
            # Large, a value comes down before its name would be cut.
            value = min(value, max(least_width(ui, line.value), top.w - least_width(ui, line.what) - ui.g(1)))
            right, align = top.cut_right(value, ui.g(0.5)), "right"
        self.add_widget(Text(ui, top, line.what))
        self._value = Text(ui, right, weight="strong", align=align)
        self._source = Text(ui, bottom, size="small", tone="quiet")
        self._said = Text(ui, below, size="small", align="right")
        for words in (self._value, self._source, self._said):
            self.add_widget(words)

    def show_line(self, line: state.Line) -> None:
        ui = self.ui
        # Another digit may want another place; it is seldom that one comes.
        shape = (line.said, len(line.value), line.value.isalpha() and line.value)
        if shape != self._shape:
            self._shape = shape
            self._build(line)
        self._value.set(line.value)
        self._value.tint(ui.color("warning" if line.bad else "text"))
        self._source.set(line.source)
        self._said.set(line.said)
        self._said.tint(ui.color("warning" if line.bad else "quiet"))


class Inputs(Page):
    """In columns, so that all of it is in sight at once."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk, ground: Ground) -> None:
        super().__init__(ui, rect, desk, ground)
        self._rows: list[_Row] = []

    def update(self, snapshot: Snapshot) -> None:
        lines = state.inputs(snapshot, self.desk.machine)
        if len(lines) != len(self._rows):
            self._build(lines)
        for row, line in zip(self._rows, lines, strict=True):
            row.show_line(line)
        bad = sum(line.bad for line in lines)
        if snapshot.inputs is None:
            words = _("The pins cannot be reached, so nothing is read.")
        elif bad:
            words = _("Look at what is marked: its plug, its wire, then the part itself.")
        else:
            words = _("Ten times a second, as the converter reads it.")
        self.say(words, snapshot)

    def _build(self, lines: tuple[state.Line, ...]) -> None:
        ui = self.ui
        columns = 2 if self.portrait else COLUMNS
        per_column = -(-len(lines) // columns)
        for number, place in enumerate(self.area.columns(columns, ui.g(1.5))):
            self.add_widget(Panel(ui, place))
            inner = place.inset(ui.g(1.75), ui.g(0.5))
            shown = lines[number * per_column : (number + 1) * per_column]
            rows = inner.rows(per_column)
            for _line, at in zip(shown, rows, strict=False):
                row = _Row(ui, at, self.portrait)
                self._rows.append(row)
                self.add_widget(row)
            for at in rows[: len(shown) - 1]:
                self.canvas.after.add(Plain(Rect(at.x, at.y, at.w, max(1, ui.g(0.12))), ui.color("line")))
