"""Sessions onto a USB stick: what, onto which, and what came of it."""

from __future__ import annotations

from functools import partial
from types import EllipsisType

from app.sessions.clock import clock_is_good
from app.ui.layout import Rect
from app.ui.screens.base import Desk, Screen
from app.ui.state.takeaway import TakeAway
from app.ui.widgets.base import Element, Icon, Text, Ui, paragraph
from app.ui.widgets.button import PushButton
from app.ui.widgets.controls import Segments
from app.ui.words import _

MOST_STICKS = 3
ICONS = {"done": "check", "failed": "warning"}
TONES = {"done": "motion", "failed": "warning"}


class TakeAwayScreen(Screen):
    """Follows the steps of a :class:`TakeAway`; the writing itself goes on when one leaves."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect, desk)
        self.away = TakeAway(ui.now)
        self._body: Element | None = None
        self._shape: tuple[object, ...] = ()
        self._head: Text | None = None
        self._words: Text | None = None

    def opened(self) -> None:
        self.away.again()
        self.update()
        super().opened()

    def update(self) -> None:
        away = self.away
        away.poll()
        plugged = tuple(stick.device for stick in away.sticks)
        shape = (away.step, plugged, away.device, away.form, away.everybody)
        if shape != self._shape:
            self._shape = shape
            self._build()
        said = away.said()
        if self._head is not None and self._words is not None:
            self._head.set(said.head)
            self._words.set(said.words)

    def _build(self) -> None:
        ui = self.ui
        if self._body is not None:
            self.remove_widget(self._body)
        body = self._body = Element(ui, self.rect)
        self.add_widget(body)
        self._head = self._words = None
        page = self.page.copy()
        page.cut_bottom(self.out.h, ui.g(2))
        body.add_widget(
            PushButton(
                ui,
                self.out,
                "back",
                _("Back"),
                lambda: self.desk.go("history"),
                icon="left",
                radius=4.5,
                ground="surface",
            )
        )
        if self.away.step == "choose":
            self._choices(body, page)
        else:
            self._tell(body, page)
        self.rearm()

    def _tell(self, body: Element, page: Rect) -> None:
        ui, step = self.ui, self.away.step
        middle = page.middle(min(page.w, ui.g(64)), min(page.h, ui.g(24)))
        icon = Icon(
            ui,
            middle.cut_top(ui.g(8), ui.g(2)),
            ICONS.get(step, "stick"),
            ui.color(TONES.get(step, "quiet")),
            steps=7,
        )
        body.add_widget(icon)
        said = self.away.said()
        self._head = Text(
            ui,
            middle.cut_top(ui.g(5), ui.g(0.5)),
            said.head,
            size="title",
            weight="strong",
            align="center",
        )
        self._words = Text(
            ui, middle, said.words, tone="quiet", align="center", valign="top", wrap=True, balance=True
        )
        body.add_widget(self._head)
        body.add_widget(self._words)
        if step in ("done", "failed"):
            label = _("Another file") if step == "done" else _("Try again")
            place = self.beside_out().cut_right(min(self.beside_out().w, ui.g(30)))
            body.add_widget(
                PushButton(ui, place, "again", label, self._again, icon="again", radius=4.5, ground="surface")
            )

    def _choices(self, body: Element, page: Rect) -> None:
        ui, away = self.ui, self.away
        said = away.said()
        body.add_widget(Text(ui, page.cut_top(ui.g(4.5)), said.head, size="title", weight="strong"))
        body.add_widget(Text(ui, page.cut_top(ui.g(3.5), ui.g(2)), said.words, size="small", tone="quiet"))
        forms = [("csv", _("Table (CSV)")), ("json", _("Everything (JSON)"))]
        told = {
            "csv": _("One line a session, for any spreadsheet."),
            "json": _("With every curve and event, for other programs."),
        }
        self._pick(body, page, _("What"), "form", forms, away.form, told[away.form])
        if self._people():
            whose = [(False, self._own()), (True, _("Everybody"))]
            self._pick(body, page, _("Whose"), "whose", whose, away.everybody, "")
        if len(away.sticks) > 1:
            sticks = [(stick.device, stick.name) for stick in away.sticks[:MOST_STICKS]]
            self._pick(body, page, _("Where"), "stick", sticks, away.device, "")
        stick = away.stick
        name = stick.name if stick else ""
        body.add_widget(
            PushButton(
                ui,
                self.beside_out(),
                "write",
                _("Write to {stick}").format(stick=name),
                self._write,
                style="primary",
                icon="stick",
                radius=4.5,
            )
        )

    def _pick(
        self,
        body: Element,
        page: Rect,
        head: str,
        name: str,
        options: list[tuple[object, str]] | list[tuple[str, str]] | list[tuple[bool, str]],
        chosen: object,
        words: str,
    ) -> None:
        """A question and its answers side by side; upright one above the other."""
        ui = self.ui
        if self.portrait:
            body.add_widget(Text(ui, page.cut_top(ui.g(3.5), ui.g(0.5)), head, size="small", tone="quiet"))
            row = page.cut_top(ui.g(8), ui.g(1))
        else:
            row = page.cut_top(ui.g(8), ui.g(0.5))
            body.add_widget(Text(ui, row.cut_left(ui.g(12)), head, tone="quiet"))
        picks = Segments(ui, row, name, options, partial(self._chosen, name), accent="outline")
        picks.choose(chosen)
        body.add_widget(picks)
        if words:
            under = page.cut_top(ui.g(3.5))
            if not self.portrait:
                under.cut_left(ui.g(12))
            body.add_widget(paragraph(ui, under, words, ("small",), tone="quiet", balance=False))
        page.cut_top(ui.g(1.5))

    def _chosen(self, name: str, value: object) -> None:
        away = self.away
        if name == "form":
            away.form = "json" if value == "json" else "csv"
        elif name == "whose":
            away.everybody = bool(value)
        else:
            away.device = str(value)
        self.update()

    def _people(self) -> bool:
        return bool(self.desk.household.people.all)

    def _own(self) -> str:
        who = self.desk.household.who
        return who.name if who else _("Guest")

    def _write(self) -> None:
        reader = self.desk.history()
        if reader is None:
            return
        person: str | EllipsisType | None = ...
        if self._people() and not self.away.everybody:
            who = self.desk.household.who
            person = who.id if who else None
        names = {other.id: other.name for other in self.desk.household.people.all}
        today = self.desk.wall().date() if clock_is_good() else None
        self.away.start(reader, person, today, names)
        self.update()

    def _again(self) -> None:
        self.away.again()
        self.update()
