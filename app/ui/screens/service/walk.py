"""Going through the machine part by part: one question at a time, with large answers."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from msgspec.structs import replace

from app.commissioning.stop import FAULT as STOP
from app.commissioning.walk import Walk as Core
from app.ui.layout import Rect
from app.ui.screens.base import Desk, rearm
from app.ui.screens.service.page import Ground, Page
from app.ui.speech import render
from app.ui.state.service import walk as state
from app.ui.state.service.shown import Choice, Shown
from app.ui.theme import DELIBERATE_S
from app.ui.widgets.base import Element, Icon, Panel, Text, Ui, paragraph
from app.ui.widgets.button import PushButton
from app.ui.words import _
from hardware.errors import InstepError
from hardware.messages import Command, Reply, Snapshot

ROW = 9.5
"""An answer's height, grid steps."""
KEY = 21.0
"""A key's width beside the way out."""
LINE, LINE_UPRIGHT = 6.5, 16.0
"""A finding's height: two lines, and four where there is little width."""


class Walk(Page):
    """Leads through the core that ``instep commission`` leads through, too."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk, ground: Ground) -> None:
        super().__init__(ui, rect, desk, ground)
        self._core: Core | None = None
        self._asks_which = False
        self._kept = False
        self._first = 0
        """Of the findings in sight."""
        self._shape: Shown | None = None

    def left(self) -> None:
        """Nobody looks any more: the step ends, and can be begun again."""
        if self._core is not None:
            for command in self._core.leave():
                self.desk.send(command)

    def update(self, snapshot: Snapshot) -> None:
        core = self._core
        if core is not None and not core.over:
            for command in core.update(self.ui.now(), snapshot):
                self.desk.send(command, partial(self._replied, core, command))
        if core is not None and core.over and not self._kept:
            self._kept = True
            self._keep(core)
        household = self.desk.household
        if self._kept and household.unkept:
            self.tell(render(household.unkept))
        said = state.walk(core, snapshot, asks_which=self._asks_which, kept=household.commissioned_kept)
        if said != self._shape:
            if self._shape is not None:
                self._first = 0
            self._shape = said
            self._build(said)
        self.say(said.note, _unasked(core, snapshot))

    def _replied(self, core: Core, command: Command, reply: Reply) -> None:
        core.replied(command, reply)
        self.desk.refresh()

    def _keep(self, core: Core) -> None:
        try:
            self.desk.household.keep_commissioned(core, datetime.now().astimezone())
        except InstepError as error:
            self.tell(render(error.message))

    # --- what is seen --------------------------------------------------------------------------------

    def _build(self, said: Shown) -> None:
        ui = self.ui
        body = self.fresh_body()
        area = self.area.copy()
        aside = self._aside(said)
        self.make_room(KEY * len(aside))
        for choice, place in zip(aside, self.keys_at.columns(max(len(aside), 1), ui.g(1.5)), strict=False):
            body.add_widget(self._button(place, choice))
        if said.many:
            self._many(body, area, said)
        else:
            if not aside:
                self._answers(body, area, said)
            body.add_widget(Panel(ui, area))
            self._words(body, area.inset(ui.g(3), ui.g(2)), said)
        rearm(body)

    def _aside(self, said: Shown) -> tuple[Choice, ...]:
        """What is answered beside the way out, so that what is shown has the room."""
        if said.many:
            return (Choice("back-to", _("None of them")),)
        if not said.lines:
            return ()
        more = (Choice("more", _("More")),) if len(said.lines) > self._fits else ()
        return (*more, *said.choices)

    @property
    def _fits(self) -> int:
        """So many findings at a time, below their heading."""
        return max(1, int((self.area.h - self.ui.g(10)) // self.ui.g(self._line_g + 0.5)))

    @property
    def _line_g(self) -> float:
        return LINE_UPRIGHT if self.portrait else LINE

    def _words(self, body: Element, inner: Rect, said: Shown) -> None:
        ui = self.ui
        if not said.lines:
            inner = inner.middle(inner.w, min(inner.h, ui.g(28)))
        heading = Text(ui, inner.cut_top(ui.g(5), ui.g(1)), said.heading, size="title", weight="strong")
        body.add_widget(heading)
        if said.words:
            body.add_widget(paragraph(ui, inner, said.words, ("body", "small"), valign="top"))
        places = []
        for words in said.lines[self._first : self._first + self._fits]:
            line = inner.cut_top(ui.g(self._line_g), ui.g(0.5))
            places.append((words, line.cut_left(ui.g(3), ui.g(1.5)), line))
        sizes: tuple[str, ...] = ("body", "small")
        made = [paragraph(ui, line, words, sizes, valign="top") for words, _mark, line in places]
        if len({each.font_size for each in made}) > 1:  # all alike
            sizes = ("small",)
            made = [paragraph(ui, line, words, sizes, valign="top") for words, _mark, line in places]
        for each, (_words, mark, _line) in zip(made, places, strict=True):
            body.add_widget(each)
            # Beside the first line, in whatever size it has found room.
            high = ui.theme.line_px(sizes[0]) * each.font_size / ui.theme.type_px(sizes[0])
            body.add_widget(Icon(ui, mark.cut_top(high), "warning", ui.color("warning"), steps=3))

    def _answers(self, body: Element, area: Rect, said: Shown) -> None:
        ui = self.ui
        if not said.choices:
            return
        per_row = 2 if self.portrait and len(said.choices) > 2 else len(said.choices)
        rows = -(-len(said.choices) // per_row)
        gap = ui.g(1.5)
        room = area.cut_bottom(ui.g(ROW) * rows + gap * (rows - 1), gap)
        for at, row in enumerate(room.rows(rows, gap)):
            choices = said.choices[at * per_row : (at + 1) * per_row]
            for choice, place in zip(choices, row.columns(len(choices), gap), strict=True):
                body.add_widget(self._button(place, choice))

    def _many(self, body: Element, area: Rect, said: Shown) -> None:
        """Every part of the machine; on a machine with more than there is room for, the likeliest."""
        ui = self.ui
        columns = 2 if self.portrait else 4
        rows = int((area.h + ui.g(1)) // ui.g(ROW))
        places = [place for row in area.rows(rows, ui.g(1)) for place in row.columns(columns, ui.g(1))]
        for choice, place in zip(said.choices, places, strict=False):
            body.add_widget(self._button(place, choice, "small"))

    def _button(self, place: Rect, choice: Choice, size: str = "body") -> PushButton:
        return PushButton(
            self.ui,
            place,
            f"walk-{choice.name.replace(' ', '-')}",
            choice.text,
            partial(self._chosen, choice.name),
            style=choice.style,
            size=size,
            ground="surface",
            arm_s=DELIBERATE_S,
        )

    # --- what a touch does ---------------------------------------------------------------------------

    def _chosen(self, name: str) -> None:
        self.tell("")
        if self._core is None or name == "restart":
            self._core, self._kept = Core(self.desk.machine), False
            if name == "begin":
                self._core.begin(self.ui.now())
        elif name == "more":
            assert self._shape is not None
            first = self._first + self._fits
            self._first = first if first < len(self._shape.lines) else 0
            self._shape = None
        elif name in ("other", "back-to"):
            self._asks_which = name == "other"
        else:
            self._asks_which = False
            state.do(self._core, name, self.ui.now())
            if not self._core.over and self._core.step.kind in ("zero", "self-test") and name == "next":
                self._core.begin(self.ui.now())
        self.desk.refresh()


def _unasked(core: Core | None, snapshot: Snapshot) -> Snapshot:
    """Without the fault of a stop that was pressed because it was asked for: the page itself speaks of it."""
    if core is None or core.over or core.step.kind != "stop" or core.problem or core.stage == "ready":
        return snapshot
    return replace(snapshot, faults=tuple(fault for fault in snapshot.faults if fault.code != STOP))
