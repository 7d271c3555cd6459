"""What a panel's events mean: contacts that begin, move and end. Opens nothing.

The kernel has three ways to tell of fingers: slots (each finger has a place and a number), packets (each
frame tells of every finger), and one finger alone (X, Y and whether it touches). Each new contact is exactly
one "down": also when it comes in the very frame in which the one before it left, and whatever lay on the
glass before. A contact that began before the panel was opened is none of ours: it moves and ends unseen.

Positions are shares of the panel's own range. They are not turned here: Kivy's window turns the picture and
what is touched together. A calibration matrix that udev holds (LIBINPUT_CALIBRATION_MATRIX) is libinput's
and counts where an X server or cage reads the panel; a panel that is mounted askew and read here says so to
the kernel instead (touchscreen-inverted-x, touchscreen-swapped-x-y in its overlay).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple, Protocol

from app.touch.contact import Contact
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

EVENT = struct.Struct("llHHi")
"""Seconds, microseconds, type, code, value: ``struct input_event``."""
EV_SYN, EV_KEY, EV_ABS = 0, 1, 3
SYN_REPORT, SYN_MT_REPORT, SYN_DROPPED = 0, 2, 3

SAME = 0.2
"""Without numbers, a contact this share of the panel from where one was is another finger."""
CALM_TRIES = 20
"""So often is the panel's state read again when events came meanwhile."""


class Axis(NamedTuple):
    """An absolute axis as it is now."""

    value: int
    least: int
    most: int

    def share(self, value: int) -> float:
        return min(1.0, max(0.0, (value - self.least) / (self.most - self.least)))


class Port(Protocol):
    """An open panel. Each of these may raise OSError: then it is gone."""

    def fileno(self) -> int: ...
    def axis(self, code: int) -> Axis: ...
    def slots(self, code: int, many: int) -> list[int]:
        """This value of each slot."""

    def pressed(self, key: int) -> bool: ...
    def read(self) -> bytes:
        """Whole events; empty when none waits."""

    def close(self) -> None: ...


class UnusableError(OSError):
    """The panel tells of its axes what cannot be."""


def decoder(panel: Panel, port: Port) -> Decoder:
    """Raises OSError."""
    if panel.one_finger:
        return OneFinger(panel, port)
    if panel.has(ABS_MT_SLOT, ABS_MT_TRACKING_ID):
        return Slots(panel, port)
    return Packets(panel, port)


class Decoder:
    """Takes raw events, answers contacts. Its panel's events come to it alone."""

    _axes = (ABS_MT_X, ABS_MT_Y)

    def __init__(self, panel: Panel, port: Port) -> None:
        self._place, self._port = panel.place or panel.event, port
        self._numbers = count(1)
        self._x, self._y = (port.axis(code) for code in self._axes)
        if self._x.most <= self._x.least or self._y.most <= self._y.least:
            raise UnusableError(0, "its axes have no range")
        self._lost = False

    def feed(self, data: bytes) -> list[Contact]:
        """What these events say; a frame that is not whole yet is kept. Raises OSError."""
        found: list[Contact] = []
        for _s, _us, kind, code, value in EVENT.iter_unpack(data):
            if kind == EV_SYN and code == SYN_DROPPED:
                self._lost = True
            elif self._lost:
                if kind == EV_SYN and code == SYN_REPORT:
                    self._lost = False
                    self._forget_frame()
                    # What else waits is older than what the panel is now asked for.
                    self._read_all()
                    return [*found, *self._see()]
            elif kind == EV_SYN and code == SYN_REPORT:
                found += self._report()
            else:
                self._take(kind, code, value)
        return found

    def _read_all(self) -> bool:
        """Whether there was anything."""
        any_ = False
        while self._port.read():
            any_ = True
        return any_

    def _see(self) -> list[Contact]:
        """After lost events: what has changed, by what the panel is now, and nothing came in between."""
        for _ in range(CALM_TRIES):
            seen = self._now()
            if not self._read_all():
                break
        return self._compare(seen)

    def _new(self) -> tuple[str, int]:
        return (self._place, next(self._numbers))

    def _forget_frame(self) -> None: ...
    def _take(self, kind: int, code: int, value: int) -> None:
        raise NotImplementedError

    def _report(self) -> list[Contact]:
        """A frame is whole."""
        raise NotImplementedError

    def _now(self) -> list[tuple[int, int, int]]:
        """(number of the contact or -1, x, y) of each slot."""
        return []

    def _compare(self, seen: list[tuple[int, int, int]]) -> list[Contact]:
        return []

    def lift(self) -> list[Contact]:
        """The panel is gone, and every contact with it."""
        raise NotImplementedError


@dataclass
class _Slot:
    number: int = -1
    """The kernel's for the contact in it; -1: none."""
    key: tuple[str, int] | None = None
    """Ours; None too for a contact that began before us."""
    x: float = 0.0
    y: float = 0.0


class Slots(Decoder):
    """Only what changes is told: a finger that comes down where the last one left has no new position."""

    def __init__(self, panel: Panel, port: Port) -> None:
        super().__init__(panel, port)
        place = port.axis(ABS_MT_SLOT)
        self._slots = [_Slot() for _ in range(place.most + 1)]
        self._at = place.value
        # In one frame a contact may end and another begin, or begin and end.
        self._steps: list[tuple[_Slot, Contact]] = []
        self._moved: list[_Slot] = []
        self._before: list[tuple[_Slot, tuple[int, tuple[str, int] | None]]] = []
        """What a frame that breaks off has changed, the latest first."""
        for slot, (number, x, y) in zip(self._slots, self._now(), strict=False):
            slot.number, slot.x, slot.y = number, self._x.share(x), self._y.share(y)

    def _now(self) -> list[tuple[int, int, int]]:
        many = len(self._slots)
        numbers, xs, ys = (self._port.slots(code, many) for code in (ABS_MT_TRACKING_ID, ABS_MT_X, ABS_MT_Y))
        self._at = self._port.axis(ABS_MT_SLOT).value
        return list(zip(numbers, xs, ys, strict=True))

    def _forget_frame(self) -> None:
        for slot, (number, key) in self._before:
            slot.number, slot.key = number, key
        self._clear()

    def _clear(self) -> None:
        self._before.clear()
        self._steps.clear()
        self._moved.clear()

    def _take(self, kind: int, code: int, value: int) -> None:
        if kind != EV_ABS:
            return
        if code == ABS_MT_SLOT:
            self._at = value
            return
        if not 0 <= self._at < len(self._slots):
            return
        slot = self._slots[self._at]
        if code == ABS_MT_TRACKING_ID:
            if slot.key is not None and slot.number == value:
                return
            # Told of by the kernel only where it is new: also if its number was there at the start.
            self._before.insert(0, (slot, (slot.number, slot.key)))
            self._change(slot, value)
        elif code == ABS_MT_X:
            slot.x = self._x.share(value)
            self._moved.append(slot)
        elif code == ABS_MT_Y:
            slot.y = self._y.share(value)
            self._moved.append(slot)

    def _change(self, slot: _Slot, number: int) -> None:
        if slot.key is not None:
            self._steps.append((slot, Contact("up", slot.key)))
            slot.key = None
        slot.number = number
        if number >= 0:
            slot.key = self._new()
            self._steps.append((slot, Contact("down", slot.key)))

    def _report(self) -> list[Contact]:
        # Where it is stands after the number in a frame.
        found = [step._replace(x=slot.x, y=slot.y) for slot, step in self._steps]
        new = {step.key for step in found}
        for slot in self._moved:
            if slot.key is not None and slot.key not in new:
                new.add(slot.key)
                found.append(Contact("move", slot.key, slot.x, slot.y))
        self._clear()
        return found

    def _compare(self, seen: list[tuple[int, int, int]]) -> list[Contact]:
        for slot, (number, x, y) in zip(self._slots, seen, strict=True):
            slot.x, slot.y = self._x.share(x), self._y.share(y)
            self._moved.append(slot)
            if number != slot.number:
                self._change(slot, number)
        return self._report()

    def lift(self) -> list[Contact]:
        found = [Contact("up", slot.key) for slot in self._slots if slot.key is not None]
        for slot in self._slots:
            slot.number, slot.key = -1, None
        return found


@dataclass
class _Told:
    """A contact as one packet tells of it."""

    number: int | None = None
    x: float | None = None
    y: float | None = None
    key: tuple[str, int] | None = None


class Packets(Decoder):
    """Each frame tells of all contacts, some panels without numbering them: who is who is seen by where."""

    def __init__(self, panel: Panel, port: Port) -> None:
        super().__init__(panel, port)
        self._told: list[_Told] = []
        self._packet = _Told()
        self._frame: list[_Told] = []
        self._tells = False
        # What lies there already cannot be asked for; only whether something does.
        self._began_before = port.pressed(BTN_TOUCH)

    def _forget_frame(self) -> None:
        self._packet, self._frame, self._tells = _Told(), [], False

    def _take(self, kind: int, code: int, value: int) -> None:
        if kind == EV_SYN and code == SYN_MT_REPORT:
            self._tells = True
            if self._packet.x is not None and self._packet.y is not None:
                self._frame.append(self._packet)
            self._packet = _Told()
        elif kind == EV_KEY and code == BTN_TOUCH:
            self._tells = self._tells or value == 0
            self._began_before = False
        elif kind == EV_ABS and code == ABS_MT_TRACKING_ID:
            self._packet.number = value
        elif kind == EV_ABS and code == ABS_MT_X:
            self._packet.x = self._x.share(value)
        elif kind == EV_ABS and code == ABS_MT_Y:
            self._packet.y = self._y.share(value)

    def _report(self) -> list[Contact]:
        if not self._tells:
            # A key of the panel's frame, say: nothing about fingers.
            self._forget_frame()
            return []
        gone, found = list(self._told), []
        for packet in self._frame:
            assert packet.x is not None
            assert packet.y is not None
            was = self._find(packet, gone)
            if was is not None:
                gone.remove(was)
                packet.key = was.key
                what = Contact("move", was.key, packet.x, packet.y)
            elif self._began_before:
                continue
            else:
                packet.key = self._new()
                what = Contact("down", packet.key, packet.x, packet.y)
            if packet.key is not None:
                found.append(what)
        self._told, self._began_before = self._frame, False
        self._forget_frame()
        return [*(Contact("up", was.key) for was in gone if was.key is not None), *found]

    def _find(self, packet: _Told, among: list[_Told]) -> _Told | None:
        if packet.number is not None:
            return next((was for was in among if was.number == packet.number), None)

        def away(was: _Told) -> float:
            assert None not in (was.x, was.y, packet.x, packet.y)
            return max(abs((was.x or 0) - (packet.x or 0)), abs((was.y or 0) - (packet.y or 0)))

        nearest = min(among, key=away, default=None)
        return nearest if nearest is not None and away(nearest) < SAME else None

    def lift(self) -> list[Contact]:
        found = [Contact("up", was.key) for was in self._told if was.key is not None]
        self._told = []
        return found


class OneFinger(Decoder):
    """A panel that knows one place, and whether it is pressed there."""

    _axes = (ABS_X, ABS_Y)

    def __init__(self, panel: Panel, port: Port) -> None:
        super().__init__(panel, port)
        self._at = (self._x.share(self._x.value), self._y.share(self._y.value))
        self._down = port.pressed(BTN_TOUCH)
        self._key: tuple[str, int] | None = None
        self._steps: list[bool] = []
        self._moved = False

    def _forget_frame(self) -> None:
        self._steps.clear()
        self._moved = False

    def _take(self, kind: int, code: int, value: int) -> None:
        if kind == EV_KEY and code == BTN_TOUCH and value in (0, 1):
            self._steps.append(value == 1)
        elif kind == EV_ABS and code in self._axes:
            x, y = self._at
            self._at = (self._x.share(value), y) if code == ABS_X else (x, self._y.share(value))
            self._moved = True

    def _report(self) -> list[Contact]:
        found: list[Contact] = []
        for down in self._steps:
            found += self.lift()
            self._down = down
            if down:
                self._key = self._new()
                found.append(Contact("down", self._key, *self._at))
        if self._moved and not self._steps and self._key is not None:
            found.append(Contact("move", self._key, *self._at))
        self._forget_frame()
        return found

    def _now(self) -> list[tuple[int, int, int]]:
        x, y = (self._port.axis(code).value for code in self._axes)
        return [(1 if self._port.pressed(BTN_TOUCH) else -1, x, y)]

    def _compare(self, seen: list[tuple[int, int, int]]) -> list[Contact]:
        ((number, x, y),) = seen
        self._at, self._moved = (self._x.share(x), self._y.share(y)), True
        if (number >= 0) != self._down:
            self._steps.append(number >= 0)
        return self._report()

    def lift(self) -> list[Contact]:
        key, self._key = self._key, None
        return [] if key is None else [Contact("up", key)]
