"""Tuning one pad as an errand: the autotune drives its heater, and the gains found wait to be accepted."""

from __future__ import annotations

from hardware.board.interface import Outputs, Readings, all_off, pad_means
from hardware.control.autotune import Autotune
from hardware.machine import Gains, Machine
from hardware.message import Message
from hardware.messages import TuneView
from hardware.safety.locks import NO_LOCKS, Locks
from hardware.words import Side

CURVE_POINTS = 120
"""A screen draws no more, and the whole curve of a quarter of an hour would be sent ten times a second."""


class PadTuning:
    """Raises ValueError for a target that a pad cannot be tuned at."""

    def __init__(
        self,
        machine: Machine,
        side: Side,
        target_c: float,
        person: str | None = None,
        locks: Locks = NO_LOCKS,
    ) -> None:
        self.machine = machine
        self.index = next(index for index, pad in enumerate(machine.pad) if pad.side == side)
        self.side = side
        self._pads = machine.pad_sensors
        self.person, self.locks = person, locks
        self._tune = Autotune(machine.pad[self.index], target_c)
        self._stopped: Message | None = None
        self._begun: float | None = None
        self._elapsed_s = 0.0

    @property
    def over(self) -> bool:
        return self._tune.over or self._stopped is not None

    @property
    def found(self) -> Gains | None:
        """What may be accepted; None while it runs and when nothing was found."""
        return self._tune.result().gains if self._tune.state == "done" else None

    def stop(self, why: Message) -> None:
        """End it before its time, with a reason for the person who asked for it."""
        if not self.over:
            self._stopped = why

    def step(self, now: float, dt_s: float, readings: Readings) -> Outputs:
        if self._begun is None:
            self._begun = now
        self._elapsed_s = now - self._begun
        duty = 0.0 if self.over else self._tune.step(now, pad_means(readings, self._pads)[self.index])
        duties = list(all_off(self.machine).duties)
        duties[self.machine.layout.pads.start + self.index] = duty
        return Outputs(tuple(duties))

    def view(self, in_use: Gains) -> TuneView:
        tune = self._tune
        curve = tune.curve
        thin = curve[:: max(1, -(-len(curve) // CURVE_POINTS))]
        return TuneView(
            side=self.side,
            state=tune.state if self._stopped is None else "aborted",
            reason=self._stopped or (tune.error.message if tune.error else None),
            target_c=tune.target_c,
            elapsed_s=round(self._elapsed_s, 1),
            curve=tuple((round(p.at_s), round(p.celsius, 2), round(p.duty, 2)) for p in thin),
            in_use=in_use,
            found=self.found,
        )
