"""Which screen belongs to what the controller says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hardware.messages import EndedView, FaultView, Snapshot

Place = Literal[
    "offline",
    "fault",
    "session",
    "pain",
    "after",
    "home",
    "ready",
    "history",
    "detail",
    "takeaway",
    "settings",
    "service",
    "pin",
    "people",
    "person",
    "naming",
    "screening",
]

_FREE: tuple[Place, ...] = (
    "home", "ready", "history", "detail", "takeaway", "settings", "service", "pin",
    "people", "person", "naming", "screening",
)  # fmt: skip
"""Where a person goes by themselves; elsewhere the machine takes them."""


def blocking_fault(snapshot: Snapshot) -> FaultView | None:
    """The fault that has to fill the screen, if any; the first wins.

    While a session goes on, what only advises or pauses stays a line on its screen: Stop and the numbers
    matter more there.
    """
    if snapshot.state in ("running", "paused"):
        return None
    if snapshot.state == "fault" and snapshot.faults:
        return snapshot.faults[0]
    return next((fault for fault in snapshot.faults if fault.severity == "stop"), None)


def serviced(place: Place, snapshot: Snapshot) -> bool:
    """The machine does something that a person at the Service screen can stop."""
    return place == "service" and snapshot.state in ("service", "self-test")


def warmed(place: Place, snapshot: Snapshot) -> bool:
    """The pads are warmed for whoever gets ready there."""
    return place == "ready" and snapshot.state == "preheating"


@dataclass
class Router:
    """Remembers what has been seen, so that a session's end is shown once."""

    place: Place = "home"
    ended: EndedView | None = None
    """The session that Afterwards is about."""
    asked_fault: bool = False
    """A person opened a notice to read it."""
    _past_fault: bool = False
    _seen: str | None = None
    _pain_asked: str = ""

    def go(self, place: Place) -> Place:
        """Where a person's touch leads."""
        # Who looks for a fault's cause goes from it to Service, by way of the PIN pad where there is one.
        self._past_fault = place == "pin" and (self.place == "fault" or self._past_fault)
        self.place = place
        self.asked_fault = False
        return place

    def read_notice(self) -> Place:
        """A person wants to read what a notice is about."""
        self.place = "fault"
        self.asked_fault = True
        return self.place

    def pain_answered(self) -> Place:
        self._pain_asked = self.ended.id if self.ended else ""
        self.place = "after"
        return self.place

    def follow(self, snapshot: Snapshot | None, connected: bool) -> Place:
        """Where the machine takes the screen now."""
        if snapshot is None or not connected:
            self.place = "offline"
            return self.place
        self._note_end(snapshot)
        if snapshot.session is not None and snapshot.state in ("running", "paused", "stopping"):
            self.place = "session"
        elif (blocking_fault(snapshot) and not self._at_service) or (self.asked_fault and snapshot.faults):
            self.place = "fault"
        elif self.ended is not None and self.place not in ("after", "pain"):
            asks = self.ended.outcome == "pain" and self._pain_asked != self.ended.id
            self.place = "pain" if asks else "after"
        elif self.place not in _FREE and not (self.ended and self.place in ("after", "pain")):
            self.place = "home"
        return self.place

    @property
    def _at_service(self) -> bool:
        """A fault is told there too, and does not drive out who is looking for it."""
        return self.place == "service" or (self.place == "pin" and self._past_fault)

    def leave_after(self) -> Place:
        """Afterwards is done with; it does not come back."""
        self.ended = None
        return self.go("home")

    def _note_end(self, snapshot: Snapshot) -> None:
        last = snapshot.ended.id if snapshot.ended else ""
        if self._seen is None:
            # The first word from the controller: what ended before this screen began is history. But one
            # that was running when the screen came up is ours to tell of.
            self._seen = last
        elif last and last != self._seen:
            self._seen = last
            self.ended = snapshot.ended
        if snapshot.session is not None:
            self.ended = None
