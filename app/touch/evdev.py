"""The kernel's touch panels, read by the kiosk itself: where it draws without an X server (KMSDRM).

The standard library is enough: a panel is a file that is read, and asked by ioctl. A library for it
(python3-evdev, libmtdev) would have to be there in the right version on the card, and would leave to us what
matters: panels that come late or come back under another number, and frames in which one finger follows
another. SDL reads panels as well, but takes such a frame for one finger that moved.

A thread looks for panels for ever and gives each one a thread of its own, so that neither drawing nor another
panel waits for one whose driver is slow to open or close.
"""

from __future__ import annotations

import array
import fcntl
import logging
import os
import select
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from app.touch.contact import Contact
from app.touch.decode import EVENT, Axis, Decoder, Port, decoder
from app.touch.panels import DEVICES, Panel, panels
from app.touch.told import Told, Way

log = logging.getLogger(__name__)

INPUT = Path("/dev/input")
LOOK_S = 0.5
"""How often new panels are looked for. A computer that loses one for longer than two seconds has lost its
screen (S10)."""
BEAT_S = 1.0
STALE_S = 5.0
"""A thread that was not heard of for so long hangs."""
EVENTS = 256
"""Read at once at most."""
ABS_INFO = struct.Struct("6i")


def _read_ioctl(number: int, size: int) -> int:
    """The request that reads ``size`` bytes by this number of the input devices."""
    return 2 << 30 | size << 16 | ord("E") << 8 | number


class Device:
    """A panel of ``/dev/input``, opened. Raises OSError."""

    def __init__(self, event: str, folder: Path = INPUT) -> None:
        self._fd = os.open(folder / event, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)

    def fileno(self) -> int:
        return self._fd

    def axis(self, code: int) -> Axis:
        data = bytearray(ABS_INFO.size)
        fcntl.ioctl(self._fd, _read_ioctl(0x40 + code, len(data)), data)
        return Axis(*ABS_INFO.unpack(data)[:3])

    def slots(self, code: int, many: int) -> list[int]:
        values = array.array("i", [code, *[0] * many])
        fcntl.ioctl(self._fd, _read_ioctl(0x0A, values.itemsize * len(values)), values)
        return list(values)[1:]

    def pressed(self, key: int) -> bool:
        data = bytearray(96)
        fcntl.ioctl(self._fd, _read_ioctl(0x18, len(data)), data)
        return bool(data[key // 8] >> key % 8 & 1)

    def read(self) -> bytes:
        try:
            data = os.read(self._fd, EVENT.size * EVENTS)
        except BlockingIOError:
            return b""
        if not data:
            raise OSError(0, "it ended")
        return data

    def close(self) -> None:
        os.close(self._fd)


class Reader:
    """One panel, from when it is found until it is gone."""

    def __init__(
        self, panel: Panel, open_: Callable[[str], Port], heard: deque[Contact], clock: Callable[[], float]
    ) -> None:
        self.panel = panel
        self._open, self._heard, self._clock = open_, heard, clock
        self._port: Port | None = None
        self._decoder: Decoder | None = None
        self._beat_s = clock()
        self.opened = False
        self.ended = False
        self.why = ""
        """Why it is not open."""
        self.leave = False

    @property
    def hears(self) -> bool:
        return self.opened and not self.ended and self._clock() - self._beat_s < STALE_S

    def run(self) -> None:
        """In a thread of its own: read until the panel is gone."""
        try:
            self.begin()
            poller = select.poll()
            assert self._port is not None
            poller.register(self._port.fileno(), select.POLLIN)
            while not self.leave:
                if poller.poll(BEAT_S * 1000):
                    self.step()
                self._beat_s = self._clock()
        except OSError as error:
            self.why = error.strerror or str(error)
        except Exception as error:
            log.exception("what %s says is not understood", self.panel.name)
            self.why = repr(error)
        finally:
            self.end()

    def begin(self) -> None:
        """Open it. Raises OSError."""
        self._port = self._open(self.panel.event)
        self._decoder = decoder(self.panel, self._port)
        self.opened, self._beat_s = True, self._clock()

    def step(self) -> None:
        """Take what has come. Raises OSError when the panel is gone."""
        assert self._port is not None
        assert self._decoder is not None
        self._heard.extend(self._decoder.feed(self._port.read()))

    def end(self) -> None:
        """No finger lies on a panel that is gone."""
        self.opened = False
        if self._decoder is not None:
            self._heard.extend(self._decoder.lift())
        if self._port is not None:
            self._port.close()
        self.ended = True


def _spawn(name: str, run: Callable[[], None]) -> None:
    threading.Thread(target=run, name=name, daemon=True).start()


def _kernels_list() -> str:
    return (Path("/") / DEVICES).read_text(errors="replace")


class Panels:
    """Every panel of this computer, now and later.

    ``told`` is called with what is open whenever that has changed, never by the thread that draws. The
    rest can be replaced, so that each way in which a panel goes wrong can be shown without having one.
    """

    def __init__(
        self,
        told: Callable[[Told], None] = lambda _told: None,
        *,
        list_: Callable[[], str] = _kernels_list,
        open_: Callable[[str], Port] = Device,
        spawn: Callable[[str, Callable[[], None]], None] = _spawn,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell, self._list, self._open, self._spawn, self._clock = told, list_, open_, spawn, clock
        self._heard: deque[Contact] = deque()
        self._readers: tuple[Reader, ...] = ()
        self._why: dict[Panel, str] = {}
        self._last: Told | None = None
        self._leave = threading.Event()

    def start(self) -> None:
        self._leave.clear()
        self._spawn("panels", self._run)

    def stop(self) -> None:
        self._leave.set()
        for reader in self._readers:
            reader.leave = True

    def take(self) -> list[Contact]:
        found = []
        while self._heard:
            found.append(self._heard.popleft())
        return found

    @property
    def hears(self) -> bool:
        return any(reader.hears for reader in self._readers)

    def _run(self) -> None:
        while not self._leave.wait(LOOK_S if self._last is not None else 0):
            try:
                self.look()
            except Exception:
                log.exception("the touch panels cannot be looked for")

    def look(self) -> None:
        """Once: panels that are new, or could not be opened, are opened; those that are gone are let go."""
        try:
            there = panels(self._list())
        except OSError as error:
            log.warning("the kernel's list of input devices cannot be read: %s", error.strerror)
            there = []
        for reader in self._readers:
            if reader.ended and reader.panel in there:
                self._say_why(reader.panel, reader.why)
        living = tuple(reader for reader in self._readers if not reader.ended)
        held = {reader.panel for reader in living}
        new = tuple(
            Reader(panel, self._open, self._heard, self._clock) for panel in there if panel not in held
        )
        self._readers = (*living, *new)
        for reader in new:
            self._spawn(reader.panel.event, reader.run)
        self._why = {panel: why for panel, why in self._why.items() if panel in there}
        self._say()

    def _say_why(self, panel: Panel, why: str) -> None:
        if self._why.get(panel) != why:
            log.warning("the touchscreen %s (%s) is not open: %s", panel.name, panel.event, why)
        self._why[panel] = why

    def _say(self) -> None:
        opened = [reader.panel for reader in self._readers if reader.opened]
        for panel in opened:
            self._why.pop(panel, None)
        now = Told(
            way="panels",
            needed=True,
            open=tuple(Way(panel.event, panel.name) for panel in opened),
            closed=tuple(Way(panel.event, panel.name, why) for panel, why in self._why.items()),
        )
        if now != self._last:
            self._last = now
            self._tell(now)
