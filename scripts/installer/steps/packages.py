"""Debian's packages."""

from __future__ import annotations

import re

from scripts.installer.steps.base import FailedError, Step

WAIT = ("-o", "DPkg::Lock::Timeout=300")
"""A new card is often busy with its own updates."""
QUIET = {"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_SUSPEND": "1"}

LEAN = ("-o", "APT::Keep-Downloaded-Packages=false")
"""The card is small."""
STRICTLY = (
    "-o", "APT::AutoRemove::RecommendsImportant=false",
    "-o", "APT::AutoRemove::SuggestsImportant=false",
)  # fmt: skip
"""What nothing depends on can go: ours were not missed before us."""


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
        self._mend()
        # An archive that cannot be reached need not be one of these packages'.
        updated = self.system.ask("apt-get", "update", "-qq", *WAIT, environment=QUIET)
        try:
            planned = self.system.do(*install, "--simulate")
            # Written down before they are there: whatever gets no further can be taken back.
            new = re.findall(r"^Inst (\S+) \(", planned, re.M)
            self.record.packages += [name for name in new if name not in self.record.packages]
            self.record.save()
            self.system.do(*install, "-qq", environment=QUIET)
        except FailedError as failed:
            network = f"\n{updated.err.strip()}" if updated.code != 0 else ""
            raise FailedError(f"{failed}{network}\nIs there a network, and is the clock right?") from failed

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
