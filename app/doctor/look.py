"""What the doctor looks with: files, commands, the daemon's door and what the controller says.

All of it can be replaced, so that each fault can be shown to it without having one.
"""

from __future__ import annotations

import os
import platform
import pwd
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from app.places import Places
from hardware.board.factory import knock
from hardware.errors import BoardError
from hardware.machine import Machine
from hardware.messages import Snapshot

RUN_S = 5.0


def run(*command: str) -> str | None:
    """What a command says on standard output; None when there is no such command, or it does not end."""
    tool = shutil.which(command[0])
    if tool is None:
        return None
    try:
        done = subprocess.run(
            [tool, *command[1:]], check=False, capture_output=True, text=True, timeout=RUN_S
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def knocked(host: str, port: int) -> str:
    """Why no pin daemon answers there; empty when one does."""
    try:
        knock(host, port)
    except BoardError as error:
        return str(error)
    return ""


def may_open(path: Path) -> bool:
    """Read and write it, as the user that asks."""
    return os.access(path, os.R_OK | os.W_OK)


def room(path: Path) -> tuple[int, int]:
    """(free, all) bytes of the disk it is on. Raises OSError."""
    found = shutil.disk_usage(path)
    return found.free, found.total


def installed_version(name: str) -> str:
    """Of a Python package; empty when it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def current_user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


@dataclass(frozen=True)
class Look:
    """``heard`` are the snapshots of the last seconds, oldest first; none: no controller answers.

    ``wrong`` is what is wrong with the machine file; ``machine`` is None then.
    """

    places: Places
    machine_path: Path
    machine: Machine | None
    wrong: str = ""
    heard: tuple[Snapshot, ...] = ()
    virtual: bool = False
    """A virtual machine stands behind the pins."""
    port: int | None = None
    """Of its daemon."""
    root: Path = Path("/")
    run: Callable[..., str | None] = run
    knock: Callable[[str, int], str] = knocked
    may_open: Callable[[Path], bool] = may_open
    room: Callable[[Path], tuple[int, int]] = room
    package: Callable[[str], str] = installed_version
    clock: Callable[[], float] = time.time
    architecture: str = platform.machine()
    user: str = ""
    display: bool = False

    @property
    def snapshot(self) -> Snapshot | None:
        return self.heard[-1] if self.heard else None

    def at(self, path: str) -> Path:
        return self.root / path

    def text(self, path: str) -> str:
        """A file's text; empty when it cannot be read."""
        try:
            return self.at(path).read_text(errors="replace").strip("\0 \n")
        except OSError:
            return ""

    def among(self, pattern: str) -> list[Path]:
        """Paths below the root that fit, in order; none where they cannot be listed."""
        try:
            return sorted(self.root.glob(pattern))
        except OSError:
            return []

    @cached_property
    def model(self) -> str:
        """The computer's, as its firmware says it; empty on what is no such board."""
        return self.text("proc/device-tree/model")

    @property
    def pi(self) -> bool:
        return "Raspberry Pi" in self.model

    @property
    def installed(self) -> bool:
        """By the installer, as an appliance."""
        return self.at("etc/instep/installed.json").exists()

    @property
    def service_user(self) -> str:
        """Whom the services run as: the user "instep" where there is one, else whoever asks."""
        users = {line.partition(":")[0] for line in self.text("etc/passwd").splitlines()}
        return "instep" if "instep" in users else self.user

    def groups(self) -> Iterator[tuple[str, Sequence[str]]]:
        """(group, its members)."""
        for line in self.text("etc/group").splitlines():
            fields = line.split(":")
            if len(fields) == 4:
                yield fields[0], [member for member in fields[3].split(",") if member]


def look_here(
    places: Places,
    machine_path: Path,
    machine: Machine | None,
    wrong: str,
    heard: Sequence[Snapshot],
    *,
    virtual: bool,
    port: int | None,
    display: bool,
) -> Look:
    """At this very computer."""
    return Look(
        places,
        machine_path,
        machine,
        wrong,
        tuple(heard),
        virtual=virtual,
        port=port if virtual else None,
        user=current_user(),
        display=display,
    )
