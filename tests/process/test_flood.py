"""S3 from outside: three clients send as fast as they can, and Stop of a fourth still comes through."""

from __future__ import annotations

import threading
import time

import pytest

from app.link.client import Client
from app.stack import Stack
from hardware.messages import SetIntensity, Stop
from tests.process.screen import Screen

pytestmark = pytest.mark.process

FLOODS = 3
WITHIN_S = 1.0
"""On a quiet machine it is a twentieth of that; this one has three floods and whatever else it does."""


def test_s3_stop_is_on_the_pins_under_a_flood(stack: Stack) -> None:
    screen = Screen(stack)
    screen.start("circulation")
    screen.until(screen.power)
    over = threading.Event()

    def flood() -> None:
        client = Client(stack.places.runtime, "command-line")
        while not over.is_set():
            for level in range(1, 10):
                client.send(SetIntensity(level=level))
            client.poll()
        client.close()

    floods = [threading.Thread(target=flood) for _ in range(FLOODS)]
    for thread in floods:
        thread.start()
    try:
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            screen.pump()
        assert screen.state == "running", "nor does a flood take the screen's proof of life away"
        pressed = time.monotonic()
        assert screen.ask(Stop()).ok
        offs = [at for at, pin, duty in screen.watch.edges(0) if at >= pressed and duty == 0 and pin != 26]
        assert screen.power() == {}
        assert max(offs) - pressed < WITHIN_S
        print(f"Stop to the last pin off: {(max(offs) - pressed) * 1000:.0f} ms")
    finally:
        over.set()
        for thread in floods:
            thread.join(30)
