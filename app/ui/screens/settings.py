"""Settings: what the household likes, a few at a time; each acts at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import get_args

from msgspec.structs import replace

from app.household.preferences import Language, Look, Preferences
from app.ui.languages import NAMES
from app.ui.layout import Rect
from app.ui.screens.about import About
from app.ui.screens.base import Desk, Screen
from app.ui.speech import render
from app.ui.state import settings as state
from app.ui.widgets.base import Element, Icon, Text, Ui, paragraph
from app.ui.widgets.button import PushButton
from app.ui.widgets.controls import Segments, Stepper
from app.ui.words import _, meant
from hardware.errors import InstepError
from hardware.message import Message

HERE = "settings"
LIST = 24.0
"""The list of sections at the side, grid steps."""
ROW = 9.0
LABEL = 22.0


class SettingsScreen(Screen):
    """Not named Settings alone: Kivy has a style for every widget of that name.

    A list of sections and the chosen one beside it; below it where the panel is narrow."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect, desk)
        found = desk.page_of.get(HERE, state.SECTIONS[0])
        self._section: state.Section = next((name for name in state.SECTIONS if name == found), "look")
        self._body: Element | None = None
        self._unkept: Message | None = None
        """Why something is not on the disk, as it is said."""
        self._shows: Callable[[], None] = lambda: None
        self._tabs: dict[state.Section, PushButton] = {}
        page = self.page.copy()
        if self.portrait:
            tabs = page.cut_top(ui.g(27), ui.g(3))
            page.cut_bottom(self.out.h, ui.g(2))
            places = [place for row in tabs.rows(3, ui.g(1)) for place in row.columns(2, ui.g(1))]
        else:
            places = page.cut_left(ui.g(LIST), ui.g(4)).rows(len(state.SECTIONS), ui.g(1))
            page.cut_bottom(self.out.h, ui.g(1.5))
        self._area = page
        self._list(places)
        self.add_widget(
            PushButton(
                ui,
                self.out,
                "home",
                _("Home"),
                lambda: desk.go("home"),
                icon="home",
                radius=4.5,
                ground="surface",
            )
        )
        self._trouble = Text(ui, self._trouble_place(), size="small", tone="warning", wrap=True)
        self.add_widget(self._trouble)
        self._build()

    def _trouble_place(self) -> Rect:
        place = self.beside_out()
        if not self.portrait:
            place.cut_left(self.ui.g(LIST + 4))
            return place
        # Narrow as it is, it may take a third line.
        return Rect(place.x, place.y, place.w, place.h + self.ui.g(1))

    def _list(self, places: list[Rect]) -> None:
        for section, place in zip(state.SECTIONS, places, strict=True):
            tab = PushButton(
                self.ui,
                place,
                f"section-{section}",
                state.section_name(section),
                partial(self._choose, section),
                icon=state.ICONS[section],
                align="left",
                ground="surface",
            )
            self._tabs[section] = tab
            self.add_widget(tab)

    def _choose(self, section: state.Section) -> None:
        if section != self._section:
            self._section = section
            self.desk.page_of[HERE] = section
            self._build()
            if self._body is not None:
                self.rearm(self._body)

    @property
    def _chosen(self) -> Preferences:
        return self.desk.household.preferences.value

    def opened(self) -> None:
        self._unkept = self.desk.household.unkept
        self._trouble.set(render(self._unkept or self.desk.household.preferences.problem))
        self._build()
        super().opened()

    def update(self) -> None:
        unkept = self.desk.household.unkept
        if unkept != self._unkept:
            self._unkept = unkept
            self._trouble.set(render(unkept))

    def _build(self) -> None:
        if self._body is not None:
            self.remove_widget(self._body)
        self._body = Element(self.ui, self.rect)
        for section, tab in self._tabs.items():
            tab.restyle("chosen" if section == self._section else "plain")
        self._shows = {
            "look": self._look,
            "language": self._language,
            "rest": self._rest,
            "reminders": self._reminders,
            "lock": self._lock,
            "about": self._about,
        }[self._section](self._body, self._area.copy())
        self.add_widget(self._body)
        self._shows()

    # --- keeping ----------------------------------------------------------------------------------------

    def _keep(self, chosen: Preferences) -> None:
        """Keep it and let it act. What cannot be written is said, and nothing has changed."""
        before = self._chosen
        try:
            if chosen != before:
                self.desk.household.preferences.save(chosen)
        except InstepError as error:
            self._trouble.set(render(error.message))
            return
        self._trouble.set(render(self._unkept))
        if any(getattr(chosen, name) != getattr(before, name) for name in state.ANEW):
            self.desk.restyle()
        else:
            self._shows()

    def _change(self, name: str, value: Hashable) -> None:
        self._keep(replace(self._chosen, **{name: value}))

    # --- rows -------------------------------------------------------------------------------------------

    def _row(self, body: Element, area: Rect, label: str) -> Rect:
        """A labelled place for a control, from the top of ``area``."""
        ui = self.ui
        row = area.cut_top(ui.g(ROW), ui.g(2))
        wide = ui.g(LABEL if self.portrait else 20)
        body.add_widget(Text(ui, row.cut_left(wide, ui.g(1)), label, tone="quiet", wrap=True))
        return row

    def _switch(self, body: Element, area: Rect, label: str, name: str) -> Callable[[], None]:
        options: list[tuple[Hashable, str]] = [
            (True, meant("a setting", "On")),
            (False, meant("a setting", "Off")),
        ]
        row = self._row(body, area, label)
        switch = Segments(
            self.ui, row, name.replace("_", "-"), options, partial(self._change, name), accent="text"
        )
        body.add_widget(switch)
        return lambda: switch.choose(getattr(self._chosen, name))

    def _stepper(
        self,
        body: Element,
        area: Rect,
        label: str,
        name: str,
        offered: tuple[int, ...],
        words: Callable[[int], str],
        put: Callable[[Preferences, int], Preferences] | None = None,
    ) -> Callable[[], None]:
        def step(by: int) -> None:
            now = self._chosen
            value = state.stepped(offered, getattr(now, name), by)
            self._keep(put(now, value) if put else replace(now, **{name: value}))

        stepper = Stepper(self.ui, self._row(body, area, label), name.replace("_", "-"), step)
        body.add_widget(stepper)

        def show() -> None:
            value = getattr(self._chosen, name)
            stepper.set(words(value), value > offered[0], value < offered[-1])

        return show

    # --- sections ---------------------------------------------------------------------------------------

    def _look(self, body: Element, area: Rect) -> Callable[[], None]:
        names: dict[Look, str] = {"dark": _("Dark"), "light": _("Light"), "auto": _("By day")}
        options: list[tuple[Hashable, str]] = [(look, names[look]) for look in get_args(Look)]
        look = Segments(
            self.ui,
            self._row(body, area, _("Look")),
            "look",
            options,
            partial(self._change, "look"),
            accent="text",
        )
        body.add_widget(look)
        shows = (
            lambda: look.choose(self._chosen.look),
            self._switch(body, area, _("Large text"), "large_text"),
            self._stepper(body, area, _("Brightness"), "brightness", state.BRIGHTNESS, state.percent_words),
            self._switch(body, area, _("Darker at night"), "night_dimming"),
        )
        return partial(_all, shows)

    def _language(self, body: Element, area: Rect) -> Callable[[], None]:
        ui = self.ui
        units = self._row(body, area, _("Temperature"))
        degrees = Segments(
            ui,
            units,
            "fahrenheit",
            [(False, "°C"), (True, "°F")],
            partial(self._change, "fahrenheit"),
            accent="text",
        )
        area = area.cut_top(min(area.h, ui.g(32)))
        spoken: list[tuple[Hashable, str]] = [(name, NAMES[name]) for name in get_args(Language)]
        language = Segments(
            ui, area, "language", spoken, partial(self._change, "language"), accent="text", rows=3
        )
        for widget in (degrees, language):
            body.add_widget(widget)

        def show() -> None:
            degrees.choose(self._chosen.fahrenheit)
            language.choose(self._chosen.language)

        return show

    def _rest(self, body: Element, area: Rect) -> Callable[[], None]:
        shows = (
            self._stepper(
                body,
                area,
                _("Dim after"),
                "dim_after_min",
                state.DIM_MIN,
                state.after_words,
                state.with_dim,
            ),
            self._stepper(
                body,
                area,
                _("Black after"),
                "off_after_min",
                state.OFF_MIN,
                state.after_words,
                state.with_off,
            ),
            self._switch(body, area, _("Sounds"), "sounds"),
        )
        self._hint(body, area, _("The first touch wakes the screen. In a session it never goes dark."))
        return partial(_all, shows)

    def _reminders(self, body: Element, area: Rect) -> Callable[[], None]:
        shows = (
            self._stepper(
                body,
                area,
                _("Without a massage for"),
                "remind_after_days",
                state.REMIND_DAYS,
                state.remind_words,
            ),
            self._switch(body, area, _("Heel in the morning"), "heel_mornings"),
        )
        self._hint(
            body,
            area,
            _("A line on Home, no sound. Two or three massages a week are a good rhythm."),
        )
        return partial(_all, shows)

    def _hint(self, body: Element, area: Rect, words: str) -> None:
        ui = self.ui
        place = area.cut_top(min(area.h, ui.g(14 if self.portrait else 9)))
        icon = place.cut_left(ui.g(3), ui.g(1.5))
        body.add_widget(
            Icon(ui, Rect(icon.x, place.top - ui.g(3.5), icon.w, ui.g(3.5)), "info", ui.color("quiet"))
        )
        body.add_widget(
            Text(ui, place, words, size="small", tone="quiet", wrap=True, valign="top", balance=True)
        )

    def _lock(self, body: Element, area: Rect) -> Callable[[], None]:
        ui, desk = self.ui, self.desk
        is_set = desk.household.pin.is_set
        said = (
            _("A PIN guards these settings. Forgotten? The README says how to begin anew.")
            if is_set
            else _("With a PIN only you can change these settings. Massages need none.")
        )
        body.add_widget(paragraph(ui, area.cut_top(ui.g(9), ui.g(2)), said, ("body", "small"), tone="quiet"))
        rows = area.cut_top(ui.g(ROW), ui.g(2))
        places = rows.columns(2, ui.g(1.5)) if is_set else [rows]
        words = _("Change the PIN") if is_set else _("Set a PIN")
        body.add_widget(
            PushButton(ui, places[0], "pin-set", words, self._set_pin, icon="lock", ground="raised")
        )
        if is_set:
            body.add_widget(PushButton(ui, places[1], "pin-remove", _("Remove the PIN"), self._remove_pin))
        if desk.offers("service"):
            area.cut_top(ui.g(1))
            row = area.cut_top(ui.g(ROW))
            body.add_widget(
                PushButton(ui, row, "service", _("Service"), lambda: desk.go("service"), icon="sliders")
            )
        return lambda: None

    def _set_pin(self) -> None:
        self.desk.go(self.desk.lock.change())

    def _remove_pin(self) -> None:
        try:
            self.desk.household.pin.clear()
        except InstepError as error:
            self._trouble.set(render(error.message))
            return
        self._build()
        if self._body is not None:
            self.rearm(self._body)

    def _about(self, body: Element, area: Rect) -> Callable[[], None]:
        if not self.portrait:
            # The names end before the way out, whose row is free here.
            area = Rect(area.x, self.page.y, area.w, area.top - self.page.y)
        body.add_widget(About(self.ui, area, self.out.top + self.ui.g(1)))
        return lambda: None


def _all(shows: tuple[Callable[[], None], ...]) -> None:
    for show in shows:
        show()
