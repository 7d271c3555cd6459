"""Three pictures to compare. Where everything lies: test_screen_fit.py."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from pictures import moments

REFERENCE = Path(__file__).parent / "reference"
SMALL = (200, 120)
TOLERANCE = 4.0
"""Mean difference of a grey, of 255: another GPU's edges pass, a missing button does not."""

pytestmark = pytest.mark.screen


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
