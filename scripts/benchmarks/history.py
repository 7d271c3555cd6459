"""The history of a long life: how long its screen waits for 100,000 sessions."""

from __future__ import annotations

import contextlib
import math
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from app.places import ASSETS
from app.sessions.history import History
from app.sessions.recorder import Recorder
from app.ui.state import past
from app.ui.state.probe import Probe
from app.ui.state.trend import trend
from hardware.messages import Sampled, SessionEnded, SessionStarted
from hardware.program import load_programs
from hardware.words import Zone
from scripts.benchmarks.figure import Figure, quantile

SESSIONS = 100_000
APART_S = 5 * 3600.0
SECONDS = 1800
GOAL = "≤ 16"


def figures(seconds: float) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / "history.db"
        last = _record_one(path)
        _multiply(path)
        programs, _broken = load_programs(ASSETS / "programs")
        now = datetime.now().astimezone()
        with contextlib.closing(History(path)) as history, contextlib.closing(sqlite3.connect(path)) as db:
            page = history.page(5)
            middle = page[-1].key - SESSIONS / 2 * APART_S

            def detail() -> Any:
                found = history.session(last)
                assert found is not None
                return past.detail(found, programs, now), Probe(found)

            asked: dict[str, Callable[[], Any]] = {
                "first page": lambda: past.lines(history.page(5), programs, now),
                "a page in the middle": lambda: history.page(5, before=middle),
                "one person's heel sessions": lambda: history.page(5, program="heel", person="p-1"),
                "the weeks' bars": lambda: past.bars(history.weeks(past.WEEKS, now.date()), now),
                "the ratings": lambda: trend(history.ratings(past.WEEKS, now.date()), now),
                "one person's ratings": lambda: history.ratings(past.WEEKS, now.date(), person="p-2"),
                "a session's curves, 30 min": detail,
            }
            bare = _bare(db)
            for name, ask in asked.items():
                taken = _p99_ms(ask, seconds / len(asked))
                query = bare.get(name)
                compared = _p99_ms(query, seconds / len(asked) / 4) if query is not None else None
                versus = "the bare query" if query is not None else ""
                yield Figure(f"history of {SESSIONS}: {name}", taken, "ms", GOAL, versus, compared)


def _bare(db: sqlite3.Connection) -> dict[str, Callable[[], Any]]:
    """What SQLite alone takes for the same rows: how busy this computer is shows in both."""
    chunks = (
        "SELECT second, data FROM samples JOIN sessions ON sessions.number = samples.session "
        "WHERE sessions.id = 'long' ORDER BY second"
    )
    return {
        "first page": lambda: db.execute("SELECT * FROM sessions ORDER BY position DESC LIMIT 5").fetchall(),
        "a session's curves, 30 min": lambda: db.execute(chunks).fetchall(),
    }


def _p99_ms(ask: Callable[[], Any], seconds: float) -> float:
    return quantile(list(_taken(ask, seconds)), 0.99) * 1000


def _taken(ask: Callable[[], Any], seconds: float) -> Iterator[float]:
    ask()
    until = time.monotonic() + min(seconds, 5.0)
    while time.monotonic() < until:
        began = time.perf_counter()
        ask()
        yield time.perf_counter() - began


def _record_one(path: Path) -> str:
    """Half an hour as the recorder writes it, a point a second."""
    recorder = Recorder(path, boot="bench", is_good=lambda: True)
    recorder.start()
    now = time.monotonic()
    about: dict[str, Any] = {"session": "long", "program": "relax", "title": "Relax", "person": None}
    asked: dict[str, Any] = {"minutes": 30, "intensity": 6, "heat_c": 40.0}
    bags: tuple[Zone, ...] = ("foot", "heel", "ankle", "calf")
    recorder.put(
        SessionStarted(
            at_s=now, program_version=1, feet="both", pads=("left", "right"), bags=bags, **about, **asked
        )
    )
    for second in range(SECONDS):
        wave = tuple(30 + 25 * math.sin(second / 4 + zone) for zone in range(len(bags)))
        pads = (24 + 16 * (1 - math.exp(-second / 160)), 23.6 + 16 * (1 - math.exp(-second / 170)))
        recorder.put(Sampled(session="long", second=second, pads_c=pads, bags_mmhg=wave, level=6.0))
    recorder.put(
        SessionEnded(
            session="long",
            at_s=now,
            outcome="completed",
            duration_s=float(SECONDS),
            max_level=6.0,
            mean_level=5.0,
            **asked,
        )
    )
    recorder.close(30)
    return "long"


def _multiply(path: Path) -> None:
    """As many more, without curves, back through the years; of four people, two of three rated."""
    columns = (
        "id, boot, person, program, program_version, title, started_at, position, monotonic_s, minutes, "
        "intensity, feet, channels, outcome, duration_s, end_minutes, end_intensity, max_level, before, after"
    )
    now = time.time()
    programs = ("relax", "circulation", "arch", "heel")

    def rows() -> Iterator[tuple[Any, ...]]:
        for number in range(1, SESSIONS):
            at_s = now - number * APART_S
            program = programs[number * 7 % 4]
            person = None if number % 4 == 0 else f"p-{number % 4}"
            sore = (number % 9 + 1, number % 5) if number % 3 else (None, None)
            asked = (program, 1, program.capitalize(), at_s, at_s, 0.0, 15, 5, "both", '["level"]')
            yield (f"s-{number}", "bench", person, *asked, "completed", 900.0, 15, 5, 5.0, *sore)

    with contextlib.closing(sqlite3.connect(path)) as db, db:
        places = ", ".join("?" * len(columns.split(",")))
        db.executemany(f"INSERT INTO sessions ({columns}) VALUES ({places})", rows())
