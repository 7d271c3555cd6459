"""One person: name, colour, how their feet are, the questions; and how to leave the machine for good."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial

from msgspec.structs import replace

from app.household.people import Colour
from app.household.people import Person as Somebody
from app.ui.layout import Rect
from app.ui.screens.base import Desk, Screen
from app.ui.screens.farewell import Farewell
from app.ui.speech import render
from app.ui.state import people as state
from app.ui.theme import PEOPLE
from app.ui.widgets.avatar import Avatar
from app.ui.widgets.base import Element, Icon, Panel, Text, Ui, line_count
from app.ui.widgets.button import PushButton, Touchable
from app.ui.widgets.controls import Segments
from app.ui.widgets.paint import Picture, disc_texture
from app.ui.words import _
from hardware.errors import InstepError


class Swatch(Touchable):
    """One of the colours; the chosen one has a check."""

    def __init__(self, ui: Ui, rect: Rect, colour: Colour, chosen: bool, choose: partial[None]) -> None:
        super().__init__(ui, rect, f"colour-{colour}", choose)
        side = ui.g(6)
        x, y = rect.center
        disc = Picture(disc_texture(side), round(x - side / 2), round(y - side / 2), ui.color(PEOPLE[colour]))
        self.canvas.add(disc)
        if chosen:
            self.add_widget(Icon(ui, rect, "check", ui.theme.on(PEOPLE[colour]), steps=3))


class Person(Screen):
    """``desk.sitting.about`` says who."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect, desk)
        self._body: Element | None = None
        self._sheet: Farewell | None = None
        self._told = ""
        self._unkept = ""
        self._had = True
        """They have sessions in the history; what is not known counts as yes."""

    @property
    def _who(self) -> Somebody | None:
        return self.desk.household.people.get(self.desk.sitting.about)

    def opened(self) -> None:
        self._unkept = self._told = render(self.desk.household.unkept)
        self._close()
        self._build()
        self._had = True
        who = self._who
        if who is not None:
            self.desk.look(lambda reader: bool(reader.page(1, person=who.id)), partial(self._know, who.id))

    def _know(self, person: str, had: bool) -> None:
        if person == self.desk.sitting.about:
            self._had = had

    def update(self) -> None:
        unkept = render(self.desk.household.unkept)
        if unkept != self._unkept:
            self._unkept = self._told = unkept
            self._build()

    def _build(self) -> None:
        ui = self.ui
        if self._body is not None:
            self.remove_widget(self._body)
        body = self._body = Element(ui, self.rect)
        self.add_widget(body)
        body.add_widget(
            PushButton(
                ui, self.out, "back", _("Back"), lambda: self.desk.go("people"), icon="left", radius=4.5,
                ground="surface",
            )
        )  # fmt: skip
        who = self._who
        if who is None:
            gone = _("This person is not here any more.")
            body.add_widget(Text(ui, self.page.inset(0, ui.g(10)), gone, align="center"))
        else:
            self._fill(body, who, state.person(who, self.desk.sitting.today()))
        self.rearm()

    def _fill(self, body: Element, who: Somebody, said: state.PersonState) -> None:
        ui = self.ui
        page = self.page.copy()
        page.cut_bottom(self.out.h, ui.g(2))
        self._head(body, page.cut_top(ui.g(8), ui.g(1.5)), said)
        gap = ui.g(1.5)
        bottom = self.beside_out()
        if self.portrait:
            high = ui.g(10)
            self._colours(body, page.cut_top(ui.g(16.5), gap), said)
            self._ticklish(body, page.cut_top(high, gap), said)
            self._feeling(body, page.cut_top(high, gap), said)
            self._questions(body, page.cut_top(ui.g(20.5), gap), said)
            remove = page.cut_top(ui.g(9), gap)
        else:
            top, middle, low = page.rows(3, gap)
            self._colours(body, top, said)
            left, right = middle.columns(2, gap)
            self._ticklish(body, left, said)
            self._feeling(body, right, said)
            self._questions(body, low, said)
            remove = bottom.cut_left(ui.g(19.5), gap)
        body.add_widget(
            PushButton(
                ui, remove, "remove", _("Remove"), partial(self._farewell, who),
                icon="bin", radius=4.5, ground="surface",
            )
        )  # fmt: skip
        self._sits(body, bottom, who)

    def _sits(self, body: Element, place: Rect, who: Somebody) -> None:
        sits = self.desk.household.who is not None and self.desk.household.who.id == who.id
        button = PushButton(
            self.ui, place, "sit-here", _("Sits here now") if sits else _("Sit here"),
            partial(self._sit, who.id), style="plain" if sits else "primary", icon="check", radius=4.5,
            ground="surface",
        )  # fmt: skip
        button.set_enabled(not sits)
        body.add_widget(button)

    def _head(self, body: Element, head: Rect, said: state.PersonState) -> None:
        ui = self.ui
        body.add_widget(Avatar(ui, head.cut_left(ui.g(8), ui.g(2)), said.initial, said.colour, steps=8))
        rename = head.cut_right(ui.g(18 if self.portrait else 23), ui.g(1.5))
        body.add_widget(
            PushButton(
                ui, rename, "rename", _("Rename"), lambda: self.desk.go("naming"), icon="edit",
                ground="surface",
            )
        )  # fmt: skip
        if self._told:
            body.add_widget(Text(ui, head, self._told, size="small", tone="warning", wrap=True))
        else:
            body.add_widget(Text(ui, head, said.name, size="title", weight="strong", may_cut=True))

    def _row(self, body: Element, row: Rect) -> Rect:
        body.add_widget(Panel(self.ui, row, "surface"))
        return row.inset(self.ui.g(2.5), self.ui.g(1))

    def _colours(self, body: Element, row: Rect, said: state.PersonState) -> None:
        ui = self.ui
        inner = self._row(body, row)
        side = ui.g(8)
        if self.portrait:
            body.add_widget(Text(ui, inner.cut_top(ui.g(4), ui.g(1)), _("Colour")))
            swatches = inner
        else:
            swatches = inner.cut_right(len(said.colours) * side, ui.g(2))
            body.add_widget(Text(ui, inner, _("Colour")))
        for (colour, _name), column in zip(said.colours, swatches.columns(len(said.colours)), strict=True):
            place = column.middle(max(side, min(column.w, ui.g(9))), side)
            body.add_widget(Swatch(ui, place, colour, colour == said.colour, partial(self._colour, colour)))

    def _ticklish(self, body: Element, row: Rect, said: state.PersonState) -> None:
        ui = self.ui
        inner = self._row(body, row)
        switch = inner.cut_right(ui.g(18), ui.g(1.5))
        body.add_widget(Text(ui, inner, _("Ticklish feet"), wrap=True))
        choices = Segments(
            ui, switch.middle(switch.w, ui.g(8)), "ticklish", [(False, _("No")), (True, _("Yes"))],
            self._tickle,
        )  # fmt: skip
        choices.choose(said.ticklish)
        body.add_widget(choices)

    def _feeling(self, body: Element, row: Rect, said: state.PersonState) -> None:
        ui = self.ui
        inner = self._row(body, row)
        value = _("Yes") if said.reduced_feeling else _("No")
        top, low = inner.middle(inner.w, ui.g(7)).rows(2)
        answer = top.cut_right(ui.g(8), ui.g(1))
        body.add_widget(Text(ui, top, _("Reduced feeling in the feet")))
        body.add_widget(Text(ui, answer, value, weight="strong", align="right"))
        words = said.reduced_feeling or _("As the questions were answered")
        body.add_widget(Text(ui, low, words, size="small", tone="quiet"))

    def _questions(self, body: Element, row: Rect, said: state.PersonState) -> None:
        ui = self.ui
        inner = self._row(body, row)
        if self.portrait:
            place = inner.cut_bottom(ui.g(8), ui.g(1))
        else:
            place = inner.cut_right(ui.g(26), ui.g(2))
            place = place.middle(place.w, ui.g(8))
        # When and what of it may take two lines.
        two = line_count(ui, said.answered, inner.w, "small") > 1
        low = inner.middle(inner.w, ui.g(10 if two else 7))
        top = low.cut_top(ui.g(3.5))
        body.add_widget(
            Text(ui, top, said.verdict, weight="strong", tone="warning" if said.refused else "text")
        )
        body.add_widget(Text(ui, low, said.answered, size="small", tone="quiet", wrap=two, balance=two))
        never = self._who is not None and self._who.answered is None
        body.add_widget(
            PushButton(
                ui, place, "questions", _("Answer now") if never else _("Answer again"),
                self._ask, style="plain" if said.screened else "primary",
            )
        )  # fmt: skip

    # --- what a touch does ------------------------------------------------------------------------------

    def _change(self, who: Somebody) -> None:
        self._told = self._unkept
        try:
            self.desk.household.people.change(who)
        except InstepError as error:
            self._told = render(error.message)
        self._build()

    def _colour(self, colour: Colour) -> None:
        who = self._who
        if who is not None and who.colour != colour:
            self._change(replace(who, colour=colour))

    def _tickle(self, ticklish: Hashable) -> None:
        who = self._who
        if who is not None and who.ticklish != ticklish:
            self._change(replace(who, ticklish=ticklish is True))

    def _sit(self, person: str) -> None:
        self.desk.sit(person)
        self.desk.go("home")

    def _ask(self) -> None:
        who = self._who
        if who is not None:
            self.desk.go(self.desk.sitting.questions(who.id))

    def _farewell(self, who: Somebody) -> None:
        self._close()
        self._sheet = Farewell(self.ui, self.rect, self.desk, who, self.out, self._close, had=self._had)
        self.add_widget(self._sheet)
        self.rearm(self._sheet)

    def _close(self) -> None:
        if self._sheet is not None:
            self.remove_widget(self._sheet)
            self._sheet = None
            self.rearm()
