"""Whether the machine behind the pins is a virtual one."""

from __future__ import annotations

import contextlib
import socket

from app.places import Places

ANSWER_S = 0.5


def virtual_there(places: Places) -> bool:
    """A virtual machine lives in this runtime folder: its state socket is being listened at."""
    path = places.runtime / "virtual"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as plain:
            plain.settimeout(ANSWER_S)
            plain.connect(str(path))
    except OSError:
        return False
    return True


def virtual_port(places: Places) -> int | None:
    """Of its daemon, where it was started together with the controller."""
    with contextlib.suppress(OSError, ValueError):
        return int((places.runtime / "virtual.port").read_text())
    return None
