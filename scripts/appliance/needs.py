"""What the proof needs of this computer, and how to get what is missing."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

BINFMT = Path("/proc/sys/fs/binfmt_misc")
FREE_GB = 20

_TOOLS = {
    "debootstrap": "debootstrap",
    "mkfs.ext4": "e2fsprogs",
    "git": "git",
}
_ARM = {"update-binfmts": "binfmt-support"}
_PI = {"qemu-system-aarch64": "qemu-system-arm", "fdtput": "device-tree-compiler"}
_GUEST = {"qemu-system-x86_64": "qemu-system-x86"}


def missing(parts: set[str], work: Path, arches: set[str]) -> list[str]:
    """What keeps ``parts`` from being proven here, each with what to do about it."""
    found = []
    if os.geteuid() != 0:
        found.append("only root may make trees and mount into them: run it with sudo")
    tools = dict(_TOOLS)
    arm = "pi" in parts or ("trees" in parts and "arm64" in arches)
    if arm:
        tools |= _ARM
    if "pi" in parts:
        tools |= _PI
    if parts & {"guest", "panels", "update", "read-only"}:
        tools |= _GUEST
    packages = sorted({package for tool, package in tools.items() if shutil.which(tool) is None})
    if arm and not _arm_runs() and "qemu-user-static" not in packages:
        packages.append("qemu-user-static")
    if packages:
        found.append(f"missing packages: sudo apt-get install {' '.join(packages)}")
    work.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(work).free >> 30
    if free < FREE_GB:
        found.append(f"{work} has {free} GB free, {FREE_GB} are needed: choose another place with --work")
    return found


def _arm_runs() -> bool:
    """Whether this computer runs arm64 programs, by itself or by an emulator the kernel knows."""
    if os.uname().machine == "aarch64":
        return True
    if BINFMT.exists() and not (BINFMT / "status").exists():
        _quietly("mount", "-t", "binfmt_misc", "binfmt_misc", str(BINFMT))
    if (BINFMT / "qemu-aarch64").exists():
        return True
    _quietly("update-binfmts", "--enable", "qemu-aarch64")
    return (BINFMT / "qemu-aarch64").exists()


def _quietly(*command: str) -> None:
    """What it could not do is seen by what is there afterwards."""
    with contextlib.suppress(OSError):
        subprocess.run(command, check=False, capture_output=True)
