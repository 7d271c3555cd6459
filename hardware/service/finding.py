"""What is wrong with the machine: what a look at its sensors at rest says. Pure functions."""

from __future__ import annotations

from msgspec import Struct

from hardware.board.interface import Readings, pad_means
from hardware.machine import Machine
from hardware.safety.pad_watch import what_they_read
from hardware.words import Kind

PAD_REST_MAX_C = 45.0
PAD_WARM_C = 36.0
"""A pad as warm as this cannot be tested by a pulse of heat: it is as warm as that can tell."""
PAD_ALONE_C = 8.0
"""Warm, and another pad this much colder: it was heated alone and has to cool, or it says what is not so."""
BAG_REST_MMHG = 15.0


class Finding(Struct, frozen=True):
    """What is wrong; empty words mean that the part is sound."""

    heat: str = ""
    air: str = ""

    @property
    def lacking(self) -> tuple[Kind, ...]:
        """The kinds that cannot be used."""
        heat: tuple[Kind, ...] = ("heat",) if self.heat else ()
        return (*heat, "squeeze") if self.air else heat

    @property
    def unusable(self) -> bool:
        """Nothing that is measured can be: the converter, its wires or its supply."""
        return bool(self.heat and self.air)

    @property
    def detail(self) -> str:
        return f"{self.heat} {self.air}".strip()


def look(readings: Readings, machine: Machine) -> Finding:
    """What can be said of a machine whose outputs are all off."""
    return Finding(_heat(readings, machine), _air(readings, machine))


def _heat(readings: Readings, machine: Machine) -> str:
    for pad, sensors in zip(machine.pad, readings.pads_c, strict=True):
        if None in sensors:
            return what_they_read(pad.side, sensors)
        hottest = max(celsius for celsius in sensors if celsius is not None)
        if hottest > PAD_REST_MAX_C:
            return f"The {pad.side} pad is at {hottest:.1f} °C at rest."
    return ""


def warm_alone(readings: Readings, machine: Machine) -> str:
    """A pad that is warm while another one is not, as after heat to one foot; or that says what is not so."""
    means = [(celsius, pad.side) for celsius, pad in zip(pad_means(readings), machine.pad, strict=True)]
    known = [(celsius, side) for celsius, side in means if celsius is not None]
    if not known:
        return ""
    (coldest, _), (hottest, side) = min(known), max(known)
    if hottest < PAD_WARM_C or hottest - coldest <= PAD_ALONE_C:
        return ""
    return f"The {side} pad is at {hottest:.1f} °C, the other at {coldest:.1f} °C: it has to cool first."


def _air(readings: Readings, machine: Machine) -> str:
    for bag, mmhg in zip(machine.bag, readings.bags_mmhg, strict=True):
        if mmhg is None:
            return f"The {bag.zone} bag's sensor is out of range."
        if abs(mmhg) > BAG_REST_MMHG:
            return f"The {bag.zone} bag reads {mmhg:.0f} mmHg at rest, which should be about 0."
    return ""
