"""What each command of a person does to the engine, or why it is refused. One function a command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from hardware.machine import Machine
from hardware.messages import (
    DONE,
    Acknowledge,
    Alive,
    CheckItself,
    Drive,
    EndedView,
    EngineCommand,
    JustRight,
    KeepGains,
    Linger,
    Pain,
    Pause,
    Reply,
    Resume,
    Rezero,
    SetBalance,
    SetBoost,
    SetHeat,
    SetIntensity,
    SetMinutes,
    SkipTo,
    Start,
    Stop,
    TooStrong,
    Tune,
)
from hardware.program import Program
from hardware.safety.locks import Locks
from hardware.service.drive import HandDrive
from hardware.service.self_test import SelfTest
from hardware.service.tuning import PadTuning
from hardware.session import Session, usable_kinds
from hardware.words import Outcome, State


class Conductor(Protocol):
    """What orders need of the engine that carries them out."""

    machine: Machine
    programs: Mapping[str, Program]
    new_id: Callable[[], str]
    state: State
    session: Session | None
    ended: EndedView | None
    alive_at: float
    check: SelfTest
    tuning: PadTuning | None
    by_hand: HandDrive | None
    hand_rests_until: float

    def locks_for(self, person: str | None, /) -> Locks: ...
    def begin(self, session: Session, now: float) -> None: ...
    def end(self, outcome: Outcome, now: float) -> None: ...
    def pause(self, now: float) -> None: ...
    def resume(self, now: float) -> None: ...
    def vent(self) -> None: ...
    def acknowledge(self, now: float) -> Reply: ...
    def check_itself(self, now: float) -> None: ...
    def tune(self, tuning: PadTuning, now: float) -> None: ...
    def leave_off(self, why: str, now: float) -> None: ...
    def keep_gains(self, tuning: PadTuning) -> None: ...
    def drive(self, by_hand: HandDrive, now: float) -> None: ...
    def rezero(self) -> bool: ...
    def note(self, what: str, detail: dict[str, Any] | None = None) -> None: ...


NO_SESSION = Reply(False, "No session is running.")


def carry_out(engine: Conductor, command: EngineCommand, now: float) -> Reply:
    """Do it, or say why not; a refused command leaves everything as it was (S15)."""
    any_time = _ANY_TIME.get(type(command))
    if any_time is not None:
        return any_time(engine, command, now)
    if engine.session is None:
        return NO_SESSION
    return _IN_SESSION[type(command)](engine, engine.session, command, now)


def _start(engine: Conductor, command: Start, now: float) -> Reply:
    if engine.state != "idle":
        return Reply(False, _WHY_NOT_NOW[engine.state], engine.session.id if engine.session else "")
    program = engine.programs.get(command.program)
    if program is None:
        return Reply(False, f"There is no program named {command.program}.")
    locks = engine.locks_for(command.person)
    if locks.refuse:
        return Reply(False, locks.refuse)
    lacking = engine.check.finding.lacking
    kinds = usable_kinds(program, engine.machine, locks, lacking)
    if not set(kinds) - {"heat"}:
        return Reply(False, f"The parts that {program.title} needs cannot be used now.")
    shortest, longest = min(program.minutes), max(program.minutes)
    if not shortest <= command.minutes <= longest:
        return Reply(False, f"{program.title} takes {shortest} to {longest} minutes.")
    if command.minutes > locks.max_minutes:
        return Reply(False, f"Your sessions are at most {locks.max_minutes} minutes.")
    if command.intensity > locks.max_intensity:
        return Reply(False, _TOO_HIGH.format(locks.max_intensity))
    session = Session(engine.new_id(), command, program, engine.machine, now, locks, lacking)
    engine.begin(session, now)
    return Reply(True, session=session.id)


_TOO_HIGH = "Your intensity is at most {}."

_WHY_NOT_NOW = {
    "starting": "The machine is starting. Try again in a moment.",
    "self-test": "The machine is checking itself. Try again in a moment.",
    "running": "A session is running already.",
    "paused": "A session is paused: go on with it, or stop it first.",
    "service": "The machine is being serviced. Stop that first.",
    "stopping": "The bags are still opening. Try again in a moment.",
    "fault": "Something is wrong with the machine. See the message on the screen.",
}


def _stop(engine: Conductor, command: Stop, now: float) -> Reply:
    ended = engine.session.id if engine.session else ""
    if engine.session is not None:
        engine.note("stop")
        engine.end("stopped", now)
    else:
        engine.leave_off("It was stopped.", now)
    return Reply(True, session=ended)


def _pain(engine: Conductor, command: Pain, now: float) -> Reply:
    session = engine.session
    if session is None:
        # The first touch has ended it; a second one is told the same.
        last = engine.ended
        return Reply(True, session=last.id) if last and last.outcome == "pain" else NO_SESSION
    engine.note("pain", {"phase": session.moment.phase.name, "level": round(session.level.value, 1)})
    engine.end("pain", now)
    return Reply(True, session=session.id)


def _pause(engine: Conductor, session: Session, command: Pause, now: float) -> Reply:
    if engine.state == "running":
        engine.pause(now)
    return DONE


def _resume(engine: Conductor, session: Session, command: Resume, now: float) -> Reply:
    if engine.state == "paused":
        engine.alive_at = now
        engine.resume(now)
    return DONE


def _intensity(engine: Conductor, session: Session, command: SetIntensity, now: float) -> Reply:
    if command.level > session.locks.max_intensity:
        return Reply(False, _TOO_HIGH.format(session.locks.max_intensity))
    if session.intensity != command.level:
        session.intensity = command.level
        session.level.toward(float(command.level), 0.0)
        engine.note("intensity", {"level": command.level})
    return DONE


def _balance(engine: Conductor, session: Session, command: SetBalance, now: float) -> Reply:
    if command.kind not in session.balance:
        return Reply(False, f"{session.program.title} has nothing to {command.kind} with here.")
    if session.balance[command.kind] != command.balance:
        session.balance[command.kind] = command.balance
        engine.note("balance", {"kind": command.kind, "balance": command.balance})
    return DONE


def _boost(engine: Conductor, session: Session, command: SetBoost, now: float) -> Reply:
    if command.zone is not None and command.zone not in session.zones:
        return Reply(False, f"{session.program.title} does not work on the {command.zone}.")
    if session.boost != command.zone:
        session.boost = command.zone
        engine.note("boost", {"zone": command.zone})
    return DONE


def _heat(engine: Conductor, session: Session, command: SetHeat, now: float) -> Reply:
    if command.heat_c is not None and "heat" not in session.kinds:
        return Reply(False, f"{session.program.title} is done without warmth.")
    if session.heat_c != command.heat_c:
        session.heat_c = command.heat_c
        engine.note("heat", {"heat_c": command.heat_c})
    return DONE


def _minutes(engine: Conductor, session: Session, command: SetMinutes, now: float) -> Reply:
    if command.minutes > session.locks.max_minutes:
        return Reply(False, f"Your sessions are at most {session.locks.max_minutes} minutes.")
    before = session.minutes
    why_not = session.set_minutes(command.minutes)
    if why_not:
        return Reply(False, why_not)
    if session.minutes != before:
        engine.note("minutes", {"minutes": session.minutes})
    return DONE


def _skip(engine: Conductor, session: Session, command: SkipTo, now: float) -> Reply:
    before = session.moment.index
    why_not = session.skip_to(command.phase)
    if why_not:
        return Reply(False, why_not)
    if session.moment.index != before:
        engine.note("skip", {"index": session.moment.index})
    return DONE


def _too_strong(engine: Conductor, session: Session, command: TooStrong, now: float) -> Reply:
    if session.too_strong(now):
        engine.vent()
        engine.note("too-strong", {"level": session.intensity})
    return DONE


def _linger(engine: Conductor, session: Session, command: Linger, now: float) -> Reply:
    if not session.moment.phase.lingers:
        return Reply(False, "There is no kneading to stay with now.")
    session.linger(now)
    engine.note("linger")
    return DONE


def _just_right(engine: Conductor, session: Session, command: JustRight, now: float) -> Reply:
    engine.note("just-right")
    return DONE


def _acknowledge(engine: Conductor, command: Acknowledge, now: float) -> Reply:
    return engine.acknowledge(now)


def _check_itself(engine: Conductor, command: CheckItself, now: float) -> Reply:
    if engine.state == "self-test":
        return DONE
    if engine.state != "idle":
        return Reply(False, _WHY_NOT_NOW[engine.state])
    engine.check_itself(now)
    return DONE


def _tune(engine: Conductor, command: Tune, now: float) -> Reply:
    under_way = engine.tuning
    if engine.state == "service" and under_way is not None and under_way.side == command.side:
        return DONE
    if engine.state != "idle":
        return Reply(False, _WHY_NOT_NOW[engine.state])
    if all(pad.side != command.side for pad in engine.machine.pad):
        return Reply(False, f"This machine has no {command.side} pad.")
    if engine.check.finding.heat:
        return Reply(False, f"The pads cannot be used now. {engine.check.finding.heat}")
    engine.alive_at = now
    engine.tune(PadTuning(engine.machine, command.side, command.target_c), now)
    return DONE


def _keep_gains(engine: Conductor, command: KeepGains, now: float) -> Reply:
    tuning = engine.tuning
    if tuning is None or tuning.found is None:
        return Reply(False, "No tuning has found anything that could be kept.")
    if engine.session is not None:
        return Reply(False, _WHY_NOT_NOW["running"])
    engine.keep_gains(tuning)
    return DONE


def _drive(engine: Conductor, command: Drive, now: float) -> Reply:
    by_hand = engine.by_hand
    if by_hand is not None and not by_hand.over:
        if (by_hand.part, by_hand.index) != (command.part, command.index):
            return Reply(False, "One at a time: let go of the other output first.")
        by_hand.renew(now)
        return DONE
    if engine.state != "idle":
        return Reply(False, _WHY_NOT_NOW[engine.state])
    if now < engine.hand_rests_until:
        return Reply(False, "That was long enough. Let go, and try again in a moment.")
    try:
        engine.drive(
            HandDrive(engine.machine, command.part, command.index, now, no_feet=command.no_feet), now
        )
    except ValueError as error:
        return Reply(False, str(error))
    return DONE


def _rezero(engine: Conductor, command: Rezero, now: float) -> Reply:
    if engine.state != "idle":
        return Reply(False, _WHY_NOT_NOW[engine.state])
    if not engine.rezero():
        return Reply(False, "A bag is not empty, or its sensor is far from zero: check it first.")
    return DONE


def _alive(engine: Conductor, command: Alive, now: float) -> Reply:
    engine.alive_at = now
    return DONE


_ANY_TIME: dict[type, Callable[[Conductor, Any, float], Reply]] = {
    Start: _start,
    Stop: _stop,
    Pain: _pain,
    Acknowledge: _acknowledge,
    Alive: _alive,
    CheckItself: _check_itself,
    Tune: _tune,
    KeepGains: _keep_gains,
    Drive: _drive,
    Rezero: _rezero,
}
_IN_SESSION: dict[type, Callable[[Conductor, Session, Any, float], Reply]] = {
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
}
