"""How bright the screen is: awake, dimmed, dark. Who touches a dark screen only wakes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from app.household.preferences import Preferences
from hardware.messages import Snapshot

Mood = Literal["awake", "dimmed", "dark"]

NIGHT_FROM, NIGHT_TO = 20, 7
"""Hours between which it counts as night."""
NIGHT_SHARE = 0.5
DIM_SHARE = 0.25
LEAST_PERCENT = 3
WOKEN_S = 0.35
"""The finger that woke the screen may arrive twice; the second time is not to press a button."""

SHADES: dict[Mood, float] = {"awake": 0.0, "dimmed": 0.55, "dark": 1.0}


@dataclass(frozen=True)
class Light:
    """What the panel is to do."""

    mood: Mood
    percent: int
    """For the backlight."""
    shade: float
    """How much black lies over the screen when there is no backlight."""


def night(hour: int) -> bool:
    return hour >= NIGHT_FROM or hour < NIGHT_TO


class Comfort:
    """Remembers the last touch. A session (or service) keeps the screen lit, a fault and its end wake it."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._last = now()
        self._woken = float("-inf")
        self._session = ""
        self._faults: frozenset[str] = frozenset()
        self._preferences = Preferences()

    def see(self, snapshot: Snapshot | None, preferences: Preferences) -> None:
        """Take in how the machine is; what a person has to know wakes the screen."""
        self._preferences = preferences
        if snapshot is None:
            # The controller is away: a fault that is still there when it is back is no news.
            self._session = ""
            return
        # What is driven or tuned by hand, or warmed for somebody, is watched as a session is.
        watched = snapshot.state if snapshot.state in ("service", "preheating") else ""
        session = snapshot.session.id if snapshot.session else watched
        faults = frozenset(fault.code for fault in snapshot.faults)
        if session != self._session or faults - self._faults:
            self.wake()
        self._session, self._faults = session, faults

    @property
    def mood(self) -> Mood:
        calm_s = self._now() - self._last
        dim_s = self._preferences.dim_after_min * 60
        # The screen goes black later than it dims, whatever the settings say.
        off_s = max(self._preferences.off_after_min * 60, dim_s + 60)
        if calm_s >= off_s and not self._session:
            return "dark"
        return "dimmed" if calm_s >= dim_s else "awake"

    def wake(self) -> None:
        self._last = self._now()

    def touched(self) -> bool:
        """A finger came down. Whether it may act: on a screen that was not awake it only wakes it.

        During a session a touch acts at once; Stop does not ask here at all.
        """
        mood, now = self.mood, self._now()
        self.wake()
        if self._session:
            return True
        if mood != "awake":
            self._woken = now
            return False
        return now - self._woken >= WOKEN_S

    def light(self, hour: int) -> Light:
        mood = self.mood
        if mood == "dark":
            return Light(mood, 0, SHADES[mood])
        at_night = self._preferences.night_dimming and night(hour)
        share = (NIGHT_SHARE if at_night else 1.0) * (DIM_SHARE if mood == "dimmed" else 1.0)
        percent = max(LEAST_PERCENT, round(self._preferences.brightness * share))
        return Light(mood, percent, SHADES[mood])
