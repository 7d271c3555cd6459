"""Removing somebody: a second, clear step that says what becomes of their sessions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.household.people import Person
from app.ui.layout import Rect
from app.ui.screens.base import Desk
from app.ui.speech import render
from app.ui.state import people as state
from app.ui.theme import DELIBERATE_S, MARGIN
from app.ui.widgets.avatar import Avatar
from app.ui.widgets.base import Text, Ui, paragraph
from app.ui.widgets.button import PushButton
from app.ui.widgets.sheet import Sheet
from app.ui.words import _
from hardware.errors import InstepError
from hardware.messages import ForgetPerson, Reply


class Farewell(Sheet):
    """The history forgets first: only when it has, the person goes. A failure leaves everybody here.

    ``had``: they have sessions, so that there is something to decide.
    """

    def __init__(
        self,
        ui: Ui,
        rect: Rect,
        desk: Desk,
        who: Person,
        out: Rect,
        close: Callable[[], None],
        *,
        had: bool,
    ) -> None:
        super().__init__(ui, rect)
        self._desk, self._who = desk, who
        self._waiting = False
        page = rect.inset(ui.g(MARGIN))
        page.cut_bottom(out.h, ui.g(2))
        head = page.cut_top(ui.g(9), ui.g(2))
        self.add_widget(
            Avatar(ui, head.cut_left(ui.g(8), ui.g(2)), state.initial(who.name), who.colour, steps=8)
        )
        self.add_widget(
            Text(
                ui,
                head,
                _("Remove {name}?").format(name=who.name),
                size="title",
                weight="strong",
                may_cut=True,
            )
        )
        buttons = page.cut_bottom(ui.g(21 if had else 9.5), ui.g(2))
        self._words = paragraph(
            ui, page.copy(), state.farewell(who.name, had), ("body", "small"), tone="quiet", valign="top"
        )
        self.add_widget(self._words)
        self._place = page
        choices = (
            (
                ("remove-keep", _("Remove, keep the sessions without a name"), False),
                ("remove-all", _("Remove with all sessions"), True),
            )
            if had
            else (("remove-all", _("Remove"), True),)
        )
        for (name, words, sessions), place in zip(choices, buttons.rows(len(choices), ui.g(2)), strict=True):
            self.add_widget(
                PushButton(
                    ui, place, name, words, partial(self._remove, sessions),
                    style="caution", icon="bin", radius=2.5, arm_s=DELIBERATE_S,
                )
            )  # fmt: skip
        self.add_widget(
            PushButton(ui, out, "keep", _("Keep"), close, icon="left", radius=4.5, ground="surface")
        )

    def _remove(self, sessions: bool) -> None:
        if self._waiting:
            return
        self._waiting = True
        self._desk.send(ForgetPerson(person=self._who.id, sessions=sessions), self._answered)

    def _answered(self, reply: Reply) -> None:
        self._waiting = False
        if not reply.ok:
            self._say(render(reply.reason) or _("That is not possible now."))
            return
        try:
            self._desk.household.people.remove(self._who.id)
        except InstepError as error:
            self._say(render(error.message))
            return
        if self._desk.household.who is None:
            self._desk.sit(None)
        self._desk.go("people")

    def _say(self, words: str) -> None:
        self.remove_widget(self._words)
        self._words = paragraph(
            self.ui, self._place.copy(), words, ("body", "small"), tone="warning", valign="top"
        )
        self.add_widget(self._words)
