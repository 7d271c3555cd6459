"""Which of the kernel's input devices are touch panels: those of one finger, too.

Read from ``/proc/bus/input/devices``, which everybody may read: no device has to be opened to be told from
others, and the doctor sees what the kiosk sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DEVICES = Path("proc/bus/input/devices")
"""From the root of the file system."""

ABS_X, ABS_Y = 0x00, 0x01
ABS_MT_SLOT, ABS_MT_X, ABS_MT_Y, ABS_MT_TRACKING_ID = 0x2F, 0x35, 0x36, 0x39
BTN_TOUCH = 0x14A
_POINTER, _DIRECT = 0x00, 0x01
_BTN_LEFT, _TOOL_PEN, _TOOL_FINGER, _STYLUS = 0x110, 0x140, 0x145, 0x14B
_WORD = 64


@dataclass(frozen=True)
class Panel:
    """A touch panel of the kernel's."""

    event: str
    """``event4``: changes when the plug is pulled and put back."""
    name: str
    place: str = ""
    """Where the kernel keeps it; no two devices ever have the same since the computer was started."""
    axes: int = 0
    """Bit mask of its absolute axes."""

    def has(self, *axes: int) -> bool:
        return all(self.axes >> axis & 1 for axis in axes)

    @property
    def one_finger(self) -> bool:
        return not self.has(ABS_MT_X, ABS_MT_Y)


def panels(text: str) -> list[Panel]:
    """The panels in the kernel's list of input devices."""
    return [
        Panel(event, device.get("N", "unknown"), device.get("S", ""), _bits(device.get("ABS", "")))
        for device in _devices(text)
        if (event := _event(device)) and _is_panel(device)
    ]


def _devices(text: str) -> Iterator[dict[str, str]]:
    """ "N", "S", "H", "PROP", "KEY", "ABS" and so on of each."""
    for block in text.split("\n\n"):
        device = {}
        for line in block.splitlines():
            kind, _, rest = line.partition(": ")
            key, _, value = rest.partition("=")
            device[key if kind == "B" else kind] = value.strip('" ')
        yield device


def _event(device: dict[str, str]) -> str:
    found = re.search(r"\bevent\d+", device.get("H", ""))
    return found.group() if found else ""


def _is_panel(device: dict[str, str]) -> bool:
    """What is touched is what is shown, or all speaks for it: pads, pens and mice are none."""
    props, keys, axes = (_bits(device.get(word, "")) for word in ("PROP", "KEY", "ABS"))

    def all_of(mask: int, *bits: int) -> bool:
        return all(mask >> bit & 1 for bit in bits)

    many = all_of(axes, ABS_MT_X, ABS_MT_Y)
    if not many and not (all_of(axes, ABS_X, ABS_Y) and all_of(keys, BTN_TOUCH)):
        return False
    if all_of(props, _DIRECT):
        return True
    other = any(all_of(keys, bit) for bit in (_BTN_LEFT, _TOOL_PEN, _TOOL_FINGER, _STYLUS))
    return not other and not all_of(props, _POINTER)


def _bits(words: str) -> int:
    """The kernel's words of 64 bits, the highest first."""
    total = 0
    for word in words.split():
        total = total << _WORD | int(word, 16)
    return total
