"""The log out of the history: what belongs in it, in which order, when; and as a text."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace
from sqlite_utils import Database, Migrations

from app.sessions import faultlog, schema
from app.sessions.history import History
from hardware.message import Duration, Part, Pressure
from hardware.safety.bag_watch import bag_still_full

from .story import NOW_S, ended, noted, record, started

NOW = datetime.fromtimestamp(NOW_S, UTC)


def keep(path: Path) -> None:
    record(
        path,
        noted("fault", session=None, code="self-test-failed", detail="The left pad reads nothing."),
        noted("cleared", session=None, code="self-test-failed"),
        started(),
        noted("phase", 2.0, name="Warm"),
        noted("level", 3.0, level=2),
        noted("fault", 60.0, code="bag-not-filling", detail="calf:\n14 mmHg"),
        ended(),
        noted("gains", session=None, side="left", now={"kp": 0.61234567}, before={"kp": 0.5}),
    )


def test_nothing_yet(history: History) -> None:
    assert history.log(10) == []
    text = b"".join(faultlog.text(history.log, "A machine", NOW)).decode()
    assert text.startswith("A machine\n")
    assert "Nothing has gone wrong" in text
    undated = b"".join(faultlog.text(history.log, "A machine", NOW, dated=False)).decode()
    assert str(NOW.year) in text
    assert str(NOW.year) not in undated


def test_faults_and_service_newest_first_with_their_dates(path: Path, history: History) -> None:
    keep(path)
    rows = history.log(10)
    assert [row.what for row in rows] == ["gains", "fault", "cleared", "fault"]
    assert [row.title for row in rows] == [None, "Relax", None, None]
    in_session = rows[1]
    assert in_session.at is not None
    assert abs(in_session.at - (NOW_S + 60)) < 1
    assert rows[3].detail["detail"] == "The left pad reads nothing."
    assert all(row.at is not None for row in rows)


def test_pages_without_gaps(path: Path, history: History) -> None:
    keep(path)
    whole = history.log(10)
    seen = []
    before: int | None = None
    while rows := history.log(1, before):
        seen += rows
        before = rows[-1].key
    assert seen == whole
    assert history.log(0) == []


def test_without_a_clock_there_is_no_date(path: Path, history: History) -> None:
    record(path, noted("fault", session=None, code="pins-lost"), is_good=lambda: False)
    (row,) = history.log(10)
    assert row.at is None
    assert faultlog.line(row, NOW).startswith("date unknown")


def test_the_text_has_a_line_each(path: Path, history: History) -> None:
    keep(path)
    lines = b"".join(faultlog.text(history.log, "A machine", NOW)).decode().splitlines()
    assert len(lines) == 3 + 4
    assert "code=bag-not-filling" in lines[4]
    assert lines[4].endswith("(Relax)")
    assert "kp 0.6123," not in lines[3]
    assert "now=kp 0.6123" in lines[3]


def of_before(path: Path, *rows: str) -> None:
    """A file as the version before messages left it."""
    path.parent.mkdir(parents=True)
    first = Migrations(schema.SET)
    first(name="001_first")(schema._step(schema._FIRST))
    with closing(Database(path)) as db:
        first.apply(db)
        for row in rows:
            db.conn.execute(row)
        db.conn.commit()


def test_a_file_of_before_tells_its_faults_unchanged_migrated_and_after_an_older_version_wrote_on(
    path: Path, history: History
) -> None:
    """Read-only before anybody has written; migrated by the recorder; gone back to and written by the old."""
    old = (
        "INSERT INTO events (elapsed_s, what, detail, boot, monotonic_s, at) VALUES (0, 'fault', "
        """'{"code": "pad-too-hot", "detail": "The left pad reads 44.2 °C."}', 'b0', 1.0, 1.7e9)"""
    )
    of_before(path, old)
    (before,) = history.log(10)
    assert (before.code, str(before.found)) == ("pad-too-hot", "The left pad reads 44.2 °C.")
    history.close()
    full = bag_still_full(Part("bag.calf"), Pressure(23.0), Duration(6.0))
    fault = noted("fault", session=None)
    record(path, replace(fault, code="bag-not-venting", severity="stop", found=full))
    with closing(sqlite3.connect(path)) as plain:
        plain.execute(old)
        plain.commit()
        kept = plain.execute("SELECT code, part, severity, text FROM events ORDER BY number").fetchall()
    assert kept[:2] == [
        ("pad-too-hot", None, None, "The left pad reads 44.2 °C."),
        ("bag-not-venting", "bag.calf", "stop", None),
    ]
    rows = history.log(10)
    assert [row.code for row in rows] == ["pad-too-hot", "bag-not-venting", "pad-too-hot"]
    assert bag_still_full.made(rows[1].found)
    assert rows[1].detail["detail"].startswith("Calf bag: still reads 23 mmHg"), "for a version of before"
    assert str(rows[0].found) == str(rows[2].found) == "The left pad reads 44.2 °C."


def test_a_reader_that_came_first_sees_what_is_kept_once_another_process_has_migrated_the_file(
    path: Path, history: History
) -> None:
    """As after an update: the kiosk has the file open when the controller brings it up to date."""
    test = (
        "INSERT INTO events (elapsed_s, what, detail, boot, monotonic_s, at) VALUES (0, 'self-test', "
        """'{"heat": "The left pad reads nothing.", "air": ""}', 'b0', 1.0, 1.7e9)"""
    )
    of_before(path, test)
    (before,) = history.log(10)
    full = bag_still_full(Part("bag.calf"), Pressure(23.0), Duration(6.0))
    record(path, replace(noted("fault", session=None), code="bag-not-venting", severity="stop", found=full))
    with closing(sqlite3.connect(path)) as plain:
        plain.execute(test)  # by a version of before that was gone back to
        plain.commit()
    again, fault, migrated = history.log(10)
    assert bag_still_full.made(fault.found)
    assert str(before.found) == str(again.found) == str(migrated.found) == "The left pad reads nothing."
