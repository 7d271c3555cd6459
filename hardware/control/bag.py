"""One air bag: its zero, its squeeze, its setpoint, and how its pressure is brought there.

A bag fills far faster than its sensor tells and than a tick lasts: what was given and is not in the reading
yet is reckoned with, by what a second of the pump was seen to do in this very bag.
"""

from __future__ import annotations

from math import exp, inf

from msgspec import Struct

from hardware.control.slew import Slew
from hardware.machine import Bag
from hardware.safety import limits
from hardware.safety.lasting import Hold
from hardware.timeline import Stage

SENSOR_LAG_S = 0.05
SEEN_SHARE = 1.0 - exp(-limits.TICK_S / SENSOR_LAG_S)
FIRST_GAIN = 150.0
"""mmHg a second of the full pump, until this bag has shown its own."""
GAIN_BOUNDS = (20.0, 400.0)
RATE_FILTER = 0.6
MORE_FILTER = 0.6
LESS_FILTER = 0.1
STEADY_S = 0.2
"""A rate counts only after this long of air on end: until then the sensor is still catching up."""
PULSE_FROM_S = 0.03
"""The least of full pumping from which a bag's gain is learnt."""
SETTLE_S = 0.2
"""After the pump or a valve acted, the sensor needs this long to tell the truth."""
FILL_BELOW_MMHG = 2.5
TOP_UP_BELOW_MMHG = 4.0
TRIM_ABOVE_MMHG = 5.5
"""The shortest opening of a valve lets out about this much; below it a trim would do more harm than good."""
ABOVE_MMHG = (1.5, 4.0)
"""A tick of air may go this far above the setpoint: half of what it brings, within these bounds."""
FAR_ABOVE_MMHG = 20.0
"""So far above, a foot was pushed in: the valve stays open until it is no more."""
RELEASE_ABOVE_MMHG = 1.5
LET_GO_MMHG = 8.0
"""A release that has come down to here opens the valve for good."""
SLACK_MMHG = 4.0
"""A bag that reads less is not past its slack."""
REACHED_WITHIN_MMHG = 4.0
OVERFED_MMHG = 8.0
EMPTIES_S = 2.5
"""An open bag is empty by then."""
ZERO_AFTER_S = 4.0
ZERO_BOUND_MMHG = 15.0
ZERO_S = 1.0
KEPT_MMHG = 5.0
"""A bag that reads so much more after it was filled and opened than before has kept air: that is no zero."""
LEAP_MMHG = 30.0
"""No bag's pressure goes so far in a tick: the word is wrong, unless the next one says the same."""


class Order(Struct, frozen=True):
    """What one bag shall do now."""

    cycle: tuple[int, int]
    """(phase, cycle): a new pair begins a new cycle and latches its target."""
    stage: Stage
    fraction: float
    target_mmhg: float
    """What a cycle that began now would go for."""
    rest_s: float = limits.BAG_REST_S
    """For how long the bag has to have been empty before a cycle begins (S7)."""
    spare_s: float = 0.0
    """How much longer than asked a bag that fills slowly may take to get there."""


class BagControl:
    """One bag: its zero, its cycle, its setpoint."""

    def __init__(self, bag: Bag) -> None:
        self.bag = bag
        self.zero_mmhg = 0.0
        self.mmhg: float | None = None
        self.setpoint_mmhg: float | None = None
        self.plateau_mmhg = 0.0
        self.stage: Stage = "rest"
        self.driven = False
        self.wants_air = False
        self.distal: BagControl | None = None
        self._ceiling = Slew(limits.AIR_MMHG_PER_S)
        self._cycle: tuple[int, int] | None = None
        self._latched: float | None = None
        self._reached = False
        self._late_s = 0.0
        self._hold = Hold(empty_s=inf)
        self._leapt: float | None = None
        self._open_s = inf
        self._filled_s = 0.0
        """It has had air, and not been at its zero since for so long."""
        self._quiet_s = inf
        self._gain = FIRST_GAIN
        self._unseen_s = 0.0
        """Seconds of the full pump that are in the bag and not in its reading."""
        self._fed_s = 0.0
        self._duty = 0.0
        self._rate = 0.0
        self._pulse_s = 0.0
        self._pulse_from_mmhg = 0.0

    def off(self) -> None:
        """Forget the cycle; the next one begins from the bottom."""
        self.setpoint_mmhg = None
        self.driven = self.wants_air = False
        self._cycle = None
        self._latched = None
        self._ceiling.reset()

    # --- what is known of it -------------------------------------------------------------------------

    def measure(self, raw_mmhg: float | None, dt_s: float) -> None:
        """Take a reading: zero it, and keep the clocks that depend on it."""
        if raw_mmhg is None:
            self.mmhg = None
            return
        mmhg = self._zeroed(raw_mmhg, dt_s)
        if self.mmhg is None or abs(mmhg - self.mmhg) <= LEAP_MMHG:
            self._leapt = None
        elif self._leapt is None or abs(mmhg - self._leapt) > LEAP_MMHG:
            self._leapt, mmhg = mmhg, self.mmhg
        if self.mmhg is not None and dt_s > 0:
            self._learn((mmhg - self.mmhg) / dt_s, mmhg)
        self.mmhg = mmhg
        self._hold.update(mmhg, dt_s)
        self._quiet_s += dt_s

    def _zeroed(self, raw_mmhg: float, dt_s: float) -> float:
        """Above its zero, which is what the sensor says of a bag that has been open for seconds; but not what
        it says more than before air was put in, which may still be there."""
        if self.driven:
            self._open_s, self._filled_s = 0.0, ZERO_S
        self._open_s += dt_s
        off_mmhg = raw_mmhg - self.zero_mmhg
        kept_air = self._filled_s > 0.0 and off_mmhg > KEPT_MMHG
        if self._open_s > ZERO_AFTER_S and abs(raw_mmhg) < ZERO_BOUND_MMHG and not kept_air:
            self.zero_mmhg += off_mmhg * min(dt_s / ZERO_S, 1.0)
            self._filled_s -= dt_s
        return raw_mmhg - self.zero_mmhg

    def given(self, duty: float, dt_s: float) -> None:
        """What the pump gives it, and nobody else, until the next reading: 0 for no air."""
        self._unseen_s += (duty * dt_s - self._unseen_s) * SEEN_SHARE
        if duty <= 0.0:
            self._fed_s = self._rate = 0.0
            return
        if self._pulse_s == 0.0:
            self._pulse_from_mmhg = self.mmhg or 0.0
        self._pulse_s += duty * dt_s
        self._fed_s += dt_s
        self._duty = duty

    def _learn(self, rate: float, mmhg: float) -> None:
        """What a second of the full pump does: from a rise, or from a pulse once it has settled.

        More is believed sooner than less: a reading that lags never shows too much.
        """
        if self._fed_s > 0.0:
            self._rate += (rate - self._rate) * RATE_FILTER
            seen = self._rate / self._duty
            if seen > self._gain and mmhg > SLACK_MMHG:
                self._gain += (seen - self._gain) * MORE_FILTER
            elif self._fed_s > STEADY_S and mmhg > SLACK_MMHG + rate * STEADY_S:
                self._gain += (seen - self._gain) * LESS_FILTER
        elif self._pulse_s and (self._quiet_s >= SETTLE_S or not self.driven):
            if self.driven and self._pulse_s >= PULSE_FROM_S and self._pulse_from_mmhg > SLACK_MMHG:
                seen = (mmhg - self._pulse_from_mmhg) / self._pulse_s
                self._gain += (seen - self._gain) * (MORE_FILTER if seen > self._gain else LESS_FILTER)
            self._pulse_s = 0.0
        self._gain = min(max(self._gain, GAIN_BOUNDS[0]), GAIN_BOUNDS[1])

    # --- what it shall do ----------------------------------------------------------------------------

    def may_be_zero(self, raw_mmhg: float) -> bool:
        """Whether this can be the reading of an empty bag."""
        return not self.driven and abs(raw_mmhg) < ZERO_BOUND_MMHG

    def follow(self, order: Order | None, dt_s: float) -> None:
        """Turn an order into a setpoint for this tick."""
        if order is not None:
            self._ceiling.toward(order.target_mmhg, dt_s)  # S8, between squeezes too
        stage, fraction = self._asked(order, dt_s)
        if order is None or stage == "rest":
            self._end_cycle(order)
            return
        if order.cycle != self._cycle:
            rested = self._hold.empty_s >= order.rest_s
            if stage != "inflate" or not rested:
                # Never joined half-way, never before the foot has had its rest (S7).
                self._end_cycle(None)
                return
            self._cycle, self._latched = order.cycle, order.target_mmhg
            self._reached, self._late_s = False, 0.0
        if self._latched is None or self._hold.held_s > limits.BAG_HELD_S:
            self._latched = None
            self.setpoint_mmhg = None
            return
        self.stage = stage
        self._latched = min(self._latched, order.target_mmhg, self._top_mmhg())
        self.plateau_mmhg = min(self._latched, self._ceiling.value)
        self.setpoint_mmhg = self.plateau_mmhg * fraction
        if self.mmhg is not None and self.mmhg >= self.plateau_mmhg - REACHED_WITHIN_MMHG:
            self._reached = True

    def _asked(self, order: Order | None, dt_s: float) -> tuple[Stage, float]:
        """The order's stage; a bag that has not got there yet goes on filling while it has time to spare."""
        if order is None:
            return "rest", 0.0
        over = order.stage in ("release", "rest") and order.cycle == self._cycle
        if over and self._latched is not None and not self._reached and self._late_s < order.spare_s:
            self._late_s += dt_s
            return "inflate", 1.0
        return order.stage, order.fraction

    def _top_mmhg(self) -> float:
        """While the neighbour holds, no more than that holds: it was latched at an earlier level."""
        distal = self.distal
        return distal.plateau_mmhg if distal is not None and distal.setpoint_mmhg is not None else inf

    def _end_cycle(self, order: Order | None) -> None:
        if order is not None:
            self._cycle = None
        self._latched = None
        self.setpoint_mmhg = None
        self.stage = "rest"

    @property
    def overfed(self) -> bool:
        """It was not to have any more air, and has far more than it should."""
        if self.mmhg is None or self.wants_air:
            return False
        if self.setpoint_mmhg is None:
            return self._open_s > EMPTIES_S and self.mmhg > limits.BAG_HELD_MMHG
        return self.stage != "release" and self.mmhg > self.plateau_mmhg + OVERFED_MMHG

    def decide(self, duty: float) -> None:
        """Whether the bag wants air, and whether its valve is driven, before the manifold is shared.

        ``duty`` is what the pump would begin or go on with.
        """
        setpoint, mmhg = self.setpoint_mmhg, self.mmhg
        if setpoint is None or mmhg is None:
            self.driven = self.wants_air = False
            return
        settled = self._quiet_s >= SETTLE_S
        if self.stage == "release":
            self.wants_air = False
            lets_go = mmhg < LET_GO_MMHG or setpoint < LET_GO_MMHG
            vents = lets_go or (mmhg > setpoint + RELEASE_ABOVE_MMHG and settled)
        else:
            self._fill(setpoint, mmhg, duty, settled)
            # A bag that is ahead of its rise waits for it; only above its plateau it is lowered.
            over = mmhg - self.plateau_mmhg
            vents = not self.wants_air and (over > FAR_ABOVE_MMHG or (settled and over > TRIM_ABOVE_MMHG))
        if vents:
            self._quiet_s = 0.0
        self.driven = not vents

    def _fill(self, setpoint: float, mmhg: float, duty: float, settled: bool) -> None:
        tick_mmhg = self._gain * duty * limits.TICK_S
        above = min(max(tick_mmhg / 2.0, ABOVE_MMHG[0]), ABOVE_MMHG[1])
        # Slack air presses on nobody: up to there only the plateau counts.
        goal = setpoint if mmhg > SLACK_MMHG else self.plateau_mmhg
        fits = mmhg + self._gain * self._unseen_s + tick_mmhg < goal + above
        if self.wants_air:
            self.wants_air = mmhg < setpoint and fits
            if not self.wants_air:
                self._quiet_s = 0.0
        else:
            below = FILL_BELOW_MMHG if self.stage == "inflate" else TOP_UP_BELOW_MMHG
            self.wants_air = mmhg < setpoint - below and settled and fits
