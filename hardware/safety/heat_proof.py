"""Whether the heat that a pad is given shows at its sensors, or is missing.

Sensors that came off, stuck, or read the wrong way round look like a cold foot, and so does a heater that is
dead: the readings fall short of what heat should have done. Nothing is rested to find out. Two things run
beside the readings while heat is missing.

- The pad as it would be if they were lies: as it was when they last made sense, on the heat that went in
  since. Its output gives way before *that* is too hot.
- Filters that explain what is read: by another foot, or none, on a pad that is heated; by the same on one
  that is not; by sensors that came off. Their likelihoods are compared reading by reading until "with heat"
  or "without" has won (Wald, "Sequential Tests of Statistical Hypotheses", 1945).
"""

from __future__ import annotations

from math import exp, log, sqrt

from hardware.safety.pad_observer import (
    BLOOD_PER_S,
    BODY_C,
    NO_GAIN,
    SKIN_SHARE,
    TO_ROOM_PER_S,
    Heater,
    PadFilter,
    PadObserver,
)

FOLLOWS_S = 60.0
"""While all is well the pad on its heat alone follows the readings this slowly."""
LOSES_S = 240.0
"""That it loses more than it did is believed more slowly."""
MISSING_C = 1.5
"""As far below it the readings make no sense any more."""
HIDDEN_MOST_C, HIDDEN_C_PER_S = 42.7, 0.004
"""The longer it is hidden, the less is known of it."""
HIDDEN_BAND_C = 2.0
"""Its output comes back so far below: what goes in then comes in pulses, which sensors that see it show."""
PROVED_SPREAD = 0.25
LEAST_SHARE = 0.6
"""Of what a heater was seen to give, with all that it may be off by: less is no heat."""
PROVED_C, GAIN_SURE, SURELY_HEATS = 20.0, 1.5, 0.055
"""Heat that would raise a pad alone by so much, with nothing missing, is proof enough, where what is read
answers to it at least by so many °C/s, that surely (in standard deviations)."""
PROVED_MORE, UNPROVED_MORE = 1.1, 1.4
"""How much more than it seems a heater might give, once it was seen to heat and before."""
GONE, GONE_UNPROVED, SHOWN = 14.0, 10.0, -5.0
"""Of the ratio's logarithm: no heat arrives, from a heater that was seen to heat and from one that never was;
and heat does."""
LOOSE_S, LOOSE_C, AIR_C = 20.0, 0.02, 0.02
"""A thermistor in still air, and how restless it and the air are in a second."""
FORGETS_S, MODEL_C = 150.0, 0.05
"""Neither model is a real pad: what they are off by is noise, too, and what was long ago counts for less."""
GONE_S, GONE_C = 30.0, 3.0
"""At the earliest, and after heat that would raise a pad alone by so much."""
RISES_C, RISES_SHARE = 0.6, 0.1
"""A reading that rose by the first, and by the second of what its heat would do to a pad alone, answers it:
the heaviest foot leaves as much."""
NEVER_S, NEVER_SHARE, COLD_C, FLAT_C = 180.0, 0.8, 28.0, 0.3
"""A pad that is still so cold after so long on so much of its full heat, and does not rise, has none."""
LEARNS_DUTY, LEARNS_SPREAD = 0.6, 0.2
"""What heat does is learnt where there is much of it."""
GAIN_LEFT = 0.75
"""A pad heats as it once did, but for what a sagging supply takes."""
HELD_C, HELD_DUTY, HELD_S = 0.7, 0.6, 30.0
"""A pad that is held so near its setpoint, on less than that, has nothing to prove."""
HOLDS_MORE = 0.02
OVER_S = 60.0
PAST_S, FALL_S = 30, 4
CAME_OFF_SHARE, CAME_OFF_C_PER_S = 1.6, 0.06
"""What falls faster than a pad without its heat by this is no pad."""
STANDS_C = 1e-6
"""Both sensors have given the same words for all that time."""
WARMER_C = 4.0
"""A pad that is so much warmer than the room cannot stand still without heat."""


class LooseFilter:
    """What a sensor says that has come off: it goes to the air's temperature, or stands where that is."""

    __slots__ = ("_air_c", "_both", "_own", "_own_air", "_read_c")

    def __init__(self, celsius: float) -> None:
        self._read_c = self._air_c = celsius
        self._own, self._own_air, self._both = 0.3**2, 15.0**2, 0.0

    def update(self, seconds: float, celsius: float, noise: float) -> float:
        """Take a reading with its variance; the logarithm of how likely it was."""
        share = 1.0 - exp(-seconds / LOOSE_S)
        self._read_c += share * (self._air_c - self._read_c)
        keeps = 1.0 - share
        both = keeps * self._both + share * self._own_air
        self._own = keeps * (keeps * self._own + share * self._both) + share * both + LOOSE_C**2 * seconds
        self._both, self._own_air = both, self._own_air + AIR_C**2 * seconds
        variance = self._own + noise
        off = celsius - self._read_c
        gain, air_gain = self._own / variance, self._both / variance
        self._read_c += gain * off
        self._air_c += air_gain * off
        self._own_air -= air_gain * self._both
        self._own, self._both = self._own * (1.0 - gain), self._both * (1.0 - gain)
        return -0.5 * (off * off / variance + log(variance))


class HeatProof:
    """One pad. ``update`` once a second while something is read."""

    def __init__(self, heater: Heater) -> None:
        self._heater = heater
        self.lost = self.wrong = False
        """It does not heat; its sensors lie. For the rest of the session."""
        self.found_c = (0.0, 0.0)
        """What was read as that was found, and what its heat should have made."""
        self.hidden_c = 0.0
        """How hot it is if its readings are lies."""
        self.gives_way = False
        """No heat in this tick: the pad might be too hot, whatever is read."""
        self.most_duty = 1.0
        """A reading that stands still at its setpoint is given no more than held it there."""
        self._holds = 0.0
        """The duty that it was held by while it moved."""
        self._gain, self._gain_most, self._proved = exp(heater.gain), 0.0, False
        self.new_session()

    def new_session(self) -> None:
        self.lost = self.wrong = self.gives_way = False
        self.most_duty = 1.0
        self._missing_s: float | None = None
        """How long heat has been missing; None: it is not."""
        self._asked = False
        self._past: list[float] = []
        """The latest readings, one a second."""
        self._idle_s = self._heat_c = 0.0

    def update(self, read_c: float, setpoint_c: float | None, observer: PadObserver) -> None:
        """Take the second that the observer has just taken; no setpoint: nothing is regulated."""
        known, seconds, duty = observer.filter, observer.seconds, observer.duty
        assert known is not None
        if setpoint_c is None and duty == 0.0:
            self._rest(seconds)
            return
        if not self._asked:
            self._follow(known, read_c)
        self._asked, self._idle_s = True, 0.0
        if self.lost or self.wrong:
            return
        doubt = self._missing_s is not None
        loss = self._heat(seconds, duty, doubt, known.room_c)
        self._past = [*self._past[1:], read_c]
        most_c = HIDDEN_MOST_C - (self._missing_s or 0.0) * HIDDEN_C_PER_S
        self.gives_way = doubt and self.hidden_c > most_c - (HIDDEN_BAND_C if self.gives_way else 0.0)
        near = setpoint_c is not None and read_c > setpoint_c - HELD_C
        if near and self._stands:
            self.most_duty = self._holds + HOLDS_MORE
        else:
            self._holds += (duty - self._holds) * min(seconds / FOLLOWS_S, 1.0)
            self.most_duty = 1.0
        if doubt:
            self._weigh(read_c, setpoint_c, observer)
            return
        self._trust(seconds, known, duty)
        if self.hidden_c - known.pad_c > MISSING_C and duty > 0.0:
            self._begin_doubt(known, read_c, loss)

    def _rest(self, seconds: float) -> None:
        """Nobody wants heat. What was found wrong is over once it had been so for a while: nothing tells."""
        self._missing_s, self.gives_way, self._asked, self.most_duty = None, False, False, 1.0
        self._idle_s += seconds
        if self._idle_s >= OVER_S:
            self.wrong = False

    def _heat(self, seconds: float, duty: float, doubt: bool, room_c: float) -> float:
        """The pad on its heat alone, so many seconds on; what it loses, °C/s."""
        more = 1.0 if not doubt else PROVED_MORE if self._proved else UNPROVED_MORE * self._heater.more
        flow = self._contact * (self.hidden_c - self._skin_c)
        loss = flow + TO_ROOM_PER_S * (self.hidden_c - room_c)
        self.hidden_c += (self._gain * more * duty - loss) * seconds
        self._skin_c += (SKIN_SHARE * flow + BLOOD_PER_S * (BODY_C - self._skin_c)) * seconds
        return loss

    def _follow(self, known: PadFilter, read_c: float) -> None:
        self.hidden_c, self._skin_c, self._contact = known.pad_c, known.skin_c, exp(known.contact)
        self._past = [read_c] * PAST_S

    def _trust(self, seconds: float, known: PadFilter, duty: float) -> None:
        """All is well: learn from what is read."""
        if self._stands:  # what does not move may be a lie, and says nothing of how warm it is
            return
        contact, gain = exp(known.contact), exp(known.gain)
        share = min(seconds / FOLLOWS_S, 1.0)
        self.hidden_c = max(known.pad_c, self.hidden_c + (known.pad_c - self.hidden_c) * share)
        more = contact * (known.pad_c - known.skin_c) > self._contact * (known.pad_c - self._skin_c)
        slower = min(seconds / LOSES_S, 1.0) if more else share
        self._skin_c += (known.skin_c - self._skin_c) * slower
        self._contact += (contact - self._contact) * slower
        self._heat_c += self._gain * duty * seconds
        if not self._proved and self._heat_c >= PROVED_C and _least_gain(known) > SURELY_HEATS:
            self._prove(known)
        if duty > LEARNS_DUTY and known.spread[3][3] < LEARNS_SPREAD**2:
            if self._proved or gain > self._gain:
                self._gain += (gain - self._gain) * share
            self._gain_most = max(self._gain_most, self._gain)
            self._gain = max(self._gain, GAIN_LEFT * self._gain_most)

    @property
    def _stands(self) -> bool:
        return max(self._past) - min(self._past) < STANDS_C

    def _prove(self, known: PadFilter) -> None:
        """It heats, and now it is known how much."""
        if not self._proved:
            self._gain = self._gain_most = exp(known.gain)
        self._proved = True

    def _begin_doubt(self, known: PadFilter, read_c: float, loss: float) -> None:
        self._missing_s = self._heat_c = self._low_heat_c = self._held_s = self._fastest = 0.0
        self._low_c = read_c
        self._passive = loss
        gain, spread = log(self._gain), PROVED_SPREAD if self._proved else self._heater.spread
        self._heated = [known.another(gain, spread, bare=bare) for bare in (False, True)]
        if self._proved:
            for heated in self._heated:
                heated.gains = (gain + log(LEAST_SHARE), heated.gains[1])
        if _least_gain(known) > SURELY_HEATS:
            self._heated.append(known.same())  # a weak heater, and nothing has happened
        self._unheated = [known.another(NO_GAIN, 0.0, bare=bare) for bare in (False, True)]
        self._loose = LooseFilter(read_c)
        self._likely = [0.0] * (len(self._heated) + len(self._unheated) + 1)

    def _weigh(self, read_c: float, setpoint_c: float | None, observer: PadObserver) -> None:
        """Heat is missing: which of the explanations is it?"""
        assert self._missing_s is not None
        assert observer.filter is not None
        seconds, duty = observer.seconds, observer.duty
        heat_c = self._gain * duty * seconds
        self._missing_s += seconds
        self._heat_c += heat_c
        self._low_heat_c += heat_c
        self._fastest = max(self._fastest, (self._past[-1 - FALL_S] - read_c) / FALL_S)
        if read_c < self._low_c:
            self._low_c, self._low_heat_c = read_c, 0.0
        ratio = self._compare(seconds, read_c, duty, observer.noise)
        enough = self._missing_s >= GONE_S and self._heat_c >= GONE_C
        if self._is_held(seconds, read_c, setpoint_c, duty) or (enough and self._shows(read_c, ratio)):
            heated = max(zip(self._likely, self._heated, strict=False), key=lambda one: one[0])[1]
            if ratio <= SHOWN:
                self._prove(heated)
            self._follow(heated, read_c)
            self._missing_s, self._heat_c = None, 0.0
        elif (enough and ratio >= self._gone) or self._never_rose(read_c):
            stands = self._stands and read_c > observer.filter.room_c + WARMER_C
            falls = self._fastest > self._passive * CAME_OFF_SHARE + CAME_OFF_C_PER_S
            self.wrong = stands or (falls and self._likely[-1] > max(self._likely[-3:-1]))
            self.lost = not self.wrong
            self.found_c = (read_c, self.hidden_c)
            self.gives_way = False

    def _never_rose(self, read_c: float) -> bool:
        """It was never seen to heat, and all its heat for so long has not made a cold pad rise."""
        assert self._missing_s is not None
        full_c = self._gain * self._missing_s
        flat = read_c < COLD_C and read_c - self._low_c < FLAT_C
        return (
            not self._proved and flat and self._missing_s >= NEVER_S and self._heat_c >= NEVER_SHARE * full_c
        )

    def _compare(self, seconds: float, read_c: float, duty: float, noise: float) -> float:
        """The logarithm of how much more likely what was read is without heat than with it."""
        noise += MODEL_C**2
        news = []
        for explanation in (*self._heated, *self._unheated):
            explanation.predict(seconds, duty)
            news.append(explanation.correct(read_c, noise))
        news.append(self._loose.update(seconds, read_c, noise))
        keeps = 1.0 - min(seconds / FORGETS_S, 1.0)
        best = max(news)
        self._likely = [was * keeps + new - best for was, new in zip(self._likely, news, strict=True)]
        heated = len(self._heated)
        return max(self._likely[heated:]) - max(self._likely[:heated])

    @property
    def _gone(self) -> float:
        return GONE if self._proved else GONE_UNPROVED

    def _is_held(self, seconds: float, read_c: float, setpoint_c: float | None, duty: float) -> bool:
        held = setpoint_c is not None and read_c > setpoint_c - HELD_C and duty < HELD_DUTY
        self._held_s = self._held_s + seconds if held and not self._stands else 0.0
        return self._held_s >= HELD_S

    def _shows(self, read_c: float, ratio: float) -> bool:
        rise_c = read_c - self._low_c
        rises = rise_c >= RISES_C and rise_c >= RISES_SHARE * self._low_heat_c
        return ratio <= SHOWN or (rises and ratio < self._gone)


def _least_gain(known: PadFilter) -> float:
    return exp(known.gain - GAIN_SURE * sqrt(known.spread[3][3]))
