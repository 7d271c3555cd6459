"""How numbers, times of day and degrees are written: after the language and what the household chose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class Habits:
    decimal: str = "."
    hours: Literal[12, 24] = 24
    fahrenheit: bool = False


_habits = Habits()


def use(habits: Habits) -> None:
    """Write so from now on; what was written before stays."""
    global _habits  # noqa: PLW0603 - with the language, which is one for all
    _habits = habits


def current() -> Habits:
    return _habits


def number(value: float, decimals: int = 1) -> str:
    return f"{value:.{decimals}f}".replace(".", _habits.decimal)


def in_unit(c: float) -> float:
    """Degrees Celsius in the unit that was chosen."""
    return c * 9 / 5 + 32 if _habits.fahrenheit else c


def time_of_day(when: datetime) -> str:
    """ "20:14", or "8:14 pm" where people say it so."""
    if _habits.hours == 24:
        return f"{when.hour}:{when.minute:02d}"
    return f"{when.hour % 12 or 12}:{when.minute:02d} {'am' if when.hour < 12 else 'pm'}"
