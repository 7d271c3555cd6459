"""All of it together, as the kiosk holds it: people, preferences, the PIN, and who is sitting here now."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from app.household.mounting import mounting
from app.household.people import People, Person
from app.household.preferences import preferences
from app.places import Places

if TYPE_CHECKING:
    from datetime import datetime

    from app.commissioning.record import Standing
    from app.commissioning.walk import Walk
    from app.household.pin import Pin
    from hardware.machine import Machine


class Household:
    """``who`` is the person sitting here, None for a guest."""

    def __init__(self, places: Places, now: Callable[[], float] = time.monotonic) -> None:
        self.people = People(places.people)
        self.preferences = preferences(places.data / "preferences.json")
        self.mounting = mounting(places.mounting)
        self._places, self._now = places, now
        self._who: str | None = None
        self.standing: Callable[[Machine], Standing] = lambda _machine: "done"
        """Whether the machine was gone through part by part; asked where it is a real one."""

    @cached_property
    def pin(self) -> Pin:
        from app.household.pin import Pin  # its ciphers are not for the first frame

        return Pin(self._places.data / "pin.json", self._now)

    @property
    def who(self) -> Person | None:
        return self.people.get(self._who)

    def sit(self, person: str | None) -> None:
        self._who = person

    def keep_commissioned(self, walk: Walk, at: datetime) -> None:
        """What going through the machine found. Raises InstepError when it cannot be kept."""
        from app.commissioning.record import keep
        from app.sessions.clock import clock_is_good
        from app.virtual import virtual_there

        keep(walk.record(at if clock_is_good() else None, virtual=virtual_there(self._places)), self._places)

    @property
    def problems(self) -> tuple[str, ...]:
        """What of it could not be read, in plain words."""
        found = (self.people.problem, self.preferences.problem, self.mounting.problem)
        return tuple(problem for problem in found if problem)
