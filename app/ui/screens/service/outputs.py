"""One output at a time, for as long as a finger lies on it."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.clock import Clock

from app.ui.layout import Rect
from app.ui.screens.base import Desk
from app.ui.screens.service.page import Ground, Page
from app.ui.speech import render
from app.ui.state.service import outputs as state
from app.ui.state.service.hold import Hold
from app.ui.widgets.base import Ui
from app.ui.widgets.button import PushButton
from app.ui.widgets.holdbutton import HoldButton
from app.ui.words import _
from hardware.messages import Reply, Snapshot, Stop

KEYS = 19.0
"""Where there is more than one page of outputs; grid steps."""
LOOK_S = 1 / 30
"""How often the finger is looked for."""


class Outputs(Page):
    """A button an output. What is lit is what the machine says it drives."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk, ground: Ground) -> None:
        super().__init__(ui, rect, desk, ground)
        self._at_page = 0
        self._shown: list[HoldButton] = []
        self._turns: list[PushButton] = []
        columns = 2 if self.portrait else 4
        rows = int((self.area.h + ui.g(1.5)) // ui.g(9.5)) if self.portrait else 3
        self._places = [
            place for row in self.area.rows(rows, ui.g(1.5)) for place in row.columns(columns, ui.g(1.5))
        ]
        self._hold: Hold | None = None
        self._button: HoldButton | None = None
        self._event: Any = None

    def opened(self) -> None:
        super().opened()
        snapshot = self.desk.snapshot
        if snapshot is not None:
            self._build(state.outputs(snapshot, self.desk.machine))

    def left(self) -> None:
        self._let_go()

    def update(self, snapshot: Snapshot) -> None:
        found = state.outputs(snapshot, self.desk.machine)
        if self._hold is not None:
            self._hold.seen(any(output.driven for output in found if output.key == self._hold.output))
        self.look()
        for button, output in zip(self._shown, self._on_page(found), strict=False):
            button.set(output.effect, output.driven)
        if self._hold is not None and snapshot.driven is not None:
            words = _("It stops when you let go.")
        else:
            words = _("Hold one to drive it gently. It stops when you let go, and after 15 seconds.")
        self.say(words, snapshot)

    # --- the finger ----------------------------------------------------------------------------------

    def look(self) -> None:
        """Ask on for as long as the finger is there; see to it that it ends when it is not."""
        hold, button = self._hold, self._button
        if hold is None or button is None:
            return
        here = self.desk.router.place == "service" and self.parent is not None
        command = hold.step(self.ui.now(), here and button.held)
        if hold.over:
            self._let_go()
        elif command is not None:
            self.desk.send(command, self._heard)

    def _press(self, output: state.Output, button: HoldButton) -> None:
        if self._hold is not None:
            # The first finger has it; one output at a time.
            button.calm()
            return
        self.tell("")
        self._hold, self._button = Hold(output.key, self.ui.now()), button
        self._event = Clock.schedule_interval(lambda _dt: self.look(), LOOK_S)
        self.look()

    def _let_go(self) -> None:
        """No more is asked for; that alone ends it, the Stop only spares it the rest of its lease."""
        hold, button = self._hold, self._button
        self._hold = self._button = None
        if self._event is not None:
            self._event.cancel()
            self._event = None
        if hold is None or button is None:
            return
        button.calm()
        snapshot = self.desk.snapshot
        if snapshot is None or snapshot.session is None:
            self.desk.send(Stop())

    def _heard(self, reply: Reply) -> None:
        if self._hold is not None and self.tell("" if reply.ok else render(reply.reason)):
            self.desk.refresh()

    # --- pages ---------------------------------------------------------------------------------------

    def _on_page(self, found: tuple[state.Output, ...]) -> tuple[state.Output, ...]:
        size = len(self._places)
        return found[self._at_page * size : (self._at_page + 1) * size]

    def _build(self, found: tuple[state.Output, ...]) -> None:
        for widget in (*self._shown, *self._turns):
            self.remove_widget(widget)
        self._shown, self._turns = [], []
        for output, place in zip(self._on_page(found), self._places, strict=False):
            button = HoldButton(
                self.ui,
                place,
                f"drive-{output.key}",
                output.title,
                output.tone,
                partial(self._press, output),
            )
            button.set(output.effect, output.driven)
            button.opened_at = self.ui.now()
            self._shown.append(button)
            self.add_widget(button)
        pages = -(-len(found) // len(self._places))
        self.make_room(KEYS if pages > 1 else 0.0)
        if pages < 2:
            return
        for place, name, icon, by in zip(
            self.keys_at.copy().columns(2, self.ui.g(1)),
            ("outputs-back", "outputs-on"),
            ("left", "right"),
            (-1, 1),
            strict=True,
        ):
            turn = self.key(place, name, "", partial(self._turn, by, pages), icon=icon)
            turn.set_enabled(0 <= self._at_page + by < pages)
            turn.opened_at = self.ui.now()
            self._turns.append(turn)

    def _turn(self, by: int, pages: int) -> None:
        self._let_go()
        self._at_page = min(pages - 1, max(0, self._at_page + by))
        self.opened()
        self.desk.refresh()
