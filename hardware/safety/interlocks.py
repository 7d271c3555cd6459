"""What has to hold for an output to be on: a small closed set, declared with each output as data.

The gate evaluates them; nothing else does, and no part of the machine is asked. An interlock can only keep an
output off.
"""

from __future__ import annotations

from msgspec import Struct

from hardware.words import State


class OnlyIn(Struct, frozen=True):
    """The machine is in one of these states (S2)."""

    states: frozenset[State]


class Fresh(Struct, frozen=True):
    """The readings are not older than SENSOR_STALE_S (S4)."""


class Known(Struct, frozen=True):
    """Each of these inputs reads something (S4, S6). ``places`` are into the machine's inputs."""

    places: tuple[int, ...]


class Below(Struct, frozen=True):
    """Each of these inputs is known and reads less than ``limit``, in some states than another one.

    What has had its time is held to less still: the gate is told by output (S5).
    """

    places: tuple[int, ...]
    limit: float
    elsewhere: dict[State, float] = {}


class NotHeld(Struct, frozen=True):
    """It has not been on for so long that it has to rest (S7): the gate is told which are."""


Interlock = OnlyIn | Fresh | Known | Below | NotHeld
