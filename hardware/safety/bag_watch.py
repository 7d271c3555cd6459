"""Watches one air bag: too full, too long, never full, never empty, or a sensor that lies.

What a fill ought to bring is its observer's to say; here is what follows when it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from hardware.message import Count, Declared, Duration, Message, Part, Pressure, says
from hardware.safety import limits
from hardware.safety.bag_observer import FELT_MMHG, KNOWN, SURE, BagObserver
from hardware.safety.expectation import Expectation
from hardware.safety.lasting import Hold, Leaky, Middle
from hardware.safety.pad_watch import Present
from hardware.words import Zone


@says("It leaks.")
def it_leaks() -> None: ...


@says("No foot seems to be in it.")
def no_foot_in_it() -> None: ...


@says("No air arrives: hose, valve or pump.")
def no_air_arrives() -> None: ...


@says("Little air arrives: hose, valve or pump.")
def little_air_arrives() -> None: ...


@says("Its sensor seems to read too little.")
def its_sensor_reads_too_little() -> None: ...


@says("{bag}: the sensor is out of range.")
def bag_sensor_out_of_range(bag: Part) -> None: ...


@says("{bag}: reads {now}.")
def bag_reads(bag: Part, now: Pressure) -> None: ...


@says("{bag}: still reads {now} {after} after its valve opened.")
def bag_still_full(bag: Part, now: Pressure, after: Duration) -> None: ...


@says(
    "{bag}: {count} fill brought no pressure.",
    many="{bag}: {count} fills brought no pressure.",
)
def bag_gave_no_pressure(bag: Part, count: Count) -> None: ...


@says(
    "{bag}: failed to fill {count} time. {cause}",
    many="{bag}: failed to fill {count} times. {cause}",
)
def bag_did_not_fill(bag: Part, count: Count, cause: Message) -> None: ...


@says(
    "{bag}: had to be topped up again and again in {count} cycle. {cause}",
    many="{bag}: had to be topped up again and again in {count} cycles. {cause}",
)
def bag_filled_again_and_again(bag: Part, count: Count, cause: Message) -> None: ...


@says(
    "{bag}: needed far more air than before in {count} cycle. {cause}",
    many="{bag}: needed far more air than before in {count} cycles. {cause}",
)
def bag_needed_more_air(bag: Part, count: Count, cause: Message) -> None: ...


Cause = Literal["leak", "no-foot", "no-air", "little-air", "sensor"]

SAID: dict[Cause, Declared[[]]] = {
    "leak": it_leaks,
    "no-foot": no_foot_in_it,
    "no-air": no_air_arrives,
    "little-air": little_air_arrives,
    "sensor": its_sensor_reads_too_little,
}
NOT_FILLING_S = 5.5
"""Where every bag is silent it is the pump or the feet: a weak pump's air is felt by then."""
FILLED_SHARE = 0.5
TOO_LITTLE_SHARE = 0.8
"""A fill that had all its air and has not got this far does not fill."""
NOT_FILLING_TIMES = 3
NOT_VENTING_S = 6.0
NOT_VENTING_EVER_S = 20.0
FALLS_MMHG = 1.2
FALLS_WITHIN_S = 1.6
PRESSED_MMHG = 5.0
"""A large bag with a foot out holds several times the air and is longer than that on its way to empty; what
keeps falling like this is vented. One that rises is pressed by a foot put in: it falls from there."""
PRESSES = 3
"""One that rose so often stands while the foot goes on; a sensor that leaps does so once."""
LOST_S = 0.5
LOST_LEAK = 0.05
"""A word that is missing costs its own tick; one that stays away, or one in fifteen, is a fault."""
OVER_LEAK = 0.5
STUCK_S = 0.5
STUCK_MMHG = 1.5
"""A bag that is past its slack and takes air rises at once: one that gains less in half a second has a sensor
that lies, or its air goes elsewhere. It is given no more in this cycle."""
SMOOTH_S = 0.1
"""What noise does is less than that."""
SCATTER_S, SCATTER_AFTER_S, SCATTER_MOST_MMHG = 5.0, 3.0, 4.0
"""The sensor's own scatter is learnt while its bag is open."""
GONE_MMHG = 3.0
GONE_S = 0.25
"""A bag that was felt and is closed cannot be empty: its air is gone, or its sensor."""

# A foot out: slack x1.5, rise x2.3; both: x2 and x3.6. A pump of 0.4 of its flow: x2.5 and x2.8.
MORE_SLACK = 1.25
MORE_RISE = 1.5
RISE_OVER_SLACK = 1.3
RISE_MMHG = 10.0
"""The least rise worth timing: a small bag takes two ticks for it."""
MOST_SLACK = 2.1
MOST_RISE = 5.0
"""More than any bag takes without feet: then it is the air that comes slowly."""
TRUE_SHARE = 1.3
TRUE_MMHG = 5.0
"""A bag that took its slack as ever and then air for so much more than it reads is held to be at what its air
says."""
SLOWS = 0.7
"""A bag that leaks gains less and less; one whose sensor reads too little goes on as it began."""

# Of a fill in which no pressure is felt (S6); air may well go into the bag all the while.
BLIND_TIMES = 3
WIDER = 0.12
"""A foot may have moved: what was not felt is looked for a little further."""
MORE_S = 0.15
NO_FOOT_SHARE = 2.0
"""Of its slack, that a bag may take more without feet."""
UNKNOWN_SHARE = 1.5
SAFE_SHARE = 0.55
"""So much of its slack cannot squeeze hard, even in the smallest bag on the strongest pump."""
DOUBT_SHARE = 0.5
"""A bag that was never felt and had in all so much of what the largest may need is in doubt."""


class BagWatch:
    """One bag. ``update`` once a tick; ``must_open`` and ``rests`` are for the interlocks and the control."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._part = Part(f"bag.{zone}")
        self.others: Sequence[BagWatch] = ()
        """The other bags on the same pump, with the same feet in them."""
        self.must_open = False
        """Held long enough: open until it has been empty for its rest (S7)."""
        self.rests = False
        """Takes no air for the rest of this cycle (it did not fill) or of the session (it is not felt)."""
        self.answered: bool | None = None
        """Whether its latest fill was felt after no more air than usual; None: none in this session."""
        self.answered_s = 0.0
        """How long ago that was."""
        self._observer = BagObserver(zone)
        self._middle = Middle()
        self._smooth = 0.0
        self._hold = Hold()
        self._lost = Leaky(LOST_S, LOST_LEAK)
        self._over = Leaky(limits.BAG_OPEN_S, OVER_LEAK)
        self._open_s = self._quiet_s = 0.0
        self._stuck_s = self._stuck_from = 0.0
        self._fell_to = self._stands_s = 0.0
        self._presses = 0
        self._in_cycle = False
        self._highest = 0.0
        self._target_mmhg = 0.0
        self._rise: tuple[float, float] | None = None
        """Seconds of air and mmHg from where it was felt to the half of its target or beyond."""
        self._first: tuple[float, float] | None = None
        self._full = False
        self._cause: Cause | None = None
        self._causes: list[tuple[Cause, bool]] = []
        """Of the cycles in a row that went wrong: why, and whether the bag was full all the same."""
        self._blind = 0
        """Fills in a row that brought no pressure."""
        self._hard = False
        """A fill that brought none may have been as hard as no other may be (S6)."""
        self._pardoned = False
        """Once a session such fills in all the bags are the pump's or the feet's doing."""
        self._doubt_s = 0.0
        """Air that brought none, in all."""
        self._gone_s = 0.0

    def new_session(self) -> None:
        self._observer.new_session()
        self._causes.clear()
        self._blind, self._doubt_s = 0, 0.0
        self._in_cycle = self.rests = self._pardoned = self._hard = False
        self.answered = None

    def break_off(self) -> None:
        """Its cycle was not lived through: it says nothing."""
        self._in_cycle, self.rests = False, self._blind >= BLIND_TIMES

    @property
    def failures(self) -> int:
        """Cycles in a row in which it did not fill, or not as a sound bag with a foot in it does."""
        return len(self._causes)

    @property
    def expectation(self) -> Expectation:
        return self._observer.expectation

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
            present["pressure-sensor-invalid"] = Present(bag_sensor_out_of_range(self._part), used)
        if mmhg is None or lost:
            return present
        observer = self._observer
        if not driven and self._quiet_s > SCATTER_AFTER_S:
            off_mmhg = abs(mmhg - self._smooth)
            if off_mmhg > SCATTER_MOST_MMHG:
                off_mmhg = SCATTER_MOST_MMHG
            observer.scatter_mmhg += (off_mmhg - observer.scatter_mmhg) * (dt_s / SCATTER_S)
        self._quiet_s = 0.0 if driven else self._quiet_s + dt_s
        mmhg = self._middle.of(mmhg)
        self._smooth += (mmhg - self._smooth) * (dt_s / SMOOTH_S if dt_s < SMOOTH_S else 1.0)
        # A foot that is put in squeezes what air there is: only a bag that stays full does not vent.
        self._open_s = 0.0 if driven or mmhg < limits.BAG_EMPTY_MMHG else self._open_s + dt_s
        if self._over.update(mmhg > limits.BAG_OPEN_MMHG, dt_s):
            present["bag-over-pressure"] = Present(bag_reads(self._part, Pressure(mmhg)))
        self._hold.update(mmhg, dt_s)
        if self._hold.held_s >= limits.BAG_HELD_EVER_S - 1.0:
            self.must_open = True
        elif self._hold.empty_s >= limits.BAG_REST_S:
            self.must_open = False
        if self._not_venting(mmhg, dt_s):
            found = bag_still_full(self._part, Pressure(mmhg), Duration(self._open_s))
            present["bag-not-venting"] = Present(found, rail_off=True)
        was_closed = observer.closed
        observer.update(dt_s, mmhg, closed=driven, share=pumped)
        self.answered_s += dt_s
        if target_mmhg is not None:
            self._filling(mmhg, target_mmhg, driven, pumped, dt_s)
        elif self._in_cycle:
            self._end_cycle()
        elif not driven and was_closed and observer.felt:
            observer.remember(None)  # filled without a session
        if self.failures >= NOT_FILLING_TIMES:
            present["bag-not-filling"] = Present(self._what_is_wrong(), stops=False)
        if self._blind >= BLIND_TIMES:
            found = bag_gave_no_pressure(self._part, Count(self._blind))
            present["bag-sensor-blind"] = Present(found, stops=False)
        return present

    def _what_is_wrong(self) -> Message:
        last = self._causes[-NOT_FILLING_TIMES:]
        causes = [cause for cause, _ in last]
        cause = max(reversed(causes), key=causes.count)
        if not all(full for _, full in last):
            did = bag_did_not_fill
        else:
            did = bag_filled_again_and_again if cause == "leak" else bag_needed_more_air
        return did(self._part, Count(self.failures), SAID[cause]())

    def _not_venting(self, mmhg: float, dt_s: float) -> bool:
        """Open for long enough, and neither empty nor on its way there."""
        pressed = mmhg > self._fell_to + PRESSED_MMHG
        self._presses = 0 if self._open_s <= dt_s else self._presses + pressed
        if self._open_s <= dt_s or pressed or mmhg < self._fell_to - FALLS_MMHG:
            self._fell_to, self._stands_s = mmhg, 0.0
        else:
            self._stands_s += dt_s
        falls = (
            self._presses >= PRESSES or self._stands_s < FALLS_WITHIN_S
        ) and self._open_s < NOT_VENTING_EVER_S
        return self._open_s >= NOT_VENTING_S and not falls

    # --- a cycle -----------------------------------------------------------------------------------------

    def _filling(self, mmhg: float, target_mmhg: float, driven: bool, pumped: float, dt_s: float) -> None:
        observer = self._observer
        if not self._in_cycle:
            self._in_cycle, self._full, self._cause = True, False, None
            self._highest = self._gone_s = 0.0
            self._first = self._rise = None
            if not driven:
                observer.begin()
        self._target_mmhg = target_mmhg
        if mmhg > self._highest:
            self._highest = mmhg
        if mmhg >= target_mmhg * FILLED_SHARE:
            self._full = True
        if not pumped or not observer.felt or self._smooth > self._stuck_from + STUCK_MMHG:
            self._stuck_s, self._stuck_from = 0.0, self._smooth
        else:
            self._stuck_s += dt_s
        if self.rests:
            return
        if not observer.felt:
            if observer.put_s >= self._most_unfelt_s and mmhg < FELT_MMHG:
                self._rest_now("no-air")
            return
        # Once felt, a closed bag that seems to be empty is not filled anew.
        self._gone_s = self._gone_s + dt_s if driven and mmhg < GONE_MMHG else 0.0
        if self._gone_s >= GONE_S:
            self._rest_now(self._why_not(stands=False))
            return
        risen = observer.risen
        if self._first is None and risen[1] >= RISE_MMHG:
            self._first = risen
        if self._rise is None and self._first is not None and self._full:
            self._rise = risen
        stands = self._stuck_s >= STUCK_S
        if stands or (mmhg < target_mmhg - TRUE_MMHG and self._had_its_air):
            self._rest_now(self._why_not(stands))
        elif self.failures >= NOT_FILLING_TIMES - 1 and self._causes[-1][0] == "leak" and observer.leaks:
            self._rest_now("leak")  # no use in topping it up for ever

    @property
    def _had_its_air(self) -> bool:
        """It has had all the air past its slack that it can need."""
        observer = self._observer
        more = observer.more_slack
        gain = observer.gain
        if more is not None and more < MORE_SLACK and gain.spread < KNOWN:
            return observer.rise_s * gain.value > TRUE_SHARE * self._target_mmhg + TRUE_MMHG
        return observer.rise_s * gain.times(-SURE) > MOST_RISE * self._target_mmhg

    def _why_not(self, stands: bool) -> Cause:
        """Why it is not full after all the air it had; ``stands``: it gets air and gains nothing."""
        observer = self._observer
        slack, rise = observer.more_slack, observer.more_rise(observer.risen)
        others = self._others_answered
        slow = slack is not None and slack > MOST_SLACK
        if (stands or observer.leaks) and not (slow and others is False):
            return "leak"
        if slow or (rise is not None and rise > MOST_RISE):
            return "leak" if others else "little-air"
        if slack is None or slack >= MORE_SLACK or others is False:
            return "no-foot"
        if self._first is None:
            return "leak"
        (first_s, first), (now_s, now) = self._first, observer.risen
        return "leak" if (now - first) * first_s < SLOWS * first * (now_s - first_s) else "sensor"

    # --- a fill that is not felt (S6) ----------------------------------------------------------------------

    @property
    def _others_answered(self) -> bool | None:
        """What the other bags' fills said since this one's last: air comes and feet are in, or not."""
        said = [o.answered for o in self.others if o.answered is not None and o.answered_s < self.answered_s]
        return any(said) if said else None

    @property
    def _most_unfelt_s(self) -> float:
        """How much air this fill may have without being felt."""
        observer = self._observer
        slack_s = observer.slack.value
        if not self._blind:
            if not observer.known:
                return max(observer.most_s * UNKNOWN_SHARE, NOT_FILLING_S)
            late = bool(self._causes) and self._causes[-1][0] == "no-foot"
            return observer.most_s + (NO_FOOT_SHARE * slack_s if late else MORE_S)
        others, no_foot_s = self._others_answered, observer.most_s + NO_FOOT_SHARE * slack_s
        if not observer.known or self._blind > 1 or self._hard:  # it was looked for further, once
            return slack_s * SAFE_SHARE
        if others:
            return observer.most_s + MORE_S
        return max(no_foot_s, NOT_FILLING_S) if others is False and not self._pardoned else no_foot_s

    def _rest_now(self, cause: Cause) -> None:
        self.rests = True
        self._judge_air(cut_short=True)
        self._cause = cause
        self._note(cause, self._full)

    def _note(self, cause: Cause, full: bool) -> None:
        if self._observer.felt:  # then it was no want of air before, either
            self._causes = [(cause if was == "no-air" else was, so) for was, so in self._causes]
        self._causes.append((cause, full))

    def _judge_air(self, *, cut_short: bool) -> None:
        """What a fill that is over says of the sensor."""
        observer = self._observer
        if observer.felt:
            slack, rise = observer.more_slack, observer.more_rise(observer.risen)
            self.answered = (slack is None or slack < MORE_SLACK) and (rise is None or rise < MORE_RISE)
        elif not (cut_short or observer.put_s):
            return
        else:
            put_s, most_s = observer.put_s, observer.most_s
            self._doubt_s += put_s
            self._hard = self._hard or observer.at_most_mmhg > limits.BAG_PUMP_STOP_MMHG
            if self._blind and not self._pardoned and self._others_answered is False:
                self._blind, self._pardoned = 0, True  # it is the pump or the feet
            if cut_short or put_s >= most_s:
                self._blind += 1
                self.answered = False
                observer.look_further(WIDER)
            elif not observer.known and self._doubt_s >= DOUBT_SHARE * most_s:
                # A short squeeze may end before even a sound bag is felt, once; twice is hardly that.
                self._blind = max(self._blind, 1)
        self.answered_s = 0.0

    def _end_cycle(self) -> None:
        """Judge a cycle that was lived through; one that was given up has been."""
        self._in_cycle = False
        observer = self._observer
        if self._cause is None:
            self._judge_air(cut_short=False)  # its time was up before its patience was
        if observer.felt and self._gone_s < GONE_S:
            self._blind, self._doubt_s = 0, 0.0
        self.rests = self._blind >= BLIND_TIMES
        if self._cause is not None or not observer.felt:
            return
        if observer.leaks:
            self._note("leak", self._full)
        elif self._no_foot:
            self._note("no-foot", self._full)
        elif self._highest < TOO_LITTLE_SHARE * self._target_mmhg and self._had_its_air:
            self._note(self._why_not(stands=False), False)
        elif not self._causes:
            observer.remember(self._rise)
        elif self._full:
            self._causes.clear()  # what the one before left in it is not known

    @property
    def _no_foot(self) -> bool:
        """It took far more air than in its earlier fills, and more past its slack than a weak pump makes."""
        observer = self._observer
        slack = observer.more_slack
        rise = None if self._rise is None else observer.more_rise(self._rise)
        if slack is None or rise is None:
            return False
        return (
            MORE_SLACK <= slack <= MOST_SLACK
            and MORE_RISE <= rise <= MOST_RISE
            and rise >= slack * RISE_OVER_SLACK
        )
