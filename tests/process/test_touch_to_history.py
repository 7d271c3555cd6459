"""The whole way: a finger on the kiosk's window, the controller, the daemon's pins, the history.

Three real processes. The kiosk draws offscreen; touches are given to it as its input provider would.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.places import Places, only_one
from app.sessions.history import History
from app.stack import Stack
from hardware.safety import limits
from hardware.virtual.watch import StateClient
from tests.process.screen import BUSY_S

pytestmark = [pytest.mark.process, pytest.mark.screen]

SOON_S = 60.0
ARM_S = 0.6
"""A screen that has just opened ignores the finger that opened it."""


class Finger:
    def __init__(self, stack: Stack, home: Path) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "tests.process.finger",
                str(stack.places.data), str(stack.places.runtime),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "SDL_VIDEODRIVER": "offscreen", "KIVY_HOME": str(home)},
        )  # fmt: skip

    def say(self, line: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def until_there(self, name: str) -> None:
        deadline = time.monotonic() + SOON_S
        while self.say(f"find {name}") != "yes":
            assert time.monotonic() < deadline, f"{name} did not appear"
            time.sleep(0.02)

    def touch(self, name: str) -> None:
        """As a person does: where the screen turns under the finger, once more when it is there again."""
        deadline = time.monotonic() + SOON_S
        said = ""
        while said != "touched":
            assert time.monotonic() < deadline, said
            self.until_there(name)
            time.sleep(ARM_S)
            said = self.say(f"touch {name}")


@pytest.fixture
def finger(stack: Stack, tmp_path: Path) -> Iterator[Finger]:
    found = Finger(stack, tmp_path)
    yield found
    found.process.terminate()
    found.process.wait(SOON_S)


def until(condition, within_s: float = SOON_S) -> float:  # type: ignore[no-untyped-def]
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < within_s
        time.sleep(0.01)
    return time.monotonic() - begun


def test_three_touches_start_relax_one_makes_it_stronger_one_stops_it(stack: Stack, finger: Finger) -> None:
    client = stack.client
    rail = stack.machine.rail.pin
    watch = StateClient(stack.state_socket)

    def snapshot():  # type: ignore[no-untyped-def]
        client.wait(0.05)
        return client.latest

    def power() -> set[str]:
        pins = watch.state()["pins"]
        return {pin for pin, state in pins.items() if state["duty"] > 0 and pin != str(rail)}

    until(lambda: snapshot().state == "idle")
    assert power() == set()

    finger.touch("program-relax")
    finger.touch("start")
    finger.touch("none-of-these")
    until(lambda: snapshot().state == "running")
    session = snapshot().session
    assert session.program == "relax"

    heaters = {str(pad.pin) for pad in stack.machine.pad}
    until(lambda: heaters <= power())
    until(lambda: max(watch.state()["bags_mmhg"]) > 12)
    assert watch.state()["rail"]

    finger.touch("plus")
    until(lambda: snapshot().session.intensity == session.intensity + 1)

    # Longer than the controller would wait for a screen that does not prove it is alive.
    until(lambda: snapshot().session.elapsed_s > limits.SCREEN_PAUSE_S + 2)
    assert snapshot().state == "running"

    stopped = time.monotonic()
    assert finger.say("touch stop") == "touched", "Stop never waits for anything"
    until(lambda: power() == set())
    offs = [at for at, pin, duty in watch.edges(stopped) if pin not in (rail, "rail") and duty == 0]
    assert max(offs) - stopped < BUSY_S
    until(lambda: max(watch.state()["bags_mmhg"]) < limits.BAG_EMPTY_MMHG, limits.VENT_S + BUSY_S)

    history = History(stack.places.history)
    try:
        until(lambda: (row := history.last()) is not None and row.outcome == "stopped")
        row = history.last()
        assert row is not None
        assert (row.id, row.program, row.intensity) == (session.id, "relax", session.intensity + 1)
        detail = history.session(session.id)
        assert detail is not None
        assert [e.what for e in detail.events if e.what in ("intensity", "stop")] == ["intensity", "stop"]
        assert len(detail.seconds) >= 4
    finally:
        history.close()
    finger.until_there("home")


def test_a_kiosk_that_is_killed_pauses_the_session_and_a_new_one_goes_on_with_it(
    stack: Stack, finger: Finger, tmp_path: Path
) -> None:
    client = stack.client

    def snapshot():  # type: ignore[no-untyped-def]
        client.wait(0.05)
        return client.latest

    until(lambda: snapshot().state == "idle")
    finger.touch("program-heel")
    finger.touch("start")
    finger.touch("none-of-these")
    until(lambda: snapshot().state == "running")
    finger.process.kill()
    finger.process.wait()
    gone = until(lambda: snapshot().state == "paused")
    assert gone < limits.SCREEN_PAUSE_S + BUSY_S
    again = Finger(stack, tmp_path)
    try:
        again.until_there("stop")
        assert snapshot().state == "paused", "a person decides, not the screen"
        again.touch("pause")
        until(lambda: snapshot().state == "running")
    finally:
        again.process.terminate()
        again.process.wait(SOON_S)


def test_a_controller_that_is_killed_is_told_of_and_the_next_one_is_obeyed(
    stack: Stack, finger: Finger
) -> None:
    client = stack.client

    def state() -> str:
        client.wait(0.05)
        return client.latest.state if client.connected and client.latest else ""

    until(lambda: state() == "idle")
    assert client.latest is not None
    before = client.latest.boot
    finger.touch("history")
    until(lambda: finger.say("where") == "history")
    os.kill(stack.pid("controller"), signal.SIGKILL)
    until(lambda: finger.say("where") == "offline")
    assert finger.say("find stop") == "no"

    def home_again() -> bool:
        stack.tend()
        return finger.say("where") == "home"

    until(home_again)
    # What the dead one said last may still be on its way.
    until(lambda: state() == "idle" and client.latest is not None and client.latest.boot != before)
    for name in ("program-relax", "start", "none-of-these"):
        finger.touch(name)
    until(lambda: state() == "running")
    assert finger.say("touch stop") == "touched"
    until(lambda: state() == "idle")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_start_that_is_told_to_go_takes_its_processes_with_it(
    places: Places, tmp_path: Path, number: signal.Signals
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "start", "--data", str(places.data), "--runtime", str(places.runtime)],
        env={**os.environ, "SDL_VIDEODRIVER": "offscreen", "KIVY_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "Instep runs on a virtual machine" in process.stdout.readline()
    holder = int((places.runtime / "controller.lock").read_text())
    process.send_signal(number)
    assert process.wait(SOON_S) == 128 + number
    process.stdout.close()
    with pytest.raises(ProcessLookupError):
        os.kill(holder, 0)
    with only_one(places.runtime):
        pass
