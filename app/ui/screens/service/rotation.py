"""Which way round the picture is: four arrows, and a question that answers itself."""

from __future__ import annotations

from functools import partial

from app.ui.layout import Rect
from app.ui.screens.base import Desk, rearm
from app.ui.screens.service.page import Ground, Page
from app.ui.speech import render
from app.ui.state.route import serviced
from app.ui.theme import DELIBERATE_S
from app.ui.widgets.base import Element, Panel, Text, Ui, line_count, paragraph
from app.ui.widgets.button import PushButton
from app.ui.widgets.paint import Box
from app.ui.words import _, plural
from hardware.errors import InstepError
from hardware.messages import Snapshot

ARROW = 10.0
GAP = 1.5
KEYS = 9.0
"""Grid steps."""
ARROWS = {"up": 0, "right": 90, "down": 180, "left": 270}
"""How far the picture has to be turned clockwise for what this arrow points to to be its top."""


class Rotation(Page):
    """Arrows can be understood in a picture that cannot be read: the one that points up makes it stand.

    It turns at once. The question after it can be answered only by who can read it and hit its buttons.
    """

    def __init__(self, ui: Ui, rect: Rect, desk: Desk, ground: Ground) -> None:
        super().__init__(ui, rect, desk, ground)
        self._asks: bool | None = None
        self._left: Text | None = None
        self._arrows: list[PushButton] = []

    def opened(self) -> None:
        super().opened()
        self.tell(render(self.desk.turning.problem))
        self._asks = None

    def left(self) -> None:
        """Whoever goes away has not said that it is right."""
        self.desk.turning.back()

    def update(self, snapshot: Snapshot) -> None:
        turning = self.desk.turning
        if turning.asked != self._asks:
            self._asks = turning.asked
            self._build()
        if self._left is not None:
            self._left.set(_back_in(turning.left_s))
        for arrow in self._arrows:
            arrow.set_enabled(not serviced("service", snapshot))
        self.say("", snapshot)

    def _build(self) -> None:
        body = self.fresh_body()
        self._left, self._arrows = None, []
        if self._asks:
            self._question(body, self.area.copy())
        else:
            self._compass(body, self.area.copy())
        rearm(body)

    # --- the arrows ----------------------------------------------------------------------------------

    def _compass(self, body: Element, area: Rect) -> None:
        ui = self.ui
        gap = ui.g(GAP)
        most = 3 * ui.g(ARROW) + 2 * gap
        if self.portrait:
            words = area.cut_top(ui.g(22), ui.g(3))
            square = area.cut_top(most).middle(most, most)
        else:
            side = min(area.h, most)
            square = area.cut_right(side, ui.g(5)).middle(side, side)
            words = area
        heading = _("Which arrow points up?")
        explained = _(
            "Touch the arrow that points to the ceiling. The picture turns, and the touches with it."
        )
        self._write(body, words, heading, explained)
        middle = square.rows(3, gap)
        for name, row, column in (("up", 0, 1), ("left", 1, 0), ("right", 1, 2), ("down", 2, 1)):
            place = middle[row].columns(3, gap)[column]
            arrow = PushButton(
                ui,
                place,
                f"turn-{name}",
                "",
                partial(self._turn, ARROWS[name]),
                icon=name,
                icon_steps=5,
                radius=2.5,
                arm_s=DELIBERATE_S,
            )
            body.add_widget(arrow)
            self._arrows.append(arrow)
        # The panel as its picture is now: upright, or lying.
        centre = middle[1].columns(3, gap)[1]
        long, short = centre.w * 0.8, centre.w * 0.5
        panel = centre.middle(*((short, long) if self.portrait else (long, short)))
        body.canvas.add(Box(panel, ui.color("outline"), ui.g(0.75), max(2, ui.g(0.25))))

    def _write(self, body: Element, area: Rect, heading: str, words: str) -> Text:
        """Both in the middle of ``area``, the words wrapped below the heading."""
        ui = self.ui
        title = ui.theme.line_px("title") * line_count(ui, heading, area.w, "title", "strong")
        below = ui.theme.line_px("body") * line_count(ui, words, area.w)
        area = area.middle(area.w, min(area.h, title + ui.g(1) + below))
        body.add_widget(
            Text(ui, area.cut_top(title, ui.g(1)), heading, size="title", weight="strong", wrap=True)
        )
        text = paragraph(ui, area, words, ("body", "small"), valign="top", tone="quiet")
        body.add_widget(text)
        return text

    def _turn(self, by: int) -> None:
        turning = self.desk.turning
        self.tell("" if by else _("The picture stays as it is."))
        turning.attempt(by)
        self.desk.refresh()

    # --- the question --------------------------------------------------------------------------------

    def _question(self, body: Element, area: Rect) -> None:
        ui = self.ui
        if self.portrait:
            area = area.cut_top(ui.g(46))
        body.add_widget(Panel(ui, area))
        inner = area.inset(ui.g(2.5))
        keys = inner.cut_bottom(ui.g(KEYS), ui.g(1))
        self._left = self._write(
            body, inner, _("Is this the right way round?"), _back_in(self.desk.turning.left_s)
        )
        no, yes = keys.columns(2, ui.g(GAP))
        for place, name, text, act, style in (
            (no, "turn-back", _("Turn back"), self._back, "plain"),
            (yes, "turn-keep", _("Keep"), self._keep, "primary"),
        ):
            body.add_widget(
                PushButton(ui, place, name, text, act, style=style, radius=4.5, arm_s=DELIBERATE_S)
            )

    def _back(self) -> None:
        self.desk.turning.back()
        self.desk.refresh()

    def _keep(self) -> None:
        try:
            self.desk.turning.keep()
        except InstepError as error:
            self.tell(render(error.message))
        else:
            self.tell(_("The picture stays this way round."))
        self.desk.refresh()


def _back_in(seconds: int) -> str:
    return plural(
        "Without an answer it turns back by itself in {count} second.",
        "Without an answer it turns back by itself in {count} seconds.",
        seconds,
    )
