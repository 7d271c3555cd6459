"""What is expected and how surely, in so many decimals."""

from __future__ import annotations

from math import ceil

from hardware.safety.expectation import Expectation

EXACT = 1e-6
"""What floats add to a number that has few decimals."""


def spread(of: Expectation | None, decimals: int) -> tuple[float, float] | None:
    """(value, its bound), which is rounded up: never surer than it is. None while nothing can be said."""
    if of is None or of.expected is None:
        return None
    ten = 10**decimals
    return round(of.expected, decimals) + 0.0, ceil(of.within * ten - EXACT) / ten
