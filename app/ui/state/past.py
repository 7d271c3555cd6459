"""What is over as plain values: Afterwards, the history, one session's curves."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.ui.ports import EventRow, SessionDetail, SessionRow, WeekRow
from app.ui.speech import render
from app.ui.state import common
from app.ui.words import _, of_program, plural
from hardware.messages import EndedView
from hardware.program import Program
from hardware.safety.faults import fault_of

BEST_WEEK = (2, 3)
"""Sessions a week that are recommended."""
WEEKS = 8
BOUNDS = {"heat": (20.0, 44.0), "air": (0.0, 90.0), "text": (0.0, 10.0)}
"""What a band of the curves reaches from and, at least, to: warmth in °C, air in mmHg, intensity."""
QUIET_ACCENT = "#9A8FA3"
"""For a program that is no longer there."""


@dataclass(frozen=True)
class Curve:
    """One quantity over the session's time, in gaps where it was not known."""

    title: str
    tone: str
    peak: str
    """Its highest value, with its unit."""
    lines: tuple[tuple[tuple[float, float], ...], ...]
    """Pieces of points, both coordinates 0..1."""


@dataclass(frozen=True)
class Mark:
    """An event on the curves."""

    at: float
    """0..1 of the session's time."""
    time: str
    words: str
    tone: str


@dataclass(frozen=True)
class AfterState:
    title: str
    what: str
    """One sentence on how it ended."""
    length: str
    strength: str
    advice: str


def after(ended: EndedView, program: Program | None, *, feels: bool = False) -> AfterState:
    """What Afterwards says of this session. ``feels``: these feet are known to feel cold well."""
    title, what = {
        "completed": (_("Well done"), _("{title} is finished.").format(title=of_program(ended.title))),
        "stopped": (
            _("Stopped"),
            _("You stopped {title}. Everything is off.").format(title=of_program(ended.title)),
        ),
        "pain": (_("Stopped"), _("Everything is off, and the air is being let out of the bags.")),
        "fault": (
            _("Ended early"),
            _("The machine ended {title} to be safe.").format(title=of_program(ended.title)),
        ),
        "interrupted": (
            _("Interrupted"),
            _("{title} was interrupted and ended.").format(title=of_program(ended.title)),
        ),
    }[ended.outcome]
    if ended.outcome == "pain":
        advice = _(
            "Let your foot rest today. If the pain does not go away, see a doctor before your next massage."
        )
    elif ended.outcome == "completed" or ended.duration_s >= 300:
        said = (program.cold if feels else "", program.advice) if program else ()
        advice = " ".join(of_program(each) for each in said if each)
        if not advice:
            warm = program is not None and program.heat is not None
            advice = (
                _("Wait two hours before the next massage with warmth.")
                if warm
                else _("Drink a glass of water and rest a minute.")
            )
    else:
        advice = _("Rest a minute before you stand up.")
    return AfterState(
        title=title,
        what=what,
        length=common.length(ended.duration_s),
        strength=_("Intensity {level}").format(level=ended.intensity),
        advice=advice,
    )


# --- history ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One session in the list; ``day`` is set on the first of its day."""

    id: str
    day: str
    accent: str
    title: str
    words: str
    dated: str
    """The words with the day before them."""
    rating: str
    key: float
    """The next page begins before this."""


@dataclass(frozen=True)
class Bar:
    label: str
    count: int
    minutes: int
    best: bool
    this_week: bool


def lines(
    rows: Sequence[SessionRow], programs: Mapping[str, Program], now: datetime, day_before: str = ""
) -> tuple[Line, ...]:
    """The rows as lines; ``day_before`` is the day under which the list stood already."""
    found = []
    last = day_before
    for row in rows:
        when = common.dated(row.started_at, now)
        day = _("Date not known") if when is None else common.day(when, now)
        short = day if when is None else common.day(when, now, short=True)
        program = programs.get(row.program)
        words = _line_words(row, when)
        found.append(
            Line(
                row.id,
                "" if day == last else day,
                program.accent if program else QUIET_ACCENT,
                of_program(row.title),
                words,
                _("{day} {words}").format(day=short, words=words),
                "" if row.before is None or row.after is None else f"{row.before} → {row.after}",
                row.key,
            )
        )
        last = day
    return tuple(found)


def _line_words(row: SessionRow, when: datetime | None) -> str:
    minutes = row.minutes if row.outcome == "completed" else max(0, round((row.duration_s or 0) / 60))
    parts = [
        *([] if when is None else [common.oclock(when)]),
        common.minutes(minutes) if minutes else _("under a minute"),
    ]
    parts.append(
        _("intensity {level}").format(level=row.intensity)
        if row.outcome == "completed"
        else common.outcome(row.outcome)
    )
    return ", ".join(parts)


def bars(weeks: Sequence[WeekRow], now: datetime) -> tuple[Bar, ...]:
    """The last weeks, oldest first; weeks without a session are there with none.

    A bar is named by the month that begins with it, the last one "now".
    """
    known = {(row.year, row.week): row for row in weeks}
    monday = now.toordinal() - now.weekday()
    days = [datetime.fromordinal(monday - 7 * back) for back in range(WEEKS, -1, -1)]
    found = []
    for number, (before, first) in enumerate(itertools.pairwise(days)):
        year, week, _day = first.isocalendar()
        row = known.get((year, week))
        count = row.sessions if row else 0
        last = number == WEEKS - 1
        # The name beside "now" would touch it.
        named = first.month != before.month and number != WEEKS - 2
        label = _("now") if last else common.month_short(first.month) if named else ""
        best = BEST_WEEK[0] <= count <= BEST_WEEK[1]
        found.append(Bar(label, count, round(row.minutes) if row else 0, best, last))
    return tuple(found)


def week_words(found: Sequence[Bar]) -> tuple[tuple[str, str], tuple[str, str]]:
    """This week and the last one in words, so that no bar has to be read."""
    this, last = found[-1], found[-2]
    return (_("This week"), _often(this)), (_("Last week"), _often(last))


def _often(bar: Bar) -> str:
    if bar.count == 0:
        return _("none yet") if bar.this_week else _("none")
    return _("{often}, {minutes}").format(
        often=plural("once", "{count} times", bar.count), minutes=common.minutes(bar.minutes)
    )


# --- one session --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DetailState:
    title: str
    accent: str
    when: str
    summary: str
    rating: str
    curves: tuple[Curve, ...]
    marks: tuple[Mark, ...]
    span: str


def detail(found: SessionDetail, programs: Mapping[str, Program], now: datetime) -> DetailState:
    row = found.row
    when = common.dated(row.started_at, now)
    seconds = max(60.0, row.duration_s or 0.0, float(found.seconds[-1]) if found.seconds else 0.0)
    said = [common.length(row.duration_s or 0), _("intensity {level}").format(level=row.intensity)]
    if row.heat_c is not None:
        said.append(common.degrees(row.heat_c, 0))
    if row.feet != "both":
        said.append(_("left foot") if row.feet == "left" else _("right foot"))
    said.append(common.outcome(row.outcome))
    program = programs.get(row.program)
    return DetailState(
        title=of_program(row.title),
        accent=program.accent if program else QUIET_ACCENT,
        when=_("Date not known")
        if when is None
        else _("{day}, {time}").format(day=common.day(when, now), time=common.oclock(when)),
        summary=", ".join(said),
        rating=""
        if row.before is None or row.after is None
        else _("Soreness {before} → {after}").format(before=row.before, after=row.after),
        curves=curves(found, seconds),
        marks=marks(found.events, seconds),
        span=common.minutes(max(1, round(seconds / 60))),
    )


def curves(found: SessionDetail, seconds: float | None = None, points: int = 240) -> tuple[Curve, ...]:
    """Temperature, pressure and intensity, those that were recorded, in at most so many points."""
    if not found.seconds:
        return ()
    last = seconds or max(60.0, float(found.seconds[-1]))
    temperature = [list(values) for values in found.pads.values()]
    pressure = [list(values) for values in found.bags.values()]
    made = [
        _curve(_("Warmth"), "heat", found.seconds, temperature, last, "", points),
        _curve(_("Air"), "air", found.seconds, pressure, last, _("{value} mmHg"), points),
        _curve(
            _("Intensity"),
            "text",
            found.seconds,
            [list(found.level)],
            last,
            _("{value}"),
            points,
        ),
    ]
    return tuple(curve for curve in made if curve is not None)


def band(tone: str, known: Sequence[float]) -> tuple[float, float]:
    """From where to where a band reaches that shows these values."""
    low, high = BOUNDS[tone]
    return low, max(high, *known)


def _curve(
    title: str,
    tone: str,
    at: Sequence[int],
    channels: Sequence[Sequence[float | None]],
    last: float,
    words: str,
    points: int,
) -> Curve | None:
    tops = [max(known) for known in map(_known, channels) if known]
    if not tops:
        return None
    low, high = band(tone, tops)
    pieces = []
    stride = max(1, len(at) // points)
    for channel in channels:
        piece: list[tuple[float, float]] = []
        gaps = None in channel
        for i in range(0, min(len(at), len(channel)), stride):
            # Of the values that share a point the highest is kept: a peak is what one looks for.
            window = channel[i : i + stride]
            if gaps:
                window = _known(window)
                if not window:
                    if len(piece) > 1:
                        pieces.append(tuple(piece))
                    piece = []
                    continue
            share = (max(window) - low) / (high - low)  # type: ignore[type-var, operator]
            piece.append((min(1.0, at[i] / last), min(1.0, max(0.0, share))))
        if len(piece) > 1:
            pieces.append(tuple(piece))
    peak = max(tops)
    said = common.degrees(peak) if tone == "heat" else words.format(value=f"{peak:.0f}")
    return Curve(title, tone, said, tuple(pieces))


def _known(values: Sequence[float | None]) -> Sequence[float]:
    """Those that are there."""
    if None in values:
        return [value for value in values if value is not None]
    return values  # type: ignore[return-value]


_SHOWN = (
    "phase",
    "intensity",
    "minutes",
    "too-strong",
    "pain",
    "pause",
    "resume",
    "skip",
    "linger",
    "fault",
    "stop",
)


def marks(events: Sequence[EventRow], seconds: float) -> tuple[Mark, ...]:
    """The events a person would want to find again."""
    found = []
    for event in events:
        if event.what not in _SHOWN:
            continue
        found.append(
            Mark(
                min(1.0, max(0.0, event.elapsed_s / seconds)),
                common.clock(event.elapsed_s),
                _event_words(event),
                "warning" if event.what in ("pain", "fault", "too-strong") else "quiet",
            )
        )
    return tuple(found)


def _event_words(event: EventRow) -> str:
    detail = event.detail
    match event.what:
        case "phase":
            return of_program(str(detail.get("name") or "")) or _("Next phase")
        case "intensity":
            level = detail.get("level")
            return _("Intensity") if level is None else _("Intensity {level}").format(level=level)
        case "minutes":
            count = detail.get("minutes")
            return _("Length changed") if count is None else _("Now {count} min").format(count=count)
        case "too-strong":
            return _("Too strong")
        case "pain":
            return _("Sharp pain")
        case "stop":
            return _("Stopped")
        case "pause":
            return _("Paused")
        case "resume":
            return _("Went on")
        case "skip":
            return _("Skipped ahead")
        case "linger":
            return _("Stayed here")
        case "fault":
            return render(fault_of(event.code).title) if event.code else _("A fault")
        case other:
            return other
