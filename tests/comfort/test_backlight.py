"""The backlight: scaled, never off by mistake, never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.backlight import Backlight


def panel(folder: Path, most: str = "31") -> Path:
    made = folder / "10-0045"
    made.mkdir(parents=True)
    (made / "max_brightness").write_text(f"{most}\n")
    (made / "brightness").write_text(f"{most}\n")
    return made / "brightness"


@pytest.mark.parametrize(("percent", "expected"), [(100, "31"), (80, "25"), (1, "1"), (0, "0"), (250, "31")])
def test_per_cent_become_the_panels_own_steps(tmp_path: Path, percent: int, expected: str) -> None:
    brightness = panel(tmp_path)
    light = Backlight(tmp_path)
    assert light.there
    light.set(percent)
    assert brightness.read_text() == expected


def test_the_same_again_is_not_written(tmp_path: Path) -> None:
    brightness = panel(tmp_path)
    light = Backlight(tmp_path)
    light.set(50)
    brightness.write_text("as it was")
    light.set(50)
    assert brightness.read_text() == "as it was"


def test_without_one_nothing_happens(tmp_path: Path) -> None:
    light = Backlight(tmp_path / "none")
    light.set(10)
    assert not light.there


def test_one_that_makes_no_sense_is_left_alone(tmp_path: Path) -> None:
    panel(tmp_path, "bright")
    assert not Backlight(tmp_path).there


def test_one_that_stops_obeying_is_given_up(tmp_path: Path) -> None:
    brightness = panel(tmp_path)
    light = Backlight(tmp_path)
    brightness.unlink()
    brightness.mkdir()
    light.set(40)
    assert not light.there
