"""The log in plain lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from app.ui.habits import time_of_day
from app.ui.speech import render
from app.ui.state import common
from app.ui.state.service import parts
from app.ui.words import _
from hardware.message import Message
from hardware.safety.faults import FAULTS
from hardware.words import Side

ICONS = {
    "fault": "warning",
    "cleared": "check",
    "gains": "sliders",
    "tune": "warm",
    "frozen": "pause",
    "screen-lost": "link",
    "shut-down": "stop",
}


class LogRow(Protocol):
    @property
    def key(self) -> int: ...
    @property
    def at(self) -> float | None: ...
    @property
    def what(self) -> str: ...
    @property
    def detail(self) -> Mapping[str, Any]: ...
    @property
    def title(self) -> str | None: ...
    @property
    def code(self) -> str: ...
    @property
    def found(self) -> Message | None: ...


@dataclass(frozen=True)
class Line:
    when: str
    what: str
    detail: str
    icon: str


def line(row: LogRow, now: datetime) -> Line:
    """One row of the log; what it cannot make sense of is shown by its name."""
    detail = row.detail
    side: Side = "left" if detail.get("side") == "left" else "right"
    more = ""
    match row.what:
        case "fault":
            what = _meaning(row.code)
            more = render(row.found) or row.code
        case "cleared":
            what, more = _("Seen and cleared"), _meaning(row.code)
        case "gains":
            what, more = _("New gains are in use"), _gains(parts.pad(side), detail)
        case "tune":
            what, more = _("Tuning began"), parts.pad(side)
        case "self-test":
            what = _("Self-test")
            more = render(row.found)
        case "frozen":
            what = _("The machine stood still for a moment")
            more = _("{seconds} s").format(seconds=detail.get("seconds", "–"))
        case "screen-lost":
            what = _("The screen was silent")
            more = _("{seconds} s").format(seconds=detail.get("silent_s", "–"))
        case "shut-down":
            what = _("The controller was shut down")
        case _:
            what = row.what
    if row.title and more:
        more = _("{detail} (in {title})").format(detail=more, title=row.title)
    elif row.title:
        more = _("in {title}").format(title=row.title)
    return Line(_when(row.at, now), what, more, ICONS.get(row.what, "here"))


def _meaning(code: str) -> str:
    return render(FAULTS[code].title).rstrip(".") if code in FAULTS else code


def _gains(pad: str, detail: Mapping[str, Any]) -> str:
    now = detail.get("now")
    if not isinstance(now, dict):
        return pad
    found = ", ".join(
        f"{name} {value:.4g}" if isinstance(value, int | float) else f"{name} {value}"
        for name, value in now.items()
    )
    return _("{pad}: {gains}").format(pad=pad, gains=found)


def _when(at: float | None, now: datetime) -> str:
    when = common.dated(at, now)
    if when is None:
        return _("Date unknown")
    return _("{day}, {time}").format(day=common.day(when, now), time=time_of_day(when))
