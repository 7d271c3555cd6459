"""Machines and plants that people may have built: the reference machine, smaller ones, odder ones."""

from __future__ import annotations

from random import Random

from msgspec.structs import replace

from hardware.machine import Machine
from hardware.virtual.params import BAGS, PlantParams
from tests.machines import coarse

SPREAD = 0.45
OTHER = 0.25
"""Share of machines that are not the reference machine."""
AWKWARD, RESTLESS = 0.4, 0.5
"""Share with noise, wrong words, warm rooms and blankets; and with all else that real ones have."""
ODD_BAGS = 0.15


def others(machine: Machine) -> tuple[Machine, ...]:
    """Fewer parts, other sensors, a supply that does not do for everything."""
    fewer = (
        replace(machine, bag=(), pump=None),
        replace(machine, pad=()),
        replace(machine, pad=machine.pad[:1]),
        replace(machine, pad=machine.pad[:1], bag=machine.bag[::2]),
        replace(machine, motor=machine.motor[2:4], bag=machine.bag[:1]),
    )
    poor = tuple(replace(machine, supply=replace(machine.supply, watts=watts)) for watts in (20, 30))
    return (*fewer, *poor, coarse(machine), coarse(fewer[3]))


def draw_machine(rng: Random, machine: Machine) -> Machine:
    return rng.choice(others(machine)) if rng.random() < OTHER else machine


def draw_plant(rng: Random, odd: Random) -> PlantParams:
    """A plausible plant; ``odd`` draws what makes it a less usual one."""
    params = PlantParams.random(rng, SPREAD)
    if odd.random() < AWKWARD:
        params = params.awkward(odd)
    if odd.random() < RESTLESS:
        params = params.restless(odd)
    if odd.random() < ODD_BAGS:
        size = odd.choice((0.5, 0.7, 1.6))
        bags = {
            zone: replace(
                params.bag(zone),
                slack_ml=params.bag(zone).slack_ml * size,
                ml_per_mmhg=params.bag(zone).ml_per_mmhg * size,
            )
            for zone in BAGS
        }
        params = replace(params, bags=bags)
    return params


def warmed_from_outside(params: PlantParams) -> bool:
    """Whether pads may get warm without electricity: by the room, the sun, a blanket."""
    sunny = any(pad.sun_w for pad in params.pads.values())
    return params.room_c > 30.0 or params.room_c_per_h > 0.0 or params.blanket > 0.0 or sunny
