"""How the machine is set up for the household: screen, sounds, units, language, reminders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from app.filing import Filing
from app.household.kept import Kept

Language = Literal["en", "de", "es", "fr", "uk"]
Look = Literal["dark", "light", "auto"]
"""``auto``: light by day, dark in the evening and at night."""


class Preferences(Struct, frozen=True, kw_only=True):
    version: int = 1
    language: Language = "en"
    look: Look = "dark"
    large_text: bool = False
    fahrenheit: bool = False
    brightness: Annotated[int, Meta(ge=10, le=100)] = 80
    """Per cent of the backlight."""
    night_dimming: bool = True
    """Darker from evening to morning."""
    dim_after_min: Annotated[int, Meta(ge=1, le=60)] = 3
    off_after_min: Annotated[int, Meta(ge=2, le=240)] = 15
    """After this long without a touch the screen is black; always later than dimming."""
    sounds: bool = True
    remind_after_days: Annotated[int, Meta(ge=0, le=14)] = 3
    """On Home, after so many days without a session; 0: never."""
    heel_mornings: bool = False
    """A reminder of the heel program in the morning."""


def preferences(path: Path, filing: Filing | None = None) -> Kept[Preferences]:
    return Kept(path, Preferences(), filing)
