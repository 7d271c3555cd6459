"""What each command of a person does to the engine, or why it is refused. One function a command."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hardware.messages import (
    DONE,
    Acknowledge,
    Alive,
    EngineCommand,
    JustRight,
    Linger,
    Pain,
    Pause,
    Reply,
    Resume,
    SetBalance,
    SetBoost,
    SetHeat,
    SetIntensity,
    SetMinutes,
    SkipTo,
    Start,
    Stop,
    TooStrong,
)
from hardware.session import Session

if TYPE_CHECKING:
    from hardware.engine import Engine

NO_SESSION = Reply(False, "No session is running.")


def carry_out(engine: Engine, command: EngineCommand, now: float) -> Reply:
    """Do it, or say why not; a refused command leaves everything as it was (S15)."""
    return _ORDERS[type(command)](engine, command, now)


def _start(engine: Engine, command: Start, now: float) -> Reply:
    if engine.state != "idle":
        return Reply(False, _WHY_NOT_NOW[engine.state], engine.session.id if engine.session else "")
    program = engine.programs.get(command.program)
    if program is None:
        return Reply(False, f"There is no program named {command.program}.")
    if not program.kinds(engine.machine):
        return Reply(False, f"This machine has none of the parts that {program.title} needs.")
    shortest, longest = min(program.minutes), max(program.minutes)
    if not shortest <= command.minutes <= longest:
        return Reply(False, f"{program.title} takes {shortest} to {longest} minutes.")
    session = Session(engine.new_id(), command, program, engine.machine, now)
    engine.begin(session, now)
    return Reply(True, session=session.id)


_WHY_NOT_NOW = {
    "starting": "The machine is starting. Try again in a moment.",
    "self-test": "The machine is checking itself. Try again in a moment.",
    "running": "A session is running already.",
    "paused": "A session is paused: go on with it, or stop it first.",
    "stopping": "The bags are still opening. Try again in a moment.",
    "fault": "Something is wrong with the machine. See the message on the screen.",
}


def _stop(engine: Engine, command: Stop, now: float) -> Reply:
    ended = engine.session.id if engine.session else ""
    if engine.session is not None:
        engine.note("stop")
        engine.end("stopped", now)
    return Reply(True, session=ended)


def _pain(engine: Engine, command: Pain, now: float) -> Reply:
    session = engine.session
    if session is None:
        # The first touch has ended it; a second one is told the same.
        last = engine.ended
        return Reply(True, session=last.id) if last and last.outcome == "pain" else NO_SESSION
    engine.note("pain", {"phase": session.moment.phase.name, "level": round(session.level.value, 1)})
    engine.end("pain", now)
    return Reply(True, session=session.id)


def _pause(engine: Engine, command: Pause, now: float) -> Reply:
    if engine.session is None:
        return NO_SESSION
    if engine.state == "running":
        engine.pause(now)
    return DONE


def _resume(engine: Engine, command: Resume, now: float) -> Reply:
    if engine.session is None:
        return NO_SESSION
    if engine.state == "paused":
        engine.alive_at = now
        engine.resume(now)
    return DONE


def _intensity(engine: Engine, command: SetIntensity, now: float) -> Reply:
    session = engine.session
    if session is None:
        return NO_SESSION
    if session.intensity != command.level:
        session.intensity = command.level
        session.level.toward(float(command.level), 0.0)
        engine.note("intensity", {"level": command.level})
    return DONE


def _balance(engine: Engine, command: SetBalance, now: float) -> Reply:
    session = engine.session
    if session is None:
        return NO_SESSION
    if command.kind not in session.balance:
        return Reply(False, f"{session.program.title} has nothing to {command.kind} with here.")
    if session.balance[command.kind] != command.balance:
        session.balance[command.kind] = command.balance
        engine.note("balance", {"kind": command.kind, "balance": command.balance})
    return DONE


def _boost(engine: Engine, command: SetBoost, now: float) -> Reply:
    session = engine.session
    if session is None:
        return NO_SESSION
    if command.zone is not None and command.zone not in session.zones:
        return Reply(False, f"{session.program.title} does not work on the {command.zone}.")
    if session.boost != command.zone:
        session.boost = command.zone
        engine.note("boost", {"zone": command.zone})
    return DONE


def _heat(engine: Engine, command: SetHeat, now: float) -> Reply:
    session = engine.session
    if session is None:
        return NO_SESSION
    if command.heat_c is not None and "heat" not in session.kinds:
        return Reply(False, f"{session.program.title} is done without warmth.")
    if session.heat_c != command.heat_c:
        session.heat_c = command.heat_c
        engine.note("heat", {"heat_c": command.heat_c})
    return DONE


def _minutes(engine: Engine, command: SetMinutes, now: float) -> Reply:
    session = engine.session
    if session is None:
        return NO_SESSION
    before = session.minutes
    why_not = session.set_minutes(command.minutes)
    if why_not:
        return Reply(False, why_not)
    if session.minutes != before:
        engine.note("minutes", {"minutes": session.minutes})
    return DONE


def _skip(engine: Engine, command: SkipTo, now: float) -> Reply:
    session = engine.session
    if session is None:
        return NO_SESSION
    before = session.moment.index
    why_not = session.skip_to(command.phase)
    if why_not:
        return Reply(False, why_not)
    if session.moment.index != before:
        engine.note("skip", {"index": session.moment.index})
    return DONE


def _too_strong(engine: Engine, command: TooStrong, now: float) -> Reply:
    session = engine.session
    if session is None:
        return NO_SESSION
    if session.too_strong(now):
        engine.vent()
        engine.note("too-strong", {"level": session.intensity})
    return DONE


def _linger(engine: Engine, command: Linger, now: float) -> Reply:
    session = engine.session
    if session is None:
        return NO_SESSION
    if not session.moment.phase.lingers:
        return Reply(False, "There is no kneading to stay with now.")
    session.linger(now)
    engine.note("linger")
    return DONE


def _just_right(engine: Engine, command: JustRight, now: float) -> Reply:
    if engine.session is None:
        return NO_SESSION
    engine.note("just-right")
    return DONE


def _acknowledge(engine: Engine, command: Acknowledge, now: float) -> Reply:
    return engine.acknowledge(now)


def _alive(engine: Engine, command: Alive, now: float) -> Reply:
    engine.alive_at = now
    return DONE


_ORDERS: dict[type, Callable[[Engine, Any, float], Reply]] = {
    Start: _start,
    Stop: _stop,
    Pain: _pain,
    Pause: _pause,
    Resume: _resume,
    SetIntensity: _intensity,
    SetBalance: _balance,
    SetBoost: _boost,
    SetHeat: _heat,
    SetMinutes: _minutes,
    SkipTo: _skip,
    TooStrong: _too_strong,
    Linger: _linger,
    JustRight: _just_right,
    Acknowledge: _acknowledge,
    Alive: _alive,
}
