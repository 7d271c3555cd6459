"""What stands behind the PIN, and whether a person has come through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app.ui.state.route import Place

GUARDED: frozenset[Place] = frozenset({"settings", "service"})


class _Pin(Protocol):
    @property
    def is_set(self) -> bool: ...


@dataclass
class Lock:
    """Open from the right PIN until the person has left everything that it guards."""

    pin: _Pin
    wants: Place = "home"
    """Where the PIN pad leads once it opens."""
    setting: bool = False
    """The pad asks for a new PIN, not for the one there is."""
    opened: bool = False

    def way(self, place: Place) -> Place:
        """Where a touch that leads to ``place`` really leads."""
        if place in GUARDED and self.pin.is_set and not self.opened:
            self.wants, self.setting = place, False
            return "pin"
        return place

    def change(self) -> Place:
        """A new PIN is wanted; to be asked for only from behind the lock."""
        self.wants, self.setting = "settings", True
        return "pin"

    def at(self, place: Place) -> None:
        """This is on the screen now."""
        if place not in GUARDED and place != "pin":
            self.opened = False
