"""What the running kiosk has open to feel fingers, for others to read: the doctor most of all.

A file in the runtime folder, which is in memory, written when something has changed and never by the thread
that draws. It goes with the kiosk; one that a kiosk left behind that died is not believed.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

log = logging.getLogger(__name__)

FILE = "touch.json"


class Way(Struct, frozen=True):
    """A touchscreen."""

    event: str
    """The kernel's name, ``event4``; empty where the X server has it."""
    name: str
    why: str = ""
    """Why it is not open."""


class Told(Struct, frozen=True):
    way: Literal["panels", "x11", "none"] = "none"
    """The kernel's panels, what the X server has, or neither."""
    needed: bool = False
    """Without a touchscreen nobody can use this kiosk: no desktop's mouse is meant to be there."""
    open: tuple[Way, ...] = ()
    closed: tuple[Way, ...] = ()
    why: str = ""
    """Why nothing can be known."""


class _File(Struct, frozen=True):
    pid: int
    told: Told


def teller(runtime: Path) -> Callable[[Told], None]:
    """Writes it down there; raises nothing, for without it only the doctor knows less."""

    def tell(told: Told) -> None:
        new = runtime / f"{FILE}.new"
        try:
            new.write_bytes(msgspec.json.encode(_File(os.getpid(), told)))
            new.replace(runtime / FILE)
        except OSError as error:
            log.warning("what feels fingers cannot be told: %s", error)

    return tell


def forget(runtime: Path) -> None:
    """The kiosk goes."""
    with contextlib.suppress(OSError):
        (runtime / FILE).unlink()


def heard(runtime: Path) -> Told | None:
    """What the kiosk of this runtime folder says; None when none runs."""
    try:
        found = msgspec.json.decode((runtime / FILE).read_bytes(), type=_File)
    except (OSError, msgspec.MsgspecError):
        return None
    return found.told if _lives(found.pid) else None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return pid > 0
