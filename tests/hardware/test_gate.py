"""The interlock gate: whatever is wanted, only what is safe comes through."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.places import ASSETS
from hardware.board.interface import Outputs, Readings, all_off
from hardware.machine import load_machine
from hardware.safety.gate import gate
from tests import shaped

MACHINE = load_machine(ASSETS / "machines" / "reference.toml")
ALL_ON = Outputs((1.0,) * len(MACHINE.outputs))
NOTHING = Readings(10.0, (None,) * len(MACHINE.inputs), False)


def readings(**changes: object) -> Readings:
    good: dict[str, Any] = {"pads_c": ((38.0, 38.0), (38.0, 38.0)), "bags_mmhg": (0.0, 20.0, 0.0, 0.0)}
    stop_open = bool(changes.pop("stop_open", False))
    return shaped.reading(MACHINE, replace(NOTHING, stop_open=stop_open), **{**good, **changes})


def test_a_running_machine_gets_what_it_wants() -> None:
    assert gate(ALL_ON, readings(), "running", MACHINE, 10.0) == ALL_ON


@pytest.mark.parametrize("state", ["starting", "idle", "paused", "stopping", "fault"])
def test_s2_nothing_is_on_unless_running(state: str) -> None:
    assert gate(ALL_ON, readings(), state, MACHINE, 10.0) == all_off(MACHINE)  # type: ignore[arg-type]


def test_s2_the_self_test_turns_no_motor() -> None:
    assert not any(shaped.motors(MACHINE, gate(ALL_ON, readings(), "self-test", MACHINE, 10.0)))


@pytest.mark.parametrize("state", ["self-test", "service"])
def test_s2_without_a_session_there_is_little_air(state: str) -> None:
    out = gate(ALL_ON, readings(), state, MACHINE, 10.0)  # type: ignore[arg-type]
    assert shaped.pump(MACHINE, out) == 1.0
    out = gate(ALL_ON, readings(bags_mmhg=(0.0, 41.0, 0.0, 0.0)), state, MACHINE, 10.0)  # type: ignore[arg-type]
    assert shaped.pump(MACHINE, out) == 0.0
    out = gate(ALL_ON, readings(stop_open=True), state, MACHINE, 10.0)  # type: ignore[arg-type]
    assert out == all_off(MACHINE)


def test_s2_before_a_session_there_is_a_little_heat_and_nothing_else() -> None:
    cool = readings(pads_c=((35.9, 33.0), (36.0, 33.0)))
    out = gate(ALL_ON, cool, "preheating", MACHINE, 10.0)
    assert out == shaped.outputs(MACHINE, heaters=(1.0, 0.0))
    assert gate(ALL_ON, replace(cool, stop_open=True), "preheating", MACHINE, 10.0) == all_off(MACHINE)


def test_s3_the_stop_button_has_everything_off() -> None:
    assert gate(ALL_ON, readings(stop_open=True), "running", MACHINE, 10.0) == all_off(MACHINE)


@pytest.mark.parametrize(
    "sensors", [(None, 38.0), (38.0, None), (43.0, 38.0), (38.0, 43.0), (math.nan, 38.0)]
)
def test_s4_a_pad_without_two_good_sensors_or_too_hot_gets_no_heat(
    sensors: tuple[float | None, float | None],
) -> None:
    out = gate(ALL_ON, readings(pads_c=(sensors, (38.0, 38.0))), "running", MACHINE, 10.0)
    assert shaped.heaters(MACHINE, out) == (0.0, 1.0)


def test_s4_old_readings_give_no_heat() -> None:
    assert shaped.heaters(MACHINE, gate(ALL_ON, readings(), "running", MACHINE, 12.1)) == (0.0, 0.0)


@pytest.mark.parametrize("mmhg", [100.5, None, math.nan])
def test_s6_the_pump_stops_above_100_mmhg_or_without_a_measurement(mmhg: float | None) -> None:
    out = gate(ALL_ON, readings(bags_mmhg=(0.0, mmhg, 0.0, 0.0)), "running", MACHINE, 10.0)
    assert shaped.pump(MACHINE, out) == 0.0


anything = st.floats(allow_nan=True, allow_infinity=True)


@given(st.tuples(*[anything] * 6), anything, st.tuples(anything, anything))
def test_s1_no_output_leaves_its_bounds_whatever_is_asked(
    motors: tuple[float, ...], pump: float, heaters: tuple[float, float]
) -> None:
    out = gate(
        shaped.outputs(MACHINE, motors, pump, (True,) * 4, heaters), readings(), "running", MACHINE, 10.0
    )
    for duty, motor in zip(shaped.motors(MACHINE, out), MACHINE.motor, strict=True):
        assert duty == 0.0 or motor.stalls_below <= duty <= motor.max_duty
    pumped = shaped.pump(MACHINE, out)
    assert pumped == 0.0 or 0.75 <= pumped <= 1.0
    assert all(0.0 <= duty <= 1.0 for duty in out.duties)
