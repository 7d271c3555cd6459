"""Small files, written whole or not at all: a power cut leaves the old one or the new one."""

from __future__ import annotations

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
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name is on the disk as well as the content
    finally:
        os.close(folder)
