"""The settings as plain values: what can be chosen, and how it is said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from app.household.preferences import Preferences
from app.ui.state import common
from app.ui.words import _, plural

Section = Literal["look", "language", "rest", "reminders", "lock", "about"]
SECTIONS: tuple[Section, ...] = ("look", "language", "rest", "reminders", "lock", "about")
ICONS: dict[Section, str] = {
    "look": "sun",
    "language": "globe",
    "rest": "moon",
    "reminders": "bell",
    "lock": "lock",
    "about": "info",
}

BRIGHTNESS = tuple(range(10, 101, 10))
DIM_MIN = (1, 2, 3, 5, 10, 15, 30, 60)
OFF_MIN = (2, 5, 10, 15, 30, 60, 120, 240)
REMIND_DAYS = tuple(range(15))

DAY_HOURS = (8, 18)
"""When the look that follows the day is light."""

ANEW = frozenset({"language", "look", "large_text", "fahrenheit"})
"""What changes every screen."""


def section_name(section: Section) -> str:
    return {
        "look": _("Display"),
        "language": _("Language"),
        "rest": _("Rest and sound"),
        "reminders": _("Reminders"),
        "lock": _("Lock"),
        "about": _("About"),
    }[section]


def is_dark(preferences: Preferences, now: datetime) -> bool:
    if preferences.look == "auto":
        return not DAY_HOURS[0] <= now.hour < DAY_HOURS[1]
    return preferences.look == "dark"


def stepped(offered: Sequence[int], value: int, by: int) -> int:
    """The next offered value up or down from any value."""
    if by > 0:
        return next((step for step in offered if step > value), offered[-1])
    return next((step for step in reversed(offered) if step < value), offered[0])


def with_dim(preferences: Preferences, minutes: int) -> Preferences:
    """Black always comes later than dim."""
    off = preferences.off_after_min
    off = off if off > minutes else stepped(OFF_MIN, minutes, 1)
    return replace(preferences, dim_after_min=minutes, off_after_min=off)


def with_off(preferences: Preferences, minutes: int) -> Preferences:
    dim = preferences.dim_after_min
    dim = dim if dim < minutes else stepped(DIM_MIN, minutes, -1)
    return replace(preferences, off_after_min=minutes, dim_after_min=dim)


def percent_words(value: int) -> str:
    return _("{value} %").format(value=value)


def after_words(minutes: int) -> str:
    if minutes >= 60 and minutes % 60 == 0:
        return plural("{count} hour", "{count} hours", minutes // 60)
    return common.minutes(minutes)


def remind_words(days: int) -> str:
    return plural("{count} day", "{count} days", days) if days else _("Never")


COMPONENTS: tuple[tuple[str, str], ...] = (
    ("Kivy", "MIT"),
    ("SDL 2", "zlib"),
    ("gpiozero", "BSD"),
    ("pigpio", "Unlicense"),
    ("lgpio", "Unlicense"),
    ("ØMQ", "MPL, BSD"),
    ("msgspec", "BSD"),
    ("sqlite-utils", "Apache-2.0"),
    ("click", "BSD"),
    ("rich", "MIT"),
    ("tomlkit", "MIT"),
    ("platformdirs", "MIT"),
    ("Python", "PSF-2.0"),
    ("Manrope", "OFL-1.1"),
)
"""What Instep is made with, and under which licence; names, the same in every language."""
