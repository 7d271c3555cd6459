"""Going through a machine in closed loop: wiring mistakes are put in, and named with their pins."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from app.commissioning.walk import Walk
from hardware.machine import Machine
from hardware.messages import Acknowledge, Reply, Rezero
from hardware.program import Program
from tests.bench import NO_FEET
from tests.commissioning.bench import Eyes, miswired
from tests.rig import TERMINAL, Rig
from tests.said import say


@pytest.fixture
def rig(machine: Machine, programs: Mapping[str, Program]) -> Rig:
    return Rig(machine, programs, by=TERMINAL, params=NO_FEET, seed=2).ready()


def motors_swapped(machine: Machine, one: int, other: int) -> Machine:
    motors = list(machine.motor)
    motors[one] = replace(motors[one], pin=machine.motor[other].pin)
    motors[other] = replace(motors[other], pin=machine.motor[one].pin)
    return replace(machine, motor=tuple(motors))


def test_a_sound_machine_has_no_findings(rig: Rig) -> None:
    eyes = Eyes(rig)
    eyes.go()
    assert eyes.said == []
    record = eyes.record()
    assert [one.name for one in record.outputs][:3] == ["left roller", "right roller", "left kneader"]
    assert (record.stop, record.rail) == ("read", "dark")
    assert {one.answer for one in record.outputs} == {"yes"}
    rose = {one.output: one.rose for one in record.outputs if one.output.startswith("valve.")}
    assert rose == {f"valve.{bag.zone}": (f"valve.{bag.zone}",) for bag in rig.machine.bag}
    assert record.zeroed
    assert eyes.walk.pulsed
    assert [str(one.skipped) for one in record.tuned] == ["No time today."] * 2
    assert not any(rig.plant.motor_duty)
    assert max(rig.plant.bag_mmhg) < 10


def test_two_kneaders_swapped_are_named_with_their_pins(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    eyes = Eyes(miswired(machine, programs, motors_swapped(machine, 2, 3)))
    eyes.go()
    (said,) = eyes.said
    assert said.startswith(
        "The left kneader and the right kneader are swapped: exchange the wires of pins 16"
    )
    assert "and 17" in said


def test_three_in_a_ring_are_followed_wire_by_wire(machine: Machine, programs: Mapping[str, Program]) -> None:
    wired = motors_swapped(motors_swapped(machine, 0, 1), 1, 2)
    eyes = Eyes(miswired(machine, programs, wired))
    eyes.go()
    assert len(eyes.said) == 3
    assert all("moves the" in said for said in eyes.said)


def test_a_pump_and_a_motor_swapped(machine: Machine) -> None:
    """The eyes do not hear a pump that runs without a bag; a person does."""
    walk = Walk(machine)
    while walk.step.kind != "self-test":
        output = walk.step.output
        if output is None:
            walk.next()
        elif output.family == "air":
            walk.answer("other", "vibrate.sole.right")
        elif output.key == "vibrate.sole.right":
            walk.answer("other", "pump")
        else:
            walk.answer("yes")
    (finding,) = walk.findings
    assert (finding.code, set(finding.parts)) == ("swapped", {"vibrate.sole.right", "pump"})


@pytest.mark.parametrize(
    ("fault", "where", "said"),
    [
        ("motor-stalled", "knead left", "Nothing moved at the left kneader: see its MOSFET, plug"),
        ("valves-swapped", "foot ankle", "The foot bag and the ankle bag are swapped: exchange the valves"),
        ("valve-stuck-open", "calf", "Nothing moved at the calf bag: see its valve, its hose"),
        ("pump-dead", "", "No bag fills: see the pump, its MOSFET and wires on pin 20"),
        ("heater-stuck-off", "right", "Nothing moved at the right pad: see its plug, thermostat, fuse"),
        ("heaters-swapped", "", "The heaters of the left pad and the right pad are swapped"),
        ("sensors-swapped", "", "The sensors of the left pad and the right pad are swapped"),
        ("sensor-offset", "left b", "Left pad B: 25."),
        ("pressure-offset", "heel", "Heel bag: 2"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_concluded_from_what_is_seen(rig: Rig, fault: str, where: str, said: str) -> None:
    rig.plant.faults.put(fault, where, 20.0 if fault == "pressure-offset" else None)
    eyes = Eyes(rig)
    eyes.go()
    assert eyes.said, "something was found"
    assert eyes.said[0].startswith(said), eyes.said
    assert len(eyes.said) <= 3, "one mistake is not told in ten ways"


def test_both_pads_on_the_wrong_side_are_told_from_half_of_it(rig: Rig) -> None:
    rig.plant.faults.put("heaters-swapped")
    rig.plant.faults.put("sensors-swapped")
    eyes = Eyes(rig)
    eyes.go()
    (said,) = eyes.said
    assert "lie on each other's side" in said


def test_pressure_sensors_swapped_are_felt_although_the_right_bag_fills(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    rig = Rig(machine, programs, by=TERMINAL, params=NO_FEET).ready()
    sources = rig.plant._bag_sources
    sources[4], sources[5] = sources[5], sources[4]
    eyes = Eyes(rig)
    eyes.go()
    assert any("pressure sensors of the foot bag and the ankle bag are swapped" in said for said in eyes.said)
    assert any("inputs 4 and 5" in said for said in eyes.said)


def test_no_power_at_all_is_one_finding(rig: Rig) -> None:
    rig.plant.faults.put("supply-sagging", "", 0.0)
    eyes = Eyes(rig)
    eyes.go()
    (said,) = eyes.said
    assert "Nothing moves at all" in said
    assert "monostable on pin 26" in said


def test_pressures_are_zeroed_and_a_bag_that_is_not_empty_is_a_finding(rig: Rig) -> None:
    rig.plant.faults.put("pressure-offset", "foot", 9.0)
    eyes = Eyes(rig)
    eyes.go()
    assert eyes.walk.zeroed
    assert eyes.said == []
    assert any("9 mmHg" in words for words in eyes.record().rest)


def test_tuning_is_done_and_kept_when_there_is_time(rig: Rig) -> None:
    eyes = Eyes(rig)
    eyes.walk.at = len(eyes.walk.steps) - 2
    eyes.do()
    eyes.tired = False
    eyes.do()
    left, right = eyes.record().tuned
    assert (left.gains, str(left.skipped)) == ("", "No time today.")
    assert right.gains.startswith("{ kp = ")
    assert len(rig.noted("gains")) == 1


def test_a_stop_button_pressed_meanwhile_is_told_and_the_step_can_be_done_again(rig: Rig) -> None:
    eyes = Eyes(rig)
    while eyes.walk.step.output is None:
        eyes.do()
    walk = eyes.walk
    walk.begin(rig.now)
    for _ in range(20):
        rig.tick(*walk.update(rig.now, rig.engine.snapshot()))  # type: ignore[arg-type]
    rig.plant.faults.put("stop-pressed")
    rig.wait(0.2)
    walk.update(rig.now, rig.engine.snapshot())
    assert walk.stage == "ready"
    assert "stop button" in str(walk.problem)
    assert eyes.said
    rig.plant.faults.clear()
    rig.tick()
    rig.give(Acknowledge())
    rig.ready()
    eyes.do()
    assert eyes.said == []


def test_what_is_driven_ends_with_whoever_leads_through_it(rig: Rig) -> None:
    eyes = Eyes(rig)
    while eyes.walk.step.output is None:
        eyes.do()
    eyes.walk.begin(rig.now)
    while not any(rig.plant.motor_duty):
        rig.tick(*eyes.walk.update(rig.now, rig.engine.snapshot()))  # type: ignore[arg-type]
    rig.wait(1.0)
    assert not any(rig.plant.motor_duty)
    assert eyes.walk.leave()
    assert eyes.walk.leave() == ()


def test_an_output_left_out_leaves_the_machine_unfinished(machine: Machine) -> None:
    walk = Walk(machine)
    while walk.step.output is None:
        walk.next()
    walk.skip(say("No time."))
    assert [finding.code for finding in walk.findings] == ["skipped"]


def test_a_refusal_to_zero_is_kept(machine: Machine) -> None:
    walk = Walk(machine)
    while walk.step.kind != "zero":
        walk.next()
    walk.begin(0.0)
    walk.replied(Rezero(), Reply(False, say("A bag is not empty.")))
    assert walk.stage == "told"
    assert [finding.code for finding in walk.findings] == ["not-zeroed"]
