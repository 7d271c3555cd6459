"""Fingers on glass: what a touch sends, where it leads, what can never be taken away."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from scenes import FAULT, ScriptedHistory, ended, idle, running

from app.ui import find
from hardware.messages import (
    Acknowledge,
    Alive,
    BagView,
    Pain,
    PainWhere,
    Pause,
    Rate,
    SetBalance,
    SetIntensity,
    Snapshot,
    Start,
    Stop,
    TooStrong,
)
from tests.said import fault_view, say

pytestmark = [pytest.mark.screen, pytest.mark.usefixtures("drawn")]


def _start(hand: Any) -> None:
    """A guest's start: what speaks against it is said once, and none of it applies."""
    hand.touch("start")
    hand.settle(1.0)
    hand.touch("none-of-these")


def test_relax_starts_in_three_touches_softer_is_one_stop_is_one(hand: Any) -> None:
    hand.start(idle())
    hand.link.obeys = True
    hand.settle()
    hand.touch("program-relax")
    hand.settle(1.0)
    _start(hand)
    (start,) = hand.link.of(Start)
    assert (start.program, start.minutes, start.feet) == ("relax", 15, "both")
    hand.settle()
    assert hand.app.router.place == "session"
    hand.settle()
    hand.touch("minus")
    assert hand.link.of(SetIntensity) == [SetIntensity(level=start.intensity - 1)]
    hand.touch("stop")
    assert hand.link.of(Stop) == [Stop()]
    hand.settle()
    assert hand.app.router.place == "after"


def test_last_weeks_minutes_are_one_touch_from_home(hand: Any) -> None:
    hand.start(idle())
    hand.settle()
    hand.touch("history")
    hand.settle()
    said = [widget.text for widget in hand.app.stage.screen.walk(restrict=True) if hasattr(widget, "text")]
    at = said.index("Last week")
    assert said[at + 1] == "2 times, 30 min"


def test_start_ignores_the_finger_that_opened_its_screen(hand: Any) -> None:
    hand.start(idle())
    hand.app.sitting.word.give()
    hand.settle()
    hand.touch("program-relax")
    hand.frames(2)
    hand.now += 0.3
    hand.touch("start")
    assert hand.link.of(Start) == []
    hand.now += 0.2
    hand.touch("start")
    hand.touch("start")
    assert len(hand.link.of(Start)) == 1


def test_stop_is_in_reach_as_soon_as_start_was_touched(hand: Any) -> None:
    hand.start(idle())
    hand.settle()
    hand.touch("program-relax")
    hand.settle(1.0)
    _start(hand)
    assert find(hand.app.stage, "stop").shown
    hand.touch("stop")
    assert hand.link.of(Stop) == [Stop()]


def test_a_refused_start_says_why_and_can_be_tried_again(hand: Any) -> None:
    hand.start(idle())
    hand.link.refuse[Start] = "The left pad is still too warm."
    hand.settle()
    hand.touch("program-heel")
    hand.settle(1.0)
    _start(hand)
    assert _says(hand, "The left pad is still too warm.")
    assert not find(hand.app.stage, "stop").shown
    hand.now += 1
    hand.touch("start")
    assert len(hand.link.of(Start)) == 2


def test_again_comes_with_the_last_settings(hand: Any) -> None:
    hand.start(idle())
    hand.settle()
    hand.touch("again")
    hand.settle(1.0)
    _start(hand)
    (start,) = hand.link.of(Start)
    assert (start.program, start.minutes, start.intensity, start.heat_c) == ("circulation", 20, 6, 40.0)


@pytest.mark.parametrize("snapshot", [running(), running(more={"state": "paused"})])
def test_a_screen_that_was_restarted_finds_the_session(hand: Any, snapshot: Any) -> None:
    hand.start(snapshot)
    assert hand.app.router.place == "session"
    assert find(hand.app.stage, "stop").shown


def test_stop_acts_when_the_finger_comes_down_and_needs_no_lifting(hand: Any) -> None:
    hand.start(running())
    # No frame, no clock, no touch-up in between.
    hand.touch("stop")
    assert hand.link.of(Stop) == [Stop()]


def test_stop_is_over_the_sheet_and_in_one_place(hand: Any) -> None:
    hand.start(running())
    hand.settle()
    place = find(hand.app.stage, "stop").pos
    hand.touch("balance")
    hand.settle()
    assert find(hand.app.stage, "done")
    assert find(hand.app.stage, "stop").pos == place
    hand.touch("balance-squeeze-soft")
    assert hand.link.of(SetBalance) == [SetBalance(kind="squeeze", balance="soft")]
    hand.touch("stop")
    assert hand.link.of(Stop) == [Stop()]


def test_nothing_under_the_sheet_is_felt_through_it(hand: Any) -> None:
    hand.start(running())
    hand.settle()
    places = [find(hand.app.stage, name).center for name in ("plus", "minus", "pause", "pain", "too-strong")]
    hand.touch("balance")
    hand.settle()
    for place in places:
        hand.touch_at(*place)
    assert hand.link.of(SetIntensity) == []
    assert hand.link.of(Pause) == []
    assert hand.link.of(Pain) == []
    assert hand.link.of(TooStrong) == []


def test_a_finger_that_arrives_twice_is_one_touch(hand: Any) -> None:
    hand.start(running(intensity=4))
    hand.settle()
    hand.touch("plus")
    hand.touch("plus")
    assert hand.link.of(SetIntensity) == [SetIntensity(level=5)]
    hand.now += 0.3
    hand.touch("plus")
    assert hand.link.of(SetIntensity)[-1] == SetIntensity(level=6)


def test_a_mistake_in_a_screen_leaves_stop_and_the_proof_of_life(hand: Any, monkeypatch: Any) -> None:
    hand.start(running())
    hand.settle()

    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(hand.app.stage.screen, "update", broken)
    hand.settle()
    assert _says(hand, "The Stop button works")
    alive = len(hand.link.of(Alive))
    hand.app._alive_event.get_callback()(0.2)
    assert len(hand.link.of(Alive)) == alive + 1
    hand.touch("stop")
    assert hand.link.of(Stop) == [Stop()]
    monkeypatch.undo()
    hand.settle()
    assert not _says(hand, "The Stop button works")


def test_the_screen_proves_that_it_is_alive_only_while_a_session_runs(hand: Any) -> None:
    hand.start(idle())
    assert hand.app._alive_event is None
    hand.link.show(running())
    hand.settle()
    assert hand.app._alive_event.timeout == pytest.approx(0.2)
    hand.link.show(idle(ended=ended()))
    hand.settle()
    assert hand.app._alive_event is None


def test_away_and_back(hand: Any) -> None:
    hand.start(running())
    hand.link.connected = False
    hand.settle()
    assert hand.app.router.place == "offline"
    assert not find(hand.app.stage, "stop").shown
    assert find(hand.app.stage.screen, "pause") is None
    hand.link.connected = True
    hand.settle()
    assert hand.app.router.place == "session"
    assert find(hand.app.stage, "stop").shown


def test_a_damaged_machine_file_is_told_in_place_of_waking_up(hand: Any) -> None:
    app = hand.start(None, wrong="machine.toml: is not valid TOML")
    hand.link.connected = False
    hand.settle()
    screen = hand.app.stage.screen
    assert screen._head._said == "The machine's file is damaged"
    assert "machine.toml: is not valid TOML" in screen._words._said
    assert "instep doctor" in screen._words._said
    ended = []
    app.stop = lambda: ended.append(True)
    hand.link.connected = True
    app._poll()
    assert ended, "it starts anew with the machine that was mended"


def test_pain_then_where_then_how_it_was(hand: Any) -> None:
    hand.start(running())
    hand.settle()
    hand.touch("pain")
    assert hand.link.of(Pain) == [Pain()]
    hand.link.show(idle(ended=ended("pain", "circulation", 4)))
    hand.settle()
    hand.touch("side-left")
    assert not find(hand.app.stage, "stop").shown
    hand.now += 1
    hand.touch("side-left")
    hand.touch("pain-heel")
    assert hand.link.of(PainWhere) == [PainWhere(session="s-80", zone="heel", side="left")]
    hand.settle(1.0)
    assert hand.app.router.place == "after"


def test_a_rating_is_one_touch_each(hand: Any) -> None:
    hand.start(running())
    hand.link.show(idle(ended=ended()))
    hand.settle()
    hand.now += 1
    hand.touch("rate-before-6")
    hand.now += 1
    hand.touch("rate-after-2")
    assert hand.link.of(Rate) == [
        Rate(session="s-80", before=6, after=None),
        Rate(session="s-80", before=6, after=2),
    ]
    hand.now += 1
    hand.touch("home")
    hand.settle()
    assert hand.app.router.place == "home"


def test_a_second_touch_meant_for_stop_does_not_close_what_follows(hand: Any) -> None:
    hand.start(running())
    hand.settle()
    where = find(hand.app.stage, "stop").center
    hand.link.obeys = True
    hand.touch("stop")
    hand.settle(0.3)
    hand.touch_at(*where)
    assert hand.app.router.place == "after"


def test_a_fault_is_acknowledged_and_its_detail_is_one_deeper(hand: Any) -> None:
    hand.start(idle(state="fault", faults=(FAULT,)))
    hand.settle(1.0)
    assert _says(hand, "The two sensors in a pad disagree.")
    assert not _says(hand, "39.2 °C and 31.8 °C")
    hand.touch("detail")
    assert _says(hand, "39.2 °C and 31.8 °C")
    hand.now += 1
    hand.link.refuse[Acknowledge] = "The sensors still disagree."
    hand.touch("acknowledge")
    assert hand.link.of(Acknowledge) == [Acknowledge()]
    hand.link.show(idle())
    hand.settle()
    assert hand.app.router.place == "home"


def test_what_to_do_about_a_bag_stuck_full_stays_until_it_is_empty_and_that_is_told_live(hand: Any) -> None:
    stuck = fault_view("bag-not-venting")

    def calf(mmhg: float, present: bool) -> Snapshot:
        bags = (BagView("foot", 0.0, None, False), BagView("calf", mmhg, None, False))
        found = msgspec.structs.replace(stuck, present=present)
        return idle(state="fault", faults=(found,), bags=bags)

    hand.start(calf(78.0, True))
    hand.settle(1.0)
    assert _says(hand, "Still holding air: Calf bag.")
    assert _says(hand, "Pull the bag's hose off, then take your feet out.")
    hand.link.refuse[Acknowledge] = "The cause is still there."
    for _time in range(2):
        hand.touch("acknowledge")
        hand.settle(1.0)
        assert _says(hand, "The cause is still there.")
        assert _says(hand, "Pull the bag's hose off, then take your feet out.")
        assert not _says(hand, "bags are empty")
    hand.link.show(calf(9.0, True))
    hand.settle(0.1)
    assert _says(hand, "A bag still holds air.")
    hand.link.show(calf(3.0, False))
    hand.settle(0.1)
    assert _says(hand, "The bags are empty.")
    assert _says(hand, "The cause has gone. Touch Understood to go on.")
    assert not _says(hand, "still there")
    hand.link.show(calf(60.0, True))
    hand.settle(0.1)
    assert not _says(hand, "still there"), "it was said of the cause that had gone since"
    assert _says(hand, "Pull the bag's hose off")


def test_words_that_change_under_a_finger_do_not_cost_its_touch(hand: Any) -> None:
    def bags(mmhg: float) -> Snapshot:
        return idle(state="fault", faults=(FAULT,), bags=(BagView("foot", mmhg, None, False),))

    hand.start(bags(9.9))
    hand.settle(1.0)
    for mmhg in (10.1, 9.9, 10.1):
        hand.link.show(bags(mmhg))
        hand.settle(0.05)
    hand.touch("acknowledge")
    assert hand.link.of(Acknowledge) == [Acknowledge()]


def test_more_programs_than_fit_are_reached_with_buttons(hand: Any) -> None:
    from scenes import many_programs

    hand.start(idle(), programs=many_programs(hand.programs))
    hand.settle()
    assert find(hand.app.stage, "program-run") is None
    hand.touch("page-on")
    hand.settle()
    hand.touch("program-run")
    hand.settle()
    assert hand.app.choices.program == "run"


def test_history_pages_filters_and_opens(hand: Any) -> None:
    hand.start(idle())
    hand.settle()
    hand.touch("history")
    hand.settle(1.0)
    assert find(hand.app.stage, "session-h-0")
    hand.touch("older")
    hand.settle(1.0)
    assert find(hand.app.stage, "session-h-0") is None
    hand.touch("newer")
    hand.settle(1.0)
    hand.touch("filter")
    hand.settle(1.0)
    hand.touch("filter-heel")
    hand.settle(1.0)
    rows = list(hand.app.history().page(99, program="heel"))
    assert find(hand.app.stage, f"session-{rows[0].id}")
    hand.touch(f"session-{rows[0].id}")
    hand.settle(1.0)
    assert hand.app.router.place == "detail"
    hand.touch("back")
    hand.settle()
    assert hand.app.router.place == "history"


def test_a_history_that_cannot_be_read_costs_only_itself(hand: Any) -> None:
    hand.start(idle(), history=ScriptedHistory(broken=True))
    hand.settle()
    assert find(hand.app.stage, "again") is None
    hand.touch("history")
    hand.settle(1.0)
    assert _says(hand, "The history cannot be read.")
    hand.touch("home")
    hand.settle()
    assert hand.app.router.place == "home"


def test_home_draws_nothing_while_nothing_changes(hand: Any) -> None:
    import msgspec

    hand.start(idle())
    hand.settle(1.0)
    hand.frames(3)
    drawn = []
    hand.window.bind(on_draw=lambda *_: drawn.append(1))
    for number in range(50):
        hand.now += 0.2
        hand.link.show(msgspec.structs.replace(idle(), at_s=1000.0 + number))
        hand.app._poll()
        hand.app._tick()
        hand.frames(1)
    assert drawn == []


def test_none_of_kivys_own_sources_of_touches_is_left() -> None:
    from kivy.config import Config

    from app.kiosk import configure

    Config.set("input", "mouse", "mouse")
    configure()
    assert Config.options("input") == []


def test_a_new_size_is_a_new_stage_with_the_same_session(hand: Any) -> None:
    hand.start(running())
    hand.settle()
    hand.resize((720, 1280))
    hand.app._resized()
    hand.settle()
    assert hand.app.router.place == "session"
    assert find(hand.app.stage, "stop").shown
    assert hand.app.stage.height == 1280
    hand.touch("stop")
    assert hand.link.of(Stop) == [Stop()]


def _says(hand: Any, words: str) -> bool:
    from app.ui.widgets.base import Text

    return any(
        isinstance(widget, Text) and words in widget.text.replace("\n", " ")
        for widget in hand.app.stage.walk(restrict=True)
    )


def test_a_program_somebody_adds_appears_on_home_without_a_restart(hand: Any) -> None:
    app = hand.start()
    assert find(app.stage, "program-evening") is None
    extra = dict(hand.programs)
    changed = [lambda: (say("odd.toml: is not valid TOML"),)]
    app.programs = extra
    app._look_again = lambda: changed.pop(0) if changed else None
    extra["evening"] = msgspec.structs.replace(extra["relax"], id="evening", title="Evening")
    app._tick()
    hand.settle(1)
    assert find(app.stage, "page-on") is not None, "five programs need a second page"
    assert app.problems == (say("odd.toml: is not valid TOML"),)
    hand.touch("page-on")
    hand.settle(1)
    hand.touch("program-evening")
    hand.settle(1)
    assert app._shown == "ready"
