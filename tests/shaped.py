"""Readings and outputs as tests speak of them: pads two by two, and each family of outputs apart."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from hardware.board.interface import Outputs, Readings
from hardware.machine import Machine

Pair = tuple[float | None, float | None]


def outputs(
    machine: Machine,
    motors: Sequence[float] | None = None,
    pump: float = 0.0,
    valves: Sequence[bool] | None = None,
    heaters: Sequence[float] | None = None,
) -> Outputs:
    """What is left out is off."""
    duties = [0.0] * len(machine.outputs)
    layout = machine.layout
    for part, wanted in ((layout.motors, motors), (layout.valves, valves), (layout.pads, heaters)):
        if wanted is not None:
            duties[part] = [float(duty) for duty in wanted]
    if layout.pump is not None:
        duties[layout.pump] = pump
    assert len(duties) == len(machine.outputs)
    return Outputs(tuple(duties))


def flat(motors: Sequence[float], pump: float, valves: Sequence[bool], heaters: Sequence[float]) -> Outputs:
    """Of a machine with a pump, all of its outputs."""
    return Outputs((*motors, pump, *map(float, valves), *heaters))


def motors(machine: Machine, of: Outputs) -> tuple[float, ...]:
    return of.duties[machine.layout.motors]


def pump(machine: Machine, of: Outputs) -> float:
    return 0.0 if machine.layout.pump is None else of.duties[machine.layout.pump]


def valves(machine: Machine, of: Outputs) -> tuple[bool, ...]:
    return tuple(map(bool, of.duties[machine.layout.valves]))


def heaters(machine: Machine, of: Outputs) -> tuple[float, ...]:
    return of.duties[machine.layout.pads]


def pads_c(machine: Machine, of: Readings) -> tuple[Pair, ...]:
    return tuple((a.of(of), b.of(of)) for a, b in machine.pad_sensors)


def bags_mmhg(machine: Machine, of: Readings) -> tuple[float | None, ...]:
    return tuple(bag.of(of) for bag in machine.bag_sensors)


def reading(
    machine: Machine,
    of: Readings,
    *,
    pads_c: Sequence[Pair] | None = None,
    bags_mmhg: Sequence[float | None] | None = None,
) -> Readings:
    """The same with other pads, or other bags."""
    values = list(of.values)
    for (a, b), pair in zip(machine.pad_sensors, pads_c or (), strict=pads_c is not None):
        values[a.place], values[b.place] = pair
    for bag, mmhg in zip(machine.bag_sensors, bags_mmhg or (), strict=bags_mmhg is not None):
        values[bag.place] = mmhg
    return replace(of, values=tuple(values))
