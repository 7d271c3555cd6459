"""What was seen of a machine from its far end, and what the safety rules say to it.

The rules' numbers stand here once more, on purpose: nothing is shared with what is judged. Times are the
virtual machine's own clock, which is the computer's monotonic one, in seconds.

A busy computer breaks no rule. Time that a process is given is counted in ticks, not in seconds: in beats of
the watcher's heart and in looks that the daemon has answered. Each is worth no more than it was due to take,
so the clock of the judge stands still for as long as nobody gets a processor, and while the daemon is frozen.
A deadline has passed only when it has by all three: by the clock, in beats and in looks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, inf

BEAT_S = 0.01
LOOK_S = 0.05

STOP_S = 0.05  # S3
EMPTY_S = 3.0  # S3
EMPTY_MMHG = 10.0  # S3
DEAD_S = 1.5  # S12
RAIL_HOLDS_S = 0.5
"""The monostable's, after the last edge."""
SCREEN_S = 2.0  # S10
ANEW_S = 1.0  # S12: what another has put on a pin is written over
HAND_S = 0.6
"""One that is driven by hand is off so long after the last word."""
SLACK_S = 0.5
"""What a process may take beyond a rule's time to be woken, on top of what the ticks allow it."""
BUSY_S = 0.1
"""Without a single beat."""
TWO_OWNERS_LOOKS = 3
PRESSURE_MMHG, PAD_C = 150.0, 46.0
"""The relief valve's, with its tolerance; what a pad never comes to."""

RAIL = "rail"
NEW = "new"
"""In the place of a pin: from here on it is another virtual machine, with every pin low."""

Edge = tuple[float, int | str, float]
Span = tuple[float, float]


@dataclass(frozen=True)
class Look:
    """One answer of the daemon."""

    at_s: float
    bags_mmhg: tuple[float, ...] = ()
    pads_c: tuple[float, ...] = ()
    feeding: int = 0
    """Scripts that run in it: each is a lease in force."""


@dataclass(frozen=True)
class Asked:
    """A person asked for power: from when it was said to when it was answered, and for how long."""

    at_s: float
    heard_s: float
    for_s: float = inf


@dataclass(frozen=True)
class Fed:
    """The rail may be fed again: a controller was started, or a person has seen the fault."""

    at_s: float


@dataclass(frozen=True)
class Over:
    """What was under way has to be off so soon, and stays off until somebody asks for it."""

    at_s: float
    rule: str
    why: str
    within_s: float
    rail_s: float | None = None
    """The rail, too, until it may be fed again."""
    empty_s: float | None = None
    """Every bag is empty by then."""
    slack_s: float = SLACK_S
    told: bool = False
    """By the controller itself: what it says while a command is on its way to it is of before."""


@dataclass(frozen=True)
class Meddled:
    """Somebody else has put power on a pin: that it is there, for a while, is not the controller's doing."""

    at_s: float
    for_s: float = ANEW_S


@dataclass(frozen=True)
class Broken:
    """What did not hold."""

    rule: str
    words: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.words}"


@dataclass
class Trace:
    """Edges of the power pins and the rail, looks, beats, and what was done to the machine; each in order."""

    rail_pin: int
    patience: float = 1.0
    """How many times what a process may take anyway it may take here, beside other tests, say."""
    edges: list[Edge] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    beats: list[float] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    fed: list[Fed] = field(default_factory=list)
    overs: list[Over] = field(default_factory=list)
    meddled: list[Meddled] = field(default_factory=list)

    # --- time

    def passed(self, at_s: float, seconds: float) -> float:
        """When so much time has passed since then, as the judge counts it; infinite when it has not yet."""
        beats = _later(self.beats, at_s, ceil(seconds / BEAT_S))
        looks = _later([look.at_s for look in self.looks], at_s, ceil(seconds / LOOK_S))
        return max(at_s + seconds, beats, looks)

    def busy(self) -> bool:
        """Whether the computer was too busy for what hangs on being answered in time."""
        return any(later - at > BUSY_S for at, later in pairwise(self.beats))

    # --- power

    def rail_alive(self) -> list[Span]:
        alive = False
        states = []
        for at_s, pin, duty in self.edges:
            if pin in (RAIL, NEW):
                alive = pin == RAIL and duty > 0
                states.append((at_s, alive))
        return _spans(states)

    def powered(self) -> list[Span]:
        """When any load had power: its pin driven, and the rail alive."""
        duties: dict[int | str, float] = {}
        alive = False
        states = []
        for at_s, pin, duty in self.edges:
            if pin == NEW:
                duties, alive = {}, False
            elif pin == RAIL:
                alive = duty > 0
            elif pin != self.rail_pin:
                duties[pin] = duty
            states.append((at_s, alive and any(duties.values())))
        return _spans(states)

    # --- the rules

    def broken(self) -> list[Broken]:
        return [*self._goes_on(), *self._full(), *self._owners(), *self._bounds()]

    def took_s(self) -> dict[str, float]:
        """By rule, how long power that was on has lasted at most by the clock: of no meaning when busy."""
        took: dict[str, float] = {}
        powered = self.powered()
        for over in self.overs:
            for from_s, to_s in powered:
                if from_s < over.at_s < to_s < inf and not over.told:
                    took[over.rule] = max(took.get(over.rule, 0.0), to_s - over.at_s)
        return took

    def _ends(self) -> list[Over]:
        ends = [
            over
            for over in self.overs
            if not (over.told and any(a.at_s <= over.at_s <= a.heard_s + SLACK_S for a in self.asked))
        ]
        ends += [
            Over(a.at_s + a.for_s, "S2", "nobody drives it by hand any more", 0.0)
            for a in self.asked
            if a.for_s < inf and not self._outlived(a)
        ]
        return sorted(ends, key=lambda over: over.at_s)

    def _outlived(self, asked: Asked) -> bool:
        """Whether it was asked again before its time was up, or something else ended it: then that counts."""
        ends_s = asked.at_s + asked.for_s
        again = any(asked.at_s < other.at_s <= ends_s for other in self.asked)
        return again or any(asked.at_s <= over.at_s <= ends_s and not over.told for over in self.overs)

    def _goes_on(self) -> Iterator[Broken]:
        """S2, S3, S12, S13: power that outlasts its time, or comes again by itself."""
        powered, alive = self.powered(), self.rail_alive()
        for over in self._ends():
            again_s = min((a.at_s for a in self.asked if a.at_s > over.at_s), default=inf)
            due_s = self._due(over, over.within_s)
            for from_s, to_s in powered:
                for on_s, off_s in self._without_meddling(max(from_s, due_s), min(to_s, again_s)):
                    yield Broken(over.rule, f"power from {_after(on_s, over)} to {_after(off_s, over)}")
            if over.rail_s is None:
                continue
            fed_s = min((f.at_s for f in self.fed if f.at_s > over.at_s), default=inf)
            due_s = self._due(over, over.rail_s)
            for from_s, to_s in alive:
                for on_s, off_s in self._without_meddling(max(from_s, due_s), min(to_s, fed_s, again_s)):
                    yield Broken(
                        over.rule, f"the rail is alive from {_after(on_s, over)} to {_after(off_s, over)}"
                    )

    def _due(self, over: Over, within_s: float) -> float:
        allowed_s = within_s + over.slack_s * self.patience
        return self.passed(over.at_s, allowed_s) if allowed_s else over.at_s

    def _without_meddling(self, from_s: float, to_s: float) -> list[Span]:
        """What is left of a span where nobody else had his fingers in it."""
        spans = [(from_s, to_s)]
        for other in self.meddled:
            ends_s = self.passed(other.at_s, other.for_s + SLACK_S * self.patience)
            spans = [
                part
                for a, b in spans
                for part in ((a, min(b, other.at_s)), (max(a, ends_s), b))
                if part[0] < part[1]
            ]
        return [(a, b) for a, b in spans if a < b]

    def _full(self) -> Iterator[Broken]:
        """S3: a bag that is not empty in time."""
        for over in self._ends():
            if over.empty_s is None:
                continue
            again = [asked.at_s for asked in self.asked] + [other.at_s for other in self.meddled]
            again_s = min((at_s for at_s in again if at_s > over.at_s), default=inf)
            due_s = self._due(over, over.empty_s)
            for look in self.looks:
                if due_s < look.at_s < again_s and max(look.bags_mmhg, default=0.0) >= EMPTY_MMHG:
                    yield Broken("S3", f"{max(look.bags_mmhg):.0f} mmHg in a bag, {_after(look.at_s, over)}")
                    break

    def _owners(self) -> Iterator[Broken]:
        """S12: two leases in force; one that is just being ended may overlap with the next in a look."""
        row = 0
        for look in self.looks:
            row = row + 1 if look.feeding > 1 else 0
            if row == TWO_OWNERS_LOOKS:
                yield Broken("S12", f"{look.feeding} owners feed the rail at {look.at_s:.2f}")

    def _bounds(self) -> Iterator[Broken]:
        """S6 and the fault table's last line, as far as they can be seen at any time."""
        pressure = max((p for look in self.looks for p in look.bags_mmhg), default=0.0)
        if pressure >= PRESSURE_MMHG:
            yield Broken("S6", f"{pressure:.0f} mmHg in a bag")
        pad = max((c for look in self.looks for c in look.pads_c), default=0.0)
        if pad >= PAD_C:
            yield Broken("S4", f"a pad at {pad:.1f} °C")


def _spans(states: list[tuple[float, bool]]) -> list[Span]:
    spans: list[Span] = []
    since: float | None = None
    for at_s, on in states:
        if on and since is None:
            since = at_s
        elif not on and since is not None:
            spans.append((since, at_s))
            since = None
    return spans if since is None else [*spans, (since, inf)]


def _later(times: list[float], at_s: float, ticks: int) -> float:
    """When so many more of them have come."""
    place = bisect_right(times, at_s) + ticks - 1
    return times[place] if place < len(times) else inf


def _after(at_s: float, over: Over) -> str:
    return "for good" if at_s == inf else f"{at_s - over.at_s:.2f} s after: {over.why}"
