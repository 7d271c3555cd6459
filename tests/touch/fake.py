"""A panel made of bytes: what the kernel would have waiting, and what it would answer when asked."""

from __future__ import annotations

import struct
from collections import deque

from app.touch.decode import EVENT, Axis
from app.touch.panels import (
    ABS_MT_SLOT,
    ABS_MT_TRACKING_ID,
    ABS_MT_X,
    ABS_MT_Y,
    ABS_X,
    ABS_Y,
    BTN_TOUCH,
    Panel,
)

SYN, KEY, ABS = 0, 1, 3
REPORT, MT_REPORT, DROPPED = (SYN, 0, 0), (SYN, 2, 0), (SYN, 3, 0)
SLOT, NUMBER, X, Y = ABS_MT_SLOT, ABS_MT_TRACKING_ID, ABS_MT_X, ABS_MT_Y
LEAST, MOST = 100, 1100
SLOTS = 5

SEVERAL = Panel("event4", "Several", "/s/input7", 1 << SLOT | 1 << NUMBER | 1 << X | 1 << Y)
PACKETS = Panel("event4", "Packets", "/s/input7", 1 << X | 1 << Y)
ONE = Panel("event4", "One", "/s/input7", 1 << ABS_X | 1 << ABS_Y)


def raw(*events: tuple[int, int, int]) -> bytes:
    return b"".join(EVENT.pack(0, 0, *event) for event in events)


class FakePort:
    """``numbers``, ``xs``, ``ys``: what lies in each slot; ``waits``: what a read gives, once each."""

    def __init__(self) -> None:
        self.numbers = [-1] * SLOTS
        self.xs = [LEAST] * SLOTS
        self.ys = [LEAST] * SLOTS
        self.slot = 0
        self.touched = False
        self.waits: deque[bytes] = deque()
        self.gone = False
        self.closed = False

    def fileno(self) -> int:
        raise AssertionError("nothing here waits")

    def axis(self, code: int) -> Axis:
        self._check()
        if code == ABS_MT_SLOT:
            return Axis(self.slot, 0, SLOTS - 1)
        value = {ABS_X: self.xs, ABS_Y: self.ys}.get(code, [LEAST])[0]
        return Axis(value, LEAST, MOST)

    def slots(self, code: int, many: int) -> list[int]:
        self._check()
        return {NUMBER: self.numbers, X: self.xs, Y: self.ys}[code][:many]

    def pressed(self, key: int) -> bool:
        assert key == BTN_TOUCH
        return self.touched

    def read(self) -> bytes:
        self._check()
        return self.waits.popleft() if self.waits else b""

    def close(self) -> None:
        self.closed = True

    def _check(self) -> None:
        if self.gone:
            raise OSError(19, "No such device")


assert EVENT.size == struct.calcsize("llHHi")
