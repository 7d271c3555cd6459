"""The one vocabulary of both processes: commands in, snapshots and events out.

Times are seconds on the monotonic clock of the machine that sends them, temperatures °C, pressures mmHg
above the room, duties 0..1. Commands carry absolute values ("intensity 5", never "one more"), so one that
arrives twice does what it does once.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from hardware.machine import Gains
from hardware.message import Message, joined
from hardware.program_file import ProgramKey
from hardware.safety.expectation import Expectation
from hardware.words import Balance, Feet, Kind, Outcome, Severity, Side, State, TuneState, Zone

PROTOCOL_VERSION = 3

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")]
Words = Annotated[str, Meta(max_length=200)]
Level = Annotated[int, Meta(ge=1, le=10)]
Minutes = Annotated[int, Meta(ge=5, le=30)]
HeatC = Annotated[float, Meta(ge=34.0, le=42.0)]
TuneC = Annotated[float, Meta(ge=25.0, le=40.0)]
Rating = Annotated[int, Meta(ge=0, le=10)]
Answers = Annotated[tuple[Name, ...], Meta(max_length=40)]
"""The questions about health that a guest answers with yes."""


class _Command(Struct, frozen=True, kw_only=True, tag_field="do", forbid_unknown_fields=True):
    pass


class Start(_Command, frozen=True, tag="start"):
    """Begin a session. Refused unless the machine is idle."""

    program: ProgramKey
    minutes: Minutes
    intensity: Level
    heat_c: HeatC | None = None
    """The pads' target; None leaves them off."""
    feet: Feet = "both"
    person: Name | None = None
    answers: Answers | None = None
    """The questions about health to which a guest says yes, by their ids; a guest always says (S14).

    None for a person: theirs are kept with them.
    """


class Stop(_Command, frozen=True, tag="stop"):
    """Everything off, now. Never refused."""


class Pause(_Command, frozen=True, tag="pause"):
    """Hold the program; motion and heat stop, the bags open."""


class Resume(_Command, frozen=True, tag="resume"):
    """Go on after a pause, gently. The session is its sender's from then on."""


class SetIntensity(_Command, frozen=True, tag="intensity"):
    level: Level


class SetBalance(_Command, frozen=True, tag="balance"):
    kind: Kind
    balance: Balance


class SetBoost(_Command, frozen=True, tag="boost"):
    """One zone a little stronger, or none."""

    zone: Zone | None = None


class SetHeat(_Command, frozen=True, tag="heat"):
    heat_c: HeatC | None = None


class SetMinutes(_Command, frozen=True, tag="minutes"):
    """The session's whole length."""

    minutes: Minutes


class SkipTo(_Command, frozen=True, tag="skip"):
    """Go to a later phase, counted from 0."""

    phase: Annotated[int, Meta(ge=0, le=99)]


class TooStrong(_Command, frozen=True, tag="too-strong"):
    """Two levels down, bags open, nothing rises for 30 s."""


class Pain(_Command, frozen=True, tag="pain"):
    """Sharp pain: everything off; the session ends so."""


class Linger(_Command, frozen=True, tag="linger"):
    """Stay with the kneading where it is now for a few seconds ("here")."""


class JustRight(_Command, frozen=True, tag="just-right"):
    """The answer to "Softer / Just right": changes nothing, is noted."""


class Acknowledge(_Command, frozen=True, tag="acknowledge"):
    """A person has seen the fault; it is cleared if its cause has gone."""


class Alive(_Command, frozen=True, tag="alive"):
    """Proof of life, five times a second while a session runs: from the sender that owns it (S10)."""


class CheckItself(_Command, frozen=True, tag="self-test"):
    """Test the machine now: look at its sensors, then pulse its valves and pads. Only when idle.

    What ``person`` may not have is not pulsed (S14); see Start for both.
    """

    person: Name | None = None
    answers: Answers | None = None


class Tune(_Command, frozen=True, tag="tune"):
    """Find one pad's gains, for service and with the feet out; goes on for minutes. Only when idle.

    Needs proofs of life as a session does. Changes nothing until ``KeepGains``.
    """

    side: Side
    target_c: TuneC = 38.0
    person: Name | None = None
    """Who sits here, as for Start: their locks and their warmth (S5, S14)."""
    answers: Answers | None = None


class Preheat(_Command, frozen=True, tag="preheat"):
    """Warm the pads a little before a session, for three minutes at most. Only when idle.

    Needs proofs of life as a session does; a Start by the same sender goes on from it. It says, as Start
    does, that nothing is new with the feet today.
    """

    feet: Feet = "both"
    person: Name | None = None
    """Who sits here, as for Start: their locks and their warmth (S5, S14)."""
    answers: Answers | None = None


class EndPreheat(_Command, frozen=True, tag="end-preheat"):
    """Whoever got ready has gone elsewhere: the pads are not warmed any more. Ends nothing else."""


class KeepGains(_Command, frozen=True, tag="keep-gains"):
    """Use what the last tuning found from now on."""


class Drive(_Command, frozen=True, tag="drive"):
    """Drive one output by hand, for service; send it again and again, or the output is off within 0.6 s.

    A motor turns slowly, a bag takes a little air, a pad is warmed. Only when idle.
    """

    output: Name
    """Its key among the machine's outputs: ``knead.arch.left``, ``valve.calf``, ``pad.left``."""
    no_feet: bool = False
    """A person has seen to it that no foot is in the machine: a bag may be filled that is not felt."""
    person: Name | None = None
    """Who sits here, as for Start."""
    answers: Answers | None = None


class Rezero(_Command, frozen=True, tag="rezero"):
    """What the pressure sensors say now is their zero. Only when idle, with every bag open."""


class PainWhere(_Command, frozen=True, tag="pain-where"):
    """Where the sharp pain was; belongs to a session that has ended."""

    session: Name
    zone: Zone | None = None
    side: Side | None = None


class Rate(_Command, frozen=True, tag="rate"):
    """How the feet felt before and feel after, 0 (fine) to 10 (very sore)."""

    session: Name
    before: Rating | None = None
    after: Rating | None = None


class DeleteSession(_Command, frozen=True, tag="delete-session"):
    """Remove a session that has ended from the history, for good."""

    session: Name


class ForgetPerson(_Command, frozen=True, tag="forget-person"):
    """A person was removed: their sessions go with them, or become a guest's."""

    person: Name
    sessions: bool


Seated = Start | Preheat | CheckItself | Tune | Drive
"""What is done to whoever sits there: a person, or a guest with their answers (S14)."""

EngineCommand = (
    Start
    | Stop
    | Pause
    | Resume
    | SetIntensity
    | SetBalance
    | SetBoost
    | SetHeat
    | SetMinutes
    | SkipTo
    | TooStrong
    | Pain
    | Linger
    | JustRight
    | Acknowledge
    | Alive
    | CheckItself
    | Preheat
    | EndPreheat
    | Tune
    | KeepGains
    | Drive
    | Rezero
)
"""What the engine decides on."""

HistoryCommand = PainWhere | Rate | DeleteSession | ForgetPerson
"""What belongs to sessions that have ended: for the recorder, not for the engine."""

Command = EngineCommand | HistoryCommand


class Reply(Struct, frozen=True, omit_defaults=True):
    """What became of a command: done, or refused and why."""

    ok: bool
    reason: Message | None = None
    session: str = ""
    """The session it concerned, if any."""
    waits: bool = False
    """Accepted, and on its way to a disk that is slow. What fails yet is told as a notice; the same command
    sent again is not done a second time, and its answer says whether it is done."""


DONE = Reply(True)


# --- snapshots ---------------------------------------------------------------------------------------


class PadView(Struct, frozen=True):
    side: Side
    c: float | None
    """Measured, mean of the pad's two sensors; None when they are not to be believed."""
    target_c: float | None
    """What it is being regulated to now; None is off."""
    duty: float
    skin_c: float | None = None
    """What the skin on it is reckoned to have; None: nothing can be said."""
    skin_within_c: float = 0.0
    """In all but one of a hundred looks it is this near to that."""


class BagView(Struct, frozen=True):
    zone: Zone
    mmhg: float | None
    target_mmhg: float | None
    """None: open to the air."""
    closed: bool
    """Its valve is driven: it holds or takes air."""


class MotorView(Struct, frozen=True):
    kind: Kind
    zone: Zone
    side: Side
    duty: float


class FaultView(Struct, frozen=True, kw_only=True):
    code: str
    part: str
    """The key of the part that it is about; empty: the machine."""
    severity: Severity
    title: Message
    """What is wrong."""
    did: tuple[Message, ...]
    """What the machine did about it."""
    works: Message | None
    """What still works; None: nothing until it is cleared."""
    steps: tuple[Message, ...]
    """What the person can do."""
    rule: Message
    """For the builder: what it takes for this fault."""
    found: Message | None
    """For the builder: what was measured."""
    latched: bool
    """Stays until acknowledged, and until its cause has gone."""
    present: bool
    """The cause is there now."""

    @property
    def words(self) -> Message:
        """For the person: what is wrong and what to do."""
        return joined(self.title, *self.steps) or self.title

    @property
    def detail(self) -> Message:
        """For the builder: what it takes, and what was measured."""
        return joined(self.rule, self.found) or self.rule


class PhaseView(Struct, frozen=True):
    name: str
    minutes: float


class SessionView(Struct, frozen=True):
    id: str
    program: str
    title: str
    phase: int
    """Index into ``phases``."""
    phases: tuple[PhaseView, ...]
    elapsed_s: float
    """Program time done."""
    left_s: float
    phase_left_s: float
    minutes: int
    intensity: int
    """What the person asked for."""
    level: float
    """What is in force: rises slowly to ``intensity``."""
    heat_c: float | None
    feet: Feet
    balance: dict[Kind, Balance]
    boost: Zone | None
    holding_s: float
    """Seconds for which nothing rises after "too strong"; 0 otherwise."""
    guide: str
    """What the person may do themselves now (a stretch), or empty."""
    guide_left_s: float
    lingers: bool
    """The phase offers "here"."""
    max_minutes: int
    kinds: tuple[Kind, ...]
    """What this program does on this machine: what a balance makes sense for."""
    zones: tuple[Zone, ...]
    """Where it does it: what a boost makes sense for."""
    person: str | None = None
    max_intensity: int = 10
    """What this person may have at most."""


class InputView(Struct, frozen=True):
    """One input as it was read, for the builder."""

    value: float | None
    """°C or mmHg, before zeroing, believed or not; None: it makes no sense."""
    word: int | None = None
    """The converter's; None: it was not asked."""
    expected: Expectation | None = None
    """In the same terms as the value. None: whoever sends this says nothing of it."""


class InputsView(Struct, frozen=True):
    stop_open: bool
    by_key: dict[str, InputView] = {}
    """Empty: whoever sends this knows no keys."""


class CheckView(Struct, frozen=True):
    """The self-test: what it found, or what is left of it."""

    heat: Message | None
    """For the builder: what keeps the pads out of use; None: nothing."""
    air: Message | None
    pulsed: bool
    """Valves and pads were asked, too, since the controller started."""
    left_s: int
    """While it goes on: about so long yet."""


class PreheatView(Struct, frozen=True):
    """Pads are being warmed for a session."""

    left_s: float
    """At most so long yet."""
    feet: Feet
    person: str | None = None


class TuneView(Struct, frozen=True, kw_only=True):
    """The last tuning, under way or over."""

    side: Side
    state: TuneState
    reason: Message | None
    """Why it was aborted."""
    target_c: float
    elapsed_s: float
    curve: tuple[tuple[int, float, float], ...]
    """(second, °C, duty), thinned."""
    in_use: Gains
    found: Gains | None


class EndedView(Struct, frozen=True):
    id: str
    program: str
    title: str
    outcome: Outcome
    duration_s: float
    intensity: int
    person: str | None = None


class Snapshot(Struct, frozen=True, kw_only=True):
    """All that a screen needs to show what the machine does now. The latest wins."""

    version: int = PROTOCOL_VERSION
    at_s: float
    boot: str
    """Changes each time the controller starts."""
    state: State
    session: SessionView | None = None
    ended: EndedView | None = None
    """The last session since the controller started."""
    pads: tuple[PadView, ...] = ()
    bags: tuple[BagView, ...] = ()
    motors: tuple[MotorView, ...] = ()
    pump: float = 0.0
    inputs: InputsView | None = None
    """None while the pins cannot be reached."""
    driven: str | None = None
    """The key of the output that is driven by hand now."""
    check: CheckView | None = None
    preheat: PreheatView | None = None
    """None unless the state says so."""
    tune: TuneView | None = None
    """None before the first."""
    faults: tuple[FaultView, ...] = ()
    """The first is the one to show."""
    notices: tuple[Message, ...] = ()
    """What concerns the person but stops nothing (history not being kept, ...)."""


# --- events ------------------------------------------------------------------------------------------


class SessionStarted(Struct, frozen=True, kw_only=True, tag_field="event", tag="started"):
    at_s: float
    session: str
    program: str
    title: str
    program_version: int
    person: str | None
    minutes: int
    intensity: int
    heat_c: float | None
    feet: Feet
    pads: tuple[Side, ...]
    bags: tuple[Zone, ...]
    """The channels of the curves, in the order of Sampled."""


class Noted(Struct, frozen=True, kw_only=True, tag_field="event", tag="noted"):
    """Something that happened in a session (or, without one, to the machine)."""

    at_s: float
    session: str | None
    elapsed_s: float
    """Since the session began, pauses included."""
    what: str
    """phase, intensity, level, balance, boost, heat, minutes, pause, resume, skip, too-strong, pain,
    linger, just-right, frozen, fault, cleared, left-out; without a session also self-test, tune, gains"""
    detail: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    """Of the fault that it is about."""
    severity: Severity | None = None
    found: Message | None = None
    """What was measured or found, with its part."""


class Sampled(Struct, frozen=True, kw_only=True, tag_field="event", tag="sampled"):
    """One point of the curves, once a second."""

    session: str
    second: int
    pads_c: tuple[float | None, ...]
    bags_mmhg: tuple[float | None, ...]
    level: float


class SessionEnded(Struct, frozen=True, kw_only=True, tag_field="event", tag="ended"):
    at_s: float
    session: str
    outcome: Outcome
    duration_s: float
    """Running time, pauses left out."""
    intensity: int
    """Asked for at the end."""
    max_level: float
    mean_level: float
    minutes: int
    heat_c: float | None


Event = SessionStarted | Noted | Sampled | SessionEnded
