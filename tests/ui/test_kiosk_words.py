"""What the screens say and decide, without Kivy."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from scenes import ADVICE, FAULT, NOW, ScriptedHistory, ended, idle, running

from app.sessions.rows import EventRow, WeekRow
from app.ui import theme
from app.ui.state import common, home, past
from app.ui.state.route import Router, blocking_fault
from app.ui.state.session import SessionModel, lights, warmer
from hardware.messages import (
    Linger,
    PadView,
    Pause,
    Reply,
    Resume,
    SetBalance,
    SetBoost,
    SetHeat,
    SetIntensity,
    SetMinutes,
    SkipTo,
    TooStrong,
)
from tests.said import say

UI = Path(__file__).resolve().parents[2] / "app" / "ui"


class Desk:
    """Collects what a model sends, and holds its clock."""

    def __init__(self, snapshot: Any) -> None:
        self.t = 100.0
        self.sent: list[Any] = []
        self.replies: list[Any] = []
        self.model = SessionModel(send=self.send, now=lambda: self.t, accents={"circulation": "#6CCFC4"})
        self.model.see(snapshot)

    def send(self, command: Any, on_reply: Any) -> None:
        self.sent.append(command)
        self.replies.append(on_reply)

    def see(self, snapshot: Any, **changes: Any) -> None:
        if changes:
            snapshot = msgspec.structs.replace(
                snapshot, session=msgspec.structs.replace(snapshot.session, **changes)
            )
        self.model.see(snapshot)


# --- theme ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize(("text", "ground"), theme.TEXT_PAIRS)
def test_every_text_can_be_read_on_every_ground(dark: bool, text: str, ground: str) -> None:
    tokens = theme.Theme(dark)
    assert theme.contrast(tokens.color(text), tokens.color(ground)) >= theme.CONTRAST_TEXT


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize(
    "fill",
    [
        "warning",
        "text",
        "air",
        "motion",
        "heat",
        "#B7A4F2",
        "#6CCFC4",
        "#EAC468",
        "#EC93AE",
        "#000000",
        "#FFFFFF",
    ],
)
def test_what_stands_on_a_fill_can_be_read(dark: bool, fill: str) -> None:
    tokens = theme.Theme(dark)
    assert theme.contrast(tokens.on(fill), tokens.color(fill)) >= theme.CONTRAST_TEXT


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize(
    "accent", ["#B7A4F2", "#6CCFC4", "#EAC468", "#EC93AE", "#000000", "#FFFFFF", "#222222"]
)
def test_any_programs_accent_is_seen_as_a_shape(dark: bool, accent: str) -> None:
    tokens = theme.Theme(dark)
    assert theme.contrast(tokens.color(accent), tokens.color("surface")) >= theme.CONTRAST_SHAPE - 0.01


def test_both_themes_have_the_same_tokens() -> None:
    assert theme.DARK.keys() == theme.LIGHT.keys()


def test_the_design_scales_to_the_panel() -> None:
    assert theme.Theme.for_size(800, 480).scale == 1.0
    assert theme.Theme.for_size(1280, 720).scale == 1.5
    assert theme.Theme.for_size(1280, 800).scale == 1.6
    assert theme.Theme.for_size(720, 1280).scale == 1.5
    assert theme.Theme.for_size(800, 480).g(theme.TARGET) == 64
    assert min(theme.TYPE.values()) >= 18


def test_no_colour_is_written_outside_the_theme() -> None:
    for path in UI.rglob("*.py"):
        if path.name == "theme.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) == 7:
                assert not node.value.startswith("#") or path.name == "past.py", f"{path}: {node.value}"


def test_state_is_free_of_kivy_and_the_screen_of_drivers() -> None:
    allowed = {"message", "messages", "words", "program", "machine", "parts", "errors"}
    for path in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                if path.parent.name in ("state", "draw"):
                    assert not name.startswith("kivy"), path
                # What a person may not have is plain values, too, and so are the rules' numbers and faults,
                # and what is expected of a sensor.
                values = ("locks", "limits", "faults", "expectation")
                plain = tuple(f"hardware.safety.{name}" for name in values)
                if name == "hardware.safety":
                    assert {alias.name for alias in node.names} == {"limits"}, path
                elif name.startswith("hardware") and not name.startswith(plain):
                    assert name.split(".")[1] in allowed, f"{path}: {name}"


# --- words ------------------------------------------------------------------------------------------


def test_a_clock_counts_the_second_that_has_begun() -> None:
    assert common.clock(758.0) == "12:38"
    assert common.clock(757.2) == "12:38"
    assert common.clock(0.0) == "0:00"
    assert common.clock(-3.0) == "0:00"


@pytest.mark.parametrize(
    ("hour", "words"), [(7, "morning"), (13, "afternoon"), (20, "evening"), (2, "evening")]
)
def test_the_greeting_knows_the_hour(hour: int, words: str) -> None:
    assert words in common.greeting(datetime(2026, 11, 19, hour, tzinfo=UTC))


# --- routes -----------------------------------------------------------------------------------------


def test_a_running_session_takes_the_screen_wherever_it_was() -> None:
    router = Router()
    router.follow(idle(), True)
    router.go("history")
    assert router.follow(running(), True) == "session"


def test_a_session_ended_before_the_screen_began_is_not_shown() -> None:
    router = Router()
    assert router.follow(idle(ended=ended()), True) == "home"


def test_the_end_of_a_session_is_shown_once() -> None:
    router = Router()
    router.follow(running(), True)
    assert router.follow(idle(ended=ended()), True) == "after"
    assert router.leave_after() == "home"
    assert router.follow(idle(ended=ended()), True) == "home"


def test_pain_is_asked_about_first() -> None:
    router = Router()
    router.follow(running(), True)
    over = idle(ended=ended("pain"))
    assert router.follow(over, True) == "pain"
    assert router.follow(over, True) == "pain"
    router.pain_answered()
    assert router.follow(over, True) == "after"


def test_a_fault_comes_before_the_end_and_gives_way_to_it() -> None:
    router = Router()
    router.follow(running(), True)
    over = idle(state="fault", faults=(FAULT,), ended=ended("fault"))
    assert router.follow(over, True) == "fault"
    assert router.follow(idle(ended=ended("fault")), True) == "after"


def test_silence_is_offline_and_passes_by_itself() -> None:
    router = Router()
    assert router.follow(None, False) == "offline"
    assert router.follow(idle(), False) == "offline"
    assert router.follow(idle(), True) == "home"


def test_advice_leaves_the_session_its_screen_but_can_be_read_at_home() -> None:
    router = Router()
    assert router.follow(running(more={"faults": (ADVICE,)}), True) == "session"
    router = Router()
    calm = idle(faults=(ADVICE,))
    assert blocking_fault(calm) is None
    assert router.follow(calm, True) == "home"
    router.read_notice()
    assert router.follow(calm, True) == "fault"
    assert router.follow(idle(), True) == "home"


# --- a session --------------------------------------------------------------------------------------


def test_plus_shows_at_once_what_was_asked_for_and_steps_on_from_it() -> None:
    desk = Desk(running(intensity=4))
    desk.model.step(1)
    desk.model.step(1)
    assert desk.sent == [SetIntensity(level=5), SetIntensity(level=6)]
    assert desk.model.state().asked == 6


def test_a_refused_wish_is_taken_back_with_its_reason() -> None:
    desk = Desk(running(intensity=4))
    desk.model.step(1)
    desk.replies[-1](Reply(False, say("Intensity 4 is the most in the first session.")))
    said = desk.model.state()
    assert said.asked == 4
    assert said.strip.text == "Intensity 4 is the most in the first session."
    desk.t += 6
    assert desk.model.state().strip.kind == ""


def test_a_wish_nobody_answers_is_not_shown_for_ever() -> None:
    desk = Desk(running(intensity=4))
    desk.model.step(1)
    desk.t += 3
    assert desk.model.state().asked == 4


def test_intensity_stays_between_one_and_ten() -> None:
    desk = Desk(running(intensity=10))
    desk.model.step(1)
    desk.see(running(intensity=1))
    desk.model.step(-1)
    assert desk.sent == []


def test_more_time_once_for_a_touch_that_arrives_twice() -> None:
    desk = Desk(running("relax"))
    desk.model.more_time()
    desk.model.more_time()
    assert desk.sent == [SetMinutes(minutes=20)]
    desk.see(running("relax"), minutes=20)
    desk.model.state()
    desk.t += 3
    desk.model.more_time()
    assert desk.sent[-1] == SetMinutes(minutes=25)


def test_more_time_says_why_not() -> None:
    desk = Desk(running("relax", minutes=30))
    said = desk.model.state()
    assert not said.can_more_time
    assert "30" in said.more_time_why
    desk.model.more_time()
    assert desk.sent == []


def test_too_strong_once_until_the_machine_has_heard_it() -> None:
    desk = Desk(running())
    desk.model.too_strong()
    desk.model.too_strong()
    assert desk.sent == [TooStrong()]
    desk.see(running(), holding_s=29.0)
    desk.model.state()
    assert desk.model.state().level_words == "softer for 29 s"
    desk.model.too_strong()
    assert desk.sent == [TooStrong(), TooStrong()]


def test_the_other_wishes() -> None:
    desk = Desk(running("arch"))
    desk.model.pause_or_resume()
    desk.see(running("arch", more={"state": "paused"}))
    desk.model.state()
    desk.t += 3
    desk.model.pause_or_resume()
    desk.model.skip()
    desk.model.here()
    desk.model.set_balance("knead", "soft")
    desk.model.set_boost("arch")
    desk.model.step_heat(1)
    assert desk.sent == [
        Pause(),
        Resume(),
        SkipTo(phase=desk.model.state().phase_index + 1),
        Linger(),
        SetBalance(kind="knead", balance="soft"),
        SetBoost(zone="arch"),
        SetHeat(heat_c=41.0),
    ]
    said = desk.model.state()
    assert dict(said.balances)["knead"] == "soft"
    assert said.boost == "arch"
    assert said.heat_c == 41.0


def test_between_phases_the_question_comes_and_goes_by_itself() -> None:
    desk = Desk(running("arch", at=0.30))
    assert desk.model.state().strip.kind == ""
    desk.see(running("arch", at=0.36))
    assert desk.model.state().strip.kind == "ask"
    desk.t += 11
    assert desk.model.state().strip.kind == ""


def test_what_matters_most_comes_first_in_the_strip() -> None:
    desk = Desk(running("arch", lingers=True))
    assert desk.model.state().strip.kind == "here"
    desk.see(running("arch", lingers=True, guide="Pull your toes towards your shin", guide_left_s=11.6))
    said = desk.model.state().strip
    assert (said.kind, said.left) == ("guide", "12")
    desk.see(running("arch", lingers=True, guide="Pull", more={"faults": (ADVICE,)}))
    assert desk.model.state().strip.kind == "fault"


def test_one_foot_says_what_that_means() -> None:
    desk = Desk(running("relax", feet="left"))
    assert desk.model.state().note == "Right side off; both feet get air"
    values = {light.part: light.value for light in desk.model.state().lights}
    assert values["pad-right"] == "off"


def test_the_map_is_lit_by_what_was_measured() -> None:
    found = {light.part: light for light in lights(running(bags={"foot": 57.0}, pads=(39.4, 39.2)))}
    assert found["foot"].value == "57"
    assert found["foot"].strength > 0.8
    assert found["calf"].strength == 0.0
    assert found["pad-left"].value == "39.4"
    snapshot = msgspec.structs.replace(running(), pads=(PadView("left", None, None, 0.0),))
    assert {light.part: light.value for light in lights(snapshot)}["pad-left"] == "–"


def test_warmth_steps_from_off_and_back() -> None:
    assert warmer(None, 1) == 38.0
    assert warmer(34.0, -1) is None
    assert warmer(42.0, 1) == 42.0
    assert warmer(None, -1) is None


# --- home, past -------------------------------------------------------------------------------------


def test_home_says_how_the_machine_is() -> None:
    assert "cool" in home.home(idle(), NOW, (), None).condition
    assert "still warm" in home.home(idle((36.0, 30.0)), NOW, (), None).condition
    assert "no reading" in home.home(idle((None, 30.0)), NOW, (), None).condition
    assert home.home(idle(state="self-test"), NOW, (), None).condition == "The machine is checking itself."
    assert (
        home.home(idle(), NOW, (say("x.toml: bad"),), 2).notice
        == "A program has a mistake and is left out. x.toml: bad"
    )
    assert home.home(idle(faults=(ADVICE,)), NOW, (), None).notice_opens


def test_again_offers_what_the_program_still_has(programs: Any, machine: Any) -> None:
    row = ScriptedHistory(1).known[0]
    found = home.again_choices(programs["circulation"], machine, row)
    assert (found.minutes, found.intensity, found.heat_c) == (20, 6, 40.0)
    odd = msgspec.structs.replace(row, minutes=17, heat_c=60.0, intensity=10, feet="left")
    found = home.again_choices(programs["circulation"], machine, odd)
    assert (found.minutes, found.heat_c, found.feet) == (20, 42.0, "left")
    assert found.start().program == "circulation"


@pytest.mark.parametrize("outcome", ["completed", "stopped", "pain", "fault", "interrupted"])
def test_every_end_has_its_words(outcome: str, programs: Any) -> None:
    said = past.after(ended(outcome), programs["relax"])
    assert said.what
    assert said.advice
    if outcome == "pain":
        assert "doctor" in said.advice


@pytest.mark.parametrize("program", ["arch", "heel"])
def test_ice_is_only_for_feet_that_are_known_to_feel_it(program: str, programs: Any) -> None:
    assert (
        "ice wrapped in a cloth" in past.after(ended(program=program), programs[program], feels=True).advice
    )
    unsure = past.after(ended(program=program), programs[program]).advice
    assert unsure
    assert "ice" not in unsure


def test_no_program_advises_ice_to_everybody(programs: Any) -> None:
    for found in programs.values():
        assert "ice" not in f"{found.about} {found.advice}".lower().split()


def test_the_list_names_each_day_once() -> None:
    rows = ScriptedHistory(12).known
    found = past.lines(rows, {}, NOW)
    days = [line.day for line in found if line.day]
    assert days[0] == "Today"
    assert len(days) == len(set(days))
    unknown = past.lines([msgspec.structs.replace(rows[0], started_at=None)], {}, NOW)
    assert unknown[0].day == "Date not known"


def test_weeks_without_a_session_have_a_place_too() -> None:
    found = past.bars([], NOW)
    assert len(found) == past.WEEKS
    assert found[-1].this_week
    assert [bar.label for bar in found] == ["", "Oct", "", "", "", "Nov", "", "now"]
    assert past.week_words(found) == (("This week", "none yet"), ("Last week", "none"))


def test_the_minutes_of_this_week_and_the_last_are_said() -> None:
    weeks = [
        WeekRow(year=2026, week=46, sessions=1, minutes=14.6),
        WeekRow(year=2026, week=47, sessions=3, minutes=50.2),
    ]
    this, last = past.week_words(past.bars(weeks, NOW))
    assert this == ("This week", "3 times, 50 min")
    assert last == ("Last week", "once, 15 min")


def test_curves_keep_their_peaks_and_their_gaps() -> None:
    detail = ScriptedHistory(1).session("h-0")
    assert detail is not None
    pads = list(detail.pads["left"])
    pads[100:200] = [None] * 100
    gap = msgspec.structs.replace(detail, pads={"left": pads})
    warmth = past.curves(gap)[0]
    assert len(warmth.lines) == 2
    assert all(0 <= x <= 1 and 0 <= y <= 1 for piece in warmth.lines for x, y in piece)
    assert past.curves(msgspec.structs.replace(detail, seconds=[])) == ()


def test_what_happened_is_told_in_words() -> None:
    events = [
        EventRow(elapsed_s=at, what=what, detail=detail, code=str(detail.get("code", "")))
        for at, what, detail in (
            (0.0, "phase", {"index": 0, "name": "Warm"}),
            (60.0, "level", {"level": 2}),
            (90.0, "intensity", {"level": 5}),
            (100.0, "minutes", {"minutes": 20}),
            (300.0, "too-strong", {"level": 3}),
            (400.0, "fault", {"code": "pad-too-hot", "detail": "..."}),
        )
    ]
    found = past.marks(events, 600.0)
    assert [mark.words for mark in found] == [
        "Warm", "Intensity 5", "Now 20 min", "Too strong", "A pad got too hot.",
    ]  # fmt: skip
    assert [mark.at for mark in found] == [0.0, 0.15, pytest.approx(1 / 6), 0.5, pytest.approx(2 / 3)]
