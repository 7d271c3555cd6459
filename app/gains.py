"""Writes a pad's accepted gains into the machine file; all else in it, comments too, stays as it was."""

from __future__ import annotations

from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from app.files import write_whole
from app.places import ASSETS, Places
from hardware.errors import InstepError
from hardware.machine import Gains, load_machine
from hardware.message import Foreign, Message, Named, Part, foreign, says
from hardware.textfile import text_of
from hardware.words import Side


@says("The gains could not be written to {file} ({why}). Put them there yourself. {pad}: gains = {gains}")
def gains_not_written(file: Named, why: Foreign | Message, pad: Part, gains: Named) -> None: ...


DIGITS = 4
"""A relay's swing knows no more."""


def write_gains(machine_path: Path, places: Places, side: Side, gains: Gains) -> Path:
    """Write them, whole or not at all; returns the file that has them now.

    A machine file that ships with Instep is copied to the owner's own first, which is used from then on.
    Raises InstepError with what to do when the file cannot be written.
    """
    target = places.own_machine if machine_path.resolve().is_relative_to(ASSETS) else machine_path
    line = gains_line(gains)
    try:
        document = tomlkit.parse(text_of(machine_path))
        for pad in document["pad"]:
            if pad["side"] == side:
                pad["gains"] = tomlkit.value(line)
        write_whole(target, tomlkit.dumps(document), load_machine)
    except (OSError, TOMLKitError, KeyError, InstepError) as error:
        why = error.message if isinstance(error, InstepError) else foreign(error)
        raise InstepError(
            gains_not_written(Named(str(target)), why, Part(f"pad.{side}"), Named(line))
        ) from error
    return target


def gains_line(gains: Gains) -> str:
    """As it stands in a machine file."""
    parts = (f"{name} = {getattr(gains, name):.{DIGITS}g}" for name in ("kp", "ki", "kd"))
    return f"{{ {', '.join(parts)} }}"
