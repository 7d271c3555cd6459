"""Home and Get ready as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.ui.ports import SessionRow
from app.ui.speech import render
from app.ui.state import common
from app.ui.state.service.check import left as checking
from app.ui.state.session import LEAST_HEAT_C, MOST_HEAT_C, warmer
from app.ui.words import _, meant, plural
from hardware.machine import Machine
from hardware.message import Message
from hardware.messages import Snapshot, Start
from hardware.program import Program
from hardware.words import Feet, Zone

WARM_C = 33.0
"""A pad above this is still warm to a foot."""
FIRST_INTENSITY = 3


@dataclass(frozen=True)
class Card:
    """One program on Home."""

    id: str
    title: str
    line: str
    minutes: str
    accent: str
    works_on: tuple[Zone, ...]
    warm: bool


@dataclass(frozen=True)
class HomeState:
    greeting: str
    name: str
    clock: str
    condition: str
    """How the machine is, in a sentence or two."""
    shorter: str
    """The same in its one weightiest sentence."""
    notice: str
    """Something that wants attention, or empty."""
    notice_opens: bool
    """The notice is a fault that can be read and acknowledged."""
    can_start: bool


def cards(programs: Mapping[str, Program]) -> tuple[Card, ...]:
    return tuple(
        Card(
            program.id,
            program.title,
            program.line,
            common.minutes(program.default_minutes),
            program.accent,
            program.works_on,
            program.heat is not None,
        )
        for program in programs.values()
    )


def pages(count: int, per_page: int) -> int:
    return max(1, -(-count // per_page))


def home(
    snapshot: Snapshot,
    now: datetime,
    problems: Sequence[Message],
    this_week: int | None,
    name: str = "",
    reminder: str = "",
    standing: str = "done",
    unkept: Message | None = None,
) -> HomeState:
    """What Home says; ``this_week`` is the number of sessions, None while it is not known.

    ``standing``: whether the machine was gone through, as ``app.commissioning.record`` has it. ``unkept``:
    why something that was changed is not on the disk.
    """
    said = []
    if this_week and not reminder:
        said.append(plural("One session this week.", "{count} sessions this week.", this_week))
    # Who has not been here for days is told so, and nothing else.
    said.append(reminder if reminder and snapshot.state == "idle" else _condition(snapshot))
    notice, opens = "", False
    if snapshot.faults:
        notice, opens = render(snapshot.faults[0].words), True
    elif snapshot.notices:
        notice = render(snapshot.notices[0])
    elif unkept:
        notice = _("What was changed last is not kept yet. {why}").format(why=render(unkept))
    elif problems:
        notice = (
            _("A program has a mistake and is left out. {why}").format(why=render(problems[0]))
            if len(problems) == 1
            else _("{count} programs have mistakes and are left out. {why}").format(
                count=len(problems), why=render(problems[0])
            )
        )
    else:
        notice = _standing(standing)
    return HomeState(
        greeting=(
            _("{greeting}, {name}").format(greeting=common.greeting(now), name=name)
            if name
            else common.greeting(now)
        ),
        name=name,
        clock=common.oclock(now),
        condition=" ".join(said),
        shorter=said[-1],
        notice=notice,
        notice_opens=opens,
        can_start=snapshot.state == "idle",
    )


def _standing(standing: str) -> str:
    never = _("This machine was never gone through part by part: Service, System.")
    return {
        "never": never,
        "unreadable": never,
        "outdated": _("The machine's wiring has changed. Go through it again: Service, System."),
        "unfinished": _("A part of the machine is still to be mended: Service, System."),
    }.get(standing, "")


def _condition(snapshot: Snapshot) -> str:
    if snapshot.state == "starting":
        return _("The machine is starting.")
    if snapshot.state == "self-test":
        return checking(snapshot.check.left_s if snapshot.check else 0)
    if snapshot.state == "stopping":
        return _("The air is being let out.")
    if not snapshot.pads:
        return _("Ready when you are.")
    known = [pad.c for pad in snapshot.pads if pad.c is not None]
    if len(known) < len(snapshot.pads):
        missing = next(pad.side for pad in snapshot.pads if pad.c is None)
        return (
            _("The left pad gives no reading.") if missing == "left" else _("The right pad gives no reading.")
        )
    if max(known) >= WARM_C:
        return _("The pads are still warm, {c}.").format(c=common.degrees(max(known), 0))
    return _("The pads are cool.")


# --- Get ready ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choices:
    """What Start will send. Each change gives a new one."""

    program: str
    minutes: int
    intensity: int
    heat_c: float | None
    feet: Feet = "both"

    def with_minutes(self, minutes: int) -> Choices:
        return replace(self, minutes=minutes)

    def stepped_minutes(self, offered: Sequence[int], by: int) -> Choices:
        at = offered.index(self.minutes) + by if self.minutes in offered else 0
        return replace(self, minutes=offered[min(len(offered) - 1, max(0, at))])

    def stepped_intensity(self, by: int, most: int = 10) -> Choices:
        return replace(self, intensity=min(most, max(1, self.intensity + by)))

    def stepped_heat(self, by: int) -> Choices:
        return replace(self, heat_c=warmer(self.heat_c, by))

    def with_feet(self, feet: Feet) -> Choices:
        return replace(self, feet=feet)

    def start(self, person: str | None = None, answers: tuple[str, ...] | None = None) -> Start:
        """``answers`` are a guest's; a person's are kept with them."""
        return Start(
            program=self.program,
            minutes=self.minutes,
            intensity=self.intensity,
            heat_c=self.heat_c,
            feet=self.feet,
            person=person,
            answers=answers,
        )


def first_choices(program: Program, machine: Machine) -> Choices:
    """What a program proposes by itself."""
    warm = program.heat is not None and "heat" in program.kinds(machine)
    return Choices(
        program.id,
        program.default_minutes,
        FIRST_INTENSITY,
        program.heat.target_c if warm and program.heat else None,
    )


def again_choices(program: Program, machine: Machine, row: SessionRow) -> Choices:
    """The last session's settings, as far as the program still offers them."""
    proposal = first_choices(program, machine)
    minutes = row.minutes if row.minutes in program.minutes else program.default_minutes
    warm = "heat" in program.kinds(machine)
    heat_c = row.heat_c if warm else None
    if heat_c is not None:
        heat_c = min(MOST_HEAT_C, max(LEAST_HEAT_C, heat_c))
    feet: Feet = "left" if row.feet == "left" else "right" if row.feet == "right" else "both"
    return replace(
        proposal, minutes=minutes, intensity=min(10, max(1, row.intensity)), heat_c=heat_c, feet=feet
    )


def again_words(program: Program, choices: Choices) -> tuple[str, str]:
    """ "Again: Relax" and "15 min, intensity 6"."""
    return (
        _("Again: {program}").format(program=program.title),
        _("{minutes} min, intensity {level}").format(minutes=choices.minutes, level=choices.intensity),
    )


@dataclass(frozen=True)
class ReadyState:
    title: str
    accent: str
    about: str
    works_on: tuple[Zone, ...]
    warm: bool
    """It means to warm, whether this machine can or not."""
    offered: tuple[int, ...]
    minutes: int
    intensity: int
    has_heat: bool
    heat_c: float | None
    feet: Feet
    tips: tuple[tuple[str, str], ...]
    """Icon and words."""
    left_out: str


def ready(program: Program, machine: Machine, choices: Choices) -> ReadyState:
    missing = dict.fromkeys(
        _("{kind} ({zone})").format(kind=common.kind(kind), zone=common.zone(zone))
        for kind, zone in program.wants()
        if not machine.has(kind, zone)
    )
    return ReadyState(
        title=program.title,
        accent=program.accent,
        about=program.about or program.line,
        works_on=program.works_on,
        warm=program.heat is not None,
        offered=program.minutes,
        minutes=choices.minutes,
        intensity=choices.intensity,
        has_heat="heat" in program.kinds(machine),
        heat_c=choices.heat_c,
        feet=choices.feet,
        tips=(
            ("chair", _("Sit back, legs supported")),
            ("warm", _("A warm room helps")),
            ("foot", _("Bare feet or thin socks")),
        ),
        left_out=_("This machine leaves out: {parts}").format(parts=", ".join(missing)) if missing else "",
    )


def heat_words(heat_c: float | None) -> str:
    return meant("the pads' heat", "Off") if heat_c is None else common.degrees(heat_c, 0)
