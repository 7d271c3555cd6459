"""How the panel is mounted in the machine's case: which way round its picture and its touches are.

In a file of its own, not among the preferences: it belongs to the case as the machine file does. The
installer writes it before there is a household, and neither a damaged ``preferences.json`` nor a version from
before that sets an unknown preference aside may turn somebody's picture on its head.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from app.filing import Filing
from app.household.kept import MAX_BYTES, Kept, cannot_be_read, not_understood
from app.tolerant import decoded
from hardware.errors import InstepError
from hardware.message import Named, foreign
from hardware.plainfile import read_regular, without_mark

Rotation = Literal[0, 90, 180, 270]
"""Degrees clockwise against the way the panel shows its lines by nature."""
ROTATIONS: tuple[Rotation, ...] = (0, 90, 180, 270)


class Mounting(Struct, frozen=True, kw_only=True):
    version: Literal[1] = 1
    rotation: Rotation = 0


def mounting(path: Path, filing: Filing | None = None) -> Kept[Mounting]:
    return Kept(path, Mounting(), filing)


def look_at(path: Path) -> Mounting:
    """What the file says, for who only looks and sets nothing aside. Raises InstepError."""
    try:
        return msgspec.convert(decoded(without_mark(read_regular(path, MAX_BYTES))), Mounting)
    except FileNotFoundError:
        return Mounting()
    except OSError as error:
        raise InstepError(cannot_be_read(Named(path.name), foreign(error))) from error
    except (ValueError, RecursionError) as error:
        raise InstepError(not_understood(Named(path.name), foreign(error))) from error


def turned(rotation: Rotation, by: int) -> Rotation:
    """Turned on by ``by`` degrees, a multiple of 90."""
    return ROTATIONS[(rotation + by) // 90 % 4]
