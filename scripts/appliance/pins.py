"""The levels of a Raspberry Pi's pins, read from the chip's register by the emulator: past every software."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from scripts.appliance.emulator import Emulator

GPLEV0 = 0x3F200034
"""The levels of pins 0 to 31 on a Raspberry Pi 3."""
POLL_S = 0.03


@dataclass(frozen=True)
class Level:
    at_s: float
    """On this computer's monotonic clock."""
    bits: int


class Probe:
    """Reads all pins again and again from a thread of its own, from power-on to the end.

    ``high_since(at_s)`` are the pins that were seen high after ``at_s``.
    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._ending = False
        self.levels: list[Level] = []
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ending = True
        self._thread.join(5)

    def _look(self) -> None:
        while not self._ending:
            try:
                bits = self._emulator.word(GPLEV0)
            except Exception:
                return  # the plug was pulled
            self.levels.append(Level(time.monotonic(), bits))
            time.sleep(POLL_S)

    def high_since(self, at_s: float, until_s: float = float("inf")) -> set[int]:
        seen = 0
        for level in list(self.levels):
            if at_s <= level.at_s <= until_s:
                seen |= level.bits
        return {pin for pin in range(32) if seen >> pin & 1}

    def last_high(self, pins: set[int], since_s: float) -> float | None:
        """When one of ``pins`` was seen high last, in seconds after ``since_s``; None: never after it."""
        mask = sum(1 << pin for pin in pins)
        seen = [level.at_s for level in list(self.levels) if level.at_s >= since_s and level.bits & mask]
        return seen[-1] - since_s if seen else None
