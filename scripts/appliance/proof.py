"""What every proof does: tell, wait for something, and fail with what was seen."""

from __future__ import annotations

import time
from collections.abc import Callable

POLL_S = 0.5

Say = Callable[[str], None]


class ProofError(AssertionError):
    """Something is not as it has to be; the text says what was seen."""


def see(held: bool, otherwise: str) -> None:
    if not held:
        raise ProofError(otherwise)


def until(found: Callable[[], bool], patience_s: float, otherwise: Callable[[], str]) -> None:
    """Wait for it. ``otherwise`` is asked only when patience is over: a look costs an emulated computer."""
    deadline = time.monotonic() + patience_s
    while not found():
        if time.monotonic() > deadline:
            raise ProofError(otherwise())
        time.sleep(POLL_S)
