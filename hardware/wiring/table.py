"""Tables of a machine's wiring as Markdown: its pins, the converter's inputs, and the parts to buy."""

from __future__ import annotations

from collections.abc import Iterable

from hardware.machine import Machine
from hardware.wiring import values
from hardware.wiring.header import PIN_OF
from hardware.wiring.names import amps, channel_names, motor_name, spi_pins
from hardware.wiring.parts import parts

MARK = "<!-- {name}: written by `instep machine --table` -->"
END = "<!-- end of {name} -->"


def markdown(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def pins(machine: Machine) -> str:
    found = {
        machine.rail.pin: ("power rail", "edges, through 1 k to the monostable"),
        machine.emergency_stop.pin: ("emergency stop", "second contact to ground, 1 k to 3.3 V"),
    }
    for motor in machine.motor:
        found[motor.pin] = (
            motor_name(motor).lower(),
            f"MOSFET, PWM {motor.frequency_hz} Hz, {amps(machine, motor.watts)}",
        )
    if machine.pump:
        pump = machine.pump
        found[pump.pin] = ("air pump", f"MOSFET, PWM {pump.frequency_hz} Hz, {amps(machine, pump.watts)}")
    for bag in machine.bag:
        found[bag.valve_pin] = (f"valve, {bag.zone}", f"MOSFET, on/off, {amps(machine, bag.watts)}")
    for pad in machine.pad:
        found[pad.pin] = (
            f"heated pad, {pad.side}",
            f"MOSFET, PWM {pad.frequency_hz} Hz, {amps(machine, pad.watts)}",
        )
    for pin, signal in spi_pins(machine).items():
        found[pin] = (f"{machine.adc.chip}", signal)
    rows = [(str(pin), str(PIN_OF[pin]), what, how) for pin, (what, how) in sorted(found.items())]
    return markdown(("GPIO", "header pin", "what", "how"), rows)


def channels(machine: Machine) -> str:
    """Inputs that nothing is wired to are listed too: they go to ground."""
    names = channel_names(machine)
    heated = {channel for pad in machine.pad for channel in pad.channels}
    upper = values.upper_ohms(machine)
    pad_how = f"NTC to ground, {values.ohms(machine.pad_sensor.pull_up_ohms)} to {machine.adc.volts:g} V"
    divided = (
        f"{values.ohms(upper)} in series, {values.ohms(values.LOWER_OHMS)} to ground" if upper else "direct"
    )
    rows = []
    for channel in range(8):
        name = names.get(channel, "not used")
        how = pad_how if channel in heated else divided if channel in names else "to ground"
        rows.append((f"CH{channel}", str(channel + 1), name[0].lower() + name[1:], how))
    return markdown(("input", "chip pin", "what", "how"), rows)


def shopping(machine: Machine) -> str:
    return markdown(
        ("how many", "part", "what to look for"),
        ((str(part.number), part.name, part.look_for) for part in parts(machine)),
    )


def tables(machine: Machine) -> dict[str, str]:
    return {"parts": shopping(machine), "pins": pins(machine), "inputs": channels(machine)}


def marked(name: str, text: str) -> str:
    return f"{MARK.format(name=name)}\n\n{text}\n\n{END.format(name=name)}"
