"""Observes one heated pad: from the heat put in, what should its sensors read, and how warm is the foot?

A pad is heated, loses heat to the foot on it and to the room, and is seen through a slow sensor:

    dT/dt = gain · duty − contact · (T − S) − TO_ROOM · (T − room)
    dS/dt = SKIN_SHARE · contact · (T − S) + BLOOD · (BODY_C − S)
    dL/dt = (T − L) / lag

with the pad's temperature T, the skin's S and the sensor's L in °C. An extended Kalman filter (Bar-Shalom,
Li and Kirubarajan, "Estimation with Applications to Tracking and Navigation", 2001, chapter 10) carries the
three and the logarithms of gain, contact and lag, which differ by half and more from machine to machine,
with their covariance. It runs once a second, on what was measured in that second.
"""

from __future__ import annotations

from math import exp, hypot, inf, log, sqrt

from hardware.safety.expectation import Expectation

TO_ROOM_PER_S = 0.0022
SKIN_SHARE = 0.31
"""A pad of 85 J/K on a foot whose skin takes 275 J/K."""
BLOOD_PER_S, BODY_C = 0.0015, 35.0
"""What blood and air do to the skin, and where they would bring it."""
GAIN_C_PER_S, GAINS = 0.145, (0.05, 0.45)
"""At full duty, before anything is lost: 12 W into 85 J/K, and how far machines can be from it."""
CONTACT_PER_S, CONTACTS = 0.009, (0.0015, 0.03)
"""Between a foot (0.011) and none."""
LAG_S, LAGS = 12.0, (5.0, 30.0)
"""Of the sensor, its dead time included."""
SKIN_C = (5.0, 45.0)
USUAL_W = 12.0
SPREAD = (1.0, 0.5, 6.0, 0.4, 0.5, 0.35)
"""Of T, L, S and the three logarithms, before anything was seen."""
WANDERS = (0.01, 0.003, 0.04, 0.0014, 0.003, 0.001)
"""Each by so much in a second; the skin most: feet move."""
READS_WITHIN_C = 0.04
"""The mean of a second's readings, beside the converter's steps."""
STEPS_SHARE = 1.0 / 3.0
STRANGE, STRANGE_TIMES = 12.0, 4
"""A reading so many variances off, so often in a row: somebody else's foot, or none."""
OTHER_FOOT_C, OTHER_FOOT_PER_S = 24.0, 0.01
OTHER_FOOT = (3.0, 0.3, 9.0, 0.0, 0.5, 0.0)
"""What may be on the pad then, with the spread of it; until it was noticed it has changed the pad, too."""
BARE_PER_S, BARE = 0.0016, (2.0, 0.3)
"""A pad without a foot loses more to the room, which stays as it is; with the spread of both."""
BARE_WANDERS = (0.01, 0.003, 0.003, 0.0014, 0.0, 0.001)
SURE = 2.6
"""Standard deviations that hold all but one reading in a hundred."""

Row = list[float]
LOG_GAINS, LOG_CONTACTS, LOG_LAGS = (
    (log(GAINS[0]), log(GAINS[1])),
    (log(CONTACTS[0]), log(CONTACTS[1])),
    (log(LAGS[0]), log(LAGS[1])),
)
NO_GAIN = -inf


class Heater:
    """What is known of a pad's gain before anything was seen, as logarithms.

    A machine file says how many watts a pad has, not how heavy it is: more of them go into a pad as heavy
    as they are many, or into a light one.
    """

    __slots__ = ("bounds", "gain", "more", "spread")

    def __init__(self, watts: float = USUAL_W) -> None:
        times = log(watts / USUAL_W) if watts > 0.0 else 0.0
        self.gain = log(GAIN_C_PER_S) + times / 2.0
        self.spread = hypot(SPREAD[3], times / 2.0)
        self.bounds = (LOG_GAINS[0] + min(times, 0.0), LOG_GAINS[1] + max(times, 0.0))
        self.more = exp(max(times, 0.0))
        """How many times the likeliest it may give."""


class PadFilter:
    """The filter: ``predict`` and ``correct`` once a second."""

    __slots__ = (
        "_strange",
        "body",
        "contact",
        "expected_c",
        "gain",
        "gains",
        "heater",
        "lag",
        "pad_c",
        "room_c",
        "sensor_c",
        "skin_c",
        "spread",
        "within_c",
    )

    def __init__(self, celsius: float, heater: Heater) -> None:
        self.heater = heater
        self.pad_c = self.sensor_c = self.room_c = self.expected_c = celsius
        self.skin_c = min(max(celsius + 2.0, 15.0), 32.0)
        self.gain, self.contact, self.lag = heater.gain, log(CONTACT_PER_S), log(LAG_S)
        self.spread = [[sd * sd if i == j else 0.0 for j in range(6)] for i, sd in enumerate(SPREAD)]
        self.spread[3][3] = heater.spread**2
        self.within_c = 0.0
        self.gains = heater.bounds
        """Between what the gain's logarithm can be."""
        self.body = 1.0
        """1: what lies on it warms and is warmed; 0: it is the room."""
        self._strange = 0

    def same(self) -> PadFilter:
        """The same, to go its own way."""
        other = PadFilter(self.pad_c, self.heater)
        other.sensor_c, other.room_c, other.skin_c = self.sensor_c, self.room_c, self.skin_c
        other.contact, other.lag, other.gain = self.contact, self.lag, self.gain
        other.spread = [row[:] for row in self.spread]
        return other

    def another(self, gain: float, gain_spread: float, *, bare: bool = False) -> PadFilter:
        """The same with another gain; and another foot on it, of which nothing is known, or none."""
        other = self.same()
        other.gain = gain
        for at in range(6):
            other.spread[3][at] = other.spread[at][3] = 0.0
        other.spread[3][3] = gain_spread * gain_spread
        other.another_foot()
        if bare:
            other.body = 0.0
            other.skin_c, other.contact = other.room_c, log(BARE_PER_S)
            other.spread[2][2], other.spread[4][4] = BARE[0] ** 2, BARE[1] ** 2
        return other

    def another_foot(self) -> None:
        """Forget what is on the pad."""
        spread = self.spread
        self.skin_c, self.contact = OTHER_FOOT_C, log(OTHER_FOOT_PER_S)
        for at in (2, 4):
            for other in range(6):
                spread[at][other] = spread[other][at] = 0.0
        for at, sd in enumerate(OTHER_FOOT):
            spread[at][at] += sd * sd

    def predict(self, dt_s: float, duty: float) -> None:
        """The model and its spread, so many seconds on. Only three of the six move by themselves."""
        pad_c, sensor_c, skin_c = self.pad_c, self.sensor_c, self.skin_c
        gain, contact, seen = exp(self.gain), exp(self.contact), 1.0 - exp(-dt_s / exp(self.lag))
        flow = contact * (pad_c - skin_c)
        self.pad_c = pad_c + (gain * duty - flow - TO_ROOM_PER_S * (pad_c - self.room_c)) * dt_s
        self.sensor_c = sensor_c + seen * (pad_c - sensor_c)
        self.skin_c = skin_c + (SKIN_SHARE * flow + BLOOD_PER_S * (BODY_C - skin_c)) * self.body * dt_s
        # The Jacobian's rows that are not the identity's.
        pad_pad, pad_skin = 1.0 - (contact + TO_ROOM_PER_S) * dt_s, contact * dt_s
        pad_gain, pad_contact = gain * duty * dt_s, -flow * dt_s
        sensor_lag, old = -seen * (pad_c - sensor_c), 1.0 - seen
        warms = SKIN_SHARE * contact * self.body * dt_s
        skin_skin = 1.0 - warms - BLOOD_PER_S * self.body * dt_s
        p0, p1, p2, p3, p4, p5 = self.spread
        r0 = [
            pad_pad * a + pad_skin * c + pad_gain * d + pad_contact * e
            for a, c, d, e in zip(p0, p2, p3, p4, strict=True)
        ]
        r1 = [seen * a + old * b + sensor_lag * f for a, b, f in zip(p0, p1, p5, strict=True)]
        r2 = [warms * a + skin_skin * c for a, c in zip(p0, p2, strict=True)]

        def moved(row: Row) -> tuple[float, float, float]:
            a, b, c, d, e, f = row
            return (
                pad_pad * a + pad_skin * c + pad_gain * d + pad_contact * e,
                seen * a + old * b + sensor_lag * f,
                warms * a + skin_skin * c,
            )

        s00, s01, s02 = moved(r0)
        _, s11, s12 = moved(r1)
        s22 = moved(r2)[2]
        (s30, s31, s32), (s40, s41, s42), (s50, s51, s52) = moved(p3), moved(p4), moved(p5)
        self.spread = [
            [s00, s01, s02, s30, s40, s50],
            [s01, s11, s12, s31, s41, s51],
            [s02, s12, s22, s32, s42, s52],
            [s30, s31, s32, *p3[3:]],
            [s40, s41, s42, *p4[3:]],
            [s50, s51, s52, *p5[3:]],
        ]
        for at, wanders in enumerate(WANDERS if self.body else BARE_WANDERS):
            self.spread[at][at] += wanders * wanders * dt_s

    def correct(self, celsius: float, noise: float) -> float:
        """Take a reading with its variance; the logarithm of how likely it was."""
        spread = self.spread
        variance = spread[1][1] + noise
        off = celsius - self.sensor_c
        self.expected_c, self.within_c = self.sensor_c, SURE * sqrt(variance)
        self._strange = self._strange + 1 if off * off > STRANGE * variance else 0
        if self._strange >= STRANGE_TIMES:
            self._strange = 0
            self.another_foot()
            variance = spread[1][1] + noise
        seen = spread[1][:]
        gains = [value / variance for value in seen]
        self.pad_c += gains[0] * off
        self.sensor_c += gains[1] * off
        self.skin_c = _within(self.skin_c + gains[2] * off, *SKIN_C)
        if self.gain > NO_GAIN:
            self.gain = _within(self.gain + gains[3] * off, *self.gains)
        self.contact = _within(self.contact + gains[4] * off, *LOG_CONTACTS)
        self.lag = _within(self.lag + gains[5] * off, *LOG_LAGS)
        for gain, row in zip(gains, spread, strict=True):
            for column, value in enumerate(seen):
                row[column] -= gain * value
        return -0.5 * (off * off / variance + log(variance))


class PadObserver:
    """One pad. ``update`` every tick; everything else is as of the last whole second."""

    def __init__(self, watts: float = USUAL_W) -> None:
        self.heater = Heater(watts)
        self.filter: PadFilter | None = None
        """None before anything was read."""
        self.seconds = 1.0
        """How long the last second was ..."""
        self.duty = 0.0
        """... and the mean of the duty in it."""
        self.noise = 0.0
        """The variance of a second's mean."""
        self._s = self._sum_c = self._sum_duty = self._looks = 0.0

    @property
    def skin(self) -> Expectation:
        """The foot's skin, in °C."""
        known = self.filter
        if known is None:
            return Expectation(None, None)
        return Expectation(None, known.skin_c, SURE * sqrt(known.spread[2][2]))

    def update(self, dt_s: float, celsius: float | None, duty: float, step_c: float) -> float | None:
        """``celsius`` is the mean of both sensors, None while it is not to be believed; ``duty`` the last
        tick's; ``step_c`` what a step of the converter is here. Returns the second's mean reading once a
        second, None in between."""
        self._s += dt_s
        self._sum_duty += duty * dt_s
        if celsius is not None:  # a word that nobody believes tells nothing of the converter's steps either
            self.noise = READS_WITHIN_C**2 + (step_c * STEPS_SHARE) ** 2
            self._sum_c += celsius
            self._looks += 1
        if self._s < 1.0 - 1e-9:
            return None
        seconds = self.seconds = self._s
        self.duty = self._sum_duty / seconds
        mean_c = self._sum_c / self._looks if self._looks else None
        self._s = self._sum_duty = self._sum_c = self._looks = 0.0
        if self.filter is None:
            self.filter = None if mean_c is None else PadFilter(mean_c, self.heater)
            return None
        self.filter.predict(seconds, self.duty)
        if mean_c is not None:
            if self.duty == 0.0 and mean_c < self.filter.room_c:
                self.filter.room_c = mean_c
            self.filter.correct(mean_c, self.noise)
        return mean_c


def _within(value: float, least: float, most: float) -> float:
    return least if value < least else most if value > most else value
