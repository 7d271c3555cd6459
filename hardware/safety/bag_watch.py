"""Watches one air bag: too full, too long, never full, never empty, or a sensor that lies."""

from __future__ import annotations

from hardware.safety import limits
from hardware.safety.pad_watch import Present
from hardware.words import Zone

NOT_FILLING_S = 5.5
"""The largest calf bag on the weakest sound pump takes 5 s to half of its target."""
NOT_FILLING_SHARE = 0.5
NOT_FILLING_TIMES = 3
NOT_VENTING_S = 6.0
FROZEN_S = 1.0
"""Of taking air: the noise of a sound sensor alone changes its word many times a second."""
SLACK_MMHG = 5.0
STUCK_S = 0.5
STUCK_MMHG = 1.5
"""A bag that is past its slack and takes air rises at once: one that gains less in half a second has a sensor
that lies, or its air goes elsewhere. It is given no more in this cycle."""


class BagWatch:
    """One bag. ``update`` once a tick; ``must_open`` and ``rests`` are for the interlocks and the control."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.must_open = False
        """Held long enough: open until it has been empty for its rest (S7)."""
        self.rests = False
        """Takes no air for the rest of this cycle: it did not fill."""
        self.failures = 0
        self._held_s = self._empty_s = self._over_s = 0.0
        self._open_s = self._pumped_s = self._same_s = 0.0
        self._code = -1
        self._stuck_s = 0.0
        self._stuck_from = 0.0

    def new_session(self) -> None:
        self.failures = 0
        self.rests = False

    def update(
        self,
        dt_s: float,
        mmhg: float | None,
        code: int | None,
        *,
        driven: bool,
        pumped: bool,
        target_mmhg: float | None,
        used: bool,
    ) -> dict[str, Present]:
        """``driven``, ``pumped`` (it was to have air) and ``target_mmhg`` are those of the last tick."""
        present: dict[str, Present] = {}
        # A foot that is put in squeezes what air there is: only a bag that stays full does not vent.
        emptied = mmhg is not None and mmhg < limits.BAG_EMPTY_MMHG
        self._open_s = 0.0 if driven or emptied else self._open_s + dt_s
        if mmhg is None or mmhg != mmhg:
            present["pressure-sensor-invalid"] = Present(
                f"The {self.zone} bag's sensor is out of range.", used
            )
            return present
        self._frozen(present, code, pumped, dt_s, used)
        self._over_s = self._over_s + dt_s if mmhg > limits.BAG_OPEN_MMHG else 0.0
        if self._over_s >= limits.BAG_OPEN_S:
            present["bag-over-pressure"] = Present(f"The {self.zone} bag reads {mmhg:.0f} mmHg.")
        self._hold(mmhg, dt_s)
        if self._open_s >= NOT_VENTING_S:
            detail = (
                f"The {self.zone} bag still reads {mmhg:.0f} mmHg {self._open_s:.0f} s after it was opened."
            )
            present["bag-not-venting"] = Present(detail, rail_off=True)
        self._filling(mmhg, target_mmhg, pumped, dt_s)
        if self.failures >= NOT_FILLING_TIMES:
            detail = f"The {self.zone} bag did not fill {self.failures} times."
            present["bag-not-filling"] = Present(detail, stops=False)
        return present

    def _frozen(
        self, present: dict[str, Present], code: int | None, pumped: bool, dt_s: float, used: bool
    ) -> None:
        if code is None or code != self._code:
            self._code, self._same_s = -1 if code is None else code, 0.0
        elif pumped:
            self._same_s += dt_s
        if self._same_s >= FROZEN_S:
            detail = f"The {self.zone} bag's sensor gave the same word while it was filled."
            present["pressure-sensor-invalid"] = Present(detail, used)

    def _hold(self, mmhg: float, dt_s: float) -> None:
        self._held_s = self._held_s + dt_s if mmhg > limits.BAG_HELD_MMHG else 0.0
        self._empty_s = self._empty_s + dt_s if mmhg < limits.BAG_EMPTY_MMHG else 0.0
        if self._held_s >= limits.BAG_HELD_EVER_S - 1.0:
            self.must_open = True
        elif self._empty_s >= limits.BAG_REST_S:
            self.must_open = False

    def _filling(self, mmhg: float, target_mmhg: float | None, pumped: bool, dt_s: float) -> None:
        if target_mmhg is None:
            self._pumped_s, self.rests = 0.0, False
            return
        if mmhg >= target_mmhg * NOT_FILLING_SHARE:
            self._pumped_s, self.failures = 0.0, 0 if not self.rests else self.failures
        elif pumped and not self.rests:
            self._pumped_s += dt_s
        if not pumped or mmhg < SLACK_MMHG or mmhg > self._stuck_from + STUCK_MMHG:
            self._stuck_s, self._stuck_from = 0.0, mmhg
        else:
            self._stuck_s += dt_s
        if not self.rests and (self._pumped_s >= NOT_FILLING_S or self._stuck_s >= STUCK_S):
            self.rests = True
            self.failures += 1
