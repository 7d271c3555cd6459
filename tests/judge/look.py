"""What a judge sees of a tick: pins, plant, what was asked and told, and what is wrong with the machine.

A fault in the machine excuses exactly what it makes impossible, while it is in and for as long afterwards
as what it did can last. Nothing excuses power at a pin that has to be off.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from operator import itemgetter

from hardware.messages import EngineCommand
from hardware.safety import limits
from tests.rig import Rig

LATE_S = limits.TICK_S + limits.LATE_TICK_S + 1e-6
PUT_IN_S = 4.0
"""A foot that has come in squeezed what air there was: that has to get out."""


class ViolationError(AssertionError):
    """A rule did not hold."""


class Look:
    """One tick. ``take`` after each; the attributes are then what was so in it."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.machine = machine = rig.machine
        self._engine = rig.engine
        self.pins: tuple[float, ...] = ()
        """What is on the power pins at the end of the tick."""
        self.pins_changed = True
        self.state: str = rig.engine.state
        self.before: str = rig.engine.state
        """The state after the tick before."""
        self.at_s = rig.at_s
        self.gap_s = 0.0
        """Since the tick before."""
        self.late = False
        self.given: tuple[EngineCommand, ...] = ()
        self.turn = 0
        self.feet_in = True
        """Both feet are in ..."""
        self.moved_at = -inf
        """... and when one of them was last put in."""
        self._feet = dict(rig.plant.feet)
        self._wrong: dict[tuple[str, str], float] = {}
        """Every fault there has been, with when it was taken out."""
        rig.plant.faults.listeners.append(self._remember)
        self._remember()
        self._get_pins = itemgetter(*machine.power_pins())
        self.pins = self._get_pins(rig.board.wiring.duties)
        motors, bags = len(machine.motor), len(machine.bag)
        pump = int(machine.pump is not None)
        self.motors, self.pump = slice(0, motors), slice(motors, motors + pump)
        self.valves = slice(motors + pump, motors + pump + bags)
        self.heaters = slice(motors + pump + bags, None)

    def take(self) -> None:
        rig = self.rig
        self.turn += 1
        self.before, self.state = self.state, rig.engine.state
        if rig.engine is not self._engine:  # the controller was started anew
            self._engine, self.before = rig.engine, "starting"
        self.gap_s, self.at_s = rig.at_s - self.at_s, rig.at_s
        self.late = self.gap_s > LATE_S
        self.given = rig.given
        pins = self._get_pins(rig.board.wiring.duties)
        self.pins_changed = pins != self.pins
        self.pins = pins
        feet = rig.plant.feet
        if feet != self._feet:
            if any(feet[side] and not self._feet[side] for side in feet):
                self.moved_at = rig.at_s
            self._feet = dict(feet)
        if rig.plant.sitting_down:  # a full bag keeps a foot out until it has vented
            self.moved_at = rig.at_s
        self.feet_in = all(feet.values())

    @property
    def feet_sit(self) -> bool:
        """Both feet are in, and have been for long enough to fit a bag."""
        return self.feet_in and self.settled

    @property
    def settled(self) -> bool:
        """No foot was put in just now."""
        return self.at_s - self.moved_at > PUT_IN_S

    def asked(self, *kinds: type) -> bool:
        """A command of one of these kinds was given in this tick."""
        return any(isinstance(command, kinds) for command in self.given)

    def sound(self) -> bool:
        """Nothing was ever wrong with this machine."""
        return not self._wrong

    def wrong(self, names: Iterable[str], lasts_s: float) -> int:
        """How many of these faults are in, or were within so many seconds."""
        if not self._wrong:
            return 0
        since = self.at_s - lasts_s
        return sum(until >= since for (name, _), until in self._wrong.items() if name in names)

    def _remember(self) -> None:
        now = self.rig.now
        for key, until in self._wrong.items():
            self._wrong[key] = min(until, now)
        for active in self.rig.plant.faults.active():
            self._wrong[active.name, active.target] = inf

    def fail(self, rule: str, what: str) -> None:
        """Raises ViolationError."""
        faults = ", ".join(map(str, self.rig.plant.faults.active())) or "no faults"
        raise ViolationError(f"{rule} at {self.at_s:.2f} s, {self.state}, {faults}: {what}")
