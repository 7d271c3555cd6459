"""One output driven by hand, for as long as somebody goes on asking: gently, and never for long."""

from __future__ import annotations

from typing import assert_never

from hardware.board.interface import Outputs, Readings, all_off
from hardware.control.slew import Slew
from hardware.errors import InstepError
from hardware.machine import Machine
from hardware.message import Message, Named, says
from hardware.safety import limits
from hardware.safety.lasting import Leaky, Middle
from hardware.safety.locks import NO_LOCKS, Locks
from hardware.words import Zone


@says("This machine has no {output} that can be driven by hand.")
def no_such_output(output: Named) -> None: ...


@says("By hand a bag is filled only together with another one, which tells how full it is.")
def no_witness() -> None: ...


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
BEAT_S, ON_S, STEP_S = 0.2, 0.1, 0.05
"""Of each beat there is so much air, and so much once it is felt. The smallest bag on the strongest pump
gains 35 mmHg by the one even where it is alone, and 17 by the other; its sensor has the rest to tell."""
SLOW_MMHG = 1.5
"""Where the last beat brought less than this the next one may be longer by a step."""
NEAR_MMHG = 3.0
ENOUGH_MMHG = 18.0
ENOUGH_S = 0.1
EVERYDAY_S: dict[Zone, float] = {"foot": 1.2, "ankle": 1.5, "calf": 2.95, "heel": 0.9}
"""Of the full pump: an everyday bag with its feet in is felt by then."""


class HandDrive:
    """Raises InstepError when there is no such part, or when ``locks`` keep it from ``person`` (S14).

    A bag is filled together with another one, which is then let go of. ``no_feet``: there is none in the
    bags, and it is filled alone.
    """

    def __init__(
        self,
        machine: Machine,
        key: str,
        now: float,
        *,
        no_feet: bool = False,
        locks: Locks = NO_LOCKS,
        person: str | None = None,
    ) -> None:
        output = next((output for output in machine.by_hand if output.key == key), None)
        if output is None:
            raise InstepError(no_such_output(Named(key)))
        self.output = output
        if self.forbidden(locks):
            raise InstepError(not_allowed())
        self.machine = machine
        self.person, self.locks = person, locks
        self.waits_until = now
        """Until then no bag is filled: what is in them from before has to get out first (S7)."""
        self._begun = self._asked = now
        self._stopped = False
        self.tired = False
        """It was driven for as long as may be."""
        self._bag = output.place - machine.layout.valves.start
        self._fill = None if output.family != "air" or no_feet else _Fill(machine, self._bag, locks)
        self._duty = Slew(limits.DUTY_PER_S, start=output.stalls_below)

    @property
    def over(self) -> bool:
        return self._stopped

    def forbidden(self, locks: Locks) -> bool:
        """Whether ``locks`` keep its output from whoever they are for."""
        zone = self.output.zone
        return zone is None or locks.forbids(self.output.kind, zone)

    def renew(self, now: float) -> None:
        self._asked = now

    def stop(self, why: Message) -> None:
        self._stopped = True

    def step(self, now: float, dt_s: float, readings: Readings) -> Outputs:
        duties = list(all_off(self.machine).duties)
        self.tired = now - self._begun > LONGEST_S
        if self.tired or now - self._asked > LEASE_S:
            self._stopped = True
        if self._stopped:
            return Outputs(tuple(duties))
        output, layout = self.output, self.machine.layout
        match output.family:
            case "motion":
                self._duty.toward(output.by_hand_duty, dt_s)
                duties[output.place] = self._duty.value
            case "heat":
                read = (readings.values[place] for place in output.felt_by)
                if max((c for c in read if c is not None), default=PAD_MOST_C) < PAD_MOST_C:
                    duties[output.place] = output.by_hand_duty
            case "air":
                bags_mmhg = tuple(ref.of(readings) for ref in self.machine.bag_sensors)
                if now >= self.waits_until:
                    pump, valves = self._air(dt_s, bags_mmhg)
                    duties[layout.valves] = [float(shut) for shut in valves]
                    if layout.pump is not None:
                        duties[layout.pump] = pump
            case _:
                assert_never(output.family)
        return Outputs(tuple(duties))

    def _air(self, dt_s: float, bags_mmhg: tuple[float | None, ...]) -> tuple[float, tuple[bool, ...]]:
        if self._fill is not None:
            return self._fill.step(dt_s, bags_mmhg)
        pump, mmhg = self.machine.pump, bags_mmhg[self._bag]
        wants = pump is not None and mmhg is not None and mmhg < BAG_MMHG
        valves = tuple(bag == self._bag for bag in range(len(bags_mmhg)))
        return (pump.max_duty if wants and pump else 0.0), valves


class _Fill:
    """S6: a bag and the smallest other one are filled together until either is felt, and then the other is
    let go of and the one held. The air goes to the lower of them, so that a bag whose sensor lies, or freezes
    at any moment, is never fuller than what the other one's says. Neither is ever filled alone.
    """

    def __init__(self, machine: Machine, index: int, locks: Locks) -> None:
        others = [
            bag
            for bag, part in enumerate(machine.bag)
            if bag != index and not locks.forbids("squeeze", part.zone)
        ]
        if not others:
            raise InstepError(no_witness())
        other = min(others, key=lambda bag: EVERYDAY_S.get(machine.bag[bag].zone, 0.0))
        self._one = index
        self._both = (index, other)
        self._held: tuple[int, ...] = self._both
        self._pump = machine.pump.surely_turns if machine.pump else 0.0
        self._middles = (Middle(), Middle())
        self._at_s, self._on_s = 0.0, ON_S
        """Since this beat began, and how much of it has air."""
        self._from_mmhg = 0.0
        """Where it began."""
        self._enough = Leaky(ENOUGH_S, leak=1.0)

    def step(self, dt_s: float, bags_mmhg: tuple[float | None, ...]) -> tuple[float, tuple[bool, ...]]:
        """Pump duty and valves."""
        said = [bags_mmhg[bag] for bag in self._both]
        pump = 0.0
        if self._held == self._both and None not in said:
            highest = max(middle.of(now or 0.0) for middle, now in zip(self._middles, said, strict=True))
            if self._enough.update(highest >= ENOUGH_MMHG, dt_s):
                self._held = (self._one,)
            elif highest < ENOUGH_MMHG:
                pump = self._beat(dt_s, highest)
        return pump, tuple(bag in self._held for bag in range(len(bags_mmhg)))

    def _beat(self, dt_s: float, highest: float) -> float:
        if self._at_s >= BEAT_S + self._on_s - ON_S - 1e-9:
            slow = highest - self._from_mmhg < SLOW_MMHG
            longer_s = self._on_s + STEP_S if slow and self._from_mmhg >= NEAR_MMHG else STEP_S
            self._on_s = longer_s if highest >= NEAR_MMHG else ON_S
            self._at_s, self._from_mmhg = 0.0, highest
        pump = self._pump if self._at_s < self._on_s - 1e-9 else 0.0
        self._at_s += dt_s
        return pump
