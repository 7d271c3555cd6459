"""Turning the picture: it turns at once, and stays only when somebody says so who can read and touch it."""

from __future__ import annotations

import math
from collections.abc import Callable

from app.household.kept import Kept
from app.household.mounting import Mounting, Rotation, turned
from hardware.message import Message

ANSWER_S = 15.0
"""So long it is tried; a wrong way round is hard to read and to hit, so it goes back by itself."""


class Turning:
    """``rotation`` is how the picture is turned now; ``show`` turns it.

    What is tried is on no disk: a kiosk that dies in between comes back as it was before.
    """

    def __init__(
        self,
        kept: Kept[Mounting],
        show: Callable[[Rotation], None],
        now: Callable[[], float],
        rotation: Rotation | None = None,
    ) -> None:
        self.rotation: Rotation = kept.value.rotation if rotation is None else rotation
        self._kept, self._show, self._now = kept, show, now
        self._before: Rotation | None = None
        self._until = 0.0

    @property
    def asked(self) -> bool:
        """Whether it is being tried."""
        return self._before is not None

    @property
    def left_s(self) -> int:
        """Whole seconds until it turns back, at least 1 while it is being tried."""
        return max(1, math.ceil(self._until - self._now())) if self.asked else 0

    @property
    def problem(self) -> Message | None:
        """Why the file could not be read."""
        return self._kept.problem

    def begin(self) -> None:
        """The window is there: show it as it was kept."""
        self._show(self.rotation)

    def attempt(self, by: int) -> None:
        """Turn it on by so many degrees clockwise, and wait for an answer."""
        rotation = turned(self.rotation, by)
        if rotation == self.rotation:
            return
        if self._before is None:
            self._before = self.rotation
        self._until = self._now() + ANSWER_S
        self._to(rotation)

    def keep(self) -> None:
        """It is the right way round. Raises InstepError where that cannot be kept; turned it stays as yet."""
        if self._before is None:
            return
        self._before = None
        if self._kept.value.rotation != self.rotation:
            self._kept.save(Mounting(rotation=self.rotation))

    def back(self) -> None:
        """As it was before it was tried; nothing to do when it was not."""
        before, self._before = self._before, None
        if before is not None:
            self._to(before)

    def tick(self) -> None:
        if self.asked and self._now() >= self._until:
            self.back()

    def _to(self, rotation: Rotation) -> None:
        self.rotation = rotation
        self._show(rotation)
