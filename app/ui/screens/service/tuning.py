"""Tuning a pad: choose, watch it swing, keep what was found or leave it."""

from __future__ import annotations

from collections.abc import Callable

from app.ui.layout import Rect
from app.ui.screens.base import Desk, rearm
from app.ui.screens.service.page import Ground, Page
from app.ui.state.service import parts
from app.ui.state.service import tuning as state
from app.ui.theme import DELIBERATE_S
from app.ui.widgets.base import Element, Panel, Text, Ui
from app.ui.widgets.button import PushButton
from app.ui.widgets.chart import Curves
from app.ui.widgets.controls import Segments, Stepper
from app.ui.words import _
from hardware.messages import KeepGains, Reply, Snapshot, Tune

SIDE = 30.0
"""The left column's width, grid steps."""


class Tuning(Page):
    """The left column is built anew with each step, the curve with each of its points."""

    keys = 38.0

    def __init__(self, ui: Ui, rect: Rect, desk: Desk, ground: Ground) -> None:
        super().__init__(ui, rect, desk, ground)
        area = self.area.copy()
        if self.portrait:
            self._column = area.cut_top(ui.g(30), ui.g(1.5))
        else:
            self._column = area.cut_left(ui.g(SIDE), ui.g(1.5))
        self.add_widget(Panel(ui, area))
        self._plot_at = area.inset(ui.g(2), ui.g(1.5))
        sides = tuple(pad.side for pad in desk.machine.pad)
        self._chosen = state.Chosen(sides[0] if sides else "left")
        self._sides = sides
        self._shape: tuple[object, ...] | None = None
        self._drawn: tuple[object, ...] | None = None
        self._body: Element | None = None
        self._plot: Curves | Text | None = None
        self._clock: Text | None = None
        self._stage: Text | None = None
        self._keys: list[PushButton] = []

    def update(self, snapshot: Snapshot) -> None:
        said = state.tuning(snapshot, self._chosen)
        shape = (said.step, said.side, said.gains, said.words if said.step == "failed" else "")
        if shape != self._shape:
            self._shape = shape
            self._build(said)
        self._show(said)
        for key in self._keys:
            if key.name == "tune":
                key.set_enabled(said.can_start and bool(self._sides))
        hint = {
            "choose": said.words if self._sides else _("This machine has no pads."),
            "going": _("Keep your feet out. Leaving this page stops the tuning."),
            "found": said.words,
            "failed": _("The gains in use are as they were."),
        }[said.step]
        self.say(hint, snapshot)

    def _show(self, said: state.Tuning) -> None:
        if self._clock is not None:
            self._clock.set(said.clock)
        if self._stage is not None:
            self._stage.set(said.words)
        key = (said.step == "choose", *said.key)
        if key == self._drawn:
            return
        self._drawn = key
        if self._plot is not None:
            self.remove_widget(self._plot)
        if said.curves:
            self._plot = Curves(self.ui, self._plot_at, said.curves, span=said.clock, compact=True)
        else:
            words = _("The pad swings around the target for five to fifteen minutes. Its curve appears here.")
            place = self._plot_at.middle(min(self._plot_at.w, self.ui.g(40)), self._plot_at.h)
            self._plot = Text(
                self.ui, place, words, size="small", tone="quiet", align="center", wrap=True, balance=True
            )
        self.add_widget(self._plot)

    # --- the left column -----------------------------------------------------------------------------

    def _build(self, said: state.Tuning) -> None:
        ui = self.ui
        for widget in (self._body, *self._keys):
            if widget is not None:
                self.remove_widget(widget)
        self._keys = []
        self._clock = self._stage = None
        body = self._body = Element(ui, self.rect)
        self.add_widget(body)
        column = self._column.copy()
        self.make_room({"going": 0.0, "found": self.keys}.get(said.step, self.keys / 2))
        self._free = self.keys_at.copy()
        match said.step:
            case "choose":
                self._choose(body, column)
                self._key("tune", _("Start"), self._start, 1.0, style="primary")
            case "going":
                self._going(body, column, said)
            case "found":
                self._found(body, column, said)
                self._key("keep", _("Keep"), self._keep, 0.45, style="primary", icon="check")
                self._key("leave", _("Leave as it is"), self._leave, 1.0)
            case "failed":
                self._failed(body, column, said)
                self._key("tune", _("Again"), self._again, 1.0, style="primary", icon="again")
        for part in (body, *self._keys):
            rearm(part)

    def _key(
        self,
        name: str,
        text: str,
        action: Callable[[], None],
        share: float,
        style: str = "plain",
        icon: str = "",
    ) -> None:
        """From the right, next to the way out; ``share`` of what is still free."""
        wide = self._free.w if share == 1.0 else round(self._free.w * share)
        place = self._free.cut_right(wide, self.ui.g(1.5))
        button = self.key(place, name, text, action, style=style, icon=icon, arm_s=DELIBERATE_S)
        self._keys.append(button)

    def _choose(self, body: Element, column: Rect) -> None:
        ui, chosen = self.ui, self._chosen
        label, row = ui.g(3.5), ui.g(8.5)
        body.add_widget(Text(ui, column.cut_top(label, ui.g(0.5)), _("Pad"), size="small", tone="quiet"))
        options = [(side, _("Left") if side == "left" else _("Right")) for side in self._sides]
        if options:
            sides = Segments(ui, column.cut_top(row, ui.g(2)), "side", options, self._pick)
            sides.choose(chosen.side)
            body.add_widget(sides)
            self._segments = sides
        body.add_widget(Text(ui, column.cut_top(label, ui.g(0.5)), _("Target"), size="small", tone="quiet"))
        self._target = Stepper(ui, column.cut_top(row), "target", self._step, tone="heat")
        body.add_widget(self._target)
        self._step(0)

    def _going(self, body: Element, column: Rect, said: state.Tuning) -> None:
        ui = self.ui
        body.add_widget(Text(ui, column.cut_top(ui.g(4)), said.side, size="title", weight="strong"))
        self._clock = Text(ui, column.cut_top(ui.g(8), ui.g(1)), size="number", weight="light")
        self._stage = Text(ui, column, wrap=True, valign="top")
        body.add_widget(self._clock)
        body.add_widget(self._stage)

    def _found(self, body: Element, column: Rect, said: state.Tuning) -> None:
        ui = self.ui
        body.add_widget(Text(ui, column.cut_top(ui.g(4), ui.g(1)), said.side, size="title", weight="strong"))
        head = column.cut_top(ui.g(3.5), ui.g(0.5))
        name, now, found = head.shares((0.6, 1.2, 1.2), ui.g(1))
        body.add_widget(Text(ui, now, _("In use"), size="small", tone="quiet", align="right"))
        body.add_widget(Text(ui, found, _("Found"), size="small", tone="quiet", align="right"))
        for gain, in_use, new in said.gains:
            name, now, found = column.cut_top(ui.g(4.5)).shares((0.6, 1.2, 1.2), ui.g(1))
            body.add_widget(Text(ui, name, gain, tone="quiet"))
            body.add_widget(Text(ui, now, in_use, align="right"))
            body.add_widget(Text(ui, found, new, tone="heat", weight="strong", align="right"))

    def _failed(self, body: Element, column: Rect, said: state.Tuning) -> None:
        ui = self.ui
        body.add_widget(Text(ui, column.cut_top(ui.g(4), ui.g(1)), said.side, size="title", weight="strong"))
        body.add_widget(
            Text(ui, column.cut_top(ui.g(3.5), ui.g(0.5)), _("Nothing was found."), tone="warning")
        )
        body.add_widget(Text(ui, column, said.words, size="small", wrap=True, valign="top"))

    # --- what a touch does ---------------------------------------------------------------------------

    def _pick(self, side: object) -> None:
        self._chosen.side = "right" if side == "right" else "left"
        self._segments.choose(self._chosen.side)

    def _step(self, by: int) -> None:
        chosen = self._chosen
        chosen.warmer(by)
        self._target.set(
            parts.degrees(chosen.target_c), chosen.target_c > state.LEAST_C, chosen.target_c < state.MOST_C
        )

    def _start(self) -> None:
        self.tell("")
        self.desk.send(Tune(side=self._chosen.side, target_c=float(self._chosen.target_c)), self.answered)

    def _keep(self) -> None:
        self.tell(_("Saving …"))
        self.desk.send(KeepGains(), self._kept)
        self.desk.refresh()

    def _kept(self, reply: Reply) -> None:
        if reply.ok:
            self._done_with(_("The new gains are in use, and kept for the next start."))
        else:
            self.answered(reply)

    def _leave(self) -> None:
        self._done_with(_("Left as it was."))

    def _again(self) -> None:
        self._done_with("")

    def _done_with(self, words: str) -> None:
        snapshot = self.desk.snapshot
        if snapshot is not None:
            self._chosen.left = state.result_of(snapshot)
        self.tell(words)
        self.desk.refresh()
