"""Program files: what a massage is, phase by phase, as data that anyone can write.

``load_program`` reads one TOML file into a :class:`Program` or raises
:class:`~hardware.errors.FileError` with file, key and reason; ``load_programs`` reads a folder and keeps
going past a broken file, so that one bad file costs one card and not the evening.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from hardware.errors import FileError
from hardware.machine import Machine
from hardware.message import Count, Duration, Message, Named, Place, foreign, says
from hardware.plaintext import legible
from hardware.program_file import ENDING, alike, key_of, program_names
from hardware.safety import limits
from hardware.textfile import read_toml, unreadable
from hardware.words import Kind, MotionKind, Zone


@says("the file's name is the program's id: leave this key out")
def id_is_the_name() -> None: ...


@says("has the same name as {other}, but for capitals or accents: give one of them another")
def same_name(other: Named) -> None: ...


@says("is not one of the minutes offered: {offered}")
def not_offered(offered: Named) -> None: ...


@says("two phases have the same name")
def phases_named_alike() -> None: ...


@says("there is no phase named {name}; the phases are {phases}")
def no_such_phase(name: Named, phases: Named) -> None: ...


@says("{shortest} min is too short: what is fixed takes {fixed} min")
def minutes_too_few(shortest: Count, fixed: Named) -> None: ...


@says("every phase is fixed: at least one has to stretch with the session's length")
def all_phases_fixed() -> None: ...


@says("is more than the phase's own minutes")
def more_than_its_own() -> None: ...


@says("a {pattern} needs {key} above 0")
def pattern_needs(pattern: Named, key: Named) -> None: ...


@says("is above the level")
def low_above_level() -> None: ...


@says("give either level (a share of the intensity) or mmhg, not both or neither")
def level_or_pressure() -> None: ...


@says("a glide needs where it begins: level with level_to, mmhg with mmhg_to")
def glide_needs_beginning() -> None: ...


@says("the {zone} has a cycle in this phase already")
def zone_has_cycle(zone: Place) -> None: ...


@says("holds a foot longer than {most} in one go")
def held_too_long(most: Duration) -> None: ...


@says("needs a program with heat: nothing else warms the skin")
def warm_needs_heat() -> None: ...


@says("heat is off from {phase} on: nothing warms the skin there")
def warm_needs_heat_on(phase: Named) -> None: ...


@says("a fixed phase keeps its length: leave one of the two out")
def fixed_keeps_its_length() -> None: ...


@says("needs a later phase that is not fixed, to take up the time that is saved or spent")
def warm_needs_later_phase() -> None: ...


Share = Annotated[float, Meta(ge=0.0, le=1.2)]
"""A share of the intensity: 0.5 at intensity 8 is what intensity 4 does."""
Mmhg = Annotated[float, Meta(ge=10.0, le=60.0)]
Seconds = Annotated[float, Meta(ge=0.0, le=600.0)]
Cap = Annotated[float, Meta(ge=1, le=10)]


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Heat(_Part, frozen=True, kw_only=True):
    """Warmth for the whole session, until ``off_before_end_min`` or the start of phase ``off_at``."""

    target_c: Annotated[float, Meta(ge=limits.PAD_TARGET_MIN_C, le=limits.PAD_TARGET_MAX_C)]
    off_before_end_min: Annotated[float, Meta(ge=0, le=30)] | None = None
    off_at: str | None = None


class Motion(_Part, frozen=True, kw_only=True):
    """What the motors of one kind do at one zone during a phase.

    ``level`` and ``low`` are shares of the intensity; with ``level_to`` the level glides there over the
    phase.

    - ``steady``: at ``level``
    - ``swell``: a sine between ``low`` and ``level``, once in ``period_s``
    - ``pulse``: ``level`` for ``on_s``, nothing for ``off_s``; with ``total_s`` no more than that in all
    - ``ramp``: from ``low`` up to ``level`` in ``rise_s``, nothing for ``pause_s``, back at ``low`` for
      ``return_s``; each ``grow_every_s`` the level is ``grow_percent`` stronger, at most the intensity itself
    """

    kind: MotionKind
    zone: Zone
    pattern: Literal["steady", "swell", "pulse", "ramp"] = "steady"
    level: Share
    level_to: Share | None = None
    low: Share = 0.0
    start_s: Seconds = 0.0
    period_s: Seconds = 0.0
    on_s: Seconds = 0.0
    off_s: Seconds = 0.0
    total_s: Seconds = 0.0
    rise_s: Seconds = 0.0
    pause_s: Seconds = 0.0
    return_s: Seconds = 0.0
    grow_percent: Annotated[float, Meta(ge=0, le=100)] = 0.0
    grow_every_s: Seconds = 30.0
    hz: Annotated[float, Meta(ge=10, le=200)] | None = None
    """For vibration, where the machine can choose it."""


class Squeeze(_Part, frozen=True, kw_only=True):
    """One bag's cycle during a phase: inflate, hold, release, rest, again.

    The target is a share of the intensity (``level``, with ``offset`` levels added) or pressures of its own
    (``mmhg``), the same at every intensity. With ``level_to`` or ``mmhg_to`` it glides there over the phase.
    """

    zone: Zone
    start_s: Seconds = 0.0
    inflate_s: Annotated[float, Meta(ge=1, le=15)]
    hold_s: Annotated[float, Meta(ge=0, le=15)] = 0.0
    release_s: Annotated[float, Meta(ge=0, le=15)] = 0.0
    rest_s: Annotated[float, Meta(ge=limits.BAG_REST_S, le=120)]
    level: Share | None = None
    level_to: Share | None = None
    offset: Annotated[float, Meta(ge=-5, le=0)] = 0.0
    mmhg: Mmhg | None = None
    mmhg_to: Mmhg | None = None
    every_second: Annotated[float, Meta(gt=0, le=1)] = 1.0
    """Every second cycle is this much of the target: a lighter wave."""
    gradient: bool = True
    """False: as hard as the calf would be, wherever it is."""

    @property
    def cycle_s(self) -> float:
        return self.inflate_s + self.hold_s + self.release_s + self.rest_s


class Guide(_Part, frozen=True, kw_only=True):
    """What the person does themselves, in words, in step with the machine."""

    words: Annotated[str, Meta(min_length=1, max_length=80)]
    start_s: Seconds = 0.0
    hold_s: Seconds
    rest_s: Seconds


class Phase(_Part, frozen=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=24)]
    minutes: Annotated[float, Meta(gt=0, le=30)]
    fixed: bool = False
    """Keeps its length whatever the session's."""
    least_min: Annotated[float, Meta(ge=0, le=30)] = 0.0
    """Never scaled below this."""
    until_skin_c: Annotated[float, Meta(ge=25, le=36)] | None = None
    """Ends when the skin of every foot in the session is estimated at this, in °C: after 2 minutes at the
    soonest, 2 minutes after its length in the plan at the latest, as far as the later phases can give them.
    These take up what is saved or spent. A phase that is not heated keeps its length."""
    cap: Cap = 10.0
    """The highest intensity in this phase."""
    caps: dict[Kind, Cap] = {}
    """The same for one kind."""
    lingers: bool = False
    """Offers "here": the kneading stays for a moment where it is."""
    guide: Guide | None = None
    motion: tuple[Motion, ...] = ()
    squeeze: tuple[Squeeze, ...] = ()


class Program(_Part, frozen=True, kw_only=True):
    id: str = ""
    """By its file's name (see ``hardware.program_file``); not a key of the file."""
    title: Annotated[str, Meta(min_length=1, max_length=24)]
    line: Annotated[str, Meta(min_length=1, max_length=40)]
    about: Annotated[str, Meta(max_length=240)] = ""
    version: Annotated[int, Meta(ge=1)] = 1
    order: int = 100
    """Its place on Home, smallest first."""
    accent: Annotated[str, Meta(pattern=r"^#[0-9A-Fa-f]{6}$")] = "#B7A4F2"
    works_on: tuple[Zone, ...]
    """For the picture on its card."""
    minutes: Annotated[tuple[Annotated[int, Meta(ge=5, le=30)], ...], Meta(min_length=1, max_length=6)]
    default_minutes: Annotated[int, Meta(ge=5, le=30)]
    advice: Annotated[str, Meta(max_length=240)] = ""
    """What does good afterwards."""
    cold: Annotated[str, Meta(max_length=240)] = ""
    """The same of cooling; never said to feet that may feel little, which ice can harm unnoticed."""
    never: tuple[Kind, ...] = ()
    """Kinds this program does not use, whatever a phase says."""
    heat: Heat | None = None
    phase: Annotated[tuple[Phase, ...], Meta(min_length=1, max_length=20)]

    def kinds(self, machine: Machine) -> tuple[Kind, ...]:
        """What this program does on this machine."""
        found: list[Kind] = []
        for kind, zone in self.wants():
            if machine.has(kind, zone) and kind not in found:
                found.append(kind)
        return tuple(found)

    def zones(self, machine: Machine) -> tuple[Zone, ...]:
        """Where this program works on this machine, heat left out."""
        found: list[Zone] = []
        for kind, zone in self.wants():
            if kind != "heat" and machine.has(kind, zone) and zone not in found:
                found.append(zone)
        return tuple(found)

    def left_out(self, machine: Machine) -> tuple[str, ...]:
        """What this program asks for and this machine lacks, as "vibrate at the sole"."""
        missing: list[str] = []
        for kind, zone in self.wants():
            words = f"{kind} at the {zone}"
            if not machine.has(kind, zone) and words not in missing:
                missing.append(words)
        return tuple(missing)

    def wants(self) -> Iterator[tuple[Kind, Zone]]:
        for phase in self.phase:
            for motion in phase.motion:
                if motion.kind not in self.never:
                    yield motion.kind, motion.zone
            for squeeze in phase.squeeze:
                if "squeeze" not in self.never:
                    yield "squeeze", squeeze.zone
        if self.heat and "heat" not in self.never:
            yield "heat", "sole"


def load_program(path: Path) -> Program:
    """Read and check one program file; raises FileError."""
    program = read_toml(path, Program)
    if program.id:
        raise FileError(path.name, "id", id_is_the_name())
    for where, reason in _faults_of(program):
        raise FileError(path.name, where, reason)
    values = {name: getattr(program, name) for name in program.__struct_fields__}
    return Program(**{**values, "id": key_of(path.name)})


def load_programs(*folders: Path) -> tuple[dict[str, Program], list[FileError]]:
    """Every program in these folders by id, in the order of Home; and what could not be read.

    A later folder's program takes the place of an earlier one with the same name, capitals aside, and its id.
    A folder that does not exist holds no programs.
    """
    found: dict[str, Program] = {}
    broken: list[FileError] = []
    for folder in folders:
        taken: dict[str, str] = {}
        for name in _names(folder, broken):
            key = key_of(name)
            first = taken.setdefault(alike(key), name)
            if first != name:
                broken.append(FileError(name, "", same_name(Named(legible(first)))))
                continue
            try:
                program = load_program(folder / name)
            except FileError as error:
                broken.append(error)
                continue
            before = found.get(alike(key), program)
            found[alike(key)] = replace(program, id=before.id)
    ordered = sorted(found.values(), key=lambda program: (program.order, program.title))
    return {program.id: program for program in ordered}, broken


def find(programs: Mapping[str, Program], name: str) -> Program | None:
    """The program that a person calls ``name``: its key, or its file's name, in whatever capitals."""
    for key in (key_of(f"{name}{ENDING}"), key_of(name)):
        if key in programs:
            return programs[key]
        for program in programs.values():
            if alike(program.id) == alike(key):
                return program
    return None


def _names(folder: Path, broken: list[FileError]) -> list[str]:
    try:
        return program_names(folder)
    except FileNotFoundError:
        return []
    except OSError as error:
        broken.append(FileError(folder.name, "", unreadable(foreign(error))))
        return []


def _faults_of(program: Program) -> Iterator[tuple[str, Message]]:
    """What bounds on single keys cannot say; the first is reported."""
    if program.default_minutes not in program.minutes:
        yield "default_minutes", not_offered(Named(str(list(program.minutes))))
    names = [phase.name for phase in program.phase]
    if len(set(names)) != len(names):
        yield "phase", phases_named_alike()
    heat = program.heat
    if heat and heat.off_at is not None and heat.off_at not in names:
        yield "heat.off_at", no_such_phase(Named(repr(heat.off_at)), Named(str(names)))
    shortest = sum(phase.minutes if phase.fixed else phase.least_min for phase in program.phase)
    if shortest >= min(program.minutes):
        yield "minutes", minutes_too_few(Count(min(program.minutes)), Named(f"{shortest:g}"))
    if all(phase.fixed for phase in program.phase):
        yield "phase", all_phases_fixed()
    for number, phase in enumerate(program.phase):
        if phase.least_min > phase.minutes:
            yield f"phase[{number}].least_min", more_than_its_own()
        if phase.until_skin_c is not None:
            reason = _why_not_until_warm(program, number)
            if reason:
                yield f"phase[{number}].until_skin_c", reason
        for index, motion in enumerate(phase.motion):
            where = f"phase[{number}].motion[{index}]"
            needs = {
                "steady": (),
                "swell": ("period_s",),
                "pulse": ("on_s", "off_s"),
                "ramp": ("rise_s",),
            }[motion.pattern]
            for key in needs:
                if getattr(motion, key) <= 0:
                    yield f"{where}.{key}", pattern_needs(Named(motion.pattern), Named(key))
            if motion.low > motion.level:
                yield f"{where}.low", low_above_level()
        zones: set[Zone] = set()
        for index, squeeze in enumerate(phase.squeeze):
            where = f"phase[{number}].squeeze[{index}]"
            if (squeeze.level is None) == (squeeze.mmhg is None):
                yield where, level_or_pressure()
            if (squeeze.level_to is not None and squeeze.level is None) or (
                squeeze.mmhg_to is not None and squeeze.mmhg is None
            ):
                yield where, glide_needs_beginning()
            if squeeze.zone in zones:
                yield f"{where}.zone", zone_has_cycle(Place(squeeze.zone))
            zones.add(squeeze.zone)
            if squeeze.inflate_s + squeeze.hold_s + squeeze.release_s > limits.BAG_HELD_EVER_S:
                yield where, held_too_long(Duration(limits.BAG_HELD_EVER_S))


def _why_not_until_warm(program: Program, number: int) -> Message | None:
    """Why this phase cannot last until the feet are warm, if it cannot."""
    heat = program.heat
    if heat is None or "heat" in program.never:
        return warm_needs_heat()
    names = [phase.name for phase in program.phase]
    if heat.off_at is not None and names.index(heat.off_at) <= number:
        return warm_needs_heat_on(Named(repr(heat.off_at)))
    if program.phase[number].fixed:
        return fixed_keeps_its_length()
    if all(phase.fixed for phase in program.phase[number + 1 :]):
        return warm_needs_later_phase()
    return None
