"""History: the weeks as bars, the sessions by day."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from types import EllipsisType

from app.ui.layout import Rect
from app.ui.ports import HistoryReader, RatingRow, SessionRow, WeekRow
from app.ui.screens.base import WONDER_S, Desk, Screen
from app.ui.screens.filter import FilterSheet
from app.ui.speech import render
from app.ui.state import past as state
from app.ui.state.trend import trend
from app.ui.widgets.base import Element, Icon, Panel, Text, Ui, least_width, paragraph, text_width
from app.ui.widgets.button import PushButton
from app.ui.widgets.chart import WeekBars
from app.ui.widgets.controls import Segments
from app.ui.widgets.sessionrow import Row
from app.ui.widgets.trendline import TrendChart
from app.ui.words import _
from hardware.message import Message

log = logging.getLogger(__name__)

MOST_ROWS = 24
"""More fit on no panel."""


@dataclass(frozen=True)
class _Found:
    """What the history said."""

    weeks: Sequence[WeekRow]
    rows: Sequence[SessionRow]
    ratings: Sequence[RatingRow]


class History(Screen):
    """Pages with visible buttons; nothing has to be swiped."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect, desk)
        self._program: str | None = None
        self._starts: list[tuple[float | None, str]] = [(None, "")]
        """Where each page up to this one begins: before which time, under which day."""
        self._next: tuple[float, str] | None = None
        self._filter_place = rect
        self._body: Element | None = None
        self._bin: tuple[str, Message | None] = ("", None)
        self._bin_place: Rect | None = None
        self._feet = False
        """The chart is that of the ratings."""
        self._found: _Found | None = None
        self._asked: object = None
        self._reading_s: float | None = None
        """Since when; None while nothing is awaited."""
        self._wonders = False

    def opened(self) -> None:
        self._starts = [(None, "")]
        self._found = None
        self._read()
        self._build()

    def left(self) -> None:
        # Who goes on to something else does not come back for it.
        self.desk.removal.settle()
        self._asked = self._reading_s = None

    def update(self) -> None:
        removal = self.desk.removal
        if (removal.waiting, removal.problem) != self._bin:
            self._read()
            self._build()
        elif self._found is None and not self._wonders and self._reads_for(WONDER_S):
            self._wonders = True
            self._build()

    def _reads_for(self, seconds: float = 0.0) -> bool:
        """Whether what is wanted has been awaited for so long."""
        return self._reading_s is not None and self.ui.now() - self._reading_s >= seconds

    def _read(self) -> None:
        """Have this page and the weeks read; what is shown stays until they come."""
        desk = self.desk
        asked = self._asked = object()
        self._reading_s, self._wonders = self.ui.now(), False
        person, today, program = self._person(), desk.wall().date(), self._program
        before, _day = self._starts[-1]
        most = MOST_ROWS + len(desk.removal.hidden)

        def read(reader: HistoryReader) -> _Found:
            return _Found(
                reader.weeks(state.WEEKS, today, person=person),
                reader.page(most, before=before, program=program, person=person),
                reader.ratings(state.WEEKS, today, person=person),
            )

        def show(found: _Found | None) -> None:
            if asked is self._asked:
                self._found, self._reading_s = found, None
                self._build()

        desk.look(read, show, lambda: show(None))

    def _build(self) -> None:
        ui = self.ui
        if self._body is not None:
            self.remove_widget(self._body)
        body = self._body = Element(ui, self.rect)
        self._bin = (self.desk.removal.waiting, self.desk.removal.problem)
        # A sheet that is open stays in front.
        self.add_widget(body, index=len(self.children))
        page = self.page.copy()
        bottom = page.cut_bottom(self.out.h, ui.g(2))
        body.add_widget(self._way_home())
        # Upright the bin has a row of its own: beside the way out it had no room for its words.
        above = self.portrait and any(self._bin)
        self._bin_place = page.cut_bottom(ui.g(9), ui.g(2)) if above else None
        head = page.cut_top(ui.g(8 if self.portrait else 4.5), ui.g(1.5))
        if self.portrait:
            self._filter_place = head.cut_right(ui.g(28), ui.g(2))
        body.add_widget(Text(ui, head.copy(), _("Your sessions"), size="title", weight="strong"))
        if self._found is None and self._reads_for():
            words = _("One moment.") if self._wonders else ""
            body.add_widget(Text(ui, self.page.inset(0, self.out.h), words, tone="quiet", align="center"))
        elif self._found is None or not self._filled(body, self._found, page, bottom, head):
            # Whatever is wrong with the file, the screen stays usable and says so.
            body.clear_widgets()
            body.add_widget(self._way_home())
            self._tell(
                body,
                self.page.inset(0, self.out.h),
                _("The history cannot be read."),
                _("Your programs work all the same. The file is kept as it is."),
                "warning",
            )
        self.rearm()

    def _filled(self, body: Element, found: _Found, page: Rect, bottom: Rect, head: Rect) -> bool:
        try:
            self._fill(body, found, page, bottom, head)
        except Exception:
            log.exception("the history cannot be shown")
            return False
        return True

    def _way_home(self) -> PushButton:
        return PushButton(
            self.ui,
            self.out,
            "home",
            _("Home"),
            lambda: self.desk.go("home"),
            icon="home",
            radius=4.5,
            ground="surface",
        )

    def _fill(self, body: Element, found: _Found, page: Rect, bottom: Rect, head: Rect) -> None:
        ui, desk = self.ui, self.desk
        now = desk.wall()
        if self.portrait:
            chart = page.cut_top(ui.g(38), ui.g(2))
            listing = page
        else:
            chart = page.cut_left(ui.g(36), ui.g(2))
            listing = page
        bars = state.bars(found.weeks, now)
        hidden = desk.removal.hidden
        _before, day = self._starts[-1]
        room = int((listing.h + ui.g(1)) // ui.g(9))
        rows = [row for row in found.rows if row.id not in hidden][: room + 1]
        if not rows and self._program is None and not any(bar.count for bar in bars):
            listing = self.page.copy()
            listing.cut_bottom(self.out.h, ui.g(2))
            listing.cut_top(ui.g(6))
            self._tell(
                body,
                listing,
                _("No sessions yet."),
                _("After your first massage its length, its curves and how your feet felt will be here."),
                "history",
            )
            return
        self._chart(body, chart, bars, found.ratings)
        if any(row.before is not None and row.after is not None for row in rows):
            # What the numbers at the rows' ends are, right above them.
            over = (
                Rect(listing.x, listing.top - ui.g(3), listing.w, ui.g(3)) if self.portrait else head
            ).inset(ui.g(2), 0)
            if self.portrait:
                first = state.lines(rows[:1], desk.programs, now, day)[0]
                over.cut_left(text_width(ui, first.day, "small") if first.day else 0, ui.g(2))
            body.add_widget(
                Text(ui, over, _("sore before → after"), size="small", tone="quiet", align="right")
            )
        more = self._list(body, listing, rows, day)
        self._buttons(body, bottom, more)

    def _person(self) -> str | EllipsisType | None:
        """Whose sessions: those of who sits here. A household that has named nobody sees all."""
        household = self.desk.household
        if not household.people.all:
            return ...
        return household.who.id if household.who else None

    def _chart(
        self, body: Element, chart: Rect, bars: Sequence[state.Bar], ratings: Sequence[RatingRow]
    ) -> None:
        """The weeks in words and as bars; or, over the same weeks, how the feet felt."""
        ui = self.ui
        body.add_widget(Panel(ui, chart, "surface"))
        inner = chart.inset(ui.g(2), ui.g(1.5))
        tabs = Segments(
            ui,
            inner.cut_bottom(ui.g(8), ui.g(1)).inset(-ui.g(0.5), 0),
            "chart",
            [("weeks", _("Weeks")), ("feet", _("Soreness"))],
            self._turn_chart,
            accent="outline",
        )
        tabs.choose("feet" if self._feet else "weeks")
        body.add_widget(tabs)
        if self._feet:
            labels = [(bar.label, bar.this_week) for bar in bars]
            body.add_widget(TrendChart(ui, inner, trend(ratings, self.desk.wall()), labels))
            return
        weeks = state.week_words(bars)
        names = max(text_width(ui, name, "small") for name, _words in weeks)
        counts = max(text_width(ui, words, "small", "strong") for _name, words in weeks)
        two = sum(max(least_width(ui, each[at]) for each in weeks) for at in (0, 1)) + ui.g(1) > inner.w
        for (name, words), tone in zip(weeks, ("text", "quiet"), strict=True):
            # What one of the two does not need the other may have.
            left, right = inner.cut_top(ui.g(3)).shares((names, counts), ui.g(1))
            if two:
                left, right = Rect(inner.x, left.y, inner.w, left.h), inner.cut_top(ui.g(3))
            align = "left" if two else "right"
            alike = [[each[at] for each in weeks] for at in (0, 1)]
            body.add_widget(Text(ui, left, name, size="small", tone=tone, alike=alike[0]))
            body.add_widget(
                Text(ui, right, words, size="small", tone=tone, weight="strong", align=align, alike=alike[1])
            )
        best = _("Good rhythm: 2 or 3 a week")
        long = least_width(ui, best) > inner.w
        place = inner.cut_top(ui.g(6.5 if long else 3), ui.g(0.5))
        body.add_widget(Text(ui, place, best, size="small", tone="motion", wrap=long, balance=long))
        body.add_widget(WeekBars(ui, inner, bars))

    def _turn_chart(self, which: object) -> None:
        self._feet = which == "feet"
        self._build()

    def _list(self, body: Element, area: Rect, rows: Sequence[SessionRow], day: str) -> bool:
        """Lay out as many as fit; True when there are more."""
        ui, desk = self.ui, self.desk
        lines = state.lines(rows, desk.programs, desk.wall(), day)
        if not lines:
            self._tell(body, area, _("No sessions with this program."), "", "filter")
            return False
        laid = 0
        high = ui.g(8)
        if not self.portrait:
            # The rows share the height: the last one ends where the chart beside them ends.
            fit = int((area.h + ui.g(1)) // ui.g(9))
            high = round((area.h - (fit - 1) * ui.g(1)) / fit)
        last: state.Line | None = None
        for line in lines:
            # Where the list is low the day stands in the row, so that more rows fit.
            heading = ui.g(3.5) if line.day and self.portrait else 0
            if area.h < heading + high - 1:
                break
            if heading:
                body.add_widget(
                    Text(ui, area.cut_top(ui.g(3)).inset(ui.g(2), 0), line.day, size="small", tone="quiet")
                )
                area.cut_top(ui.g(0.5))
            day = line.day or day
            body.add_widget(
                Row(
                    ui,
                    area.cut_top(high, ui.g(1)),
                    line,
                    not self.portrait,
                    partial(self._open, line.id),
                )
            )
            laid += 1
            last = line
        self._next = (last.key, day) if last else None
        return laid < len(lines) and self._next is not None

    def _buttons(self, body: Element, bottom: Rect, more: bool) -> None:
        ui = self.ui
        bottom.cut_right(self.out.w, ui.g(1.5))
        if self._bin_place is not None:
            self._binned(body, self._bin_place)
        elif any(self._bin):
            self._binned(body, bottom)
            return
        side = ui.g(9)
        for name, icon, enabled, act in (
            ("older", "down", more, self._older),
            ("newer", "up", len(self._starts) > 1, self._newer),
        ):
            button = PushButton(
                ui, bottom.cut_right(side, ui.g(1)), name, "", act, icon=icon, radius=4.5, ground="surface"
            )
            button.set_enabled(enabled)
            body.add_widget(button)
        bottom.cut_right(ui.g(0.5))
        if not self.portrait:
            self._filter_place = bottom.cut_left(bottom.w - ui.g(19), ui.g(1))
        self._filter_button(body)
        # Upright there is no room for more than the word.
        icon = "" if self.portrait else "stick"
        body.add_widget(
            PushButton(
                ui, bottom, "takeaway", _("Export"), self._take_away, icon=icon, radius=4.5, ground="surface"
            )
        )

    def _filter_button(self, body: Element) -> None:
        program = self.desk.programs.get(self._program or "")
        chosen = program.title if program else _("All programs")
        body.add_widget(
            PushButton(
                self.ui,
                self._filter_place,
                "filter",
                chosen,
                self._filter,
                icon="filter",
                radius=4.5,
                ground="surface",
                may_cut=program is not None,
            )
        )

    def _binned(self, body: Element, bar: Rect) -> None:
        """In the place of the buttons: what was deleted can be had back for a moment."""
        ui = self.ui
        waiting, problem = self._bin
        body.add_widget(Panel(ui, bar, "surface", radius=4.5))
        inner = bar.copy()
        button = inner.cut_right(min(ui.g(20), inner.w / 2), ui.g(1))
        name, label, act = ("undo", _("Undo"), self._undo) if waiting else ("undo-ok", _("OK"), self._noted)
        body.add_widget(
            PushButton(ui, button, name, label, act, icon="again" if waiting else "check", radius=4.5)
        )
        inner.cut_left(ui.g(3))
        if waiting:
            words = _("Deleted.")
        elif self.portrait:
            words = _("Not deleted. Try again.")
        else:
            words = _("Not deleted. {why}").format(why=render(problem))
        body.add_widget(paragraph(ui, inner, words, ("body", "small"), balance=False))

    def _undo(self) -> None:
        self.desk.removal.undo()
        self._read()
        self._build()

    def _noted(self) -> None:
        self.desk.removal.problem = None
        self._build()

    def _take_away(self) -> None:
        self.desk.go("takeaway")

    def _tell(self, body: Element, area: Rect, head: str, words: str, icon: str) -> None:
        ui = self.ui
        middle = area.middle(min(area.w, ui.g(56)), min(area.h, ui.g(24)))
        tone = "warning" if icon == "warning" else "quiet"
        body.add_widget(Icon(ui, middle.cut_top(ui.g(7), ui.g(1.5)), icon, ui.color(tone), steps=6))
        body.add_widget(
            Text(
                ui, middle.cut_top(ui.g(4.5), ui.g(0.5)), head, size="title", weight="strong", align="center"
            )
        )
        body.add_widget(
            Text(ui, middle, words, tone="quiet", align="center", valign="top", wrap=True, balance=True)
        )

    def _older(self) -> None:
        if self._next is not None and not self._reads_for():
            self._starts.append(self._next)
            self._read()

    def _newer(self) -> None:
        if len(self._starts) > 1 and not self._reads_for():
            self._starts.pop()
            self._read()

    def _open(self, session: str) -> None:
        self.desk.shown_session = session
        self.desk.go("detail")

    def _filter(self) -> None:
        sheet = FilterSheet(self.ui, self.rect, self.desk, self._filtered, self._program, self.out)
        self.add_widget(sheet)
        self.rearm()

    def _filtered(self, program: str | None) -> None:
        self._program = program
        self._starts = [(None, "")]
        for child in list(self.children):
            if isinstance(child, FilterSheet):
                self.remove_widget(child)
        self._read()
