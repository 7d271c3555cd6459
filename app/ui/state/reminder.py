"""One quiet line on Home: how long ago the last session was, and in the morning the heel program."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.household.preferences import Preferences
from app.ui.words import _, plural
from hardware.program import Program

HEEL = "heel"
HEEL_DAYS = 14
"""Who had the heel program this recently is offered it in the morning."""
MORNING = range(5, 11)


def reminder(
    preferences: Preferences,
    programs: Mapping[str, Program],
    now: datetime,
    last_at: float | None,
    heel_at: float | None,
) -> str:
    """The line, or nothing. ``last_at`` and ``heel_at``: when this person's last sessions began."""
    heel_days = _days(heel_at, now)
    if HEEL in programs and now.hour in MORNING and heel_days != 0:
        recently = heel_days is not None and heel_days <= HEEL_DAYS
        if preferences.heel_mornings or recently:
            return _("This morning, {program} before the first steps?").format(program=programs[HEEL].title)
    days = _days(last_at, now)
    if preferences.remind_after_days and days is not None and days >= preferences.remind_after_days:
        return _since(days)
    return ""


def _since(days: int) -> str:
    written = {
        2: _("Two days since your last session."),
        3: _("Three days since your last session."),
        4: _("Four days since your last session."),
        5: _("Five days since your last session."),
        6: _("Six days since your last session."),
        7: _("A week since your last session."),
    }
    if days in written:
        return written[days]
    if days > 60:
        return _("Your last session was a while ago.")
    return plural("One day since your last session.", "{count} days since your last session.", days)


def _days(at: float | None, now: datetime) -> int | None:
    """Days between the dates; a date in the future is from a clock that was wrong."""
    if at is None:
        return None
    days = (now.date() - datetime.fromtimestamp(at, now.tzinfo).date()).days
    return days if days >= 0 else None
