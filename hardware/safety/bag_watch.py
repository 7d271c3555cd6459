"""Watches one air bag: too full, too long, never full, never empty, or a sensor that lies."""

from __future__ import annotations

from hardware.safety import limits
from hardware.safety.filling import FILLED_SHARE, WORDS, Cause, FillCurve
from hardware.safety.pad_watch import Present
from hardware.words import Zone

NOT_FILLING_S = 5.5
"""The largest calf bag on the weakest sound pump takes 5 s to half of its target."""
TOO_LONG_S = 7.0
TOO_LITTLE_SHARE = 0.8
"""Nor does one fill that comes past the half, but has not got this far after so much pumping."""
NOT_FILLING_TIMES = 3
NOT_VENTING_S = 6.0
NOT_VENTING_EVER_S = 20.0
FALLS_MMHG = 1.2
FALLS_WITHIN_S = 1.0
PRESSED_MMHG = 5.0
"""A large bag with a foot out holds several times the air and is longer than that on its way to empty; what
keeps falling like this is vented. One that rises is pressed by a foot put in: it falls from there."""
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
        self._held_s = self._empty_s = self._over_s = 0.0
        self._open_s = self._pumped_s = self._same_s = 0.0
        self._code = -1
        self._stuck_s = 0.0
        self._stuck_from = 0.0
        self._fell_to = 0.0
        self._stands_s = 0.0
        self._curve = FillCurve()
        self._in_cycle = False
        self._in_all_s = self._highest = self._last_mmhg = 0.0
        self._full = False
        self._cause: Cause | None = None
        self._causes: list[tuple[Cause, bool]] = []
        """Of the cycles in a row that went wrong: why, and whether the bag was full all the same."""

    def new_session(self) -> None:
        self._causes.clear()
        self._curve.new_session()
        self._in_cycle = self.rests = False

    @property
    def failures(self) -> int:
        """Cycles in a row in which it did not fill, or not as a sound bag with a foot in it does."""
        return len(self._causes)

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
        if self._not_venting(mmhg, dt_s):
            detail = (
                f"The {self.zone} bag still reads {mmhg:.0f} mmHg {self._open_s:.0f} s after it was opened."
            )
            present["bag-not-venting"] = Present(detail, rail_off=True)
        self._filling(mmhg, target_mmhg, driven, pumped, dt_s)
        if self.failures >= NOT_FILLING_TIMES:
            present["bag-not-filling"] = Present(self._what_is_wrong(), stops=False)
        return present

    def _what_is_wrong(self) -> str:
        last = self._causes[-NOT_FILLING_TIMES:]
        causes = [cause for cause, _ in last]
        cause = max(reversed(causes), key=causes.count)
        # Whole sentences: the screen says them in other languages.
        zone, times = self.zone, self.failures
        if not all(full for _, full in last):
            did = f"The {zone} bag did not fill {times} times."
        elif cause == "leak":
            did = f"The {zone} bag had to be filled again and again in {times} cycles."
        else:
            did = f"The {zone} bag needed far more air than before in {times} cycles."
        return f"{did} {WORDS[cause]}"

    def _not_venting(self, mmhg: float, dt_s: float) -> bool:
        """Open for long enough, and neither empty nor on its way there."""
        pressed = mmhg > self._fell_to + PRESSED_MMHG
        if self._open_s <= dt_s or pressed or mmhg < self._fell_to - FALLS_MMHG:
            self._fell_to, self._stands_s = mmhg, 0.0
        else:
            self._stands_s += dt_s
        falls = self._stands_s < FALLS_WITHIN_S and self._open_s < NOT_VENTING_EVER_S
        return self._open_s >= NOT_VENTING_S and not falls

    def _frozen(
        self, present: dict[str, Present], code: int | None, pumped: bool, dt_s: float, used: bool
    ) -> None:
        if code is None or code != self._code:
            self._code, self._same_s = -1 if code is None else code, 0.0
        elif pumped:
            # One look after a long gap is one look: it may well give the same word once.
            self._same_s += min(dt_s, 2 * limits.TICK_S)
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

    def _filling(
        self, mmhg: float, target_mmhg: float | None, driven: bool, pumped: bool, dt_s: float
    ) -> None:
        if target_mmhg is None:
            if self._in_cycle:
                self._end_cycle()
            return
        if not self._in_cycle:
            self._in_cycle, self._full, self._cause = True, False, None
            self._pumped_s, self.rests = 0.0, False
            self._in_all_s = self._highest = 0.0
            self._curve.begin()
        curve, self._last_mmhg = self._curve, mmhg
        curve.update(dt_s, mmhg, target_mmhg, driven=driven, pumped=pumped)
        self._in_all_s += dt_s if pumped else 0.0
        self._highest = max(self._highest, mmhg / max(target_mmhg, 1.0))
        if mmhg >= target_mmhg * FILLED_SHARE:
            self._pumped_s, self._full = 0.0, True
        elif pumped and not self.rests:
            self._pumped_s += dt_s
        if not pumped or mmhg < SLACK_MMHG or mmhg > self._stuck_from + STUCK_MMHG:
            self._stuck_s, self._stuck_from = 0.0, mmhg
        else:
            self._stuck_s += dt_s
        if self.rests:
            return
        stands = self._stuck_s >= STUCK_S
        if stands or (self._pumped_s >= NOT_FILLING_S and self._pumped_s >= curve.patience_s(NOT_FILLING_S)):
            self._rest_now(curve.why_not(mmhg, stands))
        elif self.failures >= NOT_FILLING_TIMES - 1 and self._causes[-1][0] == "leak" and curve.leaks:
            self._rest_now("leak")  # no use in topping it up for ever

    def _rest_now(self, cause: Cause) -> None:
        self.rests = True
        self._cause = cause
        self._causes.append((cause, self._full))

    def _end_cycle(self) -> None:
        """Judge a cycle that was lived through; one that was given up has been."""
        self._in_cycle = self.rests = False
        curve, self._pumped_s = self._curve, 0.0
        if self._cause is not None or not (self._full or curve.slack_s):
            return
        if curve.leaks:
            self._causes.append(("leak", self._full))
        elif curve.no_foot:
            self._causes.append(("no-foot", self._full))
        elif self._highest < TOO_LITTLE_SHARE and self._in_all_s >= TOO_LONG_S:
            self._causes.append((curve.why_not(self._last_mmhg, stands=False), False))
        elif self._full:
            self._causes.clear()
            curve.remember()
