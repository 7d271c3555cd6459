"""Which files are programs, and what each is called: one rule for whoever loads, starts, records or backs up.

Any name that a file system allows will do. A program's key is the name without its ending, composed; a letter
that cannot be written out (a control, a mark of direction, a byte that is no UTF-8) stands as its number.
"""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from hardware.plaintext import legible

ENDING = ".toml"
KEY_LETTERS = 1024
"""No key is longer: a name has 255 bytes, and each of them may have to be written as its number."""

ProgramKey = Annotated[str, Meta(min_length=1, max_length=KEY_LETTERS, pattern=r"^[^/\x00-\x1f\x7f]+$")]


def is_program(name: str) -> bool:
    """Whether a file of this name is meant as a program. One that begins with a dot is some tool's own."""
    return not name.startswith(".") and name[-len(ENDING) :].lower() == ENDING


def key_of(name: str) -> str:
    """The key of the program whose file has this name, with its ending or without."""
    stem = name[: -len(ENDING)] if is_program(name) else name
    # Once more: a mark that stood on a letter nobody can read now stands on the last one of its number.
    return unicodedata.normalize("NFC", legible(unicodedata.normalize("NFC", stem)))


def alike(key: str) -> str:
    """What two keys have in common that differ in capitals alone: a stick may have changed those."""
    return unicodedata.normalize("NFC", key.casefold())


def program_names(folder: Path) -> list[str]:
    """The names of a folder's program files, the plainest of those that are alike first. Raises OSError."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if is_program(entry.name)]
    return sorted(names, key=lambda name: (alike(name) != name, name))
