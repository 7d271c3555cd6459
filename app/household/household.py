"""All of it together, as the kiosk holds it: people, preferences, the PIN, and who is sitting here now."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from app.filing import Filing
from app.household.mounting import mounting
from app.household.people import People, Person
from app.household.preferences import preferences
from app.places import Places
from hardware.message import Message

if TYPE_CHECKING:
    from datetime import datetime

    from app.commissioning.record import Standing
    from app.commissioning.walk import Walk
    from app.household.pin import Pin
    from hardware.machine import Machine


class Household:
    """``who`` is the person sitting here, None for a guest.

    With ``filing`` nothing here waits for a disk: what is changed counts at once, and is written by and by.
    """

    def __init__(
        self, places: Places, now: Callable[[], float] = time.monotonic, filing: Filing | None = None
    ) -> None:
        self._filing = filing
        self.people = People(places.people, filing=filing)
        self.preferences = preferences(places.data / "preferences.json", filing)
        self.mounting = mounting(places.mounting, filing)
        self._places, self._now = places, now
        self._who: str | None = None
        self.standing: Callable[[Machine], Standing] = lambda _machine: "done"
        """Whether the machine was gone through part by part; asked where it is a real one."""

    @cached_property
    def pin(self) -> Pin:
        from app.household.pin import Pin  # its ciphers are not for the first frame

        return Pin(self._places.data / "pin.json", self._now, self._filing)

    @property
    def who(self) -> Person | None:
        return self.people.get(self._who)

    def sit(self, person: str | None) -> None:
        self._who = person

    def keep_commissioned(self, walk: Walk, at: datetime) -> None:
        """What going through the machine found. Raises InstepError when it cannot be kept."""

        def write() -> None:
            from app.commissioning.record import keep
            from app.sessions.clock import clock_is_good
            from app.virtual import virtual_there

            known = at if clock_is_good() else None
            keep(walk.record(known, virtual=virtual_there(self._places)), self._places)

        if self._filing is None:
            write()
        else:
            self._filing.put(self._places.commissioned, write)

    @property
    def commissioned_kept(self) -> bool:
        """Whether it is on the disk."""
        return self._filing is None or not self._filing.waits(self._places.commissioned)

    # --- what is on the disk --------------------------------------------------------------------------

    @property
    def unkept(self) -> Message | None:
        """Why something that was changed here is not on the disk; None when all is well."""
        troubles = self._filing.troubles if self._filing is not None else ()
        return troubles[0] if troubles else None

    @property
    def changes(self) -> int:
        """Another number whenever something was written, or could not be."""
        return self._filing.changes if self._filing is not None else 0

    def write_now(self) -> None:
        """Somebody waits for it."""
        if self._filing is not None:
            self._filing.again()

    def close(self, timeout: float) -> bool:
        """Write what is waiting; say whether all of it is on the disk within ``timeout`` s."""
        return self._filing is None or self._filing.close(timeout)

    @property
    def problems(self) -> tuple[Message, ...]:
        """What of it could not be read."""
        found = [self.people.problem, self.preferences.problem, self.mounting.problem]
        if "pin" in vars(self):  # it is read when it is first asked for
            found.append(self.pin.problem)
        return tuple(problem for problem in found if problem)
