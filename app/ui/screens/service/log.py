"""What has gone wrong and what was serviced, newest first, and all of it on a USB stick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil

from app.sessions.clock import clock_is_good
from app.sessions.errors import HistoryError
from app.sessions.faultlog import LogRow
from app.ui.layout import Rect
from app.ui.screens.base import Desk
from app.ui.screens.service.page import Ground, Page
from app.ui.state.service import log as state
from app.ui.state.takeaway import trouble_words
from app.ui.widgets.base import Element, Icon, Text, Ui, line_count, text_width
from app.ui.widgets.paint import Box
from app.ui.words import _
from hardware.errors import InstepError
from hardware.message import Foreign, says, verbatim
from hardware.messages import Snapshot


@says("There is no USB stick. Plug one in and try again.")
def no_stick() -> None: ...


@says("The log cannot be read.")
def log_unreadable() -> None: ...


LEAST_ROW, GAP = 7.75, 0.5
"""Of an entry with a line of each; grid steps."""
FILE = "instep-log.txt"


@dataclass(frozen=True)
class _Entry:
    """How wide and high an entry's words are, px."""

    when: float
    what: float
    detail: float
    high: float


class Log(Page):
    """Read anew each time the page is opened; pages with buttons."""

    keys = 41.0

    def __init__(self, ui: Ui, rect: Rect, desk: Desk, ground: Ground) -> None:
        super().__init__(ui, rect, desk, ground)
        self._starts: list[int | None] = [None]
        self._next: int | None = None
        self._words = ""
        self._asked: object = None
        keys = self.keys_at.copy()
        side = ui.g(9)
        on, back = keys.cut_right(side, ui.g(1)), keys.cut_right(side, ui.g(1.5))
        self._on = self.key(on, "log-on", "", partial(self._turn, 1), icon="down")
        self._back = self.key(back, "log-back", "", partial(self._turn, -1), icon="up")
        self._save = self.key(keys, "log-save", _("To USB"), self._take)

    def opened(self) -> None:
        super().opened()
        self._starts = [None]
        if self._body is None:  # nothing is shown yet, and a slow disk is not to look like an empty log
            self._words = _("One moment.")
        self._read()

    def update(self, snapshot: Snapshot) -> None:
        self.say(self._words, snapshot)

    def _turn(self, by: int) -> None:
        if self._asked is not None:
            return
        self.tell("")
        if by > 0 and self._next is not None:
            self._starts.append(self._next)
        elif by < 0 and len(self._starts) > 1:
            self._starts.pop()
        self._read()
        self.desk.refresh()

    def _read(self) -> None:
        """Have a page read; what is shown stays until it comes."""
        start, room = self._starts[-1], self._room
        asked = self._asked = object()

        def show(rows: Sequence[LogRow] | None) -> None:
            if asked is self._asked:
                self._asked = None
                self._show(rows)
                self.desk.refresh()

        self.desk.look(lambda reader: reader.log(room + 1, start), show, lambda: show(None))

    @property
    def _room(self) -> int:
        return max(1, int((self.area.h + self.ui.g(GAP)) // (self.ui.g(LEAST_ROW) + self.ui.g(GAP))))

    def _show(self, found: Sequence[LogRow] | None) -> None:
        ui, desk, room = self.ui, self.desk, self._room
        body = self.fresh_body()
        rows = found or ()
        if found is None:
            self._centre(body, _("The log cannot be read."), "warning")
        elif not rows:
            self._centre(body, _("Nothing has gone wrong so far."), "check")
        now = desk.wall()
        area = self.area.copy()
        shown = 0
        for row in rows[:room]:
            line = state.line(row, now)
            entry = self._measured(line)
            if shown and area.h < entry.high:
                break
            self._entry(body, area.cut_top(entry.high, ui.g(GAP)), line, entry)
            shown += 1
        self._next = rows[shown - 1].key if len(rows) > shown else None
        self._on.set_enabled(self._next is not None)
        self._back.set_enabled(len(self._starts) > 1)
        self._save.set_enabled(bool(rows))
        self._words = _("Faults and service.") if rows else ""

    def _measured(self, line: state.Line) -> _Entry:
        """What was found is told in whole sentences: an entry is as high as its words."""
        ui = self.ui
        wide = self.area.w - ui.g(8)
        when = ceil(text_width(ui, line.when, "small"))
        beside = wide if self.portrait else wide - when - ui.g(1)
        what = line_count(ui, line.what, beside, "body", "strong") * ui.theme.line_px("body")
        detail = line_count(ui, line.detail, wide, "small") * ui.theme.line_px("small") if line.detail else 0
        below = ui.theme.line_px("small") if self.portrait else 0
        return _Entry(
            when, what, detail, max(ui.g(LEAST_ROW), what + detail + below + ui.g(2 if self.portrait else 1))
        )

    def _entry(self, body: Element, place: Rect, line: state.Line, entry: _Entry) -> None:
        ui = self.ui
        body.canvas.add(Box(place, ui.color("surface"), ui.g(2)))
        inner = place.inset(ui.g(2), 0)
        mark = inner.cut_left(ui.g(2.5), ui.g(1.5))
        tone = "warning" if line.icon == "warning" else "quiet"
        body.add_widget(Icon(ui, mark, line.icon, ui.color(tone), steps=2.5))
        small = ui.theme.line_px("small")
        inner = inner.middle(inner.w, entry.what + entry.detail + (small if self.portrait else 0))
        top = inner.cut_top(entry.what)
        if self.portrait:
            # Too narrow for two beside each other.
            when = inner.cut_bottom(small)
        else:
            when = top.cut_right(entry.when, ui.g(1)).cut_top(ui.theme.line_px("body"))
        side = "left" if self.portrait else "right"
        body.add_widget(Text(ui, top, line.what, weight="strong", wrap=True, valign="top"))
        body.add_widget(Text(ui, when, line.when, size="small", tone="quiet", align=side))
        if line.detail:
            body.add_widget(Text(ui, inner, line.detail, size="small", tone="quiet", wrap=True, valign="top"))

    def _centre(self, body: Element, words: str, icon: str) -> None:
        ui = self.ui
        place = self.area.middle(self.area.w, ui.g(12))
        tone = "warning" if icon == "warning" else "quiet"
        body.add_widget(Icon(ui, place.cut_top(ui.g(5), ui.g(1)), icon, ui.color(tone), steps=5))
        body.add_widget(Text(ui, place.cut_top(ui.g(4)), words, align="center"))

    # --- the stick -----------------------------------------------------------------------------------

    def _take(self) -> None:
        from app import usb
        from app.sessions import faultlog

        reader = self.desk.history()
        if reader is None:
            return
        heading = _("Instep log of {machine}").format(machine=self.desk.machine.name)
        now, dated = self.desk.wall(), clock_is_good()

        def work() -> str:
            found = usb.sticks()
            if not found:
                raise InstepError(no_stick())
            stick = found[0]
            try:
                path = usb.write(stick, FILE, faultlog.text(reader.log, heading, now, dated))
            except usb.UsbError as error:
                raise InstepError(verbatim(Foreign(trouble_words(error.trouble)[0]))) from error
            except HistoryError as error:
                raise InstepError(log_unreadable()) from error
            usb.finish(stick)
            return _("Saved as {file} on {stick}. You can take it out.").format(
                file=path.name, stick=stick.name
            )

        def done(words: str | None, why: str) -> None:
            self._save.set_enabled(True)
            self.tell(words or why)
            self.desk.refresh()

        self._save.set_enabled(False)
        self.tell(_("Saving …"))
        self.desk.refresh()
        self.aside(work, done)
