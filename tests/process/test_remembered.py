"""S13 from outside: a latched fault outlives kill -9 and the plug; only the file on the disk remembers it."""

from __future__ import annotations

import os
import signal

import pytest

from app.stack import Stack
from hardware.messages import Acknowledge, Start
from hardware.virtual.watch import StateClient
from tests.process.screen import Screen

pytestmark = pytest.mark.process


def struck(stack: Stack, screen: Screen, *names: str) -> None:
    for name in names:
        os.kill(stack.pid(name), signal.SIGKILL)
    screen.until(lambda: not any(stack.running(name) for name in names))
    screen.until(lambda: not screen.client.connected)
    screen.until(screen.back)


def test_s13_a_latched_fault_outlives_kill_9_and_the_plug(stack: Stack) -> None:
    screen = Screen(stack)
    screen.start("circulation", intensity=5)
    screen.until(screen.power)
    screen.watch.set("emergency_stop", pressed=True)
    screen.until(lambda: screen.state == "fault")
    (code,) = {fault.code for fault in screen.client.latest.faults if fault.latched}  # type: ignore[union-attr]
    screen.watch.set("emergency_stop", pressed=False)
    for names in (("controller",), ("controller", "virtual")):
        struck(stack, screen, *names)
        screen.watch.close()
        screen.until(stack.state_socket.is_socket)
        screen.watch = StateClient(stack.state_socket)
        latest = screen.client.latest
        assert latest is not None
        assert latest.state == "fault"
        assert [fault.code for fault in latest.faults if fault.latched] == [code]
        begun = screen.watch.state()["now_s"]
        screen.until(lambda begun=begun: screen.watch.state()["now_s"] > begun + 1.5)  # type: ignore[misc]
        assert screen.power() == {}
        assert not screen.watch.state()["rail"]
        assert not [edge for edge in screen.watch.edges(begun) if edge[1] == stack.machine.rail.pin]
        assert not screen.ask(Start(program="relax", minutes=15, intensity=1, answers=())).ok
    screen.until(lambda: screen.ask(Acknowledge()).ok, 90)
    screen.until(lambda: screen.state == "idle")
    screen.start("circulation")
    screen.until(screen.power)
