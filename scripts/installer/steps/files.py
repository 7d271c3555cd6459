"""The system's files of ours: services, rules, limits, and the command ``instep``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scripts.installer.plan import OWN_MACHINE, Plan
from scripts.installer.steps.base import CURRENT, DATA, RUNTIME, USER, FailedError, Step

UNITS = "/etc/systemd/system"
MASK = re.compile(r"^(ExecStart=\S*pigpiod\b.*\s-x\s+)\S+", re.M)
COMMAND = f"""#!/bin/sh
# Instep on this machine: as the user it runs as, with its data. Written by scripts/install.
set -eu
if [ "$(id -un)" = {USER} ]; then
    exec env INSTEP_DATA={DATA} INSTEP_RUNTIME={RUNTIME} {CURRENT}/.venv/bin/instep "$@"
elif [ "$(id -u)" -eq 0 ]; then
    exec runuser -u {USER} -- env HOME={DATA} "$0" "$@"
else
    exec sudo "$0" "$@"
fi
"""


@dataclass(frozen=True)
class Shipped:
    """A file of ``systemd/``, where it goes, and who has to hear of it."""

    name: str
    target: str
    hears: str


ALWAYS = (
    Shipped("instep-controller.service", f"{UNITS}/instep-controller.service", "units"),
    Shipped("instep-last-resort.service", f"{UNITS}/instep-last-resort.service", "units"),
    Shipped("instep-backup.service", f"{UNITS}/instep-backup.service", "units"),
    Shipped("instep-backup.timer", f"{UNITS}/instep-backup.timer", "units"),
    Shipped("instep-kiosk.service", f"{UNITS}/instep-kiosk.service", "units"),
    Shipped("instep.rules", "/etc/polkit-1/rules.d/50-instep.rules", ""),  # polkit sees it by itself
    Shipped("60-instep.rules", "/etc/udev/rules.d/60-instep.rules", "udev"),
    Shipped("journald.conf", "/etc/systemd/journald.conf.d/instep.conf", "journal"),
)
WATCHDOG = Shipped("watchdog.conf", "/etc/systemd/system.conf.d/instep.conf", "watchdog")
PIGPIOD = Shipped("pigpiod.conf", f"{UNITS}/pigpiod.service.d/instep.conf", "pins")
CAGE = Shipped("instep-kiosk.cage.conf", f"{UNITS}/instep-kiosk.service.d/cage.conf", "units")
VIRTUAL = Shipped("instep-virtual.service", f"{UNITS}/instep-virtual.service", "pins")
COMMAND_AT = "/usr/local/bin/instep"


def files_for(plan: Plan) -> list[Shipped]:
    found = list(ALWAYS)
    if plan.boot_files or not plan.virtual:
        found.append(WATCHDOG)  # a PC's own watchdog is not ours to set for a demonstration
    if "pigpiod.service" in plan.units:
        found.append(PIGPIOD)
    if plan.screen == "cage":
        found.append(CAGE)
    if plan.virtual:
        found.append(VIRTUAL)
    return found


class Files(Step):
    name = "system"

    def say(self) -> str:
        what = ["services", "rights (polkit, udev)", "limits of the journal", f"the command {COMMAND_AT}"]
        names = [file.name for file in files_for(self.job.to_do)]
        if WATCHDOG.name in names:
            what.append("the hardware watchdog")
        if PIGPIOD.name in names:
            what.append("pigpiod on this computer only, for this machine's pins only")
        return ", ".join(what)

    def _wanted(self) -> dict[str, tuple[str, int, str]] | None:
        """Text, mode and hearer by place; None before the program is there that fills one of them in."""
        wanted: dict[str, tuple[str, int, str]] = {COMMAND_AT: (COMMAND, 0o755, "")}
        for file in files_for(self.job.to_do):
            text = (self.job.source / "systemd" / file.name).read_text()
            if file is PIGPIOD:
                filled = self._with_mask(text)
                if filled is None:
                    return None
                text = filled
            wanted[file.target] = (text, 0o644, file.hears)
        return wanted

    def _with_mask(self, text: str) -> str | None:
        if (
            not self.system.path(f"{self.job.home}/.venv/bin/instep").exists()
            or self.system.read(OWN_MACHINE) is None
        ):
            return None
        mask = self.job.instep("machine", OWN_MACHINE, "--pin-mask").strip()
        if not re.fullmatch(r"0x[0-9a-f]+", mask):
            raise FailedError(f"instep machine --pin-mask gave {mask!r}, which is no mask")
        filled, count = MASK.subn(rf"\g<1>{mask}", text)
        if count != 1:
            raise FailedError("systemd/pigpiod.conf has no line that starts pigpiod with a mask (-x)")
        return filled

    def _old(self, wanted: dict[str, tuple[str, int, str]]) -> list[str]:
        """Ours from another board or version, of no use now."""
        return [name for name in self.record.files if name not in wanted]

    def needed(self) -> bool:
        wanted = self._wanted()
        if wanted is None or self._old(wanted):
            return True
        return any(self.system.read(name) != text for name, (text, _, _) in wanted.items())

    def do(self) -> None:
        wanted = self._wanted()
        if wanted is None:
            raise FailedError("the program is not there that knows this machine's pins; start again")
        for name, (text, mode, hears) in wanted.items():
            if self.system.read(name) != text:
                self.job.keep(self.record.put(name, text, mode))
                self.job.changed.add(hears)
            elif name not in self.record.files:
                self.record.put(name, text, mode)
        for name in self._old(wanted):
            self.job.keep(self.record.take_away(name))
            self.job.changed.add("units")

    def unsay(self) -> str:
        return f"remove {len(self.record.files)} files of ours from the system's folders"

    def undo(self) -> None:
        for name in list(self.record.files):
            self.job.keep(self.record.take_away(name))


def missing_from(source_names: set[str], plan: Plan) -> list[str]:
    """What the tree that is installed should have in its systemd/ and has not."""
    return [file.name for file in files_for(plan) if file.name not in source_names]
