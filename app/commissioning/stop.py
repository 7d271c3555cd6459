"""The emergency stop and the relay of the power rail: tried before anything is driven. Pure.

At rest the controller feeds the rail, so its lamp is lit and tells nothing of the relay. Pressed, the stop
takes the power away twice: its first contact opens the relay's coil, the second tells the controller, which
makes no more edges until a person has confirmed it. A lamp that stays lit then is fed past the relay.
Unlatched, the first contact is closed again, and the monostable alone keeps the relay open. So a person is
asked twice.
How fast the first contact is by itself no question can tell: the first power-up listens for its click.
"""

from __future__ import annotations

from typing import Literal

from app.commissioning.record import Answer, Finding, RailSeen, StopSeen
from hardware.message import Message, joined
from hardware.messages import Acknowledge, Command, FaultView, Reply, Snapshot

FAULT = "emergency-stop"
DARK_S = 4.0
"""The lease runs out and the monostable lets go; with a capacitor on the rail, its lamp fades slowly."""
BUSY_S = 12.0
BACK_S = 100.0
"""After it was confirmed: the machine tests itself, with pulses where it had found something."""

Phase = Literal["wait", "press", "fading", "dark", "release", "still", "confirm", "power", "told"]
"""The machine may be busy; the person presses; the lamp fades; is it dark?; the person lets go; is it still
dark?; or, without a lamp, shall it go on?; power comes back; it has said what it found."""
ASKING: frozenset[Phase] = frozenset({"dark", "still", "confirm"})
HANDS: frozenset[Phase] = frozenset({"press", "release"})
"""It waits for a hand on the stop, for as long as that takes."""


def fault_in_the_way(fault: FaultView) -> Message | None:
    """What is wrong, what to do, and what was measured."""
    return joined(fault.words, fault.found)


class StopCheck:
    """``begin``, then ``update`` with each snapshot; ``answer`` in the phases that ask."""

    def __init__(self) -> None:
        self.phase: Phase = "wait"
        self.stop: StopSeen = ""
        self.rail: RailSeen = ""
        self.trouble: Message | None = None
        """Why it cannot go on just now."""
        self.late = False
        """It cannot, because the machine does not come to rest."""
        self._since = 0.0
        self._confirmed = False

    @property
    def mend_first(self) -> bool:
        """Nothing is to be driven on a machine that cannot be stopped."""
        return self.stop == "unread" or self.rail in ("lit", "held")

    @property
    def findings(self) -> tuple[Finding, ...]:
        if self.stop in ("unread", "skipped"):
            return (Finding(f"stop-{self.stop}"),)
        return (Finding(f"rail-{self.rail}"),) if self.rail in ("lit", "held", "skipped") else ()

    def begin(self, now: float) -> None:
        """Also once more: a stop that was seen to be pressed and is still to be confirmed is gone on with."""
        self.trouble, self.late = None, False
        self._turn("wait", now)

    def answer(self, answer: Answer, now: float) -> None:
        """While it waits to be pressed: "no", nothing happens. Of the lamp: "skipped", there is none."""
        match self.phase:
            case "press":
                self.stop = "unread" if answer == "no" else self.stop
            case "dark":
                self.rail = {"yes": "dark", "no": "lit"}.get(answer, "skipped")  # type: ignore[assignment]
                self._turn("release", now)
            case "still" if answer != "yes":
                self.rail = "held"
            case "still" | "confirm":
                self._turn("power", now)

    def skip(self) -> None:
        self.stop = self.stop or "skipped"
        self.rail = "skipped"

    def update(self, now: float, snapshot: Snapshot) -> tuple[Command, ...]:
        """What is to be sent now. Another fault is in the way, and is never confirmed from here."""
        latched = [fault for fault in snapshot.faults if fault.latched]
        stopped = any(fault.code == FAULT for fault in latched)
        other = next((fault for fault in latched if fault.code != FAULT), None)
        if other is not None:
            self.trouble = fault_in_the_way(other)
            return ()
        waited_s = now - self._since
        match self.phase:
            case "wait" if stopped and self.stop != "read":
                self.trouble = fault_in_the_way(next(fault for fault in latched))
            case "wait" if stopped:
                self._turn("release" if self.rail else "fading", now)
            case "wait" if snapshot.state == "idle":
                self.stop = self.rail = ""
                self._turn("press", now)
            case "wait" if waited_s > BUSY_S:
                self.late = True
            case "press" if stopped:
                self.stop = "read"
                self._turn("fading", now)
            case "fading" if waited_s >= DARK_S:
                self._turn("dark", now)
            case "release" if snapshot.inputs is not None and not snapshot.inputs.stop_open:
                self._turn("still" if self.rail == "dark" else "confirm", now)
            case "power" if stopped and not self._confirmed:
                self._confirmed = True
                return (Acknowledge(),)
            case "power" if snapshot.state == "idle":
                self._turn("told", now)
            case "power" if waited_s > BACK_S:
                self.late = True
        return ()

    def replied(self, reply: Reply) -> None:
        """What became of confirming it: refused when it has been pressed again."""
        if not reply.ok:
            self.trouble = reply.reason

    def _turn(self, phase: Phase, now: float) -> None:
        self.phase, self._since, self._confirmed = phase, now, False
