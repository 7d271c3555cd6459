"""The session: what the machine does now, measured; and everything a person may want of it."""

from __future__ import annotations

from collections.abc import Callable

from app.ui.layout import Rect
from app.ui.screens.balance import BalanceSheet
from app.ui.screens.base import Desk, Screen, way_out
from app.ui.state.session import SessionState
from app.ui.theme import MARGIN
from app.ui.widgets import readings
from app.ui.widgets.base import Panel, Text, Ui, text_width
from app.ui.widgets.button import PushButton
from app.ui.widgets.dial import Dial, Digits, Steps
from app.ui.widgets.strip import StripBar
from app.ui.words import _


def _areas(ui: Ui, rect: Rect) -> tuple[Rect, Rect, Rect, Rect]:
    """What is measured, time and intensity, the tools, the row of Stop."""
    page = rect.inset(ui.g(MARGIN))
    high, gap = way_out(ui, rect).h, ui.g(1.5)
    if rect.h > rect.w:
        actions = page.cut_bottom(high, gap)
        tools = page.cut_bottom(ui.g(9), ui.g(2))
        return page, page.cut_bottom(ui.g(30), ui.g(2)), tools, actions
    right = page.cut_right(ui.g(56.5), ui.g(2))
    actions = right.cut_bottom(high, gap)
    tools = right.cut_bottom(ui.g(8.5), ui.g(2))
    return page, right, tools, actions


class Session(Screen):
    """Stop is not here: it belongs to the stage, above every screen."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect, desk)
        self._sheet: BalanceSheet | None = None
        gap = ui.g(1.5)
        left, upper, tools, actions = _areas(ui, rect)
        actions.cut_right(self.out.w, gap)
        self._actions(actions, gap)
        self._tools(tools, gap)
        self._dial_and_level(upper)
        self._left(left)

    @classmethod
    def warm(cls, ui: Ui, rect: Rect) -> None:
        area = _areas(ui, rect)[0]
        area.cut_top(ui.g(9.5), ui.g(0.5))
        readings.warm(ui, area)

    def _left(self, area: Rect) -> None:
        ui = self.ui
        # The strip takes the title's place while it has something to say: the phase stands in the ring.
        place = area.cut_top(ui.g(9.5), ui.g(0.5))
        head = place.copy()
        self._title = Text(ui, head.cut_top(ui.g(4.5)), size="title", weight="strong", may_cut=True)
        self._then = Text(ui, head.cut_top(ui.g(3.5)), size="small", tone="quiet")
        self.add_widget(self._title)
        self.add_widget(self._then)
        self._strip = StripBar(ui, place, self.desk.model, self.desk.refresh)
        self._readings = readings.Readings(ui, area)
        self.add_widget(self._readings)
        self.add_widget(self._strip)

    def _dial_and_level(self, area: Rect) -> None:
        ui = self.ui
        card = area.cut_right(ui.g(23), ui.g(2))
        side = min(area.w, area.h)
        ring = area.middle(side, side)
        self._dial = Dial(ui, ring)
        x, y = ring.center
        wide = side * 0.74
        # The ring leaves the line below the time a little more.
        self._wide = side * 0.77
        self._time = Digits(ui, Rect(x - wide / 2, y - ui.g(3.25), wide, ui.g(6.5)))
        self._phase = Text(
            ui,
            Rect(x - wide / 2, y + ui.g(4), wide, ui.g(3.5)),
            align="center",
            weight="strong",
            may_cut=True,
        )
        self._next = Text(
            ui,
            Rect(x - self._wide / 2, y - ui.g(7), self._wide, ui.g(3.5)),
            size="small",
            tone="quiet",
            align="center",
            may_cut=True,
        )
        for widget in (self._dial, self._time, self._phase, self._next):
            self.add_widget(widget)

        self.add_widget(Panel(ui, card, "surface"))
        inner = card.inset(ui.g(1.5))
        buttons = inner.cut_bottom(ui.g(9.5), ui.g(1.25))
        self._steps = Steps(ui, inner.cut_bottom(ui.g(1), ui.g(0.5)).inset(ui.g(1), 0))
        self.add_widget(
            Text(ui, inner.cut_top(ui.g(3)), _("Intensity"), size="small", tone="quiet", align="center")
        )
        self._level_words = Text(
            ui, inner.cut_bottom(ui.g(4)), size="small", tone="quiet", align="center", valign="middle"
        )
        self._asked = Text(ui, inner, size="hero", weight="light", align="center")
        minus, plus = buttons.columns(2, ui.g(1.5))
        model = self.desk.model
        self._minus = PushButton(
            ui, minus, "minus", "", self._then_show(lambda: model.step(-1)), icon="minus", icon_steps=4
        )
        self._plus = PushButton(
            ui, plus, "plus", "", self._then_show(lambda: model.step(1)), icon="plus", icon_steps=4
        )
        for each in (self._steps, self._level_words, self._asked, self._minus, self._plus):
            self.add_widget(each)

    def _tools(self, area: Rect, gap: float) -> None:
        ui, model = self.ui, self.desk.model
        pause, more, skip, balance = area.columns(4, ui.g(1) if self.portrait else gap)
        self._pause = PushButton(
            ui,
            pause,
            "pause",
            _("Pause"),
            self._then_show(model.pause_or_resume),
            icon="pause",
            size="small",
            stacked=True,
            ground="surface",
        )
        self._more = PushButton(
            ui,
            more,
            "more-time",
            _("+5 min"),
            self._then_show(model.more_time),
            icon="plus-time",
            size="small",
            stacked=True,
            ground="surface",
        )
        self._skip = PushButton(
            ui,
            skip,
            "skip",
            _("Skip"),
            self._then_show(model.skip),
            icon="skip",
            size="small",
            stacked=True,
            ground="surface",
        )
        self._balance = PushButton(
            ui,
            balance,
            "balance",
            _("Balance"),
            self._open_sheet,
            icon="sliders",
            size="small",
            stacked=True,
            ground="surface",
        )
        for button in (self._pause, self._more, self._skip, self._balance):
            self.add_widget(button)

    def _actions(self, area: Rect, gap: float) -> None:
        ui, model = self.ui, self.desk.model
        names = _("Too strong"), _("Sharp pain")
        wide = [max(ui.g(8), text_width(ui, name, "small", "strong")) for name in names]
        # Lying there is room for both; upright each is as wide as its word wants it.
        too_strong, pain = area.shares((wide[0], wide[1]) if self.portrait else (1.0, 1.0), gap)
        self._too_strong = PushButton(
            ui,
            too_strong,
            "too-strong",
            names[0],
            self._then_show(model.too_strong),
            style="caution",
            icon="down-two",
            size="small",
            stacked=True,
        )
        self._pain = PushButton(
            ui,
            pain,
            "pain",
            names[1],
            model.pain,
            style="caution",
            icon="bolt",
            size="small",
            stacked=True,
            arm_s=0.0,
        )
        self.add_widget(self._too_strong)
        self.add_widget(self._pain)

    def _then_show(self, act: Callable[[], None]) -> Callable[[], None]:
        def acted() -> None:
            act()
            self.desk.refresh()

        return acted

    # --- the sheet --------------------------------------------------------------------------------------

    def _open_sheet(self) -> None:
        if self._sheet is None:
            self._sheet = BalanceSheet(self.ui, self.rect, self.desk, self._close_sheet, self.out)
            self._sheet.update(self.desk.model.state())
            self.add_widget(self._sheet)
            self.rearm(self._sheet)

    def _close_sheet(self) -> None:
        if self._sheet is not None:
            self.remove_widget(self._sheet)
            self._sheet = None
            self.rearm()

    def opened(self) -> None:
        self._close_sheet()
        super().opened()

    # --- what it shows ----------------------------------------------------------------------------------

    def update(self) -> None:
        snapshot = self.desk.snapshot
        if snapshot is None or snapshot.session is None:
            return
        said = self.desk.model.state()
        if self._sheet is not None:
            self._sheet.update(said)
            return
        self._title.set(said.title)
        self._then.set(said.note or said.step)
        covered = said.strip.kind != ""
        for text in (self._title, self._then):
            text.opacity = 0.0 if covered else 1.0
        self._show_time(said)
        self._show_level(said)
        self._readings.update(said.lights)
        self._strip.update(said.strip)
        self._readings.covered(self._strip.low)
        self._pause.set_text(_("Go on") if said.paused else _("Pause"))
        self._pause.set_icon("play" if said.paused else "pause")
        self._pause.restyle("primary" if said.paused else "plain")
        self._more.set_text(said.more_time_why or said.more_time)
        self._more.set_enabled(said.can_more_time)
        self._skip.set_enabled(said.can_skip)

    def _show_time(self, said: SessionState) -> None:
        self._dial.set(said.segments, said.done, said.accent)
        self._time.set(said.time)
        self._phase.set(_("Stopping") if said.stopping else _("Paused") if said.paused else said.phase)
        fits = (each for each in (said.next_in, said.then) if self._in_ring(each))
        self._next.set(next(fits, said.next))

    def _in_ring(self, words: str) -> bool:
        return text_width(self.ui, words, "small") <= self._wide

    def _show_level(self, said: SessionState) -> None:
        self._asked.set(str(said.asked))
        self._level_words.set(said.level_words)
        self._level_words.tint(self.ui.color("warning" if said.holding else "quiet"))
        self._steps.set(said.level, said.asked, said.accent)
        self._minus.set_enabled(said.asked > 1)
        self._plus.set_enabled(said.can_rise)
        self._too_strong.set_enabled(said.can_soften)
