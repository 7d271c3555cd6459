"""Every contact is a touch of Kivy's: exactly one touch-down, where it came down.

The one input provider of the kiosk. On which way contacts come hangs on what SDL draws with: the X server
tells of fingers and mouse (``app.touch.sdl``), without one the kernel's panels are read here
(``app.touch.evdev``).
Both name places as shares of the panel, which the window turns as it turns the picture.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Callable, Hashable
from typing import Any

from kivy.base import EventLoop
from kivy.input.motionevent import MotionEvent
from kivy.input.provider import MotionEventProvider

from app.touch.contact import Contact, Nowhere, Source
from app.touch.told import Told

log = logging.getLogger(__name__)

UNSEEN = ("offscreen", "dummy")
"""Drivers whose window no finger can reach."""


class Finger(MotionEvent):
    """One contact, from touch-down to its end."""

    def __init__(self, device: str, contact: Contact) -> None:
        super().__init__(device, contact.key, contact, is_touch=True, type_id="touch")
        self.profile = ["pos"]

    def depack(self, args: Contact) -> None:
        self.sx, self.sy = args.x, 1.0 - args.y
        super().depack(args)


class Fingers(MotionEventProvider):
    """Asks its source once a frame."""

    def __init__(self, source: Source) -> None:
        super().__init__("fingers", "")
        self._source = source
        self._touches: dict[Hashable, Finger] = {}
        self._later: dict[Hashable, Contact] = {}

    @property
    def hears(self) -> bool:
        return self._source.hears

    def start(self) -> None:
        self._source.start()

    def stop(self) -> None:
        self._source.stop()

    def update(self, dispatch_fn: Callable[[str, Any], None]) -> None:
        began: set[Hashable] = set()
        waited, self._later = list(self._later.values()), {}
        for contact in (*waited, *self._source.take()):
            key = contact.key
            if contact.what == "down":
                self._end(key, dispatch_fn)
                touch = self._touches[key] = Finger(self.device, contact)
                began.add(key)
                dispatch_fn("begin", touch)
            elif contact.what == "up":
                self._end(key, dispatch_fn)
            elif key in began:
                # A touch has one place: it would come down where it has gone to since.
                self._later[key] = contact
            elif (known := self._touches.get(key)) is not None:
                known.move(contact)
                dispatch_fn("update", known)

    def _end(self, key: Hashable, dispatch_fn: Callable[[str, Any], None]) -> None:
        self._later.pop(key, None)
        touch = self._touches.pop(key, None)
        if touch is not None:
            touch.update_time_end()
            dispatch_fn("end", touch)


def attach(told: Callable[[Told], None], *, appliance: bool) -> Fingers:
    """Have the window's fingers felt from now on. ``appliance``: no mouse is meant to be there."""
    fingers = Fingers(_source(told, appliance))
    EventLoop.add_input_provider(fingers)
    return fingers


def _source(told: Callable[[Told], None], appliance: bool) -> Source:
    from kivy.core.window import Window, _window_sdl2

    # What the window draws with, found among the libraries that the module brings along.
    sdl = ctypes.CDLL(_window_sdl2.__file__)
    sdl.SDL_GetCurrentVideoDriver.restype = ctypes.c_char_p
    driver = (sdl.SDL_GetCurrentVideoDriver() or b"").decode().lower()
    if driver == "x11":
        from app.touch.sdl import WindowFingers
        from app.touch.xinput import Touchscreens

        return WindowFingers(sdl, lambda: tuple(Window.system_size), Touchscreens(told, needed=appliance))
    if driver == "kmsdrm":
        from app.touch.evdev import Panels

        return Panels(told)
    if driver not in UNSEEN:
        log.warning("nothing is known of fingers where SDL draws with %s", driver or "nothing")
    return Nowhere()
