"""One small JSON file that holds one typed thing: read when it changed, written whole, kept when damaged."""

from __future__ import annotations

import logging
import time
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from app.files import write_whole
from app.filing import Filing, cannot_be_written
from app.tolerant import ForeignError, carried, decoded, understood
from hardware.errors import InstepError, in_file
from hardware.message import Foreign, Message, Named, foreign, says
from hardware.plainfile import NotOrdinaryError, read_regular, without_mark


@says("{file} cannot be read: {why}.")
def cannot_be_read(file: Named, why: Foreign) -> None: ...


@says("{file} is not written: {why}")
def not_written(file: Named, why: Foreign | Message) -> None: ...


@says("it would be larger than is read again")
def too_large_to_read() -> None: ...


@says("{file} could not be understood; it is kept as {name}.")
def set_aside(file: Named, name: Named) -> None: ...


@says("{file} could not be understood: {why}.")
def not_understood(file: Named, why: Foreign) -> None: ...


log = logging.getLogger(__name__)

MAX_BYTES = 1024 * 1024

T = TypeVar("T", bound=msgspec.Struct)


class Kept(Generic[T]):
    """``value`` is what the file at ``path`` says, or ``default`` as long as there is none.

    What a later version wrote into it is read as far as it can be and stays there; see
    :mod:`app.tolerant`. A file that is no JSON is set aside under another name and ``problem`` says
    so; the machine goes on with the default. Files are the owner's alone.
    With ``filing`` they are written by its thread: ``value`` counts at once, and is on the disk when
    ``on_disk`` says so.
    """

    def __init__(self, path: Path, default: T, filing: Filing | None = None) -> None:
        self.path = path
        self._filing = filing
        self.problem: Message | None = None
        self._default = default
        self._seen: tuple[int, int] | None = None
        self.value: T = default
        self.written: T | None = default
        """What the file says; None while that is being changed."""
        self.raw: dict[str, Any] = {}
        """What stands in the file, as it stands there."""
        self.refresh()

    @property
    def on_disk(self) -> bool:
        """Whether the file says what ``value`` says."""
        return self._filing is None or not self._filing.waits(self.path)

    @property
    def unkept(self) -> Message | None:
        """Why ``value`` could not be written the last time that was tried; None when it was."""
        return None if self._filing is None else self._filing.trouble(self.path)

    def refresh(self) -> bool:
        """Read the file again if it is another than it was. True when it was."""
        if not self.on_disk:
            return False
        try:
            info = self.path.stat()
            seen = (info.st_mtime_ns, info.st_ino)
        except FileNotFoundError:
            changed, self._seen, self.value, self.raw = self._seen is not None, None, self._default, {}
            self.written = self.value
            return changed
        except OSError as error:
            self.problem = _unreadable(self.path, error)
            return False
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            raw = decoded(without_mark(read_regular(self.path, MAX_BYTES)))
            self.value = understood(raw, type(self._default))
            self.raw = raw
            self.problem = None
        except OSError as error:
            self.problem = _unreadable(self.path, error)
        except (ValueError, RecursionError) as error:  # msgspec's own are ValueErrors, too
            self.value, self.raw = self._default, {}
            self._set_aside(error)
        self.written = self.value
        return True

    def save(self, value: T) -> None:
        """Put ``value`` in the file, whole or not at all. Raises InstepError; then nothing has changed."""
        plain = _plain(value)
        try:
            msgspec.convert(plain, type(value))  # bounds hold for what is written here
            raw = carried(self.raw, _plain(self.value) if self.raw else None, plain)
            text = msgspec.json.format(msgspec.json.encode(raw), indent=2).decode()
            if len(text.encode()) >= MAX_BYTES:
                raise ForeignError(too_large_to_read())
        except ForeignError as error:
            raise InstepError(not_written(Named(self.path.name), error.message)) from error
        except msgspec.ValidationError as error:
            raise InstepError(not_written(Named(self.path.name), foreign(error))) from error
        if self._filing is None:
            self._write(text, value)
        else:
            self._filing.put(self.path, partial(self._write, text, value))
        self.value, self.raw = value, raw

    def _write(self, text: str, value: T) -> None:
        before, self.written = self.written, None
        try:
            write_whole(self.path, text + "\n", lambda new: new.chmod(0o600))
            info = self.path.stat()
        except OSError as error:
            self.written = before
            raise InstepError(cannot_be_written(Named(self.path.name), foreign(error))) from error
        self._seen = (info.st_mtime_ns, info.st_ino)
        self.written = value
        self.problem = None

    def _set_aside(self, error: Exception) -> None:
        kept = self.path.with_name(f"{self.path.stem}.damaged-{time.time_ns() // 1_000_000_000}.json")
        self.problem = set_aside(Named(self.path.name), Named(kept.name))
        log.error("%s %s", self.problem, error)
        try:
            self.path.rename(kept)
            self._seen = None
        except OSError:
            self.problem = not_understood(Named(self.path.name), foreign(error))


def _unreadable(path: Path, error: OSError) -> Message:
    if isinstance(error, NotOrdinaryError):
        return in_file(Named(path.name), error.words)
    return cannot_be_read(Named(path.name), foreign(error))


def _plain(value: msgspec.Struct) -> Any:
    """As JSON has it: lists, dictionaries and values."""
    return msgspec.json.decode(msgspec.json.encode(value))
