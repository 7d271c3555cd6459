"""Services: started with the computer, and now where that is of use."""

from __future__ import annotations

from scripts.installer.steps.base import Step

LEFT_BEHIND = ("/var/cache/instep", "/var/lib/systemd/timers/stamp-instep-backup.timer")
"""What the services leave in the system's folders."""
TOLD = {
    "udev": (
        ("udevadm", "control", "--reload"),
        (
            "udevadm",
            "trigger",
            "--subsystem-match=backlight",
            "--subsystem-match=gpio",
            "--subsystem-match=spidev",
        ),
    ),
    "journal": (("systemctl", "restart", "systemd-journald.service"),),
    "watchdog": (("systemctl", "daemon-reexec"),),
}
CONTROLLER = "instep-controller.service"
PINS = ("pigpiod.service", "instep-virtual.service")
SCREEN = "instep-kiosk.service"
RESTART_FOR = {"program", "units", "pins"}


class Services(Step):
    name = "services"

    def say(self) -> str:
        units = ", ".join(unit.removesuffix(".service") for unit in self.job.to_do.units)
        now = ", and now: a session that is running ends" if self._active(CONTROLLER) else ", and now"
        return f"{units}: started with the computer" + ("" if self._waits() else now)

    def _starts(self) -> bool:
        computer = self.job.computer
        return self.job.start and computer is not None and computer.booted

    def _boot_id(self) -> str:
        return (self.system.read("/proc/sys/kernel/random/boot_id") or "").strip()

    def _waits(self) -> bool:
        """Whether the boot settings count only after a restart; the screen would take this very console."""
        return (
            not self._starts()
            or "boot" in self.job.changed
            or bool(self.record.waits_for_restart and self.record.waits_for_restart == self._boot_id())
        )

    def _enabled(self, unit: str) -> bool:
        return self.system.ask("systemctl", "is-enabled", unit).out.strip() == "enabled"

    def _active(self, unit: str) -> bool:
        return self.system.ask("systemctl", "is-active", unit).out.strip() == "active"

    def _of_no_use(self) -> list[str]:
        """Enabled for another board, or before a choice that was changed."""
        return [unit for unit in self.record.units if unit not in self.job.to_do.units]

    def needed(self) -> bool:
        units = self.job.to_do.units
        if self.job.changed - {""} or self._of_no_use() or not all(map(self._enabled, units)):
            return True
        return not self._waits() and not all(map(self._active, units))

    def do(self) -> None:
        if self._starts():
            self.system.do("systemctl", "daemon-reload")
            for who, commands in TOLD.items():
                for command in commands if who in self.job.changed else ():
                    # A journal or a watchdog that does not answer is no reason to leave the machine undone.
                    self.system.ask(*command)
        for unit in self._of_no_use():
            self.system.ask("systemctl", "disable", *self._now(), unit)
            self.record.units.remove(unit)
            self.record.save()
        for unit in self.job.to_do.units:
            if not self._enabled(unit):
                self.record.units.append(unit)
                self.record.save()
                self.system.do("systemctl", "enable", unit)
        if "boot" in self.job.changed:
            self.record.waits_for_restart = self._boot_id()
            self.record.save()
        if not self._waits():
            self._start()

    def _start(self) -> None:
        """The screen ends first and comes last; the controller switches everything off as it ends."""
        units = self.job.to_do.units
        if self.job.changed & RESTART_FOR:
            # A pin daemon that goes away under its controller is a fault, so only where it has to be.
            anew = [unit for unit in units if unit not in PINS or self.job.changed & {"units", "pins"}]
            self.system.ask("systemctl", "stop", *reversed(anew))
        elif "picture" in self.job.changed and SCREEN in units:
            self.system.ask("systemctl", "stop", SCREEN)  # it reads which way round when it starts
        self.system.ask("systemctl", "reset-failed", *units)
        for unit in units:
            if self.system.ask("systemctl", "start", unit).code != 0:
                # Often a wire, and then for the doctor: the installation itself is whole.
                self.job.say(f"  {unit} does not start. What it said: sudo journalctl -u {unit} -n 30")

    def _now(self) -> tuple[str, ...]:
        return ("--now",) if self.starts_here else ()

    @property
    def starts_here(self) -> bool:
        """Whether it is the running system."""
        return self.system.here and self.system.path("/run/systemd/system").is_dir()

    @property
    def restart_is_due(self) -> bool:
        return bool(self.record.waits_for_restart) and self.record.waits_for_restart == self._boot_id()

    def unsay(self) -> str:
        return f"stop and disable {', '.join(self.record.units)}" if self.record.units else ""

    def undo(self) -> None:
        # The screen first, the pins last: the controller switches everything off as it goes.
        for unit in reversed(self.record.units):
            self.system.ask("systemctl", "disable", *self._now(), unit)
        for name in LEFT_BEHIND:
            self.system.remove(name)


class Reload(Services):
    """The last of an uninstallation: the service manager forgets what is no longer there."""

    def undo(self) -> None:
        if not self.starts_here:
            return
        self.system.ask("systemctl", "daemon-reload")
        for commands in TOLD.values():
            for command in commands:
                self.system.ask(*command)
