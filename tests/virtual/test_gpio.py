"""The pins answer as pigpio's do, numbers and all."""

from __future__ import annotations

import pytest

from hardware.machine import Machine
from hardware.virtual.gpio import Gpio
from hardware.virtual.plant import Plant
from hardware.virtual.protocol import FREQUENCIES, Err
from hardware.virtual.wiring import Wiring

MOTOR, STOP = 12, 5


@pytest.fixture
def gpio(machine: Machine) -> Gpio:
    return Gpio(Wiring(machine, Plant(machine)), lambda: 0.0)


def duty(gpio: Gpio, pin: int = MOTOR) -> float:
    return gpio.wiring.duties[pin]


def test_every_power_pin_starts_low(gpio: Gpio, machine: Machine) -> None:
    assert all(gpio.read(pin) == 0 and gpio.get_mode(pin) == 0 for pin in machine.power_pins())


def test_writing_makes_an_output_and_ends_pwm(gpio: Gpio) -> None:
    assert gpio.write(MOTOR, 1) == 0
    assert (gpio.get_mode(MOTOR), gpio.read(MOTOR), duty(gpio)) == (1, 1, 1.0)
    assert gpio.pwm(MOTOR, 100) == 0
    assert gpio.get_duty(MOTOR) == 100
    gpio.write(MOTOR, 0)
    assert gpio.get_duty(MOTOR) == Err.NOT_PWM_GPIO
    assert duty(gpio) == 0.0


def test_an_input_drives_nothing(gpio: Gpio) -> None:
    gpio.pwm(MOTOR, 255)
    gpio.set_mode(MOTOR, 0)
    assert duty(gpio) == 0.0
    assert gpio.get_duty(MOTOR) == Err.NOT_PWM_GPIO
    gpio.set_pull(MOTOR, 2)
    assert gpio.read(MOTOR) == 0, "the resistor outside wins"


def test_pwm_begun_at_0_leaves_a_high_pin_high(gpio: Gpio) -> None:
    gpio.write(MOTOR, 1)
    gpio.pwm(MOTOR, 0)
    assert duty(gpio) == 1.0
    gpio.pwm(MOTOR, 128)
    gpio.pwm(MOTOR, 0)
    assert duty(gpio) == 0.0


@pytest.mark.parametrize(
    ("asked", "real"), [(0, 10), (44, 40), (46, 50), (799, 800), (5000, 4000), (10**6, 8000)]
)
def test_frequencies_snap(gpio: Gpio, asked: int, real: int) -> None:
    assert gpio.set_frequency(MOTOR, asked) == real
    assert gpio.get_frequency(MOTOR) == real


def test_the_real_range_follows_the_frequency(gpio: Gpio) -> None:
    for hertz in FREQUENCIES:
        gpio.set_frequency(MOTOR, hertz)
        assert gpio.get_real_range(MOTOR) == 200_000 // hertz
    assert gpio.set_range(MOTOR, 1000) == 20_000
    assert gpio.get_range(MOTOR) == 1000


def test_duty_comes_in_real_steps(gpio: Gpio) -> None:
    gpio.set_frequency(MOTOR, 8000)
    gpio.set_range(MOTOR, 10_000)
    gpio.pwm(MOTOR, 5_399)
    assert duty(gpio) == 13 / 25
    assert gpio.get_duty(MOTOR) == 5_399


def test_a_new_range_keeps_a_running_share(gpio: Gpio) -> None:
    gpio.pwm(MOTOR, 51)
    gpio.set_range(MOTOR, 1000)
    assert gpio.get_duty(MOTOR) == 200


def test_hardware_pwm(gpio: Gpio) -> None:
    assert gpio.hardware_pwm(18, 20_000, 250_000) == 0
    assert (gpio.get_mode(18), gpio.get_duty(18), gpio.get_frequency(18)) == (2, 250_000, 20_000)
    assert gpio.get_range(18) == 1_000_000
    assert gpio.get_real_range(18) == 18_750
    assert duty(gpio, 18) == 0.25
    gpio.hardware_pwm(12, 1000, 500_000)
    assert duty(gpio, 18) == 0.5, "they share a channel"
    gpio.hardware_pwm(18, 0, 0)
    assert duty(gpio, 18) == 0.0
    assert gpio.hardware_pwm(20, 1000, 0) == Err.NOT_HPWM_GPIO
    assert gpio.hardware_pwm(12, 187_500_001, 0) == Err.BAD_HPWM_FREQ
    assert gpio.hardware_pwm(12, 1000, 1_000_001) == Err.BAD_HPWM_DUTY


def test_what_is_out_of_range_is_refused(gpio: Gpio) -> None:
    assert gpio.set_mode(54, 0) == Err.BAD_GPIO
    assert gpio.set_mode(4, 8) == Err.BAD_MODE
    assert gpio.write(54, 0) == Err.BAD_GPIO
    assert gpio.write(4, 2) == Err.BAD_LEVEL
    assert gpio.set_pull(4, 3) == Err.BAD_PUD
    assert gpio.pwm(32, 0) == Err.BAD_USER_GPIO
    assert gpio.pwm(4, 256) == Err.BAD_DUTYCYCLE
    assert gpio.set_range(4, 24) == Err.BAD_DUTYRANGE
    assert gpio.set_range(4, 40_001) == Err.BAD_DUTYRANGE
    assert gpio.get_duty(4) == Err.NOT_PWM_GPIO
    assert gpio.read(2**32 - 1) == Err.BAD_GPIO


def test_pins_outside_the_mask_cannot_be_changed(machine: Machine) -> None:
    gpio = Gpio(Wiring(machine, Plant(machine)), lambda: 0.0, mask=1 << MOTOR)
    assert gpio.write(MOTOR, 1) == 0
    refused = [
        *(gpio.write(13, 1), gpio.set_mode(13, 1), gpio.set_pull(13, 0), gpio.pwm(13, 1)),
        *(gpio.set_range(13, 100), gpio.set_frequency(13, 100), gpio.hardware_pwm(13, 1000, 1)),
    ]
    assert refused == [Err.NOT_PERMITTED] * 7
    assert gpio.write_bank(1 << MOTOR | 1 << 13, 0) == Err.SOME_PERMITTED
    assert (duty(gpio, MOTOR), duty(gpio, 13)) == (0.0, 0.0)
    assert gpio.read(13) == 0


def test_the_stop_is_an_open_contact(gpio: Gpio) -> None:
    seen: list[int] = []
    gpio.on_change = seen.append
    assert gpio.read(STOP) == 0
    gpio.wiring.plant.stop_pressed = True
    gpio.stop_moved()
    assert gpio.read(STOP) == 1
    gpio.stop_moved()
    assert seen == [1 << STOP]
    assert gpio.bank(0) >> STOP & 1
