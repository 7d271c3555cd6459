"""Curves come back from their short form, in Python and in SQL."""

from __future__ import annotations

import math
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sessions import curves
from app.sessions.history import History

from .story import record, recorder, sampled, started, twenty_minutes

numbers = st.none() | st.integers(-13_000, 13_000)


@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.tuples(*[numbers] * n), min_size=1, max_size=60)))
def test_every_number_comes_back(points: list[curves.Point]) -> None:
    assert curves.decode(curves.encode(points)) == [list(column) for column in zip(*points, strict=True)]


def test_small_steps_take_one_byte_each() -> None:
    data = curves.encode([(370 + second % 2,) for second in range(60)])
    assert len(data.encode()) < 60 + 10


@pytest.mark.parametrize(("value", "whole"), [(None, None), (math.nan, None), (math.inf, None), (36.64, 366)])
def test_what_is_no_number_is_no_reading(value: float | None, whole: int | None) -> None:
    assert curves.point(sampled(0, pads_c=(value,), bags_mmhg=(), level=0.0), 1, 0) == (whole, 0)


@given(st.floats())
def test_no_reading_is_too_odd_to_store(value: float) -> None:
    point = curves.point(sampled(0, pads_c=(value,), bags_mmhg=(value,), level=value), 1, 1)
    assert curves.decode(curves.encode([point, point])) == [[number] * 2 for number in point]


def test_channels_that_a_sample_lacks_are_no_readings() -> None:
    assert curves.point(sampled(0, pads_c=(), bags_mmhg=(1.0, 2.0), level=3.0), 1, 1) == (None, 1, 30)


def test_the_view_shows_what_the_reader_shows(path: Path, history: History) -> None:
    gap = [sampled(s, bags_mmhg=(None, s, None, s * 7 % 100)) for s in range(150) if s not in (20, 61, 62)]
    record(path, started(), *gap)
    detail = history.session("s1")
    assert detail is not None
    assert detail.seconds == [sample.second for sample in gap]
    with sqlite3.connect(path) as other_tool:
        rows = other_tool.execute("SELECT second, channel, value FROM curves WHERE session = 's1'").fetchall()
    other_tool.close()
    unfolded = {(second, channel): value for second, channel, value in rows}
    named = {"level": detail.level}
    named |= {f"pad.{side}": column for side, column in detail.pads.items()}
    named |= {f"bag.{zone}": column for zone, column in detail.bags.items()}
    shown = {
        (second, channel): value
        for channel, column in named.items()
        for second, value in zip(detail.seconds, column, strict=True)
    }
    assert unfolded == shown


def test_curves_are_true_to_half_a_step(path: Path, history: History) -> None:
    told = [event for event in twenty_minutes() if hasattr(event, "second")]
    record(path, *twenty_minutes())
    detail = history.session("s1")
    assert detail is not None
    assert len(detail.seconds) == 1200
    for index, sample in enumerate(told):
        assert abs(detail.pads["right"][index] - sample.pads_c[1]) <= 0.051
        assert abs(detail.bags["calf"][index] - sample.bags_mmhg[3]) <= 0.51
        assert abs(detail.level[index] - sample.level) <= 0.051


def test_twenty_minutes_fit_in_25_kb(path: Path) -> None:
    keeper = recorder(path)
    keeper.start()
    bytes_kept = []
    for number in range(12):
        for event in twenty_minutes(f"s{number}", number):
            keeper.put(event)
        assert keeper.flush(20)
        with sqlite3.connect(path) as other_tool:
            other_tool.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        other_tool.close()
        bytes_kept.append(path.stat().st_size)
    assert keeper.close(20)
    assert (bytes_kept[-1] - bytes_kept[1]) / 10 < 16_000  # a good deal below, so that longer ones fit too
