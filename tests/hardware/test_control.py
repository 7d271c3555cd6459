"""Control: PID, heat, motion, slews, each against what it promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.control.heat import HeatControl
from hardware.control.motion import MotionControl, duty_at
from hardware.control.pid import Pid
from hardware.control.slew import Slew
from hardware.machine import Gains, Machine
from hardware.safety import limits


@given(st.lists(st.floats(0, 10), min_size=1, max_size=50), st.floats(0.01, 0.3))
def test_a_slew_never_rises_faster_than_allowed_and_falls_at_once(targets: list[float], dt_s: float) -> None:
    slew = Slew(0.5)
    before = slew.value
    for target in targets:
        value = slew.toward(target, dt_s)
        assert value - before <= 0.5 * dt_s + 1e-9
        assert value <= target
        if target < before:
            assert value == target
        before = value


def test_the_derivative_acts_on_the_measurement_so_a_new_setpoint_gives_no_kick() -> None:
    pid = Pid(Gains(kp=0.0, ki=0.0, kd=5.0))
    pid.update(20.0, 20.0, 0.2)
    assert pid.update(40.0, 20.0, 0.2) == 0.0


def test_the_derivative_brakes_a_rising_measurement() -> None:
    steady, rising = Pid(Gains(kp=0.1, ki=0.0, kd=5.0)), Pid(Gains(kp=0.1, ki=0.0, kd=5.0))
    for step in range(20):
        held = steady.update(40.0, 35.0, 0.2)
        braked = rising.update(40.0, 35.0 - (20 - step) * 0.02, 0.2)
    assert braked < held


def test_the_integral_does_not_wind_up_while_the_output_is_at_its_bound() -> None:
    pid = Pid(Gains(kp=0.5, ki=0.05, kd=0.0))
    for _ in range(3000):
        assert pid.update(40.0, 20.0, 0.2) == 1.0
    assert pid.integral < 0.2
    assert pid.update(40.0, 41.0, 0.2) == 0.0, "one degree above: off at once, not minutes later"


def test_the_integral_looks_ahead_by_the_sensor_s_lag_and_not_back() -> None:
    gains = Gains(kp=0.1, ki=0.01, kd=1.0)  # a lead of 10 s
    pid = Pid(gains)
    pid.integral = 0.5
    for step in range(100):  # rising 0.1 °C/s: 0.5 °C below as read, 0.5 °C above as it is
        pid.update(40.0 + step * 0.02, 39.5 + step * 0.02, 0.2)
        if step == 50:
            then = pid.integral
    assert pid.integral < then


@given(st.lists(st.tuples(st.floats(0, 60), st.floats(-5, 60)), min_size=1, max_size=40), st.floats(0.001, 2))
def test_the_output_is_always_a_duty(steps: list[tuple[float, float]], dt_s: float) -> None:
    pid = Pid(Gains(kp=0.4, ki=0.01, kd=3.0), high=0.8)
    assert all(0 <= pid.update(setpoint, measured, dt_s) <= 0.8 for setpoint, measured in steps)


def test_heat_is_off_without_a_target_or_a_measurement(machine: Machine) -> None:
    heat = HeatControl(machine.pad[0])
    assert heat.update(40.0, 20.0, 0.05) > 0
    assert heat.update(40.0, None, 0.05) == 0
    assert heat.update(40.0, 20.0, 0.05) > 0, "one look that is missing costs that tick"
    for _ in range(25):
        assert heat.update(40.0, None, 0.05) == 0
    assert heat.setpoint_c is None
    assert heat.update(None, 20.0, 0.05) == 0


def test_readings_between_control_steps_count_as_their_mean(machine: Machine) -> None:
    even, noisy = HeatControl(machine.pad[0]), HeatControl(machine.pad[0])
    for tick in range(400):
        steady = even.update(34.0, 33.5, 0.05)
        shaken = noisy.update(34.0, 33.5 + (0.0, 0.2, 0.0, -0.2)[tick % 4], 0.05)
    assert 0 < steady < 1
    assert shaken == pytest.approx(steady, abs=0.01)


def test_s5_a_target_is_never_above_42_degrees(machine: Machine) -> None:
    heat = HeatControl(machine.pad[0])
    for _ in range(20 * 60 * 30):
        heat.update(60.0, 41.5, 0.05)
    assert heat.setpoint_c == limits.PAD_TARGET_MAX_C


def test_s8_the_heat_target_rises_two_degrees_a_minute_and_falls_at_once(machine: Machine) -> None:
    heat = HeatControl(machine.pad[0])
    heat.update(40.0, 30.0, 0.05)
    assert heat.setpoint_c == pytest.approx(34.0, abs=0.01)
    for _ in range(20 * 60):
        heat.update(40.0, 34.0, 0.05)
    assert heat.setpoint_c == pytest.approx(36.0, abs=0.05)
    heat.update(35.0, 34.0, 0.05)
    assert heat.setpoint_c == 35.0


def test_duties_follow_the_intensity_table(machine: Machine) -> None:
    knead = next(motor for motor in machine.motor if motor.kind == "knead")
    assert duty_at(knead, 0) == 0
    assert duty_at(knead, 1) == pytest.approx(0.30)
    assert duty_at(knead, 3) == pytest.approx(0.42, abs=0.01)
    assert duty_at(knead, 5) == pytest.approx(0.54, abs=0.01)
    assert duty_at(knead, 7) == pytest.approx(0.67, abs=0.01)
    assert duty_at(knead, 10) == pytest.approx(0.85)


def test_s8_motors_rise_eight_percent_a_second_and_never_sit_in_the_stall_band(machine: Machine) -> None:
    control = MotionControl(machine)
    index = next(i for i, motor in enumerate(machine.motor) if motor.kind == "knead")
    for tick in range(200):
        duty = control.update({("knead", "arch"): 10.0}, ("left", "right"), 0.05)[index]
        assert duty <= (tick + 1) * 0.05 * limits.DUTY_PER_S + 1e-9
        assert duty == 0 or duty >= machine.motor[index].stalls_below
    assert duty > 0.7
    assert control.update({}, ("left", "right"), 0.05)[index] == 0.0


def test_one_foot_leaves_the_other_side_s_motors_off(machine: Machine) -> None:
    control = MotionControl(machine)
    for _ in range(200):
        duties = control.update({("knead", "arch"): 5.0, ("roll", "sole"): 5.0}, ("left",), 0.05)
    for motor, duty in zip(machine.motor, duties, strict=True):
        assert (duty > 0) == (motor.side == "left" and motor.kind in ("knead", "roll"))
