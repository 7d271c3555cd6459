"""``/etc/fstab``: a line for the data's partition, and the boot partition's ``ro``; the rest is untouched."""

from __future__ import annotations

import re

from scripts.installer.steps.base import DATA

BOOT = ("/boot/firmware", "/boot")
ABOVE = "# Instep's data: written by scripts/read-only"
OPTIONS = {
    # What must not be lost is synced by whoever writes it; the rest need not wear the card each five seconds.
    "ext4": "commit=30,errors=remount-ro,",
    "f2fs": "",
}
CAREFUL = "noatime,nosuid,nodev,noexec"
PATIENCE = "nofail,x-systemd.device-timeout=60s"
"""The machine starts without the partition, too, and says so; a USB stick may take its time."""


def with_data(text: str, uuid: str, kind: str) -> str:
    """``text`` with the line that mounts the partition; a line of ours that was there goes."""
    # ext4 is looked through before it is mounted; f2fs does that itself.
    order = "0 2" if kind == "ext4" else "0 0"
    line = f"UUID={uuid} {DATA} {kind} {OPTIONS[kind]}{CAREFUL},{PATIENCE} {order}"
    rest = without_data(text)
    gap = "" if rest.endswith("\n") or not rest else "\n"
    return f"{rest}{gap}{ABOVE}\n{line}\n"


def without_data(text: str) -> str:
    return re.sub(rf"^{re.escape(ABOVE)}\n[^\n]*\n", "", text, flags=re.M)


def data_source(text: str) -> str:
    """What is to be mounted at the data's place, whoever wrote that; empty for nothing."""
    return next((fields[0] for fields in _lines(text) if fields[1] == DATA), "")


def boot_is_read_only(text: str) -> bool | None:
    """None: there is no boot partition."""
    for fields in _lines(text):
        if fields[1] in BOOT:
            return "ro" in fields[3].split(",")
    return None


def with_boot(text: str, *, read_only: bool) -> str:
    """``text`` with ``ro`` among the boot partition's options, or without it."""

    def changed(match: re.Match[str]) -> str:
        options = [option for option in match[2].split(",") if option not in ("ro", "rw")]
        options += ["ro"] if read_only else []
        return match[1] + (",".join(options) or "defaults")

    places = "|".join(map(re.escape, BOOT))
    return re.sub(rf"^([^#\s]\S*\s+(?:{places})\s+\S+\s+)(\S+)", changed, text, flags=re.M)


def _lines(text: str) -> list[list[str]]:
    found = [line.split() for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [fields for fields in found if len(fields) >= 4]
