"""The engine: from time, readings and commands to outputs, replies and events. No clock, no I/O.

One call of :meth:`Engine.step` is one tick. Outputs are computed anew in each and pass the interlock gate
last; nothing that was on stays on because it was on. The states and what leads from one to the next are
one table, ``TRANSITIONS``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from hardware import refusals, story
from hardware.board.interface import Outputs, Readings, all_off, cautious, pad_means, plausible
from hardware.control.air import AirControl
from hardware.control.heat import HeatBank
from hardware.control.motion import MotionControl
from hardware.machine import Machine
from hardware.message import Message, as_message
from hardware.messages import DONE, EndedView, Event, Reply, Seated, Snapshot
from hardware.orders import carry_out
from hardware.program import Program
from hardware.safety import limits
from hardware.safety.allowance import HeatAllowance, person_key
from hardware.safety.budget import within_budget
from hardware.safety.expectation import Expectation
from hardware.safety.faults import FaultLog
from hardware.safety.gate import gate
from hardware.safety.locks import NO_LOCKS, Locks
from hardware.safety.memory import FRESH, Keep, Recalled, Remembering
from hardware.safety.pad_watch import Present
from hardware.safety.protection import Protection
from hardware.senders import Given, Sender
from hardware.service.drive import REST_S, HandDrive
from hardware.service.errand import Errand
from hardware.service.finding import Finding
from hardware.service.preheat import Preheating
from hardware.service.self_test import SelfTest
from hardware.service.tuning import PadTuning
from hardware.session import Session
from hardware.views import expected_of, inputs_view, zone_views
from hardware.words import Feet, Outcome, State

TRANSITIONS: dict[State, frozenset[State]] = {
    "starting": frozenset({"self-test", "fault"}),
    "self-test": frozenset({"idle", "stopping", "fault"}),
    "idle": frozenset({"running", "preheating", "self-test", "service", "fault"}),
    "preheating": frozenset({"running", "stopping", "fault"}),
    "service": frozenset({"stopping", "fault"}),
    "running": frozenset({"paused", "stopping", "fault"}),
    "paused": frozenset({"running", "stopping", "fault"}),
    "stopping": frozenset({"idle", "fault"}),
    "fault": frozenset({"self-test"}),
}

STOPPING_S = 6.0
PAUSE_MAX_S = 10 * 60.0
"""A pause nobody comes back from ends the session."""


class Step(Struct, frozen=True):
    """What one tick decided."""

    outputs: Outputs
    replies: tuple[Reply, ...]
    """One a command, in their order."""
    events: tuple[Event, ...]
    feed: bool = True
    """Whether the lease on the power rail may be renewed."""
    keep: Keep | None = None
    """What safety has to remember; to be put on the disk, never in the tick's way."""


class Engine:
    """One machine's controller.

    ``new_id`` names sessions, ``boot`` this start of the controller; ``locks_for`` answers what whoever sits
    there may not have. ``pulses``: the self-test at the start drives valves and pads, too. ``recalled``
    is what was remembered when it starts; ``memory.written`` is to be set to the number of the newest
    ``Step.keep`` that is on the disk, and heat waits for that.
    """

    def __init__(
        self,
        machine: Machine,
        programs: Mapping[str, Program],
        *,
        new_id: Callable[[], str],
        boot: str = "boot",
        locks_for: Callable[[Seated], Locks] = lambda _seated: NO_LOCKS,
        pulses: bool = True,
        recalled: Recalled = FRESH,
    ) -> None:
        self.machine = machine
        self.programs = programs
        self.new_id = new_id
        self.locks_for = locks_for
        self.boot = boot
        self.state: State = "starting"
        self.session: Session | None = None
        self.ended: EndedView | None = None
        self.faults = FaultLog(recalled.memory.faults)
        self.owner: Sender | None = None
        """Whose proof of life counts: who began the session, what warms its pads, or what is done in service
        (S10)."""
        self.alive_at = 0.0
        self.allowance = HeatAllowance(machine, recalled)
        self.memory = Remembering(recalled.memory)
        self._damaged = recalled.damaged
        self._warms: str | None = None
        """The person who sits there while something is warmed; None: a guest."""
        self.outputs = all_off(machine)
        self._ranges = tuple(measured.plausible for measured in machine.inputs)
        self._pads, self._bags = machine.pad_sensors, machine.bag_sensors
        self._air = AirControl(machine)
        self._heat = HeatBank(machine)
        self._motion = MotionControl(machine)
        self._protection = Protection(machine)
        self._readings: Readings | None = None
        self._now: float | None = None
        self._since = 0.0
        self._events: list[Event] = []
        self._lost: Message | None = None
        self._switched_off: Message | None = None
        memory = recalled.memory
        self._left_behind = memory.in_use
        """Somebody sat there when the machine went; whoever it was may still sit there."""
        self._locks = NO_LOCKS
        """Of whoever sat down last."""
        found = Finding(*(as_message(kept) for kept in (memory.finding_heat, memory.finding_air)))
        self.check = SelfTest(machine, pulses=pulses and not memory.in_use, found=found)
        self.preheating = Preheating(machine, self.allowance)
        self.tuning: PadTuning | None = None
        self.by_hand: HandDrive | None = None
        self._shut_at = -limits.VENT_S
        """When a valve was last driven: what is in a bag takes its time to get out, whatever is read."""
        self.hand_rests_until = 0.0
        self._inputs: Readings | None = None
        self._heat_targets: tuple[float | None, ...] = (None,) * len(machine.pad)
        self._phase = -1
        self._level = 0
        self._second = -1

    # --- one tick ------------------------------------------------------------------------------------

    def step(self, now: float, readings: Readings | None, commands: Sequence[Given] = ()) -> Step:
        """One tick at ``now`` (monotonic seconds). ``readings`` is None when the pins cannot be reached."""
        dt_s = 0.0 if self._now is None else max(now - self._now, 0.0)
        late = dt_s > limits.TICK_S + limits.LATE_TICK_S
        self._now = now
        readings = self._inputs = None if readings is None else plausible(readings, self._ranges)
        self._events = []
        self._watch(now, readings, min(dt_s, 1.0), late)
        self._count_heat(dt_s)
        if self.state == "running" and dt_s > limits.FROZEN_S:
            self.note("frozen", {"seconds": round(dt_s, 1)})
            self.pause(now)
        elif late and self.state == "self-test" and self.check.pulses is None and dt_s <= limits.FROZEN_S:
            self.check.look_again(now)  # nothing was under way yet
        elif late:  # S2: what was under way without a session does not go on by itself
            self.leave_off(refusals.controller_held_up(), now)
        elif readings is not None and readings.stop_open and self.session is None:
            self.leave_off(refusals.it_was_stopped(), now)  # S3: at the first look
        replies = tuple(self._command(given, now) for given in commands)
        self._go_on(now, min(dt_s, limits.LATE_TICK_S))
        if readings is None or late:  # S11: nothing is driven on stale knowledge, and rises anew after it
            self.outputs = self._rest()
        else:
            assert self._readings is not None
            asked = self._wanted(now, dt_s)
            wanted = within_budget(self._give_way(asked), self.machine)
            motors = self.machine.layout.motors
            if wanted.duties[motors] != asked.duties[motors]:
                self._motion.was_cut(asked.duties[motors], wanted.duties[motors])
            seen, held = cautious(self._readings, readings, self._bags), self._protection.held
            self.outputs = gate(wanted, seen, self.state, self.machine, now, held, self.allowance.most_c())
        valves = self.outputs.duties[self.machine.layout.valves]
        if any(valves):
            self._shut_at = now
        self._sample(now)
        # In a fault nothing is driven, and what conducts by itself shall have no power either.
        feed = self.state != "fault" and not self.faults.rail_off
        return Step(self.outputs, replies, tuple(self._events), feed, self._keep(now))

    def shut_down(self, now: float) -> Step:
        """The controller is going: a running session ends as interrupted, everything is off."""
        self._now = now
        self._events = []
        if self.session is not None:
            self.note("shut-down")
            self.end("interrupted", now)
        self.outputs = all_off(self.machine)
        self.memory.heat_is_over(self.allowance.hot, now)
        return Step(self.outputs, (), tuple(self._events), keep=self._keep(now))

    def _keep(self, now: float) -> Keep | None:
        found = self.check.kept
        sits = self.session is not None or self.state in ("preheating", "service")
        in_use = self._left_behind or sits
        ledger = self.allowance.ledger
        return self.memory.due(now, self.faults.latched, (found.heat, found.air), ledger, in_use)

    def _watch(self, now: float, readings: Readings | None, dt_s: float, late: bool) -> None:
        """Take the readings, find faults, and stop on them."""
        if readings is None:
            present = {"pins-lost": Present(self._lost)}
            self._readings = None
        else:
            self._air.measure(tuple(readings.values[bag.place] for bag in self._bags), dt_s)
            zeroed = self._zeroed(readings)
            present = self._protect(zeroed, dt_s)
            self._readings = self._protection.believed(zeroed)
            self._look_at_rest(now, self._readings, present)
        if self._switched_off is not None:  # S12
            present["switched-off-elsewhere"], self._switched_off = Present(self._switched_off), None
        if late and self.session is not None and self._protection.late(now):
            present["controller-late"] = Present()
        if self._damaged:
            present["safety-memory-damaged"] = Present()
            self._damaged = False
        if self.memory.stuck(now):
            present["safety-memory-unsaved"] = Present(stops=False)
        for code, fault in self.faults.update(present, now):
            self.note("fault", code=code, severity="stop" if fault.stops else "advise", found=fault.found)
        if self.faults.stops and self.state != "fault":
            if self.session is not None:
                self.end("fault", now)
            elif self.state in ("preheating", "service", "self-test"):
                # What a fault cut short is tested again when a person has seen it; what was stopped is not.
                self.leave_off(refusals.it_was_stopped(), now, due="emergency-stop" not in present)
            self._to("fault", now)

    def _protect(self, readings: Readings, dt_s: float) -> dict[str, Present]:
        air = self._air
        # A part that the self-test found wanting is not in use: its faults advise, they do not stop.
        air_used = self.session is not None and "squeeze" not in self.check.finding.lacking
        return self._protection.update(
            readings,
            air_used,
            dt_s,
            self.outputs,
            tuple(target is not None for target in self._heat_targets),
            self._heat.setpoints_c,
            air.plateaus_mmhg,
        )

    def _look_at_rest(self, now: float, readings: Readings, present: dict[str, Present]) -> None:
        """The self-test: at the start, on demand, and for as long as nothing is driven."""
        if self.state == "starting":
            self._to("self-test", now)
            self.check.begin(now, again=not self._left_behind)
        stopped = self.state == "fault"
        testing = self.state == "self-test"
        if testing and self.check.run(now, readings, lambda: self._may_heat(self.check.person, now)):
            for found in self.check.finding.all or (None,):
                self.note("self-test", found=found)
            self._to("idle", now)
        elif self.state == "idle" or (stopped and now - self._since > STOPPING_S):
            self.check.watch(now, readings)
        failed = self.check.present(now, testing=testing, stopped=stopped)
        if failed is not None:
            present["self-test-failed"] = failed

    def _zeroed(self, readings: Readings) -> Readings:
        values = list(readings.values)
        for bag, control in zip(self._bags, self._air.bags, strict=True):
            values[bag.place] = control.mmhg
        return Readings(readings.at_s, tuple(values), readings.stop_open, readings.words)

    def _count_heat(self, dt_s: float) -> None:
        """S5: what the tick before used of pads and people, counted by what is measured now."""
        heated = any(self.outputs.duties[self.machine.layout.pads])
        warms = heated or any(target is not None for target in self._heat_targets)
        self.allowance.count(dt_s, self._readings, person_key(self._warms) if warms else None)
        if self.allowance.hot:
            self.memory.may_heat(self.allowance.hot, self._now or 0.0)  # it is used as long as it is hot

    def _may_heat(self, person: str | None, now: float) -> bool:
        """Whether pads may be warmed for this person: some is left, and its beginning is on the disk."""
        self._warms = person
        if self.allowance.left_s(person) <= 0.0:
            return False
        return self.memory.may_heat((*self.allowance.pads, person_key(person)), now)

    def _command(self, given: Given, now: float) -> Reply:
        reply = carry_out(self, given.command, given.by, now)
        if reply.ok and not reply.session and self.session is not None:
            return Reply(True, session=self.session.id)
        return reply

    def _go_on(self, now: float, dt_s: float) -> None:
        """Let the state and the session run on by one tick."""
        session = self.session
        if self.state == "stopping":
            gone = now - self._since
            if (self._air.empty and gone >= limits.TICK_S) or gone >= STOPPING_S:
                self._to("idle", now)
        silent_s = now - self.alive_at
        watched = self.state == "preheating" or (self.state == "service" and self.by_hand is None)
        if watched and silent_s > limits.SCREEN_PAUSE_S:  # S10
            self.leave_off(refusals.screen_has_gone(), now)
        if self.state == "service" and (self._errand is None or self._errand.over):
            self.leave_off(refusals.it_was_stopped(), now)
        if self.state == "preheating" and self.preheating.left_s(now) <= 0.0:  # S2
            self.leave_off(refusals.it_was_stopped(), now)
        if session is None:
            return
        if silent_s > limits.SCREEN_STOP_S:  # S10
            self.note("screen-lost", {"silent_s": round(silent_s, 1)})
            self.end("interrupted", now)
        elif self.state == "running" and silent_s > limits.SCREEN_PAUSE_S:
            self.note("screen-lost", {"silent_s": round(silent_s, 1)})
            self.pause(now)
        elif session.over(now):
            self.end("completed" if session.program_s >= session.plan.total_s else "stopped", now)
        elif self.state == "paused" and now - self._since > PAUSE_MAX_S:
            self.end("stopped", now)
        elif self.state == "running":
            session.advance(now, dt_s, self._skins(session))
            self._note_changes(session)
            if session.over(now):
                self.end("completed", now)

    def _wanted(self, now: float, dt_s: float) -> Outputs:
        """What the controllers ask for; nothing unless somebody wants something now (S2)."""
        session, readings = self.session, self._readings
        errand = self._errand
        if errand is not None and readings is not None:
            wanted = errand.step(now, dt_s, readings)
            layout = self.machine.layout
            pads = wanted.duties[layout.pads]
            if any(pads) and not self._may_heat(self._sitting, now):
                wanted = wanted.having(layout.pads, (0.0,) * len(pads))
            for bag, shut in zip(self._air.bags, wanted.duties[layout.valves], strict=True):
                bag.driven = bool(shut)  # what is shut is not at zero
            return wanted
        if readings is not None and self.state == "preheating":
            heaters = self._heaters(self.preheating, readings, now, dt_s)
            return all_off(self.machine).having(self.machine.layout.pads, heaters)
        if session is None or self.state != "running" or readings is None:
            return self._rest()
        orders = tuple(
            None if watch.rests else order
            for order, watch in zip(session.air_orders(now), self._protection.bags, strict=True)
        )
        air = self._air.update(orders, dt_s)
        motors = self._motion.update(session.motion_levels(now), session.sides, dt_s)
        return Outputs((*motors, *air, *self._heaters(session, readings, now, dt_s)))

    def _heaters(
        self, of: Session | Preheating, readings: Readings, now: float, dt_s: float
    ) -> tuple[float, ...]:
        """Towards what is asked for, as far as pads and person may have it (S5)."""
        target_c = of.heat_target_c()
        if target_c is not None and not self._may_heat(of.person, now):
            target_c = None
        targets_c = tuple(
            None if pad.side not in of.sides or watch.heat_lost else target_c
            for pad, watch in zip(self.machine.pad, self._protection.pads, strict=True)
        )
        self._heat_targets = self.allowance.targets_c(targets_c, of.person)
        return self._heat.update(self._heat_targets, pad_means(readings, self._pads), dt_s)

    def _skins(self, session: Session) -> tuple[Expectation, ...]:
        """The estimate of every foot's skin; none unless all of them were heated in the last tick."""
        pads = zip(self.machine.pad, self._protection.pads, self._heat_targets, strict=True)
        heated = {pad.side: watch.skin for pad, watch, target in pads if target is not None}
        return tuple(heated.values()) if set(session.sides) <= set(heated) else ()

    def _give_way(self, wanted: Outputs) -> Outputs:
        """No more heat than is safe for a pad that might be hotter than its sensors say."""
        pads = self.machine.layout.pads
        most = [watch.most_duty for watch in self._protection.pads]
        duties = wanted.duties[pads]
        if all(duty <= least for duty, least in zip(duties, most, strict=True)):
            return wanted
        return wanted.having(pads, tuple(map(min, duties, most)))

    @property
    def _sitting(self) -> str | None:
        """Who sits there while something is done without a session."""
        errand = (self.by_hand or self.tuning) if self.state == "service" else None
        return errand.person if errand is not None else self.check.person

    @property
    def _errand(self) -> Errand | None:
        if self.state == "self-test":
            return self.check.pulses
        return (self.by_hand or self.tuning) if self.state == "service" else None

    def _rest(self) -> Outputs:
        self._heat_targets = (None,) * len(self.machine.pad)
        self._motion.off()
        self._heat.off()
        self.vent()
        return all_off(self.machine)

    # --- what commands do ----------------------------------------------------------------------------

    def begin(self, session: Session, by: Sender, now: float) -> None:
        self.session = session
        self._sits_down(session.locks)
        self.owner, self.alive_at = by, now
        self.preheating.end(now)
        self._phase, self._level, self._second = -1, 0, -1
        self._protection.new_session(warmed=self.state == "preheating")
        self._events.append(story.started(session, self.machine, now))
        left_out = session.program.left_out(self.machine)
        if left_out:
            self.note("left-out", {"parts": list(left_out)})
        self._to("running", now)

    def end(self, outcome: Outcome, now: float) -> None:
        """Close the session; every output is off from this tick on."""
        session = self.session
        assert session is not None
        self._events.append(story.ended(session, outcome, now))
        self.ended = story.ended_view(session, outcome)
        self.session = None
        self._rest()
        if self.state in ("running", "paused"):
            self._to("stopping", now)

    def pause(self, now: float) -> None:
        self.note("pause")
        self._to("paused", now)

    def resume(self, by: Sender, now: float) -> None:
        assert self.session is not None
        self.owner, self.alive_at = by, now
        self.session.begin_again()
        self.note("resume")
        self._to("running", now)

    def vent(self) -> None:
        """Open every bag and begin its next squeeze from the bottom."""
        self._air.off()
        self._protection.break_off()

    def acknowledge(self, now: float) -> Reply:
        if self._inputs is not None and self._inputs.stop_open:  # a fault only with its second look
            return Reply(False, refusals.cause_still_there())
        for code in self.faults.acknowledge(now):
            self.note("cleared", code=code)
        if self.faults.stops:
            return Reply(False, refusals.cause_still_there())
        if self.state == "fault":
            self._protection.forget_late()
            self._to("self-test", now)
            self.check.begin(now, again=not self._left_behind, locks=self._locks, person=self._warms)
        return DONE

    def check_itself(self, locks: Locks, person: str | None, now: float) -> None:
        self._to("self-test", now)
        self._sits_down(locks)
        self.check.begin(now, pulses=True, locks=locks, person=person)

    def preheat(self, feet: Feet, person: str | None, locks: Locks, by: Sender, now: float) -> None:
        self.owner, self.alive_at = by, now
        self._sits_down(locks)
        self._protection.new_session()
        self.preheating.begin(feet, person, locks, now)
        self._to("preheating", now)

    def tune(self, tuning: PadTuning, by: Sender, now: float) -> None:
        self.owner, self.alive_at = by, now
        self._sits_down(tuning.locks)
        self.tuning = tuning
        self.note("tune", {"side": tuning.side})
        self._to("service", now)

    def leave_off(self, why: Message, now: float, *, due: bool = False) -> None:
        """End what the machine does without a session, if it does anything."""
        self.check.leave_off(due=due)  # S3: also what has not begun
        if self.state == "service":
            for errand in (self.by_hand, self.tuning):
                if errand is not None:
                    errand.stop(why)
            if self.by_hand is not None and self.by_hand.tired:
                self.hand_rests_until = now + REST_S
            self.by_hand = None
            self._to("stopping", now)
        elif self.state in ("preheating", "self-test"):
            self.preheating.end(now)
            self._to("stopping", now)

    def drive(self, by_hand: HandDrive, by: Sender, now: float) -> None:
        self.owner, self.by_hand = by, by_hand
        self._sits_down(by_hand.locks)
        by_hand.waits_until = self._shut_at + limits.VENT_S
        self._to("service", now)

    def _sits_down(self, locks: Locks) -> None:
        self._left_behind, self._locks = False, locks

    def rezero(self) -> bool:
        inputs = self._inputs
        return inputs is not None and self._air.rezero(tuple(inputs.values[bag.place] for bag in self._bags))

    def keep_gains(self, tuning: PadTuning) -> None:
        found = tuning.found
        assert found is not None
        before = self._heat.pads[tuning.index].pad.gains
        self._heat.pads[tuning.index].use(found)
        self.note("gains", {"side": tuning.side, "now": asdict(found), "before": asdict(before)})

    def pins_lost(self, why: Message) -> None:
        """What the board said when it was last reached for; shown with the fault."""
        self._lost = why

    def switched_off(self, why: Message) -> None:
        """Somebody else has taken the power away, as the board saw in the tick before."""
        self._switched_off = why

    def note(self, what: str, detail: dict[str, Any] | None = None, **about: Any) -> None:
        """Something happened; ``about`` as :func:`hardware.story.noted` has it."""
        self._events.append(story.noted(self.session, self._now or 0.0, what, detail or {}, **about))

    def _to(self, state: State, now: float) -> None:
        if state not in TRANSITIONS[self.state]:
            raise AssertionError(f"no way from {self.state} to {state}")
        self.state = state
        self._since = now

    def _note_changes(self, session: Session) -> None:
        if session.moment.index != self._phase:
            self._phase = session.moment.index
            self.note("phase", {"index": self._phase, "name": session.moment.phase.name})
        level = int(session.level.value)
        if level != self._level:
            self._level = level
            self.note("level", {"level": level})

    def _sample(self, now: float) -> None:
        session, readings = self.session, self._readings
        if session is None or readings is None:
            return
        second = int(now - session.started_at)
        if second == self._second:
            return
        self._second = second
        self._events.append(
            story.sampled(session, second, readings, self.machine, running=self.state == "running")
        )

    # --- what a screen shows -------------------------------------------------------------------------

    def _heat_is_spent(self) -> tuple[Message, ...]:
        session = self.session
        if session is None or session.heat_target_c() is None or self.allowance.left_s(session.person) > 0.0:
            return ()
        return (refusals.pads_rest(),)

    def snapshot(self, notices: tuple[Message, ...] = ()) -> Snapshot:
        """The state after the last step, for a screen."""
        now, layout = self._now or 0.0, self.machine.layout
        air = self._air
        expected = expected_of(self._protection.pads, self._protection.bags)
        pads, bags, motors = zone_views(
            self.machine,
            self.outputs,
            self._readings,
            self._heat.setpoints_c,
            air.setpoints_mmhg,
            expected,
        )
        return Snapshot(
            at_s=now,
            boot=self.boot,
            state=self.state,
            session=self.session.view(now) if self.session else None,
            ended=self.ended,
            pads=pads,
            bags=bags,
            motors=motors,
            pump=0.0 if layout.pump is None else self.outputs.duties[layout.pump],
            inputs=inputs_view(self.machine, self._inputs, expected, [bag.zero_mmhg for bag in air.bags]),
            driven=self.by_hand.output.key if self.by_hand else None,
            check=self.check.view(now),
            preheat=self.preheating.view(now),
            tune=self.tuning.view(self._heat.pads[self.tuning.index].pad.gains) if self.tuning else None,
            faults=self.faults.views(),
            notices=(*notices, *self._heat_is_spent()),
        )
