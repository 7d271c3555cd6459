"""The physics of a foot massager: what its pads, bags, motors and sensors do with what its pins are given.

Pure: no clock and no input or output. Temperatures in °C, pressures in mmHg above the room's, air in mL at
room pressure, duties and speeds 0..1, power in watts. Parts are ordered as the machine file's are.

Heat is slow and stepped coarsely; air is fast and stepped finely, but only in the bags where air moves.

What is still simpler here than in any real machine, so that nobody takes a session on it for a proof:

- Heat. A pad is one lump: no hot spot over a wire, no edge, no cover, the same under heel and toes. Both its
  sensors feel that one temperature, but for an offset that never changes. Skin is one lump, too: no depth,
  no sweat, no leg; its blood follows its own warmth only, not the pressure around it, and a foot under a
  hard bag touches its pad no better than under a slack one. Pads warm neither each other nor the machine;
  motors, valves and electronics warm no pad and no foot. The room is one temperature, a blanket one share
  of the loss, and the sun as strong whatever stands in its way but a blanket.
- Bags. One does not press on another, and their cloth neither stretches nor ages. Both feet's halves are one
  volume. Hoses have no length: a sensor feels its bag and not the air that rushes past it, so that it reads
  no higher while the bag fills and no lower while it empties. From slack to tight is a corner. Tissue yields
  by one time constant, and moves with no massage. Leaks are a straight line through zero.
- Air. It is always 760 mmHg outside, however high the house and whatever the weather. The pump's curve is a
  line and its flow even, with no stroke to be felt; check valves let nothing back; the relief valve opens at
  one pressure. Valves switch whole, each time as late as the last; coils do not warm, valves do not stick.
- Motors have no load: no foot slows one, none draws more as it starts, all stop alike.
- The supply droops at once and evenly; it has no ripple, and no motor's switching gets into a sensor.
- Sensors. Noise is white and Gaussian (a table of 4096 that comes round again), hum one sine of one
  frequency. A thermistor follows its curve exactly and does not warm itself; a pressure sensor has a zero
  error but none of its span, and its zero drifts in a line with the case only. The converter is linear,
  its reference exact, and no input is heard in the next.
- Thermostat and fuse feel the pad's temperature at once, and act each time at the same.
- Feet come in 1.5 s and go in none, are wholly in or out when they have come, and nobody stands on a pad.
- Nothing wears while it lives: an old machine is another plant.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, exp, inf, sqrt
from random import Random

from hardware.machine import FULL_SCALE, Machine
from hardware.sensors import bag_share, pad_share
from hardware.virtual.damage import Damage
from hardware.virtual.faults import Faults
from hardware.virtual.params import SIDES, PlantParams
from hardware.virtual.parts import HEAT_STEP_S, ROOM_MMHG, BagState, Noise, PadState
from hardware.virtual.unrest import Unrest, asked_for
from hardware.words import Side

STEP_S = 0.05
"""A longer step is taken in parts of at most this."""
AIR_STEP_S = 0.01
SHARING_MMHG = 1.0
"""Driven bags this close to the lowest share the pump's air."""
DRIFT_FROM_C = 20.0
FOOT_IN_S = 1.5
"""How long a person takes to put a foot in; a bag with air in it is squeezed no faster than that."""
PUSHED_MMHG = 100.0
"""Nobody pushes a foot in against a bag as hard as this: it waits until the bag gives way."""
GHOST, HUM_SHARE = 0.5, 0.12
"""An input that nothing is on: so much of the word before it is left in the converter, and the mains' hum
of this spread lies on it."""
DANGLING_TAU_S = 20.0
"""A thermistor in still air is slower than one pressed to a pad."""


class Plant:
    """A machine with somebody's feet in it.

    Inputs, to be set at any time: ``motor_duty``, ``pump_duty``, ``valve_driven``, ``heater_duty``, ``rail``,
    ``stop_pressed`` and :meth:`set_foot`; ``params`` may be replaced while it lives (the room, a
    blanket, the supply's droop; what else is restless in it stays as it was made). With the rail off every
    power output is dead, whatever its input.
    What can go wrong with it is put in through ``faults``.
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
        self.pump_speed = 0.0
        self.bags = [BagState(params.bag(bag.zone)) for bag in machine.bag]
        self.pads = [PadState(pad, params) for pad in machine.pad]
        self.feet: dict[Side, bool] = {side: params.foot(side).present for side in SIDES}
        self.skin_c: dict[Side, float] = {side: params.foot(side).skin_c for side in SIDES}
        self.case_c = params.room_c
        self._drifted_c = 0.0
        self._seated = {side: float(there) for side, there in self.feet.items()}
        """How far each foot is in, 0..1."""
        self.sitting_down = False
        self._unrest = Unrest(machine, params, seed) if asked_for(machine, params) else None
        """None where nothing is asked for of it, which is what has to be fast."""
        self._volts = 1.0
        """Of the supply's, with what it droops by under its load."""
        for side, there in self.feet.items():
            if there and self._unrest is not None:
                self._unrest.sits_anew(side)
        self._fit()

        self._noise = Noise(seed)
        self._spikes = Random(seed) if params.spikes else None
        self._words = 0
        self._sampled_share = 0.0
        self._put_in = dict(self.feet)
        self._damage: Damage | None = None
        """None while it is sound, which is what has to be fast."""
        self._dangling = False
        self._undriven = (False,) * len(machine.bag)
        self._pump_stall_mmhg = params.pump_stall_mmhg
        self._stalls = [motor.stalls_below for motor in machine.motor]
        self._heat_due_s = 0.0
        self._alphas: dict[tuple[float, float], float] = {}
        self._sources: dict[int, tuple[int, int]] = {}
        for index, pad in enumerate(machine.pad):
            for place, channel in enumerate(pad.channels):
                self._sources[channel] = (index, place)
        self._bag_sources = {bag.channel: index for index, bag in enumerate(machine.bag)}
        self._inputs = (*self._sources, *self._bag_sources)
        self.faults = Faults(machine, self._suffer, self._sensor_share)

    # What is true

    @property
    def room_c(self) -> float:
        return self.params.room_c + self._drifted_c

    @property
    def pad_c(self) -> tuple[float, ...]:
        return tuple(pad.celsius for pad in self.pads)

    @property
    def bag_mmhg(self) -> tuple[float, ...]:
        return tuple(bag.mmhg for bag in self.bags)

    @property
    def stop_open(self) -> bool:
        """The emergency stop's contact is open."""
        if self._damage is None:
            return self.stop_pressed or self.stop_wire_broken
        return self._damage.stop_open(self.stop_pressed, self.stop_wire_broken)

    @property
    def watts(self) -> float:
        """Drawn from the 12 V supply at this moment."""
        if not self.rail:
            return 0.0
        return self._asked_watts() * self._volts * self._volts

    def _asked_watts(self) -> float:
        """What would be drawn if the load did not pull the supply down."""
        damage, motors, heaters = self._damage, self.motor_duty, self.heater_duty
        if damage is not None:
            other = damage.watts(motors, self.pump_duty, self.valve_driven, heaters)
            reached = damage.drives(True, motors, self.pump_duty, self.valve_driven, heaters).heaters
            return other + sum(map(self._heater_watts, self.pads, reached))
        machine = self.machine
        total = sum(m.watts * duty for m, duty in zip(machine.motor, motors, strict=True))
        total += sum(bag.watts for bag, on in zip(machine.bag, self.valve_driven, strict=True) if on)
        if machine.pump is not None:
            total += machine.pump.watts * self.pump_duty
        return total + sum(map(self._heater_watts, self.pads, heaters))

    @property
    def pad_watts(self) -> tuple[float, ...]:
        """Each pad's heat at this moment."""
        heat: Sequence[float] = self.heater_duty
        if self._damage is not None:
            told = (self.motor_duty, self.pump_duty, self.valve_driven, heat)
            heat = self._damage.drives(self.rail, *told).heaters
        if not self.rail:
            return (0.0,) * len(self.pads)
        square = self._volts * self._volts
        return tuple(
            self._heater_watts(pad, duty) * square for pad, duty in zip(self.pads, heat, strict=True)
        )

    def set_foot(self, side: Side, present: bool) -> None:
        """Put a foot in, which takes a moment, or take it out; a fault that says otherwise wins."""
        self._put_in[side] = present
        self._seat()

    def _seat(self) -> None:
        """Feet are where they were put, but for those a fault has moved."""
        moved = {} if self._damage is None else self._damage.feet
        wanted = {side: moved.get(side, present) for side, present in self._put_in.items()}
        if wanted == self.feet:
            return
        for side in SIDES:
            if wanted[side] and not self.feet[side]:
                self.skin_c[side] = self.params.foot(side).skin_c
                if self._unrest is not None:
                    self._unrest.sits_anew(side)
            if not wanted[side]:
                self._seated[side] = 0.0
        self.feet.update(wanted)
        self.sitting_down = self._seated != {side: float(there) for side, there in wanted.items()}
        self._fit()

    def _sit_down(self, dt_s: float) -> None:
        """Feet that were put in come to fill their bags."""
        if max(self.bag_mmhg, default=0.0) > PUSHED_MMHG:
            return
        for side, there in self.feet.items():
            self._seated[side] = min(self._seated[side] + dt_s / FOOT_IN_S, 1.0) if there else 0.0
        self.sitting_down = any(self._seated[side] < 1.0 for side in SIDES if self.feet[side])
        self._fit()

    def _fit(self) -> None:
        if self._unrest is not None:
            self._unrest.fit(self.bags, self._seated)
            return
        for state in self.bags:
            state.fit(sum(self._seated.values()))

    def _suffer(self, damage: Damage | None) -> None:
        """Take on what the faults in it do, and let go of what others did; None: it is sound."""
        self._damage = damage
        hurt = damage or Damage(self.machine)
        for bag, leak_ml_s, flow in zip(self.bags, hurt.leaks_ml_s, hurt.flows, strict=True):
            bag.harm(leak_ml_s, flow)
        for part, pad in zip(self.machine.pad, self.pads, strict=True):
            pad.offsets_c = [
                sound_c + hurt.offsets.get(channel, 0.0)
                for sound_c, channel in zip(pad.params.sensor_offsets_c, part.channels, strict=True)
            ]
        self._dangling = self._dangling or bool(hurt.loose)
        self._pump_stall_mmhg = self.params.pump_stall_mmhg * hurt.pump_share * hurt.supply_share
        self._seat()

    # What the sensors say

    def sensed_pad_c(self, pad: int, sensor: int) -> float:
        """One of a pad's two thermistors, with lag, dead time, offset and noise."""
        state = self.pads[pad]
        noise_c = state.params.sensor_noise_c * self.params.noise * self._noise.next()
        if self._unrest is not None:
            noise_c += state.params.sensor_noise_c * self._unrest.hum
        return state.lagged_c + state.gaps_c[sensor] + state.offsets_c[sensor] + noise_c

    def sensed_bag_mmhg(self, bag: int) -> float:
        """A bag's pressure sensor, with lag, zero error, drift and noise."""
        state = self.bags[bag]
        p = state.params
        drift = p.zero_mmhg + p.drift_mmhg_per_k * (self.case_c - DRIFT_FROM_C)
        if self._unrest is not None:
            drift += self._unrest.pulse_mmhg(state) + p.sensor_noise_mmhg * self._unrest.hum
        return state.sensed_mmhg + drift + p.sensor_noise_mmhg * self.params.noise * self._noise.next()

    def channel_share(self, channel: int) -> float:
        """What one ADC input sees, as a share of its supply; 0 where nothing is connected."""
        if self._damage is not None:
            channel = self._damage.wired.get(channel, channel)
        return self._sensor_share(channel)

    def _sensor_share(self, sensor: int) -> float:
        """What a sensor gives, wherever it is wired to; it goes by the input that is meant for it."""
        damage = self._damage
        if damage is not None and (share := damage.shares.get(sensor)) is not None:
            return share
        source = self._sources.get(sensor)
        if source is not None:
            share = pad_share(self.sensed_pad_c(*source), self.machine.pad_sensor)
            return 1.0 - share if damage is not None and sensor in damage.reversed_sensors else share
        bag = self._bag_sources.get(sensor)
        if bag is None:
            return 0.0
        mmhg = self.sensed_bag_mmhg(bag)
        if damage is not None:
            mmhg += damage.offsets.get(sensor, 0.0)
            if sensor in damage.blocked:
                mmhg -= self.bags[bag].sensed_mmhg
                if self._unrest is not None:
                    mmhg -= self._unrest.pulse_mmhg(self.bags[bag])
        return bag_share(mmhg, self.machine)

    def adc_code(self, channel: int) -> int:
        """The MCP3008's word for one input, 0..1023."""
        if self._spikes is not None and self._spikes.random() < self.params.spikes / len(self._inputs):
            return self._spikes.randint(0, FULL_SCALE)
        damage = self._damage
        if damage is not None:
            if damage.word is not None:
                return damage.word
            if damage.garbage_every:
                self._words += 1
                if self._words % damage.garbage_every == 0:
                    return int(abs(self._noise.next()) * 1e6) % (FULL_SCALE + 1)
            share = self.channel_share(channel)
            if channel in damage.floating:
                share = GHOST * self._sampled_share + HUM_SHARE * (2.0 + self._noise.next())
            self._sampled_share = share
        else:
            share = self._sensor_share(channel)
        word = round(share * FULL_SCALE)
        return 0 if word < 0 else FULL_SCALE if word > FULL_SCALE else word

    # What happens

    def step(self, dt_s: float) -> None:
        """Let ``dt_s`` seconds pass. Raises ValueError unless 0 ≤ dt_s < ∞."""
        if not 0.0 <= dt_s < inf:
            raise ValueError(f"a step of {dt_s} s")
        if dt_s == 0.0:
            return
        rail, pump = self.rail, self.pump_duty
        motors: Sequence[float] = self.motor_duty
        valves: Sequence[bool] = self.valve_driven if rail else self._undriven
        heaters: Sequence[float] = self.heater_duty
        if self._damage is not None:
            motors, pump, valves, heaters = self._damage.drives(
                rail, motors, pump, self.valve_driven, heaters
            )
        if self._unrest is not None:
            self._unrest.pass_time(dt_s)
        if self.params.droop or self._volts != 1.0:
            motors, pump, heaters = self._drooped(motors, pump, heaters)
        feed_ml_s = self._pump_ml_s(pump)
        self.pump_speed = feed_ml_s / self.params.pump_ml_s
        parts = max(1, ceil(dt_s / STEP_S - 1e-9))
        part_s = dt_s / parts
        for _ in range(parts):
            if self.sitting_down:
                self._sit_down(part_s)
            self._turn_motors(part_s, motors)
            self._move_air(part_s, valves, feed_ml_s)
            if rail:
                for pad, duty in zip(self.pads, heaters, strict=True):
                    if duty:
                        pad.joules += self._heater_watts(pad, duty) * part_s
            self._heat_due_s += part_s
            if self._heat_due_s >= HEAT_STEP_S - 1e-9:
                self._move_heat(self._heat_due_s)
                self._heat_due_s = 0.0

    def _drooped(
        self, motors: Sequence[float], pump: float, heaters: Sequence[float]
    ) -> tuple[Sequence[float], float, Sequence[float]]:
        """What is left of these duties with the supply as its load leaves it: speed goes with the volts,
        heat with their square."""
        load = self._asked_watts() / self.machine.supply.watts if self.rail else 0.0
        self._volts = volts = 1.0 - self.params.droop * load
        return [d * volts for d in motors], pump * volts, [d * volts * volts for d in heaters]

    def _alpha(self, dt_s: float, tau_s: float) -> float:
        """How far a first-order lag gets in ``dt_s``, 0..1."""
        key = (dt_s, tau_s)
        alpha = self._alphas.get(key)
        if alpha is None:
            if len(self._alphas) > 64:  # real time brings ever new steps
                self._alphas.clear()
            alpha = self._alphas[key] = 1.0 - exp(-dt_s / tau_s)
        return alpha

    def _turn_motors(self, dt_s: float, duties: Sequence[float]) -> None:
        alpha = self._alpha(dt_s, self.params.motor_tau_s)
        speeds = self.motor_speed
        for index, duty in enumerate(duties):
            goal = duty if self.rail and duty >= self._stalls[index] else 0.0
            speed = speeds[index]
            if speed != goal:
                speed += alpha * (goal - speed)
                speeds[index] = goal if -1e-6 < speed - goal < 1e-6 else speed

    def _pump_ml_s(self, duty: float) -> float:
        """What the pump gives against no pressure."""
        pump = self.machine.pump
        if pump is None or not self.rail or duty < pump.stalls_below:
            return 0.0
        share = 1.0 if self._damage is None else self._damage.pump_share
        return self.params.pump_ml_s * duty * share

    def _move_air(self, dt_s: float, valves: Sequence[bool], feed_ml_s: float) -> None:
        moving = False
        for bag, powered in zip(self.bags, valves, strict=True):
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
        if feed_ml_s > 0.0 and lowest < inf:
            self._feed(dt_s, feed_ml_s, lowest)
        for bag in self.bags:
            off = bag.mmhg - bag.sensed_mmhg
            if off:
                bag.sensed_mmhg += self._alpha(dt_s, bag.params.sensor_lag_s) * off

    def _feed(self, dt_s: float, feed_ml_s: float, lowest: float) -> None:
        """The pump's air goes to the lowest bags; what a kink in their hoses holds back, to the next ones."""
        stall = self._pump_stall_mmhg * self._volts
        limit = min(self.params.relief_mmhg, stall)
        while lowest < limit:
            fed = [b for b in self.bags if b.closed and 0.0 <= b.mmhg - lowest <= SHARING_MMHG]
            wide = sum(bag.flow for bag in fed)
            ml = feed_ml_s * (1.0 - lowest / stall) * dt_s / max(1.0, wide)
            for bag in fed:
                bag.ml += ml * bag.flow
                bag.settle()
            if wide >= 1.0:
                return
            feed_ml_s *= 1.0 - wide
            top = lowest + SHARING_MMHG
            lowest = min((b.mmhg for b in self.bags if b.closed and b.mmhg > top), default=inf)

    def _heater_watts(self, pad: PadState, duty: float) -> float:
        if pad.open_fuse or pad.open_thermostat:
            return 0.0
        return pad.watts * duty

    def _move_heat(self, dt_s: float) -> None:
        params = self.params
        if params.room_c_per_h:
            step_c = params.room_c_per_h / 3600.0 * dt_s
            to_go_c = params.room_to_c - self.room_c
            if to_go_c * step_c > 0.0:
                self._drifted_c += min(step_c, to_go_c, key=abs)
        room_c = self.room_c
        bare = 1.0 - params.blanket
        unrest = self._unrest
        if unrest is not None:
            unrest.shine(dt_s, self.pads, bare)
        to_skin = dict.fromkeys(SIDES, 0.0)
        for part, pad in zip(self.machine.pad, self.pads, strict=True):
            p, side = pad.params, part.side
            loss = p.back_w_per_k * bare * (pad.celsius - room_c)
            if self.feet[side]:
                foot = params.foot(side)
                loss += p.front_w_per_m2k * p.covered_m2 * bare * (pad.celsius - room_c)
                to_skin[side] = foot.contact_w_per_m2k * foot.contact_m2 * (pad.celsius - self.skin_c[side])
                if unrest is not None:
                    to_skin[side] *= unrest.contact[side]
                loss += to_skin[side]
            else:
                loss += p.front_w_per_m2k * p.free_m2 * bare * (pad.celsius - room_c)
            pad.celsius += (pad.joules - loss * dt_s) / p.j_per_k
            pad.joules = 0.0
            seen = pad.delayed[0]
            pad.delayed.append(pad.celsius)
            pad.moved_c = self._alpha(dt_s, p.sensor_lag_s) * (seen - pad.lagged_c)
            pad.lagged_c += pad.moved_c
            self._protect(pad)
        if self._dangling:
            self._let_dangle(dt_s)
        for side in SIDES:
            if self.feet[side]:
                foot, skin = params.foot(side), self.skin_c[side]
                warm = min(1.0, max(0.0, (skin - 33.0) / 9.0))
                blood = foot.blood_cool_w_per_k + warm * (foot.blood_warm_w_per_k - foot.blood_cool_w_per_k)
                gain = (
                    to_skin[side] + blood * (foot.blood_c - skin) - foot.air_w_per_k * bare * (skin - room_c)
                )
                self.skin_c[side] = skin + gain * dt_s / foot.skin_j_per_k
        case_c = room_c + params.case_k_per_w * self.watts
        self.case_c += self._alpha(dt_s, params.case_tau_s) * (case_c - self.case_c)
        if unrest is not None:
            unrest.settle(dt_s, self.bags, self._seated, self.skin_c, room_c, self.case_c)
            self._fit()

    def _let_dangle(self, dt_s: float) -> None:
        """Sensors that came off go to the room's temperature; put back they warm with the pad again."""
        loose = set() if self._damage is None else self._damage.loose
        dangling = bool(loose)
        for part, pad in zip(self.machine.pad, self.pads, strict=True):
            for place, channel in enumerate(part.channels):
                gap_c = pad.gaps_c[place]
                if channel in loose:
                    to_air_c = self.room_c - (pad.lagged_c - pad.moved_c) - gap_c
                    gap_c += self._alpha(dt_s, DANGLING_TAU_S) * to_air_c - pad.moved_c
                else:
                    gap_c *= 1.0 - self._alpha(dt_s, pad.params.sensor_lag_s)
                    gap_c = 0.0 if -1e-3 < gap_c < 1e-3 else gap_c
                pad.gaps_c[place] = gap_c
                dangling = dangling or gap_c != 0.0
        self._dangling = dangling

    def _protect(self, pad: PadState) -> None:
        """The thermostat and the fuse in series with each pad, independent of all software."""
        if pad.celsius >= self.params.fuse_c:
            pad.open_fuse = True
        if pad.celsius >= self.params.thermostat_c:
            pad.open_thermostat = True
        elif pad.celsius <= self.params.thermostat_back_c:
            pad.open_thermostat = False


__all__ = ["Plant", "PlantParams"]
