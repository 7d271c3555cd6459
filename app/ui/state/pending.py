"""What a person has asked for and the machine has not yet confirmed."""

from __future__ import annotations

from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE_S = 2.0
"""After this long without the machine agreeing, the screen shows the machine's truth again."""


class Pending:
    """Wishes by name. A wish is shown at once and dropped when it is met, refused or too old."""

    def __init__(self) -> None:
        self._wishes: dict[str, tuple[Any, float]] = {}

    def ask(self, name: str, value: object, now: float) -> None:
        self._wishes[name] = (value, now + PATIENCE_S)

    def drop(self, name: str) -> None:
        self._wishes.pop(name, None)

    def waits(self, name: str, now: float) -> bool:
        return name in self._wishes and now < self._wishes[name][1]

    def value(self, name: str, known: T, now: float) -> T:
        """The wish if one is waiting, else what is known; a wish that is met is forgotten."""
        if name not in self._wishes:
            return known
        wish, until = self._wishes[name]
        if wish == known or now >= until:
            del self._wishes[name]
            return known
        return wish
