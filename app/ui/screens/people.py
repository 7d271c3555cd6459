"""People: who sits here, everybody else, and room for one more."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.ui.layout import Rect
from app.ui.screens.base import Desk, Screen
from app.ui.speech import render
from app.ui.state import people as state
from app.ui.state.home import pages
from app.ui.widgets.avatar import Avatar
from app.ui.widgets.base import Element, Icon, Text, Ui, text_width
from app.ui.widgets.button import PushButton, Touchable
from app.ui.widgets.paint import Box
from app.ui.words import _

TILE = 9.5
"""A person's height, grid steps."""


class PersonTile(Touchable):
    """Somebody: a touch makes them sit here."""

    def __init__(self, ui: Ui, rect: Rect, tile: state.Tile, action: Callable[[], None]) -> None:
        super().__init__(ui, rect, f"sit-{tile.id or state.GUEST}", action)
        self._box = Box(rect, ui.color("surface"), ui.g(2.5))
        self.canvas.add(self._box)
        if tile.sits:
            self.canvas.add(Box(rect, ui.color("motion"), ui.g(2.5), max(2, ui.g(0.25))))
        inner = rect.inset(ui.g(1.25), ui.g(1))
        self.add_widget(Avatar(ui, inner.cut_left(ui.g(6), ui.g(1.5)), tile.initial, tile.colour))
        if tile.sits:
            self.add_widget(
                Icon(ui, inner.cut_right(ui.g(3), ui.g(0.5)), "check", ui.color("motion"), steps=3)
            )
        words = _("Sits here now") if tile.sits else tile.words
        # What is to be said of them may take two lines; the row has room for three.
        two = text_width(ui, words, "small") > inner.w
        low = inner.middle(inner.w, ui.g(9.25 if two else 6.5))
        top = low.cut_top(ui.g(3.25))
        self.add_widget(Text(ui, top, tile.name, weight="strong", may_cut=True))
        self.add_widget(Text(ui, low, words, size="small", tone="quiet", wrap=two, balance=two))

    def flash(self) -> None:
        self._box.tint(self.ui.color("raised"))


class People(Screen):
    """Pages with visible buttons, as in the history."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect, desk)
        self._at_page = 0
        self._add_at = rect
        self._body: Element | None = None

    def opened(self) -> None:
        self._at_page = 0
        self._build()

    def _build(self) -> None:
        ui, desk = self.ui, self.desk
        if self._body is not None:
            self.remove_widget(self._body)
        body = self._body = Element(ui, self.rect)
        people = desk.household.people
        page = self.page.copy()
        page.cut_bottom(self.out.h, ui.g(2))
        head = page.cut_top(ui.g(4.5), ui.g(1.5))
        body.add_widget(Text(ui, head, _("Who sits here?"), size="title", weight="strong"))
        if people.problem:
            body.add_widget(
                Text(
                    ui, page.cut_top(ui.g(6), ui.g(1)), render(people.problem), size="small", tone="warning",
                    wrap=True,
                )
            )  # fmt: skip
        gap = ui.g(1.5)
        columns = 1 if self.portrait else 2
        rows = max(1, int((page.h + gap) // (ui.g(TILE) + gap)))
        if self.portrait:
            # Two rows of buttons: the pages' beside the way home, adding above them.
            self._add_at = page.cut_bottom(ui.g(9), ui.g(2))
            rows = max(1, int((page.h + gap) // (ui.g(TILE) + gap)))
        tiles = state.tiles(people.all, desk.household.who, desk.sitting.today())
        per_page = rows * columns
        count = pages(len(tiles), per_page)
        self._at_page = min(self._at_page, count - 1)
        high = ui.g(TILE)
        if not self.portrait:
            high = round((page.h - gap * (rows - 1)) / rows)
        places = []
        for row in range(rows):
            line = Rect(page.x, page.top - high - row * (high + gap), page.w, high)
            places += line.columns(columns, gap)
        shown = tiles[self._at_page * per_page : (self._at_page + 1) * per_page]
        for tile, place in zip(shown, places, strict=False):
            self._tile(body, tile, place)
        self._bottom(body, count, state.room_left(people.all), first_use=len(tiles) == 1)
        if len(tiles) == 1:
            self._first(body, places, page)
        self.add_widget(body)
        self.rearm()

    def _tile(self, body: Element, tile: state.Tile, place: Rect) -> None:
        ui = self.ui
        if tile.id is not None:
            edit = place.cut_right(ui.g(8), ui.g(1))
            body.add_widget(
                PushButton(
                    ui, edit, f"edit-{tile.id}", "", partial(self._edit, tile.id), icon="edit",
                    ground="surface",
                )
            )  # fmt: skip
        body.add_widget(PersonTile(ui, place, tile, partial(self._sit, tile.id)))

    def _first(self, body: Element, places: list[Rect], page: Rect) -> None:
        """Nobody yet: why one would be somebody."""
        below = Rect(page.x, page.y, page.w, places[0].y - self.ui.g(2) - page.y)
        words = _(
            "Add yourself, and the machine keeps your settings and your sessions apart from everybody else's."
        )
        middle = below.middle(min(below.w, self.ui.g(60)), min(below.h, self.ui.g(18)))
        body.add_widget(Text(self.ui, middle, words, tone="quiet", align="center", wrap=True, balance=True))

    def _bottom(self, body: Element, count: int, room: bool, first_use: bool) -> None:
        ui = self.ui
        bottom = self.beside_out()
        if count > 1:
            for name, icon, by in (("people-on", "down", 1), ("people-back", "up", -1)):
                button = PushButton(
                    ui, bottom.cut_right(ui.g(9), ui.g(1)), name, "", partial(self._turn, by), icon=icon,
                    radius=4.5, ground="surface",
                )  # fmt: skip
                button.set_enabled(0 <= self._at_page + by < count)
                body.add_widget(button)
        add = PushButton(
            ui,
            self._add_at if self.portrait else bottom,
            "add-person",
            _("Add somebody") if room else _("There is no room for more"),
            self._add,
            icon="plus",
            radius=4.5,
            style="primary" if first_use else "plain",
            ground="surface",
        )
        add.set_enabled(room)
        body.add_widget(add)
        body.add_widget(
            PushButton(
                ui, self.out, "home", _("Home"), lambda: self.desk.go("home"), icon="home", radius=4.5,
                ground="surface",
            )
        )  # fmt: skip

    def _sit(self, person: str | None) -> None:
        self.desk.sit(person)
        self.desk.go("home")

    def _edit(self, person: str) -> None:
        self.desk.sitting.about = person
        self.desk.go("person")

    def _add(self) -> None:
        self.desk.sitting.about = None
        self.desk.go("naming")

    def _turn(self, by: int) -> None:
        self._at_page = max(0, self._at_page + by)
        self._build()
