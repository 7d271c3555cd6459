"""Reads a TOML file into a typed struct, turning every error into file, key and reason."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from hardware.errors import FileError

MAX_BYTES = 256 * 1024

T = TypeVar("T", bound=msgspec.Struct)


def read_toml(path: Path, shape: type[T]) -> T:
    """The file at ``path`` as a ``shape``.

    Raises :class:`~hardware.errors.FileError`: not readable, not TOML, an unknown or missing key, a value
    of the wrong type or outside its bounds.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise FileError(path.name, "", f"is {size} bytes long; such a file is at most {MAX_BYTES}")
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise FileError(path.name, "", f"is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise FileError(path.name, "", f"cannot be read: {error.strerror or error}") from error
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FileError(path.name, "", f"is not valid TOML: {error}") from error
    try:
        return msgspec.convert(raw, shape)
    except msgspec.ValidationError as error:
        reason, where = _split(str(error))
        raise FileError(path.name, where, reason) from error


def _split(message: str) -> tuple[str, str]:
    """msgspec's "Expected `int` <= 27 - at `$.motor[0].pin`" as (reason, "motor[0].pin")."""
    match = re.fullmatch(r"(.*?)(?: - at `\$\.?(.*)`)?", message, re.DOTALL)
    assert match
    reason, where = match.group(1), match.group(2) or ""
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", reason)
    if unknown:
        reason = f"unknown key `{unknown.group(1)}`: see the key's spelling, or remove it"
    missing = re.fullmatch(r"Object missing required field `(.*)`", reason)
    if missing:
        reason = f"the key `{missing.group(1)}` is missing"
    return reason[0].lower() + reason[1:], where
