"""All of it together, as the kiosk holds it: people, preferences, the PIN, and who is sitting here now."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.household.people import People, Person
from app.household.pin import Pin
from app.household.preferences import preferences
from app.places import Places


class Household:
    """``who`` is the person sitting here, None for a guest."""

    def __init__(self, places: Places, now: Callable[[], float] = time.monotonic) -> None:
        self.people = People(places.people)
        self.preferences = preferences(places.data / "preferences.json")
        self.pin = Pin(places.data / "pin.json", now)
        self._who: str | None = None

    @property
    def who(self) -> Person | None:
        return self.people.get(self._who)

    def sit(self, person: str | None) -> None:
        self._who = person

    @property
    def problems(self) -> tuple[str, ...]:
        """What of it could not be read, in plain words."""
        found = (self.people.problem, self.preferences.problem)
        return tuple(problem for problem in found if problem)
