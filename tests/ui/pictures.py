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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hardware.message import Message

ROOT = Path(__file__).resolve().parents[2]
SIZES = {
    "800x480": (800, 480),
    "1280x720": (1280, 720),
    "1280x800": (1280, 800),
    "720x1280": (720, 1280),
    "480x800": (480, 800),
    "1280x400": (1280, 400),
}
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
    programs: Callable[[Any], Any] | None = None
    """Makes of the shipped programs those that there are."""
    machine: str = "reference"
    problems: tuple[Message, ...] = ()
    wrong: str = ""
    refuse: str = ""
    place: str = ""
    """Where it is gone to before the touches."""
    last: Any = None
    """What the machine says after them."""
    acts: Callable[[Any], None] | None = None
    """What the hand does at the end."""
    before: Callable[[Any], None] | None = None
    """Makes the household what it is in this picture."""


TICKS = tuple(f"applies-{id_}" for id_ in ("feeling", "thinners", "veins", "pregnant", "implant", "flare"))
"""All that changes a guest's massage."""


def never_gone_through(household: Any) -> None:
    household.standing = lambda _machine: "never"


def _locked(household: Any) -> None:
    household.pin.set("1234")


def _behind_the_pin(household: Any) -> None:
    """The right one is four touches away."""
    household.pin.set("4444")


def _card_full(household: Any) -> None:
    from hardware.errors import InstepError
    from tests.said import say

    def save(_value: Any) -> None:
        raise InstepError(say("preferences.json cannot be written: No space left on device"))

    household.preferences.save = save


def _faulty(code: str, mmhg: float, *, present: bool = True) -> Any:
    """A fault with the longest there is to say of the air: two bags of that pressure."""
    from scenes import idle

    from hardware.messages import BagView
    from tests.said import fault_view

    found = fault_view(code, present=present)
    bags = tuple(BagView(zone, mmhg, None, False) for zone in ("ankle", "calf"))
    return idle(state="fault", faults=(found,), bags=bags)


def _understood(hand: Any) -> None:
    """Touched, and refused."""
    from hardware.messages import Acknowledge

    hand.link.refuse[Acknowledge] = "The cause is still there."
    hand.touch("acknowledge")


def moments() -> list[Moment]:
    import past_moments
    import serviced
    import states
    from scenes import ADVICE, FAULT, ended, household_of, idle, running

    from app.sessions.trouble import disk_full
    from hardware.messages import PreheatView
    from hardware.safety.faults import FAULTS
    from tests.said import say

    mistake = "evening.toml: phase[2].minutes: expected `float` > 0"
    family = household_of("Anna", "Jonas", "Maximiliane-Josefa", "Олена")
    crowd = household_of(*(f"{name} {number}" for name in ("Anna", "Björn", "Cécile") for number in range(8)))
    unscreened = household_of("Anna", answered=None)

    circles = {"lingers": True, "at": 0.5, "motors": {("knead", "arch"): 0.52}, "bags": {"foot": 41.0}}
    return [
        Moment("home", idle()),
        Moment("home-first", idle(), history={"count": 0}),
        Moment(
            "home-warm-notice",
            idle((36.2, 35.8), notices=(disk_full(),)),
        ),
        Moment("home-many", idle(), many=True),
        Moment("home-many-2", idle(), many=True, touches=("page-on",)),
        Moment("home-problem", idle(), problems=(say(mistake),)),
        Moment("home-advice", idle(faults=(ADVICE,))),
        Moment("home-new", idle(), before=never_gone_through),
        Moment("ready", idle(), touches=("program-relax",)),
        Moment(
            "ready-warming",
            idle(),
            touches=("program-relax",),
            last=idle((27.4, 29.0), state="preheating", preheat=PreheatView(161.0, "both")),
        ),
        Moment("ready-warm", idle((35.2, 34.1)), touches=("program-relax",)),
        Moment("ready-again", idle(), touches=("again", "feet-left")),
        Moment("ready-long", idle(), many=True, touches=("page-on", "program-abend")),
        Moment(
            "ready-refused",
            idle(),
            touches=("program-heel", "start", "none-of-these"),
            refuse="Something is wrong with the machine. See the message on the screen.",
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
        Moment("after-cool", running("heel"), then=idle(ended=ended("completed", "heel"))),
        Moment("after-stopped", running("heel"), then=idle(ended=ended("stopped", "heel", 0.7, 3))),
        Moment("history", idle(), touches=("history",)),
        Moment("history-older", idle(), touches=("history", "older")),
        Moment("history-filter", idle(), touches=("history", "filter")),
        Moment("history-empty", idle(), touches=("history",), history={"count": 0}),
        Moment("history-one", idle(), touches=("history",), history={"count": 1}),
        Moment("history-broken", idle(), touches=("history",), history={"broken": True}),
        Moment("detail", idle(), touches=("history", "session-h-0")),
        Moment("settings", idle(), touches=("settings",)),
        Moment("settings-language", idle(), touches=("settings", "section-language")),
        Moment("settings-rest", idle(), touches=("settings", "section-rest")),
        Moment("settings-reminders", idle(), touches=("settings", "section-reminders")),
        Moment("settings-lock", idle(), touches=("settings", "section-lock")),
        Moment(
            "settings-lock-set",
            idle(),
            touches=("settings", *4 * ("pin-4",), "section-lock"),
            before=_behind_the_pin,
        ),
        Moment("settings-about", idle(), touches=("settings", "section-about")),
        Moment("settings-trouble", idle(), touches=("settings", "night-dimming-False"), before=_card_full),
        Moment("pin", idle(), touches=("settings", "pin-4", "pin-7"), before=_locked),
        Moment("pin-wrong", idle(), touches=("settings", *4 * ("pin-4",)), before=_locked),
        Moment("pin-wait", idle(), touches=("settings", *12 * ("pin-4",)), before=_locked),
        Moment("pin-new", idle(), touches=("settings", "section-lock", "pin-set", *4 * ("pin-4",))),
        *serviced.moments(),
        *past_moments.moments(),
        *states.moments(),
        Moment("home-anna", idle(), history={"whose": "anna"}, before=household_of("Anna", "Jonas")),
        Moment("people-first", idle(), touches=("who",)),
        Moment("people", idle(), touches=("who",), before=family),
        Moment("people-full", idle(), touches=("who", "people-on"), before=crowd),
        Moment("person", idle(), touches=("who", "edit-anna"), before=family),
        Moment(
            "person-feeling",
            idle(),
            touches=("who", "edit-anna"),
            before=household_of("Maximiliane-Josefa", "Jo", sits=1, yes=("feeling", "flare"), ticklish=True),
        ),
        Moment(
            "person-new", idle(), touches=("who", "edit-anna"), before=household_of("Олена", answered=None)
        ),
        Moment("farewell", idle(), touches=("who", "edit-anna", "remove"), before=household_of("Anna")),
        Moment(
            "farewell-sessions",
            idle(),
            history={"whose": "anna"},
            touches=("who", "edit-anna", "remove"),
            before=household_of("Anna"),
        ),
        Moment("naming", idle(), touches=("who", "add-person", "key-a", "key-n", "key-n")),
        Moment("naming-cyrillic", idle(), touches=("who", "add-person", *3 * ("key-page",), "key-о")),
        Moment(
            "naming-error",
            idle(),
            touches=("who", "add-person", "key-j", "key-o", "name-done"),
            before=household_of("Jo"),
        ),
        Moment("screening", idle(), touches=("program-relax",), before=unscreened),
        Moment("screening-yes", idle(), touches=("program-relax", *3 * ("no",), "yes"), before=unscreened),
        Moment("screening-long", idle(), touches=("program-relax", *8 * ("no",), "yes"), before=unscreened),
        Moment("screening-clear", idle(), touches=("program-relax", *14 * ("no",)), before=unscreened),
        Moment(
            "screening-some",
            idle(),
            touches=("program-relax", *8 * ("no",), "yes", "go-on", *4 * ("no",), "yes", "go-on"),
            before=unscreened,
        ),
        Moment(
            "screening-all",
            idle(),
            touches=("program-relax", *8 * ("no",), *6 * ("yes", "go-on")),
            before=household_of("Anna", answered=None, ticklish=True),
        ),
        Moment(
            "screening-refused",
            idle(),
            touches=("program-relax", *2 * ("yes", "go-on"), *12 * ("no",)),
            before=unscreened,
        ),
        Moment(
            "screening-again",
            idle(),
            touches=("program-relax",),
            before=household_of("Anna", questions=1),
        ),
        Moment("ready-guest-card", idle(), touches=("program-relax", "start")),
        Moment("ready-guest-refused", idle(), touches=("program-relax", "start", "one-of-these")),
        Moment(
            "ready-guest-ticks",
            idle(),
            touches=("program-relax", "start", "some-of-these", "applies-feeling", "applies-implant"),
        ),
        Moment(
            "ready-guest-locked",
            idle(),
            touches=("program-relax", "start", "some-of-these", *TICKS, "these-apply"),
        ),
        Moment("ready-today", idle(), touches=("program-relax", "new-today")),
        Moment("ready-not-today", idle(), touches=("program-relax", "new-today", "something-new")),
        Moment("ready-first", idle(), touches=("program-relax",), before=household_of("Anna")),
        Moment(
            "ready-locked",
            idle(),
            touches=("program-circulation",),
            before=household_of("Anna", yes=("feeling", "pregnant", "flare"), ticklish=True),
        ),
        Moment(
            "ready-doctor", idle(), touches=("program-heel",), before=household_of("Anna", yes=("fever",))
        ),
        Moment(
            "session-first",
            running("relax", at=0.4, minutes=10, intensity=4, max_intensity=4, max_minutes=10, person="anna"),
            before=household_of("Anna"),
        ),
        Moment("fault", idle(state="fault", faults=(FAULT,))),
        Moment("fault-gone", _faulty("pad-heating-by-itself", 0.0, present=False)),
        *(Moment(f"fault-{code}", _faulty(code, 78.0), acts=_understood) for code in FAULTS),
        Moment("fault-detail", idle(state="fault", faults=(FAULT, ADVICE)), touches=("detail",)),
        Moment("offline", idle(), connected=False),
        Moment("waking", None, connected=False),
        Moment(
            "machine-damaged",
            None,
            connected=False,
            wrong="machine.toml: is not valid TOML (at line 12, column 4)",
        ),
    ]


def draw(
    folder: Path, size: tuple[int, int], dark: bool, only: str, language: str = "en", large: bool = False
) -> None:
    """Draw every moment at one size, in this process."""
    from stagehand import Hand

    hand = Hand(size, dark, language, large)
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
    parser.add_argument("--language", default="en", help="in this language, e.g. de")
    parser.add_argument("--large", action="store_true", help="with large text")
    parser.add_argument(
        "--readme", action="store_true", help="also write the README's pictures to assets/images"
    )
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    sizes, themes = asked.size or list(SIZES), asked.theme or ["dark", "light"]
    if asked.here:
        draw(asked.folder, SIZES[sizes[0]], themes[0] == "dark", asked.only, asked.language, asked.large)
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
                        "--language",
                        asked.language,
                        *(["--large"] if asked.large else []),
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
