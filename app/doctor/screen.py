"""What a person touches: display, touchscreen, backlight."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.doctor.line import Line, Verdict
from app.doctor.look import Look
from app.household.mounting import look_at
from app.touch.panels import DEVICES, Panel, panels
from app.touch.told import Told, heard
from hardware.errors import InstepError

TURNS_TOUCHES = re.compile(r"^dtoverlay=[^#\n]*,(?:invx|invy|swapxy)\b[^#\n]*", re.M)
"""Instep turns touches with the picture, from how the panel feels them."""


def display(look: Look) -> Iterator[Line]:
    connected = [
        status.parent
        for status in look.among("sys/class/drm/card*-*/status")
        if look.text(str(status.relative_to(look.root))) == "connected"
        and not status.parent.name.endswith("Writeback-1")
    ]
    if connected:
        shown = []
        for panel in connected:
            mode = look.text(f"sys/class/drm/{panel.name}/modes").partition("\n")[0]
            shown.append(f"{panel.name.partition('-')[2]} {mode}".strip())
        yield Line("Screen", "display", "Display", ", ".join(shown))
    elif look.display:
        yield Line("Screen", "display", "Display", "a window of this desktop")
    elif look.pi:
        do = "Push the ribbon in to the end, contacts the right way, or the HDMI plug; then restart."
        yield Line("Screen", "display", "Display", "none is connected", "broken", do)
    else:
        do = "The command line works without one; for the kiosk open a desktop session."
        yield Line("Screen", "display", "Display", "none", "attention", do)


def picture(look: Look) -> Iterator[Line]:
    """Which way round it is, and its touches with it."""
    do = "Turn it in Service (System, Turn the picture), or by `sudo ./scripts/install --rotation 90`."
    try:
        rotation = look_at(look.places.mounting).rotation
    except InstepError as error:
        yield Line("Screen", "picture", "Picture", f"the panel's own way round: {error}", "attention", do)
        return
    value = f"turned by {rotation}° clockwise" if rotation else "the panel's own way round"
    overlay = TURNS_TOUCHES.search(look.text("boot/firmware/config.txt"))
    if overlay is None:
        yield Line("Screen", "picture", "Picture", value)
        return
    value += f"; config.txt turns the touches on their own ({overlay[0].strip()})"
    do = "Where fingers land elsewhere, take invx, invy and swapxy out of that line, and restart."
    yield Line("Screen", "picture", "Picture", value, "attention", do)


def touch(look: Look) -> Iterator[Line]:
    """What the kernel has, and what the running kiosk says that it has open."""
    there, said = panels(look.text(str(DEVICES))), heard(look.places.runtime)
    needed = look.pi or (said is not None and said.needed)
    if not there and not (said is not None and said.open):
        if needed:
            do = "See the display's ribbon and, where it has one, its USB or I2C cable; then restart."
            yield _touch("none is there", "broken" if said is not None else "attention", do)
        else:
            yield _touch("none, a mouse will do here")
        return
    for panel in there:
        name = f"{panel.name}, of one finger" if panel.one_finger else panel.name
        if look.pi and not look.may_open(look.at(f"dev/input/{panel.event}")):
            do = f"Put {look.service_user} into the group input: sudo usermod -aG input {look.service_user}"
            yield _touch(f"{name} may not be opened", "broken", do)
        elif said is not None and (deaf := _deaf(panel, said)) is not None:
            why, do = deaf
            yield _touch(f"{name} is there, but {why}", "broken" if needed else "attention", do)
        else:
            yield _touch(name)
    if not there and said is not None:
        yield _touch(", ".join(way.name for way in said.open))


def _touch(value: str, verdict: Verdict = "ok", do: str = "") -> Line:
    return Line("Screen", "touch", "Touchscreen", value, verdict, do)


def _deaf(panel: Panel, said: Told) -> tuple[str, str] | None:
    """Why the running kiosk does not feel it, and what to do; None when it does, or cannot be told."""
    match said.way:
        case "panels":
            if any(way.event == panel.event for way in said.open):
                return None
            why = next((way.why for way in said.closed if way.event == panel.event), "")
            return (
                f"the kiosk has not opened it{f' ({why})' if why else ''}",
                "It tries again all the time. See the panel's cable; then restart.",
            )
        case "x11":
            if said.why:
                return said.why, "Install what is missing (Debian: libxi6); then restart the kiosk."
            if said.open:
                return None
            return (
                "the X server that draws the kiosk has no touchscreen",
                "See what the compositor's or X server's log says of it; then restart the kiosk.",
            )
        case "none":
            return None


def backlight(look: Look) -> Iterator[Line]:
    panels = look.among("sys/class/backlight/*/brightness")
    if not panels:
        return
    name = panels[0].parent.name
    if any(map(look.may_open, panels)):
        yield Line("Screen", "backlight", "Backlight", f"{name} can be dimmed")
    else:
        do = "./scripts/install puts the rule in place that lets the group video dim it."
        yield Line("Screen", "backlight", "Backlight", f"{name} may not be set", "attention", do)
