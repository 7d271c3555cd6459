"""Relay autotune: what it finds on random pads, and why it stops."""

from __future__ import annotations

from cmath import exp
from math import atan, pi
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hardware.control.autotune import (
    ABORT_C,
    MAX_S,
    Autotune,
    AutotuneError,
    gains_for,
    identify,
)
from hardware.control.heat import HeatControl
from hardware.machine import Gains, Machine
from hardware.safety import limits
from hardware.sensors import pad_celsius
from hardware.virtual.plant import Plant, PlantParams

STEP_S = 0.1
SEEDS = range(300, 312)


class Bench:
    """One pad on the plant, its duty given every step."""

    def __init__(self, machine: Machine, params: PlantParams, seed: int = 0, *, feet: bool = False) -> None:
        self.pad = machine.pad[0]
        self.machine = replace(machine, motor=(), bag=(), pump=None, pad=(self.pad,))
        self.plant = Plant(self.machine, params, seed)
        self.plant.set_foot("left", feet and params.foot("left").present)
        self.plant.rail = True
        self.now_s = 0.0

    def read(self) -> float:
        a, b = (pad_celsius(self.plant.adc_code(channel), self.machine) for channel in self.pad.channels)
        assert a is not None
        assert b is not None
        return (a + b) / 2.0

    def give(self, duty: float) -> float:
        """The true temperature after a step."""
        self.plant.heater_duty[0] = duty
        self.plant.step(STEP_S)
        self.now_s += STEP_S
        return self.plant.pads[0].celsius

    def tune(self, **options: float) -> Autotune:
        tune = Autotune(self.pad, **options)
        while not tune.over:
            self.give(tune.step(self.now_s, self.read()))
        return tune


def warm(seed: int) -> PlantParams:
    """A random plant in a room in which even a weak heater brings a bare pad to 38 °C."""
    return replace(PlantParams.random(Random(seed), 0.3), room_c=Random(seed).uniform(22.0, 28.0))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_it_finds_regulates_the_same_pad_without_overshoot(machine: Machine, seed: int) -> None:
    params = warm(seed)
    tuning = Bench(machine, params, seed).tune().result()
    assert tuning.variation < 0.2, f"seed {seed}"

    p = params.pad("left")
    assert tuning.rate_c_per_s == pytest.approx(12.0 * p.heater_share / p.j_per_k, rel=0.15), f"seed {seed}"
    assert tuning.lag_s == pytest.approx(p.sensor_lag_s + p.sensor_dead_s, rel=0.15), f"seed {seed}"

    for feet in (False, True):
        bench = Bench(machine, params, seed + 1, feet=feet)
        control = HeatControl(replace(bench.pad, gains=tuning.gains))
        true_c = [bench.give(control.update(40.0, bench.read(), STEP_S)) for _ in range(round(900 / STEP_S))]
        assert max(true_c) <= 40.5, f"seed {seed}, feet {feet}"
        calm = true_c[-round(120 / STEP_S) :]
        if not feet:  # a weak pad may still be warming a cold foot
            assert max(calm) - min(calm) <= 0.3, f"seed {seed}"


def test_it_records_its_curve_and_ends_with_the_heater_off(machine: Machine) -> None:
    bench = Bench(machine, PlantParams(room_c=22.0))
    tune = bench.tune()
    tuning = tune.result()
    assert tune.state == "done"
    assert tune.step(bench.now_s + 1.0, 30.0) == 0.0
    gaps = [b.at_s - a.at_s for a, b in zip(tuning.curve, tuning.curve[1:], strict=False)]
    assert min(gaps) == pytest.approx(1.0, abs=STEP_S)
    assert max(gaps) == pytest.approx(1.0, abs=STEP_S)
    assert max(sample.celsius for sample in tuning.curve) < 40.5
    assert {sample.duty for sample in tuning.curve} > {0.0, bench.pad.max_duty}
    assert tuning.ultimate_gain > tuning.gains.kp > 0
    assert 30 < tuning.ultimate_period_s < 120
    assert bench.pad.gains == machine.pad[0].gains, "the old gains stay"


def test_it_keeps_to_the_pad_s_own_duty(machine: Machine) -> None:
    tune = Autotune(replace(machine.pad[0], max_duty=0.6))
    assert tune.step(0.0, 25.0) == 0.6


def test_a_pad_that_gets_too_hot_ends_it_at_once(machine: Machine) -> None:
    tune = Autotune(machine.pad[0])
    assert tune.step(0.0, 30.0) > 0
    assert tune.step(0.1, ABORT_C) == 0.0
    assert_stopped(tune, "tuning-too-hot", "42.5")


@pytest.mark.parametrize("nothing", [None, float("nan")])
def test_a_lost_sensor_turns_the_heater_off_at_once_and_ends_it_after_two_seconds(
    machine: Machine, nothing: float | None
) -> None:
    tune = Autotune(machine.pad[0])
    assert tune.step(0.0, 30.0) > 0
    assert tune.step(0.5, nothing) == 0.0
    assert tune.step(1.5, 30.0) > 0, "one reading missed is no reason to begin again"
    assert tune.step(3.4, nothing) == 0.0
    assert not tune.over
    assert tune.step(3.5, nothing) == 0.0
    assert_stopped(tune, "tuning-sensor-lost", "wires")


def test_a_heater_that_does_not_heat_ends_it(machine: Machine) -> None:
    bench = Bench(machine, PlantParams())
    bench.plant.rail = False
    assert_stopped(bench.tune(), "tuning-too-cold", "connected")
    assert bench.now_s < MAX_S / 2


def test_a_pad_that_does_not_cool_ends_it(machine: Machine) -> None:
    tune = Autotune(machine.pad[0])
    now_s = 0.0
    while not tune.over:
        tune.step(now_s, 39.0)
        now_s += 1.0
    assert_stopped(tune, "tuning-too-warm", "stay on")


def test_swings_that_go_on_too_long_end_it(machine: Machine) -> None:
    tune = Autotune(machine.pad[0])
    now_s, slow_s = 0.0, 250.0
    while not tune.over:
        tune.step(now_s, 36.0 if int(now_s / slow_s) % 2 == 0 else 40.0)
        now_s += 1.0
    assert_stopped(tune, "tuning-too-long", "15 minutes")


def test_swings_that_are_not_alike_are_no_result(machine: Machine) -> None:
    tune = Autotune(machine.pad[0])
    rng = Random(4)
    now_s = 0.0
    while not tune.over:
        for celsius in (36.0, 40.0):
            for _ in range(rng.randint(4, 40)):
                tune.step(now_s, celsius)
                now_s += 1.0
    assert_stopped(tune, "tuning-uneven", "feet out")


def test_there_is_no_result_before_it_is_over(machine: Machine) -> None:
    with pytest.raises(RuntimeError, match="not over"):
        Autotune(machine.pad[0]).result()


def test_time_does_not_run_backwards(machine: Machine) -> None:
    tune = Autotune(machine.pad[0])
    tune.step(5.0, 30.0)
    with pytest.raises(ValueError, match="backwards"):
        tune.step(4.0, 30.0)


@pytest.mark.parametrize("options", [{"target_c": 41.0}, {"target_c": 24.0}, {"hysteresis_c": 0.0}])
def test_what_cannot_be_tuned_at_is_refused(machine: Machine, options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="°C"):
        Autotune(machine.pad[0], **options)


@given(st.floats(0.02, 1.0), st.floats(2.0, 60.0), st.floats(20.0, 200.0))
def test_an_integrator_with_a_lag_is_recognised(rate: float, lag_s: float, period_s: float) -> None:
    omega = 2 * pi / period_s
    turned = exp(-1j * (pi / 2 + atan(omega * lag_s)))
    response = rate / omega / (1 + (omega * lag_s) ** 2) ** 0.5 * turned
    assert identify(response, period_s) == pytest.approx((rate, lag_s))


@pytest.mark.parametrize("response", [1 + 0j, 1j, -1 + 0.5j])
def test_what_is_no_heated_pad_is_not_taken_for_one(response: complex) -> None:
    with pytest.raises(ValueError, match="heated pad"):
        identify(response, 60.0)


@given(st.floats(1e-4, 10.0), st.floats(0.5, 200.0))
def test_gains_are_such_as_a_machine_file_may_have(rate: float, lag_s: float) -> None:
    gains = gains_for(rate, lag_s)
    assert isinstance(gains, Gains)
    assert 0 < gains.kp <= 10
    assert 0 < gains.ki <= 1
    assert 0 < gains.kd <= 100


def assert_stopped(tune: Autotune, code: str, words: str) -> None:
    assert tune.state == "aborted"
    with pytest.raises(AutotuneError, match=words) as caught:
        tune.result()
    assert caught.value.message.code == code
    assert tune.step(1e6, 20.0) == 0.0, "and the heater stays off"
    assert str(caught.value).endswith((".", "?"))
    assert limits.PAD_HOT_C > ABORT_C
