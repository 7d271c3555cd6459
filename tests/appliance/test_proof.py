"""What the proofs in emulated computers look by."""

from __future__ import annotations

import pytest

from scripts.appliance.emulator import GuestError, Picture

RED, BLACK, GREY = b"\xff\x00\x00", b"\n \t", b"\x80\x80\x80"
"""A black that looks like the space in front of the pixels."""


def ppm(*rows: tuple[bytes, ...]) -> bytes:
    return b"P6\n%d %d\n255\n" % (len(rows[0]), len(rows)) + b"".join(b"".join(row) for row in rows)


def test_a_picture_of_the_display_is_read_whole() -> None:
    seen = Picture.of_ppm(ppm((BLACK, RED, RED, GREY), (GREY, GREY, RED, BLACK)))
    assert (seen.wide, seen.high) == (4, 2)
    assert seen.box(0.125, 0.25, 0.25, 0.5) == [BLACK]
    assert seen.box(0.625, 0.5, 0.25, 1) == [RED, RED]


def test_a_turned_picture_has_its_first_pixel_last() -> None:
    seen = Picture.of_ppm(ppm((BLACK, RED), (GREY, GREY))).turned()
    assert seen.box(0.5, 0.5, 1, 1) == [GREY, GREY, RED, BLACK]


def test_a_picture_that_is_cut_short_is_told() -> None:
    with pytest.raises(GuestError, match="picture"):
        Picture.of_ppm(ppm((BLACK, RED), (GREY, GREY))[:-1])
