"""What a person touches: display, touchscreen, backlight."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.doctor.line import Line
from app.doctor.look import Look
from app.household.mounting import look_at
from hardware.errors import InstepError

DIRECT = 1 << 1
"""Of a device's properties: what is touched is what is shown."""
MT_X = 1 << 0x35
"""Of its axes: it tells several fingers apart."""
WORD = 64
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
    found = [device for device in _devices(look) if _is_touch(device)]
    if not found:
        if look.pi:
            do = "See the display's ribbon and, where it has one, its USB or I2C cable; then restart."
            yield Line("Screen", "touch", "Touchscreen", "none is there", "attention", do)
        else:
            yield Line("Screen", "touch", "Touchscreen", "none, a mouse will do here")
        return
    for device in found:
        name, event = device.get("N", "unknown"), _event(device)
        if look.pi and event and not look.may_open(look.at(f"dev/input/{event}")):
            do = f"Put {look.service_user} into the group input: sudo usermod -aG input {look.service_user}"
            yield Line("Screen", "touch", "Touchscreen", f"{name} may not be opened", "broken", do)
        else:
            yield Line("Screen", "touch", "Touchscreen", name)


def _devices(look: Look) -> Iterator[dict[str, str]]:
    """The kernel's list; "N", "H", "PROP" and "ABS" of each."""
    for block in look.text("proc/bus/input/devices").split("\n\n"):
        device = {}
        for line in block.splitlines():
            kind, _, rest = line.partition(": ")
            key, _, value = rest.partition("=")
            device[key if kind == "B" else kind] = value.strip('" ')
        yield device


def _is_touch(device: dict[str, str]) -> bool:
    return bool(_bits(device.get("PROP", "")) & DIRECT or _bits(device.get("ABS", "")) & MT_X)


def _bits(words: str) -> int:
    """The kernel's words of 64 bits, the highest first."""
    total = 0
    for word in words.split():
        total = total << WORD | int(word, 16)
    return total


def _event(device: dict[str, str]) -> str:
    found = re.search(r"event\d+", device.get("H", ""))
    return found.group() if found else ""


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
