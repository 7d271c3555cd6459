"""What a person is told when the history is not being kept."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from pathlib import Path

from app.sessions import store
from app.sessions.errors import RefusedError

LOST_POINTS = "Part of a session's curves could not be kept."
LOST_EVENTS = "Something that happened in a session could not be kept."
MUCH_ASKED = "The history has too much to do. Try again in a moment."
STOPPED = "The history is not being kept: its keeper has stopped. Restart the machine."

ASTRAY = (
    "The disk with the history and the people is missing, and what is done now is not kept. Switch the "
    "machine off, put the disk in, and switch it on."
)

_WAITING = "Sessions run as usual, and the history waits in memory."
_FULL = f"The history is not being kept: the disk is full. {_WAITING} Make room on it."
_READ_ONLY = f"The history is not being kept: the disk can only be read. {_WAITING} Check the card."
_BUSY = f"The history is not being kept: another program is using its file. {_WAITING} Close that program."
_AWAY = f"The history is not being kept: its disk does not answer. {_WAITING} Check the card."

_NEARLY_NOTHING_BYTES = 64 * 1024


def set_aside(name: str) -> str:
    """Words for a damaged file that is kept as ``name``."""
    return f"The history was damaged. It has been kept as {name}, and a new one was begun."


def refused(error: RefusedError) -> str:
    """Words for a file that is not ours to write."""
    return f"The history is not being kept: {error}."


def not_kept(why: str) -> str:
    """Words for what was accepted while the disk was slow, and failed then."""
    return f"What was said last is not kept: {why.rstrip('.')}."


def words(error: Exception, path: Path) -> str:
    """Words for an ``error`` that may pass: the disk at ``path`` full, locked, read-only or gone."""
    number = error.errno if isinstance(error, OSError) else None
    if store.is_kind(error, sqlite3.SQLITE_FULL) or number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return _FULL
    if store.is_kind(error, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return _BUSY
    if store.is_kind(error, sqlite3.SQLITE_READONLY) or number in (errno.EROFS, errno.EACCES, errno.EPERM):
        return _READ_ONLY
    # What SQLite says on a disk with no room for side files, or that takes none, is "cannot open".
    if _read_only(path):
        return _READ_ONLY
    return _FULL if _no_room(path) else _AWAY


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
