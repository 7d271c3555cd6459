"""Which of the kernel's devices are panels, the watch over them, and what the doctor makes of it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.doctor import screen
from app.touch.contact import Contact
from app.touch.evdev import STALE_S, Panels, Reader
from app.touch.panels import panels
from app.touch.told import FILE, Told, Way, forget, heard, teller
from tests.doctor.conftest import TOUCH, Pi, pi  # noqa: F401
from tests.touch.fake import ABS, NUMBER, REPORT, SLOT, FakePort, raw

DIRECT, POINTER = 1 << 1, 1 << 0
MANY, ONE = 0x265800000000003, 0x3
TOUCHES = 1 << 0x14A


def listed(
    event: str, *, name: str = "Panel", props: int = 0, keys: int = 0, axes: int = 0, at: int = 1
) -> str:
    def words(mask: int) -> str:
        text = f"{mask:x}"
        cut = len(text) % 16
        return " ".join(
            part for part in (text[:cut], *(text[i : i + 16] for i in range(cut, len(text), 16))) if part
        )

    return (
        f'I: Bus=0003\nN: Name="{name}"\nS: Sysfs=/devices/usb/input/input{at}\nH: Handlers=mouse0 {event} \n'
        f"B: PROP={words(props)}\nB: EV=b\nB: KEY={words(keys)}\nB: ABS={words(axes)}\n\n"
    )


@pytest.mark.parametrize(
    ("props", "keys", "axes", "fingers"),
    [
        (DIRECT, TOUCHES, MANY, "several"),
        (0, TOUCHES, MANY, "several"),
        (0, 0, MANY, "several"),
        (DIRECT, TOUCHES, ONE, "one"),
        (0, TOUCHES, ONE | 1 << 0x18, "one"),
        (DIRECT, TOUCHES | 1 << 0x140, ONE, "one"),
        (POINTER, TOUCHES | 1 << 0x145 | 1 << 0x110, MANY, "none"),
        (0, TOUCHES | 1 << 0x145, MANY, "none"),
        (POINTER, TOUCHES | 1 << 0x140 | 1 << 0x14B, ONE, "none"),
        (0, 1 << 0x110, ONE, "none"),
        (DIRECT, 0, ONE, "none"),
        (0, 1 << 0x130, ONE, "none"),
    ],
    ids=[
        "panel", "panel that does not say so", "old panel", "resistive", "old resistive", "pen's glass",
        "touch pad", "silent touch pad", "drawing tablet", "emulator's mouse", "no touch", "joystick",
    ],
)  # fmt: skip
def test_what_is_a_panel(props: int, keys: int, axes: int, fingers: str) -> None:
    found = panels(listed("event12", props=props, keys=keys, axes=axes))
    assert [panel.one_finger for panel in found] == {"several": [False], "one": [True], "none": []}[fingers]
    assert [panel.event for panel in found] == ["event12"] * len(found)


class Computer:
    """Panels that come and go; nothing here waits, and threads are run by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.list = ""
        self.ports: dict[str, FakePort | OSError] = {}
        self.said: list[Told] = []
        self.readers: list[Callable[[], None]] = []
        self.panels = Panels(
            self.said.append,
            list_=lambda: self.list,
            open_=self._open,
            spawn=lambda _name, run: self.readers.append(run),
            clock=lambda: self.now,
        )

    def _open(self, event: str) -> FakePort:
        port = self.ports[event]
        if isinstance(port, OSError):
            raise port
        return port

    def plug(self, event: str, at: int = 1, port: FakePort | OSError | None = None) -> FakePort:
        self.list = listed(event, props=DIRECT, keys=TOUCHES, axes=MANY, at=at)
        self.ports[event] = port or FakePort()
        found = self.ports[event]
        return found if isinstance(found, FakePort) else FakePort()

    def look(self) -> None:
        """Once, and each panel that is new is opened."""
        self.panels.look()
        for run in self.readers:
            reader = run.__self__  # type: ignore[attr-defined]
            assert isinstance(reader, Reader)
            try:
                reader.begin()
            except OSError as error:
                reader.why = error.strerror
                reader.end()
        self.readers.clear()
        self.panels.look()

    def feel(self, *events: tuple[int, int, int]) -> list[Contact]:
        for port in self.ports.values():
            if isinstance(port, FakePort):
                port.waits.append(raw(*events, REPORT))
        for reader in self.panels._readers:
            try:
                reader.step()
            except OSError as error:
                reader.why = error.strerror
                reader.end()
        return self.panels.take()

    @property
    def events(self) -> list[str]:
        return [way.event for way in self.said[-1].open]


def down(number: int) -> tuple[tuple[int, int, int], ...]:
    return (ABS, SLOT, 0), (ABS, NUMBER, number)


def test_a_panel_that_comes_late_and_one_that_comes_back_elsewhere() -> None:
    computer = Computer()
    computer.look()
    assert not computer.panels.hears
    assert computer.said == [Told("panels", needed=True)]
    first = computer.plug("event4")
    computer.look()
    assert computer.panels.hears
    assert computer.events == ["event4"]
    (came,) = computer.feel(*down(1))
    assert came.what == "down"

    first.gone = True
    assert computer.feel() == [Contact("up", came.key)], "no finger lies on what is not there"
    assert not computer.panels.hears
    assert first.closed
    del computer.ports["event4"]
    computer.plug("event7", at=2)
    computer.look()
    assert computer.events == ["event7"]
    assert [contact.what for contact in computer.feel(*down(1))] == ["down"]


def test_a_panel_that_may_not_be_opened_yet_is_tried_again() -> None:
    computer = Computer()
    computer.plug("event4", port=PermissionError(13, "Permission denied"))
    computer.look()
    assert computer.said[-1].closed == (Way("event4", "Panel", "Permission denied"),)
    assert not computer.panels.hears
    computer.plug("event4")
    computer.look()
    assert computer.panels.hears
    assert computer.said[-1] == Told("panels", True, (Way("event4", "Panel"),))


def test_another_panel_under_the_same_number_is_another() -> None:
    computer = Computer()
    first = computer.plug("event4")
    computer.look()
    first.gone = True
    computer.feel()
    computer.plug("event4", at=2)
    computer.look()
    assert computer.panels.hears
    assert [contact.what for contact in computer.feel(*down(1))] == ["down"]


def test_a_panel_whose_thread_hangs_does_not_hear() -> None:
    computer = Computer()
    computer.plug("event4")
    computer.look()
    computer.now += STALE_S
    assert not computer.panels.hears


class Pipe(FakePort):
    """What is written into it waits to be read, as in the kernel."""

    def __init__(self) -> None:
        super().__init__()
        self.read_end, self.write_end = os.pipe()
        os.set_blocking(self.read_end, False)

    def fileno(self) -> int:
        return self.read_end

    def read(self) -> bytes:
        try:
            data = os.read(self.read_end, 24 * 64)
        except BlockingIOError:
            return b""
        if not data:
            raise OSError(19, "No such device")
        return data

    def close(self) -> None:
        os.close(self.read_end)
        super().close()


def test_threads_read_a_panel_until_it_is_gone() -> None:
    pipe = Pipe()
    came, text = threading.Event(), [listed("event4", props=DIRECT, keys=TOUCHES, axes=MANY)]
    watch = Panels(
        lambda told: came.set() if told.open else None, list_=lambda: text[0], open_=lambda _: pipe
    )
    watch.start()
    try:
        assert came.wait(60)
        os.write(pipe.write_end, raw(*down(1), REPORT))
        found: list[Contact] = []
        for what in ("down", "up"):
            deadline = time.monotonic() + 60
            while not (found := [*found, *watch.take()]) or found[-1].what != what:
                assert time.monotonic() < deadline
                time.sleep(0.005)
            if what == "down":
                text[0] = ""
                os.close(pipe.write_end)
        assert [contact.what for contact in found] == ["down", "up"]
    finally:
        watch.stop()


def test_what_the_kiosk_tells_goes_with_it(tmp_path: Path) -> None:
    told = Told("panels", True, (Way("event4", "Goodix"),))
    assert heard(tmp_path) is None
    teller(tmp_path)(told)
    assert heard(tmp_path) == told
    (tmp_path / FILE).write_text((tmp_path / FILE).read_text().replace(str(os.getpid()), str(2**22 + 1)))
    assert heard(tmp_path) is None, "the kiosk that said so is dead"
    forget(tmp_path)
    assert not list(tmp_path.iterdir())


NAME = "Goodix Capacitive TouchScreen"
SINGLE = TOUCH.replace("ABS=265800000000003", "ABS=3")


@pytest.mark.parametrize(
    ("kernel", "told", "verdict", "said"),
    [
        (TOUCH, Told("panels", True, (Way("event4", NAME),)), "ok", NAME),
        (SINGLE, Told("panels", True, (Way("event4", NAME),)), "ok", "of one finger"),
        (TOUCH, Told("panels", True), "broken", "has not opened it"),
        (SINGLE, Told("panels", True, (Way("event9", "Other"),)), "broken", "has not opened it"),
        (TOUCH, Told("panels", True, (), (Way("event4", NAME, "I/O error"),)), "broken", "I/O error"),
        ("", Told("panels", True), "broken", "none is there"),
        (TOUCH, Told("x11", True, (Way("", "xwayland-touch:13"),)), "ok", NAME),
        (TOUCH, Told("x11", True), "broken", "has no touchscreen"),
        (TOUCH, Told("x11", True, why="no XInput 2"), "broken", "no XInput 2"),
        (TOUCH, None, "ok", NAME),
    ],
)
def test_the_doctor_asks_the_kiosk(pi: Pi, kernel: str, told: Told | None, verdict: str, said: str) -> None:  # noqa: F811
    pi.write("proc/bus/input/devices", kernel)
    if told is not None:
        pi.places.runtime.mkdir(parents=True, exist_ok=True)
        teller(pi.places.runtime)(told)
    (line,) = screen.touch(pi.look())
    assert (line.verdict, bool(line.do)) == (verdict, verdict != "ok")
    assert said in line.value


def test_on_a_desktop_a_mouse_will_do(pi: Pi) -> None:  # noqa: F811
    pi.write("proc/device-tree/model", "")
    pi.write("proc/bus/input/devices", "")
    (line,) = screen.touch(pi.look())
    assert line.verdict == "ok"
