"""A process of ``scripts/bench``: virtual daemon, controller and kiosk with a session running.

``apart FOLDER SECONDS OUT`` runs the kiosk as a child; ``together`` runs it in this very process. Either
way OUT gets the lateness of every tick of the watch as a JSON list of seconds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec

from app.controller import Controller
from app.household.household import Household
from app.link.client import Client
from app.places import Places, machine_file
from app.sessions.history import History
from app.stack import Stack
from hardware.machine import load_machine
from hardware.messages import Alive, Start

SETTLE_S = 8.0


def main(how: str, folder: str, seconds: float, out: Path) -> None:
    path = machine_file("reference")
    machine = load_machine(path)
    places = Places(Path(folder) / "data", Path(folder) / "run")
    virtual = Stack(path, machine, places, virtual=True)
    virtual._start_virtual()
    late: list[float] = []
    controller = Controller(path, places, port=virtual.port)
    controller.loop.lateness = late.append

    def direct() -> None:
        """Starts the session, and ends the watch."""
        client = Client(places.runtime, "screen")
        _until(client, "idle")
        client.send(Start(program="relax", minutes=30, intensity=5, heat_c=38.0, answers=()))
        begun = time.monotonic()
        marked = 0
        while time.monotonic() - begun < SETTLE_S + seconds:
            if not marked and time.monotonic() - begun > SETTLE_S:
                marked = len(late)
            client.wait(0.1)
            client.send(Alive())
        client.close()
        out.write_bytes(msgspec.json.encode(late[marked:]))
        controller.end()

    threading.Thread(target=direct, daemon=True).start()
    if how == "apart":
        kiosk = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "app",
                "kiosk",
                "--data",
                str(places.data),
                "--runtime",
                str(places.runtime),
            ],
            env={**os.environ, "KIVY_HOME": folder},
        )
        controller.run()
        kiosk.terminate()
        kiosk.wait()
    else:
        os.environ["KIVY_HOME"] = folder
        from app.kiosk import configure, finish_frames

        configure()
        finish_frames()
        from kivy.app import App
        from kivy.clock import Clock

        from app.ui.app import InstepApp

        def control() -> None:
            controller.run()
            Clock.schedule_once(lambda _dt: App.get_running_app().stop())

        threading.Thread(target=control, daemon=True).start()
        client = Client(places.runtime, "screen")
        InstepApp(client, lambda: History(places.history), controller.shelf, machine, Household(places)).run()
    virtual.close()


def _until(client: Client, state: str) -> None:
    while client.latest is None or client.latest.state != state:
        client.wait(0.05)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), Path(sys.argv[4]))
