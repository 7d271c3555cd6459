"""The reader: pages, weeks, details; while another writes; with nothing there yet."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from app.sessions.errors import HistoryError
from app.sessions.history import History
from hardware.messages import Event

from .story import DEADLINE_S, NOW_S, Recording, ended, record, started


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(*when: int) -> float:
    return datetime(*when).timestamp()  # noqa: DTZ001 - local time is what is meant


def on(path: Path, when_s: float, session: str, *, minutes: int = 10, **other: str | None) -> None:
    """Record one session that began at ``when_s``."""
    events: list[Event] = [started(session, **other), ended(session, duration_s=minutes * 60.0)]
    record(path, *events, boot=session, clock=lambda: when_s)


def test_nothing_yet(history: History) -> None:
    assert history.page(10) == []
    assert history.last() is None
    assert history.session("s1") is None
    assert list(history.everything()) == []
    assert [(row.sessions, row.minutes) for row in history.weeks(3, date(2026, 11, 21))] == [(0, 0.0)] * 3


def test_pages_newest_first_without_gaps(path: Path, history: History) -> None:
    names = [f"s{number}" for number in range(25)]
    record(path, *(event for name in names for event in (started(name), ended(name))))
    seen: list[str] = []
    before = None
    while rows := history.page(7, before):
        seen += [row.id for row in rows]
        before = rows[-1].key
    assert seen == names[::-1]
    assert history.page(0) == []


@pytest.mark.parametrize("when_s", [1e18, -1e18, float("inf"), 253402300800.0, -1.0])
def test_what_is_no_date_is_not_shown_as_one(path: Path, history: History, when_s: float) -> None:
    record(path, started("s1"), ended("s1"))
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE sessions SET started_at = ?", (when_s,))
    assert [(row.id, row.started_at) for row in history.page(5)] == [("s1", None)]


def test_filters(path: Path, history: History) -> None:
    for name, program, person in (("1", "relax", "anna"), ("2", "heel", None), ("3", "relax", None)):
        record(path, started(name, program=program, person=person), ended(name))
    assert [row.id for row in history.page(10, program="relax")] == ["3", "1"]
    assert [row.id for row in history.page(10, person="anna")] == ["1"]
    assert [row.id for row in history.page(10, person=None)] == ["3", "2"]
    assert [row.id for row in history.page(10, program="heel", person=None)] == ["2"]
    last = history.last(person="anna")
    assert last is not None
    assert last.id == "1"


def test_last_is_the_last_that_is_over(path: Path, history: History, recording: Recording) -> None:
    record(path, started("over"), ended("over", "pain"))
    keeper = recording(boot="b2")
    keeper.put(started("now"))
    assert keeper.flush(DEADLINE_S)
    last = history.last()
    assert last is not None
    assert (last.id, last.outcome) == ("over", "pain")


def test_a_clock_that_once_ran_ahead_is_not_the_last_word(path: Path, history: History) -> None:
    record(path, started("ahead"), ended("ahead"), clock=lambda: NOW_S + 10 * 365 * 86400.0)
    record(path, started("now"), ended("now"), boot="b2")
    last = history.last()
    assert last is not None
    assert last.id == "now"


@pytest.mark.usefixtures("berlin")
def test_weeks_turn_at_local_midnight(path: Path, history: History) -> None:
    on(path, at(2026, 11, 15, 23, 59), "sunday", minutes=10)
    on(path, at(2026, 11, 16, 0, 1), "monday", minutes=20, person="bert")
    on(path, at(2026, 11, 22, 23, 59), "next sunday", minutes=30)
    weeks = history.weeks(3, date(2026, 11, 21))
    assert [(row.year, row.week, row.sessions, row.minutes) for row in weeks] == [
        (2026, 45, 0, 0.0),
        (2026, 46, 1, 10.0),
        (2026, 47, 2, 50.0),
    ]
    assert [row.sessions for row in history.weeks(2, date(2026, 11, 16), person="bert")] == [0, 1]


@pytest.mark.usefixtures("berlin")
def test_weeks_across_summer_time_and_new_year(path: Path, history: History) -> None:
    on(path, at(2026, 10, 25, 23, 30), "longest day")
    on(path, at(2027, 1, 2, 12, 0), "new year")
    assert [row.sessions for row in history.weeks(2, date(2026, 10, 26))] == [1, 0]
    weeks = history.weeks(2, date(2027, 1, 5))
    assert [(row.year, row.week, row.sessions) for row in weeks] == [(2026, 53, 1), (2027, 1, 0)]


def test_ratings_are_a_weeks_average_of_what_was_rated(path: Path, history: History) -> None:
    rated = (("1", 8, 3), ("2", 5, 4), ("3", 6, None))
    told = [event for name, _, _ in rated for event in (started(name), ended(name))]
    record(path, *told, clock=lambda: at(2026, 11, 19, 20))
    with sqlite3.connect(path) as db:
        db.executemany(
            "UPDATE sessions SET before = ?, after = ? WHERE id = ?", [(b, a, n) for n, b, a in rated]
        )
    before, this = history.ratings(2, date(2026, 11, 21))
    assert (this.year, this.week, this.sessions, this.before, this.after) == (2026, 47, 2, 6.5, 3.5)
    assert (before.week, before.sessions) == (46, 0)
    assert [week.sessions for week in history.ratings(2, date(2026, 11, 21), "anna")] == [0, 2]
    assert [week.sessions for week in history.ratings(2, date(2026, 11, 21), None)] == [0, 0]
    assert len(list(history.rows("anna"))) == 3
    assert list(history.everything(None)) == []


def test_what_still_runs_does_not_count(path: Path, history: History, recording: Recording) -> None:
    keeper = recording()
    keeper.put(started())
    assert keeper.flush(DEADLINE_S)
    today = datetime.fromtimestamp(1_795_000_000).date()  # noqa: DTZ006
    assert history.weeks(1, today)[0].sessions == 0


def test_it_sees_what_is_written_after_it_opened(history: History, recording: Recording) -> None:
    assert history.page(10) == []
    keeper = recording()
    for number in range(3):
        keeper.put(started(f"s{number}"))
        assert keeper.flush(DEADLINE_S)
        assert len(history.page(10)) == number + 1


def test_everything_in_the_order_it_was_recorded(path: Path, history: History) -> None:
    names = [f"s{number}" for number in range(450)]
    record(path, *(event for name in names for event in (started(name), ended(name))))
    assert [row.id for row in history.rows()] == names
    assert [detail.row.id for detail in history.everything()] == names


def test_a_damaged_file_is_an_error_in_words(path: Path, history: History) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database " * 1000)
    with pytest.raises(HistoryError, match="damaged"):
        history.page(10)


def test_reading_never_needs_a_scan(path: Path, history: History) -> None:
    """What is fast with a hundred sessions because it walks an index is fast with a hundred thousand."""
    record(path, started(), ended())
    plans: list[str] = []
    history.page(1)
    db = history._db
    assert db is not None
    asked: list[str] = []
    db.conn.set_trace_callback(asked.append)
    history.page(5)
    for person in ("anna", None, ...):
        for program in ("relax", None):
            history.page(5, 1e9, program, person)
        history.weeks(2, date(2026, 11, 21), person)
        history.ratings(2, date(2026, 11, 21), person)
        history.last(person)
        history.last(person, "heel")
        list(history.rows(person))
    history.session("s1")
    list(history.rows())
    db.conn.set_trace_callback(None)
    for statement in asked:
        plans += [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()]
    assert len(plans) > 20
    assert not [
        plan for plan in plans if "TEMP B-TREE" in plan and "LAST TERM" not in plan and "events" in plan
    ]
    assert not [plan for plan in plans if plan.startswith("SCAN") and "USING" not in plan]
