"""The interlock gate: the last word on every output, each tick, whatever asked for it.

It keeps nothing and trusts nobody: it sees what the controllers want, what the sensors say and the state
of the machine, and only ever takes away.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import assert_never

from hardware.board.interface import Outputs, Readings, all_off
from hardware.machine import Machine
from hardware.parts import Output
from hardware.safety import limits
from hardware.safety.interlocks import Below, Fresh, Interlock, Known, NotHeld, OnlyIn
from hardware.words import State

DRIVES: frozenset[State] = frozenset({"running", "preheating", "self-test", "service"})
"""S2: in every other state nothing is on. Without a session only a test, a tuning or a hand drives, and
pads are warmed for one."""

_NOTHING_LOWERED: Mapping[int, float] = {}


def gate(
    wanted: Outputs,
    readings: Readings,
    state: State,
    machine: Machine,
    now: float,
    held: Collection[int] = (),
    most: Mapping[int, float] = _NOTHING_LOWERED,
) -> Outputs:
    """What may really be put on the pins.

    ``held``: the places of outputs that have been on long enough (S7). ``most``: by place, what the inputs of
    an output that has had its time have to be below (S5).
    """
    if state not in DRIVES or readings.stop_open:  # S2, S3
        return all_off(machine)
    duties = []
    for output, duty in zip(machine.outputs, wanted.duties, strict=True):
        bounded = min(duty, output.ceiling) if duty > 0.0 else 0.0  # S1; what is not a number is off
        on = bounded > 0.0 and bounded >= output.stalls_below
        for lock in output.interlocks if on else ():
            if not _holds(lock, output, readings, state, now, held, most):
                on = False
                break
        duties.append(bounded if on else 0.0)
    return Outputs(tuple(duties))


def _holds(
    lock: Interlock,
    output: Output,
    readings: Readings,
    state: State,
    now: float,
    held: Collection[int],
    most: Mapping[int, float],
) -> bool:
    match lock:
        case OnlyIn(states):
            return state in states
        case Fresh():
            return now - readings.at_s <= limits.SENSOR_STALE_S
        case Known(places):
            return _known(readings.values, places)
        case Below(places, limit, elsewhere):
            here = elsewhere.get(state, limit)
            bound = min(here, most.get(output.place, here))
            return _below(readings.values, places, bound)
        case NotHeld():
            return output.place not in held
        case _:
            assert_never(lock)


def _known(values: tuple[float | None, ...], places: tuple[int, ...]) -> bool:
    for place in places:
        value = values[place]
        if value is None or value != value:
            return False
    return True


def _below(values: tuple[float | None, ...], places: tuple[int, ...], limit: float) -> bool:
    for place in places:
        value = values[place]
        if value is None or not value < limit:
            return False
    return True
