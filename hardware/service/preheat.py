"""Pads warmed before a session, while a person gets ready: a little, and not for long (S2)."""

from __future__ import annotations

from hardware.machine import Machine
from hardware.messages import PreheatView
from hardware.safety import limits
from hardware.safety.allowance import HeatAllowance
from hardware.safety.locks import NO_LOCKS, Locks
from hardware.words import Feet, Side

AGAIN_S = 10 * 60.0
"""Its three minutes are to be had anew once it has not gone on for so long, whoever asks: by then a pad has
cooled, or a session has run. Until then what is left of them is all there is, however often it is begun."""


class Preheating:
    """One machine's. It only says what is asked for: the engine warms the pads as it does in a session."""

    def __init__(self, machine: Machine, allowance: HeatAllowance) -> None:
        self._allowance = allowance
        self._pads = tuple(pad.side for pad in machine.pad)
        self.feet: Feet = "both"
        self.person: str | None = None
        """Whose warmth it is; None: a guest's."""
        self.locks = NO_LOCKS
        self._used_s = 0.0
        """Of the three minutes, before it was begun last."""
        self._begun: float | None = None
        """None while it does not go on."""
        self._ended = -AGAIN_S

    def pads_of(self, feet: Feet) -> tuple[Side, ...]:
        """The pads that there are for these feet."""
        return tuple(side for side in self._pads if feet in ("both", side))

    @property
    def sides(self) -> tuple[Side, ...]:
        """Where it warms."""
        return self.pads_of(self.feet)

    def heat_target_c(self) -> float:
        """The pads' target, before what is left of the allowance (S5)."""
        return limits.PREHEAT_C

    def left_s(self, now: float) -> float:
        """How long it may go on; or could, if it were begun now by somebody who has not had any heat."""
        if self._begun is None:
            return limits.PREHEAT_S - (self._used_s if now - self._ended < AGAIN_S else 0.0)
        left_s = limits.PREHEAT_S - self._used_s - (now - self._begun)
        return max(min(left_s, self._allowance.left_s(self.person)), 0.0)

    def begin(self, feet: Feet, person: str | None, locks: Locks, now: float) -> None:
        self._used_s = limits.PREHEAT_S - self.left_s(now)
        self._begun = now
        self.feet, self.person, self.locks = feet, person, locks

    def end(self, now: float) -> None:
        """It is over, or a session goes on from it."""
        if self._begun is not None:
            self._used_s = min(self._used_s + now - self._begun, limits.PREHEAT_S)
            self._begun, self._ended = None, now

    def view(self, now: float) -> PreheatView | None:
        """None while it does not go on."""
        if self._begun is None:
            return None
        return PreheatView(round(self.left_s(now), 1), self.feet, self.person)
