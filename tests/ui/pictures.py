"""Draws the screens offscreen. Each size and theme is a process of its own: Kivy has one window in each."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"800x480": (800, 480), "1280x720": (1280, 720), "1280x800": (1280, 800), "720x1280": (720, 1280)}
README = {
    "home": "home",
    "session": "session-circulation",
    "ready": "ready",
    "history": "history",
    "after": "after-rated",
}


@dataclass
class Moment:
    """A picture: what the machine says, and what was touched on the way to it."""

    name: str
    snapshot: Any
    then: Any = None
    touches: tuple[str, ...] = ()
    connected: bool = True
    history: dict[str, Any] = field(default_factory=dict)
    many: bool = False
    problems: tuple[str, ...] = ()
    refuse: str = ""
    before: Callable[[Any], None] | None = None


def moments() -> list[Moment]:
    from scenes import ADVICE, FAULT, ended, idle, running

    circles = {"lingers": True, "at": 0.5, "motors": {("knead", "arch"): 0.52}, "bags": {"foot": 41.0}}
    return [
        Moment("home", idle()),
        Moment("home-first", idle(), history={"count": 0}),
        Moment(
            "home-warm-notice",
            idle((36.2, 35.8), notices=("Your history is not being kept: the card is full.",)),
        ),
        Moment("home-many", idle(), many=True),
        Moment("home-many-2", idle(), many=True, touches=("page-on",)),
        Moment("home-problem", idle(), problems=("evening.toml: phase[2].minutes: Expected `float` > 0",)),
        Moment("home-advice", idle(faults=(ADVICE,))),
        Moment("ready", idle(), touches=("program-relax",)),
        Moment("ready-again", idle(), touches=("again", "feet-left")),
        Moment("ready-long", idle(), many=True, touches=("page-on", "program-abend")),
        Moment(
            "ready-refused",
            idle(),
            touches=("program-heel", "start"),
            refuse="The left pad is still too warm. Wait until it has cooled below 35 °C.",
        ),
        Moment("session-circulation", running(motors={("vibrate", "sole"): 0.0})),
        Moment(
            "session-relax",
            running(
                "relax",
                at=0.5,
                motors={("knead", "arch"): 0.54, ("roll", "sole"): 0.0},
                bags={"foot": 45.0},
                intensity=5,
            ),
        ),
        Moment(
            "session-rising",
            running(
                "relax",
                at=0.08,
                level=2.3,
                pads=(33.4, 32.9),
                bags={"foot": 24.0},
                motors={("roll", "sole"): 0.32},
            ),
        ),
        Moment("session-paused", running(more={"state": "paused"}, bags={})),
        Moment("session-holding", running(holding_s=24.0, intensity=4, level=2.6, bags={"foot": 8.0})),
        Moment("session-here", running("arch", **circles)),
        Moment(
            "session-ask", running("arch", at=0.30), then=running("arch", **{**circles, "lingers": False})
        ),
        Moment(
            "session-guide",
            running(
                "arch",
                at=0.72,
                bags={"heel": 25.0, "ankle": 25.0},
                guide="Pull your toes towards your shin",
                guide_left_s=11.6,
            ),
        ),
        Moment("session-one-foot", running("relax", at=0.3, feet="left", intensity=4, pads=(38.9, 24.0))),
        Moment("session-advice", running(more={"faults": (ADVICE,)}, bags={"foot": 57.0, "ankle": 50.0})),
        Moment("session-longest", running(at=0.02, minutes=30, title="Feierabendentspannung", level=1.0)),
        Moment(
            "balance", running("relax", at=0.5, balance={"knead": "soft"}, boost="arch"), touches=("balance",)
        ),
        Moment("pain", running(), then=idle(ended=ended("pain", "circulation", 7.6))),
        Moment("after", running("relax"), then=idle((38.8, 38.5), ended=ended())),
        Moment(
            "after-rated",
            running("relax"),
            then=idle((38.8, 38.5), ended=ended()),
            touches=("rate-before-6", "rate-after-2"),
        ),
        Moment("after-stopped", running("heel"), then=idle(ended=ended("stopped", "heel", 0.7, 3))),
        Moment("history", idle(), touches=("history",)),
        Moment("history-older", idle(), touches=("history", "older")),
        Moment("history-filter", idle(), touches=("history", "filter")),
        Moment("history-empty", idle(), touches=("history",), history={"count": 0}),
        Moment("history-one", idle(), touches=("history",), history={"count": 1}),
        Moment("history-broken", idle(), touches=("history",), history={"broken": True}),
        Moment("detail", idle(), touches=("history", "session-h-0")),
        Moment("fault", idle(state="fault", faults=(FAULT,))),
        Moment("fault-detail", idle(state="fault", faults=(FAULT, ADVICE)), touches=("detail",)),
        Moment("offline", idle(), connected=False),
        Moment("waking", None, connected=False),
    ]


def draw(folder: Path, size: tuple[int, int], dark: bool, only: str) -> None:
    """Draw every moment at one size, in this process."""
    from stagehand import Hand

    hand = Hand(size, dark)
    for moment in moments():
        if only and only not in moment.name:
            continue
        hand.play(moment)
        hand.save(folder / f"{moment.name}.png")
    hand.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "build" / "pictures")
    parser.add_argument("--only", default="", help="only the moments whose name contains this")
    parser.add_argument("--size", choices=SIZES, action="append", help="only this size (may be given again)")
    parser.add_argument("--theme", choices=("dark", "light"), action="append")
    parser.add_argument(
        "--readme", action="store_true", help="also write the README's pictures to assets/images"
    )
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    sizes, themes = asked.size or list(SIZES), asked.theme or ["dark", "light"]
    if asked.here:
        draw(asked.folder, SIZES[sizes[0]], themes[0] == "dark", asked.only)
        return
    for size in sizes:
        for theme in themes:
            folder = asked.folder / f"{size}-{theme}"
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory() as home:
                subprocess.run(
                    [
                        sys.executable,
                        __file__,
                        str(folder),
                        "--here",
                        "--size",
                        size,
                        "--theme",
                        theme,
                        "--only",
                        asked.only,
                    ],
                    env={**os.environ, "KIVY_HOME": home, "SDL_VIDEODRIVER": "offscreen"},
                    check=True,
                )
    if asked.readme:
        readme(asked.folder / "800x480-dark", asked.folder / "800x480-light")


def readme(dark: Path, light: Path) -> None:
    """The README's pictures, with few colours so that they stay small."""
    from PIL import Image

    target = ROOT / "assets" / "images"
    for name, source in {**README, "home-light": "home"}.items():
        path = (light if name.endswith("-light") else dark) / f"{source}.png"
        with Image.open(path) as picture:
            picture.convert("RGB").quantize(128).save(target / f"{name}.png", optimize=True)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
