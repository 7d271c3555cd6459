"""Which screen is in which file; a file is read when its screen is wanted, or soon after the first frame."""

from __future__ import annotations

import importlib

from app.ui.screens.base import Screen
from app.ui.state.route import Place

SCREENS: dict[Place, tuple[str, str]] = {
    "offline": ("quiet", "Offline"),
    "home": ("home", "Home"),
    "session": ("session", "Session"),
    "ready": ("ready", "Ready"),
    "fault": ("quiet", "Fault"),
    "pain": ("after", "PainAsk"),
    "after": ("after", "After"),
    "history": ("history", "History"),
    "detail": ("detail", "Detail"),
    "takeaway": ("takeaway", "TakeAwayScreen"),
    "settings": ("settings", "SettingsScreen"),
    "pin": ("pin", "PinPad"),
    "people": ("people", "People"),
    "person": ("person", "Person"),
    "naming": ("naming", "Naming"),
    "screening": ("screening", "Screening"),
    "service": ("service.screen", "Service"),
}
"""Where each screen is written; in the order in which they are likely to be wanted."""


def screen_class(place: Place) -> type[Screen]:
    module, name = SCREENS[place]
    found: type[Screen] = getattr(importlib.import_module(f"app.ui.screens.{module}"), name)
    return found
