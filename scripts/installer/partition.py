"""The partition for the data: whether it can be one, and the data copied onto it and compared."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.installer.fstab import OPTIONS
from scripts.installer.steps.base import DATA, USER
from scripts.installer.system import FailedError, RefusedError, System

MARK = ".instep-data"
"""On the partition: it is Instep's. Says WHOLE once everything is on it."""
WHOLE, COPYING = "whole\n", "copying\n"
ASTRAY = "data-is-elsewhere.txt"
"""In the folder beneath the partition: seen only when that is not there. ``app/places.py`` knows it, too."""
NOT_DATA = ("lost+found", MARK, ASTRAY)
ASIDE = "/run/instep-data"
"""Where it is mounted to be looked at."""
SPARE_MB = 256
"""For years of sessions, and for backups: at least so much stays free."""
MAKE_ONE = "README, Read-only system, tells how to make one"


@dataclass(frozen=True)
class Partition:
    device: str
    uuid: str
    kind: str
    """Its file system."""
    size: int
    """Bytes."""


def find(system: System, named: str) -> Partition:
    """The partition of that device name, ``LABEL=`` or ``UUID=``. Raises RefusedError with why not."""
    device = named
    if "=" in named:
        device = system.ask("findfs", named).out.strip()
    size = system.ask("blockdev", "--getsize64", device).out.strip() if device else ""
    if not size.isdigit():
        raise RefusedError(f"There is no partition {named}. lsblk -f lists those there are; {MAKE_ONE}.")
    for place in system.ask("findmnt", "-rno", "TARGET", "--source", device).out.splitlines():
        raise RefusedError(_in_use(named, place))
    said = system.ask("blkid", "-p", "-o", "export", device).out
    tags = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    kind, uuid = tags.get("TYPE", ""), tags.get("UUID", "")
    if kind not in OPTIONS or not uuid:
        what = f"{named} holds {kind}" if kind else f"{named} has no file system"
        raise RefusedError(
            f"{what}; the data need ext4 or f2fs, which survive a pulled plug. To make it so, which ERASES "
            f"it: sudo mkfs.ext4 -L instep {device}"
        )
    return Partition(device, uuid, kind, int(size))


def _in_use(named: str, place: str) -> str:
    if place in ("/", "/media/root-ro"):
        return f"{named} is the partition of the system itself: the data need one of their own. {MAKE_ONE}."
    if place.startswith("/boot"):
        return f"{named} is the boot partition: the data need one of their own. {MAKE_ONE}."
    return f"{named} is in use, mounted at {place}. Take it out there first: sudo umount {place}"


@contextlib.contextmanager
def mounted(system: System, partition: Partition) -> Iterator[Path]:
    """The partition in a folder of its own."""
    folder = system.path(ASIDE)
    system.make_folders(folder)
    try:
        system.do("mount", "-t", partition.kind, "-o", "noatime,nosuid,nodev,noexec", partition.device, ASIDE)
        try:
            yield folder
        finally:
            system.do("umount", ASIDE)
    finally:
        system.remove_if_empty(ASIDE)


def refuse_if_unfit(system: System, partition: Partition) -> bool:
    """Whether it holds Instep's whole data already. Raises RefusedError."""
    try:
        with mounted(system, partition) as folder:
            there = _names(folder)
            mark = system.read(f"{ASIDE}/{MARK}")
            free = shutil.disk_usage(folder).free
    except FailedError as failed:
        raise RefusedError(f"{partition.device} cannot be mounted: {failed}") from failed
    if there and mark is None:
        raise RefusedError(
            f"{partition.device} is not empty ({', '.join(there[:5])}) and what is on it is not Instep's. "
            "Empty it, or name another."
        )
    ours = mark == WHOLE
    if ours and system.path(f"{DATA}/history.db").exists() and "history.db" in there:
        raise RefusedError(
            f"Both {DATA} and {partition.device} hold a history, and only one can be in use. To use the "
            f"partition's: sudo mv {DATA}/history.db {DATA}/history.db.old, with the controller stopped. "
            f"To use the other, empty the partition, which ERASES its history: sudo mkfs.ext4 -L instep "
            f"{partition.device}"
        )
    needed = sum(path.lstat().st_size for path in _files(system.path(DATA)))
    if not ours and free < needed + (SPARE_MB << 20):
        raise RefusedError(
            f"{partition.device} is too small: {free >> 20} MB are free on it, "
            f"{(needed >> 20) + SPARE_MB} are needed."
        )
    return ours


def move_in(system: System, partition: Partition) -> None:
    """Put a copy of the data on the partition, compared after it was read back. Raises FailedError."""
    source = system.path(DATA)
    with mounted(system, partition) as folder:
        system.write(f"{ASIDE}/{MARK}", COPYING)
        for name in _names(folder):  # of a copy that was cut short
            system.remove(f"{ASIDE}/{name}")
        system.do("chown", f"{USER}:{USER}", ASIDE)
        system.do("chmod", "0700", ASIDE)
        _copy(source, folder)
        os.sync()
    # Mounted anew, what is compared comes from the partition and not from memory.
    with mounted(system, partition) as folder:
        for path in _files(source):
            other = folder / path.relative_to(source)
            if not other.exists() or _digest(other) != _digest(path):
                raise FailedError(f"{other.name} is not on {partition.device} as it should be: is it worn?")
        system.write(f"{ASIDE}/{MARK}", WHOLE)


def _copy(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")):
        if path.relative_to(source).parts[0] in NOT_DATA:
            continue
        new = target / path.relative_to(source)
        if path.is_dir() and not path.is_symlink():
            new.mkdir(mode=0o700)
        elif path.is_file() and not path.is_symlink():
            shutil.copyfile(path, new)
        else:
            continue  # nothing of ours is a link or a socket
        info = path.stat()
        os.chown(new, info.st_uid, info.st_gid)
        shutil.copystat(path, new)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name not in NOT_DATA)


def _files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [path for path in found if path.relative_to(folder).parts[0] not in NOT_DATA]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
