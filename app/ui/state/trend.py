"""How the feet felt before and after, week by week, under the weeks' bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.ui.ports import RatingRow
from app.ui.state.past import WEEKS
from app.ui.words import _

MOST = 10.0
"""The scale's end: very sore."""


@dataclass(frozen=True)
class Rated:
    """One week on average, 0 (fine) to 10 (very sore)."""

    before: float
    after: float


@dataclass(frozen=True)
class Trend:
    weeks: tuple[Rated | None, ...]
    """Oldest first, one for each bar."""
    empty: str
    """What to say when there is nothing to draw."""


def trend(rows: Sequence[RatingRow], now: datetime) -> Trend:
    """The weeks of the bars; those without ratings are there as None."""
    known = {(row.year, row.week): row for row in rows}
    monday = now.toordinal() - now.weekday()
    weeks: list[Rated | None] = []
    for back in range(WEEKS - 1, -1, -1):
        year, week, _day = datetime.fromordinal(monday - 7 * back).isocalendar()
        row = known.get((year, week))
        weeks.append(Rated(row.before, row.after) if row and row.sessions else None)
    empty = "" if any(weeks) else _("Rate your feet after a session: how they change shows here.")
    return Trend(tuple(weeks), empty)
