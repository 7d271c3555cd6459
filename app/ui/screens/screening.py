"""Screening: one question on a card, what a yes does at once, and at the end what is locked and why."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from app.household.people import Person
from app.ui.layout import Rect
from app.ui.screens.base import Desk, Screen
from app.ui.speech import render
from app.ui.state import screening as state
from app.ui.widgets.base import Element, Icon, Panel, Text, Ui, least_width, line_count, paragraph, text_width
from app.ui.widgets.button import PushButton
from app.ui.widgets.paint import Box, Picture, disc_texture
from app.ui.words import _
from hardware.errors import InstepError

log = logging.getLogger(__name__)

ROW = 7.0
"""A locked thing in the summary, grid steps."""


class Screening(Screen):
    """Begins anew each time it is opened: half an answer counts as none."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect, desk)
        self._way = state.Walk()
        self._body: Element | None = None
        self._problem = ""

    @property
    def _person(self) -> Person | None:
        return self.desk.household.people.get(self.desk.sitting.about)

    def opened(self) -> None:
        self._way, self._problem = state.Walk(), ""
        self._build()

    def left(self) -> None:
        # A fault, or a lost machine, may take the screen away in the middle of the questions.
        self._drop()

    def update(self) -> None:
        unkept = render(self.desk.household.unkept)
        if self._way.over and unkept and unkept != self._problem:
            self._problem = unkept
            self._build()

    def _build(self) -> None:
        if self._body is not None:
            self.remove_widget(self._body)
        self._body = Element(self.ui, self.rect)
        if self._way.over:
            self._summary(self._body)
        else:
            self._card(self._body, state.card(self._way))
        self.add_widget(self._body)
        self.rearm()

    # --- a question -------------------------------------------------------------------------------------

    def _card(self, body: Element, card: state.Card) -> None:
        ui = self.ui
        page = self.page.copy()
        bottom = page.cut_bottom(self.out.h, ui.g(2))
        who = self._person
        name = _("Questions for {name}").format(name=who.name) if who else _("Questions")
        if who is not None and who.asked_anew and self._way.at == 0:
            name = _("There are new questions since you answered last.")
        wide = text_width(ui, card.progress, "small") + ui.g(0.5)
        lines = line_count(ui, name, page.w - wide - ui.g(2), "small")
        head = page.cut_top(ui.g(3.5 if lines == 1 else 6.5), ui.g(1))
        at = head.cut_right(wide, ui.g(2))
        body.add_widget(
            Text(ui, head, name, size="small", tone="quiet", wrap=True, balance=True, may_cut=True)
        )
        body.add_widget(Text(ui, at, card.progress, size="small", tone="quiet", align="right"))
        bar = page.cut_top(ui.g(0.75), ui.g(2))
        body.canvas.add(Box(bar, ui.color("raised"), bar.h / 2))
        if card.done > 0:
            done = Rect(bar.x, bar.y, max(bar.h * 2, bar.w * card.done), bar.h)
            body.canvas.add(Box(done, ui.color("motion"), bar.h / 2))
        body.add_widget(Panel(ui, page, "surface"))
        inner = page.inset(ui.g(3), ui.g(2.5))
        effect = inner.cut_bottom(ui.g(23 if self.portrait else 10)) if card.effect else None
        words = inner.cut_top(inner.h * (0.5 if card.effect else 0.48), ui.g(1))
        body.add_widget(
            paragraph(ui, words, card.question, ("title", "body"), weight="strong", valign="bottom")
        )
        body.add_widget(paragraph(ui, inner, card.meant, ("body", "small"), tone="quiet", valign="top"))
        if effect is not None:
            self._effect(body, effect, card)
        bottom = self.beside_out()
        self._answers(body, bottom, card)
        self._leave(body, _("Back"), "left", self._back)

    def _effect(self, body: Element, area: Rect, card: state.Card) -> None:
        """What the yes does, and on."""
        ui = self.ui
        area = area.copy()
        body.add_widget(Panel(ui, area, "raised", radius=2.5))
        inner = area.inset(ui.g(1.5), ui.g(1))
        on = inner.cut_bottom(ui.g(8), ui.g(1)) if self.portrait else inner.cut_right(ui.g(16), ui.g(1.5))
        icon = inner.cut_left(ui.g(3.5), ui.g(1.5))
        tone = "warning" if card.refuses else "heat"
        body.add_widget(Icon(ui, icon, "warning", ui.color(tone), steps=3.5))
        body.add_widget(paragraph(ui, inner, card.effect, ("body", "small")))
        body.add_widget(
            PushButton(
                ui, on, "go-on", _("Go on"), self._on, style="primary", arm_s=0.3
            )
        )  # fmt: skip

    def _answers(self, body: Element, area: Rect, card: state.Card) -> None:
        ui = self.ui
        no, yes = area.columns(2, ui.g(1.5))
        for place, name, words, answer in ((no, "no", _("No"), False), (yes, "yes", _("Yes"), True)):
            body.add_widget(
                PushButton(
                    ui,
                    place,
                    name,
                    words,
                    partial(self._answer, answer),
                    style="chosen" if card.chosen is answer else "plain",
                    size="title",
                    radius=4.5,
                    # The finger that answered the question before must not answer this one.
                    arm_s=0.3,
                )
            )

    def _answer(self, yes: bool) -> None:
        self._way = self._way.answer(yes)
        self._after_step()

    def _on(self) -> None:
        self._way = self._way.on()
        self._after_step()

    def _back(self) -> None:
        if self._way.at == 0:
            self._drop()
            self.desk.go("home" if self.desk.sitting.onward == "ready" else self.desk.sitting.onward)
            return
        self._way = self._way.back()
        self._build()

    def _after_step(self) -> None:
        if self._way.over:
            self._keep()
        self._build()

    # --- the end ----------------------------------------------------------------------------------------

    def _keep(self) -> None:
        """What was answered counts from now on, even if nobody touches anything any more."""
        who = self._person
        if who is None:
            return
        sitting, people = self.desk.sitting, self.desk.household.people
        self._save(people.answered(who, self._way.yes, sitting.today()))

    def _drop(self) -> None:
        """Somebody said yes to something new and left: the old answers count no more."""
        who = self._person
        if who is not None and who.answered is not None and set(self._way.yes) - set(who.yes):
            self._save(replace(who, answered=None))

    def _save(self, who: Person) -> None:
        self._problem = ""
        try:
            self.desk.household.people.change(who)
        except InstepError as error:
            log.warning("the answers cannot be kept: %s", error)
            self._problem = render(error.message)

    def _summary(self, body: Element) -> None:
        ui = self.ui
        who = self._person
        sitting = self.desk.sitting
        sits = who is not None and sitting.who is not None and sitting.who.id == who.id
        said = state.summary(self._way.yes, ticklish=bool(who and who.ticklish), first=sits and sitting.first)
        page = self.page.copy()
        page.cut_bottom(self.out.h, ui.g(2))
        head = page.cut_top(ui.g(12 if self.portrait else 9), ui.g(1.5))
        disc = head.cut_left(ui.g(8), ui.g(2))
        disc = Rect(disc.x, disc.top - ui.g(8.5), disc.w, ui.g(8))
        tone = "warning" if said.refused or self._problem else "motion"
        body.canvas.add(Picture(disc_texture(ui.g(8)), disc.x, disc.y, ui.color(tone, 0.18)))
        icon = "warning" if tone == "warning" else "check"
        body.add_widget(Icon(ui, disc, icon, ui.color(tone), steps=4))
        alone = said.refused or bool(self._problem)
        heading = Rect(head.x, disc.y, head.w, disc.h) if alone else head.cut_top(ui.g(4.5))
        body.add_widget(Text(ui, heading, said.heading, size="title", weight="strong"))
        words = self._problem or said.words
        if alone:
            # More to say, and to be read.
            head = page.cut_top(ui.g(12 if self.portrait else 7.5), ui.g(1))
            body.add_widget(Text(ui, head, words, wrap=True, valign="top", balance=True))
        else:
            body.add_widget(
                Text(ui, head, words, size="small", tone="quiet", wrap=True, valign="top", balance=True)
            )
        self._limits(body, page, said)
        bottom = self.beside_out()
        if alone:
            self._leave(body, _("Home"), "home", lambda: self.desk.go("home"))
            self._plain(body, bottom, "screening-again", _("Answer again"), self.opened)
            return
        ready = sitting.onward == "ready"
        body.add_widget(
            PushButton(
                ui,
                bottom,
                "screening-done",
                _("Go on to the massage") if ready else _("Done"),
                lambda: self.desk.go(sitting.onward),
                style="primary",
                icon="check",
                radius=4.5,
                arm_s=0.3,
            )
        )
        self._leave(body, _("Back"), "left", self._back)

    def _limits(self, body: Element, area: Rect, said: state.Summary) -> None:
        ui = self.ui
        columns = 1 if self.portrait or len(said.limits) <= 4 else 2
        rows = -(-len(said.limits) // columns) or 1
        gap = ui.g(1)
        # Two columns are narrow: what is locked may take two lines there.
        line = ui.theme.line_px("small")
        most = max(ui.g(ROW), 2 * line + ui.g(1)) if columns == 1 else ui.g(10)
        high = min(most, (area.h - gap * (rows - 1)) / rows)
        places = []
        for column in area.columns(columns, ui.g(1.5)):
            places += [column.cut_top(high, gap) for _row in range(rows)]
        for limit, place in zip(said.limits, places, strict=False):
            body.add_widget(Panel(ui, place, "surface", radius=2))
            inner = place.inset(ui.g(2), ui.g(0.25))
            if said.refused:
                body.add_widget(Text(ui, inner, limit.why, weight="strong"))
            elif columns == 1 and not self.portrait:
                why = inner.cut_right(inner.w * 0.48, ui.g(2))
                body.add_widget(Text(ui, inner, limit.what, weight="strong"))
                body.add_widget(Text(ui, why, limit.why, size="small", tone="quiet", align="right"))
            else:
                # What and why stand together in the middle, however many lines it takes to say what.
                lines = 2 if least_width(ui, limit.what) > inner.w else 1
                inner = inner.middle(inner.w, min(inner.h, line * (lines + 1)))
                low = inner.cut_bottom(min(line, inner.h / (lines + 1)))
                body.add_widget(
                    Text(ui, inner, limit.what, size="small", weight="strong", wrap=lines > 1, balance=True)
                )
                body.add_widget(Text(ui, low, limit.why, size="small", tone="quiet"))

    def _plain(self, body: Element, place: Rect, name: str, words: str, act: Callable[[], None]) -> None:
        body.add_widget(
            PushButton(self.ui, place, name, words, act, icon="again", radius=4.5, ground="surface")
        )

    def _leave(self, body: Element, words: str, icon: str, act: Callable[[], None]) -> None:
        body.add_widget(
            PushButton(
                self.ui, self.out, "back", words, act, icon=icon, radius=4.5, ground="surface"
            )
        )  # fmt: skip
