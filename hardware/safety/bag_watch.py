"""Watches one air bag: too full, too long, never full, never empty, or a sensor that lies."""

from __future__ import annotations

from hardware.safety import limits
from hardware.safety.filling import FILLED_SHARE, SLACK_MMHG, WORDS, Cause, FillCurve
from hardware.safety.lasting import Hold, Leaky, Middle
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
FALLS_WITHIN_S = 1.6
PRESSED_MMHG = 5.0
"""A large bag with a foot out holds several times the air and is longer than that on its way to empty; what
keeps falling like this is vented. One that rises is pressed by a foot put in: it falls from there."""
LOST_S = 0.5
LOST_LEAK = 0.05
"""A word that is missing costs its own tick; one that stays away, or one in fifteen, is a fault."""
OVER_LEAK = 0.5
STUCK_FROM_MMHG = 5.0
STUCK_S = 0.5
STUCK_MMHG = 1.5
"""A bag that is past its slack and takes air rises at once: one that gains less in half a second has a sensor
that lies, or its air goes elsewhere. It is given no more in this cycle."""
SMOOTH_S = 0.1
"""What noise does is less than that."""
SCATTER_S, SCATTER_AFTER_S, SCATTER_MOST_MMHG = 5.0, 3.0, 4.0
"""The sensor's own scatter is learnt while its bag is open."""
FELT_S = 0.1
LEARNT_S = 0.2
"""A bag that is felt sooner had not been empty."""
GONE_MMHG = 3.0
GONE_S = 0.25
"""A bag that was felt and is closed cannot be empty: its air is gone, or its sensor."""

# Of a fill in which no pressure is felt (S6); air may well go into the bag all the while.
BLIND_TIMES = 3
MORE_SHARE, MORE_S = 1.25, 0.2
"""A known bag with the same feet in it is past its slack by then, and whatever its sensor says not hard."""
NO_FOOT_SHARE, NO_FOOT_S = 2.1, 0.5
"""A known bag without its feet is."""
SAFE_SHARE = 0.65
"""So much air cannot squeeze hard, even where the feet were out when the bag was known."""
SAFE_S = 0.5
"""Nor can that, in the smallest bag on the strongest pump."""
LARGEST_S: dict[Zone, float] = {"foot": 2.9, "ankle": 3.6, "calf": 5.2, "heel": 2.2}
"""The largest bag with its feet in is felt by then, on the weakest pump."""


DOUBT_SHARE = 0.5
"""Of what the largest bag needs: where a bag was never felt, so much unfelt air in all is doubt enough ..."""
ALONE_SHARE = 0.7
"""... if it had the pump to itself for at least so much of the time; shared air proves less."""


class BagWatch:
    """One bag. ``update`` once a tick; ``must_open`` and ``rests`` are for the interlocks and the control."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.must_open = False
        """Held long enough: open until it has been empty for its rest (S7)."""
        self.rests = False
        """Takes no air for the rest of this cycle (it did not fill) or of the session (it is not felt)."""
        self._middle = Middle()
        self._smooth = 0.0
        self._hold = Hold()
        self._lost = Leaky(LOST_S, LOST_LEAK)
        self._over = Leaky(limits.BAG_OPEN_S, OVER_LEAK)
        self._open_s = self._pumped_s = 0.0
        self._quiet_s = 0.0
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
        self._blind = 0
        """Fills in a row that brought no pressure."""
        self._doubt = 0.0
        """Of a bag that was never felt: the share of what would prove it blind that it was given."""
        self._known_s: float | None = None
        """Seconds of the full pump that brought pressure in this session, at most ..."""
        self._own_s = 0.0
        """... and at least, what it shared with another bag left out."""
        self._unfelt_s = self._needed_s = 0.0
        """Seconds of the full pump that were its own at least, and at most: what it shared with another bag
        cannot squeeze harder than that one says."""
        self._felt_s = self._gone_s = 0.0

    def new_session(self) -> None:
        self._causes.clear()
        self._curve.new_session()
        self._blind, self._known_s, self._own_s, self._doubt = 0, None, 0.0, 0.0
        self._in_cycle = self.rests = False

    def break_off(self) -> None:
        """Its cycle was not lived through: it says nothing."""
        self._in_cycle, self.rests = False, self._blind >= BLIND_TIMES

    @property
    def failures(self) -> int:
        """Cycles in a row in which it did not fill, or not as a sound bag with a foot in it does."""
        return len(self._causes)

    def update(
        self,
        dt_s: float,
        mmhg: float | None,
        *,
        driven: bool,
        pumped: float,
        target_mmhg: float | None,
        used: bool,
    ) -> dict[str, Present]:
        """``driven``, ``pumped`` (its share of the full pump) and ``target_mmhg`` are the last tick's."""
        present: dict[str, Present] = {}
        lost = mmhg is None or mmhg != mmhg
        if self._lost.update(lost, dt_s):
            present["pressure-sensor-invalid"] = Present(
                f"The {self.zone} bag's sensor is out of range.", used
            )
        if mmhg is None or lost:
            return present
        if not driven and self._quiet_s > SCATTER_AFTER_S:
            off_mmhg = abs(mmhg - self._smooth)
            if off_mmhg > SCATTER_MOST_MMHG:
                off_mmhg = SCATTER_MOST_MMHG
            self._curve.scatter_mmhg += (off_mmhg - self._curve.scatter_mmhg) * (dt_s / SCATTER_S)
        self._quiet_s = 0.0 if driven else self._quiet_s + dt_s
        mmhg = self._middle.of(mmhg)
        self._smooth += (mmhg - self._smooth) * (dt_s / SMOOTH_S if dt_s < SMOOTH_S else 1.0)
        # A foot that is put in squeezes what air there is: only a bag that stays full does not vent.
        self._open_s = 0.0 if driven or mmhg < limits.BAG_EMPTY_MMHG else self._open_s + dt_s
        if self._over.update(mmhg > limits.BAG_OPEN_MMHG, dt_s):
            present["bag-over-pressure"] = Present(f"The {self.zone} bag reads {mmhg:.0f} mmHg.")
        self._hold.update(mmhg, dt_s)
        if self._hold.held_s >= limits.BAG_HELD_EVER_S - 1.0:
            self.must_open = True
        elif self._hold.empty_s >= limits.BAG_REST_S:
            self.must_open = False
        if self._not_venting(mmhg, dt_s):
            detail = (
                f"The {self.zone} bag still reads {mmhg:.0f} mmHg {self._open_s:.0f} s after it was opened."
            )
            present["bag-not-venting"] = Present(detail, rail_off=True)
        self._filling(mmhg, target_mmhg, driven, pumped, dt_s)
        if self.failures >= NOT_FILLING_TIMES:
            present["bag-not-filling"] = Present(self._what_is_wrong(), stops=False)
        if self._blind >= BLIND_TIMES:
            detail = f"The {self.zone} bag was given air {self._blind} times and no pressure came."
            present["bag-sensor-blind"] = Present(detail, stops=False)
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

    def _filling(
        self, mmhg: float, target_mmhg: float | None, driven: bool, pumped: float, dt_s: float
    ) -> None:
        if target_mmhg is None:
            if self._in_cycle:
                self._end_cycle()
            return
        if not self._in_cycle:
            self._in_cycle, self._full, self._cause = True, False, None
            self._pumped_s = 0.0
            self._unfelt_s = self._needed_s = self._felt_s = self._gone_s = 0.0
            self._in_all_s = self._highest = 0.0
            self._curve.begin()
        curve, self._last_mmhg = self._curve, mmhg
        curve.update(dt_s, mmhg, target_mmhg, driven=driven, pumped=pumped > 0)
        self._in_all_s += dt_s if pumped else 0.0
        self._highest = max(self._highest, mmhg / max(target_mmhg, 1.0))
        if mmhg >= target_mmhg * FILLED_SHARE:
            self._pumped_s, self._full = 0.0, True
        elif pumped and not self.rests:
            self._pumped_s += dt_s
        if not pumped or mmhg < STUCK_FROM_MMHG or self._smooth > self._stuck_from + STUCK_MMHG:
            self._stuck_s, self._stuck_from = 0.0, self._smooth
        else:
            self._stuck_s += dt_s
        if self.rests:
            return
        if not self._felt(mmhg, driven, pumped, dt_s):
            self._blind += not self._had_its_air
            self._rest_now(curve.why_not(mmhg, stands=False))
            return
        stands = self._stuck_s >= STUCK_S
        if stands or (self._pumped_s >= NOT_FILLING_S and self._pumped_s >= curve.patience_s(NOT_FILLING_S)):
            self._rest_now(curve.why_not(mmhg, stands))
        elif self.failures >= NOT_FILLING_TIMES - 1 and self._causes[-1][0] == "leak" and curve.leaks:
            self._rest_now("leak")  # no use in topping it up for ever

    def _felt(self, mmhg: float, driven: bool, pumped: float, dt_s: float) -> bool:
        """Whether the bag answers to its air, or may yet."""
        if self._felt_s < FELT_S:
            self._unfelt_s += dt_s * pumped
            self._needed_s += dt_s if pumped else 0.0
            self._felt_s = self._felt_s + dt_s if mmhg >= SLACK_MMHG else 0.0
            if self._felt_s >= FELT_S:
                self._blind, self._doubt = 0, 0.0
                if self._unfelt_s >= LEARNT_S:
                    self._known_s = max(self._known_s or 0.0, self._needed_s)
                    self._own_s = max(self._own_s, self._unfelt_s)
            return self._felt_s >= FELT_S or self._unfelt_s < self._patience_s
        # Once felt, a closed bag that seems to be empty is not filled anew.
        self._gone_s = self._gone_s + dt_s if driven and mmhg < GONE_MMHG else 0.0
        return self._gone_s < GONE_S

    @property
    def _had_its_air(self) -> bool:
        """It was not felt, though it had all the air that it should need."""
        enough_s = self._known_s or LARGEST_S.get(self.zone, NOT_FILLING_S)
        return self._felt_s < FELT_S and self._unfelt_s > enough_s

    @property
    def _patience_s(self) -> float:
        """How long this fill may be pumped without being felt (S6)."""
        known_s = self._known_s
        if known_s is not None:
            if self._blind == 1:  # once: the feet may be out
                return max(known_s * NO_FOOT_SHARE + NO_FOOT_S, NOT_FILLING_S)
            return known_s * SAFE_SHARE if self._blind else self._own_s * MORE_SHARE + MORE_S
        return SAFE_S if self._blind else NOT_FILLING_S

    def _rest_now(self, cause: Cause) -> None:
        self.rests = True
        self._judge_air()
        self._cause = cause
        self._causes.append((cause, self._full))

    def _judge_air(self) -> None:
        """What a fill that is over says of the sensor."""
        if self._had_its_air:
            self._blind += 1
        elif self._known_s is None and self._felt_s < FELT_S:
            # A short squeeze may end before even a sound bag is felt, once; twice is hardly that.
            share = DOUBT_SHARE if self._unfelt_s >= ALONE_SHARE * self._needed_s else 1.0
            self._doubt += self._unfelt_s / (share * LARGEST_S.get(self.zone, NOT_FILLING_S))
            if self._doubt >= 1.0:
                self._blind = max(self._blind, 1)

    def _end_cycle(self) -> None:
        """Judge a cycle that was lived through; one that was given up has been."""
        self._in_cycle = False
        curve, self._pumped_s = self._curve, 0.0
        if self._cause is None:
            self._judge_air()  # its time was up before its patience was
        self.rests = self._blind >= BLIND_TIMES
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
