"""What a person is told when the history is not being kept."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from pathlib import Path

from app.sessions import store
from hardware.message import Message, Named, says

_NEARLY_NOTHING_BYTES = 64 * 1024


@says("Part of a session's curves could not be kept.")
def curves_lost() -> None: ...


@says("Something that happened in a session could not be kept.")
def events_lost() -> None: ...


@says("The history has too much to do. Try again in a moment.")
def history_busy() -> None: ...


@says("The history is not being kept: its recorder has stopped. Restart the machine.")
def recorder_stopped() -> None: ...


@says(
    "The disk with the history and the people is missing, and what is done now is not kept. Switch the "
    "machine off, put the disk in, and switch it on."
)
def data_disk_missing() -> None: ...


@says(
    "The history is not being kept: the disk is full. Sessions run as usual, and the history waits in "
    "memory. Make room on it."
)
def disk_full() -> None: ...


@says(
    "The history is not being kept: the disk can only be read. Sessions run as usual, and the history waits "
    "in memory. Check the card."
)
def disk_read_only() -> None: ...


@says(
    "The history is not being kept: another program is using its file. Sessions run as usual, and the "
    "history waits in memory. Close that program."
)
def history_file_in_use() -> None: ...


@says(
    "The history is not being kept: its disk does not answer. Sessions run as usual, and the history waits "
    "in memory. Check the card."
)
def disk_does_not_answer() -> None: ...


@says("The history was damaged. It has been kept as {name}, and a new one was begun.")
def history_set_aside(name: Named) -> None: ...


@says("The history is not being kept: {why}.")
def history_refused(why: Message) -> None: ...


@says("What was said last is not kept. {why}")
def not_kept(why: Message) -> None:
    """What was accepted while the disk was slow, and failed then."""


def passing(error: Exception, path: Path) -> Message:
    """What an ``error`` means that may pass: the disk at ``path`` full, locked, read-only or gone."""
    number = error.errno if isinstance(error, OSError) else None
    if store.is_kind(error, sqlite3.SQLITE_FULL) or number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return disk_full()
    if store.is_kind(error, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return history_file_in_use()
    if store.is_kind(error, sqlite3.SQLITE_READONLY) or number in (errno.EROFS, errno.EACCES, errno.EPERM):
        return disk_read_only()
    # What SQLite says on a disk with no room for side files, or that takes none, is "cannot open".
    if _read_only(path):
        return disk_read_only()
    return disk_full() if _no_room(path) else disk_does_not_answer()


def _read_only(path: Path) -> bool:
    try:
        return bool(os.statvfs(path.parent).f_flag & os.ST_RDONLY) or not os.access(path.parent, os.W_OK)
    except OSError:
        return False


def _no_room(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _NEARLY_NOTHING_BYTES
    except OSError:
        return False
