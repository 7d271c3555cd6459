"""The Pi's 40-pin header: which GPIO is on which pin, the same on every Pi with 40 pins."""

from __future__ import annotations

HEADER: tuple[int | str, ...] = (
    "3.3 V", "5 V", 2, "5 V", 3, "GND", 4, 14, "GND", 15,
    17, 18, 27, "GND", 22, 23, "3.3 V", 24, 10, "GND",
    9, 25, 11, 8, "GND", 7, "ID", "ID", 5, "GND",
    6, 12, 13, "GND", 19, 16, 26, 20, "GND", 21,
)  # fmt: skip
"""What is on pin 1, 2, 3 ...: a BCM number, or a word."""

PIN_OF = {gpio: place for place, gpio in enumerate(HEADER, start=1) if isinstance(gpio, int)}
"""Header pin by BCM number."""

FEED_3V3, FEED_5V = 17, 4
"""The pins our own parts are fed from; 1 and 2 stay free for a display or a fan."""
