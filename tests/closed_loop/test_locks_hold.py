"""S14 as the plant feels it: what a person's answers lock holds against every wish of theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from app.household.screening import (
    FEELING_KNEAD,
    FIRST_INTENSITY,
    FIRST_MINUTES,
    QUESTIONS,
    SQUEEZE_MMHG,
    TICKLISH_KNEAD,
    TICKLISH_MMHG,
    Question,
    locks_of,
    rested,
)
from hardware.board.interface import all_off
from hardware.machine import Machine
from hardware.messages import (
    CheckItself,
    Drive,
    Preheat,
    SetBalance,
    SetBoost,
    SetHeat,
    SetIntensity,
    SetMinutes,
    SkipTo,
    Start,
    Tune,
)
from hardware.program import Program
from hardware.safety.locks import Locks
from hardware.words import KINDS, ZONES, Zone
from tests.rig import Rig

RAMP_S = 3.0
"""A motor may pass through the light levels on its way up or down, no longer."""
OVERSHOOT_MMHG = 6.0
FIRST_PHASE_S, PHASE_S = 90, 35


def sat_by(machine: Machine, programs: Mapping[str, Program], yes: Collection[str] = (), **more: bool) -> Rig:
    """Anna has these answers; a guest has what the start says."""
    locks = locks_of(yes, **more)

    def locks_for(start: Start) -> Locks:
        return locks if start.person == "anna" else locks_of(start.answers or ())

    return Rig(machine, programs, locks_for=locks_for)


WHO = ("anna", "guest")


def asked_by(who: str, yes: Collection[str]) -> dict[str, Any]:
    """What in a start says who this is: S14 holds for both alike."""
    return {"person": "anna"} if who == "anna" else {"answers": tuple(yes)}


def ask_for_everything(rig: Rig) -> None:
    """All that a person could press to have more."""
    for kind in KINDS:
        rig.give(SetBalance(kind=kind, balance="strong"))
    for level in range(1, 11):
        rig.give(SetIntensity(level=level))
    rig.give(SetHeat(heat_c=42.0))
    rig.give(SetMinutes(minutes=30))


def each_phase(rig: Rig) -> Iterator[int]:
    """The seconds of a session that looks into every phase, into the first until the level has risen."""
    phases = len(rig.programs[rig.session.program.id].phase)
    for second in range(FIRST_PHASE_S + PHASE_S * (phases - 1)):
        if second >= FIRST_PHASE_S and (second - FIRST_PHASE_S) % PHASE_S == 0:
            assert rig.give(SkipTo(phase=1 + (second - FIRST_PHASE_S) // PHASE_S)).ok
        yield second


def duty(machine: Machine, index: int, level: float) -> float:
    motor = machine.motor[index]
    return motor.duty_at_1 + (motor.duty_at_10 - motor.duty_at_1) * (level - 1) / 9


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("question", [q for q in QUESTIONS if q.effect == "refuse"], ids=lambda q: q.id)
def test_s14_who_should_ask_a_doctor_gets_no_session(
    machine: Machine, programs: Mapping[str, Program], question: Question, who: str
) -> None:
    rig = sat_by(machine, programs, [question.id]).ready()
    reply = rig.give(Start(program="relax", minutes=10, intensity=1, **asked_by(who, [question.id])))
    assert not reply.ok
    assert "doctor" in str(reply.reason)
    assert rig.engine.state == "idle"


def test_s14_a_guest_who_was_not_asked_gets_no_session(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = Rig(machine, programs).ready()  # whatever its locks: this one would forbid nothing
    reply = rig.give(Start(program="relax", minutes=10, intensity=1))
    assert not reply.ok
    assert "questions" in str(reply.reason)
    unknown = Rig(machine, programs, locks_for=lambda start: locks_of(start.answers or ())).ready()
    assert "doctor" in str(
        unknown.give(Start(program="relax", minutes=10, intensity=1, answers=("no-such-question",))).reason
    )
    for each in (rig, unknown):
        assert each.engine.state == "idle"


def test_s15_a_persons_answers_do_not_come_with_the_start(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = sat_by(machine, programs, ["fever"]).ready()
    reply = rig.give(Start(program="relax", minutes=10, intensity=1, person="anna", answers=()))
    assert not reply.ok
    assert "kept with them" in str(reply.reason)
    assert rig.engine.state == "idle"


@pytest.mark.parametrize(
    ("program", "who", "yes"),
    [
        ("arch", "anna", "feeling"),
        ("circulation", "guest", "feeling"),
        ("circulation", "guest", "thinners"),
        ("arch", "anna", "veins"),
        ("circulation", "guest", "veins"),
        ("circulation", "anna", "pregnant"),
        ("arch", "guest", "implant"),
        ("circulation", "anna", "flare"),
    ],
)
def test_s14_nothing_that_is_pressed_gets_past_an_answer(
    machine: Machine, programs: Mapping[str, Program], program: str, who: str, yes: str
) -> None:
    locks = locks_of([yes])
    rig = sat_by(machine, programs, [yes])
    rig.start(program, minutes=15, intensity=min(10, locks.max_intensity), **asked_by(who, [yes]))
    calf = next(i for i, bag in enumerate(machine.bag) if bag.zone == "calf")
    knead = [i for i, motor in enumerate(machine.motor) if motor.kind == "knead"]
    vibrate = [i for i, motor in enumerate(machine.motor) if motor.kind == "vibrate"]
    highest = 0.0
    for second in each_phase(rig):
        if second % 60 == 5:
            ask_for_everything(rig)
            rig.give(SetBoost(zone=ZONES[second // 60 % len(ZONES)]))
        rig.wait(1.0)
        assert rig.session.intensity <= locks.max_intensity
        assert rig.session.level.value <= locks.max_intensity
        highest = max(highest, *rig.plant.bag_mmhg)
        if "calf" in locks.left_out:
            assert rig.plant.bag_mmhg[calf] < 3, "no air came into it"
        if locks.forbids("heat"):
            assert rig.heaters == (0.0, 0.0)
        if locks.forbids("vibrate"):
            assert not any(rig.plant.motor_duty[i] for i in vibrate)
        if "knead" in locks.max_levels:
            for index in knead:
                assert rig.plant.motor_duty[index] <= duty(machine, index, FEELING_KNEAD) + 1e-6
    assert highest > 15, "there was a massage"
    if locks.max_squeeze_mmhg == SQUEEZE_MMHG:
        assert highest < SQUEEZE_MMHG + OVERSHOOT_MMHG


def test_s14_a_first_session_stays_ten_minutes_and_level_four(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = sat_by(machine, programs, first=True).ready()
    asked = {"program": "relax", "heat_c": 38.0, "person": "anna"}
    assert not rig.give(Start(minutes=15, intensity=4, **asked)).ok  # type: ignore[arg-type]
    assert not rig.give(Start(minutes=10, intensity=5, **asked)).ok  # type: ignore[arg-type]
    rig.start("relax", minutes=10, intensity=4, person="anna")
    ask_for_everything(rig)
    view = rig.session.view(rig.now)
    assert (view.max_minutes, view.max_intensity) == (FIRST_MINUTES, FIRST_INTENSITY)
    assert (view.minutes, view.intensity) == (FIRST_MINUTES, FIRST_INTENSITY)
    rig.until(lambda: rig.engine.session is None, FIRST_MINUTES * 60 + 5)


def test_s14_the_next_person_is_not_held_by_the_last_ones_answers(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = sat_by(machine, programs, ["flare"]).ready()
    assert not rig.give(Start(program="relax", minutes=10, intensity=5, person="anna")).ok
    assert rig.give(Start(program="relax", minutes=10, intensity=5, answers=())).ok


@pytest.mark.parametrize("zone", ["foot", "sole", "heel"])
def test_s14_where_it_hurts_nothing_works_however_it_is_asked_for(
    machine: Machine, programs: Mapping[str, Program], zone: Zone
) -> None:
    locks = rested(locks_of(()), {zone})
    rig = Rig(machine, programs, locks_for=lambda _start: locks).start("arch", intensity=6)
    assert not rig.give(SetBoost(zone=zone)).ok
    motors = [i for i, motor in enumerate(machine.motor) if motor.zone == zone]
    bags = [i for i, bag in enumerate(machine.bag) if bag.zone == zone]
    worked = 0.0
    for second in each_phase(rig):
        if second % 60 == 5:
            ask_for_everything(rig)
        rig.wait(1.0)
        assert not any(rig.plant.motor_duty[i] for i in motors)
        assert all(rig.plant.bag_mmhg[i] < 3 for i in bags)
        if zone == "sole":
            assert rig.heaters == (0.0, 0.0), "the pads lie under it"
        worked = max(worked, *rig.plant.bag_mmhg)
    assert worked > 15, "the rest was massaged"


def test_s14_a_program_that_works_nowhere_else_does_not_begin(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    everywhere = rested(locks_of(()), set(ZONES))
    rig = Rig(machine, programs, locks_for=lambda _start: everywhere).ready()
    reply = rig.give(Start(program="relax", minutes=10, intensity=2, answers=()))
    assert not reply.ok
    assert rig.engine.state == "idle"


@pytest.mark.parametrize("program", ["heel", "relax"])
def test_ticklish_feet_feel_no_light_touch(
    machine: Machine, programs: Mapping[str, Program], program: str
) -> None:
    rig = sat_by(machine, programs, ticklish=True).start(program, intensity=5, minutes=10, person="anna")
    light = [i for i, motor in enumerate(machine.motor) if motor.kind in ("roll", "vibrate")]
    knead = [i for i, motor in enumerate(machine.motor) if motor.kind == "knead"]
    ticks, kneaded, firmest = 0, False, 0.0
    for _ in rig.run(10 * 60 - 5):
        assert not any(rig.plant.motor_duty[i] for i in light)
        soft = [i for i in knead if 0 < rig.plant.motor_duty[i] < duty(machine, i, TICKLISH_KNEAD) - 0.005]
        ticks = ticks + 1 if soft else 0
        assert ticks * 0.05 < RAMP_S
        kneaded = kneaded or any(rig.plant.motor_duty[i] > 0 for i in knead)
        firmest = max(firmest, *rig.plant.bag_mmhg)
    assert kneaded or program == "relax"
    assert firmest > TICKLISH_MMHG - 3


def test_ticklish_feet_are_squeezed_firmly_at_the_lowest_intensity(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = sat_by(machine, programs, ticklish=True).start("circulation", intensity=1, person="anna")
    squeezes: list[float] = []
    rig.wait(150)
    for _ in rig.run(60):
        targets = [bag.target_mmhg for bag in rig.engine.snapshot().bags if bag.target_mmhg]
        squeezes += targets
    assert squeezes
    # Up the leg a bag gives way to the one below it; the foot's is never soft.
    assert max(squeezes) >= TICKLISH_MMHG - 0.5


@pytest.mark.parametrize(
    "asked",
    [Drive(output="pad.left"), Drive(output="valve.calf"), Preheat(), Tune(side="left"), CheckItself()],
    ids=lambda asked: type(asked).__name__,
)
@pytest.mark.parametrize(
    ("then", "goes_on"),
    [
        ({"person": "anna"}, True),
        ({"person": "ben"}, True),
        ({"answers": ()}, True),
        ({"answers": ("fever",)}, False),
        ({"answers": ("feeling", "veins")}, False),
        ({}, False),
        ({"person": "anna", "answers": ()}, False),
    ],
    ids=str,
)
def test_s14_what_is_asked_for_once_more_is_for_whoever_sits_there_now(
    machine: Machine,
    programs: Mapping[str, Program],
    asked: Drive | Preheat | Tune | CheckItself,
    then: dict[str, Any],
    goes_on: bool,
) -> None:
    rig = Rig(machine, programs, locks_for=lambda seated: locks_of(seated.answers or ())).ready()
    anna = replace(asked, person="anna")
    assert rig.give(anna).ok
    rig.wait(0.3)
    assert rig.give(anna).ok, "by the same person with the same answers"
    begun = rig.engine.state
    reply = rig.give(replace(asked, **then))
    assert reply.ok is (then == {"person": "anna"}), "what was begun is the warmth of whom it was begun for"
    assert (rig.engine.state == begun) is goes_on
    if not goes_on:
        assert reply.reason
        for step in rig.run(2.0):
            assert step.outputs == all_off(machine)


def test_s14_a_self_test_that_asks_nothing_forbidden_goes_on(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = Rig(machine, programs, locks_for=lambda seated: locks_of(seated.answers or ()))
    rig.tick()
    assert rig.engine.state == "self-test"
    assert not rig.give(CheckItself(answers=("feeling",))).ok
    assert rig.engine.state == "self-test", "it only looks at its sensors"
