"""Which touchscreens the X server has: asked on a connection of our own, by a thread of its own.

SDL looks once, when it starts. libX11 and libXi are those that SDL opens, too: where libXi is missing SDL
has only the one pointer that the server makes of all fingers, and this says so.
"""

from __future__ import annotations

import ctypes
import logging
import threading
import time
from collections.abc import Callable
from ctypes import POINTER, byref, c_char_p, c_int, c_void_p
from typing import NamedTuple

from app.touch.told import Told, Way

log = logging.getLogger(__name__)

LOOK_S = 1.0
STALE_S = 5.0
"""A server that has not answered for so long draws nothing, either."""
ALL_DEVICES = 0
SLAVE_POINTER = 3
BUTTONS, TOUCH = 1, 8
DIRECT = 1
TEST_POINTER = "XTEST pointer"
"""Every server has one that nobody can lay a hand on."""


class Seen(NamedTuple):
    """What the server has that is switched on."""

    touch: tuple[str, ...] = ()
    pointers: tuple[str, ...] = ()
    """Mice and the like."""


class _Class(ctypes.Structure):
    _fields_ = (("type", c_int), ("source", c_int), ("mode", c_int), ("touches", c_int))


class _Info(ctypes.Structure):
    _fields_ = (
        ("id", c_int),
        ("name", c_char_p),
        ("use", c_int),
        ("attachment", c_int),
        ("enabled", c_int),
        ("many", c_int),
        ("classes", POINTER(POINTER(_Class))),
    )


class Server:
    """A connection to the X server. Raises OSError when there is none, or it cannot tell of fingers."""

    def __init__(self) -> None:
        x11 = ctypes.CDLL("libX11.so.6")
        self._xi = xi = ctypes.CDLL("libXi.so.6")
        x11.XOpenDisplay.argtypes, x11.XOpenDisplay.restype = (c_char_p,), c_void_p
        x11.XQueryExtension.argtypes = (c_void_p, c_char_p, *[POINTER(c_int)] * 3)
        xi.XIQueryVersion.argtypes = (c_void_p, POINTER(c_int), POINTER(c_int))
        xi.XIQueryDevice.argtypes = (c_void_p, c_int, POINTER(c_int))
        xi.XIQueryDevice.restype = POINTER(_Info)
        xi.XIFreeDeviceInfo.argtypes = (POINTER(_Info),)
        self._display = x11.XOpenDisplay(None)
        if not self._display:
            raise OSError(0, "the X server does not answer")
        opcode, event, error = c_int(), c_int(), c_int()
        major, minor = c_int(2), c_int(2)
        found = x11.XQueryExtension(
            self._display, b"XInputExtension", byref(opcode), byref(event), byref(error)
        )
        if not found or xi.XIQueryVersion(self._display, byref(major), byref(minor)) != 0:
            raise OSError(0, "the X server has no XInput 2")
        if (major.value, minor.value) < (2, 2):
            raise OSError(0, f"the X server's XInput is {major.value}.{minor.value}, older than 2.2")
        self.opcode = opcode.value
        """Of the events that tell of fingers."""

    def devices(self) -> Seen:
        many = c_int()
        infos = self._xi.XIQueryDevice(self._display, ALL_DEVICES, byref(many))
        if not infos:
            return Seen()
        try:
            return _seen(infos, many.value)
        finally:
            self._xi.XIFreeDeviceInfo(infos)


def _seen(infos: ctypes._Pointer[_Info], many: int) -> Seen:
    touch, pointers = [], []
    for info in infos[:many]:
        if info.use != SLAVE_POINTER or not info.enabled:
            continue
        classes = [info.classes[index].contents for index in range(info.many)]
        name = (info.name or b"").decode(errors="replace")
        if any(each.type == TOUCH and each.mode == DIRECT for each in classes):
            touch.append(name)
        elif any(each.type == BUTTONS for each in classes) and not name.endswith(TEST_POINTER):
            pointers.append(name)
    return Seen(tuple(touch), tuple(pointers))


class Touchscreens:
    """What the server has, looked at again and again. ``needed``: no desktop, whose mouse would do."""

    def __init__(
        self,
        told: Callable[[Told], None],
        *,
        needed: bool,
        connect: Callable[[], Server] = Server,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell, self._needed, self._clock = told, needed, clock
        self._seen: Seen | None = None
        self._seen_s = float("-inf")
        self._last: Told | None = None
        self._leave = threading.Event()
        self._server: Server | None = None
        self._why = ""
        try:
            self._server = connect()
        except OSError as error:
            self._why = error.strerror or str(error)
            log.warning("fingers cannot be told apart: %s", self._why)

    @property
    def opcode(self) -> int | None:
        return None if self._server is None else self._server.opcode

    def start(self) -> None:
        self._leave.clear()
        threading.Thread(target=self._run, name="touchscreens", daemon=True).start()

    def stop(self) -> None:
        self._leave.set()

    def hears(self, mouse_used: bool) -> bool:
        """Whether somebody could press Stop. A mouse counts once it was used here, while there is one:
        some computers claim one that is no thing (HDMI's remote control)."""
        if not self._needed:
            return True
        if self._server is None:
            return mouse_used
        seen = self._seen
        if seen is None or self._clock() - self._seen_s > STALE_S:
            return False
        return bool(seen.touch or (mouse_used and seen.pointers))

    def _run(self) -> None:
        while not self._leave.wait(LOOK_S if self._last is not None else 0):
            self.look()

    def look(self) -> None:
        if self._server is not None:
            self._seen = self._server.devices()
            self._seen_s = self._clock()
        names = self._seen.touch if self._seen is not None else ()
        now = Told("x11", self._needed, tuple(Way("", name) for name in names), why=self._why)
        if now != self._last:
            self._last = now
            self._tell(now)
