"""A start that waits: the controller goes by what is on the disk, which may be slow (S14)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from app.ui.speech import render
from app.ui.state.sitting import still_saved
from app.ui.words import _

if TYPE_CHECKING:
    from app.household.household import Household

WONDER_S = 0.5
"""A start that waits longer says why."""
KEEP_S = 30.0
"""And so long at most."""


class Holding:
    """Start was touched, and what was answered is not where the controller reads it yet."""

    def __init__(self, household: Household, now: Callable[[], float]) -> None:
        self._household, self._now = household, now
        self.waits = False
        self._since_s, self._tries = 0.0, 0

    def begin(self) -> bool:
        """Whether it has to wait."""
        self.waits = not self._is_read()
        if self.waits:
            self._since_s, self._tries = self._now(), self._household.changes
            self._household.write_now()
        return self.waits

    def look(self) -> tuple[Literal["go", "wait", "refuse"], str]:
        """How it stands now, and what is to be said of it."""
        household, waited_s = self._household, self._now() - self._since_s
        if self._is_read():
            self.waits = False
            return "go", ""
        failed = household.people.unkept if household.changes != self._tries else None
        if failed or waited_s > KEEP_S:
            self.waits = False
            return "refuse", render(failed or still_saved())
        said = _("One moment. What you answered is still being saved.")
        return "wait", said if waited_s > WONDER_S else ""

    def _is_read(self) -> bool:
        who = self._household.who
        return self._household.people.reads(who.id if who is not None else None)
