"""What a Pi has to be told about a machine's pins: the pin daemon's mask and the boot settings. Pure."""

from __future__ import annotations

from hardware.machine import Machine


def pin_mask(machine: Machine) -> int:
    """The pins that pigpiod may change (``pigpiod -x``), a bit each.

    The emergency stop is only read, but pigpiod asks the mask for a pin's mode and pull-up too. The SPI pins
    stay out: pigpiod's own SPI does not ask, and nobody else is to drive them.
    """
    return sum(1 << pin for pin in (*machine.power_pins(), machine.rail.pin, machine.emergency_stop.pin))


def boot_settings(machine: Machine) -> list[str]:
    """Lines for the Pi's config.txt, so that the pins are right before any program of ours runs.

    pigpiod drives the SPI peripheral itself: the kernel's driver has to leave it alone.
    """
    outputs = ",".join(str(pin) for pin in sorted((*machine.power_pins(), machine.rail.pin)))
    lines = [f"gpio={outputs}=op,dl", f"gpio={machine.emergency_stop.pin}=ip,pu"]
    if machine.pins.factory == "pigpio":
        return [*lines, "dtparam=spi=off"]
    adc = machine.adc
    spi = "dtparam=spi=on" if adc.port == 0 else f"dtoverlay=spi1-{adc.select + 1}cs"
    # A line goes back to being an input, pulled down, when the program that held it has gone.
    return [*lines, spi, "dtparam=strict_gpiod"]
