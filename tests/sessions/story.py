"""Sessions to record: what a machine would tell of them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.sessions.recorder import Recorder
from hardware.messages import Event, Noted, Sampled, SessionEnded, SessionStarted
from hardware.words import Outcome

DEADLINE_S = 20.0
NOW_S = 1_795_000_000.0
"""A wall clock: November 2026."""


def started(session: str = "s1", **other: Any) -> SessionStarted:
    told = {
        "at_s": 100.0,
        "session": session,
        "program": "relax",
        "title": "Relax",
        "program_version": 3,
        "person": "anna",
        "minutes": 20,
        "intensity": 4,
        "heat_c": 40.0,
        "feet": "both",
        "pads": ("left", "right"),
        "bags": ("foot", "heel", "ankle", "calf"),
    }
    return SessionStarted(**(told | other))


def sampled(second: int, session: str = "s1", **other: Any) -> Sampled:
    told = {"pads_c": (30.0, 30.5), "bags_mmhg": (0.0, 10.0, 20.0, 30.0), "level": 1.0}
    return Sampled(session=session, second=second, **(told | other))


def noted(what: str, elapsed_s: float = 1.0, session: str | None = "s1", **detail: Any) -> Noted:
    return Noted(at_s=100.0 + elapsed_s, session=session, elapsed_s=elapsed_s, what=what, detail=detail)


def ended(session: str = "s1", outcome: Outcome = "completed", **other: Any) -> SessionEnded:
    told = {
        "at_s": 1300.0,
        "duration_s": 1200.0,
        "intensity": 6,
        "max_level": 6.0,
        "mean_level": 4.5,
        "minutes": 25,
        "heat_c": None,
    }
    return SessionEnded(session=session, outcome=outcome, **(told | other))


def twenty_minutes(session: str = "s1", seed: int = 0) -> Iterator[Event]:
    """A lively session: bags that never rest, sensors that flicker, an event every 20 s."""
    rng = random.Random(seed)
    yield started(session)
    pads_c = [24.0, 25.0]
    for second in range(1200):
        pads_c = [c + (40.0 - c) * 0.01 + rng.gauss(0, 0.1) for c in pads_c]
        yield sampled(
            second,
            session,
            pads_c=tuple(pads_c),
            bags_mmhg=tuple(_squeeze((second + 7 * bag) % 24) + rng.gauss(0, 1.2) for bag in range(4)),
            level=min(6.0, 1 + second / 30),
        )
        if second % 20 == 0:
            yield noted("level", second, session, level=4, was=3)
    yield ended(session)


def _squeeze(at_s: int) -> float:
    return 9.0 * at_s if at_s < 10 else 90.0 if at_s < 16 else 90.0 * math.exp((16 - at_s) / 2)


def recorder(path: Path, boot: str = "b1", **other: Any) -> Recorder:
    """One on a clock that stands still at NOW_S, 100 s after it was switched on."""
    options: dict[str, Any] = {
        "clock": lambda: NOW_S,
        "monotonic": lambda: 100.0,
        "is_good": lambda: True,
        "retry_s": 0.01,
    }
    return Recorder(path, boot=boot, **(options | other))


def record(path: Path, *events: Event, boot: str = "b1", **other: Any) -> Recorder:
    """Keep ``events`` and close."""
    keeper = recorder(path, boot, **other)
    keeper.start()
    for event in events:
        keeper.put(event)
    assert keeper.close(DEADLINE_S)
    return keeper


Recording = Callable[..., Recorder]
