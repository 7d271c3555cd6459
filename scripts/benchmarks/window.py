"""A process of ``scripts/bench``: one window, the kiosk's or an empty one, watched from inside.

``kiosk|empty BEGUN IDLE_S OUT DATA RUNTIME``; BEGUN is the monotonic time at which it was started.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import msgspec

SETTLE_S = 3.0


def main(what: str, begun: float, idle_s: float, out: Path, places: tuple[str, str]) -> None:
    app = _kiosk(*places) if what == "kiosk" else _empty()
    from kivy.clock import Clock
    from kivy.core.window import Window

    from app.kiosk import finish_frames

    finish_frames()
    frames: list[float] = []
    Window.bind(on_flip=lambda _window: frames.append(time.monotonic()))
    start: dict[str, float] = {}

    def settle(_dt: float) -> None:
        start["cpu"], start["frames"] = time.process_time(), len(frames)
        Clock.schedule_once(end, idle_s)

    def end(_dt: float) -> None:
        cpu = time.process_time() - start["cpu"]
        out.write_bytes(
            msgspec.json.encode(
                {
                    "first_frame_s": frames[0] - begun,
                    "memory_mb": _resident_mb(),
                    "redraws": len(frames) - int(start["frames"]),
                    "cpu_share": cpu / idle_s if idle_s else 0.0,
                }
            )
        )
        app.stop()

    # Long enough for what a start still has to draw and to fetch, short when only the start counts.
    Clock.schedule_once(settle, SETTLE_S if idle_s else SETTLE_S / 3)
    app.run()


def _empty() -> Any:
    from app.kiosk import configure

    configure(touch="")
    from kivy.app import App
    from kivy.uix.widget import Widget

    class Empty(App):
        def build(self) -> Any:
            return Widget()

    return Empty()


def _kiosk(data: str, runtime: str) -> Any:
    """Made as ``instep kiosk`` makes it."""
    from app.household.household import Household
    from app.kiosk import configure
    from app.link.client import Client
    from app.places import Places, machine_file
    from app.sessions.history import History
    from app.shelf import Shelf
    from hardware.machine import load_machine

    places = Places(Path(data), Path(runtime))
    configure(touch="")
    from app.ui.app import InstepApp

    shelf = Shelf(places.shipped_programs, places.own_programs)
    machine = load_machine(machine_file(None))
    return InstepApp(
        Client(places.runtime), lambda: History(places.history), shelf, machine, Household(places)
    )


def _resident_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]), (sys.argv[5], sys.argv[6]))
