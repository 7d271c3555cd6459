"""The self-test by pulses: every valve and every pad is driven for a moment, and has to give its answer.

Pure: readings in, wanted outputs out. The air comes first. All bags are filled together until they are just
felt: the manifold's air goes to the lowest, so that none can be fuller than another one's sensor says, and a
bag whose own sensor lies, or freezes at any moment, stays as soft as the others (S6). None is ever filled
alone. Then one after another is opened, and its sensor has to fall. After that the pads are warmed by a
degree, a few seconds apart, and what each pad's sensors saw is compared with what each output did. So a part
that is dead is found, and so are two that are swapped. What is in doubt is asked twice: a foot that moves can
answer for a part, but hardly twice.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp

from msgspec import Struct

from hardware.board.interface import Outputs, Readings, all_off, pad_means
from hardware.machine import Bag, Machine, pad_count_c
from hardware.message import Message, Part, says
from hardware.safety.bag_watch import bag_sensor_out_of_range
from hardware.safety.lasting import Leaky, Middle
from hardware.service.drive import EVERYDAY_S
from hardware.service.finding import Finding
from hardware.service.least_squares import least_squares


@says("Nothing answers: check the 12 V supply, its fuse and the power relay.")
def nothing_answers() -> None: ...


@says("No bag takes air: check the pump, its plug and the hoses.")
def no_bag_takes_air() -> None: ...


@says("{bag}: does not empty. Check its valve and its hose.")
def bag_does_not_empty(bag: Part) -> None: ...


@says("{bag}: takes no air. Check its valve, its hose and its sensor.")
def bag_takes_no_air(bag: Part) -> None: ...


@says(
    "{bag}: its air went into another bag ({other}). "
    "Their valves, hoses or sensors are swapped, or a valve is stuck."
)
def air_came_elsewhere(bag: Part, other: Part) -> None: ...


@says("A pad's sensors were lost while it was warmed.")
def pad_sensors_lost() -> None: ...


@says("No pad gets warm: check their plugs, their fuses and the 12 V supply.")
def no_pad_gets_warm() -> None: ...


@says("{pad}: its output warms the other pad's sensors ({other}). Their plugs or their sensors are swapped.")
def pads_swapped(pad: Part, other: Part) -> None: ...


@says("{pad}: does not follow its output. Check its plug, its fuse and its sensors.")
def pad_does_not_follow(pad: Part) -> None: ...


def _bag(bag: Bag) -> Part:
    return Part(f"bag.{bag.zone}")


# Air
WITNESSES = 2
"""With fewer bags than this nobody else tells how full one is: a session finds out, where air is counted."""
USUAL_S = 15.0
"""For everyday bags with the feet in them, all of it."""
REST_S = 1.0
"""For what the sensors say of empty bags."""
FILL_MAX_S = 60.0
"""The largest bags with no feet in them, on the weakest sound pump, take 50 s."""
NEAR_MMHG = 3.0
FULL_MMHG = 12.0
"""Hardly felt by a foot, well above what a foot that shifts does, and enough to see the bag empty."""
TOP_MMHG = 17.0
"""One is so full that the others should be."""
FELT_MMHG = 4.0
BEAT_S = 0.4
SHORT_S = 0.1
"""Of each beat there is so much air once a bag is felt: its sensor has the rest to tell."""
QUICK_FROM_S = 5.0
"""Bags that take the full pump so long together (``EVERYDAY_S``) rise slowly enough to be watched while it
goes on; smaller ones get air for as much less of each beat."""
SMOOTH_S = 0.1
MISSING_S = 0.5
ENOUGH_S = 0.15
SETTLE_S = 0.5
FALL_SHARE, FALL_MMHG, OTHERS_MMHG = 0.3, 3.0, 6.0
"""So much of what was in it an open bag loses, and at least; and so much another one in its stead."""
LISTEN_S = 4.5
"""The largest calf bag with no foot in it does by then; and what is held in another's stead may go out
before it counts as a bag that does not empty."""
EMPTY_MMHG = 5.0
EMPTY_MAX_S = 8.0
STUCK_MMHG = 6.0

# Heat
HEAT_REST_S = 2.0
PULSE_S = (8.0, 24.0)
COUNTS_PER_C_S = 36.0
"""A pulse of so many seconds a °C that a count of the ADC is worth: coarse sensors are asked for longer."""
ANSWER_S = 8.0
"""After the last pulse: the sensors' lag."""
SAMPLE_S = 0.5
PAD_MISSING_S = 3.0
WARM_C = 36.0
"""A pad as warm as this is no colder than a foot has to be: it was heated, and cools too fast to be asked."""
PAD_J_PER_K, SENSOR_LAG_S, SENSOR_DEAD_S = 85.0, 10.0, 1.0
ANSWERS = 0.27
"""Share of the nominal answer. Pads and heaters of ±30 % gave 0.37 to 2.2, dead ones −0.2 to 0.17."""
CALM_C_PER_S = 0.07
"""A pad that drifts faster on its own, because a foot came or went, is asked again."""
ROUNDS = 4


class PulseTest:
    """One self-test by pulses of the parts that ``lacking`` does not name already."""

    def __init__(self, machine: Machine, lacking: Finding) -> None:
        self.machine = machine
        self._pads, self._bags = machine.pad_sensors, machine.bag_sensors
        self._lacking = lacking
        self._air = _AirPulses(machine) if len(machine.bag) >= WITNESSES and not lacking.air else None
        self._heat = _HeatPulses(machine) if machine.pad and not lacking.heat else None

    @property
    def over(self) -> bool:
        return (self._air is None or self._air.over) and (self._heat is None or self._heat.over)

    @property
    def left_s(self) -> float:
        """About how long it takes yet, when all is sound."""
        air_s = 0.0 if self._air is None or self._air.over else self._air.left_s
        return air_s + (0.0 if self._heat is None or self._heat.over else self._heat.left_s)

    def step(self, now: float, dt_s: float, readings: Readings) -> Outputs:
        duties, layout = list(all_off(self.machine).duties), self.machine.layout
        # One after the other: a valve on a pad's pin would warm that pad while all valves are driven.
        if self._air is not None and not self._air.over:
            bags_mmhg = tuple(bag.of(readings) for bag in self._bags)
            pump, valves = self._air.step(dt_s, bags_mmhg)
            if layout.pump is not None:
                duties[layout.pump] = pump
            duties[layout.valves] = map(float, valves)
        elif self._heat is not None and not self._heat.over:
            duties[layout.pads] = self._heat.step(dt_s, pad_means(readings, self._pads))
        return Outputs(tuple(duties))

    @property
    def heat_due(self) -> bool:
        """The pads could not be asked yet: they are as sound as before, and that is all."""
        return self._heat is not None and self._heat.not_yet

    @property
    def finding(self) -> Finding:
        """What was found so far; whole once it is over."""
        air, heat = self._air, self._heat
        if air is not None and heat is not None and air.silent and heat.silent:
            return Finding(nothing_answers(), nothing_answers())
        return Finding(
            heat=self._lacking.heat or (heat.verdict if heat else None),
            air=self._lacking.air or (air.verdict if air else None),
        )


class _AirPulses:
    def __init__(self, machine: Machine) -> None:
        self._bags = machine.bag
        pump = machine.pump
        self._pump = pump.max_duty if pump else 0.0
        self._softly = pump.surely_turns if pump else 0.0
        everyday_s = sum(EVERYDAY_S.get(bag.zone, 0.0) for bag in machine.bag)
        self._on_s = BEAT_S * min(everyday_s / QUICK_FROM_S, 1.0)
        self._stage: Callable[[float], float] = self._rest
        self._for_s = 0.0
        """For so long it has been at this stage."""
        self.left_s = USUAL_S
        self._queue = list(range(len(machine.bag)))
        self._held: set[int] = set()
        """Bags whose valves are driven."""
        self._asked_twice = self._felt = False
        self._answers: dict[int, int | None] = {}
        """By bag: which one answered, None for silence."""
        self._unfelt: set[int] = set()
        """Bags whose sensor felt nothing when all were filled."""
        self._middles = [Middle() for _ in machine.bag]
        self._smooth: list[float] = []
        self._empty_mmhg: list[float] = []
        self._tops: list[float] = []
        """When the last one was opened."""
        self._still_full: Bag | None = None
        self._lost: Bag | None = None
        self._missing = Leaky(MISSING_S, leak=1.0)
        self._enough = Leaky(ENOUGH_S, leak=1.0)
        self.over = False

    def step(self, dt_s: float, mmhg: tuple[float | None, ...]) -> tuple[float, tuple[bool, ...]]:
        raw = [p for p in mmhg if p is not None]
        if self._missing.update(len(raw) < len(mmhg), dt_s):
            self._lost = self._bags[mmhg.index(None)]
            self.over = True
        self.left_s = max(self.left_s - dt_s, 0.0)
        pump = 0.0
        if len(raw) == len(mmhg):
            said = [middle.of(now) for middle, now in zip(self._middles, raw, strict=True)]
            step = min(dt_s / SMOOTH_S, 1.0)
            self._smooth = [p + step * (now - p) for p, now in zip(self._smooth or said, said, strict=True)]
            self._for_s += dt_s
            pump = self._stage(dt_s)
        held = set() if self.over else self._held
        return pump, tuple(bag in held for bag in range(len(self._bags)))

    def _go_to(self, stage: Callable[[float], float]) -> None:
        self._stage, self._for_s = stage, 0.0

    @property
    def _risen(self) -> list[float]:
        return [now - empty for now, empty in zip(self._smooth, self._empty_mmhg, strict=True)]

    def _rest(self, dt_s: float) -> float:
        """Every valve is open: what the sensors say then is nothing."""
        step = min(dt_s / self._for_s, 1.0)  # the mean of all that was said
        before = self._empty_mmhg or self._smooth
        self._empty_mmhg = [p + step * (now - p) for p, now in zip(before, self._smooth, strict=True)]
        if self._for_s >= REST_S:
            self._held = set(range(len(self._bags)))
            self._enough = Leaky(ENOUGH_S, leak=1.0)
            self._go_to(self._fill)
        return 0.0

    def _fill(self, dt_s: float) -> float:
        """All together, until all are felt, or one is so full that the others should be."""
        risen = self._risen
        highest = max(risen)
        enough = min(risen) >= FULL_MMHG or highest >= TOP_MMHG
        if self._enough.update(enough, dt_s) or self._for_s >= FILL_MAX_S:
            self._go_to(self._settle)
        near = highest >= NEAR_MMHG
        if enough or self._for_s % BEAT_S >= (min(SHORT_S, self._on_s) if near else self._on_s) - 1e-9:
            return 0.0
        return self._softly if near else self._pump

    def _settle(self, dt_s: float) -> float:
        if self._for_s >= SETTLE_S:
            unfelt = {bag for bag, rise in enumerate(self._risen) if rise < FELT_MMHG}
            self._felt = self._felt or len(unfelt) < len(self._bags)
            self._answers |= dict.fromkeys(bag for bag in self._queue if bag in unfelt)
            self._unfelt |= unfelt
            self._queue = [bag for bag in self._queue if bag not in unfelt]
            self._open_next()
        return 0.0

    def _open_next(self) -> None:
        """The next bag loses its air, and those that were asked already go on doing so."""
        if not self._queue or not self._held:
            self._held = set()
            self._go_to(self._empty)
            return
        self._held.discard(self._queue[0])
        self._tops = self._smooth
        self._go_to(self._listen)

    def _listen(self, dt_s: float) -> float:
        bag = self._queue[0]
        fallen = [top - now for top, now in zip(self._tops, self._smooth, strict=True)]
        if fallen[bag] >= max(FALL_SHARE * (self._tops[bag] - self._empty_mmhg[bag]), FALL_MMHG):
            self._answers[bag] = bag
        elif self._for_s >= LISTEN_S:
            best = max(range(len(fallen)), key=fallen.__getitem__)
            self._answers[bag] = best if best != bag and fallen[best] >= OTHERS_MMHG else None
            self._held = set()
        else:
            return 0.0
        self._queue.pop(0)
        self._open_next()
        return 0.0

    def _empty(self, dt_s: float) -> float:
        """Every valve is open: wait until every bag has emptied."""
        full = max(range(len(self._smooth)), key=self._smooth.__getitem__)
        if self._smooth[full] >= EMPTY_MMHG:
            if self._for_s < EMPTY_MAX_S:
                return 0.0
            if self._smooth[full] > STUCK_MMHG:
                self._still_full = self._bags[full]
        if self._queue and self._still_full is None:
            self._begin_again()
            return 0.0
        doubtful = [b for b, answer in self._answers.items() if answer != b and b not in self._unfelt]
        if not doubtful or self._asked_twice or self._still_full is not None:
            self.over = True
            return 0.0
        self._asked_twice, self._queue = True, doubtful
        self._begin_again()
        return 0.0

    def _begin_again(self) -> None:
        self._empty_mmhg = []
        self._go_to(self._rest)

    @property
    def silent(self) -> bool:
        """No bag has taken any air."""
        return bool(self._answers) and not self._felt

    @property
    def verdict(self) -> Message | None:
        if self._lost is not None:
            return bag_sensor_out_of_range(_bag(self._lost))
        if self.silent:
            return no_bag_takes_air()
        if self._still_full is not None:
            return bag_does_not_empty(_bag(self._still_full))
        for bag, answer in self._answers.items():
            if answer is None:
                return bag_takes_no_air(_bag(self._bags[bag]))
            if answer != bag:
                return air_came_elsewhere(_bag(self._bags[bag]), _bag(self._bags[answer]))
        return None


class _Heard(Struct, frozen=True):
    """What one round of pulses said: which output each pad's sensors answered to, None for neither."""

    outputs: tuple[int | None, ...]
    calm: bool
    """The pads had no drift of their own that could pass for an answer."""

    @property
    def sound(self) -> bool:
        return self.outputs == tuple(range(len(self.outputs)))


class _HeatPulses:
    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._pads = machine.pad
        self._pulse_s = PULSE_S[0]
        self._now_s = 0.0
        self._due_s = 0.0
        self._round = 1
        self._curves: list[list[tuple[float, float]]] = [[] for _ in self._pads]
        self._sums = [0.0] * len(self._pads)
        self._readings = 0
        self._heard: _Heard | None = None
        self._lost = False
        self.not_yet = False
        """A pad was too warm to be asked."""
        self._missing = Leaky(PAD_MISSING_S, leak=0.1)
        self.over = False
        self._ends_s = self._begins_s(len(self._pads) - 1) + self._pulse_s + ANSWER_S

    def _begins_s(self, index: int) -> float:
        """The next pulse begins half-way through the one before."""
        return HEAT_REST_S + self._pulse_s / 2.0 * index

    def step(self, dt_s: float, pads_c: tuple[float | None, ...]) -> tuple[float, ...]:
        off = (0.0,) * len(self._pads)
        known = [celsius for celsius in pads_c if celsius is not None]
        if len(known) < len(pads_c):
            self._lost = self.over = self._missing.update(True, dt_s)
            return off
        self._missing.update(False, dt_s)
        if not self._now_s and max(known) >= WARM_C:
            self.over = self.not_yet = True
            return off
        if not self._now_s:
            count_c = pad_count_c(min(known), self._machine.pad_sensor)
            self._pulse_s = min(max(COUNTS_PER_C_S * count_c, PULSE_S[0]), PULSE_S[1])
            self._ends_s = self._begins_s(len(self._pads) - 1) + self._pulse_s + ANSWER_S
        self._now_s += dt_s
        self._keep(known)
        if self._now_s >= self._ends_s:
            self._judge()
            return off
        return tuple(pad.max_duty if self._pulsed(index) else 0.0 for index, pad in enumerate(self._pads))

    @property
    def left_s(self) -> float:
        return max(self._ends_s - self._now_s, 0.0)

    def _pulsed(self, index: int) -> bool:
        begins_s = self._begins_s(index)
        return begins_s <= self._now_s < begins_s + self._pulse_s

    def _keep(self, pads_c: list[float]) -> None:
        """The ticks between two samples are averaged: that reads between the steps of the ADC."""
        self._sums = [total + celsius for total, celsius in zip(self._sums, pads_c, strict=True)]
        self._readings += 1
        if self._now_s < self._due_s:
            return
        self._due_s = self._now_s + SAMPLE_S
        for curve, total in zip(self._curves, self._sums, strict=True):
            curve.append((self._now_s, total / self._readings))
        self._sums, self._readings = [0.0] * len(self._pads), 0

    def _judge(self) -> None:
        heard = self._listen()
        before, self._heard = self._heard, heard
        sure = (heard.sound and heard.calm) or (before is not None and before.outputs == heard.outputs)
        if sure or self._round == ROUNDS:
            self._heard = heard if sure else None
            self.over = True
            return
        self._round += 1
        self._now_s = self._due_s = 0.0
        self._curves = [[] for _ in self._pads]

    def _listen(self) -> _Heard:
        outputs, drifts = [], []
        for curve in self._curves:
            fits = [self._fit(curve, index) for index in range(len(self._pads))]
            likely = [index for index, fit in enumerate(fits) if fit.share >= ANSWERS]
            outputs.append(min(likely, key=lambda index: fits[index].rest, default=None))
            drifts.append(max(abs(fit.drift_c_per_s) for fit in fits))
        return _Heard(tuple(outputs), max(drifts) <= CALM_C_PER_S)

    def _fit(self, curve: list[tuple[float, float]], index: int) -> _Fit:
        """A pad's curve as its own bent drift plus so much of the nominal answer to one output."""
        pad = self._pads[index]
        begins_s = self._begins_s(index)
        watts = pad.watts * pad.max_duty
        rows = [
            (1.0, at_s, at_s * at_s, watts * nominal_answer(at_s - begins_s, self._pulse_s))
            for at_s, _ in curve
        ]
        values = [celsius for _, celsius in curve]
        _, slope, bend, share = fit = least_squares(rows, values)
        rest = sum(
            (celsius - sum(a * x for a, x in zip(fit, row, strict=True))) ** 2
            for row, celsius in zip(rows, values, strict=True)
        )
        return _Fit(share, rest, slope + bend * self._ends_s)

    @property
    def silent(self) -> bool:
        return self._heard is not None and set(self._heard.outputs) == {None}

    @property
    def verdict(self) -> Message | None:
        if self._lost:
            return pad_sensors_lost()
        if self._heard is None or self._heard.sound:
            return None
        if self.silent:
            return no_pad_gets_warm()
        for index, (pad, output) in enumerate(zip(self._pads, self._heard.outputs, strict=True)):
            if output is not None and output != index:
                return pads_swapped(Part(f"pad.{self._pads[output].side}"), Part(f"pad.{pad.side}"))
        silent = self._pads[self._heard.outputs.index(None)]
        return pad_does_not_follow(Part(f"pad.{silent.side}"))


class _Fit(Struct, frozen=True):
    share: float
    """Of the nominal answer."""
    rest: float
    """What is left unexplained, °C²."""
    drift_c_per_s: float
    """What is not the output's, in the middle of the round."""


def nominal_answer(since_s: float, pulse_s: float = PULSE_S[0]) -> float:
    """°C per watt that a pad's sensors show ``since_s`` after a pulse of ``pulse_s`` began."""
    seen_s = since_s - SENSOR_DEAD_S
    return (_ramp(seen_s) - _ramp(seen_s - pulse_s)) / PAD_J_PER_K


def _ramp(seen_s: float) -> float:
    return seen_s - SENSOR_LAG_S * (1.0 - exp(-seen_s / SENSOR_LAG_S)) if seen_s > 0.0 else 0.0
