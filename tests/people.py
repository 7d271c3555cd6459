"""What people press, at random: the one home of random commands for property tests and campaign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, TypeVar, get_args

from msgspec.structs import replace

from app.household.screening import QUESTIONS, ask_your_doctor
from hardware.machine import Machine
from hardware.messages import (
    Acknowledge,
    Alive,
    CheckItself,
    Drive,
    EndPreheat,
    EngineCommand,
    JustRight,
    KeepGains,
    Linger,
    Pain,
    Pause,
    Preheat,
    Resume,
    Rezero,
    SetBalance,
    SetBoost,
    SetHeat,
    SetIntensity,
    SetMinutes,
    SkipTo,
    Start,
    Stop,
    TooStrong,
    Tune,
)
from hardware.program import Program
from hardware.safety import limits
from hardware.safety.locks import NO_LOCKS, Locks
from hardware.words import KINDS, ZONES, Kind, Side

PEOPLE = ("ann", "ben")
Again = TypeVar("Again", CheckItself, Preheat, Tune, Drive)
SIDES: tuple[Side, ...] = get_args(Side)
RARELY = 0.05


def wants(rng: Random, person: str | None, programs: Mapping[str, Program]) -> Start:
    """A session as somebody has it who likes it long and warm, within what its program offers."""
    program = programs[rng.choice(sorted(programs))]
    return Start(
        program=program.id,
        minutes=rng.choice((max(program.minutes), max(program.minutes), rng.choice(sorted(program.minutes)))),
        intensity=rng.randint(3, 10),
        heat_c=rng.choice((limits.PAD_TARGET_MAX_C, rng.uniform(39.0, 42.0), None)),
        person=person,
        answers=() if person is None else None,
    )


def start(rng: Random, programs: Mapping[str, Program]) -> Start:
    """A session as somebody may ask for it; now and then one that the program does not offer."""
    person = rng.choice((None, *PEOPLE))
    return Start(
        program=rng.choice(sorted(programs)),
        minutes=rng.randint(5, 30),
        intensity=rng.randint(1, 10),
        heat_c=_heat_c(rng),
        feet=rng.choice(("both", "both", "left", "right")),
        person=person,
        answers=_answers(rng) if person is None or rng.random() < RARELY else None,
    )


def _answers(rng: Random) -> tuple[str, ...] | None:
    """What a guest says on their card: mostly nothing, now and then anything; rarely it was not shown."""
    if rng.random() < RARELY:
        return None
    ids = [question.id for question in QUESTIONS]
    return () if rng.random() < 0.6 else tuple(rng.sample(ids, rng.randint(1, 2)))


def change(rng: Random) -> EngineCommand:
    """What may be pressed while a session is there, whether it makes sense then or not."""
    return rng.choice(_CHANGES)(rng)


def end(rng: Random) -> EngineCommand:
    return rng.choice((Stop(), Pain()))


def press(rng: Random, state: str, programs: Mapping[str, Program]) -> EngineCommand:
    """What somebody who wants a massage presses next in this state of the machine."""
    if state == "fault":
        return Acknowledge()
    if state in ("running", "paused"):
        if state == "paused" and rng.random() < 0.7:
            return Resume()
        return end(rng) if rng.random() < RARELY else change(rng)
    if state == "preheating" and rng.random() < 0.5:
        return EndPreheat()
    return start(rng, programs)


def locks(rng: Random) -> Locks:
    """What a person's answers may forbid (S14)."""
    if rng.random() < 0.5:
        return NO_LOCKS
    kinds: list[Kind] = [kind for kind in KINDS if rng.random() < 0.3]
    return Locks(
        refuse=ask_your_doctor() if rng.random() < RARELY else None,
        max_minutes=rng.choice((10, 20, 30)),
        max_intensity=rng.randint(2, 10),
        max_squeeze_mmhg=rng.choice((30.0, 45.0, 60.0, limits.BAG_TARGET_MAX_MMHG)),
        max_levels={kind: rng.choice((0.0, 2.0, 5.0)) for kind in kinds},
        left_out=frozenset(zone for zone in ZONES if rng.random() < 0.15),
    )


def check(rng: Random) -> CheckItself:
    return CheckItself(**_seated(rng))


def preheat(rng: Random) -> Preheat:
    """The pads warmed for whoever gets ready."""
    return Preheat(feet=rng.choice(("both", "both", "left", "right")), **_seated(rng))


def tune(rng: Random) -> Tune:
    return Tune(side=rng.choice(SIDES), target_c=rng.choice((25.0, 38.0, 38.0, 40.0)), **_seated(rng))


def for_another(rng: Random, asked: Again) -> Again:
    """The same thing, asked for once more by whoever comes along."""
    return replace(asked, **_seated(rng))


def drive(rng: Random, machine: Machine) -> Drive:
    """An output held by hand; now and then one that there is not."""
    at = rng.choice((0, 0, 1, 1, rng.randint(0, 5), rng.choice((7, 31))))
    layout = machine.layout
    family = machine.outputs[rng.choice((layout.motors, layout.valves, layout.pads))]
    output = family[at].key if at < len(family) else f"no-such-output.{at}"
    return Drive(output=output, no_feet=rng.random() < 0.2, **_seated(rng))


def anything(rng: Random, programs: Mapping[str, Program], machine: Machine) -> EngineCommand:
    """Any command with anything in it that the link lets through."""
    return rng.choice(_ANYTHING)(rng, programs, machine)


def _seated(rng: Random) -> dict[str, Any]:
    """Who sits there as they say: a person of the house, a guest, rarely what contradicts itself."""
    person = rng.choice((None, None, *PEOPLE, "nobody-knows.them"))
    return {"person": person, "answers": _answers(rng) if person is None or rng.random() < RARELY else None}


def _heat_c(rng: Random) -> float | None:
    return rng.choice((None, rng.uniform(limits.PAD_TARGET_MIN_C, limits.PAD_TARGET_MAX_C)))


_CHANGES: tuple[Callable[[Random], EngineCommand], ...] = (
    lambda rng: SetIntensity(level=rng.randint(1, 10)),
    lambda rng: SetIntensity(level=rng.randint(1, 10)),
    lambda rng: SetBalance(kind=rng.choice(KINDS), balance=rng.choice(("off", "soft", "normal", "strong"))),
    lambda rng: SetBoost(zone=rng.choice((None, *ZONES))),
    lambda rng: SetHeat(heat_c=_heat_c(rng)),
    lambda rng: SetMinutes(minutes=rng.randint(5, 30)),
    lambda rng: SkipTo(phase=rng.randint(0, 6)),
    lambda _: Pause(),
    lambda _: Resume(),
    lambda _: TooStrong(),
    lambda _: Linger(),
    lambda _: JustRight(),
    lambda _: JustRight(),
    lambda _: Acknowledge(),
)

_ANYTHING: tuple[Callable[[Random, Mapping[str, Program], Machine], EngineCommand], ...] = (
    lambda rng, programs, _: start(rng, programs),
    lambda rng, *_: Start(program="no such thing", minutes=30, intensity=10, heat_c=42.0, answers=()),
    lambda rng, *_: change(rng),
    lambda rng, *_: change(rng),
    lambda rng, *_: change(rng),
    lambda rng, *_: SkipTo(phase=rng.choice((0, 99, rng.randint(0, 9)))),
    lambda rng, *_: SetMinutes(minutes=rng.choice((5, 30))),
    lambda rng, *_: SetIntensity(level=rng.choice((1, 10))),
    lambda rng, *_: end(rng),
    lambda rng, *_: Alive(),
    lambda rng, *_: check(rng),
    lambda rng, *_: preheat(rng),
    lambda rng, *_: preheat(rng),
    lambda *_: EndPreheat(),
    lambda rng, *_: tune(rng),
    lambda rng, _, machine: drive(rng, machine),
    lambda rng, _, machine: drive(rng, machine),
    lambda rng, *_: KeepGains(),
    lambda rng, *_: Rezero(),
)
