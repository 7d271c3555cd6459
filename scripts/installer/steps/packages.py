"""Debian's packages."""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from scripts.installer.steps.base import FailedError, Step
from scripts.installer.system import Done, System

WAIT = ("-o", "DPkg::Lock::Timeout=300")
"""A new card is often busy with its own updates."""
QUIET = {"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_SUSPEND": "1"}

STRICT_UPDATE = ("-o", "APT::Update::Error-Mode=any")
"""Without a network an update counts as done otherwise."""
LOCKS = ("/var/lib/apt/lists/lock", "/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock")
LOCKS_S = 300.0
LEAN = ("-o", "APT::Keep-Downloaded-Packages=false")
"""The card is small."""
STRICTLY = (
    "-o", "APT::AutoRemove::RecommendsImportant=false",
    "-o", "APT::AutoRemove::SuggestsImportant=false",
)  # fmt: skip
"""What nothing depends on can go: ours were not missed before us."""


def wait_for_others(
    system: System,
    say: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Until no other apt or dpkg is at work, for five minutes at most. By itself apt-get does not wait for
    the lock of its lists, and dpkg for none."""
    ends, said = clock() + LOCKS_S, False
    for name in LOCKS:
        while _is_held(system.path(name)) and clock() < ends:
            if not said:
                say("  another installation of packages is at work; waiting for up to five minutes")
            said = True
            sleep(1.0)


def _is_held(path: Path) -> bool:
    try:
        with path.open("r+b") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        # A lock that others have is either, by the system.
        return path.exists() and os.access(path, os.W_OK)
    except OSError:
        return False
    return False


class Packages(Step):
    name = "packages"

    def say(self) -> str:
        return f"install {', '.join(self._missing())}, and what they need"

    def needed(self) -> bool:
        return bool(self._missing())

    def _missing(self) -> list[str]:
        there = self.installed()
        return [name for name in self.job.to_do.packages if name not in there]

    def installed(self) -> set[str]:
        said = self.system.ask("dpkg-query", "-W", "-f", "${Package}\\t${Status}\\n").out
        rows = (line.split("\t") for line in said.splitlines())
        return {name for name, status in rows if status == "install ok installed"}

    def do(self) -> None:
        self.install(self._missing())

    def install(self, names: list[str]) -> None:
        options = ("-y", "--no-install-recommends", *WAIT, *LEAN)
        install = ("apt-get", "install", *options, *names)
        wait_for_others(self.system, self.job.say)
        self._mend()
        # An archive that cannot be reached need not be one of these packages'.
        updated = self.system.ask("apt-get", "update", "-qq", *WAIT, *STRICT_UPDATE, environment=QUIET)
        planned = self._apt(updated, *install, "--simulate")
        # Written down before they are there: whatever gets no further can be taken back.
        new = re.findall(r"^Inst (\S+) \(", planned, re.M)
        self.record.packages += [name for name in new if name not in self.record.packages]
        self.record.save()
        self._apt(updated, *install, "-qq")

    def _apt(self, updated: Done, *command: str) -> str:
        """Raises FailedError with why, as shortly as it can be said."""
        done = self.system.ask(*command, environment=QUIET)
        if done.code == 0:
            return done.out
        lines = [line for said in (updated.err, done.out, done.err) for line in said.splitlines()]
        why = [line for line in lines if line.startswith("E: ")] or [line for line in lines if line.strip()]
        network = " Is there a network, and is the clock right?" if updated.code != 0 else ""
        raise FailedError(
            "\n".join((f"apt-get cannot install them.{network}", *list(dict.fromkeys(why))[-3:]))
        )

    def _mend(self) -> None:
        """What a pulled plug left half-done, by which every other installation would be refused."""
        self.system.ask("dpkg", "--configure", "-a", environment=QUIET)

    def unsay(self) -> str:
        return "remove the packages that came with it and that nothing else needs"

    def undo(self) -> None:
        ours = [name for name in self.record.packages if name in self.installed()]
        if not ours:
            return
        self._mend()
        # Not simply removed: what somebody has built on them since would go with them.
        self.system.do("apt-mark", "auto", *ours)
        simulated = self.system.do("apt-get", "--simulate", *STRICTLY, "autoremove")
        unneeded = set(re.findall(r"^(?:Remv|Purg) (\S+)", simulated, re.M))
        going = [name for name in ours if name in unneeded]
        if going:
            self.system.do("apt-get", "purge", "-y", "-qq", *WAIT, *going, environment=QUIET)
        if staying := [name for name in ours if name not in unneeded]:
            self.job.say(f"  still needed by others: {', '.join(staying)}")
