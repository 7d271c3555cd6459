"""Real processes: virtual daemon, controller, and this test as the screen. Truth is the daemon's pins."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.places import Places, machine_file
from app.stack import Stack
from hardware.errors import InstepError
from hardware.machine import Machine
from hardware.messages import Acknowledge, Rate, SetIntensity, Stop
from hardware.safety import limits
from hardware.virtual.watch import StateClient
from tests.daemon import until
from tests.process.screen import BUSY_S, Screen

pytestmark = pytest.mark.process

OFF_S = 1.5  # S12


@pytest.fixture
def screen(stack: Stack) -> Screen:
    return Screen(stack)


def test_a_session_drives_the_pins_and_stop_has_them_off_and_the_bags_empty(screen: Screen) -> None:
    session = screen.start("circulation", intensity=5)
    screen.until(lambda: max(screen.pressures()) > 12)
    assert screen.power()
    assert screen.ask(SetIntensity(level=8)).ok
    screen.until(lambda: screen.client.latest.session.intensity == 8)  # type: ignore[union-attr]
    stopped = time.monotonic()
    assert screen.ask(Stop()).ok
    assert time.monotonic() - stopped < BUSY_S
    assert screen.power() == {}
    screen.until(lambda: max(screen.pressures()) < limits.BAG_EMPTY_MMHG, limits.VENT_S + BUSY_S)
    assert screen.ended(session) == "stopped"
    assert screen.ask(Rate(session=session, before=6, after=3)).ok
    assert not screen.ask(Rate(session="nobody", before=6, after=3)).ok


def test_the_button_stops_within_a_tick(screen: Screen) -> None:
    session = screen.start()
    screen.until(lambda: max(screen.pressures()) > 12)
    pressed = time.monotonic()
    screen.watch.set("emergency_stop", pressed=True)
    screen.until(lambda: not screen.power(), BUSY_S)
    offs = [at for at, pin, duty in screen.watch.edges(0) if at >= pressed and duty == 0 and pin != 26]
    assert offs
    screen.until(lambda: screen.state == "fault")
    screen.watch.set("emergency_stop", pressed=False)
    time.sleep(0.2)
    assert screen.ask(Acknowledge()).ok
    screen.until(lambda: screen.state == "idle")
    assert screen.ended(session) == "fault"


def test_s10_a_screen_that_dies_pauses_the_session(screen: Screen) -> None:
    screen.start()
    screen.until(screen.power)
    screen.alive = False
    screen.until(lambda: screen.state == "paused", limits.SCREEN_PAUSE_S + BUSY_S)
    screen.until(lambda: not screen.power(), BUSY_S)


def test_a_controller_that_is_told_to_go_closes_the_session(screen: Screen) -> None:
    session = screen.start()
    screen.until(screen.power)
    os.kill(screen.stack.pid("controller"), signal.SIGTERM)
    screen.until(lambda: not screen.stack.running("controller"))
    assert screen.power() == {}
    assert screen.ended(session) == "interrupted"


def test_s12_a_killed_controller_leaves_everything_off_and_comes_back_idle(screen: Screen) -> None:
    session = screen.start()
    screen.until(lambda: max(screen.pressures()) > 12)
    os.kill(screen.stack.pid("controller"), signal.SIGKILL)
    gone = screen.until(lambda: not screen.power())
    assert gone < OFF_S + BUSY_S
    screen.until(lambda: max(screen.pressures()) < limits.BAG_EMPTY_MMHG, limits.VENT_S + BUSY_S)
    screen.until(lambda: not screen.client.connected)
    screen.until(lambda: screen.back() and screen.state == "idle")
    assert screen.client.latest.session is None  # type: ignore[union-attr]
    assert screen.ended(session) == "interrupted"
    screen.start()


def test_a_second_controller_is_refused_in_one_line(screen: Screen) -> None:
    places = screen.stack.places
    other = Stack(screen.stack.machine_path, screen.stack.machine, places, virtual=True)
    with (
        pytest.raises(InstepError, match=f"another controller .process {screen.stack.pid('controller')}"),
        other,
    ):
        pass
    screen.until(lambda: screen.state == "idle")


def test_a_second_controller_on_the_same_data_is_refused(screen: Screen, tmp_path: Path) -> None:
    """Each would forget what the other has to remember."""
    runtime = tmp_path / "r"
    runtime.mkdir()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "app", "controller", "--port", str(screen.stack.port)),
            *("--data", str(screen.stack.places.data), "--runtime", str(runtime)),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert f"another controller (process {screen.stack.pid('controller')})" in done.stderr


def test_a_controller_without_pins_says_so(machine: Machine, places: Places) -> None:
    lonely = Stack(machine_file("reference"), machine, places, virtual=False)
    lonely.port = 1
    with pytest.raises(InstepError, match="no pigpio daemon answers at localhost:1"), lonely:
        pass


def test_a_daemon_that_dies_is_a_fault_and_its_return_is_enough_for_a_person_to_go_on(screen: Screen) -> None:
    stack = screen.stack
    session = screen.start()
    screen.until(lambda: max(screen.pressures()) > 12)
    os.kill(stack.pid("virtual"), signal.SIGKILL)
    gone = screen.until(lambda: screen.state == "fault")
    assert gone < OFF_S + BUSY_S
    assert screen.client.latest.faults[0].code == "pins-lost"  # type: ignore[union-attr]
    assert not screen.ask(Acknowledge()).ok, "the cause is still there"
    assert screen.ended(session) == "fault"
    port = stack.port
    assert port is not None
    stack.tend()
    assert stack.port == port
    screen.until(lambda: not screen.client.latest.faults[0].present)  # type: ignore[union-attr]
    assert screen.ask(Acknowledge()).ok
    screen.until(lambda: screen.state == "idle")
    screen.watch.close()
    screen.watch = StateClient(stack.state_socket)
    screen.start("relax", minutes=10)
    screen.until(screen.power)


def test_a_kiosk_that_died_comes_back_and_one_that_was_closed_does_not(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    stack.start_kiosk()
    os.kill(stack.pid("kiosk"), signal.SIGKILL)
    until(lambda: not stack.running("kiosk"))
    assert stack.kiosk_ended() is None
    stack.tend()
    assert stack.running("kiosk")
    os.kill(stack.pid("kiosk"), signal.SIGKILL)
    stack.start("kiosk", "--version")  # in its place: ends with 0, as a window that is closed
    until(lambda: not stack.running("kiosk"))
    stack.tend()
    assert stack.kiosk_ended() == 0
    assert not stack.running("kiosk")


def test_a_process_started_while_told_to_go_is_ended_too(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = subprocess.Popen

    def told_to_go(*arguments: object, **options: object) -> object:
        process = genuine(*arguments, **options)  # type: ignore[call-overload]
        signal.raise_signal(signal.SIGINT)
        return process

    monkeypatch.setattr(subprocess, "Popen", told_to_go)
    with pytest.raises(KeyboardInterrupt):
        stack.start("kiosk", "virtual", "--port", "0")
    assert stack.running("kiosk")
