"""From a touch on Stop in the kiosk to the last power pin off in the daemon: kiosk, controller and daemon.

The touch begins where Kivy's input provider hands it over; the panel's own delay comes on top.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from app.household.household import Household
from app.places import Places, machine_file
from app.stack import Stack
from hardware.machine import load_machine
from hardware.messages import Start
from hardware.virtual.watch import StateClient
from scripts.benchmarks.figure import Figure, quantile

LEAST_TOUCHES = 20
A_TOUCH_S = 4.0


def figures(seconds: float) -> Iterator[Figure]:
    taken = _measure(max(LEAST_TOUCHES, int(seconds / A_TOUCH_S)))
    yield Figure("touch to pin: median", median(taken) * 1000, "ms")
    yield Figure("touch to pin: 99 %", quantile(taken, 0.99) * 1000, "ms", "≤ 60")
    yield Figure("touches measured", len(taken), "touches")


def _measure(touches: int) -> list[float]:
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/tmp") as folder:
        os.environ["KIVY_HOME"] = folder
        path = machine_file("reference")
        places = Places(Path(folder) / "data", Path(folder) / "run")
        with Stack(path, load_machine(path), places, virtual=True) as stack:
            return _in_window(stack, touches)


def _in_window(stack: Stack, touches: int) -> list[float]:
    from app.kiosk import configure, finish_frames

    configure()
    finish_frames()
    from kivy.clock import Clock

    from app.sessions.history import History
    from app.shelf import Shelf
    from app.ui.app import InstepApp

    shelf = Shelf(stack.places.shipped_programs)
    app = InstepApp(
        stack.client, lambda: History(stack.places.history), shelf, stack.machine, Household(stack.places)
    )
    taken: list[float] = []
    play = _play(app, stack, touches, taken)

    def go_on(_dt: float) -> None:
        if next(play, None) is None:
            app.stop()

    Clock.schedule_interval(go_on, 0)
    app.run()
    return taken


def _play(app: Any, stack: Stack, touches: int, taken: list[float]) -> Iterator[bool]:
    """One frame of the script at a time; yields True until it is through."""
    from kivy.tests.common import UnitTestTouch

    from app.ui import find

    client, rail = stack.client, stack.machine.rail.pin
    with StateClient(stack.state_socket) as watch:

        def on() -> bool:
            pins = watch.state()["pins"]
            return any(pin["duty"] > 0 for number, pin in pins.items() if number != str(rail))

        while len(taken) < touches:
            while client.latest is None or client.latest.state != "idle":
                yield True
            client.send(Start(program="relax", minutes=15, intensity=3, heat_c=39.0, answers=()))
            while not (on() and find(app.stage, "stop")):
                yield True
            settled = time.monotonic() + 0.5
            while time.monotonic() < settled:
                yield True
            stop = find(app.stage, "stop")
            assert stop is not None
            touched = time.monotonic()
            UnitTestTouch(*stop.center).touch_down()
            while on():
                yield True
            offs = [at for at, pin, duty in watch.edges(touched) if pin not in (rail, "rail") and duty == 0]
            taken.append(max(offs) - touched)
