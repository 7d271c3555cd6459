"""The computer itself: model, system, power, warmth, disk, clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from app.doctor.line import Line
from app.doctor.look import Look
from app.sessions.clock import clock_is_good

WARM_C, HOT_C = 70.0, 80.0
"""From the second on the Raspberry Pi slows itself down."""
LITTLE_BYTES, NOTHING_BYTES = 500 << 20, 100 << 20
KNOWN_SYSTEMS = ("bookworm", "trixie")

THROTTLED = "sys/devices/platform/soc/soc:firmware/get_throttled"
NOW_AND_BEFORE = (
    (0, "the power supply is too weak: under-voltage", "broken"),
    (1, "the processor's speed is held down", "attention"),
    (2, "the processor is slowed down", "attention"),
    (3, "the processor is near its hottest", "attention"),
)
"""Bits of the firmware's word; 16 above each is the same, at some time since the start."""
WEAK = "Use the supply made for this Raspberry Pi, a short thick cable, and nothing else on its USB."
COOL = "Give it air or a heat sink, and keep it away from the pump and the pads."


def model(look: Look) -> Iterator[Line]:
    if look.pi:
        yield Line("Computer", "model", "Model", look.model)
        return
    about = look.model or f"no Raspberry Pi ({look.architecture})"
    yield Line("Computer", "model", "Model", f"{about}: good for a virtual machine")


def system(look: Look) -> Iterator[Line]:
    fields = dict(line.split("=", 1) for line in look.text("etc/os-release").splitlines() if "=" in line)
    name = fields.get("PRETTY_NAME", "unknown").strip('"')
    value = f"{name}, {look.architecture}"
    if look.pi and look.architecture not in ("aarch64", "arm64"):
        do = "Write a 64-bit Raspberry Pi OS card: the screen's software has no 32-bit edition."
        yield Line("Computer", "system", "System", value, "broken", do)
    elif look.pi and fields.get("VERSION_CODENAME", "") not in KNOWN_SYSTEMS:
        do = "Instep is tried on Raspberry Pi OS Bookworm and Trixie; use one of them if something fails."
        yield Line("Computer", "system", "System", value, "attention", do)
    else:
        yield Line("Computer", "system", "System", value)


def power(look: Look) -> Iterator[Line]:
    if not look.pi:
        return
    said = (look.run("vcgencmd", "get_throttled") or "").rpartition("=")[2] or look.text(THROTTLED)
    try:
        word = int(said, 16)
    except ValueError:
        do = "Look for the lightning sign on the screen instead: it shows a supply that is too weak."
        yield Line("Computer", "power", "Power supply", "the firmware does not say", "attention", do)
        return
    now = [(words, grave) for bit, words, grave in NOW_AND_BEFORE if word >> bit & 1]
    before = [words for bit, words, _ in NOW_AND_BEFORE if word >> (bit + 16) & 1 and not word >> bit & 1]
    parts = [f"now: {words}" for words, _ in now] + [f"since the start: {words}" for words in before]
    if not parts:
        yield Line("Computer", "power", "Power supply", "enough, now and since the start")
        return
    weak = bool(word & (1 | 1 << 16))
    broken = any(grave == "broken" for _, grave in now)
    yield Line(
        "Computer",
        "power",
        "Power supply",
        "; ".join(parts),
        "broken" if broken else "attention",
        WEAK if weak else COOL,
    )


def warmth(look: Look) -> Iterator[Line]:
    if not look.pi:
        return
    try:
        celsius = int(look.text("sys/class/thermal/thermal_zone0/temp")) / 1000.0
    except ValueError:
        return
    verdict = "broken" if celsius >= HOT_C else "attention" if celsius >= WARM_C else "ok"
    value = f"{celsius:.0f} °C"
    if verdict == "ok":
        yield Line("Computer", "warmth", "Processor", value)
    else:
        yield Line(
            "Computer", "warmth", "Processor", value, "broken" if celsius >= HOT_C else "attention", COOL
        )


def disk(look: Look) -> Iterator[Line]:
    folder = look.places.data
    try:
        free, total = look.room(folder)
    except FileNotFoundError:
        do = "" if not look.installed else "Is the data partition mounted? See /etc/fstab, then restart."
        value = f"{folder} is not there" if do else f"{folder} is made at the first start"
        yield Line("Computer", "disk", "Disk", value, "broken" if do else "ok", do)
        return
    except OSError as error:
        do = "Make the folder, or name another one with INSTEP_DATA; then start Instep again."
        yield Line("Computer", "disk", "Disk", f"{folder}: {error.strerror or error}", "broken", do)
        return
    value = f"{free / 2**30:.1f} of {total / 2**30:.1f} GB free at {folder}"
    if not look.may_open(folder):
        do = f"Let {look.service_user} write to {folder}, or nothing is kept. A worn card goes read-only."
        yield Line("Computer", "disk", "Disk", f"{value}, but it cannot be written", "broken", do)
    elif free < LITTLE_BYTES:
        do = "Make room: remove old backups and what is not needed."
        yield Line("Computer", "disk", "Disk", value, "broken" if free < NOTHING_BYTES else "attention", do)
    else:
        yield Line("Computer", "disk", "Disk", value)


def shield(look: Look) -> Iterator[Line]:
    """Whether a pulled plug can harm the system, and whether what is kept is kept."""
    mounts = [line.split() for line in look.text("proc/mounts").splitlines()]
    on = any(fields[:2] == ["overlayroot", "/"] for fields in mounts)
    wanted = look.at("etc/overlayroot.local.conf").exists()
    name = "Read-only system"
    if on:
        yield Line("Computer", "read-only", name, "on: what is changed in it is gone with the next start")
    elif wanted:
        do = "Restart. If it then still is: sudo update-initramfs -u, and restart once more."
        yield Line("Computer", "read-only", name, "switched on, but not in force", "attention", do)
    elif look.installed:
        yield Line("Computer", "read-only", name, "off")
    if not look.installed and not on:
        return
    name, data = "Data", look.places.data
    if look.places.astray.exists():
        value = f"their partition is missing: what is kept in {data} now is not where it belongs"
        do = "Put it in, and restart. For good without it: README, Read-only system."
        yield Line("Computer", "data", name, value, "broken", do)
        return
    device, place = _mounted(mounts, data)
    # A service may see its folder as a mount of its own: what counts is what is behind it.
    if on and device == "overlayroot":
        value = f"{data} is in memory: everything in it is gone with the next start"
        do = "Turn the read-only system off, restart, then: sudo ./scripts/read-only on --data PARTITION"
        yield Line("Computer", "data", name, value, "broken", do)
    elif place in ("", "/"):
        yield Line("Computer", "data", name, f"{data}, with the system")
    else:
        yield Line("Computer", "data", name, f"{data}, on {device}")


def _mounted(mounts: list[list[str]], path: Path) -> tuple[str, str]:
    """(device, where it is mounted) of the file system that has ``path``; empty when that is not known."""
    found = ("", "")
    for fields in mounts:
        if len(fields) > 1 and path.is_relative_to(fields[1]) and len(fields[1]) >= len(found[1]):
            found = (fields[0], fields[1])
    return found


def clock(look: Look) -> Iterator[Line]:
    now = look.clock()
    shown = datetime.fromtimestamp(now, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    good = clock_is_good(look.clock, timesync=look.at("run/systemd/timesync"), rtc=look.at("sys/class/rtc"))
    if good:
        yield Line("Computer", "clock", "Clock", shown)
        return
    do = (
        "Nobody has confirmed the date since the start. Sessions run as usual and get their dates once it is "
        "known: connect a network for a minute, or fit a clock with a battery."
    )
    yield Line("Computer", "clock", "Clock", f"{shown}, not confirmed", "attention", do)
