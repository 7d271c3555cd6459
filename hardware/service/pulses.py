"""The self-test by pulses: every valve and every pad is driven for a moment, and has to give its answer.

Pure: readings in, wanted outputs out. Air and heat are tested at the same time. The bags are filled together
first: the manifold's air goes to the lowest, so that none can be fuller than another one's sensor says, and a
sensor that feels nothing then is not relied on (S6). Then a bag is filled until it is felt by its own sensor,
one after another; the pads are warmed by a degree, a few seconds apart, and what
each pad's sensors saw is compared with what each output did. So a part that is dead is found, and so are
two that are swapped. What is in doubt is asked twice: a foot that moves can answer for a part, but hardly
twice.
"""

from __future__ import annotations

from math import exp

from msgspec import Struct

from hardware.board.interface import Outputs, Readings, all_off, pad_means
from hardware.machine import Bag, Machine, pad_count_c
from hardware.safety.lasting import Leaky, Middle
from hardware.service.finding import Finding
from hardware.service.least_squares import least_squares
from hardware.words import Zone

# Air
ANSWER_MMHG = 12.0
"""Hardly felt by a foot, well above what a foot that shifts does, and enough to see the bag empty."""
FILL_MAX_S = 16.0
"""The largest calf bag with no foot in it, on the weakest sound pump at its slowest, takes 13 s."""
TOGETHER_MAX_S = 32.0
"""All of them together, the largest, with no feet in them."""
FELT_MMHG = 4.0
TOGETHER_MMHG = 9.0
SMOOTH_S = 0.1
MISSING_S = 0.5
ENOUGH_S = 0.15
EMPTY_MMHG = 5.0
EMPTY_MAX_S = 5.0
AGAIN_S = 3.0
"""What was filled unseen gets so long to empty before it is asked again."""
LET_GO_S = 0.8
"""Between two bags, for what the one had to get out."""
SILENT_BAGS = 2
"""So many bags without an answer, and none with: no air comes at all."""

# Heat
REST_S = 2.0
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
        self._lacking = lacking
        self._air = _AirPulses(machine) if machine.bag and not lacking.air else None
        self._heat = _HeatPulses(machine) if machine.pad and not lacking.heat else None

    @property
    def over(self) -> bool:
        return (self._air is None or self._air.over) and (self._heat is None or self._heat.over)

    @property
    def left_s(self) -> float:
        """About how long it takes yet, when all is sound."""
        return 0.0 if self._heat is None or self._heat.over else self._heat.left_s

    def step(self, now: float, dt_s: float, readings: Readings) -> Outputs:
        outputs = all_off(self.machine)
        heaters, pump, valves = outputs.heaters, outputs.pump, outputs.valves
        if self._air is not None and not self._air.over:
            pump, valves = self._air.step(dt_s, readings.bags_mmhg)
        # A valve on a pad's pin would warm that pad while all valves are driven.
        alone = self._air is None or self._air.over or not self._air.together
        if self._heat is not None and not self._heat.over and alone:
            heaters = self._heat.step(dt_s, pad_means(readings))
        return Outputs(outputs.motors, pump, valves, heaters)

    @property
    def heat_due(self) -> bool:
        """The pads could not be asked yet: they are as sound as before, and that is all."""
        return self._heat is not None and self._heat.not_yet

    @property
    def finding(self) -> Finding:
        """What was found so far; whole once it is over."""
        air, heat = self._air, self._heat
        if air is not None and heat is not None and air.silent and heat.silent:
            return Finding(NO_POWER, NO_POWER)
        return Finding(
            heat=self._lacking.heat or (heat.verdict if heat else ""),
            air=self._lacking.air or (air.verdict if air else ""),
        )


NO_POWER = "Nothing answers: check the 12 V supply, its fuse and the power relay."


class _AirPulses:
    def __init__(self, machine: Machine) -> None:
        self._bags = machine.bag
        pump = machine.pump
        self._pump = pump.max_duty if pump else 0.0
        self._softly = max(pump.stalls_below, 0.5 * pump.max_duty) if pump else 0.0
        self._queue = list(range(len(machine.bag)))
        self.together = len(machine.bag) > 1
        self._asked_twice = False
        self._answers: dict[int, int | None] = {}
        """By bag: which one answered, None for silence."""
        self._unfelt: set[int] = set()
        """Bags whose sensor felt nothing: not to be filled alone."""
        self._middles = [Middle() for _ in machine.bag]
        self._smooth: list[float] = []
        self._lowest: list[float] = []
        self._for_s = 0.0
        self._pause_s = 0.0
        self._emptying_s = 0.0
        self._still_full: Bag | None = None
        self._lost: Bag | None = None
        self._missing = Leaky(MISSING_S, leak=1.0)
        self._enough = Leaky(ENOUGH_S, leak=1.0)
        self.over = False

    def step(self, dt_s: float, mmhg: tuple[float | None, ...]) -> tuple[float, tuple[bool, ...]]:
        shut = (False,) * len(self._bags)
        if self._missing.update(None in mmhg, dt_s):
            self._lost = self._bags[mmhg.index(None)]
            self.over = True
        if None in mmhg or self.over:
            return 0.0, shut
        raw = [p for p in mmhg if p is not None]
        said = [middle.of(now) for middle, now in zip(self._middles, raw, strict=True)]
        step = min(dt_s / SMOOTH_S, 1.0)
        self._smooth = [p + step * (now - p) for p, now in zip(self._smooth or said, said, strict=True)]
        if self.together:
            said = self._smooth
        if not self._queue:
            self._empty(dt_s, said)
            return 0.0, shut
        if self._pause_s > 0.0:
            self._pause_s -= dt_s
            return 0.0, shut
        if not self._lowest:
            self._lowest = said
            self._for_s = 0.0
        self._lowest = [min(low, now) for low, now in zip(self._lowest, said, strict=True)]
        risen = [now - low for low, now in zip(self._lowest, said, strict=True)]
        return self._all(dt_s, risen) if self.together else self._one(dt_s, risen)

    def _all(self, dt_s: float, risen: list[float]) -> tuple[float, tuple[bool, ...]]:
        """Until all are felt, or one is so full that the others should be."""
        self._for_s += dt_s
        felt = [rise >= FELT_MMHG for rise in risen]
        enough = self._enough.update(all(felt) or max(risen) >= TOGETHER_MMHG, dt_s)
        if enough or self._for_s >= TOGETHER_MAX_S:
            self.together = False
            self._unfelt = {bag for bag, was in enumerate(felt) if not was}
            self._answers = dict.fromkeys(self._unfelt)
            self._queue = [bag for bag in self._queue if bag not in self._unfelt]
            self._lowest, self._pause_s = [], AGAIN_S
            return 0.0, (False,) * len(self._bags)
        return self._pump, (True,) * len(self._bags)

    def _one(self, dt_s: float, risen: list[float]) -> tuple[float, tuple[bool, ...]]:
        bag = self._queue[0]
        best = max(range(len(risen)), key=lambda index: (risen[index], index == bag))
        answered = risen[best] >= ANSWER_MMHG
        if answered or self._for_s >= FILL_MAX_S:
            self._answers[bag] = best if answered else None
            self._next()
            return 0.0, (False,) * len(self._bags)
        self._for_s += dt_s
        return self._softly, tuple(index == bag for index in range(len(self._bags)))

    def _next(self) -> None:
        self._queue.pop(0)
        self._lowest, self._pause_s = [], LET_GO_S
        if self.silent and len(self._answers) >= min(SILENT_BAGS, len(self._bags)):
            self._queue = []
        doubtful = [b for b, answer in self._answers.items() if answer != b and b not in self._unfelt]
        if not self._queue and doubtful and not self._asked_twice and not self.silent:
            self._asked_twice = True
            self._pause_s = AGAIN_S
            self._queue = doubtful

    def _empty(self, dt_s: float, pressures: list[float]) -> None:
        """Every valve is open: wait until every bag has emptied."""
        self._emptying_s += dt_s
        full = max(range(len(pressures)), key=pressures.__getitem__)
        if pressures[full] < EMPTY_MMHG:
            self.over = True
        elif self._emptying_s >= EMPTY_MAX_S:
            self._still_full = self._bags[full] if pressures[full] > ANSWER_MMHG / 2 else None
            self.over = True

    @property
    def silent(self) -> bool:
        """No bag has answered."""
        return bool(self._answers) and all(answer is None for answer in self._answers.values())

    @property
    def verdict(self) -> str:
        if self._lost is not None:
            return f"The {self._lost.zone} bag's sensor is out of range."
        if self.silent:
            return "No bag takes air: check the pump, its plug and the hoses."
        for bag, answer in self._answers.items():
            zone: Zone = self._bags[bag].zone
            if answer is None:
                return f"The {zone} bag takes no air: check its valve, its hose and its sensor."
            if answer != bag:
                other = self._bags[answer].zone
                return (
                    f"Air for the {zone} bag came into the {other} bag: "
                    "their valves, hoses or sensors are swapped, or a valve is stuck."
                )
        if self._still_full is not None:
            return f"The {self._still_full.zone} bag does not empty: check its valve and its hose."
        return ""


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
        return REST_S + self._pulse_s / 2.0 * index

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
    def verdict(self) -> str:
        if self._lost:
            return "A pad's sensors were lost while it was warmed."
        if self._heard is None or self._heard.sound:
            return ""
        if self.silent:
            return "No pad gets warm: check their plugs, their fuses and the 12 V supply."
        for index, (pad, output) in enumerate(zip(self._pads, self._heard.outputs, strict=True)):
            if output is not None and output != index:
                other = self._pads[output].side
                return (
                    f"The {other} pad's output shows at the {pad.side} pad's sensors: "
                    "their plugs or their sensors are swapped."
                )
        silent = self._pads[self._heard.outputs.index(None)]
        return f"The {silent.side} pad does not follow its output: check its plug, its fuse and its sensors."


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
