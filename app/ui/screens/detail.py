"""One session of the history: its curves and what happened in it."""

from __future__ import annotations

from functools import partial

from app.ui.layout import Rect
from app.ui.ports import SessionDetail
from app.ui.screens.base import WONDER_S, Desk, Screen
from app.ui.state import past as state
from app.ui.state.probe import Probe
from app.ui.widgets.base import Element, Panel, Text, Ui, text_width
from app.ui.widgets.button import PushButton
from app.ui.widgets.paint import Picture, disc_texture
from app.ui.widgets.probed import ProbedCurves
from app.ui.words import _

LINE = 3.75
"""An event's height."""


class Detail(Screen):
    """One session: its curves and what happened in it."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect, desk)
        self._body: Element | None = None
        self._first = 0
        self._asked: object = None
        self._reading_s: float | None = None
        """Since when; None while nothing is awaited."""
        self._wonders = False
        self._found: SessionDetail | None = None

    def opened(self) -> None:
        self._first = 0
        self._found, self._wonders = None, False
        asked = self._asked = object()
        session = self.desk.shown_session
        self._reading_s = self.ui.now()
        self._build()

        def show(found: SessionDetail | None) -> None:
            if asked is self._asked:
                self._found, self._reading_s = found, None
                self._build()

        self.desk.look(lambda reader: reader.session(session), show, lambda: show(None))

    def left(self) -> None:
        self._asked = self._reading_s = None

    def update(self) -> None:
        if self._reading_s is not None and self.ui.now() - self._reading_s > WONDER_S and not self._wonders:
            self._wonders = True
            self._build()

    def _build(self) -> None:
        ui, desk = self.ui, self.desk
        if self._body is not None:
            self.remove_widget(self._body)
        body = self._body = Element(ui, self.rect)
        self.add_widget(body)
        body.add_widget(
            PushButton(
                ui,
                self.out,
                "back",
                _("Back"),
                lambda: desk.go("history"),
                icon="left",
                radius=4.5,
                ground="surface",
            )
        )
        found = self._found
        if self._reading_s is not None:
            if self._wonders:
                place = self.page.inset(0, ui.g(10))
                body.add_widget(Text(ui, place, _("One moment."), tone="quiet", align="center"))
            self.rearm()
            return
        if found is None:
            body.add_widget(
                Text(ui, self.page.inset(0, ui.g(10)), _("This session cannot be read."), align="center")
            )
        else:
            if found.row.outcome != "running":
                self._deletable(body, found.row.id)
            self._fill(body, state.detail(found, desk.programs, desk.wall()), Probe(found))
        self.rearm()

    def _fill(self, body: Element, said: state.DetailState, probe: Probe) -> None:
        ui = self.ui
        page = self.page.copy()
        bottom = self.beside_out()
        page.cut_bottom(self.out.h, ui.g(1.5))
        head = page.cut_top(ui.g(11.5 if self.portrait and said.rating else 8), ui.g(1.5))
        if said.rating:
            place = head.cut_bottom(ui.g(3.5)) if self.portrait else head.cut_right(ui.g(22), ui.g(2))
            body.add_widget(
                Text(ui, place, said.rating, weight="strong", align="left" if self.portrait else "right")
            )
        top = head.cut_top(ui.g(4.5))
        dot = ui.g(1.75)
        mark = top.cut_left(dot, ui.g(1.5))
        body.canvas.add(
            Picture(disc_texture(dot), mark.x, round(mark.center[1] - dot / 2), ui.color(said.accent))
        )
        # A title may be anybody's and cut; the day is not.
        when = text_width(ui, said.when, "title", "light") + ui.g(0.5)
        wide = text_width(ui, said.title, "title", "strong") + ui.g(0.5)
        room = top.w - ui.g(1.5)
        place = top.cut_left(min(wide, max(room - when, room / 3)), ui.g(1.5))
        body.add_widget(Text(ui, place, said.title, size="title", weight="strong", may_cut=True))
        body.add_widget(Text(ui, top, said.when, size="title", tone="quiet", weight="light"))
        body.add_widget(Text(ui, head, said.summary, size="small", tone="quiet"))
        events = page.cut_bottom(ui.g(29.5), ui.g(2)) if self.portrait else page.cut_right(ui.g(28), ui.g(2))
        body.add_widget(Panel(ui, page, "surface"))
        if said.curves:
            self._hint(body, bottom)
            place = page.inset(ui.g(2.5), ui.g(1.5))
            body.add_widget(ProbedCurves(ui, place, said.curves, said.marks, said.span, probe))
        else:
            body.add_widget(Text(ui, page, _("No curves were recorded."), tone="quiet", align="center"))
        body.add_widget(Panel(ui, events, "surface"))
        self._events(body, events, said.marks, bottom)

    def _hint(self, body: Element, bottom: Rect) -> None:
        """What nobody would find by themselves, where there is room to say it."""
        ui = self.ui
        words = _("Touch the curves for their values.")
        place = Rect(bottom.x + ui.g(21.5), bottom.y, bottom.w - ui.g(42), bottom.h)
        if not self.portrait and place.w > ui.g(24):
            body.add_widget(Text(ui, place, words, size="small", tone="quiet", wrap=True, balance=True))

    def _deletable(self, body: Element, session: str) -> None:
        """Delete, far from the way out. There is no question: it can be had back."""
        ui = self.ui
        # Upright the buttons that turn the events' pages stand beside it.
        place = self.beside_out().cut_left(ui.g(12.5 if self.portrait else 19.5))
        body.add_widget(
            PushButton(
                ui,
                place,
                "delete",
                _("Delete"),
                partial(self._delete, session),
                icon="" if self.portrait else "bin",
                radius=4.5,
                ground="surface",
            )
        )

    def _delete(self, session: str) -> None:
        self.desk.removal.begin(session)
        self.desk.go("history")

    def _room(self, panel: Rect) -> int:
        """How many events fit into their panel."""
        return int((panel.h - self.ui.g(3)) // self.ui.g(LINE))

    def _events(self, body: Element, area: Rect, marks: tuple[state.Mark, ...], bottom: Rect) -> None:
        ui = self.ui
        room = self._room(area)
        area = area.inset(ui.g(2), ui.g(1.5))
        shown = marks[self._first : self._first + room]
        if not marks:
            body.add_widget(Text(ui, area, _("Nothing to note."), size="small", tone="quiet", align="center"))
        for mark in shown:
            row = area.cut_top(ui.g(LINE))
            clock = max(ui.g(6.5), text_width(ui, "00:00", "small")) + ui.g(1)
            body.add_widget(Text(ui, row.cut_left(clock), mark.time, size="small", tone="quiet"))
            tone = "warning" if mark.tone == "warning" else "text"
            body.add_widget(Text(ui, row, mark.words, size="small", tone=tone))
        if len(marks) <= room:
            return
        side = ui.g(9)
        for name, icon, enabled, by in (
            ("events-on", "down", self._first + room < len(marks), room),
            ("events-back", "up", self._first > 0, -room),
        ):
            button = PushButton(
                ui,
                bottom.cut_right(side, ui.g(1)),
                name,
                "",
                partial(self._turn, by),
                icon=icon,
                radius=4.5,
                ground="surface",
            )
            button.set_enabled(enabled)
            body.add_widget(button)

    def _turn(self, by: int) -> None:
        self._first = max(0, self._first + by)
        self._build()
