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

# Both sensors may say the same and be wrong: come off, stuck, or the wrong way round.
STANDS_C = 0.25
LAG_S = 15.0
"""A slow sensor's: what heat it knows of yet."""
EXTRA_C, EXTRA_S = 0.5, (4.0, 9.0)
"""A reading that stands still though so much more heat went in than held it there is in doubt: seconds of
full heat that raise the heaviest pad by 0.5 °C; fewer for one that rises quickly, or is hot."""
SHOWN_C_PER_S = 0.03
"""A pad that has risen like this at full heat has shown that it and its sensors work."""
FELL_C = 1.0
FELL_DUTY = 0.3
"""One that falls so far in 20 s of heating rests at once: a cold foot, or sensors that came off."""
CALM_C_PER_S = 0.03
CALM_S = 60
FAST_C_PER_S = 0.15
"""A pad that loses its heat cools slower than a sensor that comes off."""
HOT_C = 36.5
HOT_AGAIN_S = 10
"""The next look at a pad that may be hot comes after less heat."""
AGAINST_C_PER_S = (-0.02, 0.005)
"""A reading that falls under heat and rises without it, twice, is the wrong way round."""


class HeatCheck:
    """One pad. ``update`` every tick; its heat has to be off while ``resting``, and for good once it is
    ``lost`` (it does not heat) or ``wrong`` (its sensors lie)."""

    def __init__(self) -> None:
        self.resting = False
        self.lost = self.wrong = False
        self._second_s = self._sum_c = self._sum_duty = 0.0
        self._ticks = 0
        self.new_session()

    def new_session(self) -> None:
        self.resting = self.lost = self.wrong = False
        self._doubted = self._stands = self._falls = self._came_off = False
        self._found_dead = self._against = 0
        self._trusted_s = self._near_s = 0
        self._past: deque[tuple[float, float]] = deque(maxlen=WATCH_S + 1)
        """(°C, duty) of the last seconds, all of them asked for heat."""
        self._recent: deque[tuple[float, float]] = deque(maxlen=SLOPE_S + 1)
        """The same of all of the last seconds before a rest."""
        self._rest_c: list[float] = []
        self._known_duty = 0.0
        """What the sensors have noticed of the heat so far."""
        self._stood_c, self._held_by = 0.0, 0.0
        self._extra_s = 0.0
        self._gain = 0.0
        """°C/s at full heat, the most that was seen."""

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
        self._known_duty += (mean_duty - self._known_duty) / LAG_S
        if self.resting:
            self._rest(mean_c)
        else:
            self._watch(mean_c, setpoint_c, mean_duty)

    def _watch(self, celsius: float, setpoint_c: float | None, duty: float) -> None:
        self._trusted_s = max(self._trusted_s - 1, 0)
        past, recent = self._past, self._recent
        recent.append((celsius, duty))
        if setpoint_c is None:
            recent.clear()
        elif len(recent) > SLOPE_S and self._found_wanting(celsius):
            return
        if setpoint_c is None or celsius > setpoint_c - BELOW_C or duty < ASKED_DUTY:
            past.clear()
            self._near_s += 1
            if self._near_s >= ARRIVED_S:
                self._clear(0)
                self.wrong = self.wrong and setpoint_c is not None
            return
        self._near_s = 0
        past.append((celsius, duty))
        watched = WATCH_S if not self._doubted else AGAIN_S if celsius < HOT_C else HOT_AGAIN_S
        slow = self._trusted_s == 0 and len(past) > watched and celsius - past[-1 - watched][0] < RISE_C
        falls = len(past) > SLOPE_S and celsius < max(past)[0] - FALL_C
        if (slow or falls) and len(recent) > SLOPE_S // 2 and self._slope() > -STEEP_C_PER_S:
            self._begin_rest()

    def _found_wanting(self, celsius: float) -> bool:
        """Whether it has to rest at once: it stands or falls where heat should have raised it."""
        duties = [duty for _, duty in self._recent]
        slope, duty = self._slope(), sum(duties) / len(duties)
        if duty >= FELL_DUTY and not self._doubted:
            self._gain = max(self._gain, slope / duty)
        if abs(celsius - self._stood_c) > STANDS_C:
            self._stood_c, self._held_by, self._extra_s = celsius, self._known_duty, 0.0
        self._extra_s += max(self._known_duty - self._held_by, 0.0)
        least, most = EXTRA_S
        enough_s = EXTRA_C / max(self._gain, SHOWN_C_PER_S) if celsius < HOT_C else least
        if self._extra_s >= min(max(enough_s, least), most):
            self._begin_rest(stands=True)
        elif max(self._recent)[0] - celsius >= FELL_C and min(duties[-5:]) >= FELL_DUTY:
            if not self._doubted:
                self._came_off = self._gain >= SHOWN_C_PER_S and self._fell_fast()
            self._begin_rest(falls=not self._doubted)
        return self.resting

    def _fell_fast(self) -> bool:
        return (self._recent[-5][0] - self._recent[-1][0]) / 4.0 >= FAST_C_PER_S

    def _slope(self) -> float:
        """°C/s of the last seconds that were asked for heat."""
        return (self._recent[-1][0] - self._recent[0][0]) / (len(self._recent) - 1)

    def _begin_rest(self, *, stands: bool = False, falls: bool = False) -> None:
        self.resting, self._stands, self._falls = True, stands, falls
        self._rest_c = []
        self._near_s = 0

    def _rest(self, celsius: float) -> None:
        self._rest_c.append(celsius)
        if len(self._rest_c) < REST_S:
            return
        after = (celsius - self._rest_c[-1 - SLOPE_S]) / SLOPE_S
        if self._falls and abs(after) > CALM_C_PER_S and len(self._rest_c) < CALM_S:
            return
        self.resting = False
        before = self._slope()
        duty = sum(duty for _, duty in self._recent) / len(self._recent)
        self._past.clear()
        self._recent.clear()
        self._stood_c, self._held_by, self._extra_s = celsius, self._known_duty, 0.0
        if self._falls:  # it says nothing yet
            self._doubted, self._trusted_s = True, 0
            return
        turn = after - before
        if turn <= -TURN_C_PER_S * duty:
            self._clear(TRUSTED_S)
            return
        self._doubted, self._trusted_s = True, 0
        self._against = self._against + 1 if before < AGAINST_C_PER_S[0] and after > AGAINST_C_PER_S[1] else 0
        # A turn upwards is a foot's doing and says nothing either.
        dead = -DEAD_C_PER_S * duty < turn < TURN_C_PER_S
        self._found_dead += dead
        moved_c = max(self._rest_c) - min(self._rest_c)
        worked = self._gain >= SHOWN_C_PER_S or celsius >= HOT_C
        stood = dead and self._stands and worked and moved_c < STANDS_C
        self.wrong = stood or (dead and self._came_off) or self._against >= LOOKS
        self.lost = self._found_dead >= LOOKS

    def _clear(self, trusted_s: int) -> None:
        self._doubted = self._came_off = False
        self._found_dead = self._against = 0
        self._trusted_s = trusted_s
