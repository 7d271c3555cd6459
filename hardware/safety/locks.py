"""What a person may not have (S14): held by the engine whatever a program, a command or a file says."""

from __future__ import annotations

from msgspec import Struct

from hardware.message import Message, says
from hardware.words import Kind, Zone


@says("Please answer the questions about your health first.")
def answer_first() -> None: ...


class Locks(Struct, frozen=True, kw_only=True):
    """Bounds for one person's sessions; the defaults forbid nothing."""

    refuse: Message | None = None
    """Why this person may have no session at all; None: they may."""
    max_minutes: int = 30
    max_intensity: int = 10
    max_squeeze_mmhg: float = 90.0
    max_levels: dict[Kind, float] = {}
    """The highest level of a kind; 0 is never."""
    least_levels: dict[Kind, float] = {}
    """Below this a kind rests: a ticklish foot bears no light touch."""
    least_squeeze_mmhg: float = 0.0
    """A squeeze is at least this firm, as far as the other bounds allow."""
    left_out: frozenset[Zone] = frozenset()
    """Where nothing works on this person, whatever the program says: no air, no motor, no warmth."""

    def forbids(self, kind: Kind, zone: Zone | None = None) -> bool:
        """Whether a kind is never for this person, anywhere or in this zone."""
        return self.max_levels.get(kind, 10.0) <= 0 or zone in self.left_out


NO_LOCKS = Locks()
