"""What safety has to remember when the controller, the computer or the power goes (S5, S13). No I/O here.

The engine says what is to be kept (:class:`Memory`) and is told which of it is on the disk; where it is kept
is the business of whoever runs the engine. What is in doubt is read as the most cautious value.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from math import inf
from typing import Annotated, Literal

from msgspec import Meta, Struct

from hardware.message import Message
from hardware.safety.heat_ledger import WINDOW_S, HeatLedger

SAVE_S = 20.0
"""While heat is used what was used is kept this often ..."""
IDLE_SAVE_S = 300.0
"""... and so often while some of it still counts: time that passes is cooling."""
UNWRITTEN_S = 30.0
"""Heat goes off when what was to be kept is not on the disk after this long."""
LOST_S = SAVE_S + UNWRITTEN_S
"""The most that heat can have been used and not be in a memory which says that heat was begun."""
LINGERS_S = 60.0
"""Heat that comes and goes is one: its end is kept this long after it."""

Key = Annotated[str, Meta(min_length=1, max_length=100)]
Found = Message | Annotated[str, Meta(max_length=1000)] | None
Bucket = tuple[int, Annotated[float, Meta(ge=0.0, le=WINDOW_S)]]


class Latched(Struct, frozen=True, forbid_unknown_fields=True, rename={"found": "detail"}):
    """A fault that stays until a person has acknowledged it."""

    code: Annotated[str, Meta(min_length=1, max_length=60)]
    found: Found
    """What was measured; words in a file of an earlier version."""
    rail_off: bool


class Memory(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Literal[1] = 1
    faults: Annotated[tuple[Latched, ...], Meta(max_length=100)] = ()
    clock_s: Annotated[float, Meta(ge=0.0)] = 0.0
    """The heat ledger's clock."""
    heat: Annotated[dict[Key, Annotated[tuple[Bucket, ...], Meta(max_length=70)]], Meta(max_length=200)] = {}
    """What the ledger holds."""
    heating: Annotated[tuple[Key, ...], Meta(max_length=100)] = ()
    """Whose heat may have gone on after this was written: pads and a person."""
    spent_until_s: Annotated[float, Meta(ge=0.0)] = 0.0
    """On the ledger's clock: all heat counts as used until then."""
    in_use: bool = False
    """Somebody sat there: their feet may still be in."""
    finding_heat: Found = None
    finding_air: Found = None
    """What the last self-test that was completed found wanting."""


class Keep(Struct, frozen=True):
    """Something to be kept; ``number`` grows, and a later one stands for all before it."""

    number: int
    memory: Memory


class Recalled(Struct, frozen=True):
    """What is known when a controller starts."""

    memory: Memory = Memory()
    off_s: float | None = 0.0
    """How long ago it was written; None while no clock is known to be good: then no time has passed."""
    damaged: bool = False
    """There was something, and it cannot be read."""


FRESH = Recalled()
"""A machine that has nothing to remember."""


class Remembering:
    """Says when something is to be kept, and whether heat may be on: only once its beginning is on the disk.

    ``written`` is set by whoever keeps it: the number of the newest :class:`Keep` that no power cut takes
    back any more.
    """

    def __init__(self, recalled: Memory) -> None:
        self.written = 0
        self._number = 0
        self._last = recalled
        self._last_at = -inf
        self._wanted: dict[Key, float] = {}
        """Whose heat was asked for, and when last."""
        self._noted: dict[Key, int] = {}
        """Whose heat is noted as begun, and by which number first."""
        self._waiting: deque[tuple[int, float]] = deque()
        """Asked for and not on the disk yet: number and when."""

    def may_heat(self, keys: Iterable[Key], now: float) -> bool:
        """Ask for heat for these pads and this person; true once it may be on."""
        may = not self.stuck(now)
        for key in keys:
            self._wanted[key] = now
            may = may and self._noted.get(key, self.written + 1) <= self.written
        return may

    def heat_is_over(self, still: Iterable[Key], now: float) -> None:
        """The controller goes: but for these nothing is warm any more."""
        self._wanted = dict.fromkeys(still, now)

    def stuck(self, now: float) -> bool:
        """What was to be kept has not been for too long."""
        waiting = self._waiting
        while waiting and waiting[0][0] <= self.written:
            waiting.popleft()
        return bool(waiting) and now - waiting[0][1] > UNWRITTEN_S

    def due(
        self,
        now: float,
        faults: tuple[Latched, ...],
        finding: tuple[Message | None, Message | None],
        ledger: HeatLedger,
        in_use: bool,
    ) -> Keep | None:
        """What is to be kept now, if anything; to be asked at the end of every tick."""
        if self._wanted:
            self._wanted = {key: at for key, at in self._wanted.items() if now - at <= LINGERS_S}
        heating = tuple(sorted(self._wanted))
        last = self._last
        changed = (heating, _codes(faults), finding, in_use) != (
            last.heating,
            _codes(last.faults),
            (last.finding_heat, last.finding_air),
            last.in_use,
        )
        since_s = now - self._last_at
        if not (
            changed
            or (heating and since_s >= SAVE_S)
            or (since_s >= IDLE_SAVE_S and (last.heat or last.spent_until_s) and self._number)
        ):
            return None
        self._number += 1
        self._last_at = now
        self._last = Memory(
            faults=faults,
            clock_s=round(ledger.clock_s, 2),
            heat=ledger.uses(),
            heating=heating,
            spent_until_s=round(ledger.spent_until_s, 2),
            in_use=in_use,
            finding_heat=finding[0],
            finding_air=finding[1],
        )
        self._noted = {key: self._noted.get(key, self._number) for key in heating}
        self._waiting.append((self._number, now))
        return Keep(self._number, self._last)


def _codes(faults: tuple[Latched, ...]) -> tuple[tuple[str, bool], ...]:
    """Which they are; what their details say may change with every reading."""
    return tuple((fault.code, fault.rail_off) for fault in faults)
