"""Pads that are warmed while somebody gets ready: how warm, how long, for whom, and all that ends it (S2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from msgspec.structs import replace

from hardware.machine import Machine
from hardware.messages import Alive, EndPreheat, EngineCommand, Pain, Preheat, Reply, Start, Stop
from hardware.program import Program
from hardware.safety import limits
from hardware.safety.allowance import HeatAllowance, person_key
from hardware.safety.locks import NO_LOCKS, Locks
from hardware.safety.memory import FRESH, Memory, Recalled
from hardware.senders import Given, Sender
from hardware.service.preheat import AGAIN_S, Preheating
from tests.rig import LONG_S, SCREEN, TERMINAL, Rig

ANN = Preheat(person="ann")
GUEST = Preheat(answers=())
START = Start(program="relax", minutes=10, intensity=3, heat_c=39.0, person="ann")
OTHER = Sender("screen", "s2")
NO_HEAT = Locks(max_levels={"heat": 0.0})


@pytest.fixture
def rig(machine: Machine, programs: Mapping[str, Program]) -> Rig:
    return Rig(
        machine, programs, locks_for=lambda seated: NO_HEAT if seated.person == "ben" else NO_LOCKS
    ).ready()


def watched(rig: Rig, seconds: float, dt_s: float = LONG_S) -> None:
    """Time with somebody at the screen."""
    for _ in range(round(seconds / dt_s)):
        rig.tick(Alive(), dt_s=dt_s)


def warms(rig: Rig) -> bool:
    return any(rig.plant.heater_duty)


def test_it_warms_a_little_for_three_minutes_and_ends_by_itself(rig: Rig) -> None:
    assert rig.give(ANN).ok
    watched(rig, 1.0)
    pins = rig.board.wiring.duties
    heaters = {pad.pin for pad in rig.machine.pad}
    assert {pin for pin in rig.machine.power_pins() if pins[pin] > 0} == heaters
    assert rig.engine.memory.may_heat((person_key("ann"),), rig.now), "its beginning is on the disk"
    assert rig.kept.in_use, "somebody sits there"
    watched(rig, 177.0)
    view = rig.engine.snapshot().preheat
    assert view is not None
    assert (round(view.left_s), view.feet, view.person) == (2, "both", "ann")
    assert all(pad.target_c == limits.PREHEAT_C for pad in rig.engine.snapshot().pads)
    assert warms(rig)
    watched(rig, 3.0)
    assert not warms(rig)
    assert rig.engine.state == "idle"
    assert rig.engine.snapshot().preheat is None
    assert all(33.0 < celsius < 35.0 for celsius in rig.plant.pad_c)
    assert 170.0 < limits.HEAT_MAX_S - rig.engine.allowance.left_s("ann") < 182.0, "S5: it is her heat"
    refused = rig.give(replace(ANN, person="eve"))
    assert "just now" in str(refused.reason), "whoever asks"
    assert rig.engine.state == "idle"


def test_s5_it_ends_with_what_is_left_of_a_persons_heat(rig: Rig) -> None:
    rig.engine.allowance.ledger.use(person_key("ann"), limits.HEAT_MAX_S - 10.0)
    assert rig.give(ANN).ok
    watched(rig, 9.0)
    assert warms(rig)
    watched(rig, 2.0)
    assert rig.engine.state == "idle"
    assert "used up" in str(rig.give(ANN).reason)


def test_it_has_three_minutes_however_often_it_is_begun_until_ten_have_gone(machine: Machine) -> None:
    preheating = Preheating(machine, HeatAllowance(machine, FRESH))
    for at_s in (0.0, 540.0 + AGAIN_S):
        preheating.begin("both", None, NO_LOCKS, at_s)
        preheating.end(at_s + 100.0)
        assert preheating.left_s(at_s + 100.0) == preheating.left_s(at_s + 99.0 + AGAIN_S) == 80.0
        preheating.begin("left", None, NO_LOCKS, at_s + 500.0)
        assert preheating.left_s(at_s + 530.0) == 50.0
        preheating.end(at_s + 540.0)
        preheating.end(at_s + 600.0)
        assert preheating.left_s(at_s + 541.0) == 40.0
        assert preheating.left_s(at_s + 540.0 + AGAIN_S) == limits.PREHEAT_S


def ends(rig: Rig, how: str) -> None:
    """What ends it, up to the tick in which nothing may be on any more."""
    commands: dict[str, EngineCommand] = {"stop": Stop(), "pain": Pain(), "page": EndPreheat()}
    match how:
        case "screen":
            rig.wait(limits.SCREEN_PAUSE_S + limits.TICK_S)
        case "another's life":
            rig.others = (OTHER,)
            rig.wait(limits.SCREEN_PAUSE_S + limits.TICK_S)
        case "late":
            rig.tick(Alive(), dt_s=0.5)
            rig.tick(Alive())
        case "contact":
            rig.plant.stop_pressed = True
            rig.tick(Alive())
            rig.plant.stop_pressed = False
        case "pins":
            rig.cut = True
            rig.tick(Alive())
            rig.cut = False
            rig.tick(Alive())
        case "restart":
            rig.restart(0.5)
            rig.tick(Alive())
        case _:
            rig.tick(Alive(), commands[how])


@pytest.mark.parametrize(
    "how", ["stop", "pain", "page", "screen", "another's life", "late", "contact", "pins", "restart"]
)
def test_s2_whatever_ends_it_it_does_not_go_on_by_itself(rig: Rig, how: str) -> None:
    assert rig.give(ANN).ok
    watched(rig, 10.0)
    assert warms(rig)
    ends(rig, how)
    for _ in range(40):
        assert not warms(rig)
        assert rig.engine.state != "preheating"
        rig.tick(Alive())


def test_a_session_begins_straight_from_it_and_its_pads_stay_warm(rig: Rig) -> None:
    assert rig.give(ANN).ok
    watched(rig, 100.0)
    before_c = rig.plant.pad_c
    assert rig.give(START).ok
    assert rig.engine.state == "running"
    assert warms(rig), "in the very tick"
    assert rig.engine.snapshot().preheat is None
    rig.wait(20.0)
    assert all(now_c > then_c for now_c, then_c in zip(rig.plant.pad_c, before_c, strict=True))
    rig.give(Stop())
    rig.wait(5.0)
    assert rig.give(ANN).ok
    assert rig.engine.preheating.left_s(rig.now) < 81.0


def test_only_who_had_it_warmed_goes_on_from_it(rig: Rig) -> None:
    assert rig.give(ANN).ok
    busy = rig.tick(Alive(), Given(START, OTHER)).replies[1]
    assert "Stop that first" in str(busy.reason)
    assert rig.engine.state == "preheating"
    no_such = rig.give(replace(START, minutes=7))
    assert not no_such.ok
    assert rig.engine.state == "preheating", "S15: it stays as it was"
    assert not rig.give(replace(START, minutes=7, person="ben")).ok
    assert rig.engine.state == "stopping", "S14: it may be his foot"


def test_whose_heat_is_locked_begins_from_it_without(rig: Rig) -> None:
    assert rig.give(ANN).ok
    watched(rig, 5.0)
    assert rig.give(replace(START, person="ben")).ok
    assert not warms(rig)


def test_other_feet_are_warmed_from_then_on(rig: Rig) -> None:
    assert rig.give(ANN).ok
    watched(rig, 1.0)
    assert rig.give(replace(ANN, feet="right")).ok
    assert [duty > 0 for duty in rig.plant.heater_duty] == [False, True]
    assert rig.engine.snapshot().preheat.feet == "right"  # type: ignore[union-attr]


Refused = Callable[[Rig], Reply]


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        (lambda rig: rig.give(replace(ANN, person="ben")), "answers about your health"),
        (lambda rig: rig.give(Preheat()), "questions"),
        (lambda rig: rig.tick(Given(ANN, TERMINAL)).replies[0], "own screen"),
        (lambda rig: rig.tick(Given(ANN, Sender("outside", "o1"))).replies[0], "own screen"),
        (lambda rig: rig.start("relax") and rig.give(ANN), "running"),
        (lambda rig: rig.engine.allowance.ledger.spend_all() or rig.give(ANN), "used up"),
    ],
)
def test_why_it_does_not_begin(rig: Rig, ask: Refused, why: str) -> None:
    refused = ask(rig)
    assert not refused.ok
    assert why in str(refused.reason)
    assert rig.engine.state != "preheating"


def test_a_machine_without_a_pad_there_warms_nobody(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = Rig(replace(machine, pad=machine.pad[:1]), programs).ready()
    assert "no pad" in str(rig.give(replace(GUEST, feet="right")).reason)
    assert rig.engine.state == "idle"
    assert rig.give(GUEST).ok
    watched(rig, 1.0)
    assert "no pad" in str(rig.give(replace(GUEST, feet="right")).reason)
    assert not warms(rig), "nobody wants the left one any more"


def test_what_the_self_test_found_wanting_is_not_warmed(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    recalled = Recalled(Memory(finding_heat="The left pad does not follow its output.", in_use=True), 30.0)
    rig = Rig(machine, programs, recalled=recalled).ready()
    assert "cannot be used now" in str(rig.give(GUEST).reason)


def test_the_watch_sees_to_it_as_in_a_session(rig: Rig) -> None:
    assert rig.give(ANN).ok
    watched(rig, 20.0)
    rig.plant.faults.put("sensor-offset", "left a", 8.0)
    watched(rig, 15.0, limits.TICK_S)
    assert rig.engine.state == "fault"
    assert not warms(rig)


def test_a_pad_that_was_given_up_in_it_rests_in_the_session_that_follows(rig: Rig) -> None:
    for sensor in ("left a", "left b"):
        rig.plant.faults.put("sensor-detached", sensor)
    assert rig.give(ANN).ok
    watched(rig, 170.0)
    assert [fault["code"] for fault in rig.noted("fault")] == ["pad-not-heating"]
    assert rig.engine.state == "preheating", "the other pad is warmed"
    assert rig.give(START).ok
    assert [duty > 0 for duty in rig.plant.heater_duty] == [False, True]


def test_s13_it_waits_for_the_disk(rig: Rig) -> None:
    rig.disk_works = False
    assert rig.tick(Given(ANN, SCREEN)).replies[0].ok
    watched(rig, 5.0)
    assert rig.engine.state == "preheating"
    assert not warms(rig)
    rig.disk_works = True
    watched(rig, 0.5)
    assert warms(rig)
