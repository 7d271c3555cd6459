"""The firmware's two files: config.txt with our lines in a marked block, cmdline.txt, one line of words."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence

from scripts.installer.system import FailedError, System

FOLDER = "/boot/firmware"
BEGIN = (
    "# --- Instep: written by scripts/install, taken out by scripts/uninstall; your own lines go above ---"
)
END = "# --- Instep: end ---"

SHOWN = (
    "dtoverlay=vc4-kms-v3d",  # the display driver that the kiosk draws on
    "display_auto_detect=1",  # the official panels, with their touch and backlight
)
"""Present on a fresh card; put back where somebody took them out."""
QUIET = ("disable_splash=1",)
WORDS = (
    "quiet", "loglevel=3", "logo.nologo",  # no boot messages before the first picture
    "vt.global_cursor_default=0",
    "consoleblank=0",  # the kiosk darkens the panel itself
)  # fmt: skip


class BootFiles:
    """Raises FailedError when they are not as a Raspberry Pi has them."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.config = f"{FOLDER}/config.txt"
        self.cmdline = f"{FOLDER}/cmdline.txt"
        for name in (self.config, self.cmdline):
            if system.read(name) is None:
                raise FailedError(
                    f"{system.path(name)} is not there. Is the boot partition mounted at {FOLDER}?"
                )
        if len([line for line in self.words_text().splitlines() if line.strip()]) != 1:
            raise FailedError(
                f"{system.path(self.cmdline)} must be one line, and is not: the Pi might not start. "
                "Mend it first."
            )

    def config_text(self) -> str:
        return self._system.read(self.config) or ""

    def words_text(self) -> str:
        return self._system.read(self.cmdline) or ""

    def free_kb(self) -> int:
        return shutil.disk_usage(self._system.path(FOLDER)).free // 1000


def with_block(text: str, pins: Sequence[str]) -> str:
    """config.txt with our block at its end, in place of one that is there; the rest is untouched.

    ``pins`` are the lines that `instep machine --boot-settings` gives.
    """
    rest = without_block(text)
    here = settings(rest)
    lines = [line for line in (*SHOWN, *QUIET) if line not in here]
    lines += pins
    if "dtparam=spi=on" in here and "dtparam=spi=on" not in pins:
        # pigpio drives the converter by itself: the kernel must let go of those pins. The last one counts.
        lines.append("dtparam=spi=off")
    # [all]: what stands above may end in a section for some models only.
    block = "\n".join((BEGIN, "[all]", *lines, END))
    gap = "\n" if rest else ""
    return f"{rest}{gap}{block}\n"


def without_block(text: str) -> str:
    """config.txt as it was without us, to the byte."""
    found = re.search(rf"(\A|\n\n?){re.escape(BEGIN)}\n.*?{re.escape(END)}\n", text, re.S)
    if found is None:
        return text
    # The newline before the block is ours; one before that ended what stood there.
    kept = "\n" if found[1] == "\n\n" else ""
    return text[: found.start()] + kept + text[found.end() :]


def settings(text: str) -> set[str]:
    """The settings in force for every model."""
    found, everywhere = set(), True
    for line in text.splitlines():
        bare = line.partition("#")[0].strip()
        if bare.startswith("["):
            everywhere = bare == "[all]"
        elif bare and everywhere:
            found.add(bare)
    return found


def with_words(text: str, words: Iterable[str]) -> tuple[str, list[str]]:
    """cmdline.txt with those words that it lacks, and which those were."""
    there = text.split()
    added = [word for word in words if word not in there]
    line = text.rstrip()
    return " ".join((line, *added)) + text[len(line) :], added


def without_words(text: str, words: Iterable[str]) -> str:
    for word in words:
        text = re.sub(rf"[ \t]+{re.escape(word)}(?=\s|$)", "", text, count=1)
    return text
