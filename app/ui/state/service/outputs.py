"""The outputs that can be driven by hand, with what each of them really does now."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.state import common
from app.ui.state.service import parts
from app.ui.words import _
from hardware.machine import Machine
from hardware.messages import Snapshot
from hardware.words import DrivenPart


@dataclass(frozen=True)
class Output:
    part: DrivenPart
    index: int
    title: str
    effect: str
    """What was measured, or the duty where nothing is."""
    tone: str
    driven: bool
    """The machine says so; the finger has no say in it."""


def outputs(snapshot: Snapshot, machine: Machine) -> tuple[Output, ...]:
    found: list[Output] = []
    driven = snapshot.driven

    def add(part: DrivenPart, index: int, title: str, effect: str, tone: str) -> None:
        is_driven = driven is not None and (driven.part, driven.index) == (part, index)
        found.append(Output(part, index, title, effect, tone, is_driven))

    for index, motor in enumerate(machine.motor):
        duty = snapshot.motors[index].duty if index < len(snapshot.motors) else 0.0
        zone = common.zone(motor.zone)
        effect = (
            _("{zone}, {duty}").format(zone=zone, duty=parts.share(duty))
            if duty > 0
            else _("{zone}, off").format(zone=zone)
        )
        add("motor", index, parts.motor(motor), effect, "motion")
    for index, bag in enumerate(machine.bag):
        mmhg = snapshot.bags[index].mmhg if index < len(snapshot.bags) else None
        add("bag", index, parts.bag(bag.zone), parts.pressure(mmhg), "air")
    for index, pad in enumerate(machine.pad):
        view = snapshot.pads[index] if index < len(snapshot.pads) else None
        effect = parts.degrees(view.c if view else None)
        if view and view.duty > 0:
            effect = _("{c}, {duty}").format(c=effect, duty=parts.share(view.duty))
        add("pad", index, parts.pad(pad.side), effect, "heat")
    return tuple(found)
