"""What a sensor reads beside what its observer expects of it, and how sure the observer is."""

from __future__ import annotations

from msgspec import Struct


class Expectation(Struct, frozen=True):
    """One sensor's at one moment, in the sensor's own unit (°C or mmHg)."""

    read: float | None
    """None: not believed, or not read."""
    expected: float | None
    """None: nothing can be said yet."""
    within: float = 0.0
    """A sound machine is this near to it in all but one of a hundred looks."""

    @property
    def unexplained(self) -> float:
        """By how much the reading is off beyond what a sound machine's may be; 0 where nothing is known."""
        if self.read is None or self.expected is None:
            return 0.0
        off = self.read - self.expected
        return max(off - self.within, 0.0) if off > 0.0 else min(off + self.within, 0.0)
