"""What the faults that are in do to the machine, all together: a sound machine's answers, bent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hardware.machine import Machine
from hardware.words import Side

STALL_CURRENT = 4.0
"""A motor held fast draws this much more than one that turns at the same duty."""
COIL_HOLDS = 0.5
"""Of the supply's volts: with less no valve is held."""
BURST_ML_S = 720.0
"""At 60 mmHg, beyond what any pump gives."""
COIL_DUTY = 0.5
"""A valve on another part's pin may get PWM: its coil holds from here on, as on its own."""


class Drives(NamedTuple):
    """What reaches the parts of their outputs, in the machine file's order."""

    motors: Sequence[float]
    pump: float
    valves: Sequence[bool]
    heaters: Sequence[float]


class Damage:
    """Folded anew from the faults whenever one is put in or taken out, so that nothing of it can stay behind.

    Sensors go by the ADC input that the machine file gives them, other parts by their place in it.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.shares: dict[int, float] = {}
        """By sensor: what it gives of full scale, whatever is true."""
        self.offsets: dict[int, float] = {}
        """By sensor: °C or mmHg too high."""
        self.reversed_sensors: set[int] = set()
        """Pad sensors that are where their resistor should be, and the other way about."""
        self.blocked: set[int] = set()
        """Pressure sensors that feel the room's air, whatever is in their bag."""
        self.loose: set[int] = set()
        """Pad sensors that hang in the air."""
        self.wired: dict[int, int] = {}
        """ADC input → the sensor that is on it, where that is another's."""
        self.floating: set[int] = set()
        """ADC inputs that nothing is on."""
        self.word: int | None = None
        """What the dead ADC answers."""
        self.garbage_every = 0
        """Words of the stuttering ADC; 0: never."""

        self.stuck_heaters: dict[int, bool] = {}
        """By output: on or off, whatever its pin says."""
        self.stuck_valves: dict[int, bool] = {}
        """By bag: shut off from the air, or open to it."""
        self.reversed_valves: set[int] = set()
        """Bags whose valve is open when it is driven, and on the pump when it is not."""
        self.leaks_ml_s = [0.0] * len(machine.bag)
        self.flows = [1.0] * len(machine.bag)
        self.pump_share = 1.0
        self.stalled: set[int] = set()
        self.supply_share = 1.0
        """Of the supply's volts."""
        self.cut: set[int] = set()
        """Parts whose wire is off, by their place among all of them."""
        self.stuck_motors: set[int] = set()
        """Have power whenever the rail has."""
        self.rail: bool | None = None
        """On or off, whatever its pin does."""
        self.stop_pressed = self.stop_wire_broken = False
        self.stop_bridged = False
        self.stop_opens_released = False
        """The contact is a normally open one: closed as long as it is pressed."""
        self.feet: dict[Side, bool] = {}
        """There or not, whoever put it in."""

        self.reply_delay_s = 0.0
        self.daemon_gone = False
        self.daemon_died = False

        self._pump_at = len(machine.motor)
        self._valves_at = self._pump_at + 1
        self._heaters_at = self._valves_at + len(machine.bag)
        self._outputs = list(range(self._heaters_at + len(machine.pad)))
        """By part, motors first, then pump, valves and pads: the output whose pin it is on."""

    # What faults say

    def reads(self, sensor: int, share: float) -> None:
        self.shares[sensor] = share

    def is_off_by(self, sensor: int, amount: float) -> None:
        self.offsets[sensor] = amount

    def swap_pad_sensors(self) -> None:
        """Each pad's sensors are on the other's inputs. Once more puts them right."""
        one, other = (pad.channels for pad in self.machine.pad)
        for a, b in zip(one, other, strict=True):
            self.swap_inputs(a, b)

    def swap_inputs(self, one: int, other: int) -> None:
        """At the converter: each sensor's resistors stay with it."""
        wired = self.wired
        wired[one], wired[other] = wired.get(other, other), wired.get(one, one)

    def swap_heaters(self) -> None:
        self.swap_outputs(self._heaters_at, self._heaters_at + 1)

    def swap_valves(self, one: int, other: int) -> None:
        self.swap_outputs(self._valves_at + one, self._valves_at + other)

    def swap_outputs(self, one: int, other: int) -> None:
        """Each part hangs on the other's pin; both by their place among all of them."""
        outputs = self._outputs
        outputs[one], outputs[other] = outputs[other], outputs[one]

    def swap_sides(self) -> None:
        """Whatever is there for both feet is on the other foot's pins and inputs. Once more puts it right."""
        for one, other in self.machine.side_pairs():
            self.swap_outputs(one, other)
        if len(self.machine.pad) == 2:
            self.swap_heaters()
            self.swap_pad_sensors()

    def sag(self, volts: float) -> None:
        self.supply_share = min(1.0, volts / self.machine.supply.volts)

    # What comes of it

    def drives(
        self,
        rail: bool,
        motors: Sequence[float],
        pump: float,
        valves: Sequence[bool],
        heaters: Sequence[float],
    ) -> Drives:
        """What the parts get of what the outputs are told.

        Speed goes with the volts and heat with their square, so that duties come out scaled. A valve that
        is stuck mechanically needs no power to be; a heater that is stuck on does.
        """
        share = self.supply_share
        held = rail and share >= COIL_HOLDS
        reached = self._reached(motors, pump, valves, heaters)
        fed = [
            (held and duty >= COIL_DUTY) != (bag in self.reversed_valves)
            for bag, duty in enumerate(reached[self._valves_at : self._heaters_at])
        ]
        for bag, shut in self.stuck_valves.items():
            fed[bag] = shut
        return Drives(
            [0.0 if i in self.stalled else duty * share for i, duty in enumerate(reached[: self._pump_at])],
            reached[self._pump_at] * share if self.pump_share > 0.0 else 0.0,
            fed,
            [duty * share * share for duty in reached[self._heaters_at :]],
        )

    def _reached(
        self, motors: Sequence[float], pump: float, valves: Sequence[bool], heaters: Sequence[float]
    ) -> list[float]:
        """By part: the duty at the end of its wire, of the full supply."""
        duties = [*motors, pump, *map(float, valves), *heaters]
        for output in self.stuck_motors:
            duties[output] = 1.0
        for output, on in self.stuck_heaters.items():
            duties[self._heaters_at + output] = float(on)
        return [0.0 if part in self.cut else duties[output] for part, output in enumerate(self._outputs)]

    def stop_open(self, pressed: bool, broken: bool) -> bool:
        """What the emergency stop's pin has, with or without these faults."""
        opened = (pressed or self.stop_pressed) != self.stop_opens_released
        return broken or self.stop_wire_broken or (opened and not self.stop_bridged)

    def watts(
        self, motors: Sequence[float], pump: float, valves: Sequence[bool], heaters: Sequence[float]
    ) -> float:
        """Drawn by everything but the pads while the rail is up."""
        machine = self.machine
        reached = self._reached(motors, pump, valves, heaters)
        total = sum(
            motor.watts * reached[index] * (STALL_CURRENT if index in self.stalled else 1.0)
            for index, motor in enumerate(machine.motor)
        )
        coils = reached[self._valves_at : self._heaters_at]
        total += sum(bag.watts * duty for bag, duty in zip(machine.bag, coils, strict=True))
        if machine.pump is not None and self.pump_share > 0.0:
            total += machine.pump.watts * reached[self._pump_at]
        return total * self.supply_share * self.supply_share


def places_by_pin(machine: Machine) -> dict[int, int]:
    """Each part that is driven by its place among all of them."""
    pump = [] if machine.pump is None else [machine.pump.pin]
    at = len(machine.motor) + 1
    return {
        **{pin: place for place, pin in enumerate([*(m.pin for m in machine.motor), *pump])},
        **{bag.valve_pin: at + index for index, bag in enumerate(machine.bag)},
        **{pad.pin: at + len(machine.bag) + index for index, pad in enumerate(machine.pad)},
    }
