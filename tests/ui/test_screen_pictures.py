"""Every screen in every size: targets big enough and apart, texts inside; and three pictures to compare."""

from __future__ import annotations

import os
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from pictures import SIZES, moments

REFERENCE = Path(__file__).parent / "reference"
SMALL = (200, 120)
TOLERANCE = 4.0
"""Mean difference of a grey, of 255: another GPU's edges pass, a missing button does not."""

pytestmark = pytest.mark.screen


@pytest.mark.parametrize("size", SIZES if os.environ.get("INSTEP_FIT") == "all" else ("800x480", "720x1280"))
def test_targets_are_large_and_apart_on_every_screen(hand: Any, size: str, monkeypatch: Any) -> None:
    hand.resize(SIZES[size])
    monkeypatch.setattr(hand, "draws", False)
    for moment in moments():
        hand.play(moment)
        touchables = _touchables(hand.app.stage)
        least = 64 * hand.app._ui.theme.scale - 1.5
        width, height = hand.window.size  # of the picture, which may have been turned
        for widget in touchables:
            where = f"{moment.name} {size}: {widget.name}"
            assert widget.name, where
            assert min(widget.size) >= least, f"{where} is {widget.size}"
            assert widget.x >= 0, where
            assert widget.y >= 0, where
            assert widget.right <= width, where
            assert widget.top <= height, where
        for one, other in combinations(touchables, 2):
            assert not _overlap(one, other), f"{moment.name} {size}: {one.name} lies on {other.name}"
        for text in _texts(hand.app.stage):
            assert text.texture_size[0] <= text.width + 2, f"{moment.name} {size}: {text.text!r} is too wide"


@pytest.mark.parametrize("name", ["home", "session-circulation", "history"])
def test_the_main_screens_look_as_they_did(hand: Any, name: str) -> None:
    from PIL import Image, ImageChops, ImageStat

    moment = next(moment for moment in moments() if moment.name == name)
    hand.play(moment)
    width, height, raw = hand.pixels()
    drawn = Image.frombytes("RGB", (width, height), raw).resize(SMALL, Image.Resampling.BOX)
    path = REFERENCE / f"{name}.png"
    if os.environ.get("INSTEP_NEW_PICTURES"):
        path.parent.mkdir(exist_ok=True)
        drawn.save(path, optimize=True)
    with Image.open(path) as expected:
        difference = ImageStat.Stat(ImageChops.difference(drawn, expected.convert("RGB"))).mean
    assert max(difference) <= TOLERANCE


def _touchables(stage: Any) -> list[Any]:
    """What can be touched now: a sheet hides what lies under it."""
    from app.ui.screens.balance import BalanceSheet
    from app.ui.screens.history import FilterSheet
    from app.ui.widgets.button import Touchable
    from app.ui.widgets.sheet import Sheet

    root = stage.screen
    for child in stage.screen.children:
        if isinstance(child, BalanceSheet | FilterSheet | Sheet):
            root = child
    found = [widget for widget in root.walk(restrict=True) if isinstance(widget, Touchable) and widget.shown]
    return [*found, stage.stop] if stage.stop.shown else found


def _texts(stage: Any) -> list[Any]:
    from app.ui.widgets.base import Text

    return [widget for widget in stage.screen.walk(restrict=True) if isinstance(widget, Text) and widget.text]


def _overlap(one: Any, other: Any) -> bool:
    return bool(one.x < other.right and other.x < one.right and one.y < other.top and other.y < one.top)
