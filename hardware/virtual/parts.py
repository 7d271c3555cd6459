"""What the plant is made of: noise, a bag with its valve and sensor, a heated pad with its two sensors."""

from __future__ import annotations

from collections import deque
from math import pi, sqrt
from random import Random

from hardware.machine import Pad
from hardware.virtual.params import BagParams, PlantParams

ROOM_MMHG = 760.0
PASCAL_PER_MMHG = 133.322
AIR_KG_PER_M3 = 1.204
HEAT_STEP_S = 0.2
LEAST_ML = 1.0
"""No foot leaves a bag less room than this."""


class Noise:
    """Gaussian noise of unit spread, drawn once from a seed and then only looked up."""

    def __init__(self, seed: int, size: int = 4096) -> None:
        rng = Random(seed)
        self._table = [rng.gauss(0.0, 1.0) for _ in range(size)]
        self._at = 0

    def next(self) -> float:
        self._at = (self._at + 1) % len(self._table)
        return self._table[self._at]


class BagState:
    """One bag, its valve and its sensor."""

    __slots__ = (
        "_sound",
        "closed",
        "commanded",
        "flow",
        "leak",
        "ml",
        "ml_per_mmhg",
        "mmhg",
        "params",
        "sensed_mmhg",
        "slack_ml",
        "vent",
        "wait_s",
    )

    def __init__(self, params: BagParams) -> None:
        self.params = params
        self.ml = 0.0
        self.mmhg = 0.0
        self.sensed_mmhg = 0.0
        self.commanded = False
        self.closed = False
        self.wait_s = 0.0
        self.slack_ml = params.slack_ml
        self.ml_per_mmhg = params.ml_per_mmhg
        self.leak = params.leak_ml_s / 60.0
        """mL/s a mmHg."""
        self.flow = 1.0
        """Of the pump's air that gets through its hose."""
        area_m2 = pi * (params.orifice_mm / 2000.0) ** 2
        ml_s = 1e6 * params.discharge * area_m2
        self.vent = ml_s * sqrt(2.0 * PASCAL_PER_MMHG / (AIR_KG_PER_M3 * ROOM_MMHG))
        """Orifice flow is this times √(P·(760 + P)), mL/s."""
        self._sound = (self.leak, self.vent)

    def harm(self, leak_ml_s: float, flow: float) -> None:
        """Let it lose ``leak_ml_s`` more at 60 mmHg, and ``flow`` of 0..1 pass its hose; 0 and 1 heal it."""
        leak, vent = self._sound
        self.leak, self.vent, self.flow = leak + leak_ml_s / 60.0, vent * flow, flow

    def fit(self, feet: float, more_ml: float = 0.0, warmth: float = 1.0) -> None:
        """Its shape with 0 to 2 feet in the machine and ``more_ml`` of slack; the air in it stays.

        Air of ``warmth`` times the room's kelvins fills it as that much more would, or as a smaller bag
        would be filled: its law stays the same.
        """
        p, gone = self.params, 2 - feet
        slack_ml = p.slack_ml * (feet + gone * p.no_foot_slack) / 2.0
        self.slack_ml = max(LEAST_ML, slack_ml + more_ml) / warmth
        self.ml_per_mmhg = p.ml_per_mmhg * (feet + gone * p.no_foot_ml_per_mmhg) / 2.0 / warmth
        self.settle()

    def settle(self) -> None:
        """Pressure from the air in it."""
        over = self.ml - self.slack_ml
        if over <= 0.0:
            self.mmhg = 0.0
            return
        c = self.ml_per_mmhg
        half = (ROOM_MMHG * c + self.slack_ml) / 2.0
        self.mmhg = (sqrt(half * half + c * ROOM_MMHG * over) - half) / c


class PadState:
    """One heated pad and its two sensors."""

    __slots__ = (
        "celsius",
        "delayed",
        "gaps_c",
        "joules",
        "lagged_c",
        "moved_c",
        "offsets_c",
        "open_fuse",
        "open_thermostat",
        "params",
        "watts",
    )

    def __init__(self, pad: Pad, params: PlantParams) -> None:
        self.params = params.pad(pad.side)
        self.watts = pad.watts * self.params.heater_share
        self.celsius = params.room_c
        self.lagged_c = params.room_c
        self.moved_c = 0.0
        """In the last step, of a sensor in its place."""
        steps = max(1, round(self.params.sensor_dead_s / HEAT_STEP_S))
        self.delayed: deque[float] = deque([params.room_c] * steps, maxlen=steps)
        self.offsets_c = list(self.params.sensor_offsets_c)
        self.gaps_c = [0.0, 0.0]
        """How far each sensor is from what it would say in its place: it has come off, or did."""
        self.joules = 0.0
        """Heat put in since the last heat step."""
        self.open_thermostat = False
        self.open_fuse = False
