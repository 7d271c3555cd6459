"""The fault notice as plain values: what was done is true, what to do stays, a cause that goes is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from scenes import idle

from app.ui.state.fault import FaultState, fault
from hardware.messages import BagView, FaultView, Snapshot
from hardware.safety.faults import FAULTS, rest_goes_on
from tests.said import fault_view

STILL = "The cause is still there."
GONE = "The cause has gone. Touch Understood to go on."
EMPTY = "The bags are empty."
ZONES = ("foot", "ankle", "calf", "heel")
EVERY_CODE = pytest.mark.parametrize("code", FAULTS)


def view(code: str, present: bool = True, severity: Any = "stop") -> FaultView:
    return fault_view(code, stops=severity == "stop", present=present)


def bags(*mmhg: float | None) -> tuple[BagView, ...]:
    return tuple(BagView(zone, value, None, False) for zone, value in zip(ZONES, mmhg, strict=False))  # type: ignore[arg-type]


def shown(found: FaultView, *mmhg: float | None, refused: str = "") -> FaultState:
    snapshot: Snapshot = idle(state="fault", faults=(found,), bags=bags(*mmhg))
    return fault(found, snapshot, refused)


def instruction(code: str) -> str:
    return " ".join(map(str, FAULTS[code].steps))


@EVERY_CODE
def test_what_to_do_stays_as_long_as_the_cause_does(code: str) -> None:
    assert instruction(code), "every fault that stops says what to do"
    assert shown(view(code), 0.0).do == instruction(code)
    touched = shown(view(code), 0.0, refused=STILL).do
    assert touched == f"{STILL} {instruction(code)}"


@EVERY_CODE
def test_a_cause_that_has_gone_is_told(code: str) -> None:
    said = shown(view(code, present=False), 0.0).do
    assert said.endswith(GONE)
    if code.startswith("pad-"):
        assert said.startswith(instruction(code)), "a pad that did wrong is looked at all the same"
    else:
        assert said == GONE
    touched = shown(view(code, present=False), 0.0, refused=STILL).do
    assert STILL not in touched
    assert "only just gone" in touched


@EVERY_CODE
@pytest.mark.parametrize("present", [True, False])
def test_a_bag_that_is_full_is_never_called_open_or_empty(code: str, present: bool) -> None:
    for full in (10.0, 24.0, 130.0):
        did = shown(view(code, present), 0.0, 2.0, full, None).did
        assert "Still holding air: Calf bag." in did
        assert "opened the valves" in did
        assert "empty" not in did
        assert "bags" not in did
    two = shown(view(code, present), 12.0, 0.0, 78.0, 9.9).did
    assert two.endswith("Still holding air: Foot bag, Calf bag.")


@EVERY_CODE
def test_a_bag_that_is_not_measured_is_never_called_empty(code: str) -> None:
    for pressures in ((None,), (0.0, None), (None,) * 4):
        did = shown(view(code, present=False), *pressures).did
        assert EMPTY not in did
        assert did.endswith("Whether the bags are empty cannot be measured.")


@EVERY_CODE
def test_bags_that_are_empty_are_called_so_unless_the_fault_is_of_them(code: str) -> None:
    said = shown(view(code), 0.0, -1.0, 9.9, 3.0).did
    match code:
        case "bag-not-venting":
            assert said.endswith("opened the valves. A bag still holds air."), "its sensor may read zero"
        case "pressure-sensor-invalid":
            assert EMPTY not in said
        case _:
            assert said.endswith(f"opened the valves. {EMPTY}")
    assert shown(view(code, present=False), 0.0, -1.0, 9.9, 3.0).did.endswith(EMPTY)


def test_a_bag_stuck_behind_another_fault_is_told_too() -> None:
    first, second = view("emergency-stop"), view("bag-not-venting")
    snapshot = idle(state="fault", faults=(first, second), bags=bags(0.0, 0.0))
    assert fault(first, snapshot).did.endswith("A bag still holds air.")


@EVERY_CODE
def test_a_machine_without_air_says_nothing_of_valves_and_bags(code: str) -> None:
    found = view(code)
    said = fault(found, msgspec.structs.replace(idle(state="fault", faults=(found,)), bags=()))
    assert said.did == "The machine has switched off the heat and the motors."


@pytest.mark.parametrize("code", [code for code, means in FAULTS.items() if means.costs or means.advised])
def test_advice_stays_as_it_is(code: str) -> None:
    there, gone = (shown(view(code, present, "advise"), 40.0) for present in (True, False))
    means = FAULTS[code]
    assert there.did == " ".join(str(each) for each in (means.costs, rest_goes_on()) if each)
    assert there.do == " ".join(map(str, means.steps if means.advised is None else means.advised))
    assert replace(gone, present=True) == there
