"""What is wrong with the machine: what a look at its sensors at rest says. Pure functions."""

from __future__ import annotations

from msgspec import Struct

from hardware.board.interface import Readings, pad_means
from hardware.machine import Machine
from hardware.message import Message, Part, Pressure, Temperature, says
from hardware.safety.bag_watch import bag_sensor_out_of_range
from hardware.safety.pad_watch import what_they_read
from hardware.words import Kind


@says("{pad}: is at {now} at rest.")
def pad_hot_at_rest(pad: Part, now: Temperature) -> None: ...


@says("{pad}: is at {now}, the other pad at {other}. It has to cool first.")
def pad_has_to_cool(pad: Part, now: Temperature, other: Temperature) -> None: ...


@says("{bag}: reads {now} at rest; it should be about 0.")
def bag_not_empty(bag: Part, now: Pressure) -> None: ...


PAD_REST_MAX_C = 45.0
PAD_WARM_C = 36.0
"""A pad as warm as this cannot be tested by a pulse of heat: it is as warm as that can tell."""
PAD_ALONE_C = 8.0
"""Warm, and another pad this much colder: it was heated alone and has to cool, or it says what is not so."""
BAG_REST_MMHG = 15.0


class Finding(Struct, frozen=True):
    """What is wrong; None means that the part is sound."""

    heat: Message | None = None
    air: Message | None = None

    @property
    def lacking(self) -> tuple[Kind, ...]:
        """The kinds that cannot be used."""
        heat: tuple[Kind, ...] = ("heat",) if self.heat else ()
        return (*heat, "squeeze") if self.air else heat

    @property
    def unusable(self) -> bool:
        """Nothing that is measured can be: the converter, its wires or its supply."""
        return self.heat is not None and self.air is not None

    @property
    def all(self) -> tuple[Message, ...]:
        """All that is wrong."""
        return tuple(found for found in (self.heat, self.air) if found is not None)


def look(readings: Readings, machine: Machine) -> Finding:
    """What can be said of a machine whose outputs are all off."""
    return Finding(_heat(readings, machine), _air(readings, machine))


def _heat(readings: Readings, machine: Machine) -> Message | None:
    for pad, (first, second) in zip(machine.pad, machine.pad_sensors, strict=True):
        sensors = (first.of(readings), second.of(readings))
        if None in sensors:
            return what_they_read(pad.side, sensors)
        hottest = max(celsius for celsius in sensors if celsius is not None)
        if hottest > PAD_REST_MAX_C:
            return pad_hot_at_rest(Part(f"pad.{pad.side}"), Temperature(hottest))
    return None


def warm_alone(readings: Readings, machine: Machine) -> Message | None:
    """A pad that is warm while another one is not, as after heat to one foot; or that says what is not so."""
    means = [
        (celsius, pad.side)
        for celsius, pad in zip(pad_means(readings, machine.pad_sensors), machine.pad, strict=True)
    ]
    known = [(celsius, side) for celsius, side in means if celsius is not None]
    if not known:
        return None
    (coldest, _), (hottest, side) = min(known), max(known)
    if hottest < PAD_WARM_C or hottest - coldest <= PAD_ALONE_C:
        return None
    return pad_has_to_cool(Part(f"pad.{side}"), Temperature(hottest), Temperature(coldest))


def _air(readings: Readings, machine: Machine) -> Message | None:
    for bag, ref in zip(machine.bag, machine.bag_sensors, strict=True):
        mmhg = ref.of(readings)
        if mmhg is None:
            return bag_sensor_out_of_range(Part(f"bag.{bag.zone}"))
        if abs(mmhg) > BAG_REST_MMHG:
            return bag_not_empty(Part(f"bag.{bag.zone}"), Pressure(mmhg))
    return None
