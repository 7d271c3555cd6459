"""The self-test as a whole: a look at the sensors, then pulses, and what of it stands.

At the start, on demand, and (only looking) for as long as the machine is at rest. What it finds wanting is
left out of sessions; when nothing that is measured can be used there is no session at all.
"""

from __future__ import annotations

from hardware.board.interface import Readings
from hardware.machine import Machine
from hardware.messages import CheckView
from hardware.safety.pad_watch import Present
from hardware.service.finding import Finding, look, warm_alone
from hardware.service.pulses import PulseTest

LOOK_S = 1.0
PATIENCE_S = 7.0
"""A bag that is still emptying, or a converter that is waking up, is given this long."""
STANDS_S = 3.0
"""At rest a finding has to last: a foot that comes down on a bag is none."""


class SelfTest:
    """``begin``, then ``run`` each tick of the self-test and ``watch`` each tick at rest."""

    def __init__(self, machine: Machine, *, pulses: bool) -> None:
        self.machine = machine
        self.pulses: PulseTest | None = None
        """Under way now."""
        self._due = pulses
        self._pulsed = False
        self._since = 0.0
        self._seen = Finding()
        self._answered = Finding()
        self._wrong_since: float | None = None
        self._pads_told = False
        """The pads were alike once, or cold: what is warm later was warmed."""

    @property
    def finding(self) -> Finding:
        """What cannot be used now, and why."""
        seen, answered = self._seen, self._answered
        return Finding(seen.heat or answered.heat, seen.air or answered.air)

    def begin(self, now: float, *, pulses: bool = False) -> None:
        """``pulses``: whether or not they are due (they are as long as the last ones found something)."""
        self._since = now
        self.pulses = None
        self._due = self._due or pulses or bool(self._answered.detail)

    def run(self, now: float, readings: Readings) -> bool:
        """One tick; True when it is over."""
        if self.pulses is not None:
            if not self.pulses.over:
                return False
            self._answered, self._pulsed = self.pulses.finding, True
            self._due = self.pulses.heat_due
            self.pulses = None
            return True
        seen = self._look(readings)
        if now - self._since < (PATIENCE_S if seen.detail else LOOK_S):
            return False
        self._seen = seen
        if self._seen.unusable or not self._due:
            return not self._seen.unusable
        self._answered = Finding()
        self.pulses = PulseTest(self.machine, self._seen)
        return False

    def watch(self, now: float, readings: Readings) -> None:
        """At rest, with everything off: what the sensors say and go on saying."""
        seen = self._look(readings)
        if not seen.detail:
            self._seen, self._wrong_since = seen, None
        elif self._wrong_since is None:
            self._wrong_since = now
        elif now - self._wrong_since >= STANDS_S:
            self._seen = seen

    def _look(self, readings: Readings) -> Finding:
        seen = look(readings, self.machine)
        if self._pads_told or seen.heat:
            return seen
        alone = warm_alone(readings, self.machine)
        self._pads_told = not alone
        return Finding(alone, seen.air)

    def leave_off(self) -> None:
        """End the pulses before their time; what they would have found stays unknown."""
        self.pulses = None
        self._due = False

    def present(self, now: float, *, testing: bool, stopped: bool) -> Present | None:
        """The fault this is, if any. ``stopped``: one is latched, and only what can be seen now counts."""
        if testing and self.pulses is None and now - self._since < PATIENCE_S:
            return None
        finding = self._seen if stopped else self.finding
        return Present(finding.detail, finding.unusable) if finding.detail else None

    def view(self, now: float) -> CheckView:
        finding = self.finding
        left_s = self.pulses.left_s if self.pulses else max(LOOK_S - (now - self._since), 0.0)
        return CheckView(finding.heat, finding.air, self._pulsed, round(left_s))
