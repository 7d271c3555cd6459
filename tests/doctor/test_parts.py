"""Wiring mistakes put into the virtual machine: the doctor names each, with the input or pin to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
import pytest

from app.doctor.line import Line
from app.doctor.page import examine
from app.doctor.sensors import sensors
from hardware.machine import Machine
from hardware.messages import CheckItself, InputsView, Snapshot
from hardware.program import Program
from hardware.safety.expectation import Expectation
from tests.doctor.conftest import Pi
from tests.rig import Rig
from tests.said import say

Told = Callable[[Rig], list[Snapshot]]


@pytest.fixture
def rig(machine: Machine, programs: Mapping[str, Program]) -> Rig:
    return Rig(machine, programs, seed=4).ready()


def examined(pi: Pi, told: Told, rig: Rig) -> dict[str, Line]:
    return {line.id: line for line in examine(pi.look(*told(rig))) if line.section in ("Pins", "Machine")}


def wrong(lines: dict[str, Line]) -> set[str]:
    return {id_ for id_, line in lines.items() if line.verdict == "broken"}


def test_a_sound_machine_has_nothing_broken(pi: Pi, told: Told, rig: Rig) -> None:
    lines = examined(pi, told, rig)
    assert not wrong(lines)
    assert "°C (input 0, word" in lines["pad-left-a"].value
    assert "mmHg (input 4, word" in lines["bag-foot"].value


@pytest.mark.parametrize(
    ("fault", "where", "amount", "line", "value", "do"),
    [
        ("sensor-open", "left a", None, "pad-left-a", "open (input 0", "wires of input 0"),
        ("sensor-shorted", "right b", None, "pad-right-b", "shorted (input 3", "input 3"),
        ("sensor-offset", "left b", 5.0, "pad-left-b", "from its twin on input 0", "input 1"),
        ("sensor-offset", "right a", -9.0, "pad-right-a", "from its twin on input 3", "input 2"),
        ("pressure-open", "foot", None, "bag-foot", "no voltage (input 4", "input 4"),
        ("pressure-shorted", "heel", None, "bag-heel", "top of the scale (input 7", "divider"),
        ("pressure-offset", "calf", 40.0, "bag-calf", "40 mmHg", "valve on pin 23"),
        ("pressure-offset", "calf", -24.0, "bag-calf", "-24 mmHg", "divider"),
        ("adc-dead", "", None, "adc", "the word 0 whatever", "clock to pin 11"),
        ("adc-dead", "", 1023.0, "adc", "the word 1023 whatever", "data out to pin 9"),
        ("adc-stuttering", "", 12.0, "adc", "its words leap", "loose wire"),
        ("stop-wire-broken", "", None, "stop", "open: pressed, unplugged", "wires to pin 5"),
    ],
)
def test_a_look_at_rest_names_it(
    pi: Pi,
    told: Told,
    rig: Rig,
    fault: str,
    where: str,
    amount: float | None,
    line: str,
    value: str,
    do: str,
) -> None:
    rig.plant.faults.put(fault, where, amount)
    rig.wait(2)
    lines = examined(pi, told, rig)
    assert line in wrong(lines)
    assert value in lines[line].value
    assert do in lines[line].do
    others = {id_ for id_ in wrong(lines) if id_.startswith(("pad", "bag", "adc", "stop"))}
    assert others == {line}, "nothing else is blamed"


@pytest.mark.parametrize(
    ("fault", "where", "line", "value", "do"),
    [
        ("sensors-swapped", "", "self-test-heat", "swapped", "right pad: pin 27, inputs 2 and 3"),
        ("heater-stuck-off", "left", "self-test-heat", "Left pad: does not follow", "Left pad: pin 25"),
        (
            "valves-swapped",
            "foot ankle",
            "self-test-air",
            "into another bag (Ankle bag)",
            "valve pin 21, input 4",
        ),
        ("pump-dead", "", "self-test-air", "No bag takes air", "ump: pin 20"),
        ("supply-sagging", "", "rail", "no valve, pump or pad answered", "pin 26 has to pulse"),
    ],
)
def test_the_self_test_names_it(
    pi: Pi, told: Told, rig: Rig, fault: str, where: str, line: str, value: str, do: str
) -> None:
    rig.plant.faults.put(fault, where, 0.0 if fault == "supply-sagging" else None)
    assert rig.give(CheckItself(answers=())).ok
    rig.until(lambda: rig.engine.state in ("idle", "fault"), 120)
    lines = examined(pi, told, rig)
    assert line in wrong(lines)
    assert value in lines[line].value
    assert do in lines[line].do


def test_after_a_sound_self_test_the_rail_is_known_to_be_there(pi: Pi, told: Told, rig: Rig) -> None:
    rig.give(CheckItself(answers=()))
    rig.until(lambda: rig.engine.state == "idle", 120)
    lines = examined(pi, told, rig)
    assert lines["self-test"].value == "every valve and pad answered"
    assert "there" in lines["rail"].value


def test_pins_that_are_lost_are_told_and_their_sensors_not(pi: Pi, told: Told, rig: Rig) -> None:
    rig.cut = True
    rig.engine.pins_lost(say("no pigpio daemon answers at localhost:8888"))
    rig.wait(1)
    lines = examined(pi, told, rig)
    assert "no pigpio daemon answers" in lines["pins"].value
    assert not any(id_.startswith(("pad", "bag", "adc")) for id_ in lines)


def expecting(snapshot: Snapshot, pad_off_c: float = 0.0, bag_off_mmhg: float = 0.0) -> Snapshot:
    """As a controller with observers says it: the left pad's A and the heel's bag are off by so much."""
    view = snapshot.inputs
    assert view is not None
    expected = {
        key: Expectation(of.value, of.value, 0.42 if key.startswith("pad.") else 3.0)
        for key, of in view.by_key.items()
    }
    expected["pad.left.a"] = Expectation(20.0, 20.0 - pad_off_c, 0.42)
    expected["bag.heel"] = Expectation(0.0, -bag_off_mmhg, 3.0)
    return with_expected(snapshot, expected)


def with_expected(snapshot: Snapshot, expected: Mapping[str, Expectation]) -> Snapshot:
    """Of the others nothing is said."""
    view = snapshot.inputs
    assert view is not None
    by_key = {key: msgspec.structs.replace(of, expected=expected.get(key)) for key, of in view.by_key.items()}
    return msgspec.structs.replace(snapshot, inputs=InputsView(view.stop_open, by_key))


def test_what_is_expected_stands_beside_what_is_read(pi: Pi, told: Told, rig: Rig) -> None:
    heard = [expecting(snapshot, 0.3, 2.0) for snapshot in told(rig)]
    lines = {line.id: line for line in sensors(pi.machine, heard)}
    assert lines["pad-left-a"].value.endswith("), expected 19.7 ± 0.5 °C")
    assert lines["bag-heel"].value.endswith("), expected -2 ± 3 mmHg")
    assert {line.verdict for line in lines.values()} == {"ok"}


def test_what_is_off_for_the_whole_look_is_a_finding(pi: Pi, told: Told, rig: Rig) -> None:
    heard = [expecting(snapshot, -2.0, 9.0) for snapshot in told(rig)]
    lines = {line.id: line for line in sensors(pi.machine, heard)}
    assert lines["pad-left-a"].value.endswith("expected 22.0 ± 0.5 °C: 1.6 °C less than can be explained")
    assert "input 0" in lines["pad-left-a"].do
    assert lines["bag-heel"].value.endswith("expected -9 ± 3 mmHg: 6.0 mmHg more than can be explained")
    assert "heel bag" in lines["bag-heel"].do
    assert {id_ for id_, line in lines.items() if line.verdict != "ok"} == {"pad-left-a", "bag-heel"}
    once = [*heard[:-1], expecting(heard[-1])]
    assert {line.verdict for line in sensors(pi.machine, once)} == {"ok"}, "not all the time"
    assert {line.verdict for line in sensors(pi.machine, heard[:2])} == {"ok"}, "it could be chance"


def test_nothing_is_expected_where_nothing_can_be_said(pi: Pi, told: Told, rig: Rig) -> None:
    rig.plant.faults.put("sensor-open", "left a")
    rig.wait(2)
    blind = {f"bag.{bag.zone}": Expectation(None, None) for bag in pi.machine.bag}
    for with_it in (True, False):
        heard = told(rig)
        if with_it:
            heard = [expecting(snapshot) for snapshot in heard]
        else:  # as an older controller says it, and one that has just started
            heard = [with_expected(snapshot, blind) for snapshot in heard]
        lines = {line.id: line for line in sensors(pi.machine, heard)}
        assert lines["pad-left-a"].verdict == "broken"
        assert ("expected" in lines["pad-right-a"].value) is with_it
        assert ("expected" in lines["bag-foot"].value) is with_it
        assert "Its wire is broken" in lines["pad-left-a"].do, "the graver one is what is to be done"


def test_a_session_is_no_rest(pi: Pi, told: Told, machine: Machine, programs: Mapping[str, Program]) -> None:
    rig = Rig(machine, programs).start("circulation", intensity=8)
    rig.until(lambda: max(rig.plant.bag_mmhg) > 30, 400)
    lines = examined(pi, told, rig)
    assert not wrong(lines)
    assert "in a session" in lines["controller"].value


def test_a_latched_fault_is_a_line_with_its_words(pi: Pi, told: Told, rig: Rig) -> None:
    rig.plant.faults.put("heater-stuck-on", "left")
    rig.until(lambda: rig.engine.state == "fault", 300)
    line = examined(pi, told, rig)["fault-pad-heating-by-itself"]
    assert line.verdict == "broken"
    assert "Left pad: rose" in line.value
    assert "Have the pad checked" in line.do


def test_a_machine_of_motors_alone_claims_nothing_of_sensors(
    pi: Pi, told: Told, machine: Machine, programs: Mapping[str, Program]
) -> None:
    """Nothing answers there, so nothing is said to have answered."""
    bare = msgspec.structs.replace(machine, pad=(), bag=(), pump=None)
    pi.changes["machine"] = bare
    lines = examined(pi, told, Rig(bare, programs).ready())
    assert "adc" not in lines
    assert "self-test" not in lines
    assert "only the self-test can tell" in lines["rail"].value
