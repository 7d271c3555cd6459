"""One thing that a contact does. Whatever the way, the screen hears of fingers in these words."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Literal, NamedTuple, Protocol

What = Literal["down", "move", "up"]


class Contact(NamedTuple):
    """A finger, palm or pressed mouse button. ``key`` is its own from ``down`` to ``up``.

    ``x`` and ``y`` are shares of the panel or window, 0 to 1, ``y`` downwards; of no meaning in ``up``.
    """

    what: What
    key: Hashable
    x: float = 0.0
    y: float = 0.0


class Source(Protocol):
    """A way on which contacts come. ``take`` and ``hears`` are asked by the thread that draws: they wait for
    nothing."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def take(self) -> list[Contact]:
        """What has happened since it was last asked, in order."""

    @property
    def hears(self) -> bool:
        """Whether a finger that comes down now would be felt, as far as can be known."""


class Nowhere:
    """No fingers come, and none are missed: a window that nobody sees."""

    hears = True

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def take(self) -> list[Contact]:
        return []
