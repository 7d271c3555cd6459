"""Inside the emulated computer: touch panels made by uinput, and fingers that do what they are told.

python -m scripts.appliance.finger FIFO: each line is one deed.

    X Y SECONDS     a finger touches there, while whatever lies on the glass goes on lying
    lay X Y         a contact comes and stays
    lift            what lies there is lifted
    after X Y       all that lies there leaves, and a finger comes in its slot, in one and the same frame
    gone            the panel's plug is pulled
    back            it is there again, under another number
    one, several    of which kind it is from the next "back" on: one finger alone, or ten

X and Y are shares of the panel. It is a panel of the kernel's: what reads it cannot tell it from one on a
ribbon.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import time

SIZE = (800, 480)
ORIGIN = 40
"""Where its axes begin: some panels do not begin at nothing."""
SLOTS = 10
_EV_SYN, _EV_KEY, _EV_ABS = 0, 1, 3
_BTN_TOUCH = 0x14A
_ABS_X, _ABS_Y, _SLOT, _MT_X, _MT_Y, _TRACKING_ID = 0x00, 0x01, 0x2F, 0x35, 0x36, 0x39
_ONE = {_ABS_X: (ORIGIN, ORIGIN + SIZE[0]), _ABS_Y: (ORIGIN, ORIGIN + SIZE[1])}
_SEVERAL = {
    **_ONE,
    _SLOT: (0, SLOTS - 1),
    _MT_X: _ONE[_ABS_X],
    _MT_Y: _ONE[_ABS_Y],
    _TRACKING_ID: (0, 65535),
}
_SET_EVBIT, _SET_KEYBIT, _SET_ABSBIT, _SET_PROPBIT = 0x40045564, 0x40045565, 0x40045567, 0x4004556E
_CREATE, _DESTROY = 0x5501, 0x5502
_DIRECT = 1


class Panel:
    """A panel of the kernel's, until ``close``."""

    def __init__(self, *, several: bool) -> None:
        self._several = several
        self._device = os.open("/dev/uinput", os.O_WRONLY)
        for bit in (_EV_SYN, _EV_KEY, _EV_ABS):
            fcntl.ioctl(self._device, _SET_EVBIT, bit)
        fcntl.ioctl(self._device, _SET_KEYBIT, _BTN_TOUCH)
        fcntl.ioctl(self._device, _SET_PROPBIT, _DIRECT)
        most, least = [0] * 64, [0] * 64
        for axis, (low, high) in (_SEVERAL if several else _ONE).items():
            fcntl.ioctl(self._device, _SET_ABSBIT, axis)
            least[axis], most[axis] = low, high
        nothing = [0] * 64
        name = (b"Proof touch panel" if several else b"Proof resistive panel").ljust(80, b"\0")
        about = struct.pack("4HI", 0x18, 1, 1, 1, 0)
        os.write(self._device, name + about + struct.pack("256i", *most, *least, *nothing, *nothing))
        fcntl.ioctl(self._device, _CREATE)
        self._touches = 0
        self._lying: list[int] = []

    def close(self) -> None:
        fcntl.ioctl(self._device, _DESTROY)
        os.close(self._device)

    def touch(self, x: float, y: float, seconds: float) -> None:
        slot = self.lay(x, y)
        time.sleep(seconds)
        self._lift(slot)

    def lay(self, x: float, y: float) -> int:
        """In the next slot that is free."""
        slot = next(each for each in range(SLOTS) if each not in self._lying)
        self._lying.append(slot)
        self._say(*self._comes(slot, x, y), (_EV_KEY, _BTN_TOUCH, 1))
        return slot

    def after(self, x: float, y: float) -> None:
        first, *others = self._lying or [0]
        gone = [event for slot in others for event in ((_EV_ABS, _SLOT, slot), (_EV_ABS, _TRACKING_ID, -1))]
        pressed = [(_EV_KEY, _BTN_TOUCH, 0), (_EV_KEY, _BTN_TOUCH, 1)]
        self._say(*(gone if self._several else pressed), *self._comes(first, x, y))
        time.sleep(0.1)
        self._lying = [first]
        self._lift(first)

    def lift(self) -> None:
        for slot in list(self._lying):
            self._lift(slot)

    def _comes(self, slot: int, x: float, y: float) -> list[tuple[int, int, int]]:
        self._touches += 1
        at_x, at_y = ORIGIN + round(x * SIZE[0]), ORIGIN + round(y * SIZE[1])
        events = [(_EV_ABS, _ABS_X, at_x), (_EV_ABS, _ABS_Y, at_y)]
        if self._several:
            events += [
                (_EV_ABS, _SLOT, slot),
                (_EV_ABS, _TRACKING_ID, self._touches),
                (_EV_ABS, _MT_X, at_x),
                (_EV_ABS, _MT_Y, at_y),
            ]
        return events

    def _lift(self, slot: int) -> None:
        self._lying.remove(slot)
        events = [(_EV_ABS, _SLOT, slot), (_EV_ABS, _TRACKING_ID, -1)] if self._several else []
        self._say(*events, *([] if self._lying else [(_EV_KEY, _BTN_TOUCH, 0)]))

    def _say(self, *events: tuple[int, int, int]) -> None:
        for kind, code, value in (*events, (_EV_SYN, 0, 0)):
            os.write(self._device, struct.pack("llHHi", 0, 0, kind, code, value))


class Hand:
    """Does what it is told with the one panel there is."""

    def __init__(self) -> None:
        self._several = True
        self._panel: Panel | None = Panel(several=True)

    def do(self, line: str) -> None:
        words = line.split()
        match words:
            case ["one" | "several" as kind]:
                self._several = kind == "several"
            case ["back"] if self._panel is None:
                # Something else has the number that it had.
                other = Panel(several=self._several)
                self._panel = Panel(several=self._several)
                other.close()
            case _ if self._panel is None:
                return
            case ["gone"]:
                self._panel.close()
                self._panel = None
            case ["lift"]:
                self._panel.lift()
            case ["lay", x, y]:
                self._panel.lay(float(x), float(y))
            case ["after", x, y]:
                self._panel.after(float(x), float(y))
            case [x, y, seconds]:
                self._panel.touch(float(x), float(y), float(seconds))


def main() -> None:
    fifo = sys.argv[1]
    hand = Hand()
    if not os.path.exists(fifo):
        os.mkfifo(fifo)
    while True:
        with open(fifo) as told:
            for line in told:
                hand.do(line)


if __name__ == "__main__":
    main()
