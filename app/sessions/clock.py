"""Whether the wall clock can be believed, for the machine has no battery for one; and which run this is."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

EARLIEST_S = 1_767_225_600.0
"""2026-01-01 UTC, seconds since 1970: no session is older than the software."""

LATEST_S = 253_402_128_000.0
"""9999-12-30 UTC: no calendar here goes further."""

TIMESYNC = Path("/run/systemd/timesync")
RTC = Path("/sys/class/rtc")

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

_SAME_TIME_S = 3600.0
"""How far a battery clock and the system's may differ and still confirm each other."""


def clock_is_good(
    clock: Callable[[], float] = time.time, *, timesync: Path = TIMESYNC, rtc: Path = RTC
) -> bool:
    """Say whether ``clock`` (seconds since 1970) shows the real date.

    A date before 2026 never does. Where systemd keeps the time, it has to have heard from the network,
    or a battery clock has to agree: without either, a Raspberry Pi goes on from where it was switched
    off, which looks like a date and is none. Where something else keeps the time, a sane date is all
    there is to go by.
    """
    now_s = clock()
    if now_s < EARLIEST_S:
        return False
    try:
        if not timesync.is_dir() or (timesync / "synchronized").exists():
            return True
    except OSError:
        return True
    return _battery_clock_agrees(now_s, rtc)


def _battery_clock_agrees(now_s: float, rtc: Path) -> bool:
    # The kernel takes its time from a battery clock even if that one has lost its battery; then the
    # system's date comes from elsewhere and the two disagree by years.
    try:
        for chip in rtc.iterdir():
            set_by_it = (chip / "hctosys").read_text().strip() == "1"
            if set_by_it and abs(int((chip / "since_epoch").read_text()) - now_s) < _SAME_TIME_S:
                return True
    except (OSError, ValueError):
        return False
    return False


def a_date(at_s: float | None) -> float | None:
    """``at_s`` if it can be shown as one; None for what some other program wrote there."""
    return at_s if at_s is not None and 0.0 <= at_s < LATEST_S else None


def boot_id() -> str:
    """Of the computer's present run; without one every start is another computer's."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        import secrets

        return secrets.token_hex(16)
