"""What a person touches: display, touchscreen, backlight."""

from __future__ import annotations

from collections.abc import Iterator

from app.doctor.line import Line, Verdict
from app.doctor.look import Look
from app.touch.panels import DEVICES, Panel, panels
from app.touch.told import Told, heard


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
