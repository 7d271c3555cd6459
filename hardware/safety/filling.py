"""Why a bag does not fill as it should, from its filling curve: a leak, no foot, or no air that arrives.

Absolute times say little, two machines differ too much; so a bag is compared with its own earlier cycles in
this session. The time to fill its slack and the time to raise it a mmHg both go with the pump's flow, so
their ratio does not: without a foot the second grows more than the first, with a weak pump as much. A leak
changes neither much; it shows while the bag is closed and gets no air.
"""

from __future__ import annotations

from typing import Literal

from hardware.safety import limits

Cause = Literal["leak", "no-foot", "no-air", "little-air"]

WORDS: dict[Cause, str] = {
    "leak": "It leaks.",
    "no-foot": "No foot seems to be in it.",
    "no-air": "No air arrives: hose, valve or pump.",
    "little-air": "Little air arrives: hose, valve or pump.",
}
SLACK_MMHG = 6.0
"""Past its slack, and beyond what noise and a drifted zero can say."""
RISE_MMHG = 10.0
"""The least rise worth timing: a small bag takes two ticks for it."""
FILLED_SHARE = 0.5
MORE_SLACK = 1.25
MORE_RISE = 1.5
RISE_OVER_SLACK = 1.3
"""One foot out: slack x1.5, rise x2.3; both: x2 and x3.6. A pump of 0.4 of its flow: x2.5 and x2.8."""
MOST_SLACK = 2.1
MOST_RISE = 5.0
"""More than any bag takes without feet: then it is the air that comes slowly."""
LIKE = 2
"""So many of the quickest cycles are looked at: one alone may have had a foot put in half-way."""
REMEMBERED = 12
COMPARED_FROM_MMHG = 35.0
"""Lower targets are reached in pulses, or by two bags that share the air: no curve to compare."""
LIKE_SHARE = 0.3
LEVEL_S = 0.1
"""Smoothing of what is lost."""
SETTLE_S = 0.3
"""After its valve moved the sensor catches up this long."""
NOISE_MMHG = 1.0
NOISES = 2.5
"""As many times the sensor's own scatter is not lost either."""
LOST_MMHG = 2.0
LOST_SHARE_PER_S = 0.01
"""A sound bag loses at most a tenth of that, of what it holds, in a second."""


class FillCurve:
    """One bag's cycle as it goes, and what its earlier ones were like."""

    def __init__(self) -> None:
        self.scatter_mmhg = 0.0
        """How far the sensor's words are from their mean, on average."""
        self.new_session()

    def new_session(self) -> None:
        self._sound: list[tuple[float, float, float]] = []
        """Target, slack and rise of the latest sound cycles."""
        self.begin()

    def begin(self) -> None:
        """A new cycle."""
        self.slack_s = 0.0
        self.rise_s: float | None = None
        """Seconds of pumping a mmHg, once it has been seen."""
        self._past_slack = False
        self._target_mmhg = 0.0
        self._rising_s = 0.0
        self._from_mmhg = 0.0
        self._level: float | None = None
        self._peak = 0.0
        self._lost = self._losing = self._exposed = 0.0
        self._settling_s = 0.0

    def update(self, dt_s: float, mmhg: float, target_mmhg: float, *, driven: bool, pumped: bool) -> None:
        """One tick of a cycle."""
        self._target_mmhg = target_mmhg
        if self.rise_s is None and (pumped or self._past_slack):
            self._rise(dt_s if pumped else 0.0, mmhg, target_mmhg)
        self._lose(dt_s, mmhg, driven, pumped)

    def _rise(self, pumped_s: float, mmhg: float, target_mmhg: float) -> None:
        if not self._past_slack:
            self.slack_s += pumped_s
            self._past_slack, self._from_mmhg = mmhg >= SLACK_MMHG, mmhg
            return
        self._rising_s += pumped_s
        rise = mmhg - self._from_mmhg
        if rise >= RISE_MMHG and mmhg >= target_mmhg * FILLED_SHARE:
            self.rise_s = self._rising_s / rise

    def _lose(self, dt_s: float, mmhg: float, driven: bool, pumped: bool) -> None:
        """What a closed bag that gets no air loses, from the highest it stood at."""
        if pumped or not driven:
            self._lost += self._losing
            self._losing, self._level = 0.0, None
            self._settling_s = 0.0 if pumped else SETTLE_S
            return
        self._settling_s -= dt_s
        if self._settling_s > 0.0:
            return
        if self._level is None:
            self._level = self._peak = mmhg
        self._level += (mmhg - self._level) * min(dt_s / LEVEL_S, 1.0)
        self._peak = max(self._peak, self._level)
        self._exposed += mmhg * dt_s
        noise_mmhg = max(NOISE_MMHG, NOISES * self.scatter_mmhg)
        self._losing = max(self._peak - self._level - noise_mmhg, 0.0)

    @property
    def leaks(self) -> bool:
        """It has lost more in this cycle than a sound bag does."""
        lost = self._lost + self._losing
        return lost >= LOST_MMHG and lost >= LOST_SHARE_PER_S * self._exposed

    @property
    def no_foot(self) -> bool:
        """It took far more air than in its earlier cycles."""
        more = None if self.rise_s is None else self._more(self.rise_s)
        if more is None:
            return False
        more_slack, more_rise = more
        return (
            MORE_SLACK <= more_slack <= MOST_SLACK
            and MORE_RISE <= more_rise <= MOST_RISE
            and more_rise >= more_slack * RISE_OVER_SLACK
        )

    def _more(self, rise_s: float) -> tuple[float, float] | None:
        """Its slack and its rise against what they usually take; None without anything to compare with."""
        usual = self._usual()
        if usual is None:
            return None
        return self.slack_s / max(usual[0], limits.TICK_S), rise_s / usual[1]

    def _usual(self) -> tuple[float, float] | None:
        """Slack and rise of the quickest cycles that went for as much, the slower of them."""
        target = self._target_mmhg
        if target < COMPARED_FROM_MMHG:
            return None
        like = [(slack, rise) for mmhg, slack, rise in self._sound if abs(mmhg / target - 1.0) <= LIKE_SHARE]
        if len(like) < LIKE:
            return None
        quickest = sorted(like)[:LIKE]
        return quickest[-1][0], max(rise for _, rise in quickest)

    def patience_s(self, least_s: float) -> float:
        """How long it may be pumped and show nothing: a known bag as long as it would need without feet."""
        usual = None if self._past_slack else self._usual()
        return least_s if usual is None else max(least_s, min(usual[0] * MOST_SLACK, least_s + 2.5))

    def why_not(self, mmhg: float, stands: bool) -> Cause:
        """Why it is not full after all the time it had; ``stands``: it gets air and gains nothing."""
        if not self._past_slack:
            return "no-air"
        more = self._more(self._rising_s / max(mmhg - self._from_mmhg, 1.0))
        if more is not None and more[0] > MOST_SLACK:
            return "little-air"
        if stands or self.leaks:
            return "leak"
        return "little-air" if more is not None and more[1] > MOST_RISE else "no-foot"

    def remember(self) -> None:
        """This was a sound cycle: what others are compared with."""
        if self.rise_s and self._target_mmhg >= COMPARED_FROM_MMHG:
            self._sound = [*self._sound[1 - REMEMBERED :], (self._target_mmhg, self.slack_s, self.rise_s)]
