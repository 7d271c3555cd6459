"""What the X server says of fingers and mouse, as SDL passes it on; the server's list of touchscreens.

``./scripts/test-touch`` has the same from a real server.
"""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import Any

import pytest

from app.touch.contact import Contact
from app.touch.sdl import (
    BUTTON_PRESS,
    BUTTON_RELEASE,
    GENERIC_EVENT,
    MADE_OF_A_FINGER,
    MOUSE_MOTION,
    SYSWM,
    TOUCH_BEGIN,
    TOUCH_END,
    TOUCH_UPDATE,
    WindowFingers,
    _Button,
    _Cookie,
    _Touch,
)
from app.touch.told import Told
from app.touch.xinput import BUTTONS, DIRECT, STALE_S, TOUCH, Seen, Touchscreens, _Class, _Info, _seen

XINPUT = 131


class Server:
    opcode = XINPUT

    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    def devices(self) -> Seen:
        return self.seen


def screens(seen: Seen | None, *, needed: bool, clock: Any = lambda: 0.0) -> Touchscreens:
    def connect() -> Any:
        if seen is None:
            raise OSError(0, "no XInput 2")
        return Server(seen)

    return Touchscreens(lambda _told: None, needed=needed, connect=connect, clock=clock)


class Window:
    """SDL, as far as it calls whoever watches."""

    def __init__(self) -> None:
        def nothing(*_given: object) -> None: ...

        names = ("SDL_AddEventWatch", "SDL_DelEventWatch", "SDL_EventState", "SDL_PumpEvents")
        sdl: Any = SimpleNamespace(**{name: lambda *_given, _n=nothing: _n() for name in names})
        seen = Seen(("touchscreen",))
        self.fingers = WindowFingers(sdl, lambda: (801, 481), screens(seen, needed=True))

    def says(self, event: ctypes.Structure) -> list[Contact]:
        message = ctypes.create_string_buffer(8 + 192)
        ctypes.memmove(ctypes.addressof(message) + 8, ctypes.addressof(event), ctypes.sizeof(event))
        passed = ctypes.create_string_buffer(56)
        ctypes.c_uint32.from_buffer(passed).value = SYSWM
        ctypes.c_void_p.from_buffer(passed, 8).value = ctypes.addressof(message)
        self.fingers._see(None, ctypes.addressof(passed))
        return self.fingers.take()

    def touch(self, what: int, number: int, x: float, y: float, extension: int = XINPUT) -> list[Contact]:
        data = _Touch(type=GENERIC_EVENT, evtype=what, detail=number, event_x=x, event_y=y)
        cookie = _Cookie(type=GENERIC_EVENT, evtype=what, extension=extension)
        cookie.data = ctypes.addressof(data)
        return self.says(cookie)

    def moves(self, x: int, y: int, which: int = 0) -> list[Contact]:
        words = (ctypes.c_uint32 * 14)(MOUSE_MOTION, 0, 1, which, 1, x, y)
        self.fingers._see(None, ctypes.addressof(words))
        return self.fingers.take()


def test_fingers_of_the_server_are_contacts_of_their_own() -> None:
    window = Window()
    palm, finger = ("finger", 7), ("finger", 8)
    assert window.touch(TOUCH_BEGIN, 7, 0, 480) == [Contact("down", palm, 0.0, 1.0)]
    assert window.touch(TOUCH_BEGIN, 8, 400, 120) == [Contact("down", finger, 0.5, 0.25)]
    assert window.touch(TOUCH_UPDATE, 7, 200, 480) == [Contact("move", palm, 0.25, 1.0)]
    assert [(c.what, c.key) for c in window.touch(TOUCH_END, 8, 400, 120)] == [("up", finger)]
    assert window.touch(TOUCH_BEGIN, 9, 0, 0, extension=XINPUT + 1) == [], "somebody else's event"


def test_a_mouse_is_one_contact_a_press_and_what_sdl_makes_of_a_finger_none() -> None:
    window = Window()
    mouse = ("mouse", 1)
    assert window.moves(5, 5) == []
    assert window.says(_Button(type=BUTTON_PRESS, button=1, x=400, y=120)) == [
        Contact("down", mouse, 0.5, 0.25)
    ]
    assert window.moves(800, 120) == [Contact("move", mouse, 1.0, 0.25)]
    assert window.moves(0, 0, MADE_OF_A_FINGER) == []
    (again,) = window.says(_Button(type=BUTTON_PRESS, button=1, x=400, y=120))
    assert again.what == "down", "a press whose release went elsewhere hides no other"
    assert [c.what for c in window.says(_Button(type=BUTTON_RELEASE, button=1))] == ["up"]
    assert window.says(_Button(type=BUTTON_PRESS, button=4)) == [], "a wheel"


@pytest.mark.parametrize(
    ("seen", "needed", "mouse_used", "hears"),
    [
        (Seen(("panel",)), True, False, True),
        (Seen((), ("mouse",)), True, False, False),
        (Seen((), ("mouse",)), True, True, True),
        (Seen(), True, True, False),
        (Seen(), False, False, True),
        (None, True, False, False),
        (None, True, True, True),
    ],
)
def test_who_could_press_stop(seen: Seen | None, needed: bool, mouse_used: bool, hears: bool) -> None:
    found = screens(seen, needed=needed)
    found.look()
    assert found.hears(mouse_used) is hears


def test_a_server_that_no_longer_answers_hears_nobody() -> None:
    now = [0.0]
    found = screens(Seen(("panel",)), needed=True, clock=lambda: now[0])
    assert not found.hears(False), "not asked yet"
    found.look()
    assert found.hears(False)
    now[0] = STALE_S + 1
    assert not found.hears(False)


def test_what_is_open_is_told_when_it_changes() -> None:
    told: list[Told] = []
    server = Server(Seen())
    found = Touchscreens(told.append, needed=True, connect=lambda: server, clock=lambda: 0.0)  # type: ignore[arg-type,return-value]
    found.look()
    found.look()
    server.seen = Seen(("panel",))
    found.look()
    assert [[way.name for way in each.open] for each in told] == [[], ["panel"]]


def test_touchscreens_are_told_from_pads_mice_and_what_is_switched_off() -> None:
    kinds = {
        "panel": (3, 1, _Class(type=TOUCH, mode=DIRECT)),
        "pad": (3, 1, _Class(type=TOUCH, mode=2)),
        "off": (3, 0, _Class(type=TOUCH, mode=DIRECT)),
        "mouse": (3, 1, _Class(type=BUTTONS)),
        "Virtual core XTEST pointer": (3, 1, _Class(type=BUTTONS)),
        "Virtual core pointer": (1, 1, _Class(type=TOUCH, mode=DIRECT)),
    }
    infos = (_Info * len(kinds))()
    kept = []
    for info, (name, (use, enabled, about)) in zip(infos, kinds.items(), strict=True):
        classes = (ctypes.POINTER(_Class) * 1)(ctypes.pointer(about))
        kept += [classes, about]
        info.name, info.use, info.enabled, info.many, info.classes = name.encode(), use, enabled, 1, classes
    found = _seen(ctypes.cast(infos, ctypes.POINTER(_Info)), len(kinds))
    assert found == Seen(("panel",), ("mouse",))
