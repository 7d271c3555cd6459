"""Small files, written whole or not at all: a power cut leaves the old one or the new one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path


def write_whole(path: Path, text: str, check: Callable[[Path], object] = lambda _new: None) -> None:
    """Put ``text`` where ``path`` is. ``check`` sees the new file first and raises to keep the old one.

    Raises OSError, and whatever ``check`` raises.
    """
    new = path.with_name(f".{path.name}.new")
    try:
        with new.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        check(new)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in ``folder`` survive a power cut, where the file system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def in_memory(folder: Path, mounts: Path = Path("/proc/self/mountinfo")) -> bool:
    """Whether ``folder`` lies in memory, so that writing there waits for no disk. False when nobody knows."""
    try:
        device = folder.stat().st_dev
        table = mounts.read_text()
    except OSError:
        return False
    for line in table.splitlines():
        # 36 35 0:23 / /run rw,nosuid - tmpfs tmpfs rw,size=813528k
        mount, _, kind = line.partition(" - ")
        if mount.split()[2:3] == [f"{os.major(device)}:{os.minor(device)}"]:
            return kind.split()[:1] in (["tmpfs"], ["ramfs"])
    return False
