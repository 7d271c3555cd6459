"""Opening: a damaged file is kept and replaced, a strange one left alone, an unfinished session closed."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from app.sessions import schema, store
from app.sessions.errors import HistoryError
from app.sessions.history import History
from hardware.messages import Rate

from .story import (
    DEADLINE_S,
    NOW_S,
    Recording,
    ended,
    noted,
    record,
    recorder,
    sampled,
    started,
    twenty_minutes,
)


def test_the_tables_are_strict_and_the_log_is_written_ahead(path: Path) -> None:
    record(path, started())
    db = sqlite3.connect(path)
    tables = db.execute(
        "SELECT name, strict FROM pragma_table_list WHERE name IN ('sessions', 'events', 'samples')"
    )
    assert set(tables) == {("sessions", 1), ("events", 1), ("samples", 1)}
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    db.close()


@pytest.mark.parametrize("garbage", [b"not a database " * 1000, b"SQLite format 3\0" + bytes(5000), b"x"])
def test_garbage_is_set_aside_with_its_side_files(path: Path, history: History, garbage: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(garbage)
    Path(f"{path}-wal").write_bytes(b"wal")
    Path(f"{path}-shm").write_bytes(b"shm")
    keeper = record(path, started(), ended())
    kept = {file.name: file.read_bytes() for file in path.parent.iterdir() if "damaged" in file.name}
    assert len(kept) == 3
    name = min(kept, key=len)
    assert name.startswith("history.damaged-2026")
    assert kept[name] == garbage
    assert f"{name}-wal" in kept
    assert len(keeper.notices) == 1
    assert name in str(keeper.notices[0])
    assert [row.id for row in history.page(10)] == ["s1"]


def test_a_page_gone_bad_is_found_before_it_is_written_to(path: Path, history: History) -> None:
    record(path, *twenty_minutes())
    with path.open("r+b") as file:
        for page in (3, 5, 7, 9, 11):
            file.seek(page * store.PAGE_BYTES)
            file.write(os.urandom(store.PAGE_BYTES))
    keeper = record(path, started("s2"), ended("s2"))
    assert "damaged" in str(keeper.notices[0])
    assert [row.id for row in history.page(10)] == ["s2"]


def test_two_damaged_files_of_one_second_are_both_kept(path: Path) -> None:
    path.parent.mkdir()
    for word in (b"one", b"two"):
        path.write_bytes(word * 100)
        store.set_aside(path, NOW_S)
    assert len(list(path.parent.glob("*damaged*"))) == 2


def test_an_empty_file_is_a_new_one(path: Path, history: History) -> None:
    path.parent.mkdir()
    path.touch()
    assert history.page(10) == []
    assert record(path, started()).notices == ()
    assert len(history.page(10)) == 1


def by_a_newer_version(path: Path, statements: str) -> None:
    """What a step of a later version leaves."""
    record(path, started(), ended())
    with sqlite3.connect(path) as db:
        db.executescript(statements)
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, '999_later', '')",
            (schema.SET,),
        )
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def test_a_file_of_a_newer_version_is_read_and_written_on(path: Path, history: History) -> None:
    by_a_newer_version(
        path,
        """
        ALTER TABLE sessions ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm';
        ALTER TABLE events ADD COLUMN tint TEXT;
        CREATE TABLE moods (session INTEGER REFERENCES sessions (number) ON DELETE CASCADE, mood TEXT) STRICT;
        INSERT INTO moods VALUES (1, 'bright');
        UPDATE sessions SET mood = 'bright';
        """,
    )
    keeper = record(path, started("s2"), noted("phase", session="s2"), sampled(0, "s2"), ended("s2"))
    assert keeper.notices == ()
    assert [row.id for row in history.page(9)] == ["s2", "s1"]
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT mood FROM sessions").fetchall() == [("bright",), ("calm",)]
        assert db.execute("SELECT * FROM moods").fetchall() == [(1, "bright")]
    db.close()


@pytest.mark.parametrize(
    "statements",
    [
        "ALTER TABLE sessions RENAME COLUMN title TO name",
        "DROP TABLE samples",
        "ALTER TABLE events RENAME TO old; CREATE TABLE events (number INTEGER PRIMARY KEY)",
    ],
)
def test_a_newer_file_that_is_another_is_left_untouched(path: Path, statements: str) -> None:
    by_a_newer_version(path, f"DROP VIEW curves; {statements}")
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    keeper = recorder(path)
    keeper.start()
    keeper.put(started("s2"))
    reply = keeper.ask(Rate(session="s1", after=1)).result(DEADLINE_S)
    assert not reply.ok
    assert "newer" in str(reply.reason)
    assert not keeper.close(DEADLINE_S)
    assert "newer" in str(keeper.notices[0])
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before
    with pytest.raises(HistoryError, match="newer"):
        History(path).page(1)


def test_another_programs_file_is_left_untouched(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE recipes (soup TEXT)")
    db.close()
    before = path.read_bytes()
    keeper = recorder(path)
    keeper.start()
    keeper.put(started())
    assert not keeper.close(DEADLINE_S)
    assert "another program" in str(keeper.notices[0])
    assert path.read_bytes() == before


def test_a_session_left_open_was_interrupted(path: Path, history: History) -> None:
    curve = [sampled(second, level=1.0 + second % 3) for second in range(90)]
    pause = (noted("pause", 30.0), noted("resume", 50.0), noted("level", 91.0))
    record(path, started(), *curve, *pause)
    assert history.page(1)[0].outcome == "running"
    record(path, boot="b2")
    row = history.page(1)[0]
    assert (row.outcome, row.duration_s, row.max_level, row.intensity) == ("interrupted", 71.0, 3.0, 4)


def test_who_ran_a_session_knows_best_how_it_ended(
    path: Path, history: History, recording: Recording
) -> None:
    keeper = recording()
    keeper.put(started())
    assert keeper.flush(DEADLINE_S)
    record(path, boot="b2")  # a second machine on the same file takes it for left open
    keeper.put(ended())
    assert keeper.flush(DEADLINE_S)
    assert history.page(1)[0].outcome == "completed"


def test_an_unfinished_first_opening_is_taken_up_again(path: Path) -> None:
    path.parent.mkdir()
    db = store.open_for_writing(path)
    db["_sqlite_migrations"].delete_where()
    for kind, name in db.execute(
        "SELECT type, name FROM sqlite_master WHERE name IN ('curves', 'sessions', 'events', 'samples')"
    ).fetchall():
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute(f"DROP {kind} {name}")
    db.close()
    assert record(path, started(), ended()).notices == ()
