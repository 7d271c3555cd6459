"""The shape of everything that drives outputs without a session, one tick at a time."""

from __future__ import annotations

from typing import Protocol

from hardware.board.interface import Outputs, Readings


class Errand(Protocol):
    """Something the machine does on its own. It only wants; the gate decides (and allows it little)."""

    @property
    def over(self) -> bool: ...

    def step(self, now: float, dt_s: float, readings: Readings) -> Outputs:
        """What is wanted now, from believed and zeroed readings; everything off once it is over."""
