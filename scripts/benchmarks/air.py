"""Air control against a simple peer: random machines and feet, judged by the bags' true pressure.

Both get the same plants, the same readings and the same squeezes of every program: each phase's first
cycles at an intensity of the plant's own. The peer gives each bag air while it is below its setpoint and
opens its valve while it is above, with no order among the bags and no look ahead. A squeeze counts as
reached when it is within 5 mmHg as its hold ends, and as said when the watch had the bag rest.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from random import Random
from statistics import median
from typing import NamedTuple

from app.places import ASSETS
from hardware.control.air import AirControl
from hardware.control.bag import FILL_BELOW_MMHG, TRIM_ABOVE_MMHG, Order
from hardware.machine import Machine, load_machine
from hardware.messages import Start
from hardware.program import Program, load_programs
from hardware.safety import limits
from hardware.safety.bag_watch import BagWatch
from hardware.safety.manifold import shares
from hardware.sensors import bag_mmhg
from hardware.session import Session
from hardware.virtual.plant import Plant, PlantParams
from scripts.benchmarks.figure import Figure, quantile

FIRST_SEED = 60_000
PLANTS = 200
USUAL_SECONDS = 30.0
"""Shorter watches are of fewer plants."""
SPREAD = 0.3
PHASE_S = 45.0
"""Of each phase that squeezes: its first cycle or two."""
BAND_MMHG = 5.0
FULL_MMHG = 80.0
FILLS_WITHIN_S = 10.0
REST_S = limits.BAG_TARGET_MAX_MMHG / limits.AIR_MMHG_PER_S + 1.0


class OnOff(AirControl):
    """The peer: every bag for itself."""

    def update(self, orders: tuple[Order | None, ...], dt_s: float) -> tuple[float, ...]:
        for bag, order in zip(self.bags, orders, strict=True):
            bag.follow(order, dt_s)
            setpoint, mmhg = bag.setpoint_mmhg, bag.mmhg
            if setpoint is None or mmhg is None:
                bag.driven = bag.wants_air = False
                continue
            below = 0.0 if bag.wants_air else FILL_BELOW_MMHG
            bag.wants_air = mmhg < setpoint - below
            bag.driven = mmhg < setpoint + TRIM_ABOVE_MMHG
        self._duty = float(any(bag.wants_air for bag in self.bags))
        return self.duties


class Squeezed(NamedTuple):
    """One squeeze of one bag."""

    off_mmhg: float
    """From its target as its hold ended."""
    overshoot_mmhg: float
    said: bool
    """The watch had the bag rest, which is what it tells the person when it happens three times."""
    feet: bool
    """Both were in."""
    where: str
    """Program, phase and zone."""

    @property
    def reached(self) -> bool:
        return abs(self.off_mmhg) <= BAND_MMHG


class Bench:
    """One plant, its air control and the watch on it, without the rest of the engine."""

    def __init__(self, control: type[AirControl], seed: int) -> None:
        self.machine = machine = _machine()
        self.plant = Plant(machine, PlantParams.random(Random(seed), SPREAD), seed)
        self.plant.rail = True
        self.control = control(machine)
        self.watches = [BagWatch(bag.zone) for bag in machine.bag]

    def measure(self) -> None:
        plant, machine, control = self.plant, self.machine, self.control
        codes = [plant.adc_code(bag.channel) for bag in machine.bag]
        control.measure(tuple(bag_mmhg(code, machine) for code in codes), limits.TICK_S)
        plateaus = control.plateaus_mmhg
        fed = shares([bag.mmhg for bag in control.bags], plant.valve_driven)
        for index, watch in enumerate(self.watches):
            watch.update(
                limits.TICK_S,
                control.bags[index].mmhg,
                driven=plant.valve_driven[index],
                pumped=plant.pump_duty * fed[index],
                shared=fed[index] < 1.0,
                target_mmhg=plateaus[index],
                used=True,
            )

    def drive(self, orders: tuple[Order | None, ...]) -> None:
        plant = self.plant
        kept = tuple(
            None if watch.rests else order for order, watch in zip(orders, self.watches, strict=True)
        )
        out = self.control.update(kept, limits.TICK_S)
        plant.pump_duty, *valves = out
        plant.valve_driven = [
            bool(on) and not watch.must_open for on, watch in zip(valves, self.watches, strict=True)
        ]
        plant.step(limits.TICK_S)

    def rest(self, seconds: float) -> None:
        """Long enough, and targets may then be what they like: they rise only so fast (S8)."""
        resting = Order((-1, 0), "rest", 0.0, limits.BAG_TARGET_MAX_MMHG)
        for _ in range(round(seconds / limits.TICK_S)):
            self.measure()
            self.drive((resting,) * len(self.machine.bag))


@cache
def _machine() -> Machine:
    return load_machine(ASSETS / "machines" / "reference.toml")


@cache
def _programs() -> dict[str, Program]:
    return load_programs(ASSETS / "programs")[0]


def watch(control: type[AirControl], seed: int) -> list[Squeezed]:
    """Every program's squeezes on the plant of one seed."""
    bench = Bench(control, seed)
    intensity = 1 + seed % 10
    return [squeeze for program in _programs().values() for squeeze in _live(bench, program, intensity)]


def _live(bench: Bench, program: Program, intensity: int) -> Iterator[Squeezed]:
    start = Start(program=program.id, minutes=program.default_minutes, intensity=intensity, answers=())
    session = Session("bench", start, program, bench.machine, 0.0)
    session.running_s = limits.GENTLE_S + limits.GENTLE_RISE_S
    session.level.reset(float(intensity))
    now = 0.0
    for index, slot in enumerate(session.plan.slots):
        if not slot.phase.squeeze:
            continue
        session.skip_to(index)
        bench.rest(REST_S)
        judges = [
            Judge(bench, place, f"{program.id}, {slot.phase.name}") for place in range(len(bench.machine.bag))
        ]
        for _ in range(round(min(PHASE_S, slot.duration_s - 1.0) / limits.TICK_S)):
            now += limits.TICK_S
            session.advance(now, limits.TICK_S)
            bench.measure()
            bench.drive(session.air_orders(now))
            for judge in judges:
                yield from judge.look()


class Judge:
    """Follows one bag's squeezes by what is true."""

    def __init__(self, bench: Bench, place: int, where: str) -> None:
        self._bench = bench
        self._place = place
        self._where = f"{where}, {bench.machine.bag[place].zone}"
        self._stage = "rest"
        self._peak_mmhg = self._off_mmhg = 0.0
        self._said = False

    def look(self) -> Iterator[Squeezed]:
        """The squeeze whose hold has ended with this tick, if one has."""
        bench = self._bench
        bag, mmhg = bench.control.bags[self._place], bench.plant.bags[self._place].mmhg
        squeezing = bag.setpoint_mmhg is not None and bag.stage in ("inflate", "hold")
        self._said = self._said or bench.watches[self._place].rests
        if squeezing:
            if self._stage == "rest":
                self._peak_mmhg = 0.0
            self._stage = "squeeze"
            self._off_mmhg = mmhg - (bag.setpoint_mmhg or 0.0)
            self._peak_mmhg = max(self._peak_mmhg, mmhg - bag.plateau_mmhg)
        elif self._stage == "squeeze":
            self._stage = "rest"
            feet = all(bench.plant.feet.values())
            yield Squeezed(self._off_mmhg, self._peak_mmhg, self._said, feet, self._where)
            self._said = False


def fill_s(control: type[AirControl], seed: int | None = None) -> float:
    """Seconds from an empty foot bag to 80 mmHg, on a plant of everyday numbers or of one seed."""
    bench = Bench(control, seed or 0)
    if seed is None:
        bench.plant = Plant(bench.machine)
        bench.plant.rail = True
    none: tuple[Order | None, ...] = (None,) * (len(bench.machine.bag) - 1)
    bench.rest(REST_S)
    for tick in range(round(FILLS_WITHIN_S / limits.TICK_S)):
        bench.measure()
        bench.drive((Order((0, 1), "inflate", 1.0, 90.0), *none))
        if bench.plant.bags[0].mmhg >= FULL_MMHG:
            return (tick + 1) * limits.TICK_S
    return FILLS_WITHIN_S


def figures(seconds: float) -> Iterator[Figure]:
    """Takes about ten minutes of one core for all the plants."""
    plants = max(round(PLANTS * min(1.0, seconds / USUAL_SECONDS)), 1)
    seeds = range(FIRST_SEED, FIRST_SEED + plants)
    with ProcessPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        ours = [s for run in pool.map(partial(watch, AirControl), seeds, chunksize=2) for s in run]
        theirs = [s for run in pool.map(partial(watch, OnOff), seeds, chunksize=2) for s in run]
    peer = "on/off, each bag for itself"
    yield Figure(
        f"air: reached or said, {len(ours)} squeezes of {plants} plants from seed {FIRST_SEED}",
        _share(ours, said=True),
        "%",
        "100",
        peer,
        _share(theirs, said=True),
    )
    yield Figure("air: reached", _share(ours), "%", "", peer, _share(theirs))
    for name, share in (("95 %", 0.95), ("the worst", 1.0)):
        yield Figure(
            f"air: overshoot, {name}",
            quantile([squeeze.overshoot_mmhg for squeeze in ours], share),
            "mmHg",
            "≤ 5",
            peer,
            quantile([squeeze.overshoot_mmhg for squeeze in theirs], share),
        )
    yield Figure(
        "air: an everyday foot bag to 80 mmHg", fill_s(AirControl), "s", "about 1.6", peer, fill_s(OnOff)
    )
    few = seeds[:50]
    yield Figure(
        "air: the same on random plants, median",
        median(fill_s(AirControl, seed) for seed in few),
        "s",
        "",
        peer,
        median(fill_s(OnOff, seed) for seed in few),
    )


def _share(squeezes: Sequence[Squeezed], *, said: bool = False) -> float:
    good = sum(squeeze.reached or (said and squeeze.said) for squeeze in squeezes)
    return 100.0 * good / len(squeezes) if squeezes else 0.0
