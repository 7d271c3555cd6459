"""Watches one heated pad: do its sensors lie, does it heat when it should, does it heat when it should not.

What a sound pad does, seen on the plant over ±30 % of every number and rooms of 10 to 30 °C: at most
0.14 °C/s; its two sensors within 1 °C. No single reading decides (S17): what is wrong has to last, or to come
back again and again.
"""

from __future__ import annotations

from collections import Counter, deque
from math import sqrt

from msgspec import Struct

from hardware.message import Message, Part, Temperature, says
from hardware.safety import limits
from hardware.safety.expectation import Expectation
from hardware.safety.heat_proof import HeatProof
from hardware.safety.lasting import Leaky, Middle
from hardware.safety.pad_observer import SURE, USUAL_W, PadObserver
from hardware.words import Side


@says("{pad}: the sensors read {a} and {b}.")
def pad_sensors_read(pad: Part, a: Temperature | Message, b: Temperature | Message) -> None: ...


@says("nothing")
def nothing_read() -> None: ...


@says("{pad}: the sensors read {now}; with the heat it got it should be at {expected}.")
def pad_heat_and_reading(pad: Part, now: Temperature, expected: Temperature) -> None: ...


@says("{pad}: reads {now}; with the heat it got it should be at {expected}. No heat arrives.")
def pad_heat_missing(pad: Part, now: Temperature, expected: Temperature) -> None: ...


@says("{pad}: the reading of one sensor stands still.")
def pad_sensor_still(pad: Part) -> None: ...


@says("{pad}: reads {now}.")
def pad_reads(pad: Part, now: Temperature) -> None: ...


@says("{pad}: rose to {now} with its output off.")
def pad_rose(pad: Part, now: Temperature) -> None: ...


def pad(side: Side) -> Part:
    return Part(f"pad.{side}")


PadReading = tuple[float | None, float | None]

STEP_C = 0.1
"""Of a 10-bit converter and an NTC of 10 k, where feet are."""
RATE_WINDOW_S = 1.0
RATE_MAX_C_PER_S = 1.0
QUICKEST_C_PER_S = 0.3
RATE_NOISE_C = 0.5
"""Noise and rounding of two readings that are compared."""
JUMP_HOLD_S = 2.0
"""A sensor that has jumped is not believed for this long."""
INVALID_SAID_S = 2.5
INVALID_STOP_S = 5.0
INVALID_LEAK = 0.1
HOT_HEAT_OFF_S = 3.0
HOT_STOP_S = 10.0
HOT_STOP_C = 44.0
HOT_STOP_NOISE_S = 0.3
HOT_LEAK = 0.5
DISAGREE_C = 3.0
DISAGREE_S = 10.0
DISAGREE_LEAK = 0.3
STUCK_S = 30.0
STUCK_COUNTS = 3
STUCK_TIMES = 3
STUCK_DUTY = 0.10
OFF_S = 20.0
OFF_RISE_C = 1.5
SMOOTH_S = 3.0
SLOPE_S = 20
STEEP_C_PER_S, STEEP_ALONE_C_PER_S = 0.015, 0.03
"""Full power on the heaviest pad with the weakest heater, a foot on it, begins like this; alone, without
another pad at rest to compare with, more is asked for."""
MORE_THAN_OTHERS = 3.0
"""Pads of ±30 % follow a room at rates that differ by so much."""
CALM_C_PER_S, CALM_S = 0.006, 60.0
"""What was steep once, as under a warm foot, and then is like this, was not electricity."""
FOOT_WARMS_TO_C = 37.5
FOOT_COOLS_S = 600.0
"""A warm foot put on a cold pad warms it too, but never above what a foot is: skin that was not heated stays
below 37.5 °C, skin that was may be as warm as the pad lately was. What rises above is electricity."""
QUICK_C, QUICK_FROM_C = 1.5, 40.5
"""A hot pad whose output is off only cools: one that rises by this above what it was is not waited for."""
FOOT_NEVER_C = 38.7
"""No foot and no room that people sit in warms a pad to this."""
APART_S, SCATTER_S = 60.0, 30.0
"""How slowly the sensors' own difference and noise are learnt."""


class Present(Struct, frozen=True):
    """A fault that is present now."""

    found: Message | None = None
    """What was measured, with the part that it was measured at."""
    stops: bool = True
    """Ends the session and latches; otherwise it is only shown, and costs what it names."""
    rail_off: bool = False


def what_they_read(side: Side, sensors: PadReading) -> Message:
    """Of a pad whose sensors are not to be believed, for the builder."""
    a, b = (nothing_read() if c is None else Temperature(c) for c in sensors)
    return pad_sensors_read(pad(side), a, b)


class SensorWatch:
    """One thermistor: what it says, if it can be believed."""

    def __init__(self) -> None:
        self._past: deque[tuple[float, float]] = deque()
        """What was believed in the last second, at least the last of it."""
        self._elsewhere: tuple[float, float] | None = None
        """What it says instead, and since when."""
        self._word = Middle()
        self._same = -1.0
        self._same_s = 0.0
        self._twins: Counter[int] = Counter()

    @property
    def jumped(self) -> bool:
        return self._elsewhere is not None

    def believe(self, now: float, celsius: float | None, twin_jumped: bool) -> float | None:
        """The reading, or None for one that no pad can give. One wrong word costs that one look; what has
        jumped is believed again after it has stayed for a while where it went: its twin may tell of it. If
        that has jumped, too, neither is believed to be colder: that would be heated."""
        if celsius is None or celsius != celsius:
            return None
        past = self._past
        while len(past) > 1 and now - past[0][0] > RATE_WINDOW_S:
            past.popleft()
        if past and not _could_be(celsius - past[0][1], now - past[0][0]):
            if self._elsewhere is None or not _could_be(celsius - self._elsewhere[0], RATE_WINDOW_S):
                self._elsewhere = (celsius, now)
            colder = celsius < past[-1][1]
            if now - self._elsewhere[1] < JUMP_HOLD_S or (twin_jumped and colder):
                return None
            past.clear()
        self._elsewhere = None
        past.append((now, celsius))
        return celsius

    def stuck(self, word: int, twin: int, dt_s: float) -> bool:
        """It has said the same for long while its twin went through several words, each often enough not to
        be a wrong one. A pair that is as still as one another proves nothing."""
        same = self._word.of(word)
        if same != self._same:
            self._same, self._same_s = same, 0.0
            self._twins.clear()
        self._same_s += dt_s
        self._twins[twin] += 1
        if self._same_s < STUCK_S:
            return False
        often = [said for said, times in self._twins.items() if times >= STUCK_TIMES]
        return max(often, default=0) - min(often, default=0) >= STUCK_COUNTS


def _could_be(change_c: float, within_s: float) -> bool:
    """A pad that was not seen for longer is taken to have gone no faster than the quickest do."""
    most_c = RATE_MAX_C_PER_S * RATE_WINDOW_S + RATE_NOISE_C
    if within_s > RATE_WINDOW_S:
        most_c += QUICKEST_C_PER_S * (within_s - RATE_WINDOW_S)
    return -most_c <= change_c <= most_c


class PadWatch:
    """One pad. ``update`` once a tick; ``believed`` is what may be regulated by."""

    def __init__(self, side: Side, watts: float = USUAL_W) -> None:
        self.side = side
        self.believed: PadReading = (None, None)
        self._sensors = (SensorWatch(), SensorWatch())
        self._invalid = Leaky(INVALID_STOP_S, INVALID_LEAK)
        self._hot = Leaky(HOT_STOP_S, HOT_LEAK)
        self._very_hot = Leaky(HOT_STOP_NOISE_S, HOT_LEAK)
        self._apart = Leaky(DISAGREE_S, DISAGREE_LEAK)
        self.observer = PadObserver(watts)
        self._proof = HeatProof(self.observer.heater)
        self._off_s = 0.0
        self._lowest_c: float | None = None
        self._rising = self._steep = self._conducts = self._stuck = self._disagreed = False
        self._off_from_c: float | None = None
        """How warm it was when its output went off; None while it is on."""
        self._smooth_c: float | None = None
        self._since_s = self._calm_s = 0.0
        self._seconds: deque[float] = deque(maxlen=SLOPE_S)
        self.rise_c: float | None = None
        """°C that it has warmed since its output went off; None while it is on, or was just now."""
        self._foot_c = FOOT_WARMS_TO_C
        self._apart_c = self._scatter = 0.0
        """Half of what its two sensors differ by, in °C, and the variance of a single reading's noise."""
        self._before_c: float | None = None

    def new_session(self) -> None:
        self._proof.new_session()

    def update(
        self,
        now: float,
        dt_s: float,
        sensors: PadReading,
        codes: tuple[int, int] | None,
        wanted: bool,
        setpoint_c: float | None,
        duty: float,
        step_c: float = STEP_C,
    ) -> dict[str, Present]:
        """``wanted`` (it is to be warm), ``setpoint_c`` and ``duty`` are those of the last tick.

        ``step_c`` is what a step of the converter is here."""
        first, second = self._sensors
        a = first.believe(now, sensors[0], second.jumped)
        b = second.believe(now, sensors[1], first.jumped)
        self.believed = (a, b)
        present: dict[str, Present] = {}
        self._validity(present, dt_s, sensors, wanted)
        valid = [celsius for celsius in (a, b) if celsius is not None]
        if valid:
            self._heat(present, max(valid), dt_s)
        mean_c = None
        if a is not None and b is not None:
            mean_c = (a + b) / 2
            self._agreement(present, a, b, dt_s)
            self._apart_c += ((a - b) / 2.0 - self._apart_c) * dt_s / APART_S
            self._watch_rise(mean_c, duty, dt_s)
            if self._before_c is not None:
                self._scatter += ((a - self._before_c) ** 2 / 2.0 - self._scatter) * dt_s / SCATTER_S
            self._before_c = a
        second_c = self.observer.update(dt_s, mean_c, duty, step_c)
        if second_c is not None:
            self._proof.update(second_c, setpoint_c, self.observer)
        proof = self._proof
        if proof.wrong:
            reads_c, ought_c = proof.found_c
            found = pad_heat_and_reading(pad(self.side), Temperature(reads_c), Temperature(ought_c))
            present["pad-sensors-wrong"] = Present(found)
        elif proof.lost:
            reads_c, ought_c = proof.found_c
            found = pad_heat_missing(pad(self.side), Temperature(reads_c), Temperature(ought_c))
            present["pad-not-heating"] = Present(found, stops=False)
        if codes is not None:
            one, other = codes
            # Both are asked in every tick: each keeps its own past.
            stuck = first.stuck(one, other, dt_s) | second.stuck(other, one, dt_s)
            self._stuck = stuck and (self._stuck or duty > STUCK_DUTY)
            if self._stuck:
                present["pad-sensor-stuck"] = Present(pad_sensor_still(pad(self.side)))
        return present

    def _validity(self, present: dict[str, Present], dt_s: float, sensors: PadReading, wanted: bool) -> None:
        lost = None in self.believed
        stops = self._invalid.update(lost, dt_s)
        if lost and self._invalid.s >= INVALID_SAID_S:
            # With the heat off by choice nobody depends on the sensor: say it, and go on.
            present["pad-sensor-invalid"] = Present(what_they_read(self.side, sensors), stops and wanted)

    def _heat(self, present: dict[str, Present], hottest: float, dt_s: float) -> None:
        stops = self._hot.update(hottest >= limits.PAD_HOT_C, dt_s)
        stops = self._very_hot.update(hottest >= HOT_STOP_C, dt_s) or stops
        if stops or self._hot.s >= HOT_HEAT_OFF_S:
            present["pad-too-hot"] = Present(pad_reads(pad(self.side), Temperature(hottest)), stops)

    def _agreement(self, present: dict[str, Present], a: float, b: float, dt_s: float) -> None:
        apart = abs(a - b) > DISAGREE_C
        full = self._apart.update(apart, dt_s)
        self._disagreed = full or (self._disagreed and self._apart.s > 0.0)
        if full or (self._disagreed and apart):  # once believed, each look counts until all is well (S13)
            found = pad_sensors_read(pad(self.side), Temperature(a), Temperature(b))
            present["pad-sensors-disagree"] = Present(found)

    @property
    def heat_lost(self) -> bool:
        """Its heat has to be off: it does not heat, or its sensors lie."""
        return self._proof.lost or self._proof.wrong

    @property
    def gives_way(self) -> bool:
        """No heat in this tick: what is read does not answer to it, and the pad might be hot."""
        return self._proof.gives_way

    @property
    def most_duty(self) -> float:
        """The most that it may have in this tick, 0..1."""
        return 0.0 if self._proof.gives_way else self._proof.most_duty

    @property
    def expectations(self) -> tuple[Expectation, Expectation]:
        """What its sensors read, in °C, and what its heat makes the observer expect of them."""
        a, b = self.believed
        known = self.observer.filter
        if known is None:
            return Expectation(a, None), Expectation(b, None)
        within = known.within_c + SURE * sqrt(self._scatter)
        c, apart = known.expected_c, self._apart_c
        return Expectation(a, c + apart, within), Expectation(b, c - apart, within)

    @property
    def skin(self) -> Expectation:
        """The estimate of the skin on it, in °C."""
        return self.observer.skin

    def _watch_rise(self, celsius: float, duty: float, dt_s: float) -> None:
        self._foot_c += (FOOT_WARMS_TO_C - self._foot_c) * dt_s / FOOT_COOLS_S
        before = celsius if self._smooth_c is None else self._smooth_c
        smooth = self._smooth_c = before + (celsius - before) * dt_s / SMOOTH_S
        self._since_s += dt_s
        if self._since_s >= 1.0:
            self._since_s -= 1.0
            self._seconds.append(smooth)
        if duty > 0:
            self._foot_c = max(self._foot_c, celsius)
            self._off_s, self._lowest_c, self.rise_c = 0.0, None, None
            self._steep, self._calm_s = False, 0.0
            self._off_from_c = None
            return
        known = self.observer.filter
        if self._off_from_c is None and known is not None:
            self._off_from_c = max(known.pad_c, smooth)
        self._off_s += dt_s
        if self._off_s < OFF_S:
            return
        lowest = smooth if self._lowest_c is None else min(self._lowest_c, smooth)
        # As long as a foot could explain it, a rise only moves the point to measure from.
        self._lowest_c = max(lowest, min(smooth, self._foot_c - OFF_RISE_C))
        self.rise_c = smooth - self._lowest_c

    @property
    def slope_c_per_s(self) -> float:
        """Of the last seconds."""
        seconds = self._seconds
        return (seconds[-1] - seconds[0]) / (SLOPE_S - 1) if len(seconds) == SLOPE_S else 0.0

    def by_itself(self, others: list[PadWatch], dt_s: float) -> Present | None:
        """Whether it warms with its output off, and whether it is electricity that warms it: that begins
        steeply, and here alone. A room, the sun or a blanket warm slowly, and the others, too."""
        if self._smooth_c is None:
            return None
        off_from_c = self._off_from_c
        if off_from_c is not None and self._smooth_c > max(off_from_c + QUICK_C, QUICK_FROM_C):
            return self._rose(stops=True)
        if self.rise_c is None:
            return None
        resting = [other for other in others if other.rise_c is not None]
        alike = max((other.slope_c_per_s for other in resting), default=0.0)
        steep = max(alike, 0.0) * MORE_THAN_OTHERS + (STEEP_C_PER_S if resting else STEEP_ALONE_C_PER_S)
        if self.slope_c_per_s >= steep:
            self._steep, self._calm_s = True, 0.0
        else:
            self._calm_s = self._calm_s + dt_s if self.slope_c_per_s < CALM_C_PER_S else 0.0
            self._steep = self._steep and self._calm_s < CALM_S
        if self.rise_c > OFF_RISE_C:
            self._rising = True
        elif self.rise_c < OFF_RISE_C / 2:
            self._rising = False
        if not self._rising:
            self._conducts = False
            return None
        shared_c = max((other.rise_c or 0.0 for other in resting), default=0.0)
        alone = self.rise_c > shared_c * MORE_THAN_OTHERS + OFF_RISE_C / 2
        self._conducts = self._conducts or (self._steep and alone)
        if not self._conducts and self._smooth_c < FOOT_NEVER_C:
            return None
        return self._rose(stops=self._conducts)

    def _rose(self, *, stops: bool) -> Present:
        found = pad_rose(pad(self.side), Temperature(self._smooth_c or 0.0))
        return Present(found, stops=stops, rail_off=stops)
