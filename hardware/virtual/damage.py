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
        self.loose: set[int] = set()
        """Pad sensors that hang in the air."""
        self.wired: dict[int, int] = {}
        """ADC input → the sensor that is on it, where that is another's."""
        self.word: int | None = None
        """What the dead ADC answers."""
        self.garbage_every = 0
        """Words of the stuttering ADC; 0: never."""

        self.stuck_heaters: dict[int, bool] = {}
        """By output: on or off, whatever its pin says."""
        self.heater_outputs = list(range(len(machine.pad)))
        """By pad: the output that feeds it."""
        self.stuck_valves: dict[int, bool] = {}
        """By bag: shut off from the air, or open to it."""
        self.valve_outputs = list(range(len(machine.bag)))
        self.leaks_ml_s = [0.0] * len(machine.bag)
        self.flows = [1.0] * len(machine.bag)
        self.pump_share = 1.0
        self.stalled: set[int] = set()
        self.supply_share = 1.0
        """Of the supply's volts."""
        self.stop_open = False
        self.feet: dict[Side, bool] = {}
        """There or not, whoever put it in."""

        self.reply_delay_s = 0.0
        self.daemon_gone = False
        self.daemon_died = False

    # What faults say

    def reads(self, sensor: int, share: float) -> None:
        self.shares[sensor] = share

    def is_off_by(self, sensor: int, amount: float) -> None:
        self.offsets[sensor] = amount

    def swap_pad_sensors(self) -> None:
        """Each pad's sensors are on the other's inputs. Once more puts them right."""
        one, other = (pad.channels for pad in self.machine.pad)
        for a, b in zip(one, other, strict=True):
            self.wired[a], self.wired[b] = b, a

    def swap_heaters(self) -> None:
        self.heater_outputs.reverse()

    def swap_valves(self, one: int, other: int) -> None:
        outputs = self.valve_outputs
        outputs[one], outputs[other] = outputs[other], outputs[one]

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
        fed = [held and valves[output] for output in self.valve_outputs]
        for bag, shut in self.stuck_valves.items():
            fed[bag] = shut
        return Drives(
            [0.0 if index in self.stalled else duty * share for index, duty in enumerate(motors)],
            pump * share if self.pump_share > 0.0 else 0.0,
            fed,
            self._heat(heaters),
        )

    def _heat(self, heaters: Sequence[float]) -> list[float]:
        duties = [self.stuck_heaters.get(output, duty) for output, duty in enumerate(heaters)]
        heat = self.supply_share * self.supply_share
        return [duties[output] * heat for output in self.heater_outputs]

    def watts(self, motors: Sequence[float], pump: float, valves: Sequence[bool]) -> float:
        """Drawn by everything but the pads while the rail is up."""
        machine = self.machine
        total = sum(
            motor.watts * duty * (STALL_CURRENT if index in self.stalled else 1.0)
            for index, (motor, duty) in enumerate(zip(machine.motor, motors, strict=True))
        )
        total += sum(bag.watts for bag, driven in zip(machine.bag, valves, strict=True) if driven)
        if machine.pump is not None and self.pump_share > 0.0:
            total += machine.pump.watts * pump
        return total * self.supply_share * self.supply_share
