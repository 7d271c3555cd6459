"""Watches one air bag: too full, too long, never full, never empty, or a sensor that lies.

What a fill ought to bring is its observer's to say; here is what follows when it does not.
"""

from __future__ import annotations

from collections.abc import Sequence

from hardware.message import Count, Duration, Message, Part, Pressure, says
from hardware.safety import limits
from hardware.safety.bag_causes import (
    ANY,
    MORE_RISE,
    MORE_SLACK,
    MOST_RISE,
    MOST_SLACK,
    TIMES,
    Causes,
    Trouble,
    no_foot,
    too_little,
)
from hardware.safety.bag_observer import FELT_MMHG, KNOWN, SURE, BagObserver
from hardware.safety.expectation import Expectation
from hardware.safety.lasting import Hold, Leaky, Middle
from hardware.safety.pad_watch import Present
from hardware.words import Zone


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


NOT_FILLING_S = 5.5
"""Where every bag is silent it is the pump or the feet: a weak pump's air is felt by then."""
FILLED_SHARE = 0.5
TOO_LITTLE_SHARE = 0.8
"""A fill that had all its air and has not got this far does not fill."""
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

RISE_MMHG = 10.0
"""The least rise worth timing: a small bag takes two ticks for it."""
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
NO_FOOT_SHARE = 2.8
"""Of its slack, that a bag may take more without feet."""
UNKNOWN_SHARE = 1.5
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
        """Whether its latest fill was felt after no more air than usual; None: that is not known yet."""
        self.answered_s = 0.0
        """How long ago that was."""
        self.known_s = 0.0
        """For how long it has been known in this session what is usual."""
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
        self._full = self._given_up = False
        self._trouble = Trouble()
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
        self._trouble.clear()
        self._blind, self._doubt_s = 0, 0.0
        self._in_cycle = self.rests = self._pardoned = self._hard = False
        self.answered = None

    def break_off(self) -> None:
        """Its cycle was not lived through: it says nothing."""
        self._in_cycle, self.rests = False, self._blind >= BLIND_TIMES

    @property
    def failures(self) -> int:
        """Cycles in a row in which it did not fill, or not as a sound bag with a foot in it does."""
        return len(self._trouble)

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
        shared: bool = False,
    ) -> dict[str, Present]:
        """``driven``, ``pumped`` (its share of the full pump; ``shared``: others had one, too) and
        ``target_mmhg`` are the last tick's."""
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
        observer.update(dt_s, mmhg, closed=driven, share=pumped, shared=shared)
        self.answered_s += dt_s
        self.known_s = self.known_s + dt_s if observer.known else 0.0
        if target_mmhg is not None:
            self._filling(mmhg, target_mmhg, driven, pumped, dt_s)
        elif self._in_cycle:
            self._end_cycle()
        elif not driven and was_closed and observer.felt:
            observer.remember(None)  # filled without a session
        self._trouble.since_s += dt_s
        self._trouble.well_s += dt_s
        if self.failures >= TIMES and (words := self.advice) is not None:
            present["bag-not-filling"] = Present(words, stops=False)
        if self._blind >= BLIND_TIMES and self._sure_blind:
            found = bag_gave_no_pressure(self._part, Count(self._blind))
            present["bag-sensor-blind"] = Present(found, stops=False)
        return present

    @property
    def advice(self) -> Message | None:
        """Why it does not fill; None while it does, or that is not known."""
        return self._trouble.words(self._part)

    @property
    def _own(self) -> bool | None:
        """Whether it is its own trouble: the others filled as ever since it began, or (False) they have it,
        too. Who learnt what is usual only since this one was well cannot tell."""
        trouble = self._trouble
        if not trouble or not self._observer.known:
            return None
        told = [o for o in self.others if o.answered is not None and o.known_s > trouble.well_s]
        now = {other.answered for other in told if other.answered_s < trouble.since_s}
        lately = {other.answered for other in told if other.answered_s < trouble.well_s}
        if now == {False}:
            return False
        return True if now and lately == {True} else None

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
            self._in_cycle, self._full, self._given_up = True, False, False
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
                self._rest_now(self._unfelt())
            return
        # Once felt, a closed bag that seems to be empty is not filled anew.
        self._gone_s = self._gone_s + dt_s if driven and mmhg < GONE_MMHG else 0.0
        if self._gone_s >= GONE_S:
            self._rest_now(frozenset(("leak", "no-foot")))  # or the foot has just gone
            return
        risen = observer.risen
        if self._first is None and risen[1] >= RISE_MMHG:
            self._first = risen
        if self._rise is None and self._first is not None and self._full:
            self._rise = risen
        stands = self._stuck_s >= STUCK_S
        if stands or (mmhg < target_mmhg - TRUE_MMHG and self._had_its_air):
            self._rest_now(self._why_not(stands))
        elif self.failures >= TIMES - 1 and observer.leaks and self._trouble.left == {"leak"}:
            self._rest_now(frozenset(("leak",)))  # no use in topping it up for ever

    @property
    def _had_its_air(self) -> bool:
        """It has had all the air past its slack that it can need."""
        observer = self._observer
        more = observer.more_slack
        gain = observer.gain
        if more is not None and more < MORE_SLACK and gain.spread < KNOWN:
            return observer.rise_s * gain.value > TRUE_SHARE * self._target_mmhg + TRUE_MMHG
        return observer.rise_s * gain.times(-SURE) > MOST_RISE * self._target_mmhg

    def _why_not(self, stands: bool) -> Causes:
        """What explains that it is not full after all the air it had; ``stands``: it gets air and gains
        nothing."""
        observer = self._observer
        slack, rise = observer.more_slack, observer.more_rise(observer.risen)
        if stands:
            slow = slack is None or slack > MOST_SLACK
            return frozenset(("leak", "no-air")) if slow and not observer.leaks else frozenset(("leak",))
        (first_s, first), (now_s, now) = self._first or (0.0, 0.0), observer.risen
        slows = self._first is None or (now - first) * first_s < SLOWS * first * (now_s - first_s)
        return too_little(slack, rise, slows=slows, leaks=observer.leaks)

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
        slack_s, usual_s = observer.slack.value, observer.felt_by_s
        no_foot_s = usual_s + NO_FOOT_SHARE * slack_s
        if not self._blind:
            if not observer.known:
                return max(observer.most_s * UNKNOWN_SHARE, NOT_FILLING_S)
            return no_foot_s if "no-foot" in self._trouble.last else usual_s
        others = self._others_answered
        if not observer.known or self._blind > 1 or self._hard:  # it was looked for further, once
            return observer.safe_s
        if others:
            return usual_s
        return max(no_foot_s, NOT_FILLING_S) if others is False and not self._pardoned else no_foot_s

    def _rest_now(self, causes: Causes) -> None:
        self.rests = self._given_up = True
        self._judge_air(cut_short=True)
        self._note(causes)

    def _note(self, causes: Causes) -> None:
        observer = self._observer
        # A fill that had less air than it needs to be felt says nothing, whatever the others do.
        own = self._own if observer.felt or observer.overdue else None
        self._trouble.note(causes, own, felt=observer.felt, full=self._full)

    def _unfelt(self) -> Causes:
        """A fill that brought nothing is explained by anything, but for a foot where it had all the air that
        the bag takes without one."""
        observer = self._observer
        all_of_it = (
            observer.known and observer.put_s >= observer.felt_by_s + NO_FOOT_SHARE * observer.slack.value
        )
        return ANY - {"no-foot"} if all_of_it else ANY

    @property
    def _sure_blind(self) -> bool:
        """It had air and feet: what it does not feel is there."""
        air = any(o.answered and o.answered_s < self._trouble.since_s for o in self.others)
        return air and "no-foot" not in self._trouble.left

    def _judge_air(self, *, cut_short: bool) -> None:
        """What a fill that is over says of the sensor."""
        observer = self._observer
        if observer.felt:
            slack, rise = observer.more_slack, observer.more_rise(self._rise or observer.risen)
            self.answered = None if slack is None else slack < MORE_SLACK and (rise or 0.0) < MORE_RISE
        elif not (cut_short or observer.put_s):
            return
        else:
            put_s, most_s = observer.put_s, observer.felt_by_s
            self._doubt_s += put_s
            self._hard = self._hard or observer.at_most_mmhg > limits.BAG_PUMP_STOP_MMHG
            if self._blind and not self._pardoned and self._others_answered is False:
                self._blind, self._pardoned = 0, True  # it is the pump or the feet
            if cut_short or put_s >= most_s:
                self._blind += 1
                self.answered = False
                if not cut_short:
                    self._note(self._unfelt())
                observer.look_further(WIDER)
            elif not observer.known and self._doubt_s >= DOUBT_SHARE * most_s:
                # A short squeeze may end before even a sound bag is felt, once; twice is hardly that.
                self._blind = max(self._blind, 1)
                self._note(ANY)
        self.answered_s = 0.0

    def _end_cycle(self) -> None:
        """Judge a cycle that was lived through; one that was given up has been."""
        self._in_cycle = False
        observer = self._observer
        if not self._given_up:
            self._judge_air(cut_short=False)  # its time was up before its patience was
        if observer.felt and self._gone_s < GONE_S:
            self._blind, self._doubt_s = 0, 0.0
        self.rests = self._blind >= BLIND_TIMES
        if self._given_up or not observer.felt:
            return
        rise = None if self._rise is None else observer.more_rise(self._rise)
        if observer.leaks:
            self._note(frozenset(("leak",)))
        elif no_foot(observer.more_slack, rise):
            self._note(frozenset(("no-foot",)))
        elif self._highest < TOO_LITTLE_SHARE * self._target_mmhg and self._had_its_air:
            self._full = False
            self._note(self._why_not(stands=False))
        elif not self._trouble:
            observer.remember(self._rise)
            self._trouble.clear()
        elif self._full:
            self._trouble.clear()  # what the one before left in it is not known
