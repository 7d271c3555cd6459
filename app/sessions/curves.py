"""How a minute of curves fits in a few hundred bytes that SQL can still unfold.

A channel's whole numbers (pads in tenths of °C, bags in mmHg, the level in tenths) become a string with
one character a second: the difference to the last known number, zigzagged (0, −1, 1, −2, 2, … → 0, 1, 2,
3, 4, …) and counted on from the character ``0``. A minus is "no reading". Small steps are one byte and
large ones two or three, because that is what UTF-8 does; as JSON numbers the same curves take more than
twice the room. The view ``curves`` of the database undoes all this in SQL.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate

import msgspec

from hardware.messages import Sampled, SessionStarted

CHUNK_S = 60
"""Seconds of curves in one row."""

MISSING = "-"
_ZERO = ord("0")
_LIMIT = 13_000
"""No quantity comes near it; a difference of two such numbers is still a character."""

Point = tuple[int | None, ...]
"""One second: a whole number for each channel, in the order of the session's channels."""

LEVEL = "level"
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(list[str])


def channels(started: SessionStarted) -> list[str]:
    """Return the names of a session's curves: ``pad.left`` (°C), ``bag.sole`` (mmHg), ``level``."""
    return [*(f"pad.{side}" for side in started.pads), *(f"bag.{zone}" for zone in started.bags), LEVEL]


def per_unit(channel: str) -> int:
    """Return how many of the stored whole numbers make 1 °C, 1 mmHg or 1 level."""
    return 1 if channel.startswith("bag.") else 10


def point(sample: Sampled, pads: int, bags: int) -> Point:
    """Round a sample to whole numbers; what the session has no channel for is left out."""
    return (
        *(_whole(c, 10) for c in _exactly(sample.pads_c, pads)),
        *(_whole(mmhg, 1) for mmhg in _exactly(sample.bags_mmhg, bags)),
        _whole(sample.level, 10),
    )


def encode(points: Sequence[Point]) -> str:
    """Return consecutive seconds as a JSON array with one string a channel."""
    return _ENCODER.encode([_pack(column) for column in zip(*points, strict=True)]).decode()


def decode(data: str) -> list[list[int | None]]:
    """Undo :func:`encode`: one list a channel. Raises msgspec.DecodeError for anything else."""
    return [_unpack(text) for text in _DECODER.decode(data)]


def _exactly(values: Sequence[float | None], count: int) -> list[float | None]:
    return [*values[:count], *[None] * (count - len(values))]


def _whole(value: float | None, factor: int) -> int | None:
    if value is None or not math.isfinite(value):
        return None
    return round(max(-_LIMIT, min(_LIMIT, value * factor)))


def _pack(numbers: Iterable[int | None]) -> str:
    last = 0
    text = []
    for number in numbers:
        if number is None:
            text.append(MISSING)
            continue
        step, last = number - last, number
        text.append(chr(_ZERO + (2 * step if step >= 0 else -2 * step - 1)))
    return "".join(text)


class _Steps(dict[str, int]):
    """What a character adds to the last known number; each is worked out once."""

    def __missing__(self, character: str) -> int:
        zigzag = ord(character) - _ZERO
        step = self[character] = -(zigzag + 1) // 2 if zigzag % 2 else zigzag // 2
        return step


_STEP = _Steps().__getitem__


def _unpack(text: str) -> list[int | None]:
    if MISSING not in text:
        return list(accumulate(map(_STEP, text)))
    last = 0
    numbers: list[int | None] = []
    for character in text:
        if character == MISSING:
            numbers.append(None)
            continue
        last += _STEP(character)
        numbers.append(last)
    return numbers
