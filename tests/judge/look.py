"""What a judge sees of a tick: pins, plant, readings, what was asked, answered and told, and what is wrong.

A fault in the machine excuses exactly what it makes impossible, while it is in and for as long afterwards
as what it did can last. Every excuse has a name and is counted. Nothing excuses power at a pin that has to
be off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from math import inf
from operator import itemgetter
from typing import Protocol

from hardware.messages import Alive, EngineCommand, Event, Reply, SessionView, Snapshot
from tests.judge import rules
from tests.rig import Rig

LATE_S = rules.TICK_S + rules.LATE_S + 1e-6
PUT_IN_S = 4.0
"""A foot that has come in squeezed what air there was: that has to get out."""
LET_OUT_S = 3.0
LOOKS_EVERY = 4
"""Ticks between two looks at what the screens get, where nothing was asked and nothing told."""
COUNTED_EVERY_S = 60.0
DOCTORED, PINS_CUT = "doctored", "pins-cut"


class ViolationError(AssertionError):
    """A rule did not hold. ``rule`` is its number."""

    def __init__(self, what: str, rule: str = "") -> None:
        super().__init__(what)
        self.rule = rule


class Read(Protocol):
    """What the sensors say in a tick, in the order of the machine file: each pad's two, then the bags'."""

    @property
    def values(self) -> tuple[float | None, ...]: ...


class Look:
    """One tick. ``take`` after each; the attributes are then what was so in it."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.machine = machine = rig.machine
        self._restarts = rig.restarts
        self.restarted = False
        """A controller was started anew before this tick."""
        self.pins: tuple[float, ...] = ()
        """What is on the power pins at the end of the tick."""
        self.pins_changed = True
        self.at_s = rig.at_s
        self.gap_s = 0.0
        """Since the tick before."""
        self.late = False
        self.held_up_at = -inf
        """When the controller last stood still: what was on stayed on until then."""
        self.turn = 0
        self.shown: Snapshot = rig.engine.snapshot()
        """What the screens got last, and whether it is of this tick."""
        self.fresh = True
        self.state: str = rig.engine.state
        self.before: str = self.state
        """The state after the tick before."""
        self.orders: list[tuple[EngineCommand, str, str, Reply]] = []
        """What was asked in this tick but proofs of life: command, role and id of who asked, answer."""
        self.given: list[tuple[EngineCommand, str, str, Reply]] = []
        """The same with the proofs of life."""
        self.news: list[Event] = []
        """What the controller told in this tick."""
        self._told = len(rig.events)
        self.feet_in = True
        """Both feet are in ..."""
        self.moved_at = -inf
        """... and when one of them was last put in."""
        self._feet = dict(rig.plant.feet)
        self.away_at = -inf
        """When one of them was last not in."""
        self._wrong: dict[tuple[str, str], float] = {}
        """Every fault there has been, with when it was taken out."""
        self.excuses: Counter[str] = Counter()
        """How often a rule did not hold and was excused, by the excuse; one a minute."""
        self._excused_at: dict[str, float] = {}
        rig.plant.faults.listeners.append(self._remember)
        self._remember()
        self._get_pins: Callable[[dict[int, float]], tuple[float, ...]] = itemgetter(*machine.power_pins())
        self.pins = self._get_pins(rig.board.wiring.duties)
        motors, bags = len(machine.motor), len(machine.bag)
        pump = int(machine.pump is not None)
        self.motors, self.pump = slice(0, motors), slice(motors, motors + pump)
        self.valves = slice(motors + pump, motors + pump + bags)
        self.heaters = slice(motors + pump + bags, None)

    def take(self) -> None:
        rig = self.rig
        self.turn += 1
        self.before, self.state = self.state, rig.engine.state
        self.restarted = rig.restarts != self._restarts
        if self.restarted:
            self._restarts, self.before = rig.restarts, "starting"
        self.gap_s, self.at_s = rig.at_s - self.at_s, rig.at_s
        self.late = self.gap_s > LATE_S
        if self.late or rig.now - self.at_s > LATE_S:
            self.held_up_at = rig.now
        self._asked()
        told = len(rig.events)
        self.news = rig.events[self._told : told] if told != self._told else []
        self._told = told
        self.fresh = bool(
            self.news or self.orders or self.state != self.before or self.turn % LOOKS_EVERY == 0
        )
        if self.fresh:
            self.shown = rig.engine.snapshot()
        pins = self._get_pins(rig.board.wiring.duties)
        self.pins_changed = pins != self.pins
        self.pins = pins
        if rig.measured is not rig.read and not rig.cut:
            self._doctored()
        if rig.cut:
            self._wrong[PINS_CUT, ""] = rig.at_s
        feet = rig.plant.feet
        if feet != self._feet:
            if any(feet[side] and not self._feet[side] for side in feet):
                self.moved_at = rig.at_s
            self._feet = dict(feet)
        if rig.plant.sitting_down:  # a full bag keeps a foot out until it has vented
            self.moved_at = rig.at_s
        self.feet_in = all(feet.values())
        if not self.feet_in:
            self.away_at = rig.at_s

    def _asked(self) -> None:
        rig = self.rig
        self.given = [
            (one.command, one.by.role, one.by.id, reply)
            for one, reply in zip(rig.given, rig.replies, strict=True)
        ]
        self.orders = [order for order in self.given if not isinstance(order[0], Alive)]

    @property
    def session(self) -> SessionView | None:
        """As the screens see it. Whenever one begins or ends something is told, so it is never an old one."""
        return self.shown.session

    @property
    def feet_sit(self) -> bool:
        """Both feet are in, and have been for long enough to fit a bag."""
        return self.feet_in and self.settled

    @property
    def settled(self) -> bool:
        """No foot was put in just now."""
        return self.at_s - self.moved_at > PUT_IN_S

    @property
    def held_up(self) -> bool:
        """The controller stood still just now: what air came in meanwhile has to get out."""
        return self.rig.now - self.held_up_at < LET_OUT_S

    def asked(self, *kinds: type) -> bool:
        """A command of one of these kinds was given in this tick."""
        return any(isinstance(order[0], kinds) for order in self.orders)

    def sound(self) -> bool:
        """Nothing was ever wrong with this machine."""
        return not self._wrong

    def wrong(self, names: Iterable[str], lasts_s: float, *on: str) -> int:
        """How many of these faults are in, or were within so many seconds; with ``on`` those of a part alone
        and those that are on no part."""
        if not self._wrong:
            return 0
        since = self.at_s - lasts_s
        return sum(
            until >= since
            for (name, target), until in self._wrong.items()
            if name in names and (not on or not target or any(part in target.split() for part in on))
        )

    def excused(self, name: str, when: object) -> bool:
        """Whether what is wrong here is excused by ``name``, which then is counted."""
        if not when:
            return False
        if self.at_s - self._excused_at.get(name, -inf) >= COUNTED_EVERY_S:
            self._excused_at[name] = self.at_s
            self.excuses[name] += 1
        return True

    def pads_c(self, read: Read) -> tuple[tuple[float | None, float | None], ...]:
        """Each pad's two sensors, as ``read`` has them: before the bags, two by two."""
        sensors = read.values[: 2 * len(self.machine.pad)]
        return tuple(zip(sensors[::2], sensors[1::2], strict=True))

    def bags_mmhg(self, read: Read) -> tuple[float | None, ...]:
        return read.values[2 * len(self.machine.pad) :]

    def _doctored(self) -> None:
        """The controller was told what no sensor said."""
        told, true = self.rig.read, self.rig.measured
        for pad, a, b in zip(self.machine.pad, self.pads_c(told), self.pads_c(true), strict=True):
            if a != b:
                self._wrong[DOCTORED, pad.side] = self.at_s
        for bag, one, other in zip(self.machine.bag, self.bags_mmhg(told), self.bags_mmhg(true), strict=True):
            if one != other:
                self._wrong[DOCTORED, bag.zone] = self.at_s

    def _remember(self) -> None:
        now = self.rig.now
        for key, until in self._wrong.items():
            self._wrong[key] = min(until, now)
        for active in self.rig.plant.faults.active():
            self._wrong[active.name, active.target] = inf

    def fail(self, rule: str, what: str) -> None:
        """Raises ViolationError."""
        faults = ", ".join(map(str, self.rig.plant.faults.active())) or "no faults"
        raise ViolationError(f"{rule} at {self.at_s:.2f} s, {self.state}, {faults}: {what}", rule)
