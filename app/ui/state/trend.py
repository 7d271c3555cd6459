"""How the feet felt before and after, week by week, under the weeks' bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.ui.habits import number
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
    words: tuple[tuple[str, str], ...]
    """Before and after on average, so that no chart has to be read."""
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
    rated = [row for row in rows if row.sessions]
    if not rated:
        return Trend(tuple(weeks), (), _("Rate your feet after a session, and how they change will be here."))
    count = sum(row.sessions for row in rated)
    before = sum(row.before * row.sessions for row in rated) / count
    after = sum(row.after * row.sessions for row in rated) / count
    words = ((_("Sore before"), number(before)), (_("Sore after"), number(after)))
    return Trend(tuple(weeks), words, "")
