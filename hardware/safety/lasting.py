"""How long something has been so, by clocks that no single sample resets (S17)."""

from __future__ import annotations

from hardware.safety import limits


class Leaky:
    """Counts seconds up to ``most_s`` while something is so, and falls back at ``leak`` while it is not.

    What comes back again and again fills it as well: a share of the time above leak / (1 + leak) does.
    """

    __slots__ = ("_leak", "_most_s", "s")

    def __init__(self, most_s: float, leak: float) -> None:
        self._most_s, self._leak = most_s, leak
        self.s = 0.0

    def update(self, so: bool, dt_s: float) -> bool:
        """Take one look; whether it has lasted long enough."""
        if so:
            s = self.s + dt_s
            self.s = s if s < self._most_s else self._most_s
        elif self.s:
            s = self.s - self._leak * dt_s
            self.s = s if s > 0.0 else 0.0
        return self.s >= self._most_s - 1e-9

    @property
    def full(self) -> bool:
        return self.s >= self._most_s - 1e-9


NO_LONGER_S = 0.08
"""One look that says otherwise is noise; a second is not."""


class Hold:
    """S7: for how long a bag has held a foot since it was last empty for as long as a foot has to rest."""

    __slots__ = ("_full_s", "empty_s", "held_s")

    def __init__(self, empty_s: float = 0.0) -> None:
        self.held_s = self._full_s = 0.0
        self.empty_s = empty_s

    def update(self, mmhg: float, dt_s: float) -> None:
        self.empty_s += dt_s
        if mmhg < limits.BAG_EMPTY_MMHG:
            self._full_s = 0.0
        else:
            self._full_s += dt_s
            if self._full_s > NO_LONGER_S:
                self.empty_s = 0.0
        if mmhg > limits.BAG_HELD_MMHG:
            self.held_s += dt_s
        elif self.empty_s >= limits.BAG_REST_S:
            self.held_s = 0.0


class Middle:
    """The middle one of the last three: one wrong among right ones is never it."""

    __slots__ = ("_before", "_last")

    def __init__(self) -> None:
        self._last: float | None = None
        self._before: float | None = None

    def of(self, value: float) -> float:
        one, other = self._before, self._last
        self._before, self._last = other, value
        if other is None:
            return value
        if one is None:
            return value if value > other else other
        if one > other:
            one, other = other, one
        return one if value < one else other if value > other else value
