"""Reads a TOML file into a typed struct, turning every error into file, key and reason."""

from __future__ import annotations

import codecs
import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from hardware.errors import FileError, quoted
from hardware.message import Count, Foreign, Message, foreign, says, verbatim
from hardware.plainfile import NotOrdinaryError, TooLargeError, read_regular, without_mark
from hardware.plaintext import cleaned


@says("is nested too deeply")
def nested_too_deeply() -> None: ...


@says("is not valid TOML: {why}")
def not_toml(why: Foreign) -> None: ...


@says("is {size} bytes long; such a file is at most {most}")
def too_long(size: Count, most: Count) -> None: ...


@says("cannot be read: {why}")
def unreadable(why: Foreign) -> None: ...


@says("is not UTF-8 text (byte {at}): save it as UTF-8")
def not_utf_8(at: Count) -> None: ...


@says("unknown key `{key}`: check its spelling, or remove it")
def unknown_key(key: Foreign) -> None: ...


@says("the key `{key}` is missing")
def missing_key(key: Foreign) -> None: ...


@says("is empty")
def is_empty() -> None: ...


@says("is longer than {count} characters")
def is_longer(count: Count) -> None: ...


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
        raise FileError(path.name, "", nested_too_deeply()) from error
    except ValueError as error:  # TOML's own, or a number with more digits than Python reads
        if isinstance(error, FileError):
            raise
        raise FileError(path.name, "", not_toml(quoted(str(error)))) from error
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
        raise FileError(path.name, "", too_long(Count(error.size), Count(MAX_BYTES))) from error
    except NotOrdinaryError as error:
        raise FileError(path.name, "", error.words) from error
    except OSError as error:
        raise FileError(path.name, "", unreadable(foreign(error))) from error
    try:
        # Some editors keep text in another way, and say so in its first bytes.
        if raw.startswith(UTF_16):
            return raw.decode("utf-16")
        return without_mark(raw).decode()
    except UnicodeDecodeError as error:
        raise FileError(path.name, "", not_utf_8(Count(error.start))) from error


def _split(complaint: str) -> tuple[Message, str]:
    """msgspec's "Expected `int` <= 27 - at `$.motor[0].pin`" as (reason, "motor[0].pin").

    The one place where words are taken apart: the library has nothing else to say where it was.
    """
    match = re.fullmatch(r"(.*?)(?: - at `\$\.?(.*)`)?", complaint, re.DOTALL)
    assert match
    reason, where = match.group(1), match.group(2) or ""
    return _reason(reason), where


def _reason(reason: str) -> Message:
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", reason)
    if unknown:
        return unknown_key(quoted(unknown.group(1)))
    counted = re.fullmatch(r"Expected `str` of length (>=|<=) (\d+)", reason)
    if counted:
        return is_empty() if counted.group(1) == ">=" else is_longer(Count(int(counted.group(2))))
    missing = re.fullmatch(r"Object missing required field `(.*)`", reason)
    if missing:
        return missing_key(quoted(missing.group(1)))
    return verbatim(quoted(reason[0].lower() + reason[1:]))
