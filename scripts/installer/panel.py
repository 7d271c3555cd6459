"""Which way round the picture has to be: what the computer tells of its panel, and whom to ask."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from scripts.installer.boot import FOLDER
from scripts.installer.steps.base import DATA
from scripts.installer.system import RefusedError, System

PLACE = f"{DATA}/mounting.json"
ROTATIONS = (0, 90, 180, 270)
"""Degrees clockwise."""

_SIDE_UP = {"normal": 0, "upside_down": 180, "left_side_up": 270, "right_side_up": 90}
_FINGERS = re.compile(r"^dtoverlay=[^#\n]*,(?:invx|invy|swapxy)\b.*$", re.M)


@dataclass(frozen=True)
class Panel:
    """What can be known without looking at the case."""

    shown: str = ""
    """Connector and size as it is by nature, ``DSI-1, 720x1280``; empty where none can be seen from here."""
    rotation: int = 0
    """As somebody has turned the console already; nothing else that draws heeds that."""
    because: str = ""
    """The setting that says so."""
    fingers: str = ""
    """The line of config.txt that turns touches by themselves, if there is one."""

    @property
    def upright(self) -> bool:
        size = re.search(r"(\d+)x(\d+)", self.shown)
        return size is not None and int(size[2]) > int(size[1])


def look(system: System) -> Panel:
    config = system.read(f"{FOLDER}/config.txt") or ""
    rotation, because = _said(system.read(f"{FOLDER}/cmdline.txt") or "", config)
    fingers = _FINGERS.search(config)
    return Panel(_shown(system) if system.here else "", rotation, because, fingers[0] if fingers else "")


def kept(system: System) -> int | None:
    """The rotation in place; None without a file, 0 for one that makes no sense, as the kiosk has it."""
    text = system.read(PLACE)
    if text is None:
        return None
    try:
        found = json.loads(text)["rotation"]
    except (ValueError, KeyError, TypeError):
        return 0
    return found if found in ROTATIONS else 0


def text(rotation: int) -> str:
    """The file as the kiosk reads it: ``app/household/mounting.py``."""
    return json.dumps({"version": 1, "rotation": rotation}, indent=2) + "\n"


def ask_which(panel: Panel, answer: Callable[[str], str]) -> int:
    """How the case holds a panel is known to who built it alone. Raises RefusedError."""
    if panel.shown:
        print(f"The panel: {panel.shown}, {'upright' if panel.upright else 'lying'} by nature.")
    if panel.because:
        print(f"The console is turned already, by {panel.because}.")
    said = answer(
        "By how many degrees has the picture to be turned clockwise, for this case: 0, 90, 180 or 270? "
        f"Service can turn it later. [{panel.rotation}] "
    )
    if not said:
        return panel.rotation
    if said not in map(str, ROTATIONS):
        raise RefusedError(f"A picture is turned by 0, 90, 180 or 270 degrees, not by {said}.")
    return int(said)


def _said(cmdline: str, config: str) -> tuple[int, str]:
    """By the first setting that turns something, and the setting."""
    for word in cmdline.split():
        if word.startswith("video="):
            if (found := re.search(r",rotate=(\d+)", word)) and int(found[1]) in ROTATIONS:
                return int(found[1]), f"{word} in cmdline.txt"
            if (found := re.search(r",panel_orientation=(\w+)", word)) and found[1] in _SIDE_UP:
                return _SIDE_UP[found[1]], f"{word} in cmdline.txt"
        elif found := re.fullmatch(r"fbcon=rotate:([0-3])", word):
            return 90 * int(found[1]), f"{word} in cmdline.txt"
    for line in config.splitlines():
        if found := re.match(r"dtoverlay=vc4-kms-d[sp]i[^#]*,rotation=(\d+)\b", line):
            if int(found[1]) in ROTATIONS:
                return int(found[1]), f"{found[0]} in config.txt"
        elif found := re.match(r"(?:display_lcd_rotate|lcd_rotate|display_rotate)=([0-3])\b", line):
            return 90 * int(found[1]), f"{found[0]} in config.txt"
    return 0, ""


def _shown(system: System) -> str:
    """The machine's own panel before a monitor that is plugged in as well."""
    found = []
    for status in sorted(system.path("/sys/class/drm").glob("card*-*/status")):
        name = status.parent.name.partition("-")[2]
        base = f"/sys/class/drm/{status.parent.name}"
        if (system.read(f"{base}/status") or "").strip() == "connected":
            mode = (system.read(f"{base}/modes") or "").partition("\n")[0]
            found.append((name.startswith("HDMI"), ", ".join(filter(None, (name, mode)))))
    return min(found)[1] if found else ""
