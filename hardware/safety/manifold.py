"""Where the pump's air goes: to the lowest of the bags that are closed, whoever closed them."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

SHARING_MMHG = 2.0
"""Bags as near as this to the lowest share its air."""


def shares(bags_mmhg: Sequence[float | None], closed: Sequence[bool]) -> list[float]:
    """Each bag's share of what the pump gives, 0..1. What is not read counts as empty."""
    at_mmhg = [mmhg or 0.0 if shut else inf for mmhg, shut in zip(bags_mmhg, closed, strict=True)]
    top = min(at_mmhg, default=inf) + SHARING_MMHG
    fed = [shut and at <= top for at, shut in zip(at_mmhg, closed, strict=True)]
    each = 1.0 / max(sum(fed), 1)
    return [each if takes else 0.0 for takes in fed]
