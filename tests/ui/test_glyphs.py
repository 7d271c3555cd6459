"""What the screen can draw, and what stands for the rest."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.glyphs import Font, drawable, undrawable
from app.ui import theme
from app.ui.state.spoken import spoken
from app.ui.state.typing import ACCENTS, ROWS
from hardware.program import Program


def test_all_our_faces_have_the_same_letters() -> None:
    fonts = [Font(theme.FONTS / face) for face in theme.FACES.values()]
    covered = [{code for code in range(0x1_0100) if font.has(chr(code))} for font in fonts]
    assert covered[0] == covered[1] == covered[2]
    assert {ord(letter) for letter in "aäßЖґ€…→ "} <= covered[0]
    assert not {0, 0x591C, 0xFFFF, 0x1_F319} & covered[0]


def test_every_key_of_the_keyboard_can_be_shown() -> None:
    letters = "".join((*ACCENTS, *(row for rows in ROWS.values() for row in rows)))
    assert undrawable(letters + letters.upper()) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Evening", "Evening"),
        ("Füße, Олена →", "Füße, Олена →"),
        ("Evening 🌙 hour", "Evening hour"),
        ("夜のくつろぎ 15", "? 15"),
        ("two\nlines 🌙", "two\nlines"),
    ],
)
def test_a_picture_is_left_out_and_a_word_is_a_question_mark(text: str, shown: str) -> None:
    assert drawable(text) == shown


def test_a_title_that_cannot_be_shown_makes_way_for_the_files_name(programs: dict[str, Program]) -> None:
    relax = programs["relax"]
    assert spoken(replace(relax, title="🌙 夜", id="night")).title == "night"
    assert spoken(replace(relax, title="夜", id="夜")).title == "?"
