"""What a bag should read for the air that went into it, and how surely.

Air is counted in seconds of the full pump, so that neither the pump's flow nor the bag's size need be
known: a bag takes some air before it reads anything, then its pressure rises by so much a second. How much it
takes goes with how long it was open, because an open bag lets go of its slack only slowly: after a shorter
rest it needs no more, after a longer one no more than in proportion. These numbers are learnt fill by fill,
within what machines, feet and seats differ by, each with its spread; a new session may mean new feet, which
widens the spread and forgets nothing.
"""

from __future__ import annotations

from math import exp, hypot, inf, log, sqrt

from hardware.safety.expectation import Expectation
from hardware.words import Zone

EVERYDAY: dict[Zone, tuple[float, float]] = {
    "foot": (1.0, 158.0),
    "ankle": (1.25, 131.0),
    "calf": (2.5, 75.0),
    "heel": (0.75, 200.0),
}
"""Seconds of slack, and mmHg a second past it, of an everyday bag with both feet in."""
OTHERWISE = (1.25, 130.0)
UNKNOWN = 0.45
"""Machines differ by 2.6 times at most, either way: a pump, a bag and a seat."""
KNOWN = 0.3
"""A spread below this is a number that was seen in this session."""
A_SESSION, A_FILL, A_LOOK, LEAST = 0.4, 0.05, 0.08, 0.06
"""Spread that new feet, another fill (a foot that shifts, a bag that gives) and one look at it add."""
SURE = 2.3
"""So many spreads away is all but one of a hundred."""
LONGEST_S = 60.0
LAST_S = 1.0
"""The last of the pressure goes first; only then the slack."""
LIMP_S = 30.0
"""An open bag has let go of all its slack by then."""
LIKE = 1.3
"""Rests whose lengths are this near are alike."""
TELLS = 2.5
"""One that rested longer than that many times proves nothing: the last of the pressure takes time, too."""
STALL_MMHG = 350.0
"""The pump gives less as the bag it fills is fuller, and nothing at about this."""
FELT_MMHG, FELT_S = 6.0, 0.1
"""Past its slack, and beyond what noise and a drifted zero can say."""
LATE_S = 0.15
ANEW_S = 1.0
"""A bag that was open for so long begins a new fill."""
SHARED = 0.2
"""Where more than this of its air was shared with another bag nobody knows how much of it was its own."""
LEAST_RISE_S = 0.05
STIFFER, SOFTER = 3.0, 30.0
"""Than an everyday bag with its feet in no bag is by more; what rose faster was pressed by a foot."""
SAFE_SHARE = 0.55
"""So much of an everyday bag's slack cannot squeeze hard, even in the smallest bag on the strongest pump."""
LEARNT_S = 0.15
"""A bag that is felt sooner had not been let go of."""
LAG_S = 0.1
"""The sensor's, and that of the middle of three."""
SETTLE_S, FOLLOW_S = 0.3, 0.5
"""After its valve or the pump moved the sensor catches up so long; then it is followed."""
EMPTIES_S = 1.0
LEVEL_S = 0.1
"""Smoothing of what is lost."""
NOISE_MMHG, NOISES = 1.0, 2.5
"""As many times the sensor's own scatter says nothing."""
LOST_MMHG, LOST_SHARE_PER_S = 3.0, 0.015
"""Of what it holds a sound bag loses a tenth of that a second, a half where feet shift."""
GIVES = 0.04
"""Tissue that yields and air that cools take so much of the air in a bag and more, in a few seconds; what is
lost between two looks is not seen. A stiff bag shows all of that."""


class Known:
    """A positive number, and by what share of it it may be otherwise."""

    __slots__ = ("spread", "value")

    def __init__(self, value: float, spread: float = UNKNOWN) -> None:
        self.value, self.spread = value, spread

    def learn(self, seen: float, doubt: float) -> None:
        spread = hypot(self.spread, A_FILL)
        off = log(seen / self.value)
        # Against what was seen in this session a surprise counts for less.
        surprise = off / 2.0 if spread < KNOWN else 0.0
        share = spread**2 / (spread**2 + doubt**2 + surprise**2)
        self.value *= exp(share * off)
        self.spread = max(spread * sqrt(1.0 - share), LEAST)

    def widen(self, by: float) -> None:
        self.spread = min(hypot(self.spread, by), UNKNOWN)

    def times(self, spreads: float) -> float:
        return self.value * exp(spreads * self.spread)


class BagObserver:
    """One bag. ``update`` once a tick, whatever the machine does."""

    def __init__(self, zone: Zone) -> None:
        self._everyday = slack_s, gain = EVERYDAY.get(zone, OTHERWISE)
        self.slack, self.gain = Known(slack_s), Known(gain)
        self._needs: list[tuple[float, Known]] = []
        """By length of the rest before it: the air that a fill took until it was felt."""
        self.mmhg = 0.0
        """What it should be at."""
        self.scatter_mmhg = 0.0
        """How far the sensor's words are from their mean, on average."""
        self._read = 0.0
        self._open_s = self._limp_s = LONGEST_S
        self._quiet_s = SETTLE_S
        self.most_s = self.put_s = 0.0
        self.felt = True
        self.begin()

    def new_session(self) -> None:
        for known in (self.slack, self.gain, *(need for _, need in self._needs)):
            known.widen(A_SESSION)

    def begin(self) -> None:
        """A new fill."""
        self._owed_s = 0.0 if self.felt else max(self.most_s - self.put_s, 0.0)
        self._rest_s = rest_s = min(max(self._limp_s, ANEW_S), LONGEST_S)
        self._like: Known | None = None
        """What fills after such a rest take, as far as it is known."""
        self.most_s = self.slack.times(SURE)
        """Air by which it should be felt."""
        self._usual_s = self._longer = inf
        """What it should take at most, were all known for sure; and how much longer it rested than before
        fills that are known."""
        for after_s, need in [one for one in self._needs if one[1].spread < KNOWN] or self._needs:
            more = max((rest_s - LAST_S) / max(after_s - LAST_S, LAST_S), 1.0)
            self.most_s = min(self.most_s, need.times(SURE) * more)
            if need.spread < KNOWN:
                self._usual_s = min(self._usual_s, need.value * more)
                self._longer = min(self._longer, more)
            if max(rest_s / after_s, after_s / rest_s) < LIKE:
                self._like = need
        self.most_s = min(self.most_s + self._owed_s, self.slack.times(SURE))
        self.put_s = self.rise_s = self._unseen_s = self._shared_s = 0.0
        """What was put in; what of it since it was felt; what is not in its reading yet; and what was shared,
        until it was felt, or since."""
        self.felt = False
        self.took_s: float | None = None
        """What it took until it was felt; None: not yet, or it had not been let go of."""
        self._felt_s = self._felt_mmhg = 0.0
        self._level: float | None = None
        self._peak = self._lost = self._losing = self._exposed = 0.0

    def update(self, dt_s: float, mmhg: float, *, closed: bool, share: float, shared: bool = False) -> None:
        """One tick: what is read now, and what valve and pump (a share of the full one) did until now;
        ``shared``: others had as much of it."""
        self._read = mmhg
        if not closed:
            self._limp_s = 0.0 if self._open_s == 0.0 else self._limp_s
            self._open_s += dt_s
            self._limp_s += dt_s if mmhg < FELT_MMHG else 0.0
            self._quiet_s = 0.0
            self.mmhg -= self.mmhg * min(dt_s / EMPTIES_S, 1.0)
            self._interrupt()
            return
        if self._open_s >= ANEW_S:
            self.begin()
        self._open_s = 0.0
        if share or self._unseen_s:
            self._unseen_s += (share * LAG_S - self._unseen_s) * (1.0 - exp(-dt_s / LAG_S))
        if share:
            self._fill(dt_s, share, shared)
        else:
            self._quiet_s += dt_s
        if not self.felt:
            self._felt_s = self._felt_s + dt_s if mmhg >= FELT_MMHG else 0.0
            if self._felt_s >= FELT_S:
                self._feel(mmhg)
        elif not share and self._quiet_s > SETTLE_S:
            self._hold(dt_s, mmhg)

    def _fill(self, dt_s: float, share: float, shared: bool) -> None:
        air_s = share * dt_s * max(1.0 - self.mmhg / STALL_MMHG, 0.0)
        self.put_s += air_s
        self._shared_s += air_s if shared else 0.0
        self._quiet_s = 0.0
        if self.felt:
            self.rise_s += air_s
            self.mmhg += self.gain.value * air_s
        elif self._like is not None:
            self.mmhg = max(self.put_s - self._owed_s - self._like.value, 0.0) * self.gain.value
        self._interrupt()

    def _feel(self, mmhg: float) -> None:
        self.felt, self._felt_mmhg, self.rise_s = True, mmhg, self._unseen_s
        self.mmhg = mmhg + self._unseen_s * self.gain.value
        took_s = self.put_s - self._unseen_s - mmhg / self.gain.value
        if took_s >= LEARNT_S and not self._owed_s and self._shared_s <= SHARED * self.put_s:
            self.took_s = took_s
        self._shared_s = 0.0

    def _hold(self, dt_s: float, mmhg: float) -> None:
        """What a closed bag that gets no air loses, from the highest it stood at."""
        self.mmhg += (mmhg - self.mmhg) * min(dt_s / FOLLOW_S, 1.0)
        if self._level is None:
            self._level = self._peak = mmhg
        self._level += (mmhg - self._level) * min(dt_s / LEVEL_S, 1.0)
        self._peak = max(self._peak, self._level)
        self._exposed += mmhg * dt_s
        self._losing = max(self._peak - self._level - max(NOISE_MMHG, NOISES * self.scatter_mmhg), 0.0)

    def _interrupt(self) -> None:
        if self._level is not None:
            self._lost += self._losing
            self._losing, self._level = 0.0, None

    # --- what follows ------------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        return self._open_s == 0.0

    @property
    def known(self) -> bool:
        """How much air it takes was seen in this session."""
        return any(need.spread < KNOWN for _, need in self._needs)

    @property
    def overdue(self) -> bool:
        """It had all the air that it takes after such a rest, and is not felt."""
        return not self.felt and self._longer < TELLS and self.put_s >= self.felt_by_s

    @property
    def safe_s(self) -> float:
        """Air that cannot squeeze hard, whoever has put feet in since they were last felt."""
        return SAFE_SHARE * min(self.slack.value, self._everyday[0])

    @property
    def felt_by_s(self) -> float:
        """Air by which it is felt, with what its sensor and noise may need."""
        return self.most_s + LATE_S + FELT_MMHG / self.gain.times(-SURE)

    @property
    def at_most_mmhg(self) -> float:
        """What may be in it though nothing is felt: it needs no less than after a shorter rest."""
        longest_s = self._rest_s * LIKE
        seen = [need for after_s, need in self._needs if after_s <= longest_s and need.spread < KNOWN]
        least_s = max((need.times(-SURE) for need in seen), default=0.0)
        return max(self.put_s - least_s, 0.0) * self.gain.value

    @property
    def risen(self) -> tuple[float, float]:
        """Since it was felt: seconds of air that its reading knows of, and mmHg."""
        return self.rise_s - self._unseen_s, self._read - self._felt_mmhg

    @property
    def more_slack(self) -> float | None:
        """What this fill took until it was felt, against what it takes after such a rest, or more."""
        return None if self.took_s is None or self._usual_s == inf else self.took_s / self._usual_s

    def more_rise(self, risen: tuple[float, float]) -> float | None:
        """What it takes a mmHg past its slack, against what it usually takes."""
        if self.gain.spread >= KNOWN or self._shared_s > SHARED * self.rise_s:
            return None
        return risen[0] * self.gain.value / max(risen[1], 1.0)

    @property
    def leaks(self) -> bool:
        """It has lost more in this fill than a sound bag does."""
        air_s = max(self.put_s, self.slack.value + self.rise_s)
        lost = self._lost + self._losing - GIVES * air_s * self.gain.value
        return lost >= LOST_MMHG and lost >= LOST_SHARE_PER_S * self._exposed

    def remember(self, risen: tuple[float, float] | None) -> None:
        """This was a sound fill; ``risen``: what was seen of its rise."""
        if self.took_s is not None:
            if self._rest_s >= LIMP_S:
                self.slack.learn(self.took_s, A_LOOK)
            elif self.took_s > self.slack.value:
                self.slack.value = self.took_s  # at least that; how much more only a long rest tells
            if self._like is None:
                self._needs.append((self._rest_s, Known(self.took_s, A_LOOK)))
            else:
                self._like.learn(self.took_s, A_LOOK)
        if (
            risen is None
            or risen[0] < LEAST_RISE_S
            or risen[1] <= 0.0
            or self._shared_s > SHARED * self.rise_s
        ):
            return
        seen = min(max(risen[1] / risen[0], self._everyday[1] / SOFTER), self._everyday[1] * STIFFER)
        doubt_mmhg = NOISES * (NOISE_MMHG + self.scatter_mmhg)
        self.gain.learn(seen, hypot(A_LOOK, doubt_mmhg / max(risen[1], doubt_mmhg)))

    def look_further(self, by: float) -> None:
        """It was not felt where it should have been; a foot may have moved."""
        for _, need in self._needs:
            need.widen(by)

    @property
    def expectation(self) -> Expectation:
        """What its sensor reads beside what it should."""
        within, gain = NOISES * (NOISE_MMHG + self.scatter_mmhg), self.gain
        if self._open_s:
            return Expectation(self._read, self.mmhg, within + self.mmhg)
        if self.felt:
            moves = SURE * gain.spread * self.rise_s * gain.value if self._quiet_s < SETTLE_S else 0.0
            return Expectation(self._read, self.mmhg, within + moves)
        like = self._like
        if like is None or like.spread >= KNOWN:
            return Expectation(self._read, None)
        most = max(self.put_s - self._owed_s - like.times(-SURE), 0.0) * gain.value
        return Expectation(self._read, self.mmhg, within + most - self.mmhg)
