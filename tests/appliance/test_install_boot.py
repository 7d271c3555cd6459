"""The firmware's files: a marked block, words of ours, and back to the byte."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.installer.boot import BEGIN, END, with_block, with_words, without_block, without_words

PINS = ["gpio=12,26=op,dl"]


def test_the_block_holds_what_is_missing_for_every_model() -> None:
    text = with_block("[pi4]\ndisplay_auto_detect=1\n", PINS)
    block = text.partition(BEGIN)[2].splitlines()
    assert block[1] == "[all]"
    assert "display_auto_detect=1" in block  # it was there for the Pi 4 alone
    assert "dtoverlay=vc4-kms-v3d" in block
    assert block[-2:] == ["gpio=12,26=op,dl", END]


def test_what_is_there_is_not_said_twice() -> None:
    text = with_block("display_auto_detect=1\n#dtoverlay=vc4-kms-v3d\n", PINS)
    assert text.count("display_auto_detect=1") == 1
    assert text.count("\ndtoverlay=vc4-kms-v3d") == 1


def test_pigpio_needs_the_kernel_to_let_go_of_spi() -> None:
    assert "\ndtparam=spi=off\n" in with_block("dtparam=spi=on\n", PINS)
    assert "spi" not in with_block("", PINS)
    assert "spi=off" not in with_block("dtparam=spi=on\n", ["dtparam=spi=on"])


def test_lines_below_the_block_stay() -> None:
    text = with_block("a=1\n", PINS) + "b=2\n"
    assert without_block(text) == "a=1\nb=2\n"
    assert with_block(text, PINS).startswith("a=1\nb=2\n")


@settings(max_examples=60)
@given(st.text(alphabet="ab=#[]\n", max_size=30))
def test_the_block_goes_as_it_came(text: str) -> None:
    there = with_block(text, PINS)
    assert without_block(there) == text
    assert with_block(there, PINS) == there


@settings(max_examples=60)
@given(st.text(alphabet="ab= ", max_size=30).map(lambda text: text.strip() + "\n"))
def test_words_go_as_they_came(text: str) -> None:
    there, added = with_words(text, ["quiet", "a"])
    assert len(there.splitlines()) == 1
    assert with_words(there, ["quiet", "a"]) == (there, [])
    if text.strip():
        assert without_words(there, added) == text


def test_words_that_were_there_before_are_not_ours() -> None:
    assert with_words("x quiet y\n", ["quiet", "z"]) == ("x quiet y z\n", ["z"])
