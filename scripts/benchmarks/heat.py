"""Heat control against its peers: random machines, rooms and feet, judged by the pads' true temperature.

Each controller gets the same plants, the same readings (ADC word to °C, the mean of both sensors, averaged
between control steps) and the same setpoint, which rises 2 °C a minute from 34 °C. Peers that jump to the
target at once break that rule and are shown apart. A plant that never stays counts as the whole watch.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from importlib.util import find_spec
from random import Random
from statistics import median
from typing import NamedTuple, Protocol

import click
from msgspec.structs import replace

from app.places import ASSETS
from hardware.control.heat import PERIOD_S, HeatControl
from hardware.machine import Machine, Pad, load_machine
from hardware.safety import limits
from hardware.sensors import pad_celsius
from hardware.virtual.plant import Plant, PlantParams
from scripts.benchmarks.figure import Figure, quantile

FIRST_SEED = 50_000
"""None of these was looked at while the gains were chosen."""
PLANTS = 200
USUAL_SECONDS = 30.0
"""Shorter watches are of fewer plants."""
AT_ONCE_SHARE = 0.2
SPREAD = 0.3
TARGETS_C = (38.0, 40.0, 42.0)
WATCH_S = 900.0
BAND_C = 0.5
RIPPLE_S = 180.0
HYSTERESIS_C = 1.0
USUAL = (1.0, 0.1, 0.05)
"""The tuning in simple-pid's own introduction."""

Law = Callable[[float, float], float]
"""A duty from setpoint and measurement in °C, every PERIOD_S."""


class Watched(NamedTuple):
    overshoot_c: float
    """Highest above the target; negative: never got there."""
    highest_c: float
    stay_s: float
    ripple_c: float | None
    """Peak to peak over the last three minutes, None if it had not been in the band a minute before."""


class Controller(Protocol):
    def update(self, target_c: float, measured_c: float, dt_s: float, /) -> float: ...


class Peer:
    """Another control law, with Instep's sampling and, unless ``at_once``, Instep's rising setpoint."""

    def __init__(self, law: Law, *, at_once: bool = False) -> None:
        self._law = law
        self._at_once = at_once
        self._setpoint_c: float | None = None
        self._sampled: list[float] = []
        self._duty = 0.0

    def update(self, target_c: float, measured_c: float, dt_s: float) -> float:
        if self._setpoint_c is None:
            start_c = max(measured_c, limits.PAD_TARGET_MIN_C)
            self._setpoint_c = target_c if self._at_once else min(target_c, start_c)
        self._setpoint_c = min(target_c, self._setpoint_c + limits.HEAT_C_PER_S * dt_s)
        self._sampled.append(measured_c)
        if len(self._sampled) * dt_s >= PERIOD_S - 1e-9:
            mean_c = sum(self._sampled) / len(self._sampled)
            self._duty = self._law(self._setpoint_c, mean_c)
            self._sampled.clear()
        return self._duty


def _simple_pid(gains: tuple[float, float, float]) -> Law:
    from simple_pid import PID  # only the development tools have it, and other subjects do without

    pid = PID(*gains, sample_time=None, output_limits=(0.0, 1.0))

    def law(setpoint_c: float, measured_c: float) -> float:
        pid.setpoint = setpoint_c
        return float(pid(measured_c, dt=PERIOD_S) or 0.0)

    return law


def _on_off() -> Law:
    on = True

    def law(setpoint_c: float, measured_c: float) -> float:
        nonlocal on
        if abs(measured_c - setpoint_c) > HYSTERESIS_C / 2.0:
            on = measured_c < setpoint_c
        return float(on)

    return law


def _ours(pad: Pad) -> Controller:
    return HeatControl(pad)


def _same_gains(pad: Pad, at_once: bool = False) -> Controller:
    return Peer(_simple_pid((pad.gains.kp, pad.gains.ki, pad.gains.kd)), at_once=at_once)


def _usual_gains(_pad: Pad, at_once: bool = False) -> Controller:
    return Peer(_simple_pid(USUAL), at_once=at_once)


def _switched(_pad: Pad, at_once: bool = False) -> Controller:
    return Peer(_on_off(), at_once=at_once)


PEERS: dict[str, Callable[..., Controller]] = {
    "simple-pid, same gains": _same_gains,
    "simple-pid, usual gains": _usual_gains,
    "on/off, 1 °C": _switched,
}


@cache
def _machine() -> Machine:
    """The reference machine with one pad and nothing else: the rest has no part in it."""
    machine = load_machine(ASSETS / "machines" / "reference.toml")
    return replace(machine, motor=(), bag=(), pump=None, pad=machine.pad[:1])


def watch(make: Callable[[Pad], Controller], seed: int) -> Watched:
    """One controller on the plant of one seed, from a pad at room temperature."""
    machine = _machine()
    pad = machine.pad[0]
    target_c = TARGETS_C[seed % len(TARGETS_C)]
    plant = Plant(machine, PlantParams.random(Random(seed), SPREAD), seed)
    plant.rail = True
    controller = make(pad)
    first, second = pad.channels
    true_c: list[float] = []
    for _ in range(round(WATCH_S / limits.TICK_S)):
        a = pad_celsius(plant.adc_code(first), machine)
        b = pad_celsius(plant.adc_code(second), machine)
        duty = 0.0 if a is None or b is None else controller.update(target_c, (a + b) / 2.0, limits.TICK_S)
        plant.heater_duty[0] = duty
        plant.step(limits.TICK_S)
        true_c.append(plant.pads[0].celsius)
    return judge(true_c, target_c)


def judge(true_c: Sequence[float], target_c: float) -> Watched:
    """What a run was like, from the pad's true temperature at every tick."""
    outside = next(
        (i + 1 for i in reversed(range(len(true_c))) if abs(true_c[i] - target_c) > BAND_C),
        0,
    )
    stay_s = outside * limits.TICK_S
    last = true_c[-round(RIPPLE_S / limits.TICK_S) :]
    settled = stay_s <= WATCH_S - RIPPLE_S - 60.0
    highest_c = max(true_c)
    ripple_c = max(last) - min(last) if settled else None
    return Watched(highest_c - target_c, highest_c, stay_s, ripple_c)


def figures(seconds: float) -> Iterator[Figure]:
    """Takes two to three minutes of one core for all the plants. Raises ClickException without simple-pid."""
    if find_spec("simple_pid") is None:
        raise click.ClickException("heat is compared with simple-pid: run scripts/setup test")
    plants = round(PLANTS * min(1.0, seconds / USUAL_SECONDS))
    seeds = range(FIRST_SEED, FIRST_SEED + plants)
    few = seeds[: round(plants * AT_ONCE_SHARE)]
    of = f"{plants} plants from seed {FIRST_SEED}"
    with ProcessPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        ours = list(pool.map(partial(watch, _ours), seeds, chunksize=4))
        peers = {
            name: list(pool.map(partial(watch, make), seeds, chunksize=4)) for name, make in PEERS.items()
        }
        jumping = {
            name: list(pool.map(partial(watch, partial(make, at_once=True)), few, chunksize=4))
            for name, make in PEERS.items()
        }
    peer = "simple-pid, same gains"
    yield Figure(
        f"heat: overshoot, 95 % of {of}",
        quantile([run.overshoot_c for run in ours], 0.95),
        "°C",
        "≤ 0.5",
        peer,
        quantile([run.overshoot_c for run in peers[peer]], 0.95),
    )
    yield Figure(
        "heat: highest pad temperature",
        max(run.highest_c for run in ours),
        "°C",
        "≤ 43.0",
        peer,
        max(run.highest_c for run in peers[peer]),
    )
    yield Figure("heat: ripple, the worst", _ripple(ours), "°C", "≤ 0.3", peer, _ripple(peers[peer]))
    stay_s = median(run.stay_s for run in ours)
    for name, runs in peers.items():
        yield Figure(
            "heat: time to stay within 0.5 °C, median",
            stay_s,
            "s",
            "ratio < 1",
            name,
            median(run.stay_s for run in runs),
        )
    stay_s = median(run.stay_s for run in ours[: len(few)])
    for name, runs in jumping.items():
        yield Figure(
            f"heat: the same, first {len(few)}",
            stay_s,
            "s",
            "",
            f"{name}, no rise limit",
            median(run.stay_s for run in runs),
        )
    yield Figure(
        f"heat: not within 0.5 °C for good in {WATCH_S / 60:.0f} min",
        float(_never(ours)),
        "plants",
        "",
        peer,
        float(_never(peers[peer])),
    )


def _never(runs: Sequence[Watched]) -> int:
    return sum(run.stay_s >= WATCH_S for run in runs)


def _ripple(runs: Sequence[Watched]) -> float:
    """The worst of those that settled; 0 when none did."""
    return max((run.ripple_c for run in runs if run.ripple_c is not None), default=0.0)
