"""Inside the emulated computer: a touch panel made by uinput, and a finger that touches where it is told.

python -m scripts.appliance.finger FIFO: each line, ``X Y SECONDS``, is one touch; X and Y are shares of the
panel. It is a panel of the kernel's: what reads it cannot tell it from one on a ribbon.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import time

SIZE = (800, 480)
_EV_SYN, _EV_KEY, _EV_ABS = 0, 1, 3
_BTN_TOUCH = 0x14A
_ABS_X, _ABS_Y, _SLOT, _MT_X, _MT_Y, _TRACKING_ID = 0x00, 0x01, 0x2F, 0x35, 0x36, 0x39
_AXES = {_ABS_X: SIZE[0], _ABS_Y: SIZE[1], _SLOT: 9, _MT_X: SIZE[0], _MT_Y: SIZE[1], _TRACKING_ID: 65535}
_SET_EVBIT, _SET_KEYBIT, _SET_ABSBIT, _SET_PROPBIT = 0x40045564, 0x40045565, 0x40045567, 0x4004556E
_CREATE = 0x5501
_DIRECT = 1


class Panel:
    """A panel of the kernel's, for as long as this lives."""

    def __init__(self) -> None:
        self._device = os.open("/dev/uinput", os.O_WRONLY)
        for bit in (_EV_SYN, _EV_KEY, _EV_ABS):
            fcntl.ioctl(self._device, _SET_EVBIT, bit)
        fcntl.ioctl(self._device, _SET_KEYBIT, _BTN_TOUCH)
        fcntl.ioctl(self._device, _SET_PROPBIT, _DIRECT)
        most = [0] * 64
        for axis, limit in _AXES.items():
            fcntl.ioctl(self._device, _SET_ABSBIT, axis)
            most[axis] = limit
        nothing = [0] * 64
        name = b"Proof touch panel".ljust(80, b"\0")
        about = struct.pack("4HI", 0x18, 1, 1, 1, 0)
        os.write(self._device, name + about + struct.pack("256i", *most, *nothing, *nothing, *nothing))
        fcntl.ioctl(self._device, _CREATE)
        self._touches = 0

    def touch(self, x: int, y: int, seconds: float) -> None:
        self._touches += 1
        self._say(
            (_EV_ABS, _SLOT, 0),
            (_EV_ABS, _TRACKING_ID, self._touches),
            (_EV_ABS, _MT_X, x),
            (_EV_ABS, _MT_Y, y),
            (_EV_KEY, _BTN_TOUCH, 1),
            (_EV_ABS, _ABS_X, x),
            (_EV_ABS, _ABS_Y, y),
        )
        time.sleep(seconds)
        self._say((_EV_ABS, _TRACKING_ID, -1), (_EV_KEY, _BTN_TOUCH, 0))

    def _say(self, *events: tuple[int, int, int]) -> None:
        for kind, code, value in (*events, (_EV_SYN, 0, 0)):
            os.write(self._device, struct.pack("llHHi", 0, 0, kind, code, value))


def main() -> None:
    fifo = sys.argv[1]
    panel = Panel()
    if not os.path.exists(fifo):
        os.mkfifo(fifo)
    while True:
        with open(fifo) as told:
            for line in told:
                x, y, seconds = (float(word) for word in line.split())
                panel.touch(round(x * SIZE[0]), round(y * SIZE[1]), seconds)


if __name__ == "__main__":
    main()
