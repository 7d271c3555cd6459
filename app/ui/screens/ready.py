"""Get ready: how long, how strong, how warm, which foot; and one deliberate Start."""

from __future__ import annotations

from collections.abc import Callable

from app.ui.layout import Rect
from app.ui.screens.base import Desk, Screen
from app.ui.screens.guest import GuestCard
from app.ui.screens.today import TodayCheck, TodayRow
from app.ui.speech import render
from app.ui.state import home as state
from app.ui.state.holding import Holding
from app.ui.state.limits import no_warmth, within
from app.ui.state.pending import PATIENCE_S
from app.ui.state.session import MOST_HEAT_C
from app.ui.state.warmup import WarmUp, warm_up
from app.ui.theme import DELIBERATE_S
from app.ui.widgets.base import Panel, Text, Ui, text_width
from app.ui.widgets.button import PushButton
from app.ui.widgets.controls import Segments, Stepper
from app.ui.widgets.footmap import FootMap
from app.ui.widgets.limits import LimitList
from app.ui.widgets.programwords import NAME, PICTURE, ProgramWords
from app.ui.widgets.sheet import Sheet
from app.ui.widgets.tips import Refusal, Tips
from app.ui.widgets.warmup import WarmStepper
from app.ui.words import _
from hardware.messages import EndPreheat, Preheat, Reply
from hardware.words import Feet

MOST_SEGMENTS = 4
"""More lengths than this do not fit as buttons; they become a stepper."""
MOST_BESIDE_TIPS = 2
"""More things that are locked than this take the tips' place."""
TIP = 3.5
"""One of the tips, grid steps."""
MOST_BESIDE_PICTURE = 4
"""More than this take the picture's."""
LABEL = (12.0, 15.0)
"""The names of the controls, at least and at most, grid steps."""
LABEL_GAP = 1.0


class Ready(Screen):
    """Built anew for each program."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect, desk)
        assert desk.choices is not None
        self._program = desk.programs[desk.choices.program]
        self._waiting = False
        self._holding = Holding(desk.household, ui.now)
        self._asked_at = 0.0
        self._warms = False
        """The pads are warmed up, or were asked to be ..."""
        self._seen_warm = False
        """... and the machine has said that it does so."""
        self._sheet: Sheet | None = None
        self._build()

    def _build(self) -> None:
        """All of it, for who sits here as far as they have said now what they may have."""
        ui, desk = self.ui, self.desk
        self.clear_widgets()
        self._sheet = None
        self._locks = desk.sitting.locks
        desk.choices = within(self._choices(), self._program, self._locks)
        said = self._said()
        page = self.page.copy()
        bottom = page.cut_bottom(self.out.h, ui.g(2))
        bottom.cut_right(self.out.w, ui.g(1.5))
        if self.portrait:
            # The words need less room than the controls; what is left goes to the picture.
            rows = 4 if said.has_heat else 3
            controls = page.cut_bottom(rows * ui.g(10) - ui.g(1.5), ui.g(2))
            self._words(page, said)
        else:
            controls = page.cut_right(ui.g(52), ui.g(4))
            # The controls' column reaches down to Start; the words have the whole height.
            start = Rect(controls.x, bottom.y, bottom.right - controls.x, bottom.h)
            words = Rect(page.x, bottom.y, page.w, page.top - bottom.y)
            self._words(words, said)
            bottom = start
        self._controls(controls, said)
        self._start = self._main_button(bottom, said)
        self._back = PushButton(
            ui, self.out, "back", _("Back"), lambda: desk.go("home"), icon="left", radius=4.5,
            ground="surface", arm_s=DELIBERATE_S,
        )  # fmt: skip
        self._notice: Panel | None = None
        for widget in (self._start, self._back):
            self.add_widget(widget)
        self.update()

    def _main_button(self, place: Rect, said: state.ReadyState) -> PushButton:
        """Start; or what there is to do where nobody may start."""
        ui = self.ui
        if not self._locks.refuse and not self.desk.sitting.new_today:
            return PushButton(
                ui, place, "start", _("Start"), self._begin, style="primary", icon="play",
                accent=said.accent, size="title", arm_s=DELIBERATE_S, radius=4.5,
            )  # fmt: skip
        if self._locks.refuse:
            return PushButton(
                ui, place, "answer-again", _("Answer again"), self._ask, icon="again",
                arm_s=DELIBERATE_S, radius=4.5,
            )  # fmt: skip
        rests = PushButton(
            ui, place, "not-today", _("No massage today"), lambda: None, radius=4.5, ground="surface"
        )
        rests.set_enabled(False)
        return rests

    @classmethod
    def warm(cls, ui: Ui, rect: Rect) -> None:
        if rect.h < rect.w:
            FootMap.warm(Rect(0, 0, ui.g(PICTURE[0]), ui.g(PICTURE[1])))

    def _said(self) -> state.ReadyState:
        assert self.desk.choices is not None
        return state.ready(self._program, self.desk.machine, self.desk.choices)

    def _words(self, area: Rect, said: state.ReadyState) -> None:
        ui = self.ui
        limits = self.desk.sitting.limits
        self._tips_shown: Tips | None = None
        refused = bool(self._locks.refuse) or self.desk.sitting.new_today
        self._today: TodayRow | None = None
        if not refused:
            check = area.cut_bottom(self.out.h, ui.g(1.5))
            self._today = TodayRow(ui, check, said.accent, self._check)
            self.add_widget(self._today)
        crowded = not self.portrait and len(limits) > MOST_BESIDE_PICTURE
        free = area.h - ui.g(1) - ui.g(NAME if self.portrait or crowded else PICTURE[1])
        wanted = LimitList.height(ui, limits, area.w)
        # Upright everything stands above each other: rows a little closer.
        gap = ui.g(1.5 if self.portrait and limits else 2)
        tips_high = ui.g(TIP) * len(said.tips) + ui.g(2)
        tips = not limits or (len(limits) <= MOST_BESIDE_TIPS and wanted <= free - tips_high - gap)
        if tips:
            self._tips(area.cut_bottom(tips_high, gap), said)
        if limits:
            # What is locked, and why, matters more than what the program is like, and than the tips.
            place = area.cut_bottom(min(wanted, free), ui.g(1))
            if not tips:
                self._tips_place = place.copy()
            self.add_widget(LimitList(ui, place, limits))
        line, upright = self._program.line, self.portrait
        self.add_widget(ProgramWords(ui, area, said, line, bool(limits), crowded, upright))

    def _tips(self, place: Rect, said: state.ReadyState) -> None:
        self._tips_place = place.copy()
        self._tips_shown = Tips(self.ui, place, said.tips, said.accent)
        self.add_widget(self._tips_shown)

    def _controls(self, area: Rect, said: state.ReadyState) -> None:
        ui = self.ui
        count = 4 if said.has_heat else 3
        rows = [row.copy() for row in area.rows(count, ui.g(1.5))]
        names = [_("Minutes"), _("Intensity"), *([_("Warmth")] if said.has_heat else []), _("Feet")]
        wide = max(text_width(ui, name) for name in names) + ui.g(LABEL_GAP)
        label_w = min(max(ui.g(LABEL[0]), wide), ui.g(LABEL[1]))

        def labelled(name: str) -> Rect:
            row = rows.pop(0)
            place = row.cut_left(label_w - ui.g(LABEL_GAP), ui.g(LABEL_GAP))
            self.add_widget(Text(ui, place, name, size="body", tone="quiet", alike=names))
            return row

        row = labelled(_("Minutes"))
        self._minutes_row: Segments | Stepper
        if len(said.offered) <= MOST_SEGMENTS:
            offered = [(count, str(count)) for count in said.offered]
            self._minutes_row = Segments(
                ui, row, "minutes", offered, self._minutes, said.accent, size="title"
            )
        else:
            self._minutes_row = Stepper(ui, row, "minutes", self._step_minutes, numeral=True)
        self._intensity = Stepper(
            ui, labelled(_("Intensity")), "intensity", self._step_intensity, numeral=True
        )
        self._heat: WarmStepper | None = None
        if said.has_heat:
            self._heat = WarmStepper(ui, labelled(_("Warmth")), self._step_heat, self._touch_warmth)
        feet = [("both", _("Both")), ("left", _("Left")), ("right", _("Right"))]
        self._feet = Segments(ui, labelled(_("Feet")), "feet", feet, self._set_feet, said.accent)
        for widget in (self._minutes_row, self._intensity, self._heat, self._feet):
            if widget is not None:
                self.add_widget(widget)

    def left(self) -> None:
        self._holding.waits = False
        self._cool()

    def update(self) -> None:
        self._follow_warmth()
        if self._holding.waits:
            self._hold()
        if self._waiting and not self.desk.expects_start:
            # Stopped, or answered well and yet no session: whatever became of it, one can start again.
            self._not_started()
            if self.ui.now() - self._asked_at > PATIENCE_S:
                self.say(_("The machine cannot start now."))
        said = self._said()
        if isinstance(self._minutes_row, Segments):
            self._minutes_row.choose(said.minutes)
            self._minutes_row.allow([m for m in said.offered if m <= self._locks.max_minutes])
        else:
            self._minutes_row.set(
                _("{count} min").format(count=said.minutes),
                said.minutes > min(said.offered),
                said.minutes < min(max(said.offered), self._locks.max_minutes),
            )
        most = self._locks.max_intensity
        self._intensity.set(str(said.intensity), said.intensity > 1, said.intensity < most)
        if self._heat is not None:
            hottest = said.heat_c is not None and said.heat_c >= MOST_HEAT_C
            warmer = not hottest and not no_warmth(self._locks)
            words = state.heat_words(said.heat_c)
            self._heat.set(words, said.heat_c is not None, warmer)
            self._heat.offer(words, self._warm_up(said))
        self._feet.choose(said.feet)

    def _change(self, choices: state.Choices) -> None:
        self.desk.choices = choices
        self.update()

    def _choices(self) -> state.Choices:
        assert self.desk.choices is not None
        return self.desk.choices

    def _minutes(self, minutes: object) -> None:
        if isinstance(minutes, int):
            self._change(self._choices().with_minutes(minutes))

    def _step_minutes(self, by: int) -> None:
        offered = [m for m in self._program.minutes if m <= self._locks.max_minutes]
        self._change(self._choices().stepped_minutes(offered or self._program.minutes, by))

    def _step_intensity(self, by: int) -> None:
        self._change(self._choices().stepped_intensity(by, self._locks.max_intensity))

    def _step_heat(self, by: int) -> None:
        if no_warmth(self._locks):
            return
        self._change(self._choices().stepped_heat(by))
        if self._choices().heat_c is None:
            self._cool()

    def _set_feet(self, feet: object) -> None:
        chosen: Feet = "left" if feet == "left" else "right" if feet == "right" else "both"
        self._change(self._choices().with_feet(chosen))
        if self._warms:
            self.desk.send(Preheat(feet=chosen))

    # --- warming up -----------------------------------------------------------------------------------

    def _warm_up(self, said: state.ReadyState) -> WarmUp | None:
        """What is said of it; None where nobody may have it, or nobody wants it warm."""
        held = self._locks
        if said.heat_c is None or held.refuse or no_warmth(held) or self.desk.sitting.new_today:
            return None
        return warm_up(self.desk.snapshot, said.feet)

    def _touch_warmth(self) -> None:
        if self._warms:
            self._cool()
        elif self.desk.sitting.answers is None:
            self._ask_guest(self._touch_warmth)
        elif not self._waiting and not self._holding.waits:
            self._warms = True
            self.desk.send(Preheat(feet=self._choices().feet), self._warmth_answered)

    def _warmth_answered(self, reply: Reply) -> None:
        if self._heat is not None:
            self._heat.warm.calm()
        if reply.ok:
            self.unsay()
            return
        self._warms = False
        self.say(render(reply.reason) or _("The machine cannot start now."))

    def _follow_warmth(self) -> None:
        """Stop, which is where the way back is, ends it; so do time and much else."""
        snapshot = self.desk.snapshot
        goes_on = snapshot is not None and snapshot.state == "preheating"
        if goes_on:
            self._warms = True
        elif self._seen_warm:
            self._warms = False
            self.rearm()
        self._seen_warm = goes_on
        self._back.show(not goes_on)

    def _cool(self) -> None:
        """Whoever leaves, or wants it otherwise, has nothing warmed any more; a session goes on from it."""
        snapshot = self.desk.snapshot
        if self._warms and (snapshot is None or snapshot.session is None):
            self.desk.send(EndPreheat())
        self._warms = False

    def _ask(self) -> None:
        who = self.desk.household.who
        if who is None:  # their card, once more
            self.desk.sitting.word.forget()
            self._anew()
            self._begin()
            return
        self.desk.sitting.questions(who.id)
        self.desk.sitting.onward = "ready"
        self.desk.go("screening")

    def _begin(self) -> None:
        if self._waiting or self._holding.waits:
            return
        if self.desk.sitting.answers is None:
            self._ask_guest(self._begin)
            return
        self._start.set_text(_("Starting …"))
        if self._holding.begin():
            self._hold()
        else:
            self._ask_for_it()

    def _hold(self) -> None:
        how, said = self._holding.look()
        if how == "go":
            self.unsay()
            self._ask_for_it()
        elif how == "refuse":
            self._not_started()
            self.say(said)
        elif said and self._notice is None:
            self.say(said)

    def _ask_for_it(self) -> None:
        self.desk.expect_start(True)
        self._waiting, self._asked_at = True, self.ui.now()
        who = self.desk.household.who
        answers = self.desk.sitting.word.answers if who is None else None
        self.desk.send(self._choices().start(who.id if who else None, answers), self._answered)

    def _ask_guest(self, then: Callable[[], None]) -> None:
        """Their card. What applies to them is seen before anything begins; else what they wanted does."""

        def heard(answers: tuple[str, ...]) -> None:
            self.desk.sitting.word.give(answers)
            if answers:
                self._anew()
                return
            self._back_off()
            then()

        self._put(
            GuestCard(self.ui, self.rect, self._said().accent, self.out, heard, self._back_off, self.rearm)
        )

    def _check(self) -> None:
        if not self._waiting and not self._holding.waits:
            self._cool()
            self._put(
                TodayCheck(self.ui, self.rect, self._said().accent, self.out, self._something, self._back_off)
            )

    def _something(self) -> None:
        """Something is new: no massage today, whether that can be written down or not."""
        trouble = self.desk.sitting.tell_new()
        self._anew()
        if trouble:
            self.say(trouble)

    def _anew(self) -> None:
        self._build()
        self.rearm()

    def _put(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self.add_widget(sheet)
        self.rearm(sheet)

    def _back_off(self) -> None:
        if self._sheet is not None:
            self.remove_widget(self._sheet)
            self._sheet = None
            if self._today is not None:
                self._today.calm()
            self.rearm()

    def _answered(self, reply: Reply) -> None:
        if reply.ok:
            self.desk.sitting.remember(self._choices())
            return
        self._not_started()
        self.desk.expect_start(False)
        self.say(render(reply.reason) or _("The machine cannot start now."))

    def _not_started(self) -> None:
        self._waiting = False
        self._start.set_text(_("Start"))

    def say(self, reason: str) -> None:
        """Show why it does not start, in place of the tips, until another screen comes."""
        self.unsay()
        if self._tips_shown is not None:
            self.remove_widget(self._tips_shown)
        self._notice = Refusal(self.ui, self._tips_place, reason)
        self.add_widget(self._notice)

    def unsay(self) -> None:
        if self._notice is not None:
            self.remove_widget(self._notice)
            self._notice = None
            if self._tips_shown is not None:
                self.add_widget(self._tips_shown)
