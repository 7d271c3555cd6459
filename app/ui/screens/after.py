"""After a session: where it hurt, if it did; how it was; how the feet feel."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from app.household.screening import may_feel_little
from app.ui.layout import Rect
from app.ui.ports import SessionDetail
from app.ui.screens.base import Desk, Screen
from app.ui.speech import render
from app.ui.state import common
from app.ui.state import past as state
from app.ui.theme import DELIBERATE_S
from app.ui.widgets.base import Element, Icon, Panel, Text, Ui, least_width, line_count, paragraph, text_width
from app.ui.widgets.button import PushButton
from app.ui.widgets.chart import Curves
from app.ui.widgets.controls import Segments
from app.ui.widgets.footmap import FootMap
from app.ui.words import _
from hardware.messages import EndedView, PainWhere, Rate, Reply
from hardware.words import Side, Zone

LEAST_CURVES = 18.0
"""Upright, lower ones would show nothing, grid steps; they are in the history."""
AWAY_S = 2 * DELIBERATE_S
"""This screen takes the place of the session's: a second touch meant for Stop must not close it."""


class PainAsk(Screen):
    """Everything is off already; this only asks where, and may be skipped."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect, desk)
        self._side: Side | None = None
        page = self.page.copy()
        page.cut_bottom(self.out.h, ui.g(2))
        head = page.cut_top(ui.g(12 if self.portrait else 9), ui.g(2))
        self.add_widget(
            Text(ui, head.cut_top(ui.g(5)), _("Where was the pain?"), size="title", weight="strong")
        )
        self.add_widget(
            Text(
                ui,
                head,
                _("Everything is off, and the air is being let out of the bags."),
                size="body",
                tone="quiet",
                wrap=self.portrait,
                valign="top" if self.portrait else "middle",
            )
        )
        self._foot(page)
        sides = page.cut_top(ui.g(9), ui.g(2))
        self._sides = Segments(
            ui,
            sides,
            "side",
            [("left", _("Left foot")), ("right", _("Right foot"))],
            self._choose_side,
            arm_s=AWAY_S,
        )
        self.add_widget(self._sides)
        zones: tuple[Zone, ...] = ("foot", "arch", "sole", "heel", "ankle", "calf")
        rows = 3 if self.portrait else 2
        area = page.cut_top(min(page.h, rows * ui.g(12)))
        places = [place for row in area.rows(rows, ui.g(1.5)) for place in row.columns(6 // rows, ui.g(1.5))]
        for zone, place in zip(zones, places, strict=True):
            self.add_widget(
                PushButton(
                    ui,
                    place,
                    f"pain-{zone}",
                    _("Top of the foot") if zone == "foot" else common.zone(zone).capitalize(),
                    partial(self._answer, zone),
                    arm_s=AWAY_S,
                )
            )
        self.add_widget(
            PushButton(
                ui,
                self.out,
                "pain-skip",
                _("Skip"),
                lambda: self._answer(None),
                arm_s=AWAY_S,
                radius=4.5,
                ground="surface",
            )
        )

    def _foot(self, page: Rect) -> None:
        """A foot to point at in the mind, with every zone that has a button."""
        ui = self.ui
        place = (
            page.cut_top(page.h - ui.g(52), ui.g(2)) if self.portrait else page.cut_left(ui.g(28), ui.g(2))
        )
        if not self.portrait:
            place = Rect(place.x, self.page.y, place.w, place.top - self.page.y)
        picture = FootMap(ui, place)
        for part in ("foot", "arch", "sole", "heel", "ankle", "calf"):
            picture.light(part, ui.color("text"), 0.25)
        self.add_widget(picture)

    def opened(self) -> None:
        self._side = None
        self._sides.choose(None)
        super().opened()

    def _choose_side(self, side: object) -> None:
        self._side = "left" if side == "left" else "right"
        self._sides.choose(self._side)

    def _answer(self, zone: Zone | None) -> None:
        ended = self.desk.router.ended
        if ended is not None and (zone is not None or self._side is not None):
            self.desk.send(PainWhere(session=ended.id, zone=zone, side=self._side))
        self.desk.router.pain_answered()
        self.desk.refresh()


class After(Screen):
    """How long, how strong, the curves; two numbers by one touch each; one piece of advice."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect, desk)
        self._ended: EndedView | None = None
        self._body: Element | None = None
        self._ratings: Element | None = None
        self._before: int | None = None
        self._after: int | None = None
        self._trouble = ""
        """Why the last rating was not taken."""
        self._curves: tuple[state.Curve, ...] = ()
        self._rating_place = Rect(0, 0, 1, 1)

    def opened(self) -> None:
        ended = self.desk.router.ended
        if ended is not None and ended.id != (self._ended.id if self._ended else ""):
            self._before = self._after = None
            self._trouble = ""
            self._curves = ()
        self._ended = ended
        if ended is not None:
            self._build(ended)
        super().opened()

    def curves_ready(self) -> None:
        """The recorder has had a moment: draw the session's curves, if they can be read."""
        ended = self._ended
        if ended is not None and not self._curves:
            self.desk.look(lambda reader: reader.session(ended.id), partial(self._draw, ended))

    def _draw(self, ended: EndedView, found: SessionDetail | None) -> None:
        if found is not None and ended is self._ended and not self._curves:
            self._curves = state.curves(found, points=48)
            self._build(ended)

    def _build(self, ended: EndedView) -> None:
        ui = self.ui
        if self._body is not None:
            self.remove_widget(self._body)
        body = self._body = Element(ui, self.rect)
        program = self.desk.programs.get(ended.program)
        said = state.after(ended, program, feels=not may_feel_little(self._answers(ended)))
        accent = program.accent if program else "text"
        page = self.page.copy()
        bottom = page.cut_bottom(self.out.h, ui.g(1.5))
        bottom.cut_right(self.out.w, ui.g(2))
        rows = 2 if self.portrait else 1
        words = 4.5 if rows == 1 else 8.5
        self._rating_place = page.cut_bottom(ui.g(words) + rows * ui.g(8) + (rows - 1) * ui.g(1), ui.g(2))
        advice = page.cut_bottom(ui.g(13), ui.g(1)) if self.portrait else bottom.copy()
        two = line_count(ui, said.what, page.w, "small") > 1
        head = page.cut_top(ui.g(11 if two else 8), ui.g(1.5))
        body.add_widget(Text(ui, head.cut_top(ui.g(4.5)), said.title, size="title", weight="strong"))
        body.add_widget(
            Text(ui, head, said.what, size="small", tone="quiet", wrap=two, balance=two, may_cut=True)
        )
        if self.portrait:
            numbers = page.cut_top(ui.g(12), ui.g(2))
            curves = page
        else:
            numbers = page.cut_left(ui.g(28), ui.g(2))
            curves = page
        self._numbers(body, numbers, ended, said, accent)
        body.add_widget(Panel(ui, curves, "surface"))
        inner = curves.inset(ui.g(2), ui.g(1.5))
        if self._curves and (not self.portrait or inner.h > ui.g(LEAST_CURVES)):
            columns = len(self._curves)
            if self.portrait:
                body.add_widget(Curves(ui, inner, self._curves))
            else:
                for curve, place in zip(self._curves, inner.columns(columns, ui.g(2.5)), strict=True):
                    body.add_widget(Curves(ui, place, [curve], compact=True, beside=self._curves))
        else:
            body.add_widget(
                Text(
                    ui,
                    inner,
                    _("The curves will be in the history."),
                    tone="quiet",
                    size="small",
                    align="center",
                )
            )
        body.add_widget(Icon(ui, advice.cut_left(ui.g(3), ui.g(1.5)), "check", ui.color(accent), steps=3))
        body.add_widget(paragraph(ui, advice, said.advice, ("body", "small")))
        self._done = PushButton(
            ui,
            self.out,
            "home",
            _("Done"),
            self._leave,
            icon="home",
            accent=accent,
            arm_s=AWAY_S,
            radius=4.5,
            ground="surface",
        )
        body.add_widget(self._done)
        self.add_widget(body)
        self._rate_row()

    def _answers(self, ended: EndedView) -> Collection[str] | None:
        """What whoever had this session answered with yes; None when that is not known."""
        if ended.person is None:
            sitting = self.desk.sitting
            return sitting.word.answers if sitting.who is None else None
        who = self.desk.household.people.get(ended.person)
        return who.yes if who is not None else None

    def _numbers(
        self, body: Element, area: Rect, ended: EndedView, said: state.AfterState, accent: str
    ) -> None:
        ui = self.ui
        body.add_widget(Panel(ui, area, "surface"))
        inner = area.inset(ui.g(2), ui.g(1.5))
        minutes = ended.duration_s / 60
        big = str(round(minutes)) if minutes >= 1.5 else str(round(ended.duration_s))
        unit = _("minutes") if minutes >= 1.5 else _("seconds")
        columns = inner.columns(2, ui.g(1))
        for place, value, words in (
            (columns[0], big, unit),
            (columns[1], str(ended.intensity), _("intensity")),
        ):
            middle = place.middle(place.w, ui.g(9.5))
            body.add_widget(
                Text(ui, middle.cut_top(ui.g(6.5)), value, size="number", weight="light", align="center")
            )
            body.add_widget(Text(ui, middle, words, size="small", tone="quiet", align="center"))

    def _rate_row(self) -> None:
        """One question at a time: before, then after; then both, to be changed by another touch."""
        ui = self.ui
        if self._body is None:
            return
        if self._ratings is not None:
            self._body.remove_widget(self._ratings)
        holder = self._ratings = Element(ui, self._rating_place)
        place = self._rating_place.copy()
        head = place.cut_top(ui.g(3.5), ui.g(1))
        rated = self._before is not None and self._after is not None
        # As long as there is something to answer, that comes first.
        self._done.restyle("primary" if rated else "plain")
        if rated:
            self._rated(holder, place, head)
        else:
            asks_before = self._before is None
            question = _("How sore were your feet before?") if asks_before else _("And how do they feel now?")
            scale = self._trouble or _("0 fine, 10 very sore")
            tone = "warning" if self._trouble else "quiet"
            if self.portrait:
                below = place.cut_top(ui.g(3), ui.g(1))
                below.y += ui.g(0.5)
            else:
                # The question has what the scale leaves of the line.
                wide = min(text_width(ui, scale, "small"), max(head.w * 0.35, least_width(ui, scale)))
                below = head.cut_right(wide + ui.g(0.5), ui.g(1.5))
            align = "left" if self.portrait else "right"
            holder.add_widget(Text(ui, head, question, size="body", weight="strong"))
            holder.add_widget(Text(ui, below, scale, size="small", tone=tone, align=align))
            rows = 2 if self.portrait else 1
            picks = Segments(
                ui,
                place,
                "rate-before" if asks_before else "rate-after",
                [(value, str(value)) for value in range(11)],
                self._rate,
                rows=rows,
            )
            holder.add_widget(picks)
        self._body.add_widget(holder)
        self.rearm(holder)

    def _rated(self, holder: Element, place: Rect, head: Rect) -> None:
        ui = self.ui
        holder.add_widget(Text(ui, head, _("Thank you. Your feet:"), size="body", weight="strong"))
        row = place.cut_top(ui.g(8))
        change = row.cut_right(self.out.w, ui.g(2))
        holder.add_widget(Panel(ui, row, "surface", radius=2.5))
        words = _("before {before}, now {after}").format(before=self._before, after=self._after)
        holder.add_widget(Text(ui, row.inset(ui.g(2), 0), words, size="title", weight="strong"))
        holder.add_widget(PushButton(ui, change, "rate-again", _("Change"), self._again, radius=2.5))

    def _rate(self, value: object) -> None:
        if self._ended is None or not isinstance(value, int):
            return
        if self._before is None:
            self._before = value
        else:
            self._after = value
        self._trouble = ""
        rate = Rate(session=self._ended.id, before=self._before, after=self._after)
        self._rate_row()
        self.desk.send(rate, partial(self._heard, rate))

    def _heard(self, rate: Rate, reply: Reply) -> None:
        """What is not taken is asked for again, and says why."""
        asked = (rate.session, rate.before, rate.after)
        ended = self._ended
        if not reply.ok and ended is not None and asked == (ended.id, self._before, self._after):
            self._before = self._after = None
            self._trouble = render(reply.reason)
            self._rate_row()

    def _again(self) -> None:
        self._before = self._after = None
        self._rate_row()

    def _leave(self) -> None:
        self.desk.router.leave_after()
        self.desk.refresh()
