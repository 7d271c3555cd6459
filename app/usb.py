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

from hardware.errors import InstepError

log = logging.getLogger(__name__)

Trouble = Literal["gone", "full", "read-only", "differs", "failed"]

UNDER = ("/media/", "/run/media/", "/mnt/")
"""Where systems mount what is plugged in."""
LEAST_FREE = 64 * 1024
"""Below this a stick is full, whatever is to be written."""
UNMOUNT_S = 30.0
_PART = re.compile(r"^\.instep-.*\.part$")
_READ = 256 * 1024

_WORDS: dict[Trouble, str] = {
    "gone": "the stick was pulled out, or does not answer",
    "full": "the stick is full",
    "read-only": "the stick is write-protected",
    "differs": "the stick did not keep what was written; it may be worn out",
    "failed": "the stick cannot be written",
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
        super().__init__(_WORDS[trouble] + (f": {detail}" if detail else ""))
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


def sticks(root: Path = Path("/")) -> list[Stick]:
    """The sticks that are plugged in and mounted. ``root`` stands in for / in tests. Raises nothing."""
    try:
        text = (root / "proc/self/mounts").read_text(errors="replace")
    except OSError:
        return []
    found: dict[str, Stick] = {}
    for line in text.splitlines():
        parts = line.split(" ")
        if len(parts) < 4 or not parts[0].startswith("/dev/"):
            continue
        device, folder = _unescaped(parts[0]), _unescaped(parts[1])
        if not f"{folder}/".startswith(UNDER) or not _plugged(root, device):
            continue
        path = root / folder.lstrip("/")
        try:
            info, room = path.stat(), os.statvfs(path)
        except OSError:
            continue
        found[device] = Stick(
            device=device,
            path=path,
            name=path.name,
            free=room.f_bavail * room.f_frsize,
            read_only="ro" in parts[3].split(",") or bool(room.f_flag & os.ST_RDONLY),
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
    """Parts of what can be pulled out that are mounted nowhere; a disk without parts is one itself."""
    try:
        table = (root / "proc/self/mounts").read_text(errors="replace")
        disks = sorted((root / "sys/block").iterdir())
    except OSError:
        return []
    mounted = {line.partition(" ")[0] for line in table.splitlines()}
    found = []
    for disk in disks:
        if not _plugged(root, f"/dev/{disk.name}") or not _has_medium(disk):
            continue
        parts = sorted(part.name for part in disk.glob(f"{disk.name}*") if (part / "partition").exists())
        found += [f"/dev/{name}" for name in parts or [disk.name] if f"/dev/{name}" not in mounted]
    return found


def _has_medium(disk: Path) -> bool:
    """A card reader is there without a card, and then is 0 long."""
    try:
        return int((disk / "size").read_text()) > 0
    except (OSError, ValueError):
        return False


def _unescaped(field: str) -> str:
    """A space and the like are octal in the table of mounts; what is beyond ASCII is there as it is."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), field)


def _plugged(root: Path, device: str) -> bool:
    """Whether it can be pulled out: says the kernel, or it hangs on USB."""
    name = Path(device).name
    blocks = root / "sys/block"
    try:
        disks = [disk for disk in blocks.iterdir() if name.startswith(disk.name)]
    except OSError:
        return False
    for disk in disks:
        with contextlib.suppress(OSError):
            if (disk / "removable").read_text().strip() == "1" or "/usb" in str(disk.resolve()):
                return True
    return False


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
