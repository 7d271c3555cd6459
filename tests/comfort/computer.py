"""A computer's disks, as the kernel tells of them, in a folder."""

from __future__ import annotations

from pathlib import Path


class Tree:
    """Writes what :mod:`app.disks` reads below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("proc/self", "sys/class/block", "dev"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        self._table = root / "proc/self/mountinfo"
        self._table.touch()

    def disk(
        self,
        name: str,
        parts: int = 0,
        *,
        removable: bool = False,
        bus: str = "platform/soc",
        size: int = 8,
    ) -> None:
        """A disk with partitions 1 to ``parts``."""
        glue = "p" if name[-1].isdigit() else ""
        folder = self.root / "sys/devices" / bus / "block" / name
        self._device(folder, name)
        (folder / "removable").write_text(f"{int(removable)}\n")
        (folder / "size").write_text(f"{size}\n")
        for number in range(1, parts + 1):
            part = folder / f"{name}{glue}{number}"
            self._device(part, part.name)
            (part / "partition").write_text(f"{number}\n")

    def made_of(self, name: str, *below: str) -> None:
        """LUKS, LVM or RAID on other devices."""
        folder = self.root / "sys/devices/virtual/block" / name
        self._device(folder, name)
        for device in below:
            (folder / "slaves" / device).mkdir(parents=True)
            (self.root / "sys/class/block" / device / "holders" / name).mkdir(parents=True)

    def behind(self, name: str, path: str, file: str = "loop/backing_file") -> None:
        folder = self.root / "sys/devices/virtual/block" / name
        self._device(folder, name)
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(f"{path}\n")

    def mount(
        self,
        source: str,
        folder: str,
        kind: str = "vfat",
        *,
        top: str = "/",
        options: str = "rw",
        more: str = "rw",
        number: str | None = None,
    ) -> None:
        """A device by its name in /dev, or whatever else is mounted."""
        device = self.root / "sys/class/block" / source / "dev"
        number = number or (device.read_text().strip() if device.exists() else "0:50")
        named = f"/dev/{source}" if device.exists() else source
        (self.root / folder.strip("/")).mkdir(parents=True, exist_ok=True)
        escaped = folder.replace(" ", "\\040")
        with self._table.open("a") as table:
            table.write(f"30 1 {number} {top} {escaped} {options} shared:1 - {kind} {named} {more}\n")

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def link(self, path: str, device: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).symlink_to(self.root / "dev" / device)

    def _device(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True)
        names = self.root / "sys/class/block"
        (folder / "dev").write_text(f"8:{len(list(names.iterdir()))}\n")
        (names / name).symlink_to(folder)
        (self.root / "dev" / name).touch()
