"""The system read-only, so that a pulled plug cannot harm it, with what Instep keeps on its own partition.

Debian's ``overlayroot`` puts memory over the root: what is written there is gone with the next start. The
data are on a file system that survives a pulled plug by its own journal. In memory, too, and so forgotten:
the system's journal (what failed in a session is in the history); and the clock, which after a start without
a network goes on from the newest of the data.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scripts.installer import fstab, partition, refusals
from scripts.installer.boot import BootFiles, settings
from scripts.installer.install import Ask, agreed, alone, only_as_root
from scripts.installer.record import Record
from scripts.installer.refusals import LOWER, SETTING, is_on, waits
from scripts.installer.steps.base import CURRENT, DATA, RUNTIME, USER, Job
from scripts.installer.steps.packages import Packages
from scripts.installer.system import FailedError, RefusedError, System

PACKAGES = ("overlayroot", "busybox")
"""The former's part of the initramfs calls tools of the latter, without which it leaves the root as it is."""
FSTAB = "/etc/fstab"
# What other file systems hold, the data above all, stays writable.
SETTING_TEXT = '# Written by scripts/read-only, which also takes it away.\noverlayroot="tmpfs:recurse=0"\n'
SERVICES = tuple(
    f"/etc/systemd/system/instep-{name}.service.d/data.conf"
    for name in ("controller", "kiosk", "backup", "last-resort", "virtual")
)
SERVICES_TEXT = f"""\
# Written by scripts/read-only. A state folder would make each of our services depend on the data's partition:
# without it none would start, and nobody would be told why.
[Unit]
After=var-lib-instep.mount

[Service]
StateDirectory=
ReadWritePaths={DATA}
"""
JOURNAL = "/etc/systemd/journald.conf.d/read-only-instep.conf"
JOURNAL_TEXT = """\
# Written by scripts/read-only: what were written to the disk would be in memory all the same.
[Journal]
Storage=volatile
"""
CLOCK = "/etc/systemd/system/systemd-timesyncd.service.d/instep.conf"
CLOCK_TEXT = f"""\
# Written by scripts/read-only. The time of the last synchronisation is forgotten with everything else, and
# most machines have no clock of their own: it is not earlier than the newest of the data.
[Unit]
After=var-lib-instep.mount

[Service]
ExecStartPre=-+/bin/sh -c 'cd /var/lib/systemd/timesync && for at in {DATA} {DATA}/*; do \
if [ "$at" -nt clock ]; then touch -r "$at" clock; fi; done'
"""
WHILE_ON = {SETTING: SETTING_TEXT, JOURNAL: JOURNAL_TEXT, CLOCK: CLOCK_TEXT}
"""The setting is the last to come and the first to go."""

ASTRAY_TEXT = """\
Instep's data are on a partition of their own, which /etc/fstab names. This file is beneath it: whoever can
read it is looking at the system's own partition, because that of the data is not there.
"""
STAYS = (
    "machine.toml", "commissioned.json", "mounting.json", "pin.json", "preferences.json", partition.ASTRAY,
)  # fmt: skip
"""Also beneath: without its data, too, the machine drives the right pins, its picture is the right way round,
and nobody gets past the PIN."""
STOPPED = (
    "instep-kiosk.service",
    "instep-backup.timer",
    "instep-controller.service",
    "instep-virtual.service",
)
BUSY = 3
"""The exit code of ``instep status`` while somebody uses the machine."""


@dataclass(frozen=True)
class Options:
    """What was said on the command line."""

    what: str
    data: str | None = None
    yes: bool = False


class ReadOnly:
    """``run`` returns 0 when it is so or will be after a restart, 1 when a person said no.

    Raises RefusedError before anything was changed, FailedError in the middle.
    """

    def __init__(self, system: System, say: Callable[[str], None] = print) -> None:
        self.system, self.say = system, say

    def run(self, options: Options, ask: Ask = input) -> int:
        if options.what == "status":
            self.status()
            return 0
        only_as_root(self.system, f"read-only {options.what}")
        with alone(self.system):
            return self._on(options, ask) if options.what == "on" else self._off(options, ask)

    # --- status ----------------------------------------------------------------------------------------

    def status(self) -> None:
        now = "read-only" if is_on(self.system) else "writable"
        then = "read-only" if waits(self.system) or self._by_cmdline() else "writable"
        self.say(f"system   {now}" + ("" if now == then else f"; {then} after the next start"))
        text = self._fstab()
        boot = fstab.boot_is_read_only(text)
        if boot is not None:
            self.say(f"boot     {'read-only' if boot else 'writable'}")
        source = fstab.data_source(text)
        if not source:
            self.say(f"data     {DATA}, with the system")
        elif self._data_mounted():
            self.say(f"data     {DATA}, on {source}")
        else:
            self.say(f"data     {source} IS MISSING: what is kept in {DATA} now is not where it belongs")

    def _fstab(self) -> str:
        """The one that counts: over a read-only root there is another."""
        lower = self.system.read(f"{LOWER}{FSTAB}") if is_on(self.system) else None
        return lower if lower is not None else self.system.read(FSTAB) or ""

    def _data_mounted(self) -> bool:
        mounts = (line.split() for line in (self.system.read("/proc/mounts") or "").splitlines())
        return any(fields[1] == DATA and fields[0] != "overlayroot" for fields in mounts if len(fields) > 1)

    def _by_cmdline(self) -> bool:
        """As raspi-config does it."""
        words = (self.system.read("/boot/firmware/cmdline.txt") or "").split()
        return any(word.startswith("overlayroot=") and word != "overlayroot=disabled" for word in words)

    # --- on --------------------------------------------------------------------------------------------

    def _on(self, options: Options, ask: Ask) -> int:
        if is_on(self.system) and waits(self.system):
            self.say("The system is read-only already. Nothing to do.")
            return 0
        found = list(self._against(options))
        if found:
            raise RefusedError("\n".join(found))
        packages = Packages(Job(self.system, Record(self.system), self.say, self.system.root))
        missing = [name for name in PACKAGES if name not in packages.installed()]
        for name in missing:
            if not self._offered(name):
                raise RefusedError(
                    f"Debian's package {name} is not to be had here. Is there a network? "
                    "sudo apt-get update, then start again."
                )
        chosen = None if self._data_mounted() else self._chosen(options)
        there = chosen is not None and partition.refuse_if_unfit(self.system, chosen)
        if chosen is not None and self._instep("status") == BUSY:
            raise RefusedError("The machine is in use. Start again when the session has ended.")
        self.say("This will be done:")
        if missing:
            self.say(f"  packages     install {', '.join(missing)}, and what they need")
        if chosen is not None:
            how = (
                "use the data that are on it"
                if there
                else "copy the data onto it, compare, use it from now on"
            )
            self.say(f"  data         {chosen.device} ({chosen.kind}, {chosen.size >> 20} MB): {how}")
        self.say("  system       read-only from the next start on; its journal in memory")
        if fstab.boot_is_read_only(self._fstab()) is not None:
            self.say("  boot         its partition read-only, too")
        if not options.yes and not agreed(ask, "Go ahead? [y/N] "):
            self.say("Nothing was changed.")
            return 1
        if missing:
            self.say("packages ... some minutes")
            packages.install(missing)  # an uninstallation takes them back with the others
            self.system.do("update-initramfs", "-u")
        if chosen is not None:
            self._move(chosen, there=there)
        self._free_services()
        self.system.write(FSTAB, fstab.with_boot(self._fstab(), read_only=True))
        for name in reversed(WHILE_ON):
            self.system.write(name, WHILE_ON[name])
        self._reload()
        self.say("\nDone. Restart: sudo reboot. Then the system is read-only, and the plug may be pulled.")
        self.say("To change or update something: sudo ./scripts/read-only off, and restart.")
        return 0

    def _against(self, options: Options) -> Iterator[str]:
        if not Record(self.system).there:
            yield "Instep is not installed here: sudo ./scripts/install comes first."
        if self._by_cmdline():
            yield refusals.BY_OTHERS
        elif is_on(self.system):
            yield "The system is still read-only until its next start: restart first."
        if not (self.system.read("/etc/machine-id") or "").strip().isalnum():
            yield "This system was never started, and would be new at each start. Start it once first."
        if "rw" in (self.system.read("/boot/firmware/cmdline.txt") or "").split():
            yield (
                "The Pi is told to mount its system writable, also beneath the memory: take the word rw out "
                "of /boot/firmware/cmdline.txt and restart."
            )
        yield from self._no_initramfs()
        text = self._fstab()
        source = fstab.data_source(text)
        if source and not self._data_mounted():
            if options.data is None:
                yield (
                    f"The data's partition ({source}, in {FSTAB}) is not there. Put it in and restart, or "
                    "begin anew on another one: --data /dev/sda1"
                )
            elif fstab.data_source(fstab.without_data(text)):
                yield f"{FSTAB} has a line of somebody else's for {DATA}: take it out first."

    def _no_initramfs(self) -> Iterator[str]:
        """It is the initramfs that puts the memory over the root."""
        if self.system.read("/boot/firmware/config.txt") is None:
            return
        try:
            lines = settings(BootFiles(self.system).config_text())
        except FailedError as failed:
            yield str(failed)
            return
        if "auto_initramfs=1" not in lines and not any(line.startswith("initramfs ") for line in lines):
            yield (
                "The Pi starts without an initramfs, which it takes to make the system read-only. Put the "
                "line auto_initramfs=1 into /boot/firmware/config.txt, above Instep's block, and restart."
            )

    def _chosen(self, options: Options) -> partition.Partition:
        if options.data is None:
            raise RefusedError(
                "Name the partition that the data are to be on: --data /dev/sda1, or LABEL=…\n"
                f"lsblk -f lists those there are; {partition.MAKE_ONE}."
            )
        return partition.find(self.system, options.data)

    def _offered(self, name: str) -> bool:
        said = self.system.ask("apt-cache", "policy", name).out
        return "Candidate:" in said and "Candidate: (none)" not in said

    def _move(self, chosen: partition.Partition, *, there: bool) -> None:
        self.say("data ...")
        running = [unit for unit in STOPPED if self._active(unit)]
        self.system.ask("systemctl", "stop", *STOPPED)
        try:
            if not there:
                partition.move_in(self.system, chosen)
            self._free_services()
            self.system.write(f"{DATA}/{partition.ASTRAY}", ASTRAY_TEXT)
            self.system.write(FSTAB, fstab.with_data(self._fstab(), chosen.uuid, chosen.kind))
            # Whoever deletes a session later means this copy, too; what was never copied stays.
            for path in () if there else sorted(self.system.path(DATA).iterdir()):
                if path.name not in STAYS:
                    self.system.remove(f"{DATA}/{path.name}")
            self._reload()
            self.system.do("mount", DATA)
            self.system.do("chown", f"{USER}:{USER}", DATA)
        finally:
            for unit in reversed(running):
                self.system.ask("systemctl", "start", unit)

    def _free_services(self) -> None:
        for name in SERVICES:
            self.system.write(name, SERVICES_TEXT)

    def _active(self, unit: str) -> bool:
        return self.system.ask("systemctl", "is-active", unit).out.strip() == "active"

    def _instep(self, *arguments: str) -> int:
        return self.system.ask(
            "runuser", "-u", USER, "--", f"{CURRENT}/.venv/bin/instep", *arguments,
            environment={"INSTEP_DATA": DATA, "INSTEP_RUNTIME": RUNTIME, "PYTHONDONTWRITEBYTECODE": "1"},
        ).code  # fmt: skip

    def _reload(self) -> None:
        self.system.ask("systemctl", "daemon-reload")

    # --- off -------------------------------------------------------------------------------------------

    def _off(self, options: Options, ask: Ask) -> int:
        now = is_on(self.system)
        if not now and not waits(self.system):
            self.say("The system is writable already. Nothing to do.")
            return 0
        if self._by_cmdline():
            raise RefusedError(refusals.BY_OTHERS)
        self.say("The system and the boot partition will be writable from the next start on.")
        self.say(f"The data stay where they are: {fstab.data_source(self._fstab()) or DATA}.")
        if not options.yes and not agreed(ask, "Go ahead? [y/N] "):
            self.say("Nothing was changed.")
            return 1
        with self._beneath() as disk:
            for name in WHILE_ON:
                disk.remove(name)
            disk.remove_if_empty(os.path.dirname(CLOCK))
            disk.write(FSTAB, fstab.with_boot(disk.read(FSTAB) or "", read_only=False))
        self._reload()
        self.say(
            "\nDone. " + ("Restart: sudo reboot." if now else "It never was read-only: no restart is needed.")
        )
        return 0

    @contextlib.contextmanager
    def _beneath(self) -> Iterator[System]:
        """The system as it is on the disk, writable."""
        if not is_on(self.system):
            yield self.system
            return
        self.system.do("mount", "-o", "remount,rw", LOWER)
        try:
            yield System(self.system.path(LOWER))
        finally:
            # A disk that stays writable until the restart is no harm to anybody.
            self.system.ask("mount", "-o", "remount,ro", LOWER)


def forget(system: System, say: Callable[[str], None], *, data: bool) -> None:
    """The last of it, as an uninstallation's part; ``data``: those are gone, so nothing need be mounted."""
    for name in SERVICES:
        system.remove(name)
        system.remove_if_empty(os.path.dirname(name))
    text = system.read(FSTAB) or ""
    if fstab.without_data(text) == text:
        return
    if data:
        system.write(FSTAB, fstab.without_data(text))
    else:
        say(f"  your data are on {fstab.data_source(text)}, which {FSTAB} still mounts at {DATA}")
