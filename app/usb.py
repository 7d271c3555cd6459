"""USB sticks: found where the system mounted them, written so that nothing half-written stays behind.

A file is written under another name, forced onto the stick, read back, compared, and only then given its
name. Everything goes through one open folder: a stick that was pulled out is never mistaken for the empty
mount point that it left.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.disks import Disks, ours
from hardware.errors import InstepError
from hardware.message import Declared, Foreign, Message, says


@says("the stick was pulled out, or does not answer")
def stick_gone() -> None: ...


@says("the stick is full")
def stick_full() -> None: ...


@says("the stick is write-protected")
def stick_read_only() -> None: ...


@says("the stick did not keep what was written; it may be worn out")
def stick_differs() -> None: ...


@says("the stick cannot be written")
def stick_failed() -> None: ...


@says("{what}: {why}")
def stick_trouble(what: Message, why: Foreign) -> None: ...


log = logging.getLogger(__name__)

Trouble = Literal["gone", "full", "read-only", "differs", "failed"]

LEAST_FREE = 64 * 1024
"""Below this a stick is full, whatever is to be written."""
UNMOUNT_S = 30.0
_PART = re.compile(r"^\.instep-.*\.part$")
_READ = 256 * 1024
_KEEP_OFF: list[Path] = []

_WORDS: dict[Trouble, Declared[[]]] = {
    "gone": stick_gone,
    "full": stick_full,
    "read-only": stick_read_only,
    "differs": stick_differs,
    "failed": stick_failed,
}
_BY_ERRNO: dict[int, Trouble] = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EFBIG: "full",
    errno.EROFS: "read-only",
    errno.EACCES: "read-only",
    errno.EPERM: "read-only",
    errno.EIO: "gone",
    errno.ENODEV: "gone",
    errno.ENXIO: "gone",
    errno.ENOENT: "gone",
    errno.ENOTDIR: "gone",
    errno.ESTALE: "gone",
}

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
Which = Callable[[str], str | None]


class UsbError(InstepError):
    """Nothing was left on the stick; ``trouble`` says why."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        words = _WORDS[trouble]()
        super().__init__(stick_trouble(words, Foreign(detail)) if detail else words)
        self.trouble = trouble


@dataclass(frozen=True)
class Stick:
    """A mounted stick."""

    device: str
    """``/dev/sda1``"""
    path: Path
    name: str
    """As the person may have named it."""
    free: int
    """Bytes."""
    read_only: bool
    number: int
    """The file system's device number: by it a stick is told from its empty mount point."""


def keep_off(*folders: Path) -> None:
    """The disks that these folders are on are no sticks, wherever they are mounted."""
    _KEEP_OFF[:] = folders


def sticks(root: Path = Path("/")) -> list[Stick]:
    """The sticks that are plugged in and mounted. ``root`` stands in for / in tests. Raises nothing."""
    try:
        mounts = Disks(root, ours(*_KEEP_OFF)).sticks()
    except OSError:
        return []
    found: dict[str, Stick] = {}
    for name, mount in mounts:
        path = root / mount.folder.lstrip("/")
        try:
            info, room = path.stat(), os.statvfs(path)
        except OSError:
            continue
        found[name] = Stick(
            device=f"/dev/{name}",
            path=path,
            name=path.name,
            free=room.f_bavail * room.f_frsize,
            read_only="ro" in mount.options or bool(room.f_flag & os.ST_RDONLY),
            number=info.st_dev,
        )
    return list(found.values())


def look(root: Path = Path("/"), run: Run = subprocess.run, which: Which = shutil.which) -> list[Stick]:
    """The sticks that are plugged in; where nobody mounts them by themselves, udisks is asked to."""
    found = sticks(root)
    tool = None if found else which("udisksctl")
    if tool is None:
        return found
    for device in _unmounted(root):
        command = [tool, "mount", "--no-user-interaction", "-b", device]
        try:
            run(command, check=False, capture_output=True, timeout=UNMOUNT_S)
        except (OSError, subprocess.SubprocessError) as error:
            log.info("%s cannot be mounted: %s", device, error)
    return sticks(root)


def write(stick: Stick, filename: str, chunks: Iterable[bytes], least_free: int = LEAST_FREE) -> Path:
    """Write ``chunks`` to a new file on the stick and return its path. May take long: not for the screen's
    thread.

    A name that is taken gets a number. Raises UsbError, and whatever ``chunks`` raises; then nothing new is
    on the stick.
    """
    part = f".instep-{filename}.part"
    try:
        with _folder(stick) as folder:
            room = os.fstatvfs(folder)
            if stick.read_only or room.f_flag & os.ST_RDONLY:
                raise UsbError("read-only")
            _sweep(folder)
            if room.f_bavail * room.f_frsize < least_free:
                raise UsbError("full")
            try:
                written = _write(folder, part, chunks)
                if _read_back(folder, part) != written:
                    raise UsbError("differs")
                name = _free_name(folder, filename)
                os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(part, dir_fd=folder)
                raise
            _keep(folder)
            _still_there(stick)
            return stick.path / name
    except OSError as error:
        log.warning("%s cannot be written: %s", stick.path, error)
        raise UsbError(_BY_ERRNO.get(error.errno or 0, "failed"), error.strerror or "") from error


def finish(
    stick: Stick, run: Run = subprocess.run, which: Callable[[str], str | None] = shutil.which
) -> bool:
    """Make the stick safe to take out. True when it is unmounted, False when it is only written out."""
    os.sync()
    tool = which("udisksctl")
    if tool is None:
        return False
    command = [tool, "unmount", "--no-user-interaction", "-b", stick.device]
    try:
        done = run(command, check=False, capture_output=True, timeout=UNMOUNT_S)
    except (OSError, subprocess.SubprocessError) as error:
        log.info("%s stays mounted: %s", stick.device, error)
        return False
    return done.returncode == 0


def _unmounted(root: Path) -> list[str]:
    try:
        return [f"/dev/{name}" for name in Disks(root, ours(*_KEEP_OFF)).unmounted()]
    except OSError:
        return []


@contextlib.contextmanager
def _folder(stick: Stick) -> Iterator[int]:
    folder = os.open(stick.path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if os.fstat(folder).st_dev != stick.number:
            raise UsbError("gone")
        yield folder
    finally:
        os.close(folder)


def _sweep(folder: int) -> None:
    """Remove what was begun when a stick was pulled out."""
    for name in os.listdir(folder):
        if _PART.match(name):
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=folder)


def _write(folder: int, name: str, chunks: Iterable[bytes]) -> bytes:
    digest = hashlib.sha256()
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644, dir_fd=folder)
    try:
        for chunk in chunks:
            digest.update(chunk)
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(file, rest) :]
        os.fsync(file)
        # What is compared has to come from the stick, not from memory.
        with contextlib.suppress(OSError):
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(file)
    return digest.digest()


def _read_back(folder: int, name: str) -> bytes:
    digest = hashlib.sha256()
    file = os.open(name, os.O_RDONLY, dir_fd=folder)
    try:
        while block := os.read(file, _READ):
            digest.update(block)
    finally:
        os.close(file)
    return digest.digest()


def _free_name(folder: int, filename: str) -> str:
    stem, dot, ending = filename.partition(".")
    taken = {name.casefold() for name in os.listdir(folder)}
    number, name = 1, filename
    while name.casefold() in taken:
        number += 1
        name = f"{stem}-{number}{dot}{ending}"
    return name


def _keep(folder: int) -> None:
    """The name is to be on the stick too. Not every file system can be asked for that."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise


def _still_there(stick: Stick) -> None:
    if stick.path.stat().st_dev != stick.number:
        raise UsbError("gone")
