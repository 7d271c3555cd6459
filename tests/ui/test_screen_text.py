"""Text as it is drawn: what says that it is whole has every one of its lines on the screen."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from scenes import idle

pytestmark = pytest.mark.screen


def test_every_line_of_a_paragraph_is_drawn(hand: Any) -> None:
    from kivy.core.text import Label as Measure

    from app.ui.layout import Rect
    from app.ui.widgets.base import Text

    hand.start(idle())
    ui = hand.app.stage.ui
    face, px = ui.theme.face("plain"), ui.theme.type_px("body")
    high = Measure(font_name=face, font_size=px).get_extents("Äg")[1]
    for lines, valign in product(range(1, 8), ("top", "middle")):
        words = "\n".join(f"Line {number}" for number in range(lines))
        text = Text(ui, Rect(0, 0, 300, lines * high + 2), words, wrap=True, valign=valign)
        text.texture_update()
        assert text.font_size == px
        assert text.whole
        assert _rows_with_ink(text.texture) == lines, f"{lines} lines, {valign}"


def _rows_with_ink(texture: Any) -> int:
    """Lines of text in the picture: runs of rows that are not empty. Between two lines there is air."""
    width, height = texture.size
    alpha = texture.pixels[3::4]
    inked = [any(alpha[row * width : (row + 1) * width]) for row in range(height)]
    return sum(now and not before for before, now in zip([False, *inked], inked, strict=False))
