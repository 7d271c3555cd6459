"""gpiozero's own pigpio factory on the daemon, unmodified."""

from __future__ import annotations

from collections.abc import Iterator

import gpiozero
import pytest
from gpiozero.pins.pigpio import PiGPIOFactory

from hardware.machine import Machine
from hardware.sensors import bag_mmhg, pad_celsius
from tests.daemon import Daemon, until

pytestmark = pytest.mark.process


@pytest.fixture
def factory(daemon: Daemon) -> Iterator[PiGPIOFactory]:
    factory = PiGPIOFactory("localhost", daemon.port)
    yield factory
    factory.close()


def duty(daemon: Daemon, pin: int) -> float:
    with daemon.watch() as watch:
        return float(watch.state()["pins"][str(pin)]["duty"])


def test_digital_outputs(daemon: Daemon, factory: PiGPIOFactory) -> None:
    for kind in (gpiozero.LED, gpiozero.DigitalOutputDevice):
        with kind(21, pin_factory=factory) as valve:
            valve.on()
            assert valve.value == 1
            assert duty(daemon, 21) == 1.0
            valve.off()
            assert duty(daemon, 21) == 0.0
        assert duty(daemon, 21) == 0.0


@pytest.mark.parametrize(("pin", "hertz"), [(12, 800), (25, 10), (20, 8000)])
def test_pwm_outputs(daemon: Daemon, factory: PiGPIOFactory, pin: int, hertz: int) -> None:
    with gpiozero.PWMOutputDevice(pin, frequency=hertz, pin_factory=factory) as motor:
        assert motor.frequency == hertz
        for value in (0.2, 1.0, 0.6, 0.0):
            motor.value = value
            assert motor.value == pytest.approx(value)
            assert duty(daemon, pin) == pytest.approx(value)
        motor.value = 0.5
    assert duty(daemon, pin) == 0.0, "closing switches off"


def test_a_pwm_led(daemon: Daemon, factory: PiGPIOFactory) -> None:
    with gpiozero.PWMLED(18, pin_factory=factory) as led:
        led.value = 0.25
        assert duty(daemon, 18) == pytest.approx(0.25, abs=0.005)


@pytest.mark.parametrize("kind", [gpiozero.Button, gpiozero.DigitalInputDevice])
def test_the_emergency_stop(
    daemon: Daemon, factory: PiGPIOFactory, kind: type[gpiozero.DigitalInputDevice]
) -> None:
    with kind(5, pull_up=True, pin_factory=factory) as contact, daemon.watch() as watch:
        seen: list[str] = []
        contact.when_activated = lambda: seen.append("closed")
        contact.when_deactivated = lambda: seen.append("open")
        assert contact.value == 1
        watch.set("emergency_stop", pressed=True)
        until(lambda: contact.value == 0)
        # the first edge may be swallowed when the client had not seen the level before
        watch.set("emergency_stop", pressed=False)
        until(lambda: contact.value == 1)
        watch.set("emergency_stop", pressed=True)
        until(lambda: "open" in seen)
        watch.set("emergency_stop", pressed=False)
        until(lambda: seen[-1] == "closed")


def test_the_adc(factory: PiGPIOFactory, machine: Machine) -> None:
    inputs = [gpiozero.MCP3008(channel, pin_factory=factory) for channel in range(8)]
    for channel in inputs[:4]:
        assert pad_celsius(channel.raw_value, machine) == pytest.approx(20.0, abs=3.0)
    for channel in inputs[4:]:
        assert bag_mmhg(channel.raw_value, machine) == pytest.approx(0.0, abs=4.0)
    for channel in inputs:
        channel.close()
