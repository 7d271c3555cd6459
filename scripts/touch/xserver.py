"""An X server without a screen, and a touchscreen and a mouse that do as they are told.

Xorg's "dummy" driver draws into memory; its "inputtest" driver takes a device's events from a socket, and
the server cannot tell them from those of a panel. Debian: xserver-xorg-core, xserver-xorg-video-dummy.
"""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

MODULES = Path("/usr/lib/xorg/modules")
DRIVERS = ("drivers/dummy_drv.so", "input/inputtest_drv.so")
START_S = 30.0
FIRST = 60
"""Displays below belong to others."""
RANGE = 0xFFFF
"""Of the touchscreen's axes."""
CLIENT_VERSION, WAIT_FOR_SYNC, MOTION, BUTTON, TOUCH = 0, 1, 2, 4, 6
TOUCH_BEGIN, TOUCH_UPDATE, TOUCH_END = 18, 19, 20
VALUATORS = 64

CONFIG = """
Section "ServerFlags"
    Option "AutoAddDevices" "false"
    Option "DontVTSwitch" "true"
    Option "BlankTime" "0"
EndSection
Section "Device"
    Identifier "memory"
    Driver "dummy"
    VideoRam 32768
EndSection
Section "Monitor"
    Identifier "monitor"
    HorizSync 5.0-1000.0
    VertRefresh 5.0-200.0
    Modeline "800x480" 30.75 800 824 896 992 480 483 493 500
EndSection
Section "Screen"
    Identifier "screen"
    Device "memory"
    Monitor "monitor"
    DefaultDepth 24
    SubSection "Display"
        Depth 24
        Modes "800x480"
        Virtual 800 480
    EndSubSection
EndSection
Section "InputDevice"
    Identifier "touchscreen"
    Driver "inputtest"
    Option "SocketPath" "{touch}"
    Option "DeviceType" "Touch"
    Option "TouchCount" "10"
EndSection
Section "InputDevice"
    Identifier "mouse"
    Driver "inputtest"
    Option "SocketPath" "{mouse}"
    Option "DeviceType" "PointerAbsolute"
EndSection
Section "ServerLayout"
    Identifier "layout"
    Screen "screen"
    InputDevice "touchscreen"
    InputDevice "mouse" "CorePointer"
EndSection
"""


def missing() -> str:
    """What this computer lacks for it; empty when nothing."""
    if shutil.which("Xorg") is None:
        return "there is no Xorg (Debian: xserver-xorg-core)"
    lacks = [name for name in DRIVERS if not (MODULES / name).exists()]
    return f"Xorg lacks {', '.join(lacks)} (Debian: xserver-xorg-core, xserver-xorg-video-dummy)" * bool(
        lacks
    )


class _Device:
    """What goes to one of the server's devices."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(START_S)
        self._socket.connect(str(path))
        self._say(CLIENT_VERSION, struct.pack("HH", 1, 1))
        self._answer()

    def _say(self, kind: int, data: bytes = b"") -> None:
        self._socket.sendall(struct.pack("II", 8 + len(data), kind) + data)

    def _answer(self) -> None:
        (length,) = struct.unpack("I", self._socket.recv(4, socket.MSG_WAITALL))
        self._socket.recv(length - 4, socket.MSG_WAITALL)

    def settle(self) -> None:
        """Returns once the server has worked off all of it."""
        self._say(WAIT_FOR_SYNC)
        self._answer()

    @staticmethod
    def _valuators(x: float, y: float) -> bytes:
        places = [x * RANGE, y * RANGE, *[0.0] * (VALUATORS - 2)]
        nothing = [0.0] * VALUATORS
        return struct.pack(f"I8s{VALUATORS}d{VALUATORS}d", 0, b"\x03" + bytes(7), *places, *nothing)

    def close(self) -> None:
        self._socket.close()


class Touchscreen(_Device):
    """Places are shares of the screen, y downwards. Several fingers at once have numbers of their own."""

    def down(self, finger: int, x: float, y: float) -> None:
        self._touch(finger, TOUCH_BEGIN, x, y)

    def move(self, finger: int, x: float, y: float) -> None:
        self._touch(finger, TOUCH_UPDATE, x, y)

    def up(self, finger: int, x: float = 0.0, y: float = 0.0) -> None:
        self._touch(finger, TOUCH_END, x, y)

    def _touch(self, finger: int, what: int, x: float, y: float) -> None:
        self._say(TOUCH, struct.pack("II", finger, what) + self._valuators(x, y))


class Mouse(_Device):
    def move(self, x: float, y: float) -> None:
        self._say(MOTION, struct.pack("I4x", 1) + self._valuators(x, y))

    def press(self, button: int, down: bool) -> None:
        empty = struct.pack(f"I8s{VALUATORS}d{VALUATORS}d", 0, bytes(8), *[0.0] * (2 * VALUATORS))
        self._say(BUTTON, struct.pack("iiI4x", 1, button, down) + empty)


class XServer:
    """Runs for as long as the ``with`` block lasts; ``folder`` is for what it writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.display = ""

    def __enter__(self) -> Self:
        touch, mouse = self._folder / "touch", self._folder / "mouse"
        config, log = self._folder / "xorg.conf", self._folder / "xorg.log"
        config.write_text(CONFIG.format(touch=touch, mouse=mouse))
        read, write = os.pipe()
        with (self._folder / "xorg.out").open("wb") as out:
            self._process = subprocess.Popen(
                ["Xorg", "-displayfd", str(write), "-config", str(config), "-logfile", str(log),
                 "-configdir", str(self._folder), "-noreset", "-nolisten", "tcp"],
                pass_fds=(write,), stdout=out, stderr=out, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        os.close(write)
        with os.fdopen(read) as said:
            number = said.readline().strip()
        if not number:
            self._process.wait()
            raise RuntimeError(f"Xorg did not start:\n{log.read_text()[-2000:]}")
        self.display = f":{number}"
        self.touchscreen, self.mouse = Touchscreen(touch), Mouse(mouse)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
