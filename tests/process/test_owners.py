"""Real processes at one daemon's pins: a second controller, and everything-off beside a living one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.places import Places
from app.stack import Stack
from hardware.errors import InstepError
from hardware.messages import Acknowledge
from tests.process.screen import BUSY_S, PATIENCE_S, Screen

pytestmark = pytest.mark.process

OFF_S = 1.5  # S12


@pytest.fixture
def screen(stack: Stack) -> Iterator[Screen]:
    found = Screen(stack)
    yield found
    strike(stack, signal.SIGCONT)
    found.watch.close()


class Second(Stack):
    """Another controller, at the virtual machine that is there already."""

    def _start_virtual(self) -> None: ...


@pytest.fixture
def second(screen: Screen, tmp_path: Path) -> Iterator[Stack]:
    """One with folders of its own; not yet started."""
    with tempfile.TemporaryDirectory(prefix="in-", dir="/tmp") as runtime:
        places = Places(tmp_path / "second", Path(runtime))
        found = Second(screen.stack.machine_path, screen.stack.machine, places, virtual=True)
        found.port = screen.stack.port
        found.state_socket = screen.stack.state_socket
        yield found


def driven(screen: Screen) -> None:
    screen.start()
    screen.until(screen.power, PATIENCE_S)


def strike(stack: Stack, number: signal.Signals) -> None:
    os.kill(stack.pid("controller"), number)


def code(screen: Screen) -> str:
    latest = screen.client.latest
    return latest.faults[0].code if latest is not None and latest.faults else ""


def off_for(screen: Screen, seconds: float) -> None:
    """No power on any pin, and no rail, for so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        seen = screen.watch.state()
        assert not screen.power()
        assert not seen["rail"]
        screen.pump()


def everything_off(port: int | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hardware.safety.everything_off", "--port", str(port)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("frozen", [False, True])
def test_s12_a_second_controller_gets_no_pins_while_the_first_one_lives_or_is_frozen(
    screen: Screen, second: Stack, frozen: bool
) -> None:
    driven(screen)
    if frozen:
        strike(screen.stack, signal.SIGSTOP)
        time.sleep(OFF_S)
    before = time.monotonic()
    with pytest.raises(InstepError, match="another controller holds this machine's pins"), second:
        pass
    assert screen.stack.running("controller")
    if frozen:
        assert not screen.power()
        assert not [edge for edge in screen.watch.edges(before) if edge[2]]
        strike(screen.stack, signal.SIGCONT)
        screen.until(lambda: screen.client.connected, PATIENCE_S)
    assert not code(screen)


def test_s12_the_second_one_takes_the_pins_of_a_dead_one_and_what_it_leaves_is_off(
    screen: Screen, second: Stack
) -> None:
    driven(screen)
    strike(screen.stack, signal.SIGKILL)
    with second:
        other = Screen(second)
        driven(other)
        strike(second, signal.SIGKILL)
        assert other.until(lambda: not other.power(), PATIENCE_S) < OFF_S + BUSY_S
        other.watch.close()
    screen.until(lambda: not screen.watch.state()["rail"], OFF_S + BUSY_S)
    off_for(screen, 1.0)


def test_s12_one_that_lost_its_pins_to_another_never_feeds_the_others_power(
    screen: Screen, second: Stack
) -> None:
    driven(screen)
    screen.watch.put("daemon-gone")
    screen.until(lambda: code(screen) == "pins-lost", PATIENCE_S)
    strike(screen.stack, signal.SIGSTOP)
    screen.watch.take("daemon-gone")
    with second:
        other = Screen(second)
        driven(other)
        strike(screen.stack, signal.SIGCONT)
        screen.until(
            lambda: "another controller" in str(screen.client.latest.faults[0].detail),  # type: ignore[union-attr]
            PATIENCE_S,
        )
        assert not screen.ask(Acknowledge()).ok, "they are still another's"
        assert other.power()
        strike(second, signal.SIGKILL)
        gone = screen.until(lambda: not screen.power(), PATIENCE_S)
        assert gone < OFF_S + BUSY_S
        other.watch.close()
    screen.until(lambda: not screen.client.latest.faults[0].present, PATIENCE_S)  # type: ignore[union-attr]
    screen.until(lambda: not screen.watch.state()["rail"], OFF_S + BUSY_S)
    off_for(screen, 1.0)
    assert screen.ask(Acknowledge()).ok, "they are back"
    driven(screen)


@pytest.mark.parametrize("frozen_s", [None, 0.3, 1.5])
def test_s12_everything_off_beside_a_session_is_the_end_of_its_power(
    screen: Screen, frozen_s: float | None
) -> None:
    session = screen.start()
    screen.until(screen.power, PATIENCE_S)
    if frozen_s is not None:
        strike(screen.stack, signal.SIGSTOP)
        time.sleep(frozen_s)
    done = everything_off(screen.stack.port)
    assert done.returncode == 0, done.stderr
    assert "Everything is off" in done.stdout
    if frozen_s is not None:
        strike(screen.stack, signal.SIGCONT)
    off_for(screen, 5.0)
    assert code(screen) == "switched-off-elsewhere"
    assert screen.ended(session) == "fault"
    assert screen.ask(Acknowledge()).ok, "a person has seen it"
    driven(screen)


def test_s12_everything_off_with_no_controller_and_after_a_dead_one(screen: Screen) -> None:
    driven(screen)
    strike(screen.stack, signal.SIGKILL)
    done = everything_off(screen.stack.port)
    assert done.returncode == 0, done.stderr
    off_for(screen, 1.0)
    screen.until(lambda: screen.back() and screen.state == "idle", PATIENCE_S)
    assert not code(screen)
