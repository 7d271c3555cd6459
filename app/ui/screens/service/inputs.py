"""Every input, live."""

from __future__ import annotations

from dataclasses import replace

from app.ui.layout import Rect
from app.ui.screens.base import Desk
from app.ui.screens.service.page import Ground, Page
from app.ui.state.service import inputs as state
from app.ui.state.service import parts
from app.ui.widgets.base import Element, Panel, Text, Ui, least_width, text_width
from app.ui.widgets.paint import Ground as Plain
from app.ui.words import _
from hardware.messages import Snapshot

COLUMNS = 2
"""The reference machine's pads with the stop button, its bags with the rail."""


WIDEST = str.maketrans("123456789", "000000000")
"""No digit needs more room than this one: with it is measured what changes ten times a second."""


class _Row(Element):
    """One sensor: what it is, says and should say, where that comes from, what is to be thought of it.

    ``tall``: there is more height than width, and three lines of it. ``value_w`` is what values need.
    """

    def __init__(self, ui: Ui, rect: Rect, tall: bool, value_w: float) -> None:
        super().__init__(ui, rect)
        self._tall, self._value_w = tall, value_w
        self._brief = False
        self._shape: tuple[object, ...] = ()

    def _build(self, line: state.Line) -> None:
        self.clear_widgets()
        if self._tall:
            self._upright(line)
        else:
            self._lying(line)
        for words in (self._value, self._expected, self._source, self._said):
            self.add_widget(words)

    def _lying(self, line: state.Line) -> None:
        """The value above what is expected, the verdict before it; the names have the rest."""
        ui, rect = self.ui, self.rect
        top, bottom = rect.middle(rect.w, min(rect.h, ui.g(6.25))).rows(2)
        said = text_width(ui, line.said, "small") + ui.g(0.5)
        # Large, values come down before a name would be cut.
        free = top.w - said - ui.g(2) - least_width(ui, line.what, "plain")
        value = _between(least_width(ui, line.value), free, self._value_w) if line.value else 0
        at = top.cut_right(value, ui.g(1) if value else 0)
        self._value = Text(ui, at, weight="strong", align="right")
        self._said = Text(ui, top.cut_right(said, ui.g(0.5)), size="small", align="right")
        self.add_widget(Text(ui, top, line.what))
        self._expected, self._source = self._pair(bottom, line, self._words(line))

    def _upright(self, line: state.Line) -> None:
        """Right of the value is what is expected, without the word for it; the verdict is below then."""
        ui, rect = self.ui, self.rect
        top, middle, bottom = rect.middle(rect.w, min(rect.h, ui.g(10.5))).rows(3)
        self.add_widget(Text(ui, top, line.what))
        # Large, what stands beside a value comes down before it would be cut.
        beside = line.expected or line.said
        free = middle.w - least_width(ui, line.value) - ui.g(1)
        width = _between(least_width(ui, beside, "plain"), free, text_width(ui, beside, "small"))
        second = Text(ui, middle.cut_right(width + ui.g(0.5), ui.g(0.5)), size="small", align="right")
        self._value = Text(ui, middle, weight="strong")
        third, self._source = self._pair(bottom, line, line.said if line.expected else "")
        self._expected, self._said = (second, third) if line.expected else (third, second)

    def _pair(self, rect: Rect, line: state.Line, right: str) -> tuple[Text, Text]:
        """A line of small print: what stands right, and the source, which is said in fewer words at need."""
        ui = self.ui
        least = least_width(ui, right, "plain")
        room = rect.w - least - ui.g(1.25)
        self._brief = bool(line.brief) and least_width(ui, line.source, "plain") > room
        free = rect.w - least_width(ui, self._from(line), "plain") - ui.g(1.25)
        width = _between(least, free, text_width(ui, right, "small"))
        second = Text(ui, rect.cut_right(width + ui.g(0.25), ui.g(0.75)), size="small", align="right")
        return second, Text(ui, rect, size="small", tone="quiet")

    def _from(self, line: state.Line) -> str:
        return line.brief if self._brief else line.source

    def _words(self, line: state.Line) -> str:
        if self._tall or not line.expected:
            return line.expected
        return _("expected {value}").format(value=line.expected)

    def show_line(self, line: state.Line) -> None:
        ui = self.ui
        # One digit more may want another place; it is seldom that one comes.
        word = line.value.isalpha() and line.value
        shape = (line.said, len(line.value), word, len(line.expected), len(line.source))
        if shape != self._shape:
            self._shape = shape
            self._build(_widest(line))
        self._value.set(line.value)
        self._value.tint(ui.color("warning" if line.bad else "text"))
        self._expected.set(self._words(line))
        self._expected.tint(ui.color("warning" if line.unexpected else "quiet"))
        self._source.set(self._from(line))
        self._said.set(line.said)
        self._said.tint(ui.color("warning" if line.bad else "quiet"))


class _Short(Element):
    """One that is on or off: all of it in a line."""

    def __init__(self, ui: Ui, rect: Rect) -> None:
        super().__init__(ui, rect)
        self._shape = ""

    def show_line(self, line: state.Line) -> None:
        ui = self.ui
        if line.value != self._shape:
            self._shape = line.value
            self.clear_widgets()
            rest = self.rect.copy()
            # Large, name and value come down before the pin would be cut, or said in fewer words.
            least = least_width(ui, line.what, "plain") + least_width(ui, line.value) + ui.g(3)
            source = line.source
            if rest.w - least < least_width(ui, source, "plain"):
                source = line.brief or source
            width = text_width(ui, source, "small")
            free = rest.w - ui.g(3) - width - least_width(ui, line.what, "plain")
            value = _between(least_width(ui, line.value), free, text_width(ui, line.value, weight="strong"))
            at = rest.cut_right(value + ui.g(0.5), ui.g(1))
            free = rest.w - ui.g(1.5) - width
            name = _between(least_width(ui, line.what, "plain"), free, text_width(ui, line.what))
            self.add_widget(Text(ui, rest.cut_left(name + ui.g(0.5), ui.g(1)), line.what))
            self.add_widget(Text(ui, rest, source, size="small", tone="quiet"))
            self._value = Text(ui, at, line.value, weight="strong", align="right")
            self.add_widget(self._value)
        self._value.tint(ui.color("warning" if line.bad else "text"))


def _widest(line: state.Line) -> state.Line:
    """As wide as it may become with as many digits."""
    value, expected = line.value.translate(WIDEST), line.expected.translate(WIDEST)
    source, brief = line.source.translate(WIDEST), line.brief.translate(WIDEST)
    return replace(line, value=value, expected=expected, source=source, brief=brief)


def _between(least: float, free: float, most: float) -> float:
    """As much of what is free as is wanted, and never less than the smallest print needs."""
    return max(least, min(most, free))


class Inputs(Page):
    """In columns, so that all of it is in sight at once."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk, ground: Ground) -> None:
        super().__init__(ui, rect, desk, ground)
        self._rows: list[_Row | _Short] = []
        self._doubts = state.Doubts()

    def opened(self) -> None:
        super().opened()
        self._doubts.forget()

    def update(self, snapshot: Snapshot) -> None:
        machine = self.desk.machine
        lines = state.inputs(snapshot, machine, self._doubts.hear(snapshot))
        if len(lines) != len(self._rows):
            self._build()
        for row, line in zip(self._rows, lines, strict=True):
            row.show_line(line)
        bad = sum(line.bad for line in lines)
        if snapshot.inputs is None:
            words = _("The pins cannot be reached, so nothing is read.")
        elif bad:
            words = _("Look at what is marked: its plug, its wire, then the part itself.")
        elif any(line.expected for line in lines):
            words = _(
                "Ten times a second, beside it what is expected from the heat and the air that went in."
            )
        else:
            words = _("Ten times a second, as the converter reads it.")
        self.say(words, snapshot)

    def _build(self) -> None:
        """Each column: half of the converter's inputs, then what is on or off."""
        ui = self.ui
        samples = (parts.pressure(-100.0).translate(WIDEST), parts.degrees(-10.0).translate(WIDEST))
        value_w = max(text_width(ui, sample, weight="strong") for sample in samples) + ui.g(0.5)
        half = state.CHANNELS // COLUMNS
        short: list[_Row | _Short] = []
        for place in self.area.columns(COLUMNS, ui.g(1.5)):
            self.add_widget(Panel(ui, place))
            inner = place.inset(ui.g(1.75), ui.g(0.5))
            last = inner.cut_bottom(inner.h / (half + 1) if self.portrait else ui.g(4.5))
            for at in inner.rows(half):
                self._rows.append(_Row(ui, at, self.portrait, value_w))
                self.canvas.after.add(Plain(Rect(at.x, at.y, at.w, max(1, ui.g(0.12))), ui.color("line")))
            short.append(_Row(ui, last, True, value_w) if self.portrait else _Short(ui, last))
        self._rows += short
        for row in self._rows:
            self.add_widget(row)
