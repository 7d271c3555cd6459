"""Looks at the computer: which board, which system, what is packaged for it. Changes nothing."""

from __future__ import annotations

import os
import platform
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from scripts.installer.system import RefusedError, System

_BOARD = re.compile(r"Raspberry Pi (?:Compute Module )?(Zero 2|400|500|[345])(?![0-9])")
_GENERATION = {"Zero 2": 3, "400": 4, "500": 5}


@dataclass(frozen=True)
class Computer:
    """What matters of one computer."""

    model: str
    """As the firmware names it; empty where there is none."""
    architecture: str
    """Debian's name of what programs are for: arm64, armhf, amd64."""
    kernel: str
    """What the kernel is for: aarch64, x86_64."""
    debian: str
    """12, 13; empty when it is another system."""
    system: str
    """As the system names itself."""
    python: tuple[int, int, int]
    """Version, and bits."""
    free_mb: int
    packaged: frozenset[str]
    """Those of PACKAGED_OR_NOT that the archives have."""
    starts_desktop: bool
    booted: bool
    """It runs, and systemd looks after it: services can be started."""

    @property
    def generation(self) -> int | None:
        """3, 4, 5; None for a board that we do not know."""
        found = _BOARD.search(self.model)
        if found is None:
            return None
        return _GENERATION.get(found[1]) or int(found[1])

    @property
    def is_a_pi(self) -> bool:
        return "Raspberry Pi" in self.model


PACKAGED_OR_NOT = ("pigpio", "python3-lgpio", "libasound2t64", "libasound2")
"""Packages that are not in every archive."""


def look(system: System, model: str | None) -> Computer:
    """Raises RefusedError where it is no Debian, or its archives cannot be reached for the first time."""
    architecture = system.ask("dpkg", "--print-architecture")
    if architecture.code != 0:
        raise RefusedError(
            "This is no Debian system (there is no dpkg). Write a card with Raspberry Pi OS Lite, 64-bit."
        )
    told = _os_release(system)
    return Computer(
        model=model or (system.read("/proc/device-tree/model") or "").rstrip("\0\n"),
        architecture=architecture.out.strip(),
        kernel=platform.machine(),
        debian=told.get("VERSION_ID", "") if told.get("ID") in ("debian", "raspbian") else "",
        system=told.get("PRETTY_NAME", "an unnamed system"),
        python=_python(system),
        free_mb=_free_mb(system.path("/opt")),
        packaged=_packaged(system),
        starts_desktop=_starts_desktop(system),
        booted=system.here
        and system.path("/run/systemd/system").is_dir()
        and system.ask("systemd-detect-virt", "--chroot").code != 0,
    )


def _os_release(system: System) -> dict[str, str]:
    lines = (system.read("/etc/os-release") or "").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {name: value.strip().strip('"') for name, _, value in pairs}


def _python(system: System) -> tuple[int, int, int]:
    asked = "import sys; print(*sys.version_info[:2], 64 if sys.maxsize > 2**32 else 32)"
    said = system.ask("python3", "-c", asked).out.split()
    return (int(said[0]), int(said[1]), int(said[2])) if len(said) == 3 else (0, 0, 0)


def _free_mb(place: Path) -> int:
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free // 10**6


def _packaged(system: System) -> frozenset[str]:
    """A card that was never updated has no lists yet: they are fetched, which changes nothing else."""
    lists = system.path("/var/lib/apt/lists")
    if not any("Packages" in name for name in (os.listdir(lists) if lists.is_dir() else ())):
        done = system.ask("apt-get", "update", "-qq", "-o", "DPkg::Lock::Timeout=300")
        if done.code != 0:
            raise RefusedError(
                "The lists of Debian's packages cannot be fetched. Is there a network, is the clock right?\n"
                + done.err.strip()
            )
    found = set()
    package = ""
    for line in system.ask("apt-cache", "policy", *PACKAGED_OR_NOT).out.splitlines():
        if not line.startswith(" "):
            package = line.rstrip(":")
        elif line.strip().startswith("Candidate:") and "(none)" not in line:
            found.add(package)
    return frozenset(found)


def _starts_desktop(system: System) -> bool:
    manager = system.path("/etc/systemd/system/display-manager.service")
    if not manager.is_symlink():
        return False
    return system.ask("systemctl", "get-default").out.strip() == "graphical.target"
