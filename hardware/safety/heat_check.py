"""Whether a pad that is asked for heat heats: in doubt its heat rests for a moment, and it must notice.

A weak pad in a cold room with a cold foot on it stays far below its target for good, and a dead one with a
warm foot on it rises: neither the level nor the rise tells them apart. What only a heated pad does is to
turn downwards when the heat goes off.
"""

from __future__ import annotations

from collections import deque

BELOW_C = 1.0
ASKED_DUTY = 0.5
"""A pad this far below its target, given so much, ..."""
WATCH_S = 60
RISE_C = 2.0
"""... that does not rise by this within that long is in doubt. An everyday pad rises by 4 °C."""
FALL_C = 0.7
"""So is one that falls by this, whatever it was trusted with before."""
STEEP_C_PER_S = 0.05
"""A pad that falls faster has just got a cold foot or lost its heat: what it does then says nothing yet."""
REST_S = 30
SLOPE_S = 20
"""Its heat rests for so long; the slopes of the last 20 s before and of the last 20 s of it are compared."""
TURN_C_PER_S = 0.02
DEAD_C_PER_S = 0.008
"""At full duty a pad that turns downwards by the first heats, and one that does not by the second is dead; a
cold foot put in just then leaves the weakest sound pad in between, which says nothing."""
AGAIN_S = 20
"""Before the next look, at one that was not seen to heat: two have to find it dead."""
LOOKS = 2
TRUSTED_S = 300
ARRIVED_S = 60
"""Near its target for so long a pad has shown all that it can; after a rest the target begins near it."""


class HeatCheck:
    """One pad. ``update`` every tick; while ``resting`` its heat has to be off, with ``lost`` for good."""

    def __init__(self) -> None:
        self.resting = False
        self.lost = False
        self._second_s = self._sum_c = self._sum_duty = 0.0
        self._ticks = 0
        self._asked = True
        self.new_session()

    def new_session(self) -> None:
        self.resting = self.lost = False
        self._doubted = False
        self._found_dead = 0
        self._trusted_s = self._near_s = 0
        self._past: deque[tuple[float, float]] = deque(maxlen=WATCH_S + 1)
        """(°C, duty) of the last seconds, all of them asked for heat."""
        self._rest_c: list[float] = []

    def update(self, dt_s: float, celsius: float, setpoint_c: float | None, duty: float) -> None:
        """``setpoint_c`` and ``duty`` are those of the last tick."""
        self._second_s += dt_s
        self._sum_c += celsius
        self._sum_duty += duty
        self._ticks += 1
        if self._second_s < 1.0 - 1e-9:
            return
        mean_c, mean_duty = self._sum_c / self._ticks, self._sum_duty / self._ticks
        self._second_s = self._sum_c = self._sum_duty = 0.0
        self._ticks = 0
        if self.resting:
            self._rest(mean_c)
        else:
            self._watch(mean_c, setpoint_c, mean_duty)

    def _watch(self, celsius: float, setpoint_c: float | None, duty: float) -> None:
        self._trusted_s = max(self._trusted_s - 1, 0)
        past = self._past
        if setpoint_c is None or celsius > setpoint_c - BELOW_C or duty < ASKED_DUTY:
            past.clear()
            self._near_s += 1
            if self._near_s >= ARRIVED_S:
                self._clear(0)
            return
        self._near_s = 0
        past.append((celsius, duty))
        watched = AGAIN_S if self._doubted else WATCH_S
        slow = self._trusted_s == 0 and len(past) > watched and celsius - past[-1 - watched][0] < RISE_C
        falls = len(past) > SLOPE_S and celsius < max(past)[0] - FALL_C
        if (slow or falls) and self._slope() > -STEEP_C_PER_S:
            self.resting = True
            self._rest_c = []

    def _slope(self) -> float:
        """°C/s of the last seconds that were asked for heat."""
        return (self._past[-1][0] - self._past[-1 - SLOPE_S][0]) / SLOPE_S

    def _rest(self, celsius: float) -> None:
        self._rest_c.append(celsius)
        if len(self._rest_c) < REST_S:
            return
        self.resting = False
        before = self._slope()
        after = (celsius - self._rest_c[-1 - SLOPE_S]) / SLOPE_S
        duty = min(duty for _, duty in list(self._past)[-SLOPE_S:])
        self._past.clear()
        turn = after - before
        if turn <= -TURN_C_PER_S * duty:
            self._clear(TRUSTED_S)
            return
        self._doubted, self._trusted_s = True, 0
        # A turn upwards is a foot's doing and says nothing either.
        self._found_dead += -DEAD_C_PER_S * duty < turn < TURN_C_PER_S
        self.lost = self._found_dead >= LOOKS

    def _clear(self, trusted_s: int) -> None:
        self._doubted, self._found_dead, self._trusted_s = False, 0, trusted_s
