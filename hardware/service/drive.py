"""One output driven by hand, for as long as somebody goes on asking: gently, and never for long."""

from __future__ import annotations

from hardware.board.interface import Outputs, Readings, all_off
from hardware.control.slew import Slew
from hardware.errors import InstepError
from hardware.machine import Machine
from hardware.message import Count, Message, Named, says
from hardware.messages import DrivenView
from hardware.safety import limits
from hardware.safety.locks import NO_LOCKS, Locks
from hardware.words import DrivenPart, Kind, Zone


@says("This machine has no {part} number {number}, only {count}.")
def no_such_output(part: Named, number: Count, count: Count) -> None: ...


@says("The answers about your health do not allow that.")
def not_allowed() -> None: ...


LEASE_S = 0.6
"""A finger, a screen or a process that goes away takes its output along."""
LONGEST_S = 15.0
REST_S = 5.0
"""After the longest: a finger that never leaves does not begin again."""
BAG_MMHG = 25.0
PAD_MOST_C = 36.0
"""At full power a pad is degrees ahead of its slowest sensors: it stays below 41 °C all the same (S5)."""
LEAST_S = 0.15
FELT_MMHG = 6.0
SMOOTH_S = 0.1
EVERYDAY_S: dict[Zone, float] = {"foot": 1.2, "ankle": 1.5, "calf": 2.95, "heel": 0.9}
"""Of the full pump: an everyday bag with its feet in is felt by then, and below 40 mmHg if it is not (S6)."""
STAYS_S = 20.0
"""An open bag loses what fills its slack no faster than the pump's air of a second in so long."""


class HandDrive:
    """Raises InstepError when there is no such part, or when ``locks`` keep it from ``person`` (S14).

    A bag that is not felt gets no more air than what cannot squeeze a foot; ``no_feet``: there is none.
    """

    def __init__(
        self,
        machine: Machine,
        part: DrivenPart,
        index: int,
        now: float,
        *,
        no_feet: bool = False,
        locks: Locks = NO_LOCKS,
        person: str | None = None,
    ) -> None:
        parts = {"motor": machine.motor, "bag": machine.bag, "pad": machine.pad}[part]
        if index >= len(parts):
            raise InstepError(no_such_output(Named(part), Count(index + 1), Count(len(parts))))
        self._kind: Kind = "heat"
        self._zone: Zone = "sole"
        if part == "bag":
            self._kind, self._zone = "squeeze", machine.bag[index].zone
        elif part == "motor":
            self._kind, self._zone = machine.motor[index].kind, machine.motor[index].zone
        if self.forbidden(locks):
            raise InstepError(not_allowed())
        self.machine = machine
        self.person, self.locks = person, locks
        self.waits_until = now
        """Until then no bag is filled: what is in them from before has to get out first (S6)."""
        self.part = part
        self.index = index
        self._begun = self._asked = now
        self._stopped = False
        self.tired = False
        """It was driven for as long as may be."""
        self._no_feet = no_feet
        self._pumped_s = self._smooth = 0.0
        self._felt = False
        start = machine.motor[index].stalls_below if part == "motor" else 0.0
        self._duty = Slew(limits.DUTY_PER_S, start=start)

    @property
    def over(self) -> bool:
        return self._stopped

    @property
    def view(self) -> DrivenView:
        return DrivenView(self.part, self.index)

    def forbidden(self, locks: Locks) -> bool:
        """Whether ``locks`` keep its output from whoever they are for."""
        return locks.forbids(self._kind, self._zone)

    def renew(self, now: float) -> None:
        self._asked = now

    def stop(self, why: Message) -> None:
        self._stopped = True

    def step(self, now: float, dt_s: float, readings: Readings) -> Outputs:
        outputs = all_off(self.machine)
        self.tired = now - self._begun > LONGEST_S
        if self.tired or now - self._asked > LEASE_S:
            self._stopped = True
        if self._stopped:
            return outputs
        motors, pump, valves, heaters = outputs.motors, outputs.pump, outputs.valves, outputs.heaters
        match self.part:
            case "motor":
                self._duty.toward(self.machine.motor[self.index].duty_at_1, dt_s)
                motors = _only(motors, self.index, self._duty.value)
            case "pad":
                warmest = max((c for c in readings.pads_c[self.index] if c is not None), default=PAD_MOST_C)
                if warmest < PAD_MOST_C:
                    heaters = _only(heaters, self.index, self.machine.pad[self.index].max_duty)
            case "bag":
                mmhg = readings.bags_mmhg[self.index]
                if now >= self.waits_until and self._answers(mmhg, dt_s):
                    valves = tuple(index == self.index for index in range(len(valves)))
                    if self.machine.pump is not None and mmhg is not None and mmhg < BAG_MMHG:
                        pump = self.machine.pump.max_duty
                        self._pumped_s += pump * dt_s
        return Outputs(motors, pump, valves, heaters)

    def _answers(self, mmhg: float | None, dt_s: float) -> bool:
        """Whether the bag is felt, or may yet be."""
        if mmhg is not None:
            self._smooth += (mmhg - self._smooth) * min(dt_s / SMOOTH_S, 1.0)
        self._felt = self._felt or self._no_feet or self._smooth >= FELT_MMHG
        return self._felt or self._pumped_s < self._enough_s

    @property
    def air_s(self) -> float:
        """Seconds of the full pump that may be in the bag that it drives."""
        return self._pumped_s

    def begins_with(self, air_s: float) -> None:
        """So much is in the bag already. It is given a little all the same: one that is full of air and can
        be felt is felt at once.
        """
        self._pumped_s = min(air_s, max(self._enough_s - LEAST_S, 0.0))

    @property
    def _enough_s(self) -> float:
        return EVERYDAY_S.get(self.machine.bag[self.index].zone, 0.0)


def _only(zeros: tuple[float, ...], index: int, duty: float) -> tuple[float, ...]:
    return (*zeros[:index], duty, *zeros[index + 1 :])
