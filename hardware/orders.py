"""What each command of a person does to the engine, or why it is refused. One function a command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, assert_never

from hardware import refusals
from hardware.errors import InstepError
from hardware.machine import Machine
from hardware.message import Count, Does, Message, Named, Part, Place, Title
from hardware.messages import (
    DONE,
    Acknowledge,
    Alive,
    CheckItself,
    Drive,
    EndedView,
    EndPreheat,
    EngineCommand,
    JustRight,
    KeepGains,
    Linger,
    Pain,
    Pause,
    Preheat,
    Reply,
    Resume,
    Rezero,
    Seated,
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
from hardware.plaintext import legible
from hardware.program import Program
from hardware.safety.allowance import HeatAllowance
from hardware.safety.locks import NO_LOCKS, Locks, answer_first
from hardware.senders import Sender, may
from hardware.service.drive import HandDrive, not_allowed
from hardware.service.preheat import Preheating
from hardware.service.self_test import SelfTest
from hardware.service.tuning import PadTuning
from hardware.session import Session, usable_kinds
from hardware.words import Feet, Outcome, State


class Conductor(Protocol):
    """What orders need of the engine that carries them out."""

    machine: Machine
    programs: Mapping[str, Program]
    new_id: Callable[[], str]
    state: State
    session: Session | None
    ended: EndedView | None
    owner: Sender | None
    alive_at: float
    allowance: HeatAllowance
    check: SelfTest
    preheating: Preheating
    tuning: PadTuning | None
    by_hand: HandDrive | None
    hand_rests_until: float

    def locks_for(self, seated: Seated, /) -> Locks: ...
    def begin(self, session: Session, by: Sender, now: float) -> None: ...
    def end(self, outcome: Outcome, now: float) -> None: ...
    def pause(self, now: float) -> None: ...
    def resume(self, by: Sender, now: float) -> None: ...
    def vent(self) -> None: ...
    def acknowledge(self, now: float) -> Reply: ...
    def check_itself(self, locks: Locks, person: str | None, now: float) -> None: ...
    def preheat(self, feet: Feet, person: str | None, locks: Locks, by: Sender, now: float) -> None: ...
    def tune(self, tuning: PadTuning, by: Sender, now: float) -> None: ...
    def leave_off(self, why: Message, now: float) -> None: ...
    def keep_gains(self, tuning: PadTuning) -> None: ...
    def drive(self, by_hand: HandDrive, by: Sender, now: float) -> None: ...
    def rezero(self) -> bool: ...
    def note(self, what: str, detail: dict[str, Any] | None = None) -> None: ...


NOT_FROM_THERE = Reply(False, refusals.needs_own_screen())
NO_SESSION = Reply(False, refusals.no_session())
NOT_OURS = Reply(False, refusals.session_of_another_screen())


def carry_out(engine: Conductor, command: EngineCommand, by: Sender, now: float) -> Reply:
    """Do it, or say why not; a refused command leaves everything as it was (S15).

    But for one: what goes on without a session ends where it is asked for again by whom it is forbidden.
    """
    if not may(by.role, command):
        return NOT_FROM_THERE
    any_time = _ANY_TIME.get(type(command))
    if any_time is not None:
        return any_time(engine, command, by, now)
    if engine.session is None:
        return NO_SESSION
    return _IN_SESSION[type(command)](engine, engine.session, command, by, now)


def _start(engine: Conductor, command: Start, by: Sender, now: float) -> Reply:
    warms = engine.state == "preheating"
    if engine.state != "idle" and not warms:
        return Reply(False, _why_not_now(engine.state), engine.session.id if engine.session else "")
    program = engine.programs.get(command.program)
    locks = _locks_for(engine, command, by)
    why_not = refusals.pads_warmed_for_somebody() if warms and by != engine.owner else None
    why_not = why_not or _no_session(engine, command, program, locks)
    if why_not:
        if warms and (cold := _no_warmth(locks)):  # S14: it may be their foot that is on the pad
            engine.leave_off(cold, now)
        return Reply(False, why_not)
    assert program is not None
    lacking = engine.check.finding.lacking
    session = Session(engine.new_id(), command, program, engine.machine, now, locks, lacking)
    engine.begin(session, by, now)
    return Reply(True, session=session.id)


def _no_session(engine: Conductor, command: Start, program: Program | None, locks: Locks) -> Message | None:
    """Why there can be none like this for whoever has these locks; None: there can."""
    if program is None:
        return refusals.no_program(Named(legible(command.program)))
    if locks.refuse:
        return locks.refuse
    kinds = usable_kinds(program, engine.machine, locks, engine.check.finding.lacking)
    title = Title(program.title)
    if not set(kinds) - {"heat"}:
        return refusals.parts_unusable(title)
    shortest, longest = min(program.minutes), max(program.minutes)
    if not shortest <= command.minutes <= longest:
        return refusals.program_takes(title, Count(shortest), Count(longest))
    if command.minutes > locks.max_minutes:
        return refusals.your_minutes_at_most(Count(locks.max_minutes))
    if command.intensity > locks.max_intensity:
        return refusals.your_intensity_at_most(Count(locks.max_intensity))
    return None


def _preheat(engine: Conductor, command: Preheat, by: Sender, now: float) -> Reply:
    preheating, locks, person = engine.preheating, _locks_for(engine, command, by), _who(command, by)
    if engine.state == "preheating":
        same = by == engine.owner and (preheating.person, preheating.locks) == (person, locks)
        reply = _again(engine, _no_warmth(locks), same, refusals.pads_warmed_for_somebody(), now)
        if not reply.ok:
            return reply
        if not preheating.pads_of(command.feet):  # S2: it is not asked for where it warms
            engine.leave_off(refusals.no_pad_there(), now)
            return NO_PAD_THERE
        preheating.feet = command.feet
        return reply
    if engine.state != "idle":
        return Reply(False, _why_not_now(engine.state))
    if not preheating.pads_of(command.feet):
        return NO_PAD_THERE
    if engine.check.finding.heat:
        return Reply(False, refusals.pads_unusable(engine.check.finding.heat))
    if why_not := _no_warmth(locks):
        return Reply(False, why_not)
    if engine.allowance.left_s(person) <= 0.0:
        return HEAT_SPENT
    if preheating.left_s(now) <= 0.0:
        return Reply(False, refusals.pads_warmed_just_now())
    engine.preheat(command.feet, person, locks, by, now)
    return DONE


def _end_preheat(engine: Conductor, command: EndPreheat, by: Sender, now: float) -> Reply:
    if engine.state == "preheating":
        engine.leave_off(refusals.it_was_stopped(), now)
    return DONE


def _why_not_now(state: State) -> Message | None:
    """Why something that needs an idle machine is not done now."""
    match state:
        case "idle":
            return None
        case "starting":
            return refusals.machine_starting()
        case "self-test":
            return refusals.machine_checks_itself()
        case "running":
            return refusals.session_running()
        case "paused":
            return refusals.session_paused()
        case "preheating":
            return refusals.pads_warmed_for_somebody()
        case "service":
            return refusals.machine_serviced()
        case "stopping":
            return refusals.air_being_let_out()
        case "fault":
            return refusals.machine_faulty()
        case _:
            assert_never(state)


def _stop(engine: Conductor, command: Stop, by: Sender, now: float) -> Reply:
    ended = engine.session.id if engine.session else ""
    if engine.session is not None:
        engine.note("stop")
        engine.end("stopped", now)
    else:
        engine.leave_off(refusals.it_was_stopped(), now)
    return Reply(True, session=ended)


def _pain(engine: Conductor, command: Pain, by: Sender, now: float) -> Reply:
    session = engine.session
    if session is None:
        engine.leave_off(refusals.it_was_stopped(), now)
        # The first touch has ended it; a second one is told the same.
        last = engine.ended
        return Reply(True, session=last.id) if last and last.outcome == "pain" else NO_SESSION
    engine.note("pain", {"phase": session.moment.phase.name, "level": round(session.level.value, 1)})
    engine.end("pain", now)
    return Reply(True, session=session.id)


def _pause(engine: Conductor, session: Session, command: Pause, by: Sender, now: float) -> Reply:
    if engine.state == "running":
        engine.pause(now)
    return DONE


def _resume(engine: Conductor, session: Session, command: Resume, by: Sender, now: float) -> Reply:
    if engine.state == "paused":
        engine.resume(by, now)
    return DONE


def _intensity(engine: Conductor, session: Session, command: SetIntensity, by: Sender, now: float) -> Reply:
    if command.level > session.locks.max_intensity:
        return Reply(False, refusals.your_intensity_at_most(Count(session.locks.max_intensity)))
    if session.intensity != command.level:
        session.intensity = command.level
        session.level.toward(float(command.level), 0.0)
        engine.note("intensity", {"level": command.level})
    return DONE


def _balance(engine: Conductor, session: Session, command: SetBalance, by: Sender, now: float) -> Reply:
    if command.kind not in session.balance:
        return Reply(False, refusals.nothing_to_do_it_with(Title(session.program.title), Does(command.kind)))
    if session.balance[command.kind] != command.balance:
        session.balance[command.kind] = command.balance
        engine.note("balance", {"kind": command.kind, "balance": command.balance})
    return DONE


def _boost(engine: Conductor, session: Session, command: SetBoost, by: Sender, now: float) -> Reply:
    if command.zone is not None and command.zone not in session.zones:
        return Reply(False, refusals.does_not_work_there(Title(session.program.title), Place(command.zone)))
    if session.boost != command.zone:
        session.boost = command.zone
        engine.note("boost", {"zone": command.zone})
    return DONE


def _heat(engine: Conductor, session: Session, command: SetHeat, by: Sender, now: float) -> Reply:
    if command.heat_c is not None and "heat" not in session.kinds:
        return Reply(False, refusals.done_without_warmth(Title(session.program.title)))
    if session.heat_c != command.heat_c:
        session.heat_c = command.heat_c
        engine.note("heat", {"heat_c": command.heat_c})
    return DONE


def _minutes(engine: Conductor, session: Session, command: SetMinutes, by: Sender, now: float) -> Reply:
    if command.minutes > session.locks.max_minutes:
        return Reply(False, refusals.your_minutes_at_most(Count(session.locks.max_minutes)))
    before = session.minutes
    why_not = session.set_minutes(command.minutes)
    if why_not:
        return Reply(False, why_not)
    if session.minutes != before:
        engine.note("minutes", {"minutes": session.minutes})
    return DONE


def _skip(engine: Conductor, session: Session, command: SkipTo, by: Sender, now: float) -> Reply:
    before = session.moment.index
    why_not = session.skip_to(command.phase)
    if why_not:
        return Reply(False, why_not)
    if session.moment.index != before:
        engine.note("skip", {"index": session.moment.index})
    return DONE


def _too_strong(engine: Conductor, session: Session, command: TooStrong, by: Sender, now: float) -> Reply:
    if session.too_strong(now):
        engine.vent()
        engine.note("too-strong", {"level": session.intensity})
    return DONE


def _linger(engine: Conductor, session: Session, command: Linger, by: Sender, now: float) -> Reply:
    if not session.moment.phase.lingers:
        return Reply(False, refusals.nothing_to_linger_with())
    session.linger(now)
    engine.note("linger")
    return DONE


def _just_right(engine: Conductor, session: Session, command: JustRight, by: Sender, now: float) -> Reply:
    engine.note("just-right")
    return DONE


def _acknowledge(engine: Conductor, command: Acknowledge, by: Sender, now: float) -> Reply:
    return engine.acknowledge(now)


def _again(engine: Conductor, why_not: Message | None, same: bool, busy: Message | None, now: float) -> Reply:
    """What is under way is asked for once more: that goes on for the same person with the same answers.

    Anybody else says that they sit there now. What their answers forbid (``why_not``) ends: it may be their
    foot that is in the machine, and to be left off harms nobody (S14). What is allowed them is ``busy``, as
    what was begun counts as the other's warmth.
    """
    if why_not:
        engine.leave_off(why_not, now)
        return Reply(False, why_not)
    return DONE if same else Reply(False, busy)


def _check_itself(engine: Conductor, command: CheckItself, by: Sender, now: float) -> Reply:
    if engine.state not in ("idle", "self-test"):
        return Reply(False, _why_not_now(engine.state))
    locks = _locks_for(engine, command, by)
    if engine.state == "self-test":
        check = engine.check
        why_not = locks.refuse or (not_allowed() if check.forbidden(locks) else None)
        same = (check.person, check.locks) == (_who(command, by), locks)
        return _again(engine, why_not, same, refusals.machine_checks_itself(), now)
    if locks.refuse:
        return Reply(False, locks.refuse)
    engine.check_itself(locks, _who(command, by), now)
    return DONE


def _tune(engine: Conductor, command: Tune, by: Sender, now: float) -> Reply:
    under_way = engine.tuning if engine.state == "service" and engine.by_hand is None else None
    if under_way is not None and under_way.side == command.side:
        locks = _locks_for(engine, command, by)
        same = (under_way.person, under_way.locks) == (_who(command, by), locks)
        return _again(engine, _no_warmth(locks), same, refusals.machine_serviced(), now)
    if engine.state != "idle":
        return Reply(False, _why_not_now(engine.state))
    if all(pad.side != command.side for pad in engine.machine.pad):
        return Reply(False, refusals.no_such_part(Part(f"pad.{command.side}")))
    if engine.check.finding.heat:
        return Reply(False, refusals.pads_unusable(engine.check.finding.heat))
    locks = _locks_for(engine, command, by)
    if why_not := _no_warmth(locks):
        return Reply(False, why_not)
    person = _who(command, by)
    if engine.allowance.left_s(person) <= 0.0:
        return HEAT_SPENT
    engine.tune(PadTuning(engine.machine, command.side, command.target_c, person, locks), by, now)
    return DONE


def _no_warmth(locks: Locks) -> Message | None:
    """Why whoever has these locks may have no warm pad, which lies under the sole; None: they may."""
    return locks.refuse or (not_allowed() if locks.forbids("heat", "sole") else None)


def _keep_gains(engine: Conductor, command: KeepGains, by: Sender, now: float) -> Reply:
    tuning = engine.tuning
    if tuning is None or tuning.found is None:
        return Reply(False, refusals.nothing_to_keep())
    if engine.session is not None:
        return Reply(False, refusals.session_running())
    engine.keep_gains(tuning)
    return DONE


def _drive(engine: Conductor, command: Drive, by: Sender, now: float) -> Reply:
    by_hand = engine.by_hand
    if by_hand is not None and not by_hand.over:
        if by_hand.output.key != command.output or by != engine.owner:
            return Reply(False, refusals.one_at_a_time())
        locks = _locks_for(engine, command, by)
        why_not = locks.refuse or (not_allowed() if by_hand.forbidden(locks) else None)
        same = (by_hand.person, by_hand.locks) == (_who(command, by), locks)
        reply = _again(engine, why_not, same, refusals.one_at_a_time(), now)
        if reply.ok:
            by_hand.renew(now)
        return reply
    if engine.state != "idle":
        return Reply(False, _why_not_now(engine.state))
    if now < engine.hand_rests_until:
        return Reply(False, refusals.long_enough())
    locks = _locks_for(engine, command, by)
    if locks.refuse:
        return Reply(False, locks.refuse)
    try:
        by_hand = HandDrive(
            engine.machine,
            command.output,
            now,
            no_feet=command.no_feet,
            locks=locks,
            person=_who(command, by),
        )
    except InstepError as error:
        return Reply(False, error.message)
    if by_hand.output.family == "heat" and engine.allowance.left_s(by_hand.person) <= 0.0:
        return HEAT_SPENT
    engine.drive(by_hand, by, now)
    return DONE


def _who(command: Seated, by: Sender) -> str | None:
    """Whose warmth it is; at a builder's terminal nobody's, which counts as a guest's."""
    return None if by.role == "service" else command.person


def _locks_for(engine: Conductor, command: Seated, by: Sender) -> Locks:
    """What whoever sits there may not have (S14). At a builder's terminal nobody does: the tool says so."""
    if by.role == "service":
        return NO_LOCKS
    if command.person is None and command.answers is None:  # a guest is no way round the questions
        return Locks(refuse=answer_first())
    if command.person is not None and command.answers is not None:
        return Locks(refuse=refusals.answered_twice())
    return engine.locks_for(command)


NO_PAD_THERE = Reply(False, refusals.no_pad_there())
HEAT_SPENT = Reply(False, refusals.heat_spent())


def _rezero(engine: Conductor, command: Rezero, by: Sender, now: float) -> Reply:
    if engine.state != "idle":
        return Reply(False, _why_not_now(engine.state))
    if not engine.rezero():
        return Reply(False, refusals.cannot_zero())
    return DONE


def _alive(engine: Conductor, command: Alive, by: Sender, now: float) -> Reply:
    if by != engine.owner:  # S10: nobody else's proof counts
        return NOT_OURS
    engine.alive_at = now
    return DONE


_ANY_TIME: dict[type, Callable[[Conductor, Any, Sender, float], Reply]] = {
    Start: _start,
    Stop: _stop,
    Pain: _pain,
    Acknowledge: _acknowledge,
    Alive: _alive,
    CheckItself: _check_itself,
    Preheat: _preheat,
    EndPreheat: _end_preheat,
    Tune: _tune,
    KeepGains: _keep_gains,
    Drive: _drive,
    Rezero: _rezero,
}
_IN_SESSION: dict[type, Callable[[Conductor, Session, Any, Sender, float], Reply]] = {
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
