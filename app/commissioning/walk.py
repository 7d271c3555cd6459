"""The way through a machine: what comes next, what is to be sent meanwhile, and what it all comes to.

Free of any screen, clock and link. Whoever leads through it gives it each snapshot and the time, sends what
it wants sent, asks the person what it wants to know:

    walk = Walk(machine)
    while not walk.over:
        walk.begin(now)                      # or walk.skip("no time today")
        while walk.stage == "busy":
            for command in walk.update(now, snapshot):
                send(command, lambda reply: walk.replied(command, reply))
        if walk.stage == "asking":
            walk.answer("yes")
        walk.next()
    record = walk.record(at, virtual=False)
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from app.commissioning.conclude import conclude
from app.commissioning.felt import Felt
from app.commissioning.record import Answer, Finding, Record, Seen, Tuned, new_record
from app.commissioning.stop import ASKING, BUSY_S, StopCheck, fault_in_the_way
from app.doctor.line import Line
from app.doctor.sensors import sensors
from app.parts import name
from hardware.machine import Machine
from hardware.message import Message, says
from hardware.messages import (
    Acknowledge,
    Alive,
    CheckItself,
    Command,
    Drive,
    KeepGains,
    Reply,
    Rezero,
    Snapshot,
    Stop,
    Tune,
)
from hardware.parts import Family, Output
from hardware.words import Side


@says("The machine is busy with something else.")
def busy_otherwise() -> None: ...


@says("What was found was not wanted.")
def not_wanted() -> None: ...


@says("The machine is in a fault.")
def machine_in_a_fault() -> None: ...


@says("No sensor can be read: the controller does not reach its pins.")
def no_sensor_readable() -> None: ...


@says("The tuning found nothing.")
def tuning_found_nothing() -> None: ...


@says("Left for later.")
def left_for_later() -> None: ...


RENEW_S = 0.2
LOOK_S = 2.0
DRIVE_S: dict[Family, float] = {"motion": 5.0, "air": 10.0, "heat": 14.0}
"""Long enough to be seen or felt, shorter than the controller's longest."""
SHOWN_S = 2.5
"""Once a bag is as full as this it is held for a moment, to be looked at."""
PATIENCE_S = BUSY_S
"""The machine may still be opening its bags, or resting after a long drive."""

Stage = Literal["ready", "busy", "asking", "told"]
"""Of a step: to be begun; under way; a question is open; it has said what it found."""
Kind = Literal["rest", "stop", "zero", "output", "self-test", "tune"]


class Step(Struct, frozen=True):
    kind: Kind
    output: Output | None = None
    side: Side | None = None


def steps(machine: Machine) -> tuple[Step, ...]:
    """What there is to go through on this machine, in order."""
    measured = bool(machine.pad or machine.bag)
    return (
        *((Step("rest"),) if measured else ()),
        Step("stop"),
        *((Step("zero"),) if machine.bag else ()),
        *(Step("output", output) for output in machine.by_hand),
        *((Step("self-test"),) if measured else ()),
        *(Step("tune", side=pad.side) for pad in machine.pad),
    )


class Walk:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.steps = steps(machine)
        self.at = 0
        self.stage: Stage = "ready"
        self.problem: Message | None = None
        """Why the step could not be done just now; None when nothing is in the way."""
        self.lines: tuple[Line, ...] = ()
        """What the sensors said at rest."""
        self.stop = StopCheck()
        self.zeroed = False
        self.not_zeroed: Message | None = None
        self.self_test: dict[str, Message] = {}
        self.pulsed = False
        self.seen: dict[str, Seen] = {}
        self.tuned: dict[Side, Tuned] = {}
        self.faults: dict[int, Message] = {}
        """By step: what stopped the machine in it, unless it was done again since."""
        self._begun = self._sent_at = self._now = 0.0
        self._heard: list[Snapshot] = []
        self._under_way = False
        """The controller has taken up what was asked of it."""
        self._since: float | None = None
        """When it was first seen to be taken up; of a test or tuning, when it was last seen to go on."""
        self._full_since: float | None = None
        self._felt = Felt(machine, ())
        self.unvented: dict[str, tuple[str, ...]] = {}
        """By the bag that was driven as the machine stopped for one that did not empty: which felt air."""
        self._warmed: set[str] = set()
        """Inputs that felt warmth in any step: they go on rising for a while, and tell of no other pad."""
        self._kept: Tuned | None = None

    # --- where it stands -----------------------------------------------------------------------------

    @property
    def over(self) -> bool:
        return self.at >= len(self.steps)

    @property
    def step(self) -> Step:
        return self.steps[self.at]

    @property
    def wrong_at_rest(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.verdict == "broken")

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What it comes to so far."""
        concluded = conclude(
            self.machine,
            list(self.seen.values()),
            rest=[_sentence(line) for line in self.wrong_at_rest],
            not_zeroed=self.not_zeroed,
            self_test=self.self_test,
            faults=list(self.faults.values()),
            unread=self._unread,
            unvented=self.unvented,
        )
        return (*self.stop.findings, *concluded)

    @property
    def _unread(self) -> tuple[str, ...]:
        """Keys of the valves and pads whose sensors were wrong at rest."""
        layout, outputs = self.machine.layout, self.machine.outputs
        bags = {f"bag-{valve.zone}": valve.key for valve in outputs[layout.valves]}
        pads = {f"pad-{pad.side}": pad.key for pad in outputs[layout.pads]}
        known = bags | {f"{id_}-{letter}": key for id_, key in pads.items() for letter in "ab"}
        return tuple(dict.fromkeys(known[line.id] for line in self.wrong_at_rest if line.id in known))

    def record(self, at: datetime | None, *, virtual: bool) -> Record:
        return new_record(
            self.machine,
            virtual=virtual,
            at=at,
            stop=self.stop.stop,
            rail=self.stop.rail,
            outputs=tuple(self.seen.values()),
            rest=tuple(_sentence(line) for line in self.lines if line.verdict != "ok"),
            zeroed=self.zeroed,
            self_test={**self.self_test},
            tuned=tuple(self.tuned.values()),
            findings=self.findings,
        )

    # --- what the person does ------------------------------------------------------------------------

    def begin(self, now: float) -> None:
        """Do the step, or do it again."""
        self.stage, self.problem = "busy", None
        self._begun, self._sent_at = now, now - RENEW_S
        self._heard = []
        self._under_way = False
        self._since = self._full_since = None
        self._felt = Felt(self.machine, self._unread)
        self._kept = None
        if not self.over and self.step.output is not None:
            self.unvented.pop(self.step.output.key, None)
        if not self.over and self.step.kind == "stop":
            self.stop.begin(now)
        self.faults.pop(self.at, None)

    def answer(self, answer: Answer, moved: str = "") -> None:
        """What was seen at an output (``moved``: the key of what moved instead), whether to keep gains, or
        what ``StopCheck.answer`` takes.
        """
        step = self.step
        if step.kind == "stop":
            self._answer_stop(answer)
            return
        if step.output is not None:
            self._see(step.output, answer, moved)
        elif step.side is not None and answer == "yes" and self._kept is not None:
            self.stage, self._under_way = "busy", False
            return
        elif step.side is not None:
            self.tuned[step.side] = Tuned(side=step.side, skipped=not_wanted())
        self.next()

    def skip(self, why: Message) -> None:
        """Leave the step out, for a reason that is kept."""
        step = self.step
        match step.kind:
            case "output":
                assert step.output is not None
                self._see(step.output, "skipped", "")
            case "tune":
                assert step.side is not None
                self.tuned[step.side] = Tuned(side=step.side, skipped=why)
            case "zero":
                self.not_zeroed = why
            case "self-test":
                self.self_test = {"heat": why, "air": why}
            case "rest":
                self.lines = ()
            case "stop":
                self.stop.skip()
        self.next()

    def next(self) -> None:
        self.at += 1
        self.stage, self.problem = "ready", None

    def _answer_stop(self, answer: Answer) -> None:
        self.stop.answer(answer, self._now)
        if self.stop.mend_first:
            self.at, self.stage, self.problem = len(self.steps), "ready", None  # nothing is driven
        else:
            self.stage = "busy"

    def leave(self) -> tuple[Command, ...]:
        """The person goes away: what has to be sent."""
        busy, self.stage = self.stage == "busy", "ready"
        return (Stop(),) if busy else ()

    def _see(self, output: Output, answer: Answer, moved: str) -> None:
        rose: tuple[str, ...] = ()
        if output.family == "air" and answer != "skipped":
            rose = self._felt.aired[:1]
        elif output.family == "heat":
            rose = tuple(sorted(self._felt.warmed - self._warmed))
            self._warmed |= self._felt.warmed
        self.seen[output.key] = Seen(
            output=output.key,
            name=name(output, self.machine),
            pin=output.pin,
            answer=answer,
            moved=moved if answer == "other" else "",
            rose=rose,
        )

    # --- what the machine does -----------------------------------------------------------------------

    def update(self, now: float, snapshot: Snapshot) -> tuple[Command, ...]:
        """Call with each snapshot; the commands to be sent now."""
        self._now = now
        if self.stage != "busy" or self.over:
            return ()
        if snapshot.state == "fault" and self.step.kind not in ("rest", "stop", "self-test"):
            said = snapshot.faults[0] if snapshot.faults else None
            self._trouble(fault_in_the_way(said) if said else machine_in_a_fault())
            if said is not None and said.code == "bag-not-venting":
                self._unvented()
            return ()
        match self.step.kind:
            case "rest":
                return self._rest(now, snapshot)
            case "stop":
                return self._stop(now, snapshot)
            case "zero":
                return self._zero(now, snapshot)
            case "output":
                assert self.step.output is not None
                return self._drive(now, snapshot, self.step.output)
            case "self-test":
                return self._test(now, snapshot)
            case "tune":
                assert self.step.side is not None
                return self._tune(now, snapshot, self.step.side)

    def replied(self, command: Command, reply: Reply) -> None:
        """What became of a command that ``update`` wanted sent."""
        if self.stage != "busy":
            return
        if isinstance(command, Acknowledge):
            self.stop.replied(reply)
        elif isinstance(command, Rezero):
            self.zeroed, self.not_zeroed = reply.ok, reply.reason
            self.stage = "told"
        elif isinstance(command, KeepGains):
            assert self._kept is not None
            if reply.ok:
                self.tuned[self._kept.side] = self._kept
                self.next()
            else:
                self._trouble(reply.reason)
        elif isinstance(command, Drive | CheckItself | Tune):
            self._under_way = self._under_way or reply.ok
            if not reply.ok and not self._under_way and not isinstance(command, Drive):
                self._trouble(reply.reason)

    def _trouble(self, why: Message | None) -> None:
        if why is not None and self._since is not None and self.step.kind == "output":
            self.faults[self.at] = why
        self.problem, self.stage = why, "ready"

    def _unvented(self) -> None:
        """A bag did not empty: where others than the driven one felt air, that says why."""
        output = self.step.output
        risen = self._felt.aired
        if output is not None and output.family == "air" and set(risen) - {output.key}:
            self.unvented[output.key] = risen
            self.faults.pop(self.at, None)

    def _rest(self, now: float, snapshot: Snapshot) -> tuple[Command, ...]:
        self._heard.append(snapshot)
        if now - self._begun >= LOOK_S and len(self._heard) > 1:
            self.lines = tuple(sensors(self.machine, self._heard))
            if not self.lines:
                self._trouble(no_sensor_readable())
            else:
                self.stage = "told"
        return ()

    def _stop(self, now: float, snapshot: Snapshot) -> tuple[Command, ...]:
        commands = self.stop.update(now, snapshot)
        if self.stop.trouble or self.stop.late:
            self._trouble(self.stop.trouble or busy_otherwise())
        elif self.stop.phase in ASKING:
            self.stage = "asking"
        elif self.stop.phase == "told":
            self.stage = "told"
        return commands

    def _zero(self, now: float, snapshot: Snapshot) -> tuple[Command, ...]:
        if snapshot.state == "idle" and not self._under_way:
            self._under_way = True
            return (Rezero(),)
        return self._wait(now)

    def _drive(self, now: float, snapshot: Snapshot, output: Output) -> tuple[Command, ...]:
        if snapshot.driven is not None and self._since is None:
            self._since = now
        since = self._since
        if since is None:
            if snapshot.state == "idle" and now - self._sent_at >= RENEW_S:
                self._sent_at = now
                return (Drive(output=output.key, no_feet=True),)
            return self._wait(now)
        if snapshot.inputs is not None:
            self._felt.hear(snapshot.inputs)
            if self._full_since is None and self._felt.full:
                self._full_since = now
        full = self._full_since is not None and now - self._full_since >= SHOWN_S
        if now - since >= DRIVE_S[output.family] or full or snapshot.driven is None:
            if snapshot.driven is not None:
                return ()
            if snapshot.state == "idle":
                self.stage = "asking"
            return ()
        if now - self._sent_at >= RENEW_S:
            self._sent_at = now
            return (Drive(output=output.key, no_feet=True),)
        return ()

    def _test(self, now: float, snapshot: Snapshot) -> tuple[Command, ...]:
        if not self._under_way:
            if snapshot.state == "fault":
                self._trouble((snapshot.faults[0].found if snapshot.faults else None) or machine_in_a_fault())
                return ()
            if snapshot.state == "idle" and now - self._sent_at >= RENEW_S:
                self._sent_at = now
                return (CheckItself(),)
            return self._wait(now)
        check = snapshot.check
        if snapshot.state == "self-test":
            self._since = now
        elif self._since is not None and check is not None:
            found = (("heat", check.heat), ("air", check.air))
            self.self_test = {what: words for what, words in found if words is not None}
            self.pulsed = check.pulsed
            self.stage = "told"
        return ()

    def _tune(self, now: float, snapshot: Snapshot, side: Side) -> tuple[Command, ...]:
        if self._kept is not None:
            if snapshot.state == "idle" and not self._under_way:
                self._under_way = True
                return (KeepGains(),)
            return ()
        if not self._under_way:
            if snapshot.state == "idle" and now - self._sent_at >= RENEW_S:
                self._sent_at = now
                return (Tune(side=side),)
            return self._wait(now)
        view = snapshot.tune
        if snapshot.state == "service":
            self._since = now
        elif self._since is not None and view is not None and view.side == side:
            if view.found is not None:
                from app.gains import gains_line

                self._kept = Tuned(side=side, gains=gains_line(view.found))
                self.stage = "asking"
            else:
                self._trouble(view.reason or tuning_found_nothing())
            return ()
        if snapshot.state == "service" and now - self._sent_at >= RENEW_S:
            self._sent_at = now
            return (Alive(),)
        return ()

    def _wait(self, now: float) -> tuple[Command, ...]:
        if now - self._begun > PATIENCE_S:
            self._trouble(busy_otherwise())
        return ()

    @property
    def found_gains(self) -> str:
        """What a tuning found and waits to be kept."""
        return self._kept.gains if self._kept else ""


def _sentence(line: Line) -> str:
    return f"{line.name}: {line.value}. {line.do}".strip()
