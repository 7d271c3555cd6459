"""Starting to the console: a desktop would hold the screen that the kiosk draws on."""

from __future__ import annotations

from scripts.installer.steps.base import Step


class Console(Step):
    name = "console"

    def say(self) -> str:
        return "start to the console and no longer to the desktop"

    def needed(self) -> bool:
        computer = self.job.computer
        return bool(computer and computer.starts_desktop and self.job.to_do.screen != "none")

    def do(self) -> None:
        self.record.target = "graphical.target"
        self.record.save()
        self.system.do("systemctl", "set-default", "multi-user.target")
        self.job.changed.add("boot")

    def unsay(self) -> str:
        return "start to the desktop again" if self.record.target else ""

    def undo(self) -> None:
        if self.record.target:
            self.system.do("systemctl", "set-default", self.record.target)
