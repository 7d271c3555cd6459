"""Service: the pages behind their tabs. What was begun here ends when the screen goes."""

from __future__ import annotations

import importlib
from collections.abc import Hashable

from app.ui.layout import Rect
from app.ui.screens.base import Desk, Screen
from app.ui.screens.guest import GuestCard
from app.ui.screens.service.page import Ground, Page
from app.ui.state.route import serviced
from app.ui.theme import DELIBERATE_S
from app.ui.widgets.base import Ui
from app.ui.widgets.button import PushButton
from app.ui.widgets.controls import Segments
from app.ui.words import _
from hardware.messages import Stop

PAGES: dict[str, str] = {
    "inputs": "Inputs",
    "outputs": "Outputs",
    "tuning": "Tuning",
    "air": "Air",
    "check": "Check",
    "log": "Log",
    "computer": "Computer",
    "walk": "Walk",
    "rotation": "Rotation",
}
"""Each in the file of its name; the order of the tabs. The last two are reached from the computer's page."""
TAB_OF = {"walk": "computer", "rotation": "computer"}
DRIVES = frozenset({"outputs", "tuning", "check", "walk"})
"""Something is moved or warmed there: a guest is asked first, as before a session."""


class Service(Screen):
    """One page at a time; the last one is found again."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect, desk)
        area = self.page.copy()
        area.cut_bottom(self.out.h, ui.g(1.5))
        rows = 2 if self.portrait else 1
        tabs = area.cut_top(ui.g(8.5) * rows + (ui.g(1) if rows > 1 else 0), ui.g(1.5))
        self._ground = Ground(area, self.beside_out(), self.portrait)
        self._tabs = Segments(ui, tabs, "tab", _titles(), self._choose, rows=rows, size="small")
        self.add_widget(self._tabs)
        self._home = PushButton(
            ui,
            self.out,
            "back",
            _("Back"),
            self._leave,
            icon="left",
            radius=4.5,
            ground="surface",
            arm_s=DELIBERATE_S,
        )
        self.add_widget(self._home)
        self._pages: dict[str, Page] = {}
        self._page: Page | None = None
        self._card: GuestCard | None = None

    def opened(self) -> None:
        self._choose(self.desk.page_of.get("service", "inputs"))
        super().opened()

    def left(self) -> None:
        """The finger is gone, or nobody looks any more: nothing goes on that was begun here."""
        if self._page is not None:
            self._page.left()
        snapshot = self.desk.snapshot
        if snapshot is not None and snapshot.session is None and snapshot.state == "service":
            self.desk.send(Stop())

    def update(self) -> None:
        snapshot = self.desk.snapshot
        if snapshot is None or self._page is None:
            return
        # Stop takes this button's place, and a second touch meant for it does not leave.
        stop = serviced("service", snapshot)
        if self._home.shown == stop:
            self._home.show(not stop)
            self._home.opened_at = self.ui.now()
        self._page.update(snapshot)

    def _choose(self, name: Hashable) -> None:
        chosen = str(name) if name in PAGES else "inputs"
        if self._page is not None:
            self._page.left()
            self.remove_widget(self._page)
        if chosen not in self._pages:
            module = importlib.import_module(f"app.ui.screens.service.{chosen}")
            page: Page = getattr(module, PAGES[chosen])(self.ui, self.rect, self.desk, self._ground)
            page.turn_to = self._choose
            self._pages[chosen] = page
        self._page = self._pages[chosen]
        self.desk.page_of["service"] = chosen
        self._tabs.choose(TAB_OF.get(chosen, chosen))
        self.add_widget(self._page)
        self._page.opened()
        self._ask(chosen in DRIVES and self.desk.sitting.answers is None)
        self.update()
        self.rearm(self._page)

    def _ask(self, due: bool) -> None:
        """The guest's card, over the page."""
        if self._card is not None:
            self.remove_widget(self._card)
            self._card = None
        if due:
            self._card = GuestCard(
                self.ui, self.rect, "motion", self.out, self._heard, self._turn_back, self.rearm
            )
            self.add_widget(self._card)

    def _heard(self, answers: tuple[str, ...]) -> None:
        self.desk.sitting.word.give(answers)
        self._ask(False)
        self.rearm()

    def _turn_back(self) -> None:
        self._choose("inputs")

    def _leave(self) -> None:
        self.desk.go("settings" if self.desk.offers("settings") else "home")


def _titles() -> list[tuple[Hashable, str]]:
    return [
        ("inputs", _("Inputs")),
        ("outputs", _("Outputs")),
        ("tuning", _("Pads")),
        ("air", _("Air")),
        ("check", _("Test")),
        ("log", _("Log")),
        ("computer", _("System")),
    ]
