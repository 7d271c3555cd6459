"""How much heat may still be had (S5): a pad's minutes at 41 °C, a person's of warmth, in any hour."""

from __future__ import annotations

from math import inf

from hardware.board.interface import Readings
from hardware.machine import Machine
from hardware.safety import limits
from hardware.safety.heat_ledger import HeatLedger
from hardware.safety.memory import LOST_S, Recalled
from hardware.words import Side

HOT_READ_C = limits.PAD_HOT_TARGET_C - 0.3
"""Both sensors may read so much too little."""
COOLS_C_S = 6500.0
COOLS_LAG_S = 40.0
COOLS_S = (180.0, limits.PAD_HOT_TARGET_S)
"""A pad with no foot on it, under a blanket, goes from the warmest target to below 41 °C in so many seconds
for each degree that it is warmer than what is around it, and the sensors' lag. That much of its time is kept
back; a pad that cannot cool at all never gets there."""
STILL_C = 41.5
CREEP_C_PER_S = 10 / 3600
"""What is around a pad is no warmer than the coldest it was lately; a room does not warm faster than this."""
COOL_TARGET_C = 39.5
"""What a pad that has had its time at 41 °C is regulated to at most: with ripple and error it stays below."""
COOL_READ_C = 40.0
"""And where its output goes off, whoever asks."""
GUEST = "guest"
"""All guests are one person."""


def pad_key(side: Side) -> str:
    return f"pad.{side}"


def person_key(person: str | None) -> str:
    return GUEST if person is None else f"person.{person}"


class HeatAllowance:
    """The ledger of one machine's heat, kept up tick by tick from what the pads read."""

    def __init__(self, machine: Machine, recalled: Recalled) -> None:
        memory = recalled.memory
        self.pads = tuple(pad_key(pad.side) for pad in machine.pad)
        """Their keys, in the machine file's order."""
        self._sensors = machine.pad_sensors
        self._first: int = machine.layout.pads.start
        self._hot = [False] * len(machine.pad)
        self._coldest_c = [inf] * len(machine.pad)
        self.ledger = HeatLedger(memory.heat, memory.clock_s)
        self.ledger.spent_until_s = memory.spent_until_s
        self._off_s = recalled.off_s or 0.0
        for key in memory.heating:
            # It may have gone on after this was written, and a pad stays hot for a while by itself.
            lost_s = LOST_S + (limits.PAD_HOT_TARGET_S if key in self.pads else 0.0)
            self.ledger.use(key, lost_s if recalled.off_s is None else min(lost_s, recalled.off_s))
        self.ledger.advance(self._off_s)
        if recalled.damaged:
            self.ledger.spend_all()

    def was_off(self, off_s: float) -> None:
        """The clock is good by now: so long ago was the memory written when this controller started."""
        if off_s > self._off_s:
            self.ledger.advance(off_s - self._off_s)
            self._off_s = off_s

    def count(self, dt_s: float, readings: Readings | None, warmed: str | None) -> None:
        """One tick. ``readings`` are believed ones; ``warmed`` is the key of who had heat in it."""
        ledger = self.ledger
        ledger.advance(dt_s)
        if warmed is not None:
            ledger.use(warmed, dt_s)
        for index, key in enumerate(self.pads):
            if readings is not None:
                known = [celsius for ref in self._sensors[index] if (celsius := ref.of(readings)) is not None]
                if known:  # a pad that cannot be read stays what it was
                    hottest = max(known)
                    self._hot[index] = hottest >= HOT_READ_C
                    self._coldest_c[index] = min(self._coldest_c[index] + CREEP_C_PER_S * dt_s, hottest)
            if self._hot[index]:
                ledger.use(key, dt_s)

    def left_s(self, person: str | None) -> float:
        """How much warmth this person may still have now."""
        return max(limits.HEAT_MAX_S - self.ledger.used_s(person_key(person)), 0.0)

    def cooled(self, index: int) -> bool:
        """This pad may be at 41 °C or more; otherwise it has had its time."""
        used_s = self.ledger.used_s(self.pads[index])
        if used_s < limits.PAD_HOT_TARGET_S - COOLS_S[1]:
            return True  # however long it takes to cool
        above_c = STILL_C - self._coldest_c[index]
        cools_s = COOLS_C_S / above_c + COOLS_LAG_S if 0.0 < above_c < inf else COOLS_S[1]
        return used_s < limits.PAD_HOT_TARGET_S - min(max(cools_s, COOLS_S[0]), COOLS_S[1])

    @property
    def hot(self) -> tuple[str, ...]:
        """The keys of the pads that are at 41 °C or may be."""
        return tuple(key for key, hot in zip(self.pads, self._hot, strict=True) if hot)

    def targets_c(self, wanted: tuple[float | None, ...], person: str | None) -> tuple[float | None, ...]:
        """Each pad's target as far as pad and person may have it."""
        if not any(target is not None for target in wanted):
            return wanted
        if self.left_s(person) <= 0.0:
            return (None,) * len(wanted)
        return tuple(
            target if target is None or self.cooled(index) else min(target, COOL_TARGET_C)
            for index, target in enumerate(wanted)
        )

    def most_c(self) -> dict[int, float]:
        """By the place of its output, the reading at which a pad that has had its time goes off."""
        pads = range(len(self.pads))
        return {self._first + index: COOL_READ_C for index in pads if not self.cooled(index)}
