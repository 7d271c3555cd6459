"""The wires between pins and plant: who drives what, and the relay that lets any of it have power.

Keeps the plant's time and a bounded history of every power pin, so that it can be told afterwards exactly
when each went off.
"""

from __future__ import annotations

from collections import deque
from math import inf

from hardware.machine import SPI_BUS_PINS, SPI_PINS, Machine
from hardware.virtual.plant import Plant

HISTORY = 4096
SLACK_S = 0.001
"""The plant may lag behind a change of its inputs by this much: a burst of writes costs one step."""
RAIL = "rail"

Edge = tuple[float, int | str, float]
"""(seconds, pin, duty) of a change; for the rail itself the pin is ``"rail"`` and the duty 0 or 1."""


class Wiring:
    """Pins ↔ plant, as one machine file has them.

    Time is whatever the caller says it is, in seconds, and never runs backwards. The rail is alive from an
    edge on its pin until ``rail.drops_after_ms`` without another; with it dead no output has power,
    whatever its pin says. While the rail's pin carries PWM it has edges all the time.
    """

    def __init__(self, machine: Machine, plant: Plant, now_s: float = 0.0) -> None:
        self.machine = machine
        self.plant = plant
        self.now_s = now_s
        self.edges: deque[Edge] = deque(maxlen=HISTORY)
        self.duties: dict[int, float] = dict.fromkeys((*machine.power_pins(), machine.rail.pin), 0.0)
        """Every power pin and the rail's, as last driven."""
        self._rail_pin = machine.rail.pin
        self._held = plant.rail
        """By the monostable, as far as its edges reach it."""
        plant.faults.listeners.append(self._power)
        self._holds_s = machine.rail.drops_after_ms / 1000.0
        self._drops_at_s = -inf
        self._motors = {motor.pin: index for index, motor in enumerate(machine.motor)}
        self._valves = {bag.valve_pin: index for index, bag in enumerate(machine.bag)}
        self._pads = {pad.pin: index for index, pad in enumerate(machine.pad)}
        self._pump_pin = None if machine.pump is None else machine.pump.pin
        adc = machine.adc
        self.spi_pins = frozenset((*SPI_BUS_PINS[adc.port], SPI_PINS[adc.port][adc.select]))

    @property
    def rail(self) -> bool:
        return self.plant.rail

    @property
    def stop_level(self) -> int:
        """Of the emergency stop's pin with its pull-up: the closed contact pulls it low."""
        return int(self.plant.stop_open)

    def advance(self, now_s: float) -> None:
        """Let the plant live until ``now_s``; the rail drops at its very moment. The past is left alone."""
        if self._held and self._drops_at_s <= now_s:
            drops_at_s = max(self.now_s, self._drops_at_s)
            self.plant.step(drops_at_s - self.now_s)
            self.now_s = drops_at_s
            self._set_rail(False)
        if now_s > self.now_s:
            self.plant.step(now_s - self.now_s)
            self.now_s = now_s

    def drive(self, pin: int, duty: float, now_s: float) -> None:
        """Put a duty of 0..1 on a pin; on pins that drive nothing it does nothing.

        A valve is either driven or not: its coil holds from half duty on.
        """
        old = self.duties.get(pin)
        if old is None or old == duty:
            return
        self.duties[pin] = duty
        if pin == self._rail_pin:
            self.advance(now_s)  # had it dropped before this edge?
            self._drops_at_s = inf if 0.0 < duty < 1.0 else now_s + self._holds_s
            self._set_rail(True)
            return
        if now_s - self.now_s > SLACK_S:
            self.advance(now_s)
        self.edges.append((now_s, pin, duty))
        plant = self.plant
        if pin in self._motors:
            plant.motor_duty[self._motors[pin]] = duty
        elif pin in self._valves:
            plant.valve_driven[self._valves[pin]] = duty >= 0.5
        elif pin in self._pads:
            plant.heater_duty[self._pads[pin]] = duty
        elif pin == self._pump_pin:
            plant.pump_duty = duty

    def pulse_until(self, until_s: float) -> None:
        """The rail's pin is pulsed without a break from now to ``until_s``: its last edge is then."""
        self._drops_at_s = until_s + self._holds_s
        self._set_rail(True)

    def _set_rail(self, held: bool) -> None:
        self._held = held
        self._power()

    def _power(self) -> None:
        """The relay goes by the monostable, unless its wires say otherwise."""
        damage = self.plant.faults.damage
        alive = self._held if damage is None or damage.rail is None else damage.rail
        if alive != self.plant.rail:
            self.plant.rail = alive
            self.edges.append((self.now_s, RAIL, float(alive)))
