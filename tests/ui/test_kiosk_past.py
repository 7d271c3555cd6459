"""Looking back, without Kivy: the trend, a value under the finger, deleting, and sessions on a stick."""

from __future__ import annotations

import json
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from scenes import NOW, ScriptedHistory, detail

from app import usb
from app.sessions.errors import HistoryError
from app.sessions.rows import RatingRow
from app.ui import habits
from app.ui.state import common
from app.ui.state.past import WEEKS
from app.ui.state.probe import Probe
from app.ui.state.removal import UNDO_S, Removal
from app.ui.state.takeaway import LOOK_S, TakeAway
from app.ui.state.trend import Rated, trend
from hardware.messages import DeleteSession, Reply
from tests.said import say

# --- trend ------------------------------------------------------------------------------------------


def test_the_trend_has_a_place_for_every_week() -> None:
    rows = [RatingRow(year=2026, week=46, sessions=2, before=6.5, after=3.0),
            RatingRow(year=2026, week=47, sessions=0)]  # fmt: skip
    found = trend(rows, NOW)
    assert len(found.weeks) == WEEKS
    assert found.weeks[-2] == Rated(6.5, 3.0)
    assert [week for week in found.weeks if week] == [Rated(6.5, 3.0)]
    assert not found.empty


def test_without_ratings_it_says_how_there_will_be_some() -> None:
    assert trend([], NOW).empty.startswith("Rate your feet")


# --- a value under the finger -----------------------------------------------------------------------


def test_the_curves_tell_every_value_at_a_moment() -> None:
    found = detail(ScriptedHistory().known[0])
    reading = Probe(found).at(0.5)
    assert reading.time == "10:00"
    assert reading.values["heat"].long.startswith("left 39.")
    assert reading.values["heat"].short.endswith("°C")
    assert reading.values["air"].long.endswith("mmHg")
    assert len(reading.values["air"].heights) == 3
    assert reading.values["text"].long == "6.0"
    assert all(0 <= height <= 1 for values in reading.values.values() for height in values.heights)


@pytest.mark.parametrize("share", [-1.0, 0.0, 1.0, 7.0])
def test_a_finger_beside_the_curves_is_at_their_end(share: float) -> None:
    reading = Probe(detail(ScriptedHistory().known[0])).at(share)
    assert reading.at in (0.0, 1.0)
    assert reading.values


def test_what_was_not_known_is_not_made_up() -> None:
    found = detail(ScriptedHistory().known[0])
    pads = {"left": [None] * len(found.seconds), "right": [30.0] * len(found.seconds)}
    reading = Probe(msgspec.structs.replace(found, pads=pads, bags={})).at(0.3)
    assert reading.values["heat"].long == reading.values["heat"].short == "30.0 °C"
    assert "air" not in reading.values


def test_a_session_without_curves_has_nothing_to_tell() -> None:
    found = msgspec.structs.replace(
        detail(ScriptedHistory().known[0]), seconds=[], level=[], pads={}, bags={}
    )
    assert Probe(found).at(0.5).values == {}


def test_a_gap_stays_a_gap() -> None:
    found = detail(ScriptedHistory().known[0])
    keep = [s for s in found.seconds if not 500 < s < 700]
    cut = {
        "seconds": keep,
        "level": [found.level[s] for s in keep],
        "pads": {side: [values[s] for s in keep] for side, values in found.pads.items()},
        "bags": {},
    }
    probe = Probe(msgspec.structs.replace(found, **cut))
    assert probe.at(0.5).values == {}
    assert probe.at(0.25).values


# --- deleting ---------------------------------------------------------------------------------------


class Bin:
    def __init__(self, refuse: str = "") -> None:
        self.t = 0.0
        self.sent: list[Any] = []
        self.refuse = refuse
        self.changes = 0
        self.removal = Removal(self.send, lambda: self.t, self.changed)

    def send(self, command: Any, on_reply: Any) -> None:
        self.sent.append(command)
        on_reply(Reply(not self.refuse, self.refuse))

    def changed(self) -> None:
        self.changes += 1


def test_a_deleted_session_is_hidden_at_once_and_gone_after_a_while() -> None:
    bin_ = Bin()
    bin_.removal.begin("s-1")
    bin_.removal.begin("s-1")
    bin_.removal.tick()
    assert bin_.removal.hidden == {"s-1"}
    assert bin_.sent == []
    bin_.t = UNDO_S
    bin_.removal.tick()
    bin_.removal.tick()
    assert bin_.sent == [DeleteSession(session="s-1")]
    assert bin_.removal.hidden == {"s-1"}
    assert bin_.changes == 1


def test_undo_has_it_back_and_nothing_was_sent() -> None:
    bin_ = Bin()
    bin_.removal.begin("s-1")
    bin_.removal.undo()
    bin_.removal.undo()
    bin_.t = 100
    bin_.removal.tick()
    bin_.removal.settle()
    assert bin_.sent == []
    assert bin_.removal.hidden == frozenset()


def test_the_next_one_sends_the_first_on_its_way() -> None:
    bin_ = Bin()
    bin_.removal.begin("s-1")
    bin_.removal.begin("s-2")
    assert bin_.sent == [DeleteSession(session="s-1")]
    bin_.removal.settle()
    assert bin_.sent[1:] == [DeleteSession(session="s-2")]


def test_what_cannot_be_deleted_is_back_and_says_why() -> None:
    bin_ = Bin("The machine does not answer.")
    bin_.removal.begin("s-1")
    bin_.removal.settle()
    assert bin_.removal.hidden == frozenset()
    assert str(bin_.removal.problem) == "The machine does not answer."


# --- to a stick -------------------------------------------------------------------------------------

DAY = date(2026, 11, 19)


def a_stick(path: Path, name: str = "BLUE") -> usb.Stick:
    return usb.Stick(f"/dev/{name}", path, name, 10**9, read_only=False, number=path.stat().st_dev)


def at_once(work: Any) -> None:
    work()


class Traveller:
    """A take-away whose threads are run here."""

    def __init__(self, found: list[usb.Stick], **more: Any) -> None:
        self.t = 0.0
        self.found = found
        self.away = TakeAway(
            lambda: self.t, lambda: self.found, finish=more.pop("finish", lambda _stick: True),
            spawn=more.pop("spawn", at_once), **more,
        )  # fmt: skip

    def look(self) -> str:
        self.t += LOOK_S
        self.away.poll()
        return self.away.step


def test_a_table_is_in_the_habits_of_the_screen_and_names_nobody_else(tmp_path: Path) -> None:
    names = {"anna": "Anna Füße", "jo": "Jo"}
    habits.use(habits.Habits(decimal=","))
    try:
        for form in ("csv", "json"):
            traveller = Traveller([a_stick(tmp_path)])
            traveller.look()
            traveller.away.form = form
            traveller.away.start(ScriptedHistory(2, whose="anna"), "anna", DAY, names)
    finally:
        habits.use(habits.Habits())
    table, everything = (path.read_text(encoding="utf-8") for path in sorted(tmp_path.iterdir()))
    assert table.splitlines()[0].startswith("\ufeffid;person;name;")
    assert ";anna;Anna Füße;" in table
    assert json.loads(everything)["people"] == {"anna": "Anna Füße"}


@pytest.mark.parametrize(("form", "start"), [("csv", "\ufeffid,person,name"), ("json", '{"format"')])
def test_sessions_reach_the_stick_and_it_can_be_taken_out(tmp_path: Path, form: Any, start: str) -> None:
    traveller = Traveller([])
    away = traveller.away
    assert traveller.look() == "none"
    traveller.found = [a_stick(tmp_path)]
    assert traveller.look() == "choose"
    away.form = form
    away.start(ScriptedHistory(5), ..., DAY)
    away.start(ScriptedHistory(5), ..., DAY)
    assert away.step == "done"
    (file,) = tmp_path.iterdir()
    assert file.name == f"instep-2026-11-19.{form}"
    assert file.read_text().startswith(start)
    assert away.said().head == "You can take it out now."
    assert away.said().words == f"5 sessions in the file {file.name}."


def test_a_stick_that_stays_mounted_is_written_out(tmp_path: Path) -> None:
    traveller = Traveller([a_stick(tmp_path)], finish=lambda _stick: False)
    traveller.look()
    traveller.away.start(ScriptedHistory(1), ..., DAY)
    assert traveller.away.said().head == "All written. You can take it out now."


@pytest.mark.parametrize(
    ("trouble", "head"),
    [
        ("gone", "The stick was pulled out."),
        ("full", "The stick is full."),
        ("read-only", "The stick is write-protected."),
        ("differs", "The stick did not keep it."),
        ("failed", "The stick cannot be written."),
    ],
)
def test_every_failure_is_said_and_can_be_tried_again(tmp_path: Path, trouble: Any, head: str) -> None:
    def write(*_args: Any) -> Any:
        raise usb.UsbError(trouble)

    traveller = Traveller([a_stick(tmp_path)], write=write)
    traveller.look()
    traveller.away.start(ScriptedHistory(1), ..., DAY)
    assert traveller.away.step == "failed"
    assert traveller.away.said().head == head
    traveller.away.again()
    assert traveller.look() == "choose"


def test_a_history_that_cannot_be_read_leaves_nothing_on_the_stick(tmp_path: Path) -> None:
    class Broken:
        def rows(self, _person: Any) -> Any:
            raise HistoryError(say("damaged"))

    traveller = Traveller([a_stick(tmp_path)])
    traveller.look()
    traveller.away.start(Broken(), ..., DAY)
    assert traveller.away.said().head == "The history cannot be read."
    assert list(tmp_path.iterdir()) == []


def test_a_stick_taken_out_before_it_began_is_not_chosen_any_more(tmp_path: Path) -> None:
    traveller = Traveller([a_stick(tmp_path), a_stick(tmp_path, "RED")])
    traveller.look()
    traveller.away.device = "/dev/RED"
    traveller.look()
    assert traveller.away.device == "/dev/RED"
    traveller.found = [a_stick(tmp_path)]
    traveller.look()
    assert traveller.away.device == "/dev/BLUE"
    traveller.found = []
    assert traveller.look() == "none"


def test_the_screen_does_not_wait_for_a_stick_that_hangs(tmp_path: Path) -> None:
    released = threading.Event()

    def write(stick: usb.Stick, name: str, chunks: Any) -> Path:
        released.wait(10)
        return usb.write(stick, name, chunks)

    finished = threading.Event()
    traveller = Traveller([a_stick(tmp_path)], write=write)
    traveller.look()
    away = traveller.away
    away._spawn = lambda work: threading.Thread(target=lambda: (work(), finished.set())).start()
    away.start(ScriptedHistory(3), ..., DAY)
    assert away.step == "writing"
    away.poll()
    released.set()
    assert finished.wait(10)
    assert away.step == "done"


def test_a_day_to_come_is_not_known() -> None:
    assert common.dated(None, NOW) is None
    assert common.dated(NOW.timestamp() + 40 * 86400, NOW) is None
    for days in (-400, 0, 1):
        assert common.dated(NOW.timestamp() + days * 86400, NOW) == NOW + timedelta(days=days)
