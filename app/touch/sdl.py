"""Fingers and the mouse where SDL draws in an X server's window: a desktop, or cage with XWayland.

SDL asks the server for every finger (XInput 2.2), and passes each of the server's words on to whoever
watches its events. That is where this listens. SDL's own finger events would miss the first finger of a
screen that came late, and forget those of the others at that moment; Kivy takes neither, but a mouse that
SDL makes of one finger. The server numbers contacts, never twice the same, and begins none that lay on the
glass before the window was there. What it makes of a finger for programs that know only a mouse goes to
those; where it cannot tell fingers apart, or somebody else holds the mouse, it comes here, and as nothing
else. So do a mouse's own buttons, taken from the server as well: to SDL a button is down or it is not,
whoever pressed it, and a hand on the glass would hide a click.
"""

from __future__ import annotations

import ctypes
import logging
import struct
from collections import deque
from collections.abc import Callable
from ctypes import c_int, c_uint8, c_uint32, c_void_p

from app.touch.contact import Contact, What
from app.touch.xinput import Touchscreens

log = logging.getLogger(__name__)

SYSWM, MOUSE_MOTION = 0x201, 0x400
MADE_OF_A_FINGER = 0xFFFFFFFF
"""SDL's "which" of a mouse that is none."""
_MOTION = struct.Struct("4xIIIIii")
_MESSAGE_AT, _XEVENT_AT = 8, 8
"""Of the pointer in SDL_SysWMEvent, and of the server's event in what it points to."""
BUTTON_PRESS, BUTTON_RELEASE, GENERIC_EVENT = 4, 5, 35
WHEEL = range(4, 8)
"""Buttons that are none."""
TOUCH_BEGIN, TOUCH_UPDATE, TOUCH_END = 18, 19, 20
WHATS: dict[int, What] = {TOUCH_BEGIN: "down", TOUCH_UPDATE: "move", TOUCH_END: "up"}
WATCH = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p)


_ANY = (("type", c_int), ("serial", ctypes.c_ulong), ("send_event", c_int), ("display", c_void_p))
"""How each of the server's events begins ..."""
_GENERIC = (*_ANY, ("extension", c_int), ("evtype", c_int))
"""... and those of its extensions."""


class _Cookie(ctypes.Structure):
    """XGenericEventCookie."""

    _fields_ = (
        *_GENERIC,
        ("cookie", ctypes.c_uint),
        ("data", c_void_p),
    )


class _Button(ctypes.Structure):
    """XButtonEvent."""

    _fields_ = (
        *_ANY,
        ("window", ctypes.c_ulong),
        ("root", ctypes.c_ulong),
        ("child", ctypes.c_ulong),
        ("time", ctypes.c_ulong),
        ("x", c_int),
        ("y", c_int),
        ("root_x", c_int),
        ("root_y", c_int),
        ("state", ctypes.c_uint),
        ("button", ctypes.c_uint),
    )


class _Touch(ctypes.Structure):
    """The head of XIDeviceEvent."""

    _fields_ = (
        *_GENERIC,
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
        self._buttons: set[tuple[str, int]] = set()
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
                self._from_server((c_void_p.from_address(event + _MESSAGE_AT).value or 0) + _XEVENT_AT)
            elif kind == MOUSE_MOTION and self._buttons:
                self._motion(ctypes.string_at(event, _MOTION.size))
        except Exception:
            log.exception("an event is not understood")
        return 1

    def _from_server(self, event: int) -> None:
        kind = c_int.from_address(event).value
        if kind == GENERIC_EVENT:
            cookie = _Cookie.from_address(event)
            what = WHATS.get(cookie.evtype)
            if what is not None and cookie.extension == self._touchscreens.opcode and cookie.data:
                touch = _Touch.from_address(cookie.data)
                place = self._share(touch.event_x, touch.event_y)
                self._heard.append(Contact(what, ("finger", touch.detail), *place))
        elif kind in (BUTTON_PRESS, BUTTON_RELEASE):
            pressed = _Button.from_address(event)
            if pressed.button not in WHEEL:
                self._button(kind == BUTTON_PRESS, pressed)

    def _button(self, down: bool, pressed: _Button) -> None:
        key = ("mouse", pressed.button)
        if down:
            self._mouse_used = True
            self._buttons.add(key)
        else:
            self._buttons.discard(key)
        self._heard.append(Contact("down" if down else "up", key, *self._share(pressed.x, pressed.y)))

    def _motion(self, data: bytes) -> None:
        _at, _window, which, _state, x, y = _MOTION.unpack(data)
        if which != MADE_OF_A_FINGER:
            place = self._share(x, y)
            self._heard.extend(Contact("move", key, *place) for key in self._buttons)

    def _share(self, x: float, y: float) -> tuple[float, float]:
        wide, high = self._size()
        return (min(1.0, max(0.0, x / max(1, wide - 1))), min(1.0, max(0.0, y / max(1, high - 1))))
