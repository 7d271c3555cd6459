"""A finger on an output: when to ask for it again, and when to stop asking.

Nothing here waits for a touch-up: asking goes on only while the finger is known to be down, each time anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.messages import Drive

AGAIN_S = 0.2
"""Two askings may be lost on the way before an output that is still held goes off."""
LONGEST_S = 15.0
"""As long as the machine allows; a finger that never leaves does not begin again."""


@dataclass
class Hold:
    """One finger on one output since ``began``."""

    output: str
    """Its key."""
    began: float
    over: bool = False
    """It is never taken up again: the next touch is another hold."""
    _asked: float = float("-inf")
    _driven: bool = False

    def seen(self, driven: bool) -> None:
        """What the machine says of the output. Once it has ended it, by a Stop or a fault, it stays ended."""
        if self._driven and not driven:
            self.over = True
        self._driven = driven

    def step(self, now: float, down: bool) -> Drive | None:
        """What to send now. ``down``: the finger is known to be on the output at this moment."""
        if not down or now - self.began >= LONGEST_S:
            self.over = True
        if self.over or now - self._asked < AGAIN_S:
            return None
        self._asked = now
        return Drive(output=self.output)
