"""The log out of the history: what belongs in it, in which order, when; and as a text."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from app.sessions import faultlog
from app.sessions.history import History

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
