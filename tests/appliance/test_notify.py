"""What the service manager hears, on a real socket: ready after its first tick, alive by whole ones."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator

import pytest

from app import controller as controllers
from app.controller import Controller
from app.notify import Notifier
from app.places import ASSETS, Places
from hardware.board.interface import Board, Outputs, Readings
from hardware.errors import BoardError
from hardware.machine import Machine
from hardware.virtual.board import VirtualBoard
from tests.said import say

REFERENCE = ASSETS / "machines" / "reference.toml"
WATCHDOG_S = 2.0


class Manager:
    """The service manager's end of the socket."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + name[1:] if name.startswith("@") else name)

    def heard(self, wait_s: float = 0.0) -> list[str]:
        """All that has been said since; with ``wait_s`` it waits so long for a first word."""
        words = []
        self._socket.settimeout(wait_s or None)
        if not wait_s:
            self._socket.setblocking(False)
        with contextlib.suppress(BlockingIOError, TimeoutError):
            while True:
                words.append(self._socket.recv(4096).decode())
                self._socket.setblocking(False)
        return words

    def environ(self, watchdog_s: float | None = WATCHDOG_S) -> dict[str, str]:
        watchdog = {} if watchdog_s is None else {"WATCHDOG_USEC": str(int(watchdog_s * 1e6))}
        return {"NOTIFY_SOCKET": self.name, **watchdog}

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager() -> Iterator[Manager]:
    with tempfile.TemporaryDirectory(prefix="in-", dir="/tmp") as folder:
        found = Manager(f"{folder}/notify")
        yield found
        found.close()


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


# --- the words ----------------------------------------------------------------------------------------


def test_ready_is_said_once_and_the_watchdog_fed_well_within_its_time(manager: Manager) -> None:
    clock = Clock()
    notifier = Notifier(manager.environ(), clock)
    for _ in range(40):  # two seconds of ticks
        notifier.ready()
        notifier.feed()
        clock.now += 0.05
    heard = manager.heard()
    assert heard.count("READY=1") == 1
    assert heard.count("WATCHDOG=1") == 4
    notifier.close()


def test_an_abstract_name_works_too() -> None:
    manager = Manager("@instep-test-notify")
    notifier = Notifier(manager.environ())
    notifier.status("two\nlines")
    notifier.status("two\nlines")
    notifier.stopping()
    assert manager.heard() == ["STATUS=two lines", "STOPPING=1"]
    notifier.close()
    manager.close()


@pytest.mark.parametrize("name", [None, "", "/nowhere/at/all", "vsock:2:1", "nonsense"])
def test_without_a_manager_nothing_happens(name: str | None) -> None:
    notifier = Notifier({"WATCHDOG_USEC": "2000000", **({} if name is None else {"NOTIFY_SOCKET": name})})
    notifier.ready()
    notifier.feed()
    notifier.status("well")
    notifier.stopping()
    notifier.close()


@pytest.mark.parametrize(
    "more", [{"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_PID": "1", "WATCHDOG_USEC": "9"}]
)
def test_a_watchdog_that_does_not_wait_for_us_is_not_fed(manager: Manager, more: dict[str, str]) -> None:
    notifier = Notifier({**manager.environ(None), **more})
    notifier.feed()
    assert manager.heard() == []
    notifier.close()


def test_a_manager_that_does_not_listen_stops_nobody(manager: Manager) -> None:
    clock = Clock()
    notifier = Notifier(manager.environ(), clock)
    for _ in range(3000):  # more than its socket holds
        notifier.feed()
        clock.now += 1.0
    assert set(manager.heard()) == {"WATCHDOG=1"}
    clock.now += 1.0
    notifier.feed()
    assert manager.heard() == ["WATCHDOG=1"], "it is fed again as soon as it listens"
    manager.close()
    clock.now += 1.0
    notifier.feed()
    notifier.close()


# --- the controller -----------------------------------------------------------------------------------


class Pins:
    """The virtual machine's board, which can fail and hang."""

    def __init__(self, machine: Machine) -> None:
        self._board = VirtualBoard(machine)
        self.fails: BaseException | None = None
        self.hangs: threading.Event | None = None

    def read(self) -> Readings:
        if self.hangs is not None:
            self.hangs.wait(10)
        if self.fails is not None:
            raise self.fails
        self._board.advance(0.05)
        return self._board.read()

    def write(self, outputs: Outputs) -> None:
        self._board.write(outputs)

    def keep_alive(self) -> None:
        self._board.keep_alive()

    def close(self) -> None:
        self._board.close()


@pytest.fixture
def pins(machine: Machine) -> Pins:
    return Pins(machine)


Make = Callable[..., Controller]


@pytest.fixture
def make(places: Places, manager: Manager, pins: Pins, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """A controller whose pins are ``pins``, unless they cannot be opened so many times."""
    made: list[Controller] = []
    monkeypatch.setattr(controllers, "put_first", lambda: None)
    monkeypatch.setattr(controllers.gc, "freeze", lambda: None)
    monkeypatch.setattr(controllers, "PINS_POLL_S", 0.01)

    def build(*, refused: int = 0, watchdog_s: float = WATCHDOG_S, notified: bool = True) -> Controller:
        left = [refused]

        def board(*_args: object, **_more: object) -> Board:
            if left[0]:
                left[0] -= 1
                raise BoardError(say("no pigpio daemon answers"))
            return pins

        monkeypatch.setattr(controllers, "GpioBoard", board)
        notifier = Notifier(manager.environ(watchdog_s) if notified else {})
        made.append(Controller(REFERENCE, places, pulses=False, notifier=notifier))
        return made[-1]

    yield build
    for controller in made:
        controller.server.close()


@contextlib.contextmanager
def running(controller: Controller, manager: Manager) -> Iterator[threading.Thread]:
    """In a thread of its own, from its first word on; told to go at the end."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            controller.run()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.raised = raised  # type: ignore[attr-defined]
    thread.start()
    try:
        yield thread
    finally:
        controller.end()
        thread.join(10)
        assert not thread.is_alive()


def until_heard(manager: Manager, word: str) -> list[str]:
    heard: list[str] = []
    while word not in heard:
        more = manager.heard(wait_s=5)
        assert more, f"{word} was not said, but {heard}"
        heard += more
    return heard


def test_it_is_ready_after_its_first_tick_on_the_pins(make: Make, manager: Manager) -> None:
    controller = make()
    controller.loop._board = controller._open_board(lambda: None)
    assert manager.heard() == []
    controller.loop.tick()
    assert manager.heard() == ["READY=1", "STATUS=The pins are held.", "WATCHDOG=1"]
    controller.loop.tick()
    assert manager.heard() == []


def test_a_first_tick_that_loses_the_pins_is_not_ready(make: Make, manager: Manager, pins: Pins) -> None:
    controller = make()
    controller.loop._board = controller._open_board(lambda: None)
    pins.fails = BoardError(say("gone"))
    controller.loop.tick()
    assert manager.heard() == ["STATUS=The pins are lost: everything is off.", "WATCHDOG=1"], (
        "the loop itself is sound, and looks for its pins"
    )


def test_a_tick_that_raises_feeds_nothing(make: Make, manager: Manager, pins: Pins) -> None:
    controller = make(watchdog_s=0.02)
    with running(controller, manager) as thread:
        until_heard(manager, "WATCHDOG=1")
        pins.fails = RuntimeError("a bug")
        thread.join(10)
        heard = manager.heard()
    assert isinstance(thread.raised[0], RuntimeError)  # type: ignore[attr-defined]
    assert heard[-1] == "STOPPING=1"
    assert manager.heard() == []


def test_a_loop_that_hangs_feeds_nothing_whatever_else_lives(
    make: Make, manager: Manager, pins: Pins
) -> None:
    controller = make(watchdog_s=0.02)  # fed by each tick
    with running(controller, manager):
        until_heard(manager, "WATCHDOG=1")
        pins.hangs = threading.Event()
        manager.heard(wait_s=0.1)  # the tick that was under way
        assert manager.heard(wait_s=0.25) == []
        pins.hangs.set()
        assert "WATCHDOG=1" in manager.heard(wait_s=5)


def test_pins_that_are_late_are_waited_for_and_named(make: Make, manager: Manager) -> None:
    with running(make(refused=3), manager):
        heard = until_heard(manager, "READY=1")
    assert heard[0] == "STATUS=Waits for the pins: no pigpio daemon answers"
    assert manager.heard()[-1] == "STOPPING=1"


def test_who_is_told_to_go_while_waiting_has_not_failed(make: Make, manager: Manager) -> None:
    with running(make(refused=100_000), manager) as thread:
        until_heard(manager, "STATUS=Waits for the pins: no pigpio daemon answers")
    assert not thread.raised  # type: ignore[attr-defined]
    assert manager.heard()[-1] == "STOPPING=1"


def test_pins_that_do_not_come_end_it(make: Make, manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controllers, "PINS_WAIT_S", 0.05)
    with pytest.raises(BoardError):
        make(refused=100_000).run()
    assert "READY=1" not in manager.heard()


def test_without_a_manager_missing_pins_are_said_at_once(make: Make) -> None:
    with pytest.raises(BoardError):
        make(refused=1, notified=False).run()
