"""The kiosk as a process of its own, with a finger that reads from standard input.

``touch NAME`` comes down on the widget of that name and stays down; ``where`` answers the place shown. Each
line is answered by one line.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from app.filing import Filing
from app.household.household import Household
from app.kiosk import configure, finish_frames
from app.link.client import Client
from app.places import Places, machine_file
from app.sessions.history import History
from app.shelf import Shelf
from hardware.machine import load_machine


def main(data: str, runtime: str) -> None:
    places = Places(Path(data), Path(runtime))
    configure()
    finish_frames()
    from kivy.clock import Clock

    from app.ui.app import InstepApp

    shelf = Shelf(places.shipped_programs, places.own_programs)
    link = Client(places.runtime, "screen")
    machine = load_machine(machine_file(None))
    household = Household(places, filing=Filing())
    app = InstepApp(link, lambda: History(places.history), shelf, machine, household)
    os.set_blocking(sys.stdin.fileno(), False)
    heard = bytearray()

    def listen(_dt: float) -> None:
        try:
            heard.extend(os.read(sys.stdin.fileno(), 4096))
        except BlockingIOError:
            return
        while b"\n" in heard:
            line, _, rest = bytes(heard).partition(b"\n")
            heard[:] = rest
            sys.stdout.write(_answer(app, line.decode()) + "\n")
            sys.stdout.flush()

    Clock.schedule_interval(listen, 0)
    app.run()


def _answer(app: Any, line: str) -> str:
    from kivy.tests.common import UnitTestTouch

    from app.ui import find

    verb, _, name = line.partition(" ")
    if verb == "where":
        return str(app.router.place)
    widget = find(app.stage, name)
    if verb == "find":
        return "yes" if widget is not None and widget.shown else "no"
    if widget is None:
        return f"there is no {name}"
    UnitTestTouch(*widget.center).touch_down()
    return "touched"


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
