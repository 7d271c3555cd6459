"""Home: the programs, the last session again, the history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from typing import TYPE_CHECKING

from app.ui.layout import Rect
from app.ui.screens.base import Desk, Screen
from app.ui.state import home as state
from app.ui.state.limits import preferred_choices
from app.ui.state.people import initial
from app.ui.widgets.base import Element, Icon, Text, Ui, line_count, paragraph, text_width
from app.ui.widgets.button import PushButton, Touchable
from app.ui.widgets.footmap import ProgramPicture
from app.ui.widgets.paint import Box
from app.ui.widgets.who import Who
from app.ui.words import _

if TYPE_CHECKING:
    from app.commissioning.record import Standing

PER_PAGE = 4
STANDING_S = 0.8
STANDING_AGAIN_S = 10.0


class ProgramCard(Touchable):
    """A program: its picture, its name, a line, its minutes."""

    def __init__(
        self, ui: Ui, rect: Rect, card: state.Card, action: Callable[[], None], beside: Sequence[state.Card]
    ) -> None:
        super().__init__(ui, rect, f"program-{card.id}", action)
        self._box = Box(rect, ui.color("surface"), ui.g(3))
        self.canvas.add(self._box)
        area = rect.inset(ui.g(2), ui.g(1.75))
        # A name of several words that has no room takes two lines; all the pictures then make way alike.
        room = area.w + ui.g(1)
        longer = any(_two_lines(ui, other.title, room) for other in beside)
        words = area.cut_bottom(ui.g(10.25 + (3 if longer else 0)), ui.g(0.5))
        two = _two_lines(ui, card.title, room)
        title = words.cut_top(ui.g(7 if two else 4))
        line = words.cut_top(ui.g(6.25))
        picture = area.copy()
        minutes = Rect(area.x, area.top - ui.g(3), area.w, ui.g(3))
        if rect.h > rect.w:
            # A narrow card: the leg makes way for the minutes beside it.
            picture.x -= ui.g(1)
        self.add_widget(ProgramPicture(ui, picture, card.accent, card.works_on, card.warm))
        # A long name may come as near to the card's edge as its round corners let it.
        title.w += ui.g(1)
        size = "body" if two else "title"
        self.add_widget(
            Text(ui, title, card.title, size=size, weight="strong", wrap=two, balance=two, may_cut=True)
        )
        self.add_widget(
            Text(
                ui,
                line,
                card.line,
                size="small",
                tone="quiet",
                wrap=True,
                valign="top",
                balance=True,
                alike=[other.line for other in beside],
                may_cut=True,
            )
        )
        self.add_widget(Text(ui, minutes, card.minutes, size="small", weight="strong", align="right"))

    def flash(self) -> None:
        self._box.tint(self.ui.color("raised"))

    def calm(self) -> None:
        self._box.tint(self.ui.color("surface"))


def _two_lines(ui: Ui, title: str, room: float) -> bool:
    return " " in title and text_width(ui, title, "body", "strong") > room


class Home(Screen):
    """Where every evening begins."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect, desk)
        self._cards = state.cards(desk.programs)
        self._at_page = 0
        self._body: Element | None = None
        self._shape: tuple[object, ...] | None = None
        page = self.page.copy()
        # Lying, a notice takes the greeting's place: the programs keep theirs, whatever there is to say.
        self._head_at = page.cut_top(ui.g(11 if self.portrait else 8), ui.g(2))
        self._who: Who | None = None
        self._area = page
        self._standing: Standing = "done"
        self._ask_at = ui.now() + STANDING_S

    def opened(self) -> None:
        # A person may have added a program since.
        cards = state.cards(self.desk.programs)
        if cards != self._cards:
            self._cards, self._shape = cards, None
        self._at_page = 0
        self._ask_at = self.ui.now() + STANDING_S
        super().opened()
        for widget in self.walk(restrict=True):
            if isinstance(widget, ProgramCard | Who):
                widget.calm()

    def update(self) -> None:
        snapshot = self.desk.snapshot
        if snapshot is None:
            return
        who = self.desk.household.who
        name = who.name if who else _("Guest")
        week = self.desk.sessions_this_week()
        self._ask_standing()
        said = state.home(
            snapshot,
            self.desk.wall(),
            self.desk.problems,
            week,
            name,
            self.desk.reminder(),
            self._standing,
            self.desk.household.unkept,
        )
        again = self.desk.last_session()
        shape = (said.notice, said.notice_opens, again, self._at_page)
        if shape != self._shape:
            self._shape = shape
            self._build(said)
        if self._who is not None:
            colour = who.colour if who else None
            self._who.set(initial(who.name) if who else "", colour, said)

    def _ask_standing(self) -> None:
        """Whether the machine was gone through; a look at a file, once Home has been seen.

        Again as long as it was not: somebody may do it at a terminal while this screen reminds of it.
        """
        if self.ui.now() < self._ask_at:
            return
        self._ask_at = inf
        household, machine = self.desk.household, self.desk.machine
        self.desk.aside(lambda: household.standing(machine), self._stands)

    def _stands(self, standing: Standing) -> None:
        self._standing = standing
        self._ask_at = inf if standing == "done" else self.ui.now() + STANDING_AGAIN_S
        self.update()

    def _build(self, said: state.HomeState) -> None:
        ui = self.ui
        if self._body is not None:
            self.remove_widget(self._body)
        self._body = Element(ui, self.rect)
        area = self._area.copy()
        foot = area.cut_bottom(ui.g(9), ui.g(2)) if self.portrait else area.cut_bottom(ui.g(8.5), ui.g(2))
        head = self._head_at.copy()
        alone = bool(said.notice) and not self.portrait
        if said.notice:
            notice = area.cut_top(self._notice_high(said), ui.g(1.5)) if self.portrait else head
            place = head.cut_left(ui.g(8), ui.g(1.5)) if alone else head
            self._notice(notice, said)
            self._who = Who(ui, place, self._people, alone)
        else:
            self._who = Who(ui, head, self._people)
        self._body.add_widget(self._who)
        many = state.pages(len(self._cards), PER_PAGE)
        shown = self._cards[self._at_page * PER_PAGE : (self._at_page + 1) * PER_PAGE]
        gap = ui.g(2)
        wide = 22 if many == 1 else 16.5
        if self.portrait:
            if self.desk.last_session():
                self._again(area.cut_bottom(ui.g(9), ui.g(2)))
            places = [place for row in area.rows(2, gap) for place in row.columns(2, gap)]
        else:
            places = area.columns(PER_PAGE, gap)
        for card, place in zip(shown, places, strict=False):
            self._body.add_widget(ProgramCard(ui, place, card, partial(self._choose, card), shown))
        self._body.add_widget(
            PushButton(
                ui,
                foot.cut_right(foot.h, ui.g(1.5)),
                "settings",
                "",
                lambda: self.desk.go("settings"),
                icon="gear",
                ground="surface",
                radius=4.5,
            )
        )
        self._body.add_widget(
            PushButton(
                ui,
                foot.cut_right(foot.w if self.portrait and many == 1 else ui.g(wide), ui.g(1.5)),
                "history",
                _("History"),
                lambda: self.desk.go("history"),
                icon="history",
                ground="surface",
                radius=4.5,
            )
        )
        if many > 1:
            self._pager(foot, many)
        if not self.portrait:
            if self.desk.last_session():
                self._again(foot)
            else:
                self._body.add_widget(
                    Text(ui, foot, _("Choose a program to begin."), size="body", tone="quiet")
                )
        self.add_widget(self._body)
        super().opened()

    def _again(self, place: Rect) -> None:
        last = self.desk.last_session()
        if last is None or self._body is None:
            return
        program, choices = last
        title, settings = state.again_words(program, choices)
        both = _("{again}, {settings}").format(again=title, settings=settings)
        self._body.add_widget(
            PushButton(
                self.ui,
                place,
                "again",
                both,
                self._start_again,
                style="primary",
                icon="again",
                accent=program.accent,
                radius=4.5,
                may_cut=True,
            )
        )

    def _pager(self, foot: Rect, many: int) -> None:
        ui = self.ui
        assert self._body is not None
        back, on = foot.cut_right(ui.g(18), ui.g(1.5)).columns(2, ui.g(1))
        for place, name, icon, by in ((back, "page-back", "left", -1), (on, "page-on", "right", 1)):
            button = PushButton(
                ui,
                place,
                name,
                "",
                partial(self._turn, by, many),
                icon=icon,
                ground="surface",
                radius=4.5,
            )
            button.set_enabled(0 <= self._at_page + by < many)
            self._body.add_widget(button)

    def _notice_high(self, said: state.HomeState) -> int:
        """Upright a long notice takes a third line, or a fourth."""
        room = self.page.w - self.ui.g(12.5)
        return self.ui.g(1.75 + 3.125 * max(2, line_count(self.ui, said.notice, room, "small")))

    def _notice(self, place: Rect, said: state.HomeState) -> None:
        ui = self.ui
        assert self._body is not None
        holder: Element = Element(ui, place)
        if said.notice_opens:
            holder = PushButton(ui, place, "notice", "", self._read, style="notice")
        self._body.add_widget(holder)
        if not said.notice_opens:
            holder.canvas.add(Box(place, ui.color("surface"), ui.g(2.5)))
        # Two lines keep away from the frame; large ones become smaller for it.
        inner = place.inset(ui.g(2), ui.g(0.75))
        holder.add_widget(
            Icon(ui, inner.cut_left(ui.g(3), ui.g(1.5)), "warning", ui.color("warning"), steps=3)
        )
        if said.notice_opens:
            holder.add_widget(Icon(ui, inner.cut_right(ui.g(3), ui.g(1)), "right", ui.color("warning")))
        holder.add_widget(paragraph(ui, inner, said.notice, ("body", "small")))

    def _people(self) -> None:
        self.desk.go("people")

    def _choose(self, card: state.Card) -> None:
        program, machine = self.desk.programs[card.id], self.desk.machine
        last = preferred_choices(self.desk.household.who, program, machine)
        self.desk.choices = last or state.first_choices(program, machine)
        self.desk.go("ready")

    def _start_again(self) -> None:
        last = self.desk.last_session()
        if last is not None:
            self.desk.choices = last[1]
            self.desk.go("ready")

    def _turn(self, by: int, many: int) -> None:
        self._at_page = min(many - 1, max(0, self._at_page + by))
        self.update()

    def _read(self) -> None:
        self.desk.router.read_notice()
        self.desk.refresh()
