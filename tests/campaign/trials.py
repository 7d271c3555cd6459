"""Single faults put into a session that uses the part: whether each is found, and in time.

The times are the fault table's where it has some. Where it only says what is compared with what, they are
what a foot can bear or a session can waste.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from msgspec import Struct

from hardware.machine import Machine

HEATS = "relax"
SQUEEZES = "circulation"


class Trial(Struct, frozen=True):
    fault: str
    program: str
    codes: frozenset[str]
    """By which it may be found."""
    within_s: float
    """Of time in which the part is used."""
    amounts: tuple[float | None, ...] = (None,)
    both: bool = False
    """In both sensors of a pad at once."""


def _trial(fault: str, program: str, within_s: float, *codes: str, **more: object) -> Trial:
    return Trial(fault, program, frozenset(codes), within_s, **more)  # type: ignore[arg-type]


_INVALID, _DISAGREE, _STUCK = "pad-sensor-invalid", "pad-sensors-disagree", "pad-sensor-stuck"
_WRONG, _BY_ITSELF, _HOT = "pad-sensors-wrong", "pad-heating-by-itself", "pad-too-hot"
_PRESSURE, _NOT_VENTING, _OVER = "pressure-sensor-invalid", "bag-not-venting", "bag-over-pressure"
_NOT_FILLING, _BLIND = "bag-not-filling", "bag-sensor-blind"
_PAD_CODES = (_INVALID, _DISAGREE, _STUCK, _WRONG, _BY_ITSELF, _HOT, "pad-not-heating")
_FILL_CODES = (_NOT_FILLING, _BLIND)

TRIALS: tuple[Trial, ...] = (
    _trial("sensor-open", HEATS, 6.0, _INVALID),
    _trial("sensor-shorted", HEATS, 6.0, _INVALID),
    _trial("sensor-offset", HEATS, 20.0, _DISAGREE, _INVALID, _HOT, amounts=(-20.0, -6.0, 6.0, 20.0)),
    _trial("sensor-detached", HEATS, 90.0, _DISAGREE, _INVALID, _WRONG),
    _trial("sensor-reversed", HEATS, 180.0, *_PAD_CODES),
    _trial("sensor-frozen", HEATS, 240.0, _STUCK, _DISAGREE, _WRONG),
    _trial("sensor-detached", HEATS, 300.0, *_PAD_CODES, both=True),
    _trial("sensor-frozen", HEATS, 300.0, *_PAD_CODES, both=True),
    _trial("sensor-offset", HEATS, 300.0, *_PAD_CODES, both=True, amounts=(-15.0, -8.0)),
    _trial("heater-stuck-on", HEATS, 300.0, _BY_ITSELF, _HOT, _WRONG),
    _trial("heater-stuck-off", HEATS, 300.0, "pad-not-heating", _WRONG),
    _trial("pressure-open", SQUEEZES, 1.0, _PRESSURE),
    _trial("pressure-shorted", SQUEEZES, 1.0, _PRESSURE, _OVER),
    _trial("pressure-frozen", SQUEEZES, 90.0, _PRESSURE, _NOT_VENTING, _OVER, *_FILL_CODES),
    _trial("pressure-tap-blocked", SQUEEZES, 90.0, _BLIND, _NOT_FILLING, _OVER),
    _trial("valve-stuck-shut", SQUEEZES, 40.0, _NOT_VENTING, _OVER, *_FILL_CODES),
    _trial("valve-stuck-open", SQUEEZES, 90.0, *_FILL_CODES),
    _trial("bag-burst", SQUEEZES, 90.0, *_FILL_CODES),
    _trial("pump-dead", SQUEEZES, 90.0, *_FILL_CODES),
    _trial("adc-dead", SQUEEZES, 1.0, _PRESSURE, _INVALID),
    _trial("stop-pressed", HEATS, 0.15, "emergency-stop"),
    _trial("stop-wire-broken", SQUEEZES, 0.15, "emergency-stop"),
)
SOON_S = 2.0
PARTS = ("pump-dead", "adc-dead", "stop-pressed", "stop-wire-broken")
"""Without a part of their own."""


def possible(machine: Machine) -> list[Trial]:
    """Those that this machine has the parts for: circulation squeezes foot, ankle and calf."""
    squeezed = {bag.zone for bag in machine.bag}
    return [
        trial
        for trial in TRIALS
        if (trial.program != HEATS or machine.pad or trial.fault in PARTS)
        and (trial.program != SQUEEZES or {"foot", "ankle", "calf"} <= squeezed)
    ]


def targets(trial: Trial, machine: Machine, rng: Random) -> list[str]:
    """Where it is put in."""
    if trial.fault in PARTS:
        return [""]
    if trial.program == SQUEEZES:
        return [rng.choice([bag.zone for bag in machine.bag if bag.zone != "heel"])]
    side = rng.choice(machine.pad).side
    if not trial.fault.startswith("sensor-"):
        return [side]
    return [f"{side} {letter}" for letter in ("ab" if trial.both else rng.choice("ab"))]


def heats(trial: Trial) -> bool:
    """Whether only time with this pad's heat on counts."""
    return trial.program == HEATS and trial.fault not in (
        *PARTS,
        *("sensor-open", "sensor-shorted", "sensor-offset", "heater-stuck-on"),
    )


def squeezes(trial: Trial) -> bool:
    """Whether only time counts in which this bag is to be filled."""
    return trial.program == SQUEEZES and trial.within_s > SOON_S


PAD_PAIRS = (
    *(("sensor-frozen", None), ("sensor-detached", None), ("sensor-reversed", None)),
    *(("sensor-offset", -15.0), ("sensor-offset", -6.0), ("sensor-offset", -2.5), ("sensor-offset", 8.0)),
    *(("heater-stuck-on", None), ("sensor-open", None)),
)
BAG_PAIRS = (
    *(("pressure-frozen", None), ("pressure-tap-blocked", None), ("pressure-offset", -60.0)),
    *(("pressure-offset", -20.0), ("valve-stuck-shut", None), ("valve-stuck-open", None)),
    *(("hose-kinked", None), ("bag-leak", 20.0), ("pump-weak", 0.4)),
)


def pair(machine: Machine, rng: Random) -> tuple[str, list[tuple[str, str, float | None]]]:
    """A program and two faults for it, of one pad or one bag: by name, target and amount."""
    squeezed = [bag.zone for bag in machine.bag if bag.zone != "heel"]
    if machine.pad and (not squeezed or rng.random() < 0.6):
        side = rng.choice(machine.pad).side
        letters = rng.sample("ab", 2)
        return HEATS, [
            (name, f"{side} {letter}" if name.startswith("sensor") else side, amount)
            for letter, (name, amount) in zip(letters, rng.choices(PAD_PAIRS, k=2), strict=True)
        ]
    zone = rng.choice(squeezed)
    return SQUEEZES, [
        (name, "" if name.startswith("pump") else zone, amount) for name, amount in rng.sample(BAG_PAIRS, 2)
    ]


def cycle(machine: Machine, rng: Random) -> Iterator[Trial]:
    """All of them again and again, in an order of its own."""
    trials = possible(machine)
    while trials:
        rng.shuffle(trials)
        yield from trials
