"""A name: for somebody new, or another one for somebody who is here."""

from __future__ import annotations

from msgspec.structs import replace

from app.household.people import NAME_LETTERS
from app.ui.layout import Rect
from app.ui.screens.base import Desk, Screen
from app.ui.speech import render
from app.ui.state.typing import Typing
from app.ui.widgets.base import Text, Ui, text_width
from app.ui.widgets.button import PushButton
from app.ui.widgets.keyboard import Keyboard
from app.ui.widgets.paint import Box
from app.ui.words import _
from hardware.errors import InstepError


class Naming(Screen):
    """``desk.sitting.about`` says whose name it is; nobody's is a new person's."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect, desk)
        self._typing = Typing()
        page = self.page.copy()
        below = self.beside_out()
        page.cut_bottom(self.out.h, ui.g(1.5))
        self._head = Text(ui, page.cut_top(ui.g(3), ui.g(0.5)), size="small", tone="quiet", may_cut=True)
        head = page.cut_top(ui.g(8), ui.g(1.5))
        done = head.cut_right(ui.g(17 if self.portrait else self.out.w / ui.g(1)), ui.g(1.5))
        self.canvas.add(Box(head, ui.color("surface"), ui.g(2.5)))
        inner = head.inset(ui.g(2), 0)
        # A name too wide for the field shows its end, where one types.
        self._field = Text(ui, inner, size="title", weight="strong", may_cut=True, cut_from="left")
        self._cursor_at = Rect(inner.x, inner.center[1] - ui.g(2), max(2, ui.g(0.25)), ui.g(4))
        self._cursor = Box(self._cursor_at, ui.color("motion"), 0)
        self.canvas.add(self._cursor)
        self._done = PushButton(
            ui, done, "name-done", _("Done"), self._keep, style="primary", icon="check", radius=2.5
        )
        if self.portrait:
            below = page.cut_bottom(ui.g(9), ui.g(1.5))
        self._keyboard = Keyboard(ui, page, below, desk.household.preferences.value.language, self._typed)
        for widget in (self._head, self._field, self._done, self._keyboard):
            self.add_widget(widget)
        self.add_widget(
            PushButton(
                ui, self.out, "back", _("Back"), self._leave, icon="left", radius=4.5, ground="surface"
            )
        )  # fmt: skip

    def opened(self) -> None:
        who = self.desk.household.people.get(self.desk.sitting.about)
        self._say(_("What is {name} called now?").format(name=who.name) if who else _("What is your name?"))
        self._typed(Typing.of(who.name if who else "", NAME_LETTERS))
        super().opened()

    def _say(self, words: str, tone: str = "quiet") -> None:
        self._head.set(words)
        self._head.tint(self.ui.color(tone))

    def _typed(self, typing: Typing) -> None:
        self._typing = typing
        self._field.set(typing.text)
        wide = text_width(self.ui, typing.text, "title", "strong") if typing.text else 0
        wide = min(wide + self.ui.g(0.25), self._field.width)
        at = self._cursor_at
        self._cursor.place(Rect(round(at.x + wide), at.y, at.w, at.h))
        self._done.set_enabled(not typing.empty)
        self._keyboard.set(typing)

    def _keep(self) -> None:
        sitting, people = self.desk.sitting, self.desk.household.people
        who = people.get(sitting.about)
        try:
            if who is None:
                sitting.about = people.add(self._typing.text).id
                self.desk.sit(sitting.about)
            else:
                people.change(replace(who, name=self._typing.text))
        except InstepError as error:
            self._say(render(error.message), "warning")
            return
        self.desk.go("person")

    def _leave(self) -> None:
        self.desk.go("people" if self.desk.sitting.about is None else "person")
