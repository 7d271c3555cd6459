"""The languages the screen speaks: a gettext catalogue each, and the habits that go with it."""

from __future__ import annotations

import logging
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from app.household.preferences import Language, Preferences
from app.ui import habits, words
from app.ui.habits import Habits

log = logging.getLogger(__name__)

WORDS = Path(__file__).resolve().parents[2] / "assets" / "words"
DOMAIN = "instep"

NAMES: dict[Language, str] = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "uk": "Українська",
}
"""Each in itself: whoever has ended up in a foreign one finds the way back."""

HABITS: dict[Language, Habits] = {
    "en": Habits(decimal=".", hours=12),
    "de": Habits(decimal=","),
    "es": Habits(decimal=","),
    "fr": Habits(decimal=","),
    "uk": Habits(decimal=","),
}


def catalogue(language: str) -> NullTranslations:
    """The language's words; English is what the code itself says. One that cannot be read leaves English."""
    if language == "en":
        return NullTranslations()
    path = WORDS / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    try:
        with path.open("rb") as file:
            return GNUTranslations(file)
    except (OSError, ValueError):
        log.exception("%s cannot be read", path)
        return NullTranslations()


def speak(chosen: Preferences) -> None:
    """From now on say and write everything as the household likes it."""
    words.use(catalogue(chosen.language))
    of = HABITS[chosen.language]
    habits.use(Habits(of.decimal, of.hours, chosen.fahrenheit))
