"""Finds faults in what was measured: readings and state in, the faults that are present out."""

from __future__ import annotations

from collections import deque

from hardware.board.interface import Readings
from hardware.machine import Machine
from hardware.safety import limits
from hardware.words import State

HOT_S = 3.0
INVALID_S = 5.0
MINUTE_S = 60.0


class Protection:
    """Watches one machine. Call ``update`` once a tick, before anything is decided."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._hot_s = [0.0] * len(machine.pad)
        self._invalid_s = [0.0] * len(machine.pad)
        self._over_s = [0.0] * len(machine.bag)
        self._late: deque[float] = deque()

    def late(self, now: float) -> bool:
        """Note a late tick; true when it is one too many (S11)."""
        self._late.append(now)
        while now - self._late[0] > MINUTE_S:
            self._late.popleft()
        return len(self._late) >= limits.LATE_TICKS

    def forget_late(self) -> None:
        self._late.clear()

    def update(self, readings: Readings, state: State, dt_s: float) -> dict[str, str]:
        """The faults present now, as code → detail for the builder."""
        present: dict[str, str] = {}
        running = state in ("running", "paused")
        if readings.stop_open:
            present["emergency-stop"] = ""
        for index, sensors in enumerate(readings.pads_c):
            side = self.machine.pad[index].side
            valid = [celsius for celsius in sensors if celsius is not None]
            hot = any(celsius >= limits.PAD_HOT_C for celsius in valid)
            self._hot_s[index] = self._hot_s[index] + dt_s if hot else 0.0
            if self._hot_s[index] >= HOT_S:
                present["pad-too-hot"] = f"The {side} pad reads {max(valid):.1f} °C."
            broken = len(valid) < len(sensors)
            self._invalid_s[index] = self._invalid_s[index] + dt_s if broken else 0.0
            if running and self._invalid_s[index] >= INVALID_S:
                present["pad-sensor-invalid"] = f"The {side} pad's sensors read {_shown(sensors)}."
        for index, mmhg in enumerate(readings.bags_mmhg):
            zone = self.machine.bag[index].zone
            if mmhg is None:
                if running:
                    present["pressure-sensor-invalid"] = f"The {zone} bag's sensor is out of range."
                continue
            self._over_s[index] = self._over_s[index] + dt_s if mmhg > limits.BAG_OPEN_MMHG else 0.0
            if self._over_s[index] >= limits.BAG_OPEN_S:
                present["bag-over-pressure"] = f"The {zone} bag reads {mmhg:.0f} mmHg."
        return present


def _shown(sensors: tuple[float | None, float | None]) -> str:
    return " and ".join("nothing" if c is None else f"{c:.1f} °C" for c in sensors)


def self_test(readings: Readings, machine: Machine) -> str:
    """What is wrong with a machine at rest, in words for the builder; empty when nothing is."""
    for pad, sensors in zip(machine.pad, readings.pads_c, strict=True):
        if None in sensors:
            return f"The {pad.side} pad's sensors read {_shown(sensors)}."
        if any(celsius is not None and celsius > 45.0 for celsius in sensors):
            return f"The {pad.side} pad is hot at rest: {_shown(sensors)}."
    for bag, mmhg in zip(machine.bag, readings.bags_mmhg, strict=True):
        if mmhg is None:
            return f"The {bag.zone} bag's sensor is out of range."
        if abs(mmhg) > 15.0:
            return f"The {bag.zone} bag reads {mmhg:.0f} mmHg at rest, which should be about 0."
    return ""
