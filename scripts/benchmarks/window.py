"""A process of ``scripts/bench``: one window, the kiosk's or an empty one, watched from inside.

``kiosk|empty|session BEGUN IDLE_S OUT DATA RUNTIME``; BEGUN is the monotonic time at which it was started.
``session`` is the kiosk with a session running: first it moves as fast as it can, then it rests.
"""

from __future__ import annotations

import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

SETTLE_S = 3.0
MOVES_S = 5.0


def main(what: str, begun: float, idle_s: float, out: Path, places: tuple[str, str]) -> None:
    app = _empty() if what == "empty" else _kiosk(*places)
    from kivy.clock import Clock
    from kivy.core.window import Window

    from app.kiosk import finish_frames

    finish_frames()
    frames: list[float] = []
    Window.bind(on_flip=lambda _window: frames.append(time.monotonic()))
    start: dict[str, float] = {}

    moving: list[float] = []

    def move(_dt: float) -> None:
        """The whole screen fades in and out, as it does between two screens, for a while."""
        from kivy.animation import Animation

        from hardware.messages import Start

        app.send(Start(program="circulation", minutes=20, intensity=5, heat_c=40.0, answers=()))
        fade = Animation(opacity=0.5, duration=0.25) + Animation(opacity=1.0, duration=0.25)
        fade.repeat = True

        def begin(_dt: float) -> None:
            fade.start(app.stage.screen)
            start["moves"] = len(frames)

        def rest(_dt: float) -> None:
            moving.extend(frames[int(start["moves"]) :])
            Animation.cancel_all(app.stage.screen)
            app.stage.screen.opacity = 1.0
            Clock.schedule_once(settle, 1.0)

        Clock.schedule_once(begin, SETTLE_S)
        Clock.schedule_once(rest, SETTLE_S + MOVES_S)

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
                    "frame_s": [later - earlier for earlier, later in pairwise(moving)],
                }
            )
        )
        app.stop()

    # Long enough for what a start still has to draw and to fetch, short when only the start counts.
    Clock.schedule_once(move if what == "session" else settle, SETTLE_S if idle_s else SETTLE_S / 3)
    app.run()


def _empty() -> Any:
    from app.kiosk import configure

    configure(whole=True)
    from kivy.app import App
    from kivy.uix.widget import Widget

    class Empty(App):  # type: ignore[misc]
        def build(self) -> Any:
            return Widget()

    return Empty()


def _kiosk(data: str, runtime: str) -> Any:
    """Made as ``instep kiosk`` makes it."""
    from app.household.household import Household
    from app.kiosk import configure
    from app.link.client import Client
    from app.places import Places, machine_file
    from app.shelf import Shelf
    from hardware.machine import load_machine

    def history() -> Any:
        from app.sessions.history import History

        return History(places.history)

    places = Places(Path(data), Path(runtime))
    configure()
    from app.ui.app import InstepApp

    shelf = Shelf(places.shipped_programs, places.own_programs)
    machine = load_machine(machine_file(None, places))
    return InstepApp(Client(places.runtime, "screen"), history, shelf, machine, Household(places))


def _resident_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]), (sys.argv[5], sys.argv[6]))
