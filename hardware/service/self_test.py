"""The self-test as a whole: a look at the sensors, then pulses, and what of it stands.

At the start, on demand, and (only looking) for as long as the machine is at rest. What it finds wanting is
left out of sessions; when nothing that is measured can be used there is no session at all.
"""

from __future__ import annotations

from collections.abc import Callable

from hardware.board.interface import Readings
from hardware.machine import Machine
from hardware.message import joined, says
from hardware.messages import CheckView
from hardware.safety.locks import NO_LOCKS, Locks
from hardware.safety.pad_watch import Present
from hardware.service.finding import Finding, look, warm_alone
from hardware.service.pulses import PulseTest


@says("not checked")
def not_asked() -> None: ...


LOOK_S = 1.0
HEAT_WAIT_S = 4.0
"""For its beginning to be on the disk; after that the pads are not asked this time."""
PATIENCE_S = 7.0
"""A bag that is still emptying, or a converter that is waking up, is given this long."""
STANDS_S = 3.0
"""At rest a finding has to last: a foot that comes down on a bag is none."""


class SelfTest:
    """``begin``, then ``run`` each tick of the self-test and ``watch`` each tick at rest."""

    def __init__(self, machine: Machine, *, pulses: bool, found: Finding) -> None:
        self.machine = machine
        self.pulses: PulseTest | None = None
        """Under way now."""
        self.person: str | None = None
        """Who sits there meanwhile, None: a guest or nobody; and what they may not have."""
        self.locks = NO_LOCKS
        self._due = pulses
        self._pulsed = False
        self._since = 0.0
        self._seen = Finding()
        self._looked = False
        self._answered = found
        self._asks = (True, True)
        """Whether the pulses under way ask the pads, and the bags."""
        self._wrong_since: float | None = None
        self._pads_told = False
        """The pads were alike once, or cold: what is warm later was warmed."""

    @property
    def finding(self) -> Finding:
        """What cannot be used now, and why."""
        seen, answered = self._seen, self._answered
        return Finding(seen.heat or answered.heat, seen.air or answered.air)

    @property
    def kept(self) -> Finding:
        """What the last pulses found that came to their end; only others that do replace it."""
        return self._answered

    def begin(
        self,
        now: float,
        *,
        pulses: bool = False,
        again: bool = True,
        locks: Locks = NO_LOCKS,
        person: str | None = None,
    ) -> None:
        """``pulses``: whether or not they are due; they are as long as the last ones found something, and
        ``again`` allows it.

        What ``locks`` keep from ``person`` is not pulsed (S14).
        """
        self._since = now
        self.pulses = None
        self.locks, self.person = locks, person
        self._due = self._due or pulses or (again and bool(self._answered.all))

    def look_again(self, now: float) -> None:
        """The look at the sensors begins anew; what is due stays so."""
        self._since = now

    def run(self, now: float, readings: Readings, may_heat: Callable[[], bool]) -> bool:
        """One tick; True when it is over. ``may_heat``: whether pads may be warmed now; asked early."""
        if self.pulses is not None:
            if not self.pulses.over:
                return False
            self._conclude(self.pulses)
            self.pulses = None
            return True
        seen = self._look(readings)
        heats = self._due and self._may(self.locks)[0]
        ready = not heats or may_heat()
        waited_s = now - self._since
        if waited_s < (PATIENCE_S if seen.all else LOOK_S) or (not ready and waited_s < HEAT_WAIT_S):
            return False
        self._seen, self._looked = seen, True
        if self._seen.unusable or not self._due:
            return not self._seen.unusable
        self._asks = (heats and ready, self._may(self.locks)[1])
        self.pulses = PulseTest(
            self.machine,
            Finding(
                seen.heat or (None if self._asks[0] else not_asked()),
                seen.air or (None if self._asks[1] else not_asked()),
            ),
        )
        return False

    def _may(self, locks: Locks) -> tuple[bool, bool]:
        """Whether the pads, and the bags, may be asked while somebody with these locks sits there."""
        return (
            not locks.forbids("heat", "sole"),
            not any(locks.forbids("squeeze", bag.zone) for bag in self.machine.bag),
        )

    def forbidden(self, locks: Locks) -> bool:
        """Whether it asks, or is about to, what ``locks`` keep from whoever they are for (S14)."""
        if self.pulses is None and not self._due:
            return False
        asks = self._may(self.locks) if self.pulses is None else self._asks
        return any(ask and not may for ask, may in zip(asks, self._may(locks), strict=True))

    def _conclude(self, pulses: PulseTest) -> None:
        """A test that came to its end replaces what was known, but for what it did not ask."""
        before, found = self._answered, pulses.finding
        self._answered = Finding(
            found.heat if self._asks[0] and not pulses.heat_due else before.heat,
            found.air if self._asks[1] else before.air,
        )
        self._pulsed, self._due = True, pulses.heat_due

    def watch(self, now: float, readings: Readings) -> None:
        """At rest, with everything off: what the sensors say and go on saying."""
        seen = self._look(readings)
        if not seen.all or not self._looked:
            self._seen, self._wrong_since, self._looked = seen, None, True
        elif self._wrong_since is None:
            self._wrong_since = now
        elif now - self._wrong_since >= STANDS_S:
            self._seen = seen

    def _look(self, readings: Readings) -> Finding:
        seen = look(readings, self.machine)
        if self._pads_told or seen.heat:
            return seen
        alone = warm_alone(readings, self.machine)
        self._pads_told = alone is None
        return Finding(alone, seen.air)

    def leave_off(self, *, due: bool = False) -> None:
        """End the pulses under way; what was found before them stands. ``due``: the next test has them."""
        self.pulses = None
        self._due = self._due and due

    def present(self, now: float, *, testing: bool, stopped: bool) -> Present | None:
        """The fault this is, if any. ``stopped``: one is latched, and only what can be seen now counts."""
        if testing and self.pulses is None and now - self._since < PATIENCE_S:
            return None
        # What is asked anew is not told meanwhile; what was found before stands until that is over.
        asking = testing and (self._due or self.pulses is not None)
        finding = self._seen if stopped or asking else self.finding
        found = joined(*finding.all)
        return None if found is None else Present(found, finding.unusable)

    def view(self, now: float) -> CheckView:
        finding = self.finding
        left_s = self.pulses.left_s if self.pulses else max(LOOK_S - (now - self._since), 0.0)
        return CheckView(finding.heat, finding.air, self._pulsed, round(left_s))
