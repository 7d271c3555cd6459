"""The physics of a foot massager: what its pads, bags, motors and sensors do with what its pins are given.

Pure: no clock and no input or output. Temperatures in °C, pressures in mmHg above the room's, air in mL at
room pressure, duties and speeds 0..1, power in watts. Parts are ordered as the machine file's are.

Heat is slow and stepped coarsely; air is fast and stepped finely, but only in the bags where air moves.
"""

from __future__ import annotations

from collections import deque
from math import ceil, exp, inf, pi, sqrt
from random import Random

from hardware.machine import Machine, Pad
from hardware.sensors import FULL_SCALE, bag_share, pad_share
from hardware.virtual.params import SIDES, BagParams, PlantParams
from hardware.words import Side

ROOM_MMHG = 760.0
PASCAL_PER_MMHG = 133.322
AIR_KG_PER_M3 = 1.204

STEP_S = 0.05
"""A longer step is taken in parts of at most this."""
AIR_STEP_S = 0.01
HEAT_STEP_S = 0.2
SHARING_MMHG = 1.0
"""Driven bags this close to the lowest share the pump's air."""
DRIFT_FROM_C = 20.0


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
        "closed",
        "commanded",
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
        area_m2 = pi * (params.orifice_mm / 2000.0) ** 2
        ml_s = 1e6 * params.discharge * area_m2
        self.vent = ml_s * sqrt(2.0 * PASCAL_PER_MMHG / (AIR_KG_PER_M3 * ROOM_MMHG))
        """Orifice flow is this times √(P·(760 + P)), mL/s."""

    def fit(self, feet: int) -> None:
        """Its shape with 0, 1 or 2 feet in the machine; the air in it stays."""
        p, gone = self.params, 2 - feet
        self.slack_ml = p.slack_ml * (feet + gone * p.no_foot_slack) / 2.0
        self.ml_per_mmhg = p.ml_per_mmhg * (feet + gone * p.no_foot_ml_per_mmhg) / 2.0
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
        "joules",
        "lagged_c",
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
        steps = max(1, round(self.params.sensor_dead_s / HEAT_STEP_S))
        self.delayed: deque[float] = deque([params.room_c] * steps, maxlen=steps)
        self.joules = 0.0
        """Heat put in since the last heat step."""
        self.open_thermostat = False
        self.open_fuse = False


class Plant:
    """A machine with somebody's feet in it.

    Inputs, to be set at any time: ``motor_duty``, ``pump_duty``, ``valve_driven``, ``heater_duty``, ``rail``,
    ``stop_pressed`` and :meth:`set_foot`. With the rail off every power output is dead, whatever its input.
    """

    def __init__(self, machine: Machine, params: PlantParams | None = None, seed: int = 0) -> None:
        self.machine = machine
        self.params = params = params or PlantParams()
        self.motor_duty = [0.0] * len(machine.motor)
        self.pump_duty = 0.0
        self.valve_driven = [False] * len(machine.bag)
        self.heater_duty = [0.0] * len(machine.pad)
        self.rail = False
        self.stop_pressed = False
        self.stop_wire_broken = False

        self.motor_speed = [0.0] * len(machine.motor)
        self.bags = [BagState(params.bag(bag.zone)) for bag in machine.bag]
        self.pads = [PadState(pad, params) for pad in machine.pad]
        self.feet: dict[Side, bool] = {side: params.foot(side).present for side in SIDES}
        self.skin_c: dict[Side, float] = {side: params.foot(side).skin_c for side in SIDES}
        self.case_c = params.room_c
        for state in self.bags:
            state.fit(sum(self.feet.values()))

        self._noise = Noise(seed)
        self._stalls = [motor.stalls_below for motor in machine.motor]
        self._heat_due_s = 0.0
        self._alphas: dict[tuple[float, float], float] = {}
        self._sources: dict[int, tuple[int, int]] = {}
        for index, pad in enumerate(machine.pad):
            for place, channel in enumerate(pad.channels):
                self._sources[channel] = (index, place)
        self._bag_sources = {bag.channel: index for index, bag in enumerate(machine.bag)}

    # What is true

    @property
    def pad_c(self) -> tuple[float, ...]:
        return tuple(pad.celsius for pad in self.pads)

    @property
    def bag_mmhg(self) -> tuple[float, ...]:
        return tuple(bag.mmhg for bag in self.bags)

    @property
    def stop_open(self) -> bool:
        """The emergency stop's contact is open."""
        return self.stop_pressed or self.stop_wire_broken

    @property
    def watts(self) -> float:
        """Drawn from the 12 V supply at this moment."""
        if not self.rail:
            return 0.0
        machine = self.machine
        total = sum(m.watts * duty for m, duty in zip(machine.motor, self.motor_duty, strict=True))
        total += sum(bag.watts for bag, on in zip(machine.bag, self.valve_driven, strict=True) if on)
        if machine.pump is not None:
            total += machine.pump.watts * self.pump_duty
        return total + sum(map(self._heater_watts, self.pads, self.heater_duty))

    def set_foot(self, side: Side, present: bool) -> None:
        """Put a foot in (at its own temperature) or take it out."""
        if present and not self.feet[side]:
            self.skin_c[side] = self.params.foot(side).skin_c
        self.feet[side] = present
        for state in self.bags:
            state.fit(sum(self.feet.values()))

    # What the sensors say

    def sensed_pad_c(self, pad: int, sensor: int) -> float:
        """One of a pad's two thermistors, with lag, dead time, offset and noise."""
        state = self.pads[pad]
        offset = state.params.sensor_offsets_c[sensor]
        return state.lagged_c + offset + state.params.sensor_noise_c * self._noise.next()

    def sensed_bag_mmhg(self, bag: int) -> float:
        """A bag's pressure sensor, with lag, zero error, drift and noise."""
        state = self.bags[bag]
        p = state.params
        drift = p.zero_mmhg + p.drift_mmhg_per_k * (self.case_c - DRIFT_FROM_C)
        return state.sensed_mmhg + drift + p.sensor_noise_mmhg * self._noise.next()

    def channel_share(self, channel: int) -> float:
        """What one ADC input sees, as a share of its supply; 0 where nothing is connected."""
        source = self._sources.get(channel)
        if source is not None:
            return pad_share(self.sensed_pad_c(*source), self.machine.pad_sensor)
        bag = self._bag_sources.get(channel)
        return 0.0 if bag is None else bag_share(self.sensed_bag_mmhg(bag), self.machine)

    def adc_code(self, channel: int) -> int:
        """The MCP3008's word for one input, 0..1023."""
        return min(FULL_SCALE, max(0, round(self.channel_share(channel) * FULL_SCALE)))

    # What happens

    def step(self, dt_s: float) -> None:
        """Let ``dt_s`` seconds pass. Raises ValueError unless 0 ≤ dt_s < ∞."""
        if not 0.0 <= dt_s < inf:
            raise ValueError(f"a step of {dt_s} s")
        if dt_s == 0.0:
            return
        parts = max(1, ceil(dt_s / STEP_S - 1e-9))
        part_s = dt_s / parts
        for _ in range(parts):
            self._turn_motors(part_s)
            self._move_air(part_s)
            for pad, duty in zip(self.pads, self.heater_duty, strict=True):
                if duty and self.rail:
                    pad.joules += self._heater_watts(pad, duty) * part_s
            self._heat_due_s += part_s
            if self._heat_due_s >= HEAT_STEP_S - 1e-9:
                self._move_heat(self._heat_due_s)
                self._heat_due_s = 0.0

    def _alpha(self, dt_s: float, tau_s: float) -> float:
        """How far a first-order lag gets in ``dt_s``, 0..1."""
        key = (dt_s, tau_s)
        alpha = self._alphas.get(key)
        if alpha is None:
            if len(self._alphas) > 64:  # real time brings ever new steps
                self._alphas.clear()
            alpha = self._alphas[key] = 1.0 - exp(-dt_s / tau_s)
        return alpha

    def _turn_motors(self, dt_s: float) -> None:
        alpha = self._alpha(dt_s, self.params.motor_tau_s)
        speeds = self.motor_speed
        for index, duty in enumerate(self.motor_duty):
            goal = duty if self.rail and duty >= self._stalls[index] else 0.0
            speed = speeds[index]
            if speed != goal:
                speed += alpha * (goal - speed)
                speeds[index] = goal if -1e-6 < speed - goal < 1e-6 else speed

    def _pump_ml_s(self) -> float:
        """What the pump gives against no pressure."""
        pump = self.machine.pump
        if pump is None or not self.rail or self.pump_duty < pump.stalls_below:
            return 0.0
        return self.params.pump_ml_s * self.pump_duty

    def _move_air(self, dt_s: float) -> None:
        feed_ml_s = self._pump_ml_s()
        moving = False
        for bag, driven in zip(self.bags, self.valve_driven, strict=True):
            powered = driven and self.rail
            if powered != bag.commanded:
                bag.commanded = powered
                bag.wait_s = 0.0 if powered == bag.closed else bag.params.valve_s
            if bag.wait_s > 0.0 or (feed_ml_s > 0.0 if bag.closed else bag.ml > 0.0):
                moving = True
        if moving:
            parts = ceil(dt_s / AIR_STEP_S - 1e-9)
            for _ in range(parts):
                self._flow(dt_s / parts, feed_ml_s)
        for bag in self.bags:
            if bag.mmhg > 0.0 and bag.closed:
                bag.ml -= bag.leak * bag.mmhg * dt_s
                bag.settle()
            off = bag.mmhg - bag.sensed_mmhg
            if off and not moving:
                alpha = self._alpha(dt_s, bag.params.sensor_lag_s)
                bag.sensed_mmhg = bag.mmhg if -1e-3 < off < 1e-3 else bag.sensed_mmhg + alpha * off

    def _flow(self, dt_s: float, feed_ml_s: float) -> None:
        """One fine step: open bags empty through their orifice, the pump fills the lowest driven ones."""
        lowest = inf
        for bag in self.bags:
            if bag.wait_s > 0.0:
                bag.wait_s -= dt_s
                if bag.wait_s < dt_s / 2.0 - 1e-9:
                    bag.wait_s = 0.0
                    bag.closed = bag.commanded
            if bag.closed:
                if bag.mmhg < lowest:
                    lowest = bag.mmhg
            elif bag.ml > 0.0:
                mmhg = bag.mmhg
                if mmhg < bag.params.empties_mmhg:
                    mmhg = bag.params.empties_mmhg
                bag.ml = max(0.0, bag.ml - bag.vent * sqrt(mmhg * (ROOM_MMHG + mmhg)) * dt_s)
                bag.settle()
        params = self.params
        if feed_ml_s > 0.0 and lowest < min(params.relief_mmhg, params.pump_stall_mmhg):
            fed = [bag for bag in self.bags if bag.closed and bag.mmhg - lowest <= SHARING_MMHG]
            ml = feed_ml_s * (1.0 - lowest / params.pump_stall_mmhg) * dt_s / len(fed)
            for bag in fed:
                bag.ml += ml
                bag.settle()
        for bag in self.bags:
            off = bag.mmhg - bag.sensed_mmhg
            if off:
                bag.sensed_mmhg += self._alpha(dt_s, bag.params.sensor_lag_s) * off

    def _heater_watts(self, pad: PadState, duty: float) -> float:
        if pad.open_fuse or pad.open_thermostat:
            return 0.0
        return pad.watts * duty

    def _move_heat(self, dt_s: float) -> None:
        params = self.params
        room_c = params.room_c
        to_skin = dict.fromkeys(SIDES, 0.0)
        for part, pad in zip(self.machine.pad, self.pads, strict=True):
            p, side = pad.params, part.side
            loss = p.back_w_per_k * (pad.celsius - room_c)
            if self.feet[side]:
                foot = params.foot(side)
                loss += p.front_w_per_m2k * p.covered_m2 * (pad.celsius - room_c)
                to_skin[side] = foot.contact_w_per_m2k * foot.contact_m2 * (pad.celsius - self.skin_c[side])
                loss += to_skin[side]
            else:
                loss += p.front_w_per_m2k * p.free_m2 * (pad.celsius - room_c)
            pad.celsius += (pad.joules - loss * dt_s) / p.j_per_k
            pad.joules = 0.0
            seen = pad.delayed[0]
            pad.delayed.append(pad.celsius)
            pad.lagged_c += self._alpha(dt_s, p.sensor_lag_s) * (seen - pad.lagged_c)
            self._protect(pad)
        for side in SIDES:
            if self.feet[side]:
                foot, skin = params.foot(side), self.skin_c[side]
                warm = min(1.0, max(0.0, (skin - 33.0) / 9.0))
                blood = foot.blood_cool_w_per_k + warm * (foot.blood_warm_w_per_k - foot.blood_cool_w_per_k)
                gain = to_skin[side] + blood * (foot.blood_c - skin) - foot.air_w_per_k * (skin - room_c)
                self.skin_c[side] = skin + gain * dt_s / foot.skin_j_per_k
        case_c = room_c + params.case_k_per_w * self.watts
        self.case_c += self._alpha(dt_s, params.case_tau_s) * (case_c - self.case_c)

    def _protect(self, pad: PadState) -> None:
        """The thermostat and the fuse in series with each pad, independent of all software."""
        if pad.celsius >= self.params.fuse_c:
            pad.open_fuse = True
        if pad.celsius >= self.params.thermostat_c:
            pad.open_thermostat = True
        elif pad.celsius <= self.params.thermostat_back_c:
            pad.open_thermostat = False


__all__ = ["BagState", "Noise", "PadState", "Plant", "PlantParams"]
