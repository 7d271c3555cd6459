"""What every zone should do at a moment of a program: pure functions of a plan and a time.

A :class:`Plan` is a program laid out for a session's length. :func:`at` answers for one moment; it keeps
nothing, so skipping, pausing and replaying need no care.
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, pi
from typing import Literal

from msgspec import Struct

from hardware.program import Motion, Phase, Program, Squeeze
from hardware.safety import limits
from hardware.words import MotionKind, Zone

LONG_REST_S = 12.0
"""S7: between two waves of a circulation program the leg has at least this to fill again."""
EMPTY_WITHIN_S = 0.5
SPARE_S = 4.0
Stage = Literal["inflate", "hold", "release", "rest"]


class Slot(Struct, frozen=True):
    """One phase with its place in the plan, in seconds of program time."""

    phase: Phase
    start_s: float
    duration_s: float
    planned_s: float
    """What it lasts whatever the feet's skin: all a phase may be longer is counted from this."""

    @property
    def end_s(self) -> float:
        return self.start_s + self.duration_s


class Plan(Struct, frozen=True):
    program: Program
    slots: tuple[Slot, ...]
    heat_until_s: float
    """Program time at which heat goes off; 0 for a program without heat."""

    @property
    def total_s(self) -> float:
        return self.slots[-1].end_s

    def index_at(self, t: float) -> int:
        for index, slot in enumerate(self.slots):
            if t < slot.end_s:
                return index
        return len(self.slots) - 1


class MotionNow(Struct, frozen=True):
    kind: MotionKind
    zone: Zone
    share: float
    """Of the intensity; 0 is off."""
    hz: float | None


class SqueezeNow(Struct, frozen=True):
    zone: Zone
    cycle: int
    """Counts a zone's cycles within the phase; a target is latched for each."""
    stage: Stage
    fraction: float
    """Of the cycle's target: rises in inflate, 1 in hold, falls in release, 0 in rest."""
    level: float | None
    """The target as a share of the intensity ..."""
    offset: float
    mmhg: float | None
    """... or as a pressure of its own."""
    factor: float
    """The target times this: a lighter wave."""
    gradient: bool
    rest_s: float
    """The least that is left of the rest when the bag has emptied: a foot has that before the next cycle."""
    spare_s: float
    """What a bag that fills slowly may take of the rest, and leave the least."""


class GuideNow(Struct, frozen=True):
    words: str
    left_s: float
    """How long still to hold; 0: let go."""


class Moment(Struct, frozen=True):
    index: int
    phase: Phase
    phase_s: float
    phase_left_s: float
    motions: tuple[MotionNow, ...]
    squeezes: tuple[SqueezeNow, ...]
    heat: bool
    guide: GuideNow | None


def lay_out(program: Program, minutes: float) -> Plan:
    """The program for a session of this length: fixed phases keep theirs, the others share what is left."""
    lengths: dict[int, float] = {n: p.minutes for n, p in enumerate(program.phase) if p.fixed}
    flexible = [n for n in range(len(program.phase)) if n not in lengths]
    while flexible:
        left = minutes - sum(lengths.values())
        scale = left / sum(program.phase[n].minutes for n in flexible)
        short = [n for n in flexible if program.phase[n].minutes * scale < program.phase[n].least_min]
        if not short:
            lengths.update({n: program.phase[n].minutes * scale for n in flexible})
            break
        lengths.update({n: program.phase[n].least_min for n in short})
        flexible = [n for n in flexible if n not in short]
    return _plan(program, program.phase, [lengths[n] * 60 for n in range(len(program.phase))])


def stretch(plan: Plan, t: float, total_s: float) -> Plan:
    """The plan with another whole length: what is left after ``t`` is made longer or shorter.

    Fixed phases keep their length as long as the others can take the change; so does one whose end the
    feet's skin has moved.
    """
    here = plan.index_at(t)
    done = [min(max(t - slot.start_s, 0.0), slot.duration_s) for slot in plan.slots]
    left = [slot.duration_s - part for slot, part in zip(plan.slots, done, strict=True)]
    keeps = [
        slot.phase.fixed or (number == here and slot.duration_s != slot.planned_s)
        for number, slot in enumerate(plan.slots)
    ]
    fixed = sum(rest for rest, kept in zip(left, keeps, strict=True) if kept)
    flexible = sum(left) - fixed
    wanted = max(total_s - t, 0.0)
    keep_fixed = flexible > 0 and wanted > fixed
    scale = (wanted - fixed) / flexible if keep_fixed else wanted / max(fixed + flexible, 1e-9)
    scales = [1.0 if keep_fixed and kept else scale for kept in keeps]
    durations = [part + rest * by for part, rest, by in zip(done, left, scales, strict=True)]
    planned = []
    for slot, by in zip(plan.slots, scales, strict=True):
        part = min(max(t - slot.start_s, 0.0), slot.planned_s)
        planned.append(slot.planned_s if slot.end_s <= t else part + (slot.planned_s - part) * by)
    return _plan(plan.program, tuple(slot.phase for slot in plan.slots), durations, planned)


def end_at(plan: Plan, index: int, end_s: float) -> Plan:
    """The plan with a phase that ends at another time; the later ones that are not fixed make up for it.

    The whole keeps its length. A phase that nothing flexible follows stays as it is.
    """
    later = plan.slots[index + 1 :]
    fixed = sum(slot.duration_s for slot in later if slot.phase.fixed)
    flexible = sum(slot.duration_s for slot in later) - fixed
    if flexible <= 0:
        return plan
    scale = (plan.total_s - end_s - fixed) / flexible
    durations = [slot.duration_s for slot in plan.slots[:index]]
    durations.append(end_s - plan.slots[index].start_s)
    durations += [slot.duration_s * (1.0 if slot.phase.fixed else scale) for slot in later]
    phases = tuple(slot.phase for slot in plan.slots)
    return _plan(plan.program, phases, durations, [slot.planned_s for slot in plan.slots])


def latest_end_s(plan: Plan, index: int) -> float:
    """When a phase ends at the latest, for what follows to have its least, and half of its length."""
    least = (
        slot.duration_s if slot.phase.fixed else max(slot.phase.least_min * 60, slot.planned_s / 2)
        for slot in plan.slots[index + 1 :]
    )
    return plan.total_s - sum(least)


def squeezed_until_s(plan: Plan, t: float) -> float:
    """When the last of the squeezes that are under way at ``t`` is over; ``t`` if there is none."""
    slot = plan.slots[plan.index_at(t)]
    until = t
    for squeeze, now in zip(slot.phase.squeeze, at(plan, t).squeezes, strict=False):
        if now.stage != "rest":
            begun = slot.start_s + squeeze.start_s + now.cycle * squeeze.cycle_s
            until = max(until, begun + squeeze.inflate_s + squeeze.hold_s + squeeze.release_s)
    return until


def _plan(
    program: Program, phases: tuple[Phase, ...], durations: list[float], planned: list[float] | None = None
) -> Plan:
    slots, start = [], 0.0
    for phase, duration, own in zip(phases, durations, planned or durations, strict=True):
        slots.append(Slot(phase, start, duration, own))
        start += duration
    return Plan(program, tuple(slots), _heat_until_s(program, slots))


def _heat_until_s(program: Program, slots: list[Slot]) -> float:
    heat = program.heat
    if heat is None or "heat" in program.never:
        return 0.0
    until = total_s = slots[-1].end_s
    if heat.off_before_end_min is not None:
        until = total_s - heat.off_before_end_min * 60
    if heat.off_at is not None:
        until = min(until, next(slot.start_s for slot in slots if slot.phase.name == heat.off_at))
    return until


def at(plan: Plan, t: float) -> Moment:
    """What the program asks for at ``t`` seconds of program time."""
    index = plan.index_at(t)
    slot = plan.slots[index]
    phase, phase_s = slot.phase, max(t - slot.start_s, 0.0)
    progress = min(phase_s / slot.duration_s, 1.0) if slot.duration_s > 0 else 1.0
    never = plan.program.never
    motions = tuple(
        MotionNow(motion.kind, motion.zone, _motion_share(motion, phase_s, progress), motion.hz)
        for motion in phase.motion
        if motion.kind not in never
    )
    squeezes = (
        ()
        if "squeeze" in never
        else tuple(_squeeze(squeeze, phase_s, slot.duration_s, progress) for squeeze in phase.squeeze)
    )
    return Moment(
        index,
        phase,
        phase_s,
        max(slot.duration_s - phase_s, 0.0),
        motions,
        squeezes,
        t < plan.heat_until_s,
        _guide(phase, phase_s),
    )


def _glide(start: float, end: float | None, progress: float) -> float:
    return start if end is None else start + (end - start) * progress


def _motion_share(motion: Motion, phase_s: float, progress: float) -> float:
    t = phase_s - motion.start_s
    if t < 0:
        return 0.0
    level = _glide(motion.level, motion.level_to, progress)
    if motion.grow_percent and motion.grow_every_s:
        level = min(level * (1 + motion.grow_percent / 100) ** int(t / motion.grow_every_s), 1.0)
    low = min(motion.low, level)
    if motion.pattern == "steady":
        return level
    if motion.pattern == "swell":
        return low + (level - low) * 0.5 * (1 - cos(2 * pi * t / motion.period_s))
    if motion.pattern == "pulse":
        turn, into = divmod(t, motion.on_s + motion.off_s)
        if into >= motion.on_s:
            return 0.0
        if motion.total_s and turn * motion.on_s + into >= motion.total_s:
            return 0.0
        return level
    into = t % (motion.rise_s + motion.pause_s + motion.return_s)
    if into < motion.rise_s:
        return low + (level - low) * into / motion.rise_s
    if into < motion.rise_s + motion.pause_s:
        return 0.0
    return low


def _squeeze(squeeze: Squeeze, phase_s: float, duration_s: float, progress: float) -> SqueezeNow:
    t = phase_s - squeeze.start_s
    cycle, into = divmod(max(t, 0.0), squeeze.cycle_s)
    active_s = squeeze.inflate_s + squeeze.hold_s + squeeze.release_s
    stage: Stage = "rest"
    fraction = 0.0
    # A cycle that the phase cannot see through is not begun: no squeeze is cut off half-way.
    whole = squeeze.start_s + cycle * squeeze.cycle_s + active_s <= duration_s + 1e-6
    if t >= 0 and whole and into < active_s:
        if into < squeeze.inflate_s:
            stage, fraction = "inflate", into / squeeze.inflate_s
        elif into < squeeze.inflate_s + squeeze.hold_s:
            stage, fraction = "hold", 1.0
        else:
            stage = "release"
            fraction = 1.0 - (into - squeeze.inflate_s - squeeze.hold_s) / squeeze.release_s
    return SqueezeNow(
        squeeze.zone,
        int(cycle),
        stage,
        fraction,
        None if squeeze.level is None else _glide(squeeze.level, squeeze.level_to, progress),
        squeeze.offset,
        None if squeeze.mmhg is None else _glide(squeeze.mmhg, squeeze.mmhg_to, progress),
        squeeze.every_second if int(cycle) % 2 else 1.0,
        squeeze.gradient,
        *_rest(squeeze.release_s, squeeze.rest_s),
    )


@lru_cache(maxsize=64)
def _rest(release_s: float, rest_s: float) -> tuple[float, float]:
    """The least of a squeeze's rest that a foot has whatever happened before, and what a slow bag may take.

    A bag needs time to empty, in its release or after; what the program gives beyond that is the foot's,
    up to the long rest.
    """
    emptying_s = max(limits.VENT_S - release_s, 0.0) + EMPTY_WITHIN_S
    least_s = min(max(rest_s - emptying_s, limits.BAG_REST_S), LONG_REST_S)
    spare_s = rest_s - least_s - limits.VENT_S
    return least_s, min(max(spare_s, 0.0), SPARE_S)


def _guide(phase: Phase, phase_s: float) -> GuideNow | None:
    guide = phase.guide
    if guide is None:
        return None
    t = phase_s - guide.start_s
    if t < 0:
        return GuideNow(guide.words, 0.0)
    return GuideNow(guide.words, max(guide.hold_s - t % (guide.hold_s + guide.rest_s), 0.0))
