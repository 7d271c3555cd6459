"""S13: what has to outlive a controller: latched faults, and that heat was begun. Remembered here, too."""

from __future__ import annotations

from math import inf

from hardware.messages import Noted
from tests.judge import rules
from tests.judge.look import Look

WRITES_S = 0.2
"""What the controller wants kept is on its way to the disk by then."""
LOOKS = 5
RAIL_DROPS_S = 1.6
"""The lease (1 s), the relay's monostable (0.5 s) and the tick in which both ran out."""


class MemoryJudge:
    def __init__(self, look: Look) -> None:
        self.look = look
        self._latched: dict[str, float] = dict.fromkeys(self._shown(), look.at_s)
        """By code: when it was first seen in force."""
        self._cause: dict[str, float] = {}
        """By code: when its cause was last read."""
        self._in_a_row: dict[str, int] = {}
        self._restarted_at = -inf
        self._damaged_at = -inf
        """When a controller last found a memory that could not be read."""
        self._damages = look.rig.damages

    def check(self) -> None:
        look = self.look
        if look.restarted:
            self._restarted_at = look.at_s
            self._restarted()
        if look.fresh and (look.shown.faults or self._latched):
            self._faults()
        if self._latched:
            self._causes()
            self._rail()
        heats = any(look.pins[look.heaters])
        if heats:
            if look.at_s - self._damaged_at < rules.DAMAGED_S - 1.0:
                look.fail("S13", "heat within an hour of a damaged memory")
            self._kept()

    def _shown(self) -> frozenset[str]:
        return frozenset(fault.code for fault in self.look.shown.faults if fault.latched)

    def _restarted(self) -> None:
        """What was in force and on the disk, or in the computer that went on, has to be in force again."""
        look = self.look
        if look.rig.damages != self._damages:
            self._damages = look.rig.damages
            self._damaged_at = look.at_s
            self._latched = {}
            return
        kept = {fault.code for fault in look.rig.recalled.faults}
        for code, since in list(self._latched.items()):
            if code in kept:
                continue
            # At most what was on its way to a slow disk is lost with the plug; one that works is at once.
            slow_s = inf if look.rig.disk_failed else look.rig.disk_delay_s
            lost = look.rig.plug_pulled and look.rig.died_at - since <= slow_s + WRITES_S
            if not look.excused("not-on-the-disk-yet", lost):
                look.fail("S13", f"{code} was not kept for the next start")
            del self._latched[code]

    def _faults(self) -> None:
        look, shown = self.look, self._shown()
        cleared = {event.code for event in look.news if isinstance(event, Noted) and event.what == "cleared"}
        by_person = any(type(order[0]).__name__ == "Acknowledge" for order in look.orders)
        for code in self._latched.keys() - shown:
            if not by_person or code not in cleared:
                look.fail("S13", f"{code} is gone, and nobody has seen it")
            gone_s = look.at_s - self._cause.get(code, -inf)
            if gone_s < GONE_S.get(code, 0.0) - 2 * rules.TICK_S:
                look.fail("S13", f"{code} cleared {gone_s:.1f} s after its cause was read")
            del self._latched[code]
        for code in shown - self._latched.keys():
            self._latched[code] = look.at_s
        if self._latched and look.state in ("running", "paused", "preheating", "service", "idle"):
            look.fail("S13", f"{look.state} with {sorted(self._latched)} in force")

    def _causes(self) -> None:
        """What the controller was told, for as long as somebody may be about to acknowledge it.

        One look proves nothing (S17): a cause is there once it was read a few times in a row.
        """
        read, seen = self.look.rig.read, []
        if self.look.rig.cut:
            return
        low, high = rules.PLAUSIBLE_PAD_C
        for a, b in self.look.pads_c(read):
            if a is None or b is None or not low <= a <= high or not low <= b <= high:
                seen.append("pad-sensor-invalid")
                continue
            if abs(a - b) > rules.DISAGREE_C:
                seen.append("pad-sensors-disagree")
            if a >= rules.NO_HEAT_C and b >= rules.NO_HEAT_C:
                seen.append("pad-too-hot")
        if read.stop_open:
            seen.append("emergency-stop")
        if None in self.look.bags_mmhg(read):
            seen.append("pressure-sensor-invalid")
        self._in_a_row = {code: self._in_a_row.get(code, 0) + 1 for code in seen}
        for code, looks in self._in_a_row.items():
            if looks >= LOOKS:
                self._cause[code] = self.look.at_s

    def _rail(self) -> None:
        """With a fault in force the lease is not renewed, by whichever controller."""
        look = self.look
        since = max(min(self._latched.values()), self._restarted_at)
        if look.rig.board.wiring.rail and look.rig.now - since > RAIL_DROPS_S:
            look.fail("S13", f"the rail is up with {sorted(self._latched)} in force")

    def _kept(self) -> None:
        """Heat only once it is on the disk that it was begun, and never while nothing can be written."""
        look, rig = self.look, self.look.rig
        if not rig.kept.heating:
            look.fail("S13", "heat, and the disk does not say that it was begun")
        if rig.unwritten and look.at_s - rig.unwritten[0][1] > rules.UNWRITTEN_S + 1.0:
            look.fail("S13", f"heat, and nothing written for {look.at_s - rig.unwritten[0][1]:.0f} s")


GONE_S = {
    "pad-sensor-invalid": rules.PAD_INVALID_GONE_S,
    "pad-sensors-disagree": rules.DISAGREE_GONE_S,
    "pad-too-hot": rules.TOO_HOT_GONE_S,
    "emergency-stop": rules.TICK_S,
    "pressure-sensor-invalid": rules.BAG_INVALID_GONE_S,
}
