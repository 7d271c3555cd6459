"""Scripted stand-ins for the screen's two neighbours, and moments worth a picture."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import msgspec

from app.household.people import COLOURS, Person
from app.household.screening import QUESTION_SET
from app.sessions.rows import EventRow, RatingRow, SessionDetail, SessionRow, WeekRow
from hardware.message import Count, Part, Temperature
from hardware.messages import (
    BagView,
    Command,
    EndedView,
    MotorView,
    PadView,
    Pause,
    PhaseView,
    Reply,
    Resume,
    SessionView,
    SetIntensity,
    Snapshot,
    Start,
    Stop,
)
from hardware.program import Program
from hardware.safety.bag_causes import bag_did_not_fill, no_foot_in_it
from hardware.safety.pad_watch import pad_sensors_read
from tests.said import fault_view, say

NOW = datetime(2026, 11, 19, 20, 14, tzinfo=UTC)
PHASES = {
    "relax": (("Warm", 3), ("Top of the foot", 3), ("Sole", 4), ("Ankle and calf", 3), ("Close", 2)),
    "circulation": (("Warm", 3), ("Build", 3), ("Pump", 9), ("Flush", 3), ("Close", 2)),
    "arch": (("Warm", 3), ("Top of the foot", 2), ("Circles", 5), ("Stretch", 2), ("Close", 3)),
    "heel": (("Warm", 3), ("Around", 4), ("Achilles and calf", 2), ("Stretch", 2), ("Close", 1)),
}
KINDS: dict[str, tuple[Any, ...]] = {
    "relax": ("squeeze", "roll", "knead", "heat"),
    "circulation": ("squeeze", "vibrate", "heat"),
    "arch": ("roll", "squeeze", "knead", "heat"),
    "heel": ("squeeze", "knead", "heat"),
}
ZONES: dict[str, tuple[Any, ...]] = {
    "relax": ("foot", "sole", "ankle", "arch", "calf"),
    "circulation": ("foot", "ankle", "calf", "sole"),
    "arch": ("sole", "foot", "ankle", "arch", "heel"),
    "heel": ("heel", "arch", "ankle", "calf"),
}


class ScriptedLink:
    """A controller that does what it is told here; it notes every command."""

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self.connected = True
        self.latest = snapshot
        self.sent: list[Command] = []
        self.refuse: dict[type, str] = {}
        self.obeys = False
        self._new = False

    def send(self, command: Command, on_reply: Callable[[Reply], None] | None = None) -> None:
        self.sent.append(command)
        reason = self.refuse.get(type(command), "")
        if self.obeys and not reason:
            self._obey(command)
        if on_reply is not None:
            on_reply(Reply(not reason, say(reason) if reason else None))

    def poll(self) -> bool:
        new, self._new = self._new, False
        return new

    def show(self, snapshot: Snapshot) -> None:
        self.latest = snapshot
        self._new = True

    def of(self, kind: type) -> list[Any]:
        return [command for command in self.sent if isinstance(command, kind)]

    def _obey(self, command: Command) -> None:
        now = self.latest
        assert now is not None
        match command:
            case Start():
                self.show(running(command.program, intensity=command.intensity, minutes=command.minutes))
            case Stop() if now.session is not None:
                self.show(idle(ended=ended_of(now.session, "stopped")))
            case SetIntensity(level=level) if now.session is not None:
                session = msgspec.structs.replace(now.session, intensity=level)
                self.show(msgspec.structs.replace(now, session=session))
            case Pause():
                self.show(msgspec.structs.replace(now, state="paused"))
            case Resume():
                self.show(msgspec.structs.replace(now, state="running"))
            case _:
                pass


def ended_of(session: SessionView, outcome: Any) -> EndedView:
    return EndedView(
        session.id, session.program, session.title, outcome, session.elapsed_s, session.intensity
    )


def idle(pads: tuple[float | None, float | None] = (24.1, 24.3), **more: Any) -> Snapshot:
    values: dict[str, Any] = {
        "at_s": 1000.0,
        "boot": "a1",
        "state": "idle",
        "pads": (PadView("left", pads[0], None, 0.0), PadView("right", pads[1], None, 0.0)),
        "bags": tuple(BagView(zone, 0.0, None, False) for zone in ("foot", "ankle", "calf", "heel")),
    }
    return Snapshot(**{**values, **more})


def running(
    program: str = "circulation",
    *,
    at: float = 0.37,
    phase: int | None = None,
    intensity: int = 6,
    level: float | None = None,
    minutes: int | None = None,
    bags: dict[str, float] | None = None,
    motors: dict[tuple[str, str], float] | None = None,
    pads: tuple[float, float] = (39.4, 39.2),
    more: dict[str, Any] | None = None,
    **changes: Any,
) -> Snapshot:
    """A session a share ``at`` of the way through."""
    phases = PHASES.get(program, PHASES["relax"])
    planned = sum(minutes for _, minutes in phases)
    minutes = minutes or planned
    scale = minutes / planned
    total = minutes * 60.0
    elapsed = total * at
    index, gone = 0, 0.0
    for number, (_name, length) in enumerate(phases):
        index = number
        if gone + length * 60 * scale > elapsed:
            break
        gone += length * 60 * scale
    phase_left = gone + phases[index][1] * 60 * scale - elapsed
    values: dict[str, Any] = {
        "id": "s-77",
        "program": program,
        "title": program.capitalize(),
        "phase": index if phase is None else phase,
        "phases": tuple(PhaseView(name, length * scale) for name, length in phases),
        "elapsed_s": elapsed,
        "left_s": total - elapsed,
        "phase_left_s": phase_left,
        "minutes": minutes,
        "intensity": intensity,
        "level": float(intensity if level is None else level),
        "heat_c": 40.0,
        "feet": "both",
        "balance": {},
        "boost": None,
        "holding_s": 0.0,
        "guide": "",
        "guide_left_s": 0.0,
        "lingers": False,
        "max_minutes": 30,
        "kinds": KINDS.get(program, KINDS["relax"]),
        "zones": ZONES.get(program, ZONES["relax"]),
    }
    session = SessionView(**{**values, **changes})
    pressures = bags if bags is not None else {"foot": 57.0, "ankle": 48.0, "calf": 31.0, "heel": 0.0}
    duties = motors or {}
    snapshot: dict[str, Any] = {
        "at_s": 2000.0,
        "boot": "a1",
        "state": "running",
        "session": session,
        "pads": (PadView("left", pads[0], 40.0, 0.3), PadView("right", pads[1], 40.0, 0.3)),
        "bags": tuple(
            BagView(zone, pressures.get(zone, 0.0), pressures.get(zone), zone in pressures)
            for zone in ("foot", "ankle", "calf", "heel")
        ),
        "motors": tuple(
            MotorView(kind, zone, side, duties.get((kind, zone), 0.0))
            for kind, zone in (("roll", "sole"), ("knead", "arch"), ("vibrate", "sole"))
            for side in ("left", "right")
        ),
        "pump": 0.8,
    }
    return Snapshot(**{**snapshot, **(more or {})})


def ended(
    outcome: Any = "completed", program: str = "relax", minutes: float = 15, intensity: int = 6
) -> EndedView:
    return EndedView("s-80", program, program.capitalize(), outcome, minutes * 60, intensity)


FAULT = fault_view(
    "pad-sensors-disagree", pad_sensors_read(Part("pad.left"), Temperature(39.2), Temperature(31.8))
)
ADVICE = fault_view(
    "bag-not-filling",
    bag_did_not_fill(Part("bag.calf"), Count(3), no_foot_in_it()),
    stops=False,
    present=False,
)


@cache
def _made_up(count: int, started_from: datetime, whose: str | None, title: str) -> tuple[SessionRow, ...]:
    known: list[SessionRow] = []
    choose = random.Random(7)
    when = started_from - timedelta(minutes=34)
    for number in range(count):
        program = choose.choice(("relax", "circulation", "relax", "arch", "heel"))
        minutes = {"relax": 15, "circulation": 20, "arch": 15, "heel": 12}[program]
        outcome = choose.choices(("completed", "stopped", "pain"), (12, 2, 1))[0]
        before = choose.randint(3, 8)
        if number == 0:
            program, minutes, outcome, before = "circulation", 20, "completed", 6
        known.append(
            SessionRow(
                id=f"h-{number}",
                program=program,
                title=title or program.capitalize(),
                person=whose,
                started_at=when.timestamp(),
                minutes=minutes,
                duration_s=minutes * 60.0 if outcome == "completed" else choose.uniform(100, 600),
                intensity=6 if number == 0 else choose.randint(3, 7),
                max_level=6.0,
                heat_c=40.0,
                feet="both",
                outcome=outcome,
                key=when.timestamp(),
                before=before if outcome != "pain" else None,
                after=max(0, before - choose.randint(0, 3)) if outcome != "pain" else None,
            )
        )
        when -= timedelta(days=choose.choice((1, 2, 3, 3, 4)), minutes=choose.randint(-90, 400))
    return tuple(known)


class ScriptedHistory:
    """Rows made up by a seed, dense at the end."""

    def __init__(
        self,
        count: int = 40,
        broken: bool = False,
        started_from: datetime = NOW,
        whose: str | None = None,
        title: str = "",
    ) -> None:
        self.broken = broken
        self.known = list(_made_up(count, started_from, whose, title))

    def _check(self) -> None:
        if self.broken:
            raise OSError("the file is not a database")

    def _of(self, program: str | None, person: Any) -> list[SessionRow]:
        self._check()
        return [
            row
            for row in self.known
            if program in (None, row.program) and (person is ... or row.person == person)
        ]

    def page(
        self, limit: int, before: float | None = None, program: str | None = None, person: Any = ...
    ) -> list[SessionRow]:
        return [row for row in self._of(program, person) if before is None or row.key < before][:limit]

    def _by_week(self, person: Any) -> dict[tuple[int, int], list[SessionRow]]:
        found: dict[tuple[int, int], list[SessionRow]] = {}
        for row in self._of(None, person):
            year, week, _day = datetime.fromtimestamp(row.started_at or 0, UTC).isocalendar()
            found.setdefault((year, week), []).append(row)
        return found

    def weeks(self, count: int, today: date, person: Any = ...) -> list[WeekRow]:
        return [
            WeekRow(year=year, week=week, sessions=len(rows), minutes=len(rows) * 15.0)
            for (year, week), rows in sorted(self._by_week(person).items(), reverse=True)[:count]
        ]

    def ratings(self, count: int, today: date, person: Any = ...) -> list[RatingRow]:
        found = []
        for (year, week), rows in sorted(self._by_week(person).items(), reverse=True)[:count]:
            rated = [
                (row.before, row.after) for row in rows if row.before is not None and row.after is not None
            ]
            if rated:
                before, after = (sum(values) / len(rated) for values in zip(*rated, strict=True))
                found.append(RatingRow(year=year, week=week, sessions=len(rated), before=before, after=after))
        return found

    def last(self, person: Any = ..., program: str | None = None) -> SessionRow | None:
        return next(iter(self._of(program, person)), None)

    def rows(self, person: Any = ...) -> list[SessionRow]:
        return self._of(None, person)[::-1]

    def everything(self, person: Any = ...) -> Iterator[SessionDetail]:
        return (detail(row) for row in self.rows(person))

    def log(self, limit: int, before: int | None = None) -> list[Any]:
        from serviced import log_rows

        self._check()
        return [row for row in log_rows(len(self.known)) if before is None or row.key < before][:limit]

    def session(self, session: str) -> SessionDetail | None:
        self._check()
        row = next((row for row in self.known if row.id == session), None)
        if row is None:
            row = self.known[0] if self.known else None
        return None if row is None else detail(row)

    def close(self) -> None:
        pass


def detail(row: SessionRow) -> SessionDetail:
    """Curves as such a session leaves them."""
    key = (row.id, row.duration_s, row.intensity)
    if key not in _details:
        _details[key] = _drawn(row)
    return msgspec.structs.replace(_details[key], row=row)


_details: dict[object, SessionDetail] = {}


def _drawn(row: SessionRow) -> SessionDetail:
    total = int(row.duration_s or 60)
    noise = random.Random(row.id)
    seconds = list(range(total))
    level, pads, bags = [], {"left": [], "right": []}, {"foot": [], "ankle": [], "calf": []}
    for s in seconds:
        rising = 1 + (row.intensity - 1) * min(1.0, max(0.0, (s - 60) / 90))
        fading = max(1.0, rising * min(1.0, (total - s) / 120 + 0.3))
        now = min(rising, fading)
        if 0.55 * total < s < 0.55 * total + 40:
            now = max(1.0, now - 2)
        level.append(now)
        warm = 24 + 16 * (1 - math.exp(-s / 160))
        if s > total - 120:
            warm -= (s - total + 120) * 0.012
        pads["left"].append(warm + noise.gauss(0, 0.05))
        pads["right"].append(warm - 0.4 + noise.gauss(0, 0.05))
        wave = s % 28
        top = 24 + now * 5.5
        for zone, start, less in (("foot", 0, 0), ("ankle", 2.5, 5), ("calf", 5.5, 15)):
            filled = (
                min(1.0, max(0.0, (wave - start) / 3)) if wave < 11.5 else max(0.0, 1 - (wave - 11.5) / 1.2)
            )
            bags[zone].append(max(0.0, (top - less) * filled))
    events = [
        EventRow(elapsed_s=at * total, what=what, detail=more, code=more.get("code", ""))
        for at, what, more in (
            (0.0, "phase", {"name": "Warm"}),
            (0.15, "phase", {"name": "Build"}),
            (0.22, "intensity", {"level": row.intensity}),
            (0.30, "phase", {"name": "Pump"}),
            (0.55, "too-strong", {}),
            (0.75, "phase", {"name": "Flush"}),
            (0.90, "phase", {"name": "Close"}),
        )
    ]
    return SessionDetail(row=row, seconds=seconds, level=level, pads=pads, bags=bags, events=events)  # type: ignore[arg-type]


def household_of(*names: str, sits: int | None = 0, **about: Any) -> Callable[[Any], None]:
    """Makes these the people of a household; ``about`` says more of the first, who had sessions as "anna"."""

    def make(household: Any) -> None:
        made = []
        for number, name in enumerate(names):
            values: dict[str, Any] = {
                "id": f"p-{number}" if number else "anna",
                "name": name,
                "colour": COLOURS[number % len(COLOURS)],
                "answered": NOW.date() - timedelta(days=3 + 9 * (number % 4)),
                "questions": QUESTION_SET,
            }
            made.append(Person(**values | (about if number == 0 else {})))
        kept = household.people._kept
        kept.save(msgspec.structs.replace(kept.value, people=tuple(made)))
        if sits is not None:
            household.sit(made[sits].id)

    return make


def many_programs(programs: dict[str, Program]) -> dict[str, Program]:
    """The shipped ones and a household's own, with titles as long as they may be."""
    found = dict(programs)
    for name, title, line, accent, zones in (
        (
            "abend",
            "Feierabendentspannung",
            "Langsam und warm nach dem langen Tag",
            "#9FC3F0",
            ("foot", "calf"),
        ),
        ("run", "After the run", "Calves first, then the soles", "#F0A98A", ("calf", "ankle", "sole")),
        ("short", "Ten quiet minutes", "Only air, only gentle", "#A9D6B4", ("foot", "heel")),
    ):
        base = programs["relax"]
        values = {key: getattr(base, key) for key in base.__struct_fields__}
        values.update(
            id=name,
            title=title,
            line=line,
            accent=accent,
            works_on=zones,
            minutes=(5, 10, 15, 20, 25, 30),
            default_minutes=25,
            about="Ein langer Text, der zeigt, was geschieht, wenn jemand wirklich jedes der "
            "zweihundertvierzig "
            "Zeichen nutzt, die eine Programmdatei für ihre Beschreibung erlaubt: Wärme, "
            "langsames Rollen, sanfter "
            "Druck vom Fuß bis zur Wade.",
        )
        found[name] = Program(**values)
    return found
