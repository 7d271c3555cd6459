"""What a reader of the history gets to see."""

from __future__ import annotations

import contextlib
from typing import Any, Literal

import msgspec
from msgspec import Struct

from hardware.message import Message, as_message
from hardware.words import Feet, Outcome, Side, Zone


class SessionRow(Struct, frozen=True, kw_only=True):
    """One session in a list."""

    id: str
    program: str
    title: str
    person: str | None
    """None: a guest."""
    started_at: float | None
    """Seconds since 1970; None while the clock was not known to be right."""
    minutes: int
    """Asked for (the last that was)."""
    duration_s: float
    """Running time, pauses left out; 0 while it runs."""
    intensity: int
    """Asked for (the last that was), 1 to 10."""
    max_level: float
    """The highest in force; 0 while it runs."""
    heat_c: float | None
    """Asked for (the last that was); None is off."""
    feet: Feet
    outcome: Outcome | Literal["running"]
    before: int | None = None
    """How the feet felt, 0 (fine) to 10 (very sore)."""
    after: int | None = None
    key: float = 0.0
    """Where it stands among the others: ``started_at``, or just after the session before it."""


class WeekRow(Struct, frozen=True, kw_only=True):
    """One ISO week in local time."""

    year: int
    week: int
    sessions: int
    minutes: float


class RatingRow(Struct, frozen=True, kw_only=True):
    """How the feet felt in one ISO week, on average, 0 (fine) to 10 (very sore)."""

    year: int
    week: int
    sessions: int
    """That were rated, before and after."""
    before: float = 0.0
    after: float = 0.0


class EventRow(Struct, frozen=True, kw_only=True):
    elapsed_s: float
    what: str
    detail: dict[str, Any]
    code: str = ""
    """Of the fault that it is about."""
    severity: str | None = None
    found: Message | None = None
    """What was measured or found."""


def found_of(found: str | None, text: str | None) -> Message | None:
    """What an event's columns ``found`` and ``text`` say."""
    if found:
        with contextlib.suppress(msgspec.MsgspecError):
            return _FOUND.decode(found)
    return as_message(text)


_FOUND = msgspec.json.Decoder(Message)


class SessionDetail(Struct, frozen=True, kw_only=True):
    """One session with its curves: every list is as long as ``seconds``."""

    row: SessionRow
    seconds: list[int]
    """Since the session began; a second that was not kept is left out."""
    level: list[float]
    pads: dict[Side, list[float | None]]
    """°C; None where the sensors were not to be believed."""
    bags: dict[Zone, list[float | None]]
    """mmHg above the room."""
    events: list[EventRow]
