"""The outputs that can be driven by hand, with what each of them really does now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from app.ui.state import common
from app.ui.state.service import parts
from app.ui.words import _
from hardware.machine import Machine
from hardware.messages import Snapshot
from hardware.parts import Output as Driven


@dataclass(frozen=True)
class Output:
    key: str
    title: str
    effect: str
    """What was measured, or the duty where nothing is."""
    tone: str
    driven: bool
    """The machine says so; the finger has no say in it."""


def outputs(snapshot: Snapshot, machine: Machine) -> tuple[Output, ...]:
    return tuple(
        Output(
            output.key,
            parts.named(output.key),
            _effect(output, snapshot, machine),
            output.family,
            snapshot.driven == output.key,
        )
        for output in machine.by_hand
    )


def _effect(output: Driven, snapshot: Snapshot, machine: Machine) -> str:
    layout = machine.layout
    match output.family:
        case "motion":
            at = output.place - layout.motors.start
            duty = snapshot.motors[at].duty if at < len(snapshot.motors) else 0.0
            zone = common.zone(output.zone or "sole")
            if duty > 0:
                return _("{zone}, {duty}").format(zone=zone, duty=parts.share(duty))
            return _("{zone}, off").format(zone=zone)
        case "air":
            at = output.place - layout.valves.start
            return parts.pressure(snapshot.bags[at].mmhg if at < len(snapshot.bags) else None)
        case "heat":
            at = output.place - layout.pads.start
            view = snapshot.pads[at] if at < len(snapshot.pads) else None
            degrees = parts.degrees(view.c if view else None)
            if view and view.duty > 0:
                return _("{c}, {duty}").format(c=degrees, duty=parts.share(view.duty))
            return degrees
        case _:
            assert_never(output.family)
