"""What the machine's own sensors feel while one output is driven: air in bags, warmth in pads. Pure."""

from __future__ import annotations

from collections.abc import Collection

from hardware.machine import Machine
from hardware.messages import InputsView

FELT_MMHG = 8.0
FULL_MMHG = 15.0
WARMED_C = 0.4
"""A driven pad's sensors rise by twice as much, those of a pad at rest by a tenth."""
SMOOTH = 0.1
"""Of each new reading: a thermistor's noise is half of what is to be felt."""
BASE = 10
"""Readings before a pad's sensors can say anything."""


class Felt:
    """Of one step. ``unread``: keys of bags whose sensors are not to be believed."""

    def __init__(self, machine: Machine, unread: Collection[str]) -> None:
        self._machine = machine
        self._trusted = [f"bag {index}" not in unread for index in range(len(machine.bag))]
        self._lowest: list[float | None] = [None] * len(machine.bag)
        self._rises = [0.0] * len(machine.bag)
        self._heard = 0
        self._cool: dict[int, float] = {}
        self._celsius: dict[int, float] = {}
        """By input of a pad's sensor."""

    def hear(self, inputs: InputsView) -> None:
        for index, mmhg in enumerate(inputs.bags_mmhg):
            if mmhg is None or not self._trusted[index]:
                continue
            before = self._lowest[index]
            low = self._lowest[index] = mmhg if before is None else min(before, mmhg)
            self._rises[index] = max(self._rises[index], mmhg - low)
        for pad, pair in zip(self._machine.pad, inputs.pads_c, strict=True):
            for channel, celsius in zip(pad.channels, pair, strict=True):
                if celsius is not None:
                    old = self._celsius.setdefault(channel, celsius)
                    self._celsius[channel] = old + SMOOTH * (celsius - old)
        self._heard += 1
        if self._heard <= BASE:
            self._cool = dict(self._celsius)

    @property
    def full(self) -> bool:
        """Some bag has taken enough air to be looked at."""
        return max(self._rises, default=0.0) >= FULL_MMHG

    @property
    def aired(self) -> tuple[str, ...]:
        """Keys of the bags whose sensors felt air, most of it first."""
        felt = [index for index, rise in enumerate(self._rises) if rise >= FELT_MMHG]
        return tuple(f"bag {index}" for index in sorted(felt, key=lambda index: -self._rises[index]))

    @property
    def warmed(self) -> frozenset[int]:
        """Inputs of the pads' sensors that felt warmth."""
        cool = self._cool
        return frozenset(c for c, now in self._celsius.items() if c in cool and now - cool[c] >= WARMED_C)
