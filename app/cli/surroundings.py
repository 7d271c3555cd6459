"""What this computer has: a display, a Raspberry Pi's pins."""

from __future__ import annotations

import os
from pathlib import Path


def has_display(environment: dict[str, str] | None = None) -> bool:
    """Whether a window can be opened: an X display, or SDL was told what to draw on."""
    known = os.environ if environment is None else environment
    return bool(known.get("DISPLAY") or known.get("SDL_VIDEODRIVER"))


def on_a_pi() -> bool:
    try:
        return b"Raspberry Pi" in Path("/proc/device-tree/model").read_bytes()
    except OSError:
        return False
