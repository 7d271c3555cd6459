"""What is told of a session for the history: its beginning, its end, its curves, what happened."""

from __future__ import annotations

from typing import Any

from hardware.board.interface import Readings, pad_means
from hardware.machine import Machine
from hardware.message import Message
from hardware.messages import EndedView, Noted, Sampled, SessionEnded, SessionStarted
from hardware.session import Session
from hardware.words import Outcome, Severity


def started(session: Session, machine: Machine, now: float) -> SessionStarted:
    return SessionStarted(
        at_s=now,
        session=session.id,
        program=session.program.id,
        title=session.program.title,
        program_version=session.program.version,
        person=session.person,
        minutes=session.minutes,
        intensity=session.intensity,
        heat_c=session.heat_c,
        feet=session.feet,
        pads=tuple(pad.side for pad in machine.pad),
        bags=tuple(bag.zone for bag in machine.bag),
    )


def ended(session: Session, outcome: Outcome, now: float) -> SessionEnded:
    return SessionEnded(
        at_s=now,
        session=session.id,
        outcome=outcome,
        duration_s=round(session.running_s, 2),
        intensity=session.intensity,
        max_level=round(session.max_level, 2),
        mean_level=round(session.mean_level, 2),
        minutes=session.minutes,
        heat_c=session.heat_c,
    )


def ended_view(session: Session, outcome: Outcome) -> EndedView:
    """The same for the screen, which shows it until the next one begins."""
    return EndedView(
        session.id,
        session.program.id,
        session.program.title,
        outcome,
        round(session.running_s, 2),
        session.intensity,
        session.person,
    )


def sampled(session: Session, second: int, readings: Readings, machine: Machine, *, running: bool) -> Sampled:
    return Sampled(
        session=session.id,
        second=second,
        pads_c=pad_means(readings, machine.pad_sensors),
        bags_mmhg=tuple(bag.of(readings) for bag in machine.bag_sensors),
        level=session.level.value if running else 0.0,
    )


def noted(
    session: Session | None,
    now: float,
    what: str,
    detail: dict[str, Any],
    *,
    code: str = "",
    severity: Severity | None = None,
    found: Message | None = None,
) -> Noted:
    """What happened in ``session``, or, without one, to the machine."""
    return Noted(
        at_s=now,
        session=session.id if session else None,
        elapsed_s=round(now - session.started_at, 2) if session else 0.0,
        what=what,
        detail=detail,
        code=code,
        severity=severity,
        found=found,
    )
