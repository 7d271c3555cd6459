"""Finding a pad's gains: a relay makes it swing around a temperature, and the swing says what the pad is.

For service, with the feet out. Pure: no clock, no input or output; it only says which duty it wants. The
gains in use stay as they are until somebody accepts the result.

Relay feedback is Åström and Hägglund's ("Automatic tuning of simple regulators with specifications on phase
and amplitude margins", Automatica 20, 1984).
"""

from __future__ import annotations

from cmath import exp, phase
from math import cos, isfinite, pi, sqrt, tan

from msgspec import Struct

from hardware.errors import InstepError
from hardware.machine import Gains, Pad
from hardware.message import Count, Message, Percent, Temperature, says
from hardware.safety import limits
from hardware.words import TuneState


@says("Tuning stopped: not finished after {count} minutes.")
def tuning_too_long(count: Count) -> None: ...


@says("Tuning stopped: the pad's sensors cannot be read. Check their wires.")
def tuning_sensor_lost() -> None: ...


@says("Tuning stopped: the pad reached {now}; {limit} ends it.")
def tuning_too_hot(now: Temperature, limit: Temperature) -> None: ...


@says(
    "Tuning stopped: the pad stays at {now} and does not reach {target}. "
    "Is the heater connected, are the feet out, is the room too cold?"
)
def tuning_too_cold(now: Temperature, target: Temperature) -> None: ...


@says("Tuning stopped: the pad does not cool below {target}. Does its output stay on?")
def tuning_too_warm(target: Temperature) -> None: ...


@says("Tuning stopped: the swings differ by {share}. Keep the feet out and draughts away, and tune again.")
def tuning_uneven(share: Percent) -> None: ...


@says(
    "Tuning stopped: the pad does not answer as a heated pad does. "
    "Keep the feet out and draughts away, and tune again."
)
def tuning_no_answer() -> None: ...


TARGET_MIN_C, TARGET_MAX_C = 25.0, 40.0
ABORT_C = 42.5
MAX_S = 15 * 60.0
STUCK_S = 300.0
"""A pad that has not come to the other side of its target by then does not swing."""
SMOOTH_S = 1.0
"""Readings are smoothed a little: noise must not switch the relay, nor pass for a peak."""
LEAD_S = 15.0
"""From cold a pad runs ahead of its slowest sensors by so much: its power goes off before that (S5)."""
RATE_SAMPLES = 6
CENTRING_CYCLES = 2
MEASURED_CYCLES = 4
UNEVEN = 0.5
"""Cycles that differ by more than this share of their mean say nothing."""
BIAS_RANGE = (0.15, 0.85)
CURVE_S = 1.0
LOOP_SHARE = 1.2
"""Closed-loop time constant as a share of the lag. Over pads and heaters of ± 30 % anything from 0.8 to 1.5
keeps the overshoot under 0.5 °C; the Tyreus-Luyben rule does too, but takes a third longer to settle."""


class AutotuneError(InstepError, RuntimeError):
    """Why no gains were found."""


class Sample(Struct, frozen=True, kw_only=True):
    """A point of the recorded curve."""

    at_s: float
    """Since the start."""
    celsius: float
    duty: float


class Tuning(Struct, frozen=True, kw_only=True):
    """What was found. Nothing is changed by it."""

    gains: Gains
    ultimate_gain: float
    """Duty per °C at which a proportional controller would just keep swinging."""
    ultimate_period_s: float
    rate_c_per_s: float
    """How fast the pad's temperature climbs per unit of duty."""
    lag_s: float
    """Sensor lag and dead time together."""
    variation: float
    """How good it is: the spread of the measured cycles as a share of their mean; 0 is perfectly even."""
    curve: tuple[Sample, ...]


class _Cycle(Struct, frozen=True):
    """From one switching-on to the next."""

    period_s: float
    amplitude_c: float
    """Half of peak to peak."""
    mean_duty: float
    response: complex
    """°C per unit of duty at the cycle's frequency."""


class Autotune:
    """Relay autotune of one pad.

        tune = Autotune(pad)
        while not tune.over:
            duty = tune.step(now_s, celsius)
        tune.result()

    The relay switches at ``target_c`` ± ``hysteresis_c``. After each of the first cycles it is centred on the
    duty that the pad needed on average, so that heating and cooling take equally long, as the theory wants.
    Raises ValueError for a target or hysteresis out of bounds.
    """

    def __init__(self, pad: Pad, target_c: float = 38.0, hysteresis_c: float = 0.3) -> None:
        if not TARGET_MIN_C <= target_c <= TARGET_MAX_C:
            raise ValueError(
                f"a target of {target_c:g} °C: tune between {TARGET_MIN_C:g} and {TARGET_MAX_C:g} °C"
            )
        if not 0.1 <= hysteresis_c <= 1.0:
            raise ValueError(f"a hysteresis of {hysteresis_c} °C: it has to be 0.1 to 1 °C")
        self.target_c = target_c
        self.hysteresis_c = hysteresis_c
        self.state: TuneState = "warming"
        self.error: AutotuneError | None = None
        self.curve: list[Sample] = []
        self._high = pad.max_duty
        self._low_duty, self._high_duty = 0.0, pad.max_duty
        self._cycles: list[_Cycle] = []
        self._on = True
        self._begun_s: float | None = None
        self._now_s = 0.0
        self._seen_s = 0.0
        self._switched_s = 0.0
        self._cycle_s: float | None = None
        """When the present cycle began; None before the first."""
        self._on_s = 0.0
        self._celsius: float | None = None
        self._peaks = (0.0, 0.0)
        self._trace: list[tuple[float, float, float]] = []
        """Of the present cycle: when, °C, and the duty until then, which is what made it so."""
        self._duty = 0.0
        self._tuning: Tuning | None = None

    @property
    def over(self) -> bool:
        return self.state in ("done", "aborted")

    def result(self) -> Tuning:
        """The gains found. Raises :class:`AutotuneError` if it was aborted, RuntimeError if not over yet."""
        if self.error is not None:
            raise self.error
        if self._tuning is None:
            raise RuntimeError("the autotune is not over yet")
        return self._tuning

    def step(self, now_s: float, celsius: float | None) -> float:
        """The duty wanted now, 0..1; ``celsius`` is the mean of the pad's sensors, None when not believed.

        Raises ValueError when time runs backwards.
        """
        if self.over:
            return 0.0
        if self._begun_s is None:
            self._begun_s = self._now_s = self._seen_s = self._switched_s = now_s
        dt_s = now_s - self._now_s
        if dt_s < 0:
            raise ValueError(f"time runs backwards: {now_s} s after {self._now_s} s")
        self._now_s = now_s
        if now_s - self._begun_s >= MAX_S:
            return self._abort(tuning_too_long(Count(round(MAX_S / 60))))
        if celsius is None or not isfinite(celsius):
            if now_s - self._seen_s >= limits.SENSOR_STALE_S:
                return self._abort(tuning_sensor_lost())
            return 0.0
        if celsius >= ABORT_C:
            return self._abort(tuning_too_hot(Temperature(celsius), Temperature(ABORT_C)))
        self._seen_s = now_s
        if self._celsius is None:
            self._celsius = celsius
        self._celsius += (celsius - self._celsius) * dt_s / (SMOOTH_S + dt_s)
        self._trace.append((now_s, celsius, self._duty))
        duty = self._duty = self._relay(self._celsius)
        if not self.curve or now_s - self._begun_s - self.curve[-1].at_s >= CURVE_S - 1e-9:
            self.curve.append(Sample(at_s=now_s - self._begun_s, celsius=celsius, duty=duty))
        return duty

    def _relay(self, celsius: float) -> float:
        now_s = self._now_s
        self._peaks = (min(self._peaks[0], celsius), max(self._peaks[1], celsius))
        if self._on and celsius > self.target_c + self.hysteresis_c:
            self._on = False
            self._on_s = now_s - self._switched_s
            self._switched_s = now_s
        elif not self._on and celsius < self.target_c - self.hysteresis_c:
            self._on = True
            self._switched_s = now_s
            self._end_cycle(celsius)
            if self.over:
                return 0.0
        elif now_s - self._switched_s >= STUCK_S:
            if self._on:
                return self._abort(tuning_too_cold(Temperature(celsius, 0), Temperature(self.target_c, 0)))
            return self._abort(tuning_too_warm(Temperature(self.target_c, 0)))
        if self.state == "warming" and celsius + self._rate() * LEAD_S > self.target_c + self.hysteresis_c:
            return self._low_duty
        return self._high_duty if self._on else self._low_duty

    def _rate(self) -> float:
        """°C/s of the last seconds."""
        if len(self.curve) < RATE_SAMPLES:
            return 0.0
        before = self.curve[-RATE_SAMPLES]
        return (self.curve[-1].celsius - before.celsius) / (self.curve[-1].at_s - before.at_s)

    def _end_cycle(self, celsius: float) -> None:
        now_s, begun_s = self._now_s, self._cycle_s
        low_c, high_c = self._peaks
        self._cycle_s = now_s
        self._peaks = (celsius, celsius)
        trace, self._trace = self._trace, self._trace[-1:]
        if begun_s is None:  # the warm-up is no cycle: its peak is that of a cold start
            self.state = "centring"
            return
        period_s = now_s - begun_s
        on = self._on_s / period_s
        mean = on * self._high_duty + (1.0 - on) * self._low_duty
        self._cycles.append(_Cycle(period_s, (high_c - low_c) / 2.0, mean, _response(trace)))
        if len(self._cycles) <= CENTRING_CYCLES:
            self._centre(mean)
        if len(self._cycles) >= CENTRING_CYCLES + MEASURED_CYCLES:
            self._finish(self._cycles[CENTRING_CYCLES:])
        elif len(self._cycles) >= CENTRING_CYCLES:
            self.state = "measuring"

    def _centre(self, duty: float) -> None:
        low, high = (share * self._high for share in BIAS_RANGE)
        bias = min(max(duty, low), high)
        reach = min(bias, self._high - bias)
        self._low_duty, self._high_duty = bias - reach, bias + reach

    def _finish(self, cycles: list[_Cycle]) -> None:
        periods = [cycle.period_s for cycle in cycles]
        amplitudes = [cycle.amplitude_c for cycle in cycles]
        variation = max(_spread(periods), _spread(amplitudes))
        period_s = sum(periods) / len(periods)
        amplitude_c = sum(amplitudes) / len(amplitudes)
        if variation > UNEVEN or amplitude_c <= self.hysteresis_c:
            self._abort(tuning_uneven(Percent(variation)))
            return
        try:
            rate, lag_s = identify(sum(cycle.response for cycle in cycles) / len(cycles), period_s)
        except ValueError:
            self._abort(tuning_no_answer())
            return
        reach = (self._high_duty - self._low_duty) / 2.0
        self._tuning = Tuning(
            gains=gains_for(rate, lag_s),
            ultimate_gain=4.0 * reach / (pi * sqrt(amplitude_c**2 - self.hysteresis_c**2)),
            ultimate_period_s=period_s,
            rate_c_per_s=rate,
            lag_s=lag_s,
            variation=variation,
            curve=tuple(self.curve),
        )
        self.state = "done"

    def _abort(self, why: Message) -> float:
        self.state = "aborted"
        self.error = AutotuneError(why)
        return 0.0


def identify(response: complex, period_s: float) -> tuple[float, float]:
    """(°C/s per unit of duty, lag in s) of an integrator with a lag, from its response at one frequency.

    ``response`` is °C per unit of duty at ``period_s``, both taken at that frequency, so that neither the
    relay's edges nor the sensors' noise matter. An integrator is a quarter of a turn late; what goes beyond
    is the lag's. Raises ValueError when the response is not that of such a process.
    """
    late = -phase(response) - pi / 2.0
    if not 0.0 < late < pi / 2.0 or period_s <= 0:
        raise ValueError("the pad does not answer as a heated pad does")
    omega = 2.0 * pi / period_s
    return abs(response) * omega / cos(late), tan(late) / omega


def _response(trace: list[tuple[float, float, float]]) -> complex:
    """The first harmonic of the temperature over that of the duty, over one cycle of (s, °C, duty)."""
    begun_s, first_c, _ = trace[0]
    turn = -2j * pi / (trace[-1][0] - begun_s)
    swing = push = 0j
    before_s = begun_s
    for at_s, celsius, duty in trace[1:]:
        wave = exp(turn * ((at_s + before_s) / 2.0 - begun_s)) * (at_s - before_s)
        swing += (celsius - first_c) * wave
        push += duty * wave
        before_s = at_s
    return swing / push


def gains_for(rate_c_per_s: float, lag_s: float) -> Gains:
    """SIMC for an integrator with a lag, in series form, within the bounds of a machine file.

    The lead cancels the lag; kp = 1 / (rate · loop time), integral time = 4 · loop time.
    """
    loop_s = LOOP_SHARE * lag_s
    kp = min(1.0 / (rate_c_per_s * loop_s), 10.0)
    return Gains(kp=kp, ki=min(kp / (4.0 * loop_s), 1.0), kd=min(kp * lag_s, 100.0))


def _spread(values: list[float]) -> float:
    return (max(values) - min(values)) * len(values) / sum(values)
