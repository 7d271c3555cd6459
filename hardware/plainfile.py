"""Files as people leave them, read so that none can stop the reader: whole, bounded, ordinary ones alone."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from hardware.message import Message, says


@says("is a folder, not a file")
def a_folder() -> None: ...


@says("is a pipe, not a file")
def a_pipe() -> None: ...


@says("is a socket, not a file")
def a_socket() -> None: ...


@says("is a device, not a file")
def a_device() -> None: ...


MARK = b"\xef\xbb\xbf"
"""What some editors put before UTF-8 text."""


class TooLargeError(ValueError):
    """The file is larger than any of ours; nothing of it was read."""

    def __init__(self, size: int, most: int) -> None:
        self.size, self.most = size, most
        super().__init__(f"{size} bytes are more than {most}")


class NotOrdinaryError(OSError):
    """A pipe, a folder, a socket or a device stands in a file's place: opening it could block for ever."""

    def __init__(self, path: Path, mode: int) -> None:
        self.words = _what(mode)
        super().__init__(errno.EINVAL, str(self.words), str(path))


def read_regular(path: Path, most: int) -> bytes:
    """All of the file at ``path``, or of the one that a link there leads to.

    Raises OSError, NotOrdinaryError among them, and TooLargeError for more than ``most`` bytes.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise NotOrdinaryError(path, mode)
    # What it is may change between the look and the opening: a pipe opened so does not block.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with open(handle, "rb") as file:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode):
            raise NotOrdinaryError(path, info.st_mode)
        if info.st_size > most:
            raise TooLargeError(info.st_size, most)
        raw = file.read(most + 1)
    if len(raw) > most:  # it grows while it is read
        raise TooLargeError(len(raw), most)
    return raw


def without_mark(raw: bytes) -> bytes:
    """UTF-8 text without the mark that some editors begin it with."""
    return raw.removeprefix(MARK)


def _what(mode: int) -> Message:
    for test, words in (
        (stat.S_ISDIR, a_folder),
        (stat.S_ISFIFO, a_pipe),
        (stat.S_ISSOCK, a_socket),
    ):
        if test(mode):
            return words()
    return a_device()
