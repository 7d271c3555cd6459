"""What a machine's parts are called in tables and pictures."""

from __future__ import annotations

from hardware.machine import SPI_BUS_PINS, SPI_PINS, Machine, Motor

MOTORS = {"roll": "roller", "knead": "kneader", "vibrate": "vibration"}


def motor_name(motor: Motor) -> str:
    return f"{motor.zone} {MOTORS[motor.kind]}, {motor.side}".capitalize()


def spi_pins(machine: Machine) -> dict[int, str]:
    """The converter's pins by BCM number: which of its signals each carries."""
    miso, mosi, clock = SPI_BUS_PINS[machine.adc.port]
    select = SPI_PINS[machine.adc.port][machine.adc.select]
    return {miso: "MISO", mosi: "MOSI", clock: "clock", select: "select"}


def channel_names(machine: Machine) -> dict[int, str]:
    """What each of the converter's inputs reads."""
    names = {}
    for pad in machine.pad:
        for letter, channel in zip("AB", pad.channels, strict=True):
            names[channel] = f"{pad.side.capitalize()} pad, sensor {letter}"
    for bag in machine.bag:
        names[bag.channel] = f"{bag.zone.capitalize()} bags"
    return names


def amps(machine: Machine, watts: float) -> str:
    return f"{watts:g} W · {watts / machine.supply.volts:.2g} A"


def rail_name(machine: Machine) -> str:
    return f"{machine.supply.volts:g} V rail"
