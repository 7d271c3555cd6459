"""Before a guest's first start: what the questions ask of a person, on a card of rows.

One touch says that none of it applies. Who touches the rows instead is told to ask a doctor, or says on the
next page what applies, and has a massage that keeps to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from app.household.screening import ASK_FIRST, effects
from app.ui.layout import Rect
from app.ui.state.questions import Row, adapting, refusing
from app.ui.theme import DELIBERATE_S, MARGIN
from app.ui.widgets.base import Element, Icon, Text, Ui, line_count, paragraph
from app.ui.widgets.button import PushButton, Touchable
from app.ui.widgets.paint import Box
from app.ui.widgets.sheet import Sheet
from app.ui.words import _

PAD = (1.75, 1.25)
GAP = 1.0
"""Between the card's two parts, grid steps."""
BULLET = (0.75, 2.0)
"""A row's mark: how large, and how far its words stand in."""
LEAST_GAP = 0.5
MOST_GAP = 1.75
"""Between rows, grid steps."""
SHARES = (1.1, 1.0)
"""Lying, the parts stand beside each other; what refuses has more to say."""


class Part(Touchable):
    """A heading and rows under it, all of it one thing to touch.

    ``text`` and ``size`` are what the rows are set in; both parts in the same.
    """

    def __init__(
        self,
        ui: Ui,
        rect: Rect,
        name: str,
        icon: str,
        tone: str,
        heading: str,
        rows: Sequence[Row],
        text: Ui,
        size: str,
        action: Callable[[], None],
    ) -> None:
        super().__init__(ui, rect, name, action, DELIBERATE_S)
        self._box = Box(rect, ui.color("surface"), ui.g(3))
        self.canvas.add(self._box)
        inner = rect.inset(ui.g(PAD[0]), ui.g(PAD[1]))
        line = text.theme.line_px(size)
        spare = rect.h - Part.needs(ui, rect.w, rows, text, size)
        gap = ui.g(LEAST_GAP) + min(max(spare / len(rows), 0.0), ui.g(MOST_GAP - LEAST_GAP))
        head = inner.cut_top(line, gap)
        self.add_widget(Icon(ui, head.cut_left(ui.g(2.75), ui.g(1)), icon, ui.color(tone), steps=2.75))
        self.add_widget(Icon(ui, head.cut_right(ui.g(2.25), ui.g(0.5)), "right", ui.color("quiet"), 2.25))
        self.add_widget(Text(text, head, heading, size=size, weight="strong"))
        for row in rows:
            place = inner.cut_top(line * _lines(text, row.words, inner.w, size), gap)
            side = ui.g(BULLET[0])
            first = Rect(place.x, place.top - line, side, line).middle(side, side)
            self.canvas.add(Box(first, ui.color(tone), side / 2))
            place.cut_left(ui.g(BULLET[1]))
            self.add_widget(Text(text, place, row.words, size=size, wrap=True, balance=True))

    @staticmethod
    def needs(ui: Ui, width: float, rows: Sequence[Row], text: Ui, size: str) -> float:
        """How much it needs at least."""
        inner = width - 2 * ui.g(PAD[0])
        lines = 1 + sum(_lines(text, row.words, inner, size) for row in rows)
        return lines * text.theme.line_px(size) + len(rows) * ui.g(LEAST_GAP) + 2 * ui.g(PAD[1])

    def flash(self) -> None:
        self._box.tint(self.ui.color("pressed"))


def _lines(text: Ui, words: str, width: float, size: str) -> int:
    return line_count(text, words, width - text.g(BULLET[1]), size)


class Tick(Touchable):
    """A row that applies or does not: a box to tick, what it is, what it locks."""

    def __init__(
        self,
        ui: Ui,
        rect: Rect,
        row: Row,
        ticked: bool,
        accent: str,
        text: Ui,
        action: Callable[[], None],
    ) -> None:
        super().__init__(ui, rect, f"applies-{row.ids[0]}", action)
        self.canvas.add(Box(rect, ui.color("raised" if ticked else "surface"), ui.g(2.5)))
        if ticked:
            self.canvas.add(Box(rect, ui.color(accent), ui.g(2.5), max(2, ui.g(0.25))))
        inner = rect.inset(ui.g(1.5), 0)
        box = inner.cut_left(ui.g(3), ui.g(1.25)).middle(ui.g(3), ui.g(3))
        self.canvas.add(
            Box(box, ui.color(accent if ticked else "outline"), ui.g(0.75), 0 if ticked else ui.g(0.25))
        )
        if ticked:
            self.add_widget(Icon(ui, box, "check", ui.theme.on(accent), steps=2.25))
        # What it is and what it locks stand together in the middle, however many lines they take.
        line = text.theme.line_px("small")
        what, does = _tick_lines(text, row, inner.w)
        inner = inner.middle(inner.w, (what + does) * line)
        low = inner.cut_bottom(does * line)
        self.add_widget(Text(text, inner, row.words, size="small", weight="strong", wrap=True, balance=True))
        self.add_widget(Text(text, low, row.what, size="small", tone="quiet", wrap=True, balance=True))

    @staticmethod
    def needs(ui: Ui, width: float, row: Row, text: Ui) -> float:
        """How high it has to be."""
        return sum(_tick_lines(text, row, width - ui.g(3 + 3 + 1.25))) * text.theme.line_px("small")


def _tick_lines(text: Ui, row: Row, width: float) -> tuple[int, int]:
    return line_count(text, row.words, width, "small", "strong"), line_count(text, row.what, width, "small")


class GuestCard(Sheet):
    """``answered`` hears what applies, once that is known: an id a question, none of them at best."""

    def __init__(
        self,
        ui: Ui,
        rect: Rect,
        accent: str,
        out: Rect,
        answered: Callable[[tuple[str, ...]], None],
        back: Callable[[], None],
        rearm: Callable[[Element], None],
    ) -> None:
        super().__init__(ui, rect)
        self._accent, self._out = accent, out
        self._answered, self._back, self._rearm = answered, back, rearm
        self._ticked: set[str] = set()
        self._plain = Ui(replace(ui.theme, large=False), ui.now)
        self._body: Element | None = None
        self._card()

    def _begin(self, beside: bool = False) -> tuple[Element, Rect, Rect]:
        """A page begun anew: what it stands on, its place, and the place of its main button.

        Upright the button has a row of its own, unless it is to stand ``beside`` the way out.
        """
        if self._body is not None:
            self.remove_widget(self._body)
        ui, rect = self.ui, self.rect
        body = self._body = Element(ui, rect)
        self.add_widget(body)
        page = rect.inset(ui.g(MARGIN))
        bottom = page.cut_bottom(self._out.h, ui.g(1.5))
        bottom.cut_right(self._out.w, ui.g(1.5))
        if rect.h > rect.w and not beside:
            bottom = page.cut_bottom(ui.g(9), ui.g(1.5))
        return body, page, bottom

    def _leave(self, body: Element, name: str, back: Callable[[], None]) -> None:
        body.add_widget(
            PushButton(
                self.ui, self._out, name, _("Back"), back, icon="left", radius=4.5, ground="surface"
            )
        )  # fmt: skip

    # --- the card ---------------------------------------------------------------------------------------

    def _card(self) -> None:
        ui = self.ui
        body, page, bottom = self._begin()
        never, some = refusing(), adapting()
        text, size = self._size(page, never, some)
        loud = "title"
        if page.h > page.w:
            high = [Part.needs(ui, page.w, rows, text, size) for rows in (never, some)]
            if sum(high) + ui.g(GAP) > page.h:
                body, page, bottom = self._begin(beside=True)
                loud = "body"
            spare = max(0.0, page.h - ui.g(GAP) - sum(high))
            upper = page.cut_top(round(high[0] + min(spare / 2, ui.g(8))), ui.g(GAP))
            lower = page.cut_top(round(min(page.h, high[1] + min(spare / 2, ui.g(8)))))
        else:
            upper, lower = page.shares(SHARES, ui.g(GAP))
        body.add_widget(
            Part(
                ui, upper, "one-of-these", "warning", "warning", _("No massage with any of these"), never,
                text, size, self._refused,
            )
        )  # fmt: skip
        body.add_widget(
            Part(
                ui, lower, "some-of-these", "lock", "heat", _("Adapted massage with these"), some,
                text, size, self._ticks,
            )
        )  # fmt: skip
        body.add_widget(
            PushButton(
                ui, bottom, "none-of-these", _("None of these apply to me"), partial(self._answered, ()),
                style="primary", accent=self._accent, size=loud, icon="play", arm_s=DELIBERATE_S,
                radius=4.5,
            )
        )  # fmt: skip
        self._leave(body, "guest-back", self._back)
        self._rearm(body)

    def _size(self, page: Rect, never: Sequence[Row], some: Sequence[Row]) -> tuple[Ui, str]:
        """The largest text in which all of it has room."""
        ui = self.ui
        plain = self._plain
        for text, size in ((ui, "body"), (ui, "small"), (plain, "body")):
            if page.h > page.w:
                need = sum(Part.needs(ui, page.w, rows, text, size) for rows in (never, some)) + ui.g(GAP)
            else:
                places = page.shares(SHARES, ui.g(GAP))
                pairs = zip(places, (never, some), strict=True)
                need = max(Part.needs(ui, place.w, rows, text, size) for place, rows in pairs)
            if need <= page.h:
                return text, size
        return plain, "small"

    # --- what applies -----------------------------------------------------------------------------------

    def _refused(self) -> None:
        ui = self.ui
        body, page, bottom = self._begin()
        head = page.cut_top(ui.g(8), ui.g(2))
        body.add_widget(Icon(ui, head.cut_left(ui.g(6), ui.g(1.5)), "warning", ui.color("warning"), steps=5))
        body.add_widget(Text(ui, head, _("Please ask your doctor first"), size="title", weight="strong"))
        words = _("With any of these a massage could harm you. Come back when your doctor agrees.")
        body.add_widget(paragraph(ui, page.cut_top(ui.g(16)), words, ("body", "small"), valign="top"))
        self._leave(body, "guest-back", self._back)
        body.add_widget(
            PushButton(
                ui, bottom, "card-again", _("Look at the card again"), self._card, icon="again", radius=4.5,
                ground="surface",
            )
        )  # fmt: skip
        self._rearm(body)

    def _ticks(self) -> None:
        ui = self.ui
        body, page, bottom = self._begin()
        head = page.cut_top(ui.g(3.5), ui.g(0.5))
        asks = bool(effects(self._ticked) & ASK_FIRST)
        said = _("Ask your doctor before the first massage.") if asks else _("What applies to you?")
        body.add_widget(Text(ui, head, said, weight="strong", tone="heat" if asks else "text"))
        rows, gap = adapting(), ui.g(0.75)
        columns = 1 if page.h > page.w else 2
        down = len(rows) // columns
        high = min((page.h - gap * (down - 1)) / down, ui.g(14))
        area = page.cut_top(high * down + gap * (down - 1))
        places = [place for row in area.rows(down, gap) for place in row.columns(columns, gap)]
        # All of them in the same print: the usual one where the large one has no room.
        large = all(Tick.needs(ui, places[0].w, row, ui) <= high for row in rows)
        text = ui if large else self._plain
        for row, place in zip(rows, places, strict=True):
            ticked, act = row.ids[0] in self._ticked, partial(self._tick, row.ids[0])
            body.add_widget(Tick(ui, place, row, ticked, self._accent, text, act))
        done = PushButton(
            ui, bottom, "these-apply", _("Go on with these"), partial(self._answered, self._said()),
            style="primary", accent=self._accent, size="title", icon="check", arm_s=DELIBERATE_S, radius=4.5,
        )  # fmt: skip
        done.set_enabled(bool(self._ticked))
        body.add_widget(done)
        self._leave(body, "card-back", self._card)
        self._rearm(body)

    def _said(self) -> tuple[str, ...]:
        return tuple(id_ for row in adapting() for id_ in row.ids if id_ in self._ticked)

    def _tick(self, id_: str) -> None:
        self._ticked ^= {id_}
        self._ticks()
