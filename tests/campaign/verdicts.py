"""What an episode found, by kind; and whether what the machine said of itself was true.

Not only a broken rule is a defect (S18): so is a sound machine that stops or that asks for repair, and a
fault that is not found in time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import inf
from typing import Literal

from msgspec import Struct

from hardware.messages import Event, Noted, SessionStarted
from hardware.virtual.plant import PlantParams
from tests.campaign.machines import warmed_from_outside
from tests.rig import Rig

Kind = Literal["violation", "crash", "false-stop", "false-advice", "missed"]
KINDS: tuple[Kind, ...] = ("violation", "crash", "false-stop", "false-advice", "missed")

LATE_TICKS, MINUTE_S = 3, 60.0
UNWRITTEN_S = 29.0
FOOT_AWAY_S = 600.0
"""A bag that is known with its feet in fills slowly without one, and is known anew only after some cycles."""
ALONE_C = 4.0
"""A pad so much warmer than the other was heated alone, and has to cool before it can be tested."""


class Found(Struct, frozen=True):
    kind: Kind
    what: str
    """The rule of a violation, the code of a fault: what results are counted by."""
    at_s: float
    words: str


class Verdicts:
    """Collects what is found. ``told`` takes a tick's events; the ``note_`` methods what only the episode
    knows."""

    def __init__(self, rig: Rig, params: PlantParams) -> None:
        self.rig = rig
        self.params = params
        self.found: list[Found] = []
        self.excuses: Counter[str] = Counter()
        self.sessions = 0
        self.sound = True
        """Whether what it says of itself now is judged: nothing is or lately was wrong with the machine."""
        self._pressed_at = self._away_at = self._unwritten_at = self._damaged_at = -inf
        self._lates: list[float] = []

    def add(self, kind: Kind, what: str, words: str) -> None:
        self.found.append(Found(kind, what, round(self.rig.now, 2), words))

    def seen(self) -> None:
        """Once a tick: what a person at the machine knows."""
        rig, plant = self.rig, self.rig.plant
        if plant.stop_pressed:
            self._pressed_at = rig.now
        if not all(plant.feet.values()) or plant.sitting_down:
            self._away_at = rig.now
        if rig.unwritten and rig.now - rig.unwritten[0][1] > UNWRITTEN_S:
            self._unwritten_at = rig.now

    def note_late(self) -> None:
        now = self.rig.now
        self._lates = [*(at for at in self._lates if now - at < MINUTE_S + 10.0), now]

    def note_damaged(self) -> None:
        self._damaged_at = self.rig.now

    def told(self, events: tuple[Event, ...]) -> None:
        for event in events:
            if isinstance(event, SessionStarted):
                self.sessions += 1
            elif isinstance(event, Noted) and event.what == "fault" and self.sound:
                self._fault(event.code, str(event.found or ""))

    def _fault(self, code: str, detail: str) -> None:
        shown = {fault.code: fault for fault in self.rig.engine.snapshot().faults}
        stops = code in shown and shown[code].latched
        excuse = self._excuse(code, stops)
        if excuse:
            self.excuses[excuse] += 1
        else:
            self.add("false-stop" if stops else "false-advice", code, detail)

    def _excuse(self, code: str, stops: bool) -> str:
        """Why a sound machine may say this here; or nothing."""
        now, pads = self.rig.now, self.rig.plant.pad_c
        reasons: dict[str, tuple[str, bool, Callable[[], bool]]] = {
            "emergency-stop": ("stop-pressed", True, lambda: now - self._pressed_at < 1.0),
            "controller-late": (
                "held-up",
                True,
                lambda: sum(now - at <= MINUTE_S + 1.0 for at in self._lates) >= LATE_TICKS,
            ),
            "safety-memory-damaged": ("memory-damaged", True, lambda: now - self._damaged_at < 10.0),
            "safety-memory-unsaved": ("disk-off", False, lambda: now - self._unwritten_at < MINUTE_S),
            "bag-not-filling": ("foot-away", False, lambda: now - self._away_at < FOOT_AWAY_S),
            "bag-sensor-blind": ("foot-away", False, lambda: now - self._away_at < FOOT_AWAY_S),
            "pad-heating-by-itself": (
                "warmed-from-outside",
                False,
                lambda: warmed_from_outside(self.params),
            ),
            "self-test-failed": (
                "pad-has-to-cool",
                False,
                lambda: max(pads, default=0.0) - min(pads, default=0.0) > ALONE_C,
            ),
        }
        name, may_stop, holds = reasons.get(code, ("", False, lambda: False))
        return name if name and (may_stop or not stops) and holds() else ""
