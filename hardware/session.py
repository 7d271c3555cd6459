"""One session: its program clock, what the person asked for, and how gently that comes into force."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from hardware.control.air import DISTAL_OF
from hardware.control.bag import Order
from hardware.control.slew import Slew
from hardware.machine import Bag, Machine
from hardware.message import Count, Message, says
from hardware.messages import PhaseView, SessionView, Start
from hardware.program import Program
from hardware.safety import limits
from hardware.safety.expectation import Expectation
from hardware.safety.locks import NO_LOCKS, Locks
from hardware.timeline import Moment, Plan, SqueezeNow, at, lay_out, stretch
from hardware.warm_feet import WarmFeet
from hardware.words import BALANCE_FACTOR, Balance, Kind, MotionKind, Side, Zone


@says("A session is at most {count} minutes.")
def session_at_most(count: Count) -> None: ...


@says("That much time has passed already.")
def time_has_passed() -> None: ...


@says("This program has one phase.", many="This program has {count} phases.")
def program_has_phases(count: Count) -> None: ...


@says("That phase is over.")
def phase_is_over() -> None: ...


BOOST_LEVELS = 1.0
BOOST_MMHG = 10.0
LINGER_S = 5.0
VENT_HOLD_S = 5.0
"""After "too strong" the bags stay open at least this long."""
TWICE_S = 2.0
"""A second "too strong" within this is the same touch."""
MIN_LEFT_S = 30.0
"""A session is never shortened to end sooner than this."""
NEVER_S = -1e9


def bag_mmhg_at(bag: Bag, level: float) -> float:
    """A bag's pressure at a level of 1 to 10, from the machine file's table."""
    level = 1.0 if level < 1.0 else 10.0 if level > 10.0 else level
    low, low_mmhg = 1.0, bag.mmhg_at_1
    for high, high_mmhg in bag.mmhg_steps:
        if level <= high:
            return low_mmhg + (high_mmhg - low_mmhg) * (level - low) / (high - low)
        low, low_mmhg = high, high_mmhg
    return low_mmhg + (bag.mmhg_at_10 - low_mmhg) * (level - low) / (10.0 - low)


def usable_kinds(
    program: Program, machine: Machine, locks: Locks, lacking: tuple[Kind, ...]
) -> tuple[Kind, ...]:
    """What a program may do here and now: the machine's parts that work, less what is locked."""
    somewhere = {
        kind for kind, zone in program.wants() if zone not in locks.left_out and machine.has(kind, zone)
    }
    return tuple(
        kind
        for kind in program.kinds(machine)
        if kind in somewhere and kind not in lacking and not locks.forbids(kind)
    )


class Session:
    """A running session. All times are given; nothing here reads a clock."""

    def __init__(
        self,
        id: str,  # noqa: A002
        start: Start,
        program: Program,
        machine: Machine,
        now: float,
        locks: Locks = NO_LOCKS,
        lacking: tuple[Kind, ...] = (),
    ) -> None:
        self.id = id
        self.program = program
        self.machine = machine
        self.person = start.person
        self.feet = start.feet
        self.sides: tuple[Side, ...] = ("left", "right") if start.feet == "both" else (start.feet,)
        self.locks = locks
        self.kinds = usable_kinds(program, machine, locks, lacking)
        self.zones = tuple(zone for zone in program.zones(machine) if zone not in locks.left_out)
        self.minutes = start.minutes
        self.plan: Plan = lay_out(program, start.minutes)
        self.intensity = start.intensity
        self.heat_c: float | None = start.heat_c if "heat" in self.kinds else None
        self.balance: dict[Kind, Balance] = dict.fromkeys(self.kinds, "normal")
        self.boost: Zone | None = None
        self.program_s = 0.0
        self.running_s = 0.0
        self.started_at = now
        self.level = Slew(limits.LEVEL_PER_S, start=1.0)
        self.max_level = 1.0
        self._level_sum = 0.0
        self.hold_until_s = NEVER_S
        self.vent_until_s = NEVER_S
        self.too_strong_at = NEVER_S
        self.linger_until_s = NEVER_S
        self._linger_shares: dict[tuple[MotionKind, Zone], float] = {}
        self._warm_feet = WarmFeet()
        self.moment: Moment = at(self.plan, 0.0)

    # --- time ----------------------------------------------------------------------------------------

    def advance(self, now: float, dt_s: float, skins: Sequence[Expectation] = ()) -> None:
        """One tick of running time: the program clock, the moment, the level in force.

        ``skins`` are the estimates of every foot's skin, in °C; none while one of them is not heated.
        """
        self.program_s += dt_s
        self.running_s += dt_s
        self.plan = self._warm_feet.advance(self.plan, self.program_s, dt_s, skins)
        self.moment = at(self.plan, self.program_s)
        target = float(self.intensity)
        if now < self.hold_until_s:
            target = min(target, self.level.value)
        self.level.toward(min(target, self._gentle()), dt_s)
        self.max_level = max(self.max_level, self.level.value)
        self._level_sum += self.level.value * dt_s
        if now >= self.linger_until_s:
            self._linger_shares = {(m.kind, m.zone): m.share for m in self.moment.motions}

    def _gentle(self) -> float:
        """The first minute at 1, then up to what was asked over a minute and a half."""
        past = self.running_s - limits.GENTLE_S
        if past <= 0:
            return 1.0
        return 1.0 + (self.intensity - 1) * min(past / limits.GENTLE_RISE_S, 1.0)

    @property
    def mean_level(self) -> float:
        return self._level_sum / self.running_s if self.running_s > 0 else 1.0

    def over(self, now: float) -> bool:
        """S9: at its time, and at half an hour whatever happened in between."""
        return self.program_s >= self.plan.total_s or now - self.started_at >= limits.SESSION_MAX_S

    # --- what the person changes ---------------------------------------------------------------------

    def set_minutes(self, minutes: int) -> Message | None:
        """Lengthen or shorten what is left. Returns why not, if it cannot be."""
        if minutes > limits.SESSION_MAX_MINUTES:
            return session_at_most(Count(limits.SESSION_MAX_MINUTES))
        if minutes * 60 - self.program_s < MIN_LEFT_S:
            return time_has_passed()
        if minutes != self.minutes:
            self.plan = stretch(self.plan, self.program_s, minutes * 60.0)
            self.minutes = minutes
            self.moment = at(self.plan, self.program_s)
        return None

    def skip_to(self, phase: int) -> Message | None:
        """Go to the start of a later phase. Returns why not, if it cannot be."""
        if phase >= len(self.plan.slots):
            return program_has_phases(Count(len(self.plan.slots)))
        if phase < self.moment.index:
            return phase_is_over()
        if phase > self.moment.index:
            self.program_s = self.plan.slots[phase].start_s
            self.moment = at(self.plan, self.program_s)
        return None

    def too_strong(self, now: float) -> bool:
        """Two levels down, and nothing rises for a while. False when it was the same touch again."""
        if now - self.too_strong_at < TWICE_S:
            return False
        self.too_strong_at = now
        # Two levels below what is felt now; during the gentle start that is less than what was asked.
        felt = min(self.intensity, ceil(self.level.value))
        self.intensity = max(felt - limits.TOO_STRONG_LEVELS, 1)
        self.level.toward(self.intensity, 0.0)
        self.hold_until_s = now + limits.TOO_STRONG_HOLD_S
        self.vent_until_s = now + VENT_HOLD_S
        return True

    def linger(self, now: float) -> None:
        self.linger_until_s = now + LINGER_S

    def begin_again(self) -> None:
        """After a pause everything rises from the bottom."""
        self.level.reset(1.0)

    # --- what the machine shall do -------------------------------------------------------------------

    def _level_of(self, kind: Kind) -> float:
        """The level in force for a kind: balance and caps applied."""
        if kind not in self.kinds:
            return 0.0
        level = self.level.value * BALANCE_FACTOR[self.balance.get(kind, "normal")]
        level = min(level, self._cap_of(kind), 10.0)
        return level if level >= self.locks.least_levels.get(kind, 0.0) else 0.0

    def _cap_of(self, kind: Kind) -> float:
        phase = self.moment.phase
        return min(phase.cap, phase.caps.get(kind, 10.0), self.locks.max_levels.get(kind, 10.0))

    def motion_levels(self, now: float) -> dict[tuple[MotionKind, Zone], float]:
        lingers = now < self.linger_until_s
        levels: dict[tuple[MotionKind, Zone], float] = {}
        for motion in self.moment.motions:
            key = (motion.kind, motion.zone)
            share = self._linger_shares.get(key, motion.share) if lingers else motion.share
            base = self._level_of(motion.kind)
            if share <= 0 or base <= 0 or motion.zone in self.locks.left_out:
                levels[key] = 0.0
                continue
            boost = BOOST_LEVELS if self.boost == motion.zone else 0.0
            level = min(max(share * base, 1.0) + boost, self._cap_of(motion.kind), 10.0)
            # What counts is what the foot feels: a phase's small share is a light touch, too.
            levels[key] = level if level >= self.locks.least_levels.get(motion.kind, 0.0) else 0.0
        return levels

    def air_orders(self, now: float) -> tuple[Order | None, ...]:
        """One order a bag, in the machine file's order; None where the program asks for nothing."""
        if now < self.vent_until_s:
            return (None,) * len(self.machine.bag)
        level = self._level_of("squeeze")
        if level <= 0:
            return (None,) * len(self.machine.bag)
        wanted = {
            squeeze.zone: squeeze
            for squeeze in self.moment.squeezes
            if squeeze.zone not in self.locks.left_out
        }
        return tuple(
            None if bag.zone not in wanted else self._order(bag, wanted[bag.zone], level)
            for bag in self.machine.bag
        )

    def _order(self, bag: Bag, squeeze: SqueezeNow, level: float) -> Order:
        factor = BALANCE_FACTOR[self.balance.get("squeeze", "normal")]
        own = squeeze.mmhg * factor if squeeze.mmhg is not None else self._mmhg(bag, squeeze, level)
        own *= squeeze.factor
        if self.boost == bag.zone:
            own += BOOST_MMHG
        own = max(own, self.locks.least_squeeze_mmhg)
        top = self._top_mmhg(bag, squeeze, level)
        return Order(
            (self.moment.index, squeeze.cycle),
            squeeze.stage,
            squeeze.fraction,
            min(own, top),
            squeeze.rest_s,
            squeeze.spare_s,
        )

    def _mmhg(self, bag: Bag, squeeze: SqueezeNow, level: float) -> float:
        part = max((squeeze.level or 0.0) * level + squeeze.offset, 1.0)
        if not squeeze.gradient:
            leg = next((other for other in self.machine.bag if other.zone == "calf"), bag)
            return min(bag_mmhg_at(leg, part), bag_mmhg_at(bag, part))
        return bag_mmhg_at(bag, part)

    def _top_mmhg(self, bag: Bag, squeeze: SqueezeNow, level: float) -> float:
        """The ceiling for a bag: its own bounds, the phase's caps, and its distal neighbour's target."""
        own = max(bag_mmhg_at(bag, self._cap_of("squeeze")), squeeze.mmhg or 0.0)
        top = min(own, limits.BAG_TARGET_MAX_MMHG, self.locks.max_squeeze_mmhg)
        farther = DISTAL_OF.get(bag.zone)
        for other, other_squeeze in self._neighbours(farther):
            there = other_squeeze.mmhg or self._mmhg(other, other_squeeze, level)
            top = min(top, max(there, 10.0))
        return top

    def _neighbours(self, zone: Zone | None) -> list[tuple[Bag, SqueezeNow]]:
        return [
            (bag, squeeze)
            for bag in self.machine.bag
            for squeeze in self.moment.squeezes
            if bag.zone == zone == squeeze.zone
        ]

    def heat_target_c(self) -> float | None:
        """The pads' target now, before what is left of the allowance (S5)."""
        balance = self.balance.get("heat", "normal")
        if self.heat_c is None or not self.moment.heat or BALANCE_FACTOR[balance] == 0:
            return None
        target = self.heat_c + {"soft": -2.0, "strong": 1.0}.get(balance, 0.0)
        return min(max(target, limits.PAD_TARGET_MIN_C), limits.PAD_TARGET_MAX_C)

    # --- what a screen shows -------------------------------------------------------------------------

    def view(self, now: float) -> SessionView:
        moment, guide = self.moment, self.moment.guide
        return SessionView(
            id=self.id,
            program=self.program.id,
            title=self.program.title,
            phase=moment.index,
            phases=tuple(
                PhaseView(slot.phase.name, round(slot.duration_s / 60, 3)) for slot in self.plan.slots
            ),
            elapsed_s=self.program_s,
            left_s=max(min(self.plan.total_s - self.program_s, self._hard_left_s(now)), 0.0),
            phase_left_s=moment.phase_left_s,
            minutes=self.minutes,
            intensity=self.intensity,
            level=self.level.value,
            heat_c=self.heat_c,
            feet=self.feet,
            balance=dict(self.balance),
            boost=self.boost,
            holding_s=max(self.hold_until_s - now, 0.0),
            guide=guide.words if guide else "",
            guide_left_s=guide.left_s if guide else 0.0,
            lingers=moment.phase.lingers,
            max_minutes=min(limits.SESSION_MAX_MINUTES, self.locks.max_minutes),
            max_intensity=self.locks.max_intensity,
            kinds=self.kinds,
            zones=self.zones,
            person=self.person,
        )

    def _hard_left_s(self, now: float) -> float:
        return self.started_at + limits.SESSION_MAX_S - now
