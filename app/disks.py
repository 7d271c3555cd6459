"""Which disks this computer runs from, and which are only plugged in.

A disk is only plugged in when nothing at all is known to use any part of it, other than being mounted whole
where sticks are mounted. The system, its swap, Instep and its data are followed down to their disks through
partitions, LUKS, LVM and RAID, files in a loop, the layers of an overlay, bind mounts, and file systems on
several devices. Where that cannot be done, no disk counts as a stick.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

UNDER = ("/media/", "/run/media/", "/mnt/")
"""Where systems mount what is plugged in."""
ON_NO_DISK = frozenset(
    ("tmpfs", "ramfs", "rootfs", "nfs", "nfs4", "cifs", "9p", "virtiofs", "devtmpfs", "autofs", "fuse.sshfs")
)
"""File systems whose files are in memory, in a file, or on another computer."""
NEVER = ("sr", "fd", "loop", "ram", "zram", "dm-", "md", "mtdblock")
"""Names of what is no stick, however it is connected."""
HELD_BY = frozenset(("raid", "other"))
"""What udev says of a partition that belongs to something larger, or is swap."""

_BY = {
    "UUID": "by-uuid",
    "LABEL": "by-label",
    "PARTUUID": "by-partuuid",
    "PARTLABEL": "by-partlabel",
    "ID": "by-id",
}


@dataclass(frozen=True)
class Mount:
    """A line of /proc/self/mountinfo."""

    number: str
    """``8:1``; ``0:…`` says nothing of the device."""
    top: str
    """What of the file system is mounted; "/" is all of it."""
    folder: str
    kind: str
    source: str
    options: tuple[str, ...]
    """Of the mount and of the file system."""

    @property
    def is_outside(self) -> bool:
        return not f"{self.folder}/".startswith(UNDER) or self.folder in ("/media", "/run/media")


class Disks:
    """The disks as they are now; ``root`` stands in for / in tests.

    ``ours`` are the folders that Instep runs from and keeps its data in. Raises OSError when the kernel's
    tables cannot be read.
    """

    def __init__(self, root: Path = Path("/"), ours: Iterable[Path] = ()) -> None:
        self._root = root
        self._class = root / "sys/class/block"
        self._names = self._entries(self._class)
        self._numbers = {
            text: name for name in self._names if (text := self._read(self._class / name / "dev"))
        }
        self.mounts = list(self._mounted())
        self._certain = True
        self._following: set[str] = set()
        self._used = self._carriers([PurePosixPath(folder) for folder in ours])

    def sticks(self) -> list[tuple[str, Mount]]:
        """What is mounted of disks that are only plugged in, each with the kernel's name of its device."""
        return [
            (name, mount)
            for mount in self.mounts
            if not mount.is_outside
            and mount.top == "/"
            and (name := self._device_of(mount)) is not None
            and self._is_stick(name)
            and self._over(mount.folder) is mount
        ]

    def unmounted(self) -> list[str]:
        """Parts of disks that are only plugged in, mounted nowhere; a disk without parts is one itself."""
        mounted = {name for mount in self.mounts for name in self._devices_of(mount)}
        found: list[str] = []
        for disk in sorted(self._names):
            if self._parent(disk) != disk or not self._is_stick(disk) or not self._has_medium(disk):
                continue
            found += [name for name in self._parts(disk) or [disk] if name not in mounted]
        return found

    # --- what is a stick -----------------------------------------------------------------------------

    def _is_stick(self, name: str) -> bool:
        disk = self._parent(name)
        return (
            self._certain
            and not disk.startswith(NEVER)
            and self._plugged(disk)
            and disk not in self._used
            and not any(self._is_held(part) for part in (disk, *self._parts(disk)))
        )

    def _plugged(self, disk: str) -> bool:
        """Whether it can be pulled out: says the kernel, or it hangs on USB."""
        folder = self._class / disk
        way = os.path.relpath(os.path.realpath(folder), os.path.realpath(self._root))
        return self._read(folder / "removable") == "1" or "/usb" in way

    def _is_held(self, part: str) -> bool:
        """Part of something larger: LUKS, LVM, RAID, a file system on several devices."""
        if self._entries(self._class / part / "holders"):
            return True
        number = self._read(self._class / part / "dev")
        said = self._read(self._root / "run/udev/data" / f"b{number}") if number else ""
        return any(
            key == "E:ID_FS_USAGE" and usage in HELD_BY
            for key, _is, usage in (line.partition("=") for line in said.splitlines())
        )

    def _has_medium(self, disk: str) -> bool:
        """A card reader is there without a card, and then is 0 long."""
        return self._read(self._class / disk / "size") not in ("", "0")

    # --- what the computer runs from -------------------------------------------------------------------

    def _carriers(self, ours: list[PurePosixPath]) -> set[str]:
        """The disks below everything that is not a stick."""
        used: set[str] = set()
        for mount in self.mounts:
            if mount.is_outside or mount.top != "/":
                used |= self._below(self._devices_of(mount))
            for layer in _layers(mount):
                used |= self._under(layer, (mount,))
        for folder in (PurePosixPath("/"), *ours):
            used |= self._under(folder, ())
        for name in self._names:
            # A loop, zram with a disk behind it, LVM, LUKS, RAID: whatever it is for, it is in use.
            if name.startswith(("loop", "zram", "dm-", "md")):
                used |= self._below([name])
        lines = self._read(self._root / "proc/swaps").splitlines()[1:]
        for swap in (_unescaped(line.split()[0]) for line in lines if line.split()):
            used |= self._of_path(swap)
        for word in self._read(self._root / "proc/cmdline").split():
            key, _is, spec = word.partition("=")
            if key in ("root", "resume") and (device := self._named(spec)):
                used |= self._below([device])
        for line in self._read(self._root / "etc/fstab").splitlines():
            fields = line.split()
            if len(fields) < 2 or fields[0].startswith("#"):
                continue
            is_stick = f"{_unescaped(fields[1])}/".startswith(UNDER)
            if not is_stick and (device := self._named(_unescaped(fields[0]))):
                used |= self._below([device])
        for line in self._read(self._root / "etc/crypttab").splitlines():
            fields = line.split()
            if len(fields) > 1 and not line.startswith("#") and (device := self._named(fields[1])):
                used |= self._below([device])
        for system in self._entries(self._root / "sys/fs/btrfs"):
            members = self._entries(self._root / "sys/fs/btrfs" / system / "devices")
            if len(members) > 1:
                used |= self._below(members)
        return used

    def _under(self, folder: PurePosixPath, seen: tuple[Mount, ...]) -> set[str]:
        """The disks that the file system with ``folder`` in it is on."""
        mount = self._over(str(folder))
        if mount is None or mount in seen:
            return self._booted()
        found = self._below(self._devices_of(mount))
        for layer in _layers(mount):
            found |= self._under(layer, (*seen, mount))
        if found or mount.kind in ON_NO_DISK:
            return found
        if mount.folder != "/":
            self._certain = False  # files of some program's own: any disk may be behind them
            return set()
        return self._booted()

    def _booted(self) -> set[str]:
        """The disk that the boot loader names, for want of a better word. Where there is none, what the
        computer runs from is not known, and then nothing is known not to be it."""
        for word in self._read(self._root / "proc/cmdline").split():
            if word.startswith("root=") and (name := self._named(word.removeprefix("root="))):
                return self._below([name])
        self._certain = False
        return set()

    def _over(self, folder: str) -> Mount | None:
        """The mount that ``folder`` is seen in: the last that covers it. The root's stands anywhere."""
        found: Mount | None = None
        for mount in self.mounts:
            if mount.folder == "/":
                found = found if found is not None and found.folder != "/" else mount
            elif f"{folder}/".startswith(f"{mount.folder}/"):
                found = mount
        return found

    def _below(self, names: Iterable[str]) -> set[str]:
        """The whole disks that these devices are on."""
        found: set[str] = set()
        waiting, seen = list(names), set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            disk = self._parent(name)
            found.add(disk)
            for device in {name, disk}:
                waiting += self._entries(self._class / device / "slaves")
                for file in ("loop/backing_file", "backing_dev"):
                    behind = self._read(self._class / device / file).removesuffix(" (deleted)")
                    if behind.startswith("/"):
                        found |= self._behind(device, behind)
        return found

    def _behind(self, device: str, path: str) -> set[str]:
        """The disks that a file in a loop is on; its path may be one that was seen only at start-up."""
        if device in self._following:
            return self._booted()
        self._following.add(device)
        try:
            return self._of_path(path)
        finally:
            self._following.discard(device)

    def _of_path(self, path: str) -> set[str]:
        name = self._named(path) if path.startswith("/dev/") else None
        return self._below([name]) if name else self._under(PurePosixPath(path), ())

    # --- the kernel's tables -----------------------------------------------------------------------------

    def _devices_of(self, mount: Mount) -> list[str]:
        name = self._device_of(mount)
        # bcachefs names all its devices in one word.
        sources = [name] if name else [self._named(source) for source in mount.source.split(":")]
        return [source for source in sources if source]

    def _device_of(self, mount: Mount) -> str | None:
        return self._numbers.get(mount.number) or self._named(mount.source)

    def _named(self, spec: str) -> str | None:
        """The kernel's name of ``/dev/…``, ``LABEL=…`` and the like, if it is there."""
        kind, is_, value = spec.partition("=")
        value = value.strip('"')
        if is_ and kind in _BY:
            path = self._root / "dev/disk" / _BY[kind] / _as_udev(value)
        elif spec.startswith("/dev/"):
            path = self._root / spec.lstrip("/")
        else:
            return None
        name = os.path.basename(os.path.realpath(path))
        return name if name in self._names else None

    def _parent(self, name: str) -> str:
        """The disk of a partition; any other device is its own."""
        real = Path(os.path.realpath(self._class / name))
        return real.parent.name if (real / "partition").exists() else name

    def _parts(self, disk: str) -> list[str]:
        real = Path(os.path.realpath(self._class / disk))
        return [name for name in self._entries(real) if (real / name / "partition").exists()]

    def _entries(self, folder: Path) -> list[str]:
        try:
            return sorted(os.listdir(folder))
        except OSError:
            return []

    def _read(self, path: Path) -> str:
        try:
            return os.fsdecode(path.read_bytes()).strip()
        except OSError:
            return ""

    def _mounted(self) -> Iterator[Mount]:
        text = os.fsdecode((self._root / "proc/self/mountinfo").read_bytes())
        for line in text.splitlines():
            first, dash, last = line.partition(" - ")
            about, what = first.split(" "), last.split(" ")
            if dash and len(about) >= 6 and len(what) >= 3:
                yield Mount(
                    number=about[2],
                    top=_unescaped(about[3]),
                    folder=_unescaped(about[4]),
                    kind=what[0],
                    source=_unescaped(what[1]),
                    options=(*about[5].split(","), *_unescaped(what[2]).split(",")),
                )


def ours(*more: Path) -> list[Path]:
    """The folders that this process runs from, and ``more``."""
    here = [Path(__file__), Path(sys.prefix), Path(sys.executable), *more]
    return [Path(os.path.realpath(path)) for path in here]


def _layers(mount: Mount) -> list[PurePosixPath]:
    """The folders that an overlay is made of."""
    if mount.kind != "overlay":
        return []
    found = [option.partition("=") for option in mount.options]
    return [
        PurePosixPath(path)
        for key, _is, value in found
        if key in ("lowerdir", "upperdir", "lowerdir+", "datadir+")
        for path in value.split(":")
        if path.startswith("/")
    ]


def _unescaped(field: str) -> str:
    """A space and the like are octal in the kernel's tables; what is beyond ASCII is there as it is."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), field)


def _as_udev(value: str) -> str:
    """A label as udev writes it in the name of a link."""
    keep = "#+-.:=@_"
    return "".join(
        sign if sign.isalnum() or sign in keep else "".join(f"\\x{byte:02x}" for byte in sign.encode())
        for sign in value
    )
