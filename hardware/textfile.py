"""Reads a TOML file into a typed struct, turning every error into file, key and reason."""

from __future__ import annotations

import codecs
import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from hardware.errors import FileError
from hardware.plainfile import NotOrdinaryError, TooLargeError, read_regular, without_mark
from hardware.plaintext import cleaned

MAX_BYTES = 256 * 1024
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

T = TypeVar("T", bound=msgspec.Struct)


def read_toml(path: Path, shape: type[T]) -> T:
    """The file at ``path`` as a ``shape``.

    Texts in it are cleaned (see :func:`~hardware.plaintext.clean`), and counted after that.

    Raises :class:`~hardware.errors.FileError`: not readable, not TOML, an unknown or missing key, a value
    of the wrong type or outside its bounds.
    """
    try:
        raw = tomllib.loads(text_of(path))
    except RecursionError as error:
        raise FileError(path.name, "", "is nested too deeply") from error
    except ValueError as error:  # TOML's own, or a number with more digits than Python reads
        if isinstance(error, FileError):
            raise
        raise FileError(path.name, "", f"is not valid TOML: {error}") from error
    try:
        return msgspec.convert(cleaned(raw), shape)
    except msgspec.ValidationError as error:
        reason, where = _split(str(error))
        raise FileError(path.name, where, reason) from error


def text_of(path: Path) -> str:
    """The file's text, however an editor has marked it. Raises FileError."""
    try:
        raw = read_regular(path, MAX_BYTES)
    except TooLargeError as error:
        raise FileError(
            path.name, "", f"is {error.size} bytes long; such a file is at most {MAX_BYTES}"
        ) from error
    except NotOrdinaryError as error:
        raise FileError(path.name, "", f"is {error.what}, not a file") from error
    except OSError as error:
        raise FileError(path.name, "", f"cannot be read: {error.strerror or error}") from error
    try:
        # Some editors keep text in another way, and say so in its first bytes.
        if raw.startswith(UTF_16):
            return raw.decode("utf-16")
        return without_mark(raw).decode()
    except UnicodeDecodeError as error:
        raise FileError(path.name, "", f"is not UTF-8 text (byte {error.start}): save it as UTF-8") from error


def _split(message: str) -> tuple[str, str]:
    """msgspec's "Expected `int` <= 27 - at `$.motor[0].pin`" as (reason, "motor[0].pin")."""
    match = re.fullmatch(r"(.*?)(?: - at `\$\.?(.*)`)?", message, re.DOTALL)
    assert match
    reason, where = match.group(1), match.group(2) or ""
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", reason)
    if unknown:
        reason = f"unknown key `{unknown.group(1)}`: see the key's spelling, or remove it"
    counted = re.fullmatch(r"Expected `str` of length (>=|<=) (\d+)", reason)
    if counted:
        reason = "is empty" if counted.group(1) == ">=" else f"is longer than {counted.group(2)} characters"
    missing = re.fullmatch(r"Object missing required field `(.*)`", reason)
    if missing:
        reason = f"the key `{missing.group(1)}` is missing"
    return reason[0].lower() + reason[1:], where
