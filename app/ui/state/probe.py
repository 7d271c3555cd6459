"""What a session's curves say under the finger: the time, and each value then."""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.ui.habits import number
from app.ui.ports import SessionDetail
from app.ui.state import common
from app.ui.state.past import band
from app.ui.words import _

NEAR_S = 5
"""What was recorded this near to the finger's second may stand for it."""


@dataclass(frozen=True)
class Values:
    """One quantity at one moment."""

    long: str
    """Every channel by its name."""
    short: str
    """The one that counts most."""
    heights: tuple[float, ...]
    """Where the channels lie in their band, 0..1."""


@dataclass(frozen=True)
class Reading:
    at: float
    """0..1 of the session's time."""
    time: str
    values: Mapping[str, Values]
    """By the curve's tone; without those that were not known then."""


class Probe:
    """Reads one session's curves at any moment of it."""

    def __init__(self, found: SessionDetail) -> None:
        self._found = found
        seconds = found.seconds
        self._last = max(60.0, found.row.duration_s or 0.0, float(seconds[-1]) if seconds else 0.0)
        pads = [value for channel in found.pads.values() for value in channel if value is not None]
        bags = [value for channel in found.bags.values() for value in channel if value is not None]
        self._bands = {"heat": band("heat", pads or [0.0]), "air": band("air", bags or [0.0])}
        self._bands["text"] = band("text", list(found.level) or [0.0])

    def at(self, share: float) -> Reading:
        """The moment at this share of the session's time."""
        share = min(1.0, max(0.0, share))
        second = share * self._last
        index = self._index(second)
        values: dict[str, Values] = {}
        if index is not None:
            found = self._found
            self._put(values, "heat", self._heat({s: _get(v, index) for s, v in found.pads.items()}))
            self._put(values, "air", self._air({z: _get(v, index) for z, v in found.bags.items()}))
            level = _get(found.level, index)
            if level is not None:
                words = _("{value}").format(value=number(level))
                self._put(values, "text", (words, words, [level]))
        return Reading(share, common.clock(second), values)

    def _index(self, second: float) -> int | None:
        seconds = self._found.seconds
        after = bisect.bisect_left(seconds, second)
        near = [i for i in (after - 1, after) if 0 <= i < len(seconds)]
        best = min(near, key=lambda i: abs(seconds[i] - second), default=None)
        return best if best is not None and abs(seconds[best] - second) <= NEAR_S else None

    def _put(
        self, values: dict[str, Values], tone: str, said: tuple[str, str, Sequence[float]] | None
    ) -> None:
        if said is None:
            return
        long, short, numbers = said
        low, high = self._bands[tone]
        heights = tuple(min(1.0, max(0.0, (number - low) / (high - low))) for number in numbers)
        values[tone] = Values(long, short, heights)

    @staticmethod
    def _heat(pads: Mapping[str, float | None]) -> tuple[str, str, Sequence[float]] | None:
        known = {side: value for side, value in pads.items() if value is not None}
        if not known:
            return None
        short = common.degrees(max(known.values()))
        if len(known) < 2:
            return short, short, list(known.values())
        left, right = known.get("left"), known.get("right")
        long = _("left {left}, right {right}").format(left=common.degrees(left), right=common.degrees(right))
        return long, short, list(known.values())

    @staticmethod
    def _air(bags: Mapping[str, float | None]) -> tuple[str, str, Sequence[float]] | None:
        known = {zone: value for zone, value in bags.items() if value is not None}
        if not known:
            return None
        most = max(known, key=lambda zone: known[zone])
        parts = ", ".join(f"{common.zone(zone)} {value:.0f}" for zone, value in known.items())
        long = _("{parts} mmHg").format(parts=parts)
        short = _("{zone} {value} mmHg").format(zone=common.zone(most), value=f"{known[most]:.0f}")
        return long, short, list(known.values())


def _get(values: Sequence[float | None], index: int) -> float | None:
    return values[index] if index < len(values) else None
