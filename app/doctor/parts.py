"""The machine behind the pins, as the running controller tells: sensors, rail, self-test, faults."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from app.doctor.line import Line
from app.doctor.look import Look
from app.doctor.sensors import sensors
from hardware.machine import Machine
from hardware.message import Message
from hardware.messages import CheckView, Snapshot
from hardware.service.pulses import (
    air_came_elsewhere,
    bag_does_not_empty,
    bag_takes_no_air,
    no_bag_takes_air,
    no_pad_gets_warm,
    nothing_answers,
    pads_swapped,
)

SAID_ELSEWHERE = frozenset({"self-test-failed", "emergency-stop", "pins-lost"})
ADVICE_SAID_ELSEWHERE = frozenset({"pad-sensor-invalid", "pressure-sensor-invalid"})
"""Faults that have a line of their own kind; the second only as long as they stop nothing."""


def parts(look: Look) -> Iterator[Line]:
    snapshot, machine = look.snapshot, look.machine
    if snapshot is None or machine is None:
        return
    lines = list(sensors(machine, look.heard))
    yield from lines
    yield from rail(snapshot, machine)
    yield from self_test(snapshot, machine)
    yield from faults(snapshot, miswired_bags(machine, lines))


def miswired_bags(machine: Machine, lines: Sequence[Line]) -> list[str]:
    """Keys of the bags whose inputs have no sensor, or another's: they were never full of air."""
    amiss = {line.id for line in lines if line.miswired}
    return [f"bag.{bag.zone}" for bag in machine.bag if f"bag-{bag.zone}" in amiss]


def rail(snapshot: Snapshot, machine: Machine) -> Iterator[Line]:
    """Nothing measures it: only what it feeds can tell."""
    check, pin = snapshot.check, machine.rail.pin
    if snapshot.inputs is None:
        return
    if check is not None and nothing_answers.made(check.heat or check.air):
        do = (
            f"See the 12 V supply, its plug and fuse, then the relay and its monostable: pin {pin} has to "
            f"pulse, and the relay lets go {machine.rail.drops_after_ms} ms after the last pulse."
        )
        value = f"no valve, pump or pad answered in the self-test (pin {pin})"
        yield Line("Machine", "rail", "12 V rail", value, "broken", do)
    elif snapshot.state == "fault":
        yield Line("Machine", "rail", "12 V rail", f"kept off while the machine is in a fault (pin {pin})")
    elif check is not None and check.pulsed and (machine.pad or machine.bag):
        value = (
            f"there: parts it feeds answered in the self-test (pin {pin}); "
            "that the relay lets go again only its lamp shows: instep commission looks at it with you"
        )
        yield Line("Machine", "rail", "12 V rail", value)
    else:
        value = f"asked for on pin {pin}; only the self-test can tell whether it comes"
        yield Line("Machine", "rail", "12 V rail", value)


def self_test(snapshot: Snapshot, machine: Machine) -> Iterator[Line]:
    check = snapshot.check
    if check is None or snapshot.inputs is None or not (machine.pad or machine.bag):
        return  # motors say nothing back
    if snapshot.state == "self-test":
        yield Line("Machine", "self-test", "Self-test", f"goes on, about {check.left_s} s yet")
        return
    found = [
        (what, words)
        for what, words in (("heat", check.heat), ("air", check.air))
        if words is not None and not nothing_answers.made(words)
    ]
    for what, words in found:
        do = _where(words, machine)
        yield Line("Machine", f"self-test-{what}", f"Self-test, {what}", str(words), "broken", do)
    if found or nothing_answers.made(check.heat or check.air):
        return
    if check.pulsed:
        yield Line("Machine", "self-test", "Self-test", "every valve and pad answered")
    else:
        value = "only looked at the sensors; no valve or pad was tried since the start"
        yield Line("Machine", "self-test", "Self-test", value, "attention", "instep doctor --self-test")


def _where(found: Message, machine: Machine) -> str:
    """Pins and inputs of the parts that a finding names, so that the builder need not look them up."""
    places = [
        f"{pad.side} pad: pin {pad.pin}, inputs {pad.channels[0]} and {pad.channels[1]}"
        for pad in machine.pad
        if f"pad.{pad.side}" in found.parts
    ]
    places += [
        f"{bag.zone} bag: valve pin {bag.valve_pin}, input {bag.channel}"
        for bag in machine.bag
        if f"bag.{bag.zone}" in found.parts
    ]
    if no_bag_takes_air.made(found) and machine.pump is not None:
        places.append(f"pump: pin {machine.pump.pin}")
    if no_pad_gets_warm.made(found):
        places += [f"{pad.side} pad: pin {pad.pin}" for pad in machine.pad]
    listed = f"{'; '.join(places)}. " if places else ""
    if pads_swapped.made(found) or air_came_elsewhere.made(found):
        after = "`instep commission` finds out which of the two it is."
    else:
        after = (
            "Then: instep self-test. If all of it is sound, `instep commission` finds wires that are swapped."
        )
    if bag_takes_no_air.made(found) or bag_does_not_empty.made(found):
        after = (
            "So does a valve that is sold as normally open (its bag stays hard without current; needed is a "
            f"normally closed one), or whose ports are exchanged. {after}"
        )
    return f"{listed[:1].upper()}{listed[1:]}{after}"


def faults(snapshot: Snapshot, miswired: Collection[str] = ()) -> Iterator[Line]:
    told: CheckView | None = snapshot.check
    for fault in snapshot.faults:
        covered = fault.code in SAID_ELSEWHERE
        covered |= fault.code in ADVICE_SAID_ELSEWHERE and not fault.latched
        if fault.code == "self-test-failed":
            covered = told is not None and (told.heat or told.air) is not None
        if covered or not (fault.present or fault.latched):
            continue
        grave = fault.severity == "stop"
        if fault.code.startswith("bag-") and fault.part in miswired:
            value = f"{fault.code}: it follows from that bag's input, above"
            do = "Mend its wires, then confirm the fault on the screen."
            yield Line("Machine", f"fault-{fault.code}", "Fault", value, "broken", do)
            continue
        gone = "" if fault.present else " Its cause has gone: confirm it on the screen."
        yield Line(
            "Machine",
            f"fault-{fault.code}",
            "Fault",
            f"{fault.code}: {fault.detail}",
            "broken" if grave else "attention",
            f"{fault.words}{gone}",
        )
