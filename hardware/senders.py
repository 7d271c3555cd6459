"""Who a command comes from, and what may come from there."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from hardware.messages import (
    Acknowledge,
    Alive,
    CheckItself,
    Command,
    Drive,
    EngineCommand,
    KeepGains,
    Pain,
    Pause,
    Rezero,
    Stop,
    Tune,
)

Role = Literal["screen", "command-line", "service", "outside"]
"""The machine's own screen; a session from a terminal; a builder's tool there; what is not at the machine."""


class Sender(Struct, frozen=True):
    """One connection, for as long as its process lives: a screen that is started anew is another one."""

    role: Role
    id: str


class Given(Struct, frozen=True):
    """A command with who gave it."""

    command: EngineCommand
    by: Sender


SERVICE_ONLY: frozenset[type] = frozenset({Drive, Tune, KeepGains, Rezero})
"""Moves something with no session around it."""
_RIGHTS: dict[Role, frozenset[type]] = {
    "service": SERVICE_ONLY | {Stop, Pain, Acknowledge, Alive, CheckItself},
    # Who is not there cannot see the feet: what makes things quieter, and nothing else.
    "outside": frozenset({Stop, Pause}),
}


def may(role: Role, command: Command) -> bool:
    """Whether such a command may come from there."""
    if role == "screen":
        return True
    if role == "command-line":
        return type(command) not in SERVICE_ONLY
    return type(command) in _RIGHTS[role]
