"""What each sensor should have read while the doctor looked, and a finding where nothing explains it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, assert_never

from msgspec import Struct
from msgspec.structs import replace

from app.doctor.line import Line
from app.spread import spread
from hardware.machine import Machine
from hardware.messages import InputsView
from hardware.parts import Input
from hardware.safety.expectation import Expectation

LEAST_LOOKS = 5
"""A sound sensor is off in one look of a hundred, so a few of them on end are no chance."""


class Expected(Struct, frozen=True):
    """Of one sensor, for the whole look."""

    last: Expectation
    unit: Literal["°C", "mmHg"]
    decimals: int
    channel: int
    off: float
    """How far, at the least, it was beyond what can be explained; 0: not all the time, or not on one side."""

    @property
    def said(self) -> str:
        """Empty where nothing can be said."""
        found = spread(self.last, self.decimals)
        if found is None:
            return ""
        value, within = found
        return f"expected {value:.{self.decimals}f} ± {within:.{self.decimals}f} {self.unit}"


def expected(machine: Machine, views: Sequence[InputsView]) -> Iterator[tuple[Input, Expected]]:
    """(input, what was expected of it); none of what an older controller does not tell."""
    for measured in machine.inputs:
        told = [view.by_key[measured.key] for view in views if measured.key in view.by_key]
        looks = [each.expected for each in told if each.expected is not None]
        if not looks:
            continue
        match measured.quantity:
            case "temperature":
                yield measured, Expected(looks[-1], "°C", 1, measured.channel, _off(looks))
            case "pressure":
                yield measured, Expected(looks[-1], "mmHg", 0, measured.channel, _off(looks))
            case _:
                assert_never(measured.quantity)


def _off(looks: Sequence[Expectation]) -> float:
    off = [look.unexplained for look in looks]
    if len(off) < LEAST_LOOKS:
        return 0.0
    return max(min(off), 0.0) or min(max(off), 0.0)


def explained(line: Line, of: Expected | None) -> Line:
    """The sensor's line with what was expected; a finding only where nothing is found otherwise."""
    if of is None or not of.said:
        return line
    value = f"{line.value}, {of.said}"
    if line.verdict != "ok" or of.off == 0.0:
        return replace(line, value=value)
    side = "more" if of.off > 0.0 else "less"
    value += f": {abs(of.off):.1f} {of.unit} {side} than can be explained"
    return replace(line, value=value, verdict="attention", do=_what_to_do(line.name, of))


def _what_to_do(name: str, of: Expected) -> str:
    if of.unit == "°C":
        return (
            "The heat that went in does not lead to it: press the sensor on, see the wires and the resistor "
            f"of input {of.channel}, then the pad's plug, fuse and MOSFET. If the sun or a foot changes it "
            "just now, look again later."
        )
    return (
        f"The air that went in does not lead to it: see the hose and the valve of the {name.lower()}, then "
        f"the wires of input {of.channel}. If a foot moves in it just now, look again later."
    )
