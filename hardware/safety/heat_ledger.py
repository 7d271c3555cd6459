"""How much heat was used in the last hour, by pad and by person (S5). It keeps no clock of its own.

    ledger.advance(dt_s)
    ledger.use("pad.left", dt_s)
    ledger.used_s("pad.left")

Its clock runs while the machine runs, and on by what it is told that passed while the machine was off.
"""

from __future__ import annotations

from collections.abc import Mapping

WINDOW_S = 3600.0
BUCKET_S = 60.0
"""A bucket counts whole for as long as any of it is in the window."""

Uses = Mapping[str, tuple[tuple[int, float], ...]]
"""By key: (bucket, seconds used in it), oldest first."""


class HeatLedger:
    """Seconds used by key within the last hour."""

    def __init__(self, uses: Uses | None = None, clock_s: float = 0.0) -> None:
        self.clock_s = clock_s
        self._uses: dict[str, list[list[float]]] = {
            key: [[bucket, seconds] for bucket, seconds in used] for key, used in (uses or {}).items()
        }
        self._sums: dict[str, list[float]] = {}
        """By key: the oldest bucket that counts, and what is used since."""
        self._spent_until_s = 0.0

    def advance(self, dt_s: float) -> None:
        self.clock_s += dt_s

    def use(self, key: str, dt_s: float) -> None:
        bucket = int(self.clock_s // BUCKET_S)
        used = self._uses.setdefault(key, [])
        if not used or used[-1][0] != bucket:
            used.append([bucket, 0.0])
        dt_s = min(dt_s, WINDOW_S - used[-1][1])  # a tick that came hours late is no more than all of it
        used[-1][1] += dt_s
        if key in self._sums:
            self._sums[key][1] += dt_s

    def used_s(self, key: str) -> float:
        """Never less than what was used within the window, at most a bucket more."""
        if self.clock_s < self._spent_until_s:
            return WINDOW_S
        used = self._uses.get(key)
        if not used:
            return 0.0
        oldest = (self.clock_s - WINDOW_S) // BUCKET_S
        known = self._sums.get(key)
        if known is None or known[0] != oldest:  # asked twenty times a second, and moves once a minute
            while used and used[0][0] < oldest:
                used.pop(0)
            known = self._sums[key] = [oldest, sum(seconds for _, seconds in used)]
        return known[1]

    def spend_all(self) -> None:
        """What was used is not known: all of it counts as used until a window has passed."""
        self._spent_until_s = self.clock_s + WINDOW_S

    @property
    def spent_until_s(self) -> float:
        return self._spent_until_s

    @spent_until_s.setter
    def spent_until_s(self, clock_s: float) -> None:
        # Never longer than a window from now, whatever a file says.
        self._spent_until_s = min(clock_s, self.clock_s + WINDOW_S)

    def uses(self) -> dict[str, tuple[tuple[int, float], ...]]:
        """To be kept: what still counts."""
        return {
            key: tuple((int(bucket), round(seconds, 2)) for bucket, seconds in used)
            for key, used in self._uses.items()
            if self.used_s(key) > 0.0 and used
        }
