"""The wall clock is believed only when somebody vouches for it; what it missed is mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.sessions.clock import clock_is_good
from app.sessions.history import History

from .story import DEADLINE_S, NOW_S, Recording, ended, noted, record, recorder, started


def test_a_date_before_the_software_is_wrong(tmp_path: Path) -> None:
    assert not clock_is_good(lambda: 0.0, timesync=tmp_path / "none")


def test_without_systemd_a_sane_date_will_do(tmp_path: Path) -> None:
    assert clock_is_good(lambda: NOW_S, timesync=tmp_path / "none")


def test_systemd_has_to_have_heard_the_time(tmp_path: Path) -> None:
    assert not clock_is_good(lambda: NOW_S, timesync=tmp_path, rtc=tmp_path / "none")
    (tmp_path / "synchronized").touch()
    assert clock_is_good(lambda: NOW_S, timesync=tmp_path, rtc=tmp_path / "none")


@pytest.mark.parametrize(("battery_s", "good"), [(NOW_S - 2, True), (86_400.0, False), (None, False)])
def test_a_battery_clock_counts_if_it_agrees(tmp_path: Path, battery_s: float | None, good: bool) -> None:
    chip = tmp_path / "rtc" / "rtc0"
    chip.mkdir(parents=True)
    (chip / "hctosys").write_text("1\n")
    (chip / "since_epoch").write_text("" if battery_s is None else f"{battery_s:.0f}\n")
    assert clock_is_good(lambda: NOW_S, timesync=tmp_path, rtc=tmp_path / "rtc") is good


def test_a_start_is_dated_back_to_when_it_was(path: Path, history: History) -> None:
    record(path, started(at_s=40.0), ended())
    assert history.page(1)[0].started_at == NOW_S - 60.0


def test_without_a_clock_sessions_keep_their_order(path: Path, history: History) -> None:
    record(path, started("first"), ended("first"))
    record(path, started("second"), ended("second"), started("third"), is_good=lambda: False, boot="b2")
    rows = history.page(10)
    assert [(row.id, row.started_at) for row in rows] == [
        ("third", None),
        ("second", None),
        ("first", NOW_S),
    ]
    assert [row.id for row in history.page(10, before=rows[0].key)] == ["second", "first"]


def test_dates_are_mended_once_the_clock_is_good(path: Path, history: History, recording: Recording) -> None:
    record(path, started("other boot", at_s=1.0), is_good=lambda: False, boot="b0")
    good: list[bool] = []
    keeper = recording(is_good=lambda: bool(good))
    for event in (started("s1", at_s=10.0), ended("s1"), started("s2", at_s=90.0)):
        keeper.put(event)
    assert keeper.flush(DEADLINE_S)
    assert {row.started_at for row in history.page(10)} == {None}
    good.append(True)
    keeper.put(noted("level", session="s2"))
    assert keeper.flush(DEADLINE_S)
    assert {row.id: row.started_at for row in history.page(10)} == {
        "s2": NOW_S - 10.0,
        "s1": NOW_S - 90.0,
        "other boot": None,
    }
    assert [row.id for row in history.page(10)] == ["s2", "s1", "other boot"]


def test_two_starts_at_one_instant_both_count(path: Path, history: History) -> None:
    record(path, started("s1"), ended("s1"), started("s2"), ended("s2"))
    first, second = history.page(10)
    assert (first.id, second.id) == ("s2", "s1")
    assert history.page(10, before=first.key) == [second]


def test_the_default_is_the_real_clock(path: Path) -> None:
    assert recorder(path, is_good=None)._keeper._is_good() in (True, False)
