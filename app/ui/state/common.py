"""Words and numbers that several screens share."""

from __future__ import annotations

from datetime import datetime

from app.ui.habits import current, in_unit, number, time_of_day
from app.ui.words import _, meant, plural
from hardware.words import Balance, Feet, Kind, Outcome, Side, Zone


def clock(seconds: float) -> str:
    """ "12:38" of seconds left; a second begun still counts."""
    whole = max(0, -int(-seconds // 1))
    return f"{whole // 60}:{whole % 60:02d}"


def length(seconds: float) -> str:
    """How long something took, as people say it."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return plural("{count} second", "{count} seconds", round(seconds))
    return plural("{count} minute", "{count} minutes", minutes)


def minutes(count: int) -> str:
    return _("{count} min").format(count=count)


def degrees(c: float | None, decimals: int = 1) -> str:
    """A temperature in the household's unit."""
    if c is None:
        return "–"
    words = _("{value} °F") if current().fahrenheit else _("{value} °C")
    return words.format(value=number(in_unit(c), decimals))


def degrees_apart(c: float | None, decimals: int = 1) -> tuple[str, str]:
    """The same as number and unit."""
    if c is None:
        return "–", ""
    return number(in_unit(c), decimals), "°F" if current().fahrenheit else "°C"


def oclock(when: datetime) -> str:
    return time_of_day(when)


def zone(name: Zone | str) -> str:
    return {
        "sole": _("sole"),
        "arch": _("arch"),
        "foot": _("foot"),
        "heel": _("heel"),
        "ankle": _("ankle"),
        "calf": _("calf"),
    }.get(name, name)


def kind(name: Kind | str) -> str:
    return {
        "knead": _("Knead"),
        "roll": _("Roll"),
        "squeeze": _("Air"),
        "vibrate": _("Vibrate"),
        "heat": _("Warmth"),
    }.get(name, name)


def balance(name: Balance | str) -> str:
    return {
        "off": meant("one kind of massage", "Off"),
        "soft": _("Soft"),
        "normal": _("Normal"),
        "strong": _("Strong"),
    }.get(name, name)


def feet(name: Feet | str) -> str:
    return {"both": _("Both"), "left": _("Left"), "right": _("Right")}.get(name, name)


def side(name: Side | str) -> str:
    return {"left": _("Left"), "right": _("Right")}.get(name, name)


def outcome(name: Outcome | str) -> str:
    return {
        "completed": _("completed"),
        "stopped": _("stopped"),
        "pain": _("stopped for pain"),
        "fault": _("ended by a fault"),
        "interrupted": _("interrupted"),
        "running": _("still running"),
    }.get(name, name)


def greeting(now: datetime) -> str:
    if 5 <= now.hour < 12:
        return _("Good morning")
    if 12 <= now.hour < 18:
        return _("Good afternoon")
    # "Good night" would send away a person who has just come.
    return _("Good evening")


def weekday(day: int) -> str:
    """Monday is 0."""
    return (
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    )[day]


def month(number: int) -> str:
    return (
        _("January"), _("February"), _("March"), _("April"), _("May"), _("June"), _("July"),
        _("August"), _("September"), _("October"), _("November"), _("December"),
    )[number - 1]  # fmt: skip


def month_short(number: int) -> str:
    """As short as it may stand under a bar."""
    return (
        _("Jan"), _("Feb"), _("Mar"), _("Apr"), _("May"), _("Jun"), _("Jul"),
        _("Aug"), _("Sep"), _("Oct"), _("Nov"), _("Dec"),
    )[number - 1]  # fmt: skip


def dated(at: float | None, now: datetime) -> datetime | None:
    """When that was, here; None where nobody knows, as of a day that is still to come.

    ``at``: seconds since 1970. A day ahead may be a journey, more is a clock that was wrong.
    """
    if at is None:
        return None
    when = datetime.fromtimestamp(at, now.tzinfo)
    return when if (now.date() - when.date()).days >= -1 else None


def day(when: datetime, now: datetime, short: bool = False) -> str:
    """ "Today", "Wednesday", "3 March" or, of another year, "3 March 2025"; ``short``: "3 Mar 2025"."""
    named = month_short if short else month
    ago = (now.date() - when.date()).days
    if ago == 0:
        return _("Today")
    if ago == 1:
        return _("Yesterday")
    if 1 < ago < 7:
        return weekday(when.weekday())
    if when.year == now.year:
        return _("{day} {month}").format(day=when.day, month=named(when.month))
    return _("{day} {month} {year}").format(day=when.day, month=named(when.month), year=when.year)
