"""S5 and S13: what safety remembers across sessions, restarts and pulled plugs, told from pins and pads."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hardware.machine import Machine
from hardware.messages import Acknowledge, CheckItself, Drive, Start, Stop, Tune
from hardware.program import Program
from hardware.safety import limits
from hardware.safety.allowance import HeatAllowance
from hardware.safety.heat_ledger import WINDOW_S, HeatLedger
from hardware.safety.locks import NO_LOCKS, Locks
from hardware.safety.memory import LOST_S, UNWRITTEN_S, Latched, Memory, Recalled
from hardware.service.pulses import pads_swapped
from hardware.virtual.plant import PlantParams
from hardware.words import Zone
from tests.rig import LONG_S, TERMINAL, Rig
from tests.truth import Truth


@pytest.fixture
def rig(machine: Machine, programs: Mapping[str, Program]) -> Rig:
    return Rig(machine, programs)


def warm(rig: Rig) -> bool:
    return any(rig.plant.heater_duty)


def warm_c(rig: Rig) -> float:
    return min(rig.plant.pad_c)


# --- the ledger --------------------------------------------------------------------------------------


def test_the_ledger_forgets_after_an_hour_and_never_before() -> None:
    ledger = HeatLedger()
    for _ in range(90):
        ledger.advance(10.0)
        ledger.use("pad.left", 10.0)
    assert ledger.used_s("pad.left") == pytest.approx(900)
    ledger.advance(WINDOW_S - 900.0)
    assert ledger.used_s("pad.left") == pytest.approx(900, abs=1e-6)
    ledger.advance(450.0)
    assert 450.0 <= ledger.used_s("pad.left") <= 510.0
    ledger.advance(600.0)
    assert ledger.used_s("pad.left") == 0.0
    assert ledger.uses() == {}


def test_what_is_not_known_is_spent_for_an_hour_of_running() -> None:
    ledger = HeatLedger(clock_s=1000.0)
    ledger.spend_all()
    assert ledger.used_s("pad.left") == WINDOW_S
    ledger.advance(WINDOW_S + 1)
    assert ledger.used_s("pad.left") == 0.0


# --- S5 over sessions and restarts -------------------------------------------------------------------


def used(**seconds: float) -> Memory:
    """A memory in which so much was used within the last twenty minutes."""
    minutes = range(40, 60)
    return Memory(
        clock_s=3600.0,
        heat={
            key.replace("_", "."): tuple((at, total / len(minutes)) for at in minutes)
            for key, total in seconds.items()
        },
    )


def test_s5_the_hottest_setting_goes_down_in_time_whatever_was_before_it(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    """The sessions before were somebody else's, and the controller was started anew since."""
    before_s = 240.0
    recalled = Recalled(used(pad_left=before_s, pad_right=before_s), 30.0)
    rig = Rig(machine, programs, params=PlantParams(room_c=28.0), seed=3, recalled=recalled).ready()
    for pad, side in zip(rig.plant.pads, ("left", "right"), strict=True):
        pad.celsius, rig.plant.skin_c[side] = 30.0, 35.0
    rig.wait(30)
    truth = Truth(rig)
    assert rig.give(Start(program="relax", minutes=15, intensity=1, heat_c=42.0, person="ann")).ok
    truth.check()
    hot_s = 0.0
    for _ in rig.run(11 * 60, LONG_S):
        truth.check()
        hot_s += LONG_S * (max(rig.plant.pad_c) >= 41.0)
    assert 30 < hot_s <= limits.PAD_HOT_TARGET_S - before_s
    assert max(rig.plant.pad_c) < 41.0
    assert warm_c(rig) > 37.0, "it stays warm"


def test_s5_a_person_has_half_an_hour_of_heat_in_an_hour_and_guests_are_one(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = Rig(machine, programs, recalled=Recalled(used(guest=1740.0), 30.0))
    rig.start("relax", minutes=15, heat_c=36.0, intensity=1)
    rig.until(lambda: warm(rig), 5)
    rig.wait(62)
    assert not warm(rig), "a minute was left"
    assert "used up" in str(rig.engine.snapshot().notices[0])
    assert rig.engine.session is not None
    rig.give(Stop())
    rig.wait(7)
    assert rig.engine.allowance.left_s("ann") == limits.HEAT_MAX_S, "somebody else has theirs"
    for command in (Drive(output="pad.left", answers=()), Tune(side="left", answers=())):
        refused = rig.give(command)
        assert not refused.ok
        assert refused.reason


def test_time_that_nobody_measured_is_no_cooling(machine: Machine) -> None:
    before = used(guest=120.0)
    unknown = HeatAllowance(machine, Recalled(before, None))
    assert unknown.left_s(None) == limits.HEAT_MAX_S - 120
    unknown.was_off(4000.0)
    assert unknown.left_s(None) == limits.HEAT_MAX_S, "once the clock is known it counts"
    assert HeatAllowance(machine, Recalled(before, 4000.0)).left_s(None) == limits.HEAT_MAX_S


def test_heat_that_was_cut_off_unkept_counts_as_the_most_it_can_have_been(machine: Machine) -> None:
    on = Memory(clock_s=0.0, heating=("guest", "pad.left"))
    assert HeatAllowance(machine, Recalled(on, None)).left_s(None) == limits.HEAT_MAX_S - LOST_S
    assert HeatAllowance(machine, Recalled(on, 10.0)).left_s(None) == limits.HEAT_MAX_S - 10


# --- S13: heat waits for the disk --------------------------------------------------------------------


def test_s13_heat_begins_only_once_its_beginning_is_on_the_disk(rig: Rig) -> None:
    rig.disk_works = False
    rig.start("relax", heat_c=40.0)
    rig.wait(20)
    assert not warm(rig)
    assert max(rig.plant.motor_speed) > 0 or max(rig.plant.bag_mmhg) > 0, "the rest goes on"
    rig.disk_works = True
    rig.until(lambda: warm(rig), 60)
    assert "guest" in rig.kept.heating


def test_s13_heat_goes_off_when_the_disk_takes_nothing_any_more_and_says_so(rig: Rig) -> None:
    rig.start("relax", heat_c=40.0)
    rig.until(lambda: warm(rig), 10)
    rig.disk_works = False
    rig.wait(UNWRITTEN_S + 25)
    assert not warm(rig)
    assert [fault.code for fault in rig.engine.snapshot().faults] == ["safety-memory-unsaved"]
    assert rig.engine.session is not None, "it is advice"
    rig.disk_works = True
    rig.until(lambda: warm(rig), 40)


def test_a_damaged_memory_is_a_fault_to_acknowledge_and_an_hour_without_heat(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = Rig(machine, programs, recalled=Recalled(Memory(), None, damaged=True))
    assert not rig.tick().feed
    assert rig.engine.state == "fault"
    rig.wait(1)
    assert rig.give(Acknowledge()).ok
    rig.start("relax", heat_c=40.0)
    rig.wait(60)
    assert not warm(rig)
    rig.engine.allowance.ledger.advance(WINDOW_S)
    rig.give(Stop())
    rig.ready()
    rig.start("relax", heat_c=40.0)
    rig.until(lambda: warm(rig), 10)


# --- S13: faults outlive the controller ---------------------------------------------------------------


def test_s13_a_latched_fault_outlives_the_controller_and_the_rail_stays_unfed(rig: Rig) -> None:
    rig.start("relax")
    rig.plant.faults.put("sensor-offset", "left a", 12.0)
    rig.until(lambda: rig.engine.state == "fault", 60)
    code = rig.engine.snapshot().faults[0].code
    rig.plant.faults.clear()
    for clock_is_good in (True, False):
        rig.restart(40.0, clock_is_good=clock_is_good)
        steps = [rig.tick() for _ in range(60)]
        assert not any(step.feed for step in steps)
        assert not rig.plant.rail
        assert rig.engine.state == "fault"
        assert rig.engine.snapshot().faults[0].code == code
        assert not rig.give(Start(program="relax", minutes=15, intensity=1, answers=())).ok
    rig.wait(30)
    assert rig.give(Acknowledge()).ok
    rig.ready()
    rig.tick()
    assert rig.kept.faults == (), "what was acknowledged is forgotten"
    rig.restart(1.0)
    rig.ready()


def test_a_fault_that_stays_is_kept_once_whatever_it_reads_meanwhile(rig: Rig) -> None:
    rig.start("relax")
    rig.plant.faults.put("sensor-offset", "left a", 12.0)
    rig.until(lambda: rig.engine.state == "fault", 60)
    steps = [rig.tick() for _ in range(200)]
    assert len({str(fault.detail) for fault in rig.engine.snapshot().faults}) == 1
    assert sum(step.keep is not None for step in steps) <= 1


def test_s13_a_crash_loop_with_a_bag_that_does_not_empty_never_feeds_the_rail_again(rig: Rig) -> None:
    rig.start("circulation", minutes=20, heat_c=None)
    rig.until(lambda: rig.plant.bag_mmhg[0] > 20, 60)
    rig.plant.faults.put("valve-stuck-shut", "foot")
    rig.until(lambda: rig.engine.state == "fault", 60)
    for _ in range(5):
        rig.restart(2.0)
        for _ in range(100):
            assert not rig.tick().feed


def test_a_fault_that_another_version_remembered_stops_this_one_too(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    kept = Memory(faults=(Latched("knee-too-loud", "It was loud.", False),))
    rig = Rig(machine, programs, recalled=Recalled(kept, 5.0))
    rig.wait(1)
    (fault,) = rig.engine.snapshot().faults
    assert fault.latched
    assert "loud" in str(fault.detail)
    rig.wait(20)
    assert rig.give(Acknowledge()).ok


# --- findings ----------------------------------------------------------------------------------------


def test_a_finding_is_replaced_only_by_a_test_that_came_to_its_end(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    params = PlantParams()
    rig = Rig(machine, programs, params=params, pulses=True)
    rig.plant.faults.put("heaters-swapped")
    rig.until(lambda: rig.engine.state == "idle", 120)
    found = rig.engine.check.finding.heat
    assert pads_swapped.made(found)
    assert rig.give(CheckItself(answers=())).ok
    rig.until(lambda: any(rig.plant.heater_duty), 30)
    assert rig.give(Stop()).ok
    rig.until(lambda: rig.engine.state == "idle", 10)
    assert rig.engine.check.finding.heat == found
    rig.restart(3.0)
    rig.give(Stop())
    rig.until(lambda: rig.engine.state == "idle", 10)
    assert rig.engine.check.finding.heat == found, "nor does a restart forget it"


# --- locks and allowances in service -------------------------------------------------------------------


def test_s14_locks_bind_hand_drive_tuning_and_self_test(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    hers = Locks(max_levels={"heat": 0.0, "vibrate": 0.0, "squeeze": 0.0})
    rig = Rig(
        machine, programs, locks_for=lambda seated: hers if seated.person == "ann" else NO_LOCKS
    ).ready()
    vibration = next(output.key for output in machine.outputs if output.kind == "vibrate")
    for command in (
        Drive(output="pad.left", person="ann"),
        Drive(output=vibration, person="ann"),
        Drive(output="valve.foot", person="ann"),
        Tune(side="left", person="ann"),
    ):
        refused = rig.give(command)
        assert not refused.ok
        assert refused.reason
        assert rig.engine.state == "idle"
    assert rig.give(CheckItself(person="ann")).ok
    while rig.engine.state == "self-test":
        rig.tick()
        assert not any(rig.plant.heater_duty)
        assert not any(rig.plant.valve_driven)
    rig.ready()
    assert not rig.give(Drive(output="roll.sole.left")).ok, "a guest is asked here, too"
    rig.by = TERMINAL
    assert rig.give(Drive(output="pad.left")).ok, "at a builder's terminal nobody sits there"


def driven(rig: Rig, seconds: float) -> set[str]:
    """What had power meanwhile."""
    found: set[str] = set()
    for _ in rig.run(seconds):
        found |= {"heat"} if any(rig.plant.heater_duty) else set()
        found |= {bag.zone for bag, on in zip(rig.machine.bag, rig.plant.valve_driven, strict=True) if on}
    return found


def test_s14_what_a_person_may_not_have_is_not_pulsed_after_a_fault_either(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    hers = Locks(max_levels={"heat": 0.0})
    rig = Rig(machine, programs, locks_for=lambda _seated: hers).ready()
    assert rig.give(CheckItself(person="ann")).ok
    rig.wait(2)
    rig.cut = True
    rig.tick()
    rig.cut = False
    rig.wait(1)
    assert rig.give(Acknowledge()).ok
    assert "heat" not in driven(rig, 60), "the test goes on for her"
    assert rig.engine.state == "idle"


@pytest.mark.parametrize(("zone", "spared"), [("calf", "calf"), ("sole", "heat")])
def test_s14_a_zone_that_is_left_out_is_left_out_of_the_self_test_and_of_tuning(
    machine: Machine, programs: Mapping[str, Program], zone: Zone, spared: str
) -> None:
    locks = Locks(left_out=frozenset({zone}))
    rig = Rig(machine, programs, locks_for=lambda _seated: locks).ready()
    assert rig.give(CheckItself(person="ann")).ok
    assert spared not in driven(rig, 60)
    assert rig.give(Tune(side="left", person="ann")).ok == (zone != "sole")


def test_after_a_crash_with_somebody_in_it_nothing_is_pulsed_before_somebody_says_so(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = Rig(machine, programs, pulses=True)
    rig.until(lambda: rig.engine.state == "idle", 120)
    rig.start("relax")
    rig.wait(5)
    for _ in range(2):  # and once more before anybody came
        rig.restart(2.0)
        assert driven(rig, 60) == set()
        assert rig.engine.state == "idle"
    assert rig.give(CheckItself(answers=())).ok
    assert "heat" in driven(rig, 60)
