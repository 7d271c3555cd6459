"""What the recorder is told is what the file holds; it never keeps anyone waiting."""

from __future__ import annotations

import stat
import sys
import tempfile
import threading
from concurrent.futures import Future
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.sessions import keeper as keeper_module
from app.sessions import trouble
from app.sessions.history import History
from hardware.messages import (
    DeleteSession,
    Event,
    Noted,
    PainWhere,
    Rate,
    Reply,
    Sampled,
    SessionEnded,
    SessionStarted,
)

from .story import DEADLINE_S, NOW_S, Recording, ended, noted, record, recorder, sampled, started


def test_a_session_as_it_was_asked_for_and_as_it_went(path: Path, history: History) -> None:
    record(path, started(), sampled(0), noted("phase", 0.5, name="warm"), ended(outcome="stopped"))
    detail = history.session("s1")
    assert detail is not None
    row = detail.row
    assert (row.program, row.title, row.person, row.feet) == ("relax", "Relax", "anna", "both")
    assert (row.started_at, row.duration_s, row.outcome) == (NOW_S, 1200.0, "stopped")
    assert (row.minutes, row.intensity, row.max_level, row.heat_c) == (25, 6, 6.0, None)
    assert [(event.what, event.detail) for event in detail.events] == [("phase", {"name": "warm"})]
    assert (detail.seconds, detail.pads["left"], detail.bags["calf"]) == ([0], [30.0], [30.0])


def test_a_running_session_shows_what_was_asked(history: History, recording: Recording) -> None:
    keeper = recording()
    keeper.put(started())
    assert keeper.flush(DEADLINE_S)
    row = history.page(1)[0]
    assert (row.outcome, row.minutes, row.intensity, row.heat_c, row.duration_s) == (
        "running",
        20,
        4,
        40.0,
        0.0,
    )


def test_file_and_folder_are_private(path: Path) -> None:
    keeper = record(path, started())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert keeper.notices == ()


def test_putting_does_not_wait_for_the_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = recorder(path, capacity=100)
    at_work, go_on = threading.Event(), threading.Event()
    keep = keeper._keeper.keep

    def slow(*events: object, **how: object) -> list[Reply]:
        at_work.set()
        assert go_on.wait(DEADLINE_S)
        return keep(*events, **how)

    monkeypatch.setattr(keeper._keeper, "keep", slow)
    keeper.start()
    assert at_work.wait(DEADLINE_S)
    keeper.put(started())
    for second in range(1000):
        keeper.put(sampled(second))
        keeper.put(noted("level", float(second)))
    keeper.put(ended())
    assert trouble.curves_lost() in keeper.notices
    go_on.set()
    assert keeper.close(DEADLINE_S)
    history = History(path)
    detail = history.session("s1")
    history.close()
    assert detail is not None
    assert (len(detail.seconds), len(detail.events), detail.row.outcome) == (100, 1000, "completed")


@pytest.mark.parametrize("urgent", [started("s2"), ended(), noted("fault", code="pad-hot")])
def test_start_end_and_fault_are_committed_at_once(
    urgent: Event, path: Path, history: History, recording: Recording
) -> None:
    keeper = recording(flush_s=3600.0)
    keeper.put(started())
    keeper.put(sampled(0))
    keeper.put(urgent)
    # Nothing else asks for a commit: the answer to this can only come after it, in the same order.
    with keeper._changed:
        assert keeper._changed.wait_for(lambda: not keeper._waiting, DEADLINE_S)
    assert history.session("s1") is not None


def test_everything_else_waits_for_its_batch(history: History, recording: Recording) -> None:
    keeper = recording(flush_s=3600.0)
    keeper.put(started())
    assert keeper.flush(DEADLINE_S)
    keeper.put(noted("level"))
    keeper.put(sampled(0))
    with keeper._changed:
        assert len(keeper._waiting) == 2
    assert keeper.flush(DEADLINE_S)
    detail = history.session("s1")
    assert detail is not None
    assert (len(detail.events), len(detail.seconds)) == (1, 1)


def test_batches_come_by_themselves(recording: Recording) -> None:
    keeper = recording(flush_s=0.01)
    keeper.put(started())
    keeper.put(noted("level"))
    with keeper._changed:
        assert keeper._changed.wait_for(lambda: not keeper._waiting and not keeper._hurry, DEADLINE_S)


def test_ratings(history: History, recording: Recording) -> None:
    keeper = recording()
    keeper.put(started())
    keeper.put(ended())
    assert keeper.ask(Rate(session="s1", before=7)).result(DEADLINE_S) == Reply(True, session="s1")
    assert keeper.ask(Rate(session="s1", after=2)).result(DEADLINE_S).ok
    assert [(row.before, row.after) for row in history.page(1)] == [(7, 2)]


def test_where_it_hurt_is_what_was_said_last(history: History, recording: Recording) -> None:
    keeper = recording()
    for event in (started(), noted("pain", 62.0), ended(outcome="pain")):
        keeper.put(event)
    for zone in ("heel", "arch"):
        assert keeper.ask(PainWhere(session="s1", zone=zone, side="left")).result(DEADLINE_S).ok
    detail = history.session("s1")
    assert detail is not None
    assert [event.what for event in detail.events] == ["pain", "pain-where"]
    assert detail.events[-1].detail == {"zone": "arch", "side": "left"}


@pytest.mark.parametrize("command", [Rate(session="s9", before=1), PainWhere(session="s9")])
def test_an_unknown_session_is_refused(command: Rate | PainWhere, recording: Recording) -> None:
    keeper = recording()
    reply = keeper.ask(command).result(DEADLINE_S)
    assert not reply.ok
    assert "does not know" in str(reply.reason)


def test_after_closing_everything_is_refused_politely(path: Path) -> None:
    keeper = record(path, started())
    keeper.put(ended())
    assert not keeper.ask(Rate(session="s1", before=1)).result(0).ok


def test_an_answer_that_nobody_waits_for_any_more(path: Path, recording: Recording) -> None:
    keeper = recorder(path)
    given_up: Future[Reply] = keeper.ask(Rate(session="s1", before=1))
    given_up.cancel()
    keeper.start()
    keeper.put(started())
    assert keeper.close(DEADLINE_S)


def test_nonsense_does_not_stop_what_follows(path: Path, history: History) -> None:
    keeper = record(
        path,
        started(),
        noted("odd", thing=object()),
        noted("odd", float("nan")),
        started("s2", title="\ud800"),
        sampled(5, "nobody"),
        ended("nobody"),
        noted("late", session="nobody"),
        started(),
        ended(),
        ended(outcome="stopped"),
    )
    assert [(row.id, row.outcome) for row in history.page(10)] == [("s1", "completed")]
    assert keeper.notices == (trouble.events_lost(),)


def test_the_slow_import_waits_for_the_recorder() -> None:
    names = "app.sessions.recorder app.sessions.history app.sessions.export"
    check = "import sys, importlib\nfor n in sys.argv[1:]: importlib.import_module(n)\n"
    asked = run(
        [sys.executable, "-c", check + "assert 'sqlite_utils' not in sys.modules", *names.split()],
        check=False,
    )
    assert asked.returncode == 0


SESSIONS = st.sampled_from(["a", "b", "c"])
EVENTS = st.lists(
    st.one_of(
        SESSIONS.map(started),
        SESSIONS.map(ended),
        st.builds(sampled, st.integers(0, 200), SESSIONS),
        st.builds(noted, st.sampled_from(["level", "fault"]), st.just(1.0), SESSIONS | st.none()),
    ),
    max_size=40,
)


@given(EVENTS, st.integers(1, 7))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_story_is_kept_as_told(events: list[Event], every: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        keeper = recorder(path)
        keeper.start()
        for count, event in enumerate(events):
            keeper.put(event)
            if count % every == 0:
                assert keeper.flush(DEADLINE_S)
        assert keeper.close(DEADLINE_S)
        assert keeper.notices == ()
        history = History(path)
        kept = {detail.row.id: detail for detail in history.everything()}
        history.close()
    expected: dict[str, tuple[list[int], int]] = {}
    over: set[str] = set()
    for event in events:
        match event:
            case SessionStarted(session=name):
                expected.setdefault(name, ([], 0))
            case SessionEnded(session=name) if name in expected:
                over.add(name)
            case Sampled(session=name) if name in expected and name not in over:
                seconds = expected[name][0]
                if event.second > max(seconds, default=-1):
                    seconds.append(event.second)
            case Noted(session=str(name)) if name in expected:
                expected[name] = (expected[name][0], expected[name][1] + 1)
    assert {name: (detail.seconds, len(detail.events)) for name, detail in kept.items()} == expected


def test_the_same_thing_asked_again_while_it_waits_is_done_once_and_answered_twice(
    path: Path, history: History, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(path, started(), ended())
    go, begun = threading.Event(), threading.Event()
    keep = keeper_module.Keeper.keep

    def slow(self: keeper_module.Keeper, *about: Any, **more: Any) -> list[Reply]:
        if about[1]:
            begun.set()
            assert go.wait(DEADLINE_S)
        return keep(self, *about, **more)

    monkeypatch.setattr(keeper_module.Keeper, "keep", slow)
    keeper = recording()
    first = keeper.ask(DeleteSession(session="s1"))
    assert begun.wait(DEADLINE_S)
    again = keeper.ask(DeleteSession(session="s1"))
    keeper.put(noted("level"))
    assert not first.done()
    go.set()
    assert first.result(DEADLINE_S).ok
    assert again is first
    assert keeper.ask(DeleteSession(session="s1")).result(DEADLINE_S).ok, "it is gone, as was asked"
    assert keeper.flush(DEADLINE_S)
    assert history.page(10) == []
