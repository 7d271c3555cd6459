"""Fingers and the mouse where SDL draws in an X server's window: a desktop, or cage with XWayland.

SDL asks the server for every finger (XInput 2.2), and passes each of the server's words on to whoever
watches its events. That is where this listens. SDL's own finger events would miss the first finger of a
screen that came late, and forget those of the others at that moment; Kivy takes neither, but a mouse that
SDL makes of one finger. The server numbers contacts, never twice the same, and begins none that lay on the
glass before the window was there. A mouse's events are the mouse's: those that SDL makes of a finger are
left out. Where the server cannot tell fingers apart, they come as the mouse.
"""

from __future__ import annotations

import ctypes
import logging
import struct
from collections import deque
from collections.abc import Callable
from ctypes import c_int, c_uint8, c_uint32, c_void_p

from app.touch.contact import Contact
from app.touch.xinput import Touchscreens

log = logging.getLogger(__name__)

SYSWM, MOUSE_MOTION, MOUSE_DOWN, MOUSE_UP = 0x201, 0x400, 0x401, 0x402
MADE_OF_A_FINGER = 0xFFFFFFFF
"""SDL's "which" of a mouse that is none."""
_MOTION = struct.Struct("4xIIIIii")
_BUTTON = struct.Struct("4xIIIBBBxii")
_MESSAGE_AT, _XEVENT_AT = 8, 8
"""Of the pointer in SDL_SysWMEvent, and of the server's event in what it points to."""
GENERIC_EVENT = 35
TOUCH_BEGIN, TOUCH_UPDATE, TOUCH_END = 18, 19, 20
WHATS = {TOUCH_BEGIN: "down", TOUCH_UPDATE: "move", TOUCH_END: "up"}
WATCH = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p)


class _Cookie(ctypes.Structure):
    """XGenericEventCookie."""

    _fields_ = (
        ("type", c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", c_int),
        ("display", c_void_p),
        ("extension", c_int),
        ("evtype", c_int),
        ("cookie", ctypes.c_uint),
        ("data", c_void_p),
    )


class _Touch(ctypes.Structure):
    """The head of XIDeviceEvent."""

    _fields_ = (
        ("type", c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", c_int),
        ("display", c_void_p),
        ("extension", c_int),
        ("evtype", c_int),
        ("time", ctypes.c_ulong),
        ("device", c_int),
        ("source", c_int),
        ("detail", c_int),
        ("root", ctypes.c_ulong),
        ("event", ctypes.c_ulong),
        ("child", ctypes.c_ulong),
        ("root_x", ctypes.c_double),
        ("root_y", ctypes.c_double),
        ("event_x", ctypes.c_double),
        ("event_y", ctypes.c_double),
    )


class WindowFingers:
    """``library`` is the SDL that draws, ``size`` answers the window's pixels."""

    def __init__(
        self, library: ctypes.CDLL, size: Callable[[], tuple[int, int]], touchscreens: Touchscreens
    ) -> None:
        self._sdl, self._size, self._touchscreens = library, size, touchscreens
        self._heard: deque[Contact] = deque()
        self._buttons: set[tuple[int, int]] = set()
        self._mouse_used = False
        # As long as SDL may call it.
        self._watch = WATCH(self._see)
        library.SDL_AddEventWatch.argtypes = (WATCH, c_void_p)
        library.SDL_AddEventWatch.restype = None
        library.SDL_DelEventWatch.argtypes = (WATCH, c_void_p)
        library.SDL_DelEventWatch.restype = None
        library.SDL_EventState.argtypes, library.SDL_EventState.restype = (c_uint32, c_int), c_uint8
        library.SDL_PumpEvents.argtypes, library.SDL_PumpEvents.restype = (), None

    def start(self) -> None:
        self._sdl.SDL_AddEventWatch(self._watch, None)
        self._sdl.SDL_EventState(SYSWM, 1)
        self._touchscreens.start()

    def stop(self) -> None:
        self._sdl.SDL_EventState(SYSWM, 0)
        self._sdl.SDL_DelEventWatch(self._watch, None)
        self._touchscreens.stop()

    @property
    def hears(self) -> bool:
        return self._touchscreens.hears(self._mouse_used)

    def take(self) -> list[Contact]:
        # Kivy would ask SDL after this frame, and hear of it in the next.
        self._sdl.SDL_PumpEvents()
        found = list(self._heard)
        self._heard.clear()
        return found

    def _see(self, _nothing: int | None, event: int) -> int:
        """Called by SDL for each event as it arrives, within ``SDL_PumpEvents``."""
        try:
            kind = c_uint32.from_address(event).value
            if kind == SYSWM:
                self._from_server(c_void_p.from_address(event + _MESSAGE_AT).value or 0)
            elif kind in (MOUSE_DOWN, MOUSE_UP):
                self._button(kind, ctypes.string_at(event, _BUTTON.size))
            elif kind == MOUSE_MOTION and self._buttons:
                self._motion(ctypes.string_at(event, _MOTION.size))
        except Exception:
            log.exception("an event is not understood")
        return 1

    def _from_server(self, message: int) -> None:
        cookie = _Cookie.from_address(message + _XEVENT_AT)
        if (
            cookie.type != GENERIC_EVENT
            or cookie.extension != self._touchscreens.opcode
            or cookie.evtype not in WHATS
            or not cookie.data
        ):
            return
        touch = _Touch.from_address(cookie.data)
        x, y = self._share(touch.event_x, touch.event_y)
        what = WHATS[touch.evtype]
        key = ("finger", touch.detail)
        if what == "down":
            self._heard.append(Contact("down", key, x, y))
        elif what == "move":
            self._heard.append(Contact("move", key, x, y))
        else:
            self._heard.append(Contact("up", key))

    def _button(self, kind: int, data: bytes) -> None:
        _at, _window, which, button, _state, _clicks, x, y = _BUTTON.unpack(data)
        if which == MADE_OF_A_FINGER:
            return
        key = (which, button)
        if kind == MOUSE_DOWN:
            self._mouse_used = True
            self._buttons.add(key)
            self._heard.append(Contact("down", ("mouse", *key), *self._share(x, y)))
        else:
            self._buttons.discard(key)
            self._heard.append(Contact("up", ("mouse", *key)))

    def _motion(self, data: bytes) -> None:
        _at, _window, which, _state, x, y = _MOTION.unpack(data)
        if which == MADE_OF_A_FINGER:
            return
        place = self._share(x, y)
        self._heard.extend(
            Contact("move", ("mouse", *key), *place) for key in self._buttons if key[0] == which
        )

    def _share(self, x: float, y: float) -> tuple[float, float]:
        wide, high = self._size()
        return (min(1.0, max(0.0, x / max(1, wide - 1))), min(1.0, max(0.0, y / max(1, high - 1))))
