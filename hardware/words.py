"""The closed sets of words that files, commands and snapshots share."""

from __future__ import annotations

from typing import Literal, get_args

Kind = Literal["knead", "roll", "squeeze", "vibrate", "heat"]
"""What the machine can do to a foot."""

MotionKind = Literal["knead", "roll", "vibrate"]
"""The kinds that are motors."""

Zone = Literal["sole", "arch", "foot", "heel", "ankle", "calf"]
"""Where it does it. ``foot`` is the bag around the instep."""

Side = Literal["left", "right"]
Feet = Literal["both", "left", "right"]

Balance = Literal["off", "soft", "normal", "strong"]

State = Literal[
    "starting", "self-test", "idle", "preheating", "service", "running", "paused", "stopping", "fault"
]
"""``preheating``: pads are warmed for somebody who gets ready. ``service``: an errand without a session, such
as tuning a pad."""

Outcome = Literal["completed", "stopped", "pain", "fault", "interrupted"]
"""How a session ended."""

TuneState = Literal["warming", "centring", "measuring", "done", "aborted"]

Severity = Literal["advise", "pause", "stop"]

KINDS: tuple[Kind, ...] = get_args(Kind)
ZONES: tuple[Zone, ...] = get_args(Zone)

BALANCE_FACTOR: dict[Balance, float] = {"off": 0.0, "soft": 0.7, "normal": 1.0, "strong": 1.2}
