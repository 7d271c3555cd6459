"""Which sound a change of the machine is worth. A touch on a button is worth none."""

from __future__ import annotations

from typing import Literal

from hardware.messages import Snapshot

Chime = Literal["start", "phase", "end", "attention"]


class Chimes:
    """Compares each snapshot with the one before; what was so from the beginning makes no sound."""

    def __init__(self) -> None:
        self._seen = False
        self._session = ""
        self._phase = -1
        self._faults: frozenset[str] = frozenset()

    def see(self, snapshot: Snapshot) -> Chime | None:
        session = snapshot.session.id if snapshot.session else ""
        phase = snapshot.session.phase if snapshot.session else -1
        faults = frozenset(fault.code for fault in snapshot.faults)
        found = self._chime(session, phase, faults) if self._seen else None
        self._seen = True
        self._session, self._phase, self._faults = session, phase, faults
        return found

    def _chime(self, session: str, phase: int, faults: frozenset[str]) -> Chime | None:
        if faults - self._faults:
            return "attention"
        if session and session != self._session:
            return "start"
        if self._session and not session:
            return "end"
        return "phase" if session and phase != self._phase else None
