"""A value that rises slowly and falls at once (S8)."""

from __future__ import annotations


class Slew:
    """Follows a target no faster than ``per_s`` upwards; downwards it follows at once."""

    def __init__(self, per_s: float, start: float = 0.0) -> None:
        self.per_s = per_s
        self.value = start

    def toward(self, target: float, dt_s: float) -> float:
        risen = self.value + self.per_s * dt_s
        self.value = risen if risen < target else target
        return self.value

    def reset(self, value: float = 0.0) -> None:
        self.value = value
