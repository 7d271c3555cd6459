"""The firmware's settings: levels of the pins from power-up on, the display, and quiet."""

from __future__ import annotations

from pathlib import Path

from scripts.installer.boot import (
    BEGIN,
    WORDS,
    BootFiles,
    with_block,
    with_words,
    without_block,
    without_words,
)
from scripts.installer.plan import OWN_MACHINE
from scripts.installer.steps.base import Step

BEFORE = ".before-instep"


class Boot(Step):
    name = "boot"

    def say(self) -> str:
        pins = "power pins low"
        if self.job.to_do.factory == "lgpio":
            pins += " also when their process ends (strict_gpiod), SPI on"
        return (
            f"config.txt (a marked block) and cmdline.txt: {pins}, display and touch, no splash, no blanking"
        )

    def _lines(self) -> list[str] | None:
        if (
            not self.system.path(f"{self.job.home}/.venv/bin/instep").exists()
            or self.system.read(OWN_MACHINE) is None
        ):
            return None
        said = self.job.instep("machine", OWN_MACHINE, "--boot-settings")
        return [line for line in said.splitlines() if line.strip()]

    def needed(self) -> bool:
        if not self.job.to_do.boot_files:
            return False
        lines = self._lines()
        if lines is None:
            return True
        files = BootFiles(self.system)
        config = files.config_text()
        return with_block(config, lines) != config or bool(with_words(files.words_text(), WORDS)[1])

    def do(self) -> None:
        files = BootFiles(self.system)
        config, line = files.config_text(), files.words_text()
        for name, text in ((files.config, config), (files.cmdline, line)):
            if not self.system.path(name + BEFORE).exists() and BEGIN not in text:
                self.system.write(name + BEFORE, text)
        wanted, added = with_words(line, WORDS)
        self.record.cmdline_words += [word for word in added if word not in self.record.cmdline_words]
        self.record.save()
        self.system.write(files.config, with_block(config, self._lines() or []))
        if added:
            self.system.write(files.cmdline, wanted)
        self.job.changed.add("boot")

    def unsay(self) -> str:
        return "take our block out of config.txt and our words out of cmdline.txt" if self._ours() else ""

    def _ours(self) -> bool:
        return bool(self.record.cmdline_words) or BEGIN in (
            self.system.read("/boot/firmware/config.txt") or ""
        )

    def undo(self) -> None:
        if not self._ours():
            return
        files = BootFiles(self.system)
        for name, text in (
            (files.config, without_block(files.config_text())),
            (files.cmdline, without_words(files.words_text(), self.record.cmdline_words)),
        ):
            if self.system.read(name) != text:
                self.system.write(name, text)
            before = self.system.read(name + BEFORE)
            if before == text:
                self.system.remove(name + BEFORE)
            elif before is not None:
                self.job.say(f"  {Path(name).name} was changed since; as it was before: {name}{BEFORE}")
        self.job.changed.add("boot")
