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
    """Of one step. ``unread``: keys of valves whose bags' sensors are not to be believed."""

    def __init__(self, machine: Machine, unread: Collection[str]) -> None:
        self._machine = machine
        self._valves = machine.outputs[machine.layout.valves]
        self._trusted = [valve.key not in unread for valve in self._valves]
        self._lowest: list[float | None] = [None] * len(self._valves)
        self._rises = [0.0] * len(self._valves)
        self._heard = 0
        self._cool: dict[str, float] = {}
        self._celsius: dict[str, float] = {}
        """By the key of a pad's sensor."""

    def hear(self, inputs: InputsView) -> None:
        for index, bag in enumerate(self._machine.bag_sensors):
            mmhg = inputs.by_key[bag.key].value
            if mmhg is None or not self._trusted[index]:
                continue
            before = self._lowest[index]
            low = self._lowest[index] = mmhg if before is None else min(before, mmhg)
            self._rises[index] = max(self._rises[index], mmhg - low)
        for sensor in (sensor for pair in self._machine.pad_sensors for sensor in pair):
            celsius = inputs.by_key[sensor.key].value
            if celsius is not None:
                old = self._celsius.setdefault(sensor.key, celsius)
                self._celsius[sensor.key] = old + SMOOTH * (celsius - old)
        self._heard += 1
        if self._heard <= BASE:
            self._cool = dict(self._celsius)

    @property
    def full(self) -> bool:
        """Some bag has taken enough air to be looked at."""
        return max(self._rises, default=0.0) >= FULL_MMHG

    @property
    def aired(self) -> tuple[str, ...]:
        """Keys of the valves whose bags felt air, most of it first."""
        felt = [index for index, rise in enumerate(self._rises) if rise >= FELT_MMHG]
        return tuple(self._valves[index].key for index in sorted(felt, key=lambda index: -self._rises[index]))

    @property
    def warmed(self) -> frozenset[str]:
        """Keys of the pads' sensors that felt warmth."""
        cool = self._cool
        return frozenset(c for c, now in self._celsius.items() if c in cool and now - cool[c] >= WARMED_C)
