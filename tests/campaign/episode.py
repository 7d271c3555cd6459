"""One machine's life of some hours: people, a plant, what goes wrong with it, and every rule at every tick.

Three kinds of life. A sound machine may do nothing wrong and say nothing untrue; a faulty one may be as
broken as it likes and keeps every rule; one on trial gets single faults, which have to be found in time.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from app.household.people import person_unknown
from app.household.screening import locks_of
from hardware.machine import Machine
from hardware.messages import (
    Acknowledge,
    CheckItself,
    EndPreheat,
    EngineCommand,
    KeepGains,
    Noted,
    Pain,
    Preheat,
    Resume,
    Seated,
    Start,
    Stop,
    Tune,
)
from hardware.program import Program
from hardware.safety.locks import Locks
from hardware.senders import Given, Sender
from tests import people
from tests.campaign import trials
from tests.campaign.machines import draw_machine, draw_plant
from tests.campaign.troubles import Troubles
from tests.campaign.verdicts import Found, Verdicts
from tests.rig import SCREEN, TERMINAL, Rig
from tests.truth import Truth, ViolationError

Life = Literal["sound", "faulty", "trial"]
LIVES: tuple[Life, ...] = (*("sound",) * 4, *("faulty",) * 3, *("trial",) * 2)
HOURS = (0.5, 1.0, 1.0, 2.0, 4.0)
PULSES = 0.4
"""Share of machines whose self-test asks valves and pads, too."""
TICK_S = 0.05
LATE_S = (0.1, 0.2, 0.28, 0.4, 0.7, 1.2, 4.0)
"""How long a tick takes that others kept waiting; above 0.3 s it is late (S11)."""
LATE_FROM_S = 0.3
OFF_S = (0.0, 0.3, 1.0, 3.0, 3.0, 30.0, 300.0, 1800.0, 5400.0)
DISK_S = (0.0, 0.0, 0.0, 0.3, 2.0, 5.0, 10.0)
WAITS_S = (0.05, 1.0, 5.0, 20.0, 60.0, 150.0)
WARM_FIRST = 0.3
"""Share of sessions before which the pads are warmed."""
PAIRS = 0.4
"""Share of trials that are two faults at once."""
MOVES_C = 1.0
UNREST = (0.05, 0.2, 1.0)
RARELY, NOW_AND_THEN, OFTEN = 0.01, 0.05, 0.10
COMMANDS_A_TICK = 32
"""The loop takes no more at once."""
OTHER_SCREEN = Sender("screen", "s2")
SENDERS = (
    *(SCREEN, SCREEN, SCREEN, OTHER_SCREEN, TERMINAL),
    *(Sender("command-line", "c1"), Sender("service", "t2"), Sender("outside", "o1")),
)


class Draw(Struct, frozen=True):
    """What a seed says before anything is lived."""

    life: Life
    hours: float


def drawn(seed: int) -> Draw:
    rng = random.Random(f"{seed} life")
    return Draw(rng.choice(LIVES), rng.choice(HOURS))


class Episode:
    """``run`` yields now and then. What was found stands in ``found``; a violation or a crash ends it."""

    def __init__(
        self, seed: int, machine: Machine, programs: Mapping[str, Program], *, life: Life | None = None
    ) -> None:
        self.seed = seed
        self.rng = rng = random.Random(seed)
        self.life: Life = life or drawn(seed).life
        machine = draw_machine(rng, machine)
        locks = {person: people.locks(rng) for person in people.PEOPLE}
        odd = random.Random(f"{seed} sensors")  # of its own, so that a seed's people stay the same
        params = draw_plant(rng, odd)

        def locks_for(seated: Seated) -> Locks:
            if seated.person is None:
                return locks_of(seated.answers or ())
            return locks.get(seated.person) or Locks(refuse=person_unknown())

        pulses = rng.random() < PULSES
        self.rig = Rig(machine, programs, params=params, seed=seed, locks_for=locks_for, pulses=pulses)
        self.truth = Truth(self.rig)
        self.verdicts = Verdicts(self.rig, params)
        self.verdicts.sound = self.life == "sound"
        self.troubles = Troubles(self.rig, rng)
        self._passers_by = random.Random(f"{seed} passers-by")
        self._favourite = rng.choice((None, *people.PEOPLE))
        """Who sits there most of the time, and likes it warm and long."""
        self._unrest = rng.choice(UNREST)
        """How much goes on there: sessions that nobody disturbs come to their end."""
        self._clock_due = False
        self.lived_s = 0.0

    @property
    def found(self) -> list[Found]:
        return self.verdicts.found

    def run(self, seconds: float | None = None) -> Iterator[float]:
        """Live for this long, or as long as the seed says; yields after every act how long it has lived.

        Time in which the machine is off is none.
        """
        rig = self.rig
        end_s = drawn(self.seed).hours * 3600.0 if seconds is None else seconds
        single = trials.cycle(rig.machine, self.rng) if self.life == "trial" else iter(())
        try:
            while self.lived_s < end_s:
                trial = next(single, None)
                if trial is not None:
                    if self.rng.random() < PAIRS:
                        self._pair()
                    else:
                        self._try(trial)
                else:
                    self._act()
                    self._live(min(self.rng.choice(WAITS_S), end_s - self.lived_s))
                yield self.lived_s
        except ViolationError as violation:
            self.verdicts.add("violation", violation.rule, str(violation))
        except Exception as error:  # whatever the engine dies of
            where = error.__traceback__
            while where is not None and where.tb_next is not None:
                where = where.tb_next
            at = "" if where is None else f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}"
            self.verdicts.add("crash", type(error).__name__, f"{error} at {at}")

    # --- one tick ------------------------------------------------------------------------------------

    def _tick(self, *commands: EngineCommand | Given, dt_s: float = TICK_S) -> None:
        rig = self.rig
        self.troubles.live(rig.now)
        self.lived_s += dt_s
        step = rig.tick(*commands, dt_s=dt_s)
        self.verdicts.seen()
        if step.events:
            self.verdicts.told(step.events)
        if commands:
            self._owned()
        self.truth.check()
        if dt_s > LATE_FROM_S:
            self.verdicts.note_late()

    def _owned(self) -> None:
        """Whoever has begun or taken something over says that they are there, as their screen would."""
        rig = self.rig
        for given, reply in zip(rig.given, rig.replies, strict=True):
            if reply.ok and isinstance(given.command, Start | Preheat | Resume | Tune):
                rig.others = () if given.by == rig.by and rig.engine.session is not None else (given.by,)

    def _live(self, seconds: float) -> None:
        until = self.rig.now + seconds - 1e-9
        while self.rig.now < until:
            self._tick()

    def _until_idle(self, within_s: float) -> bool:
        until = self.rig.now + within_s
        while self.rig.engine.state != "idle" and self.rig.now < until:
            self._tick()
        return self.rig.engine.state == "idle"

    # --- what happens --------------------------------------------------------------------------------

    def _act(self) -> None:
        """Something happens to the machine, and somebody presses something."""
        rng, rig = self.rng, self.rig
        if self.life == "faulty":
            self.troubles.act()
        self._around()
        drawn = rng.random() / self._unrest
        if drawn < 0.04:
            self._restart()
        elif drawn < 0.12:
            self._burst()
        elif drawn < 0.17:
            self._late()
        elif rig.engine.state == "idle":
            self._at_rest()
        elif rig.engine.state != "running" or rng.random() < self._unrest:
            self._tick(self._press())

    def _around(self) -> None:
        rng, rig = self.rng, self.rig
        now_and_then = NOW_AND_THEN * self._unrest
        if rng.random() < now_and_then or not rig.alive:
            rig.alive = not rig.alive
        if rig.engine.session is None:
            rig.alive = True
        if rng.random() < now_and_then:
            rig.plant.set_foot(rng.choice(people.SIDES), rng.random() < 0.8)
        if rng.random() < now_and_then or rig.plant.stop_pressed:
            rig.plant.stop_pressed = rng.random() < 0.3
        if rng.random() < now_and_then:
            rig.disk_delay_s = rng.choice(DISK_S)
        rig.disk_works = rng.random() > (now_and_then if rig.disk_works else 0.5)
        if self._clock_due and rng.random() < OFTEN:
            rig.set_clock()
            self._clock_due = False

    def _restart(self) -> None:
        """The controller dies in whatever state it is, with what is on the disk by then."""
        rng, rig = self.rng, self.rig
        good, damaged, damages = rng.random() < 0.7, rng.random() < NOW_AND_THEN, rig.damages
        rig.restart(rng.choice(OFF_S), clock_is_good=good, plug_pulled=rng.random() < 0.6, damaged=damaged)
        rig.others = ()
        self._clock_due = not good and not damaged
        if rig.damages != damages:
            self.verdicts.note_damaged()
        self._tick()

    def _burst(self) -> None:
        """Several people at several screens press whatever there is, several things a tick."""
        rng = self.rng
        for _ in range(rng.randint(1, 40)):
            many = COMMANDS_A_TICK if rng.random() < NOW_AND_THEN else rng.choice((0, 1, 1, 2, 5))
            given: list[Given] = []
            for _ in range(many):
                command = people.anything(rng, self.rig.programs, self.rig.machine)
                if isinstance(command, Stop | Pain):
                    given = []  # what waits when somebody stops is not done any more
                given.append(Given(command, rng.choice(SENDERS)))
            self._tick(*given)

    def _meanwhile(self) -> None:
        """What goes wrong waits for nobody to be finished."""
        if self.life == "faulty" and self.rng.random() < 0.02:
            self.troubles.act()
        if self.rng.random() < 0.001:
            self._restart()

    def _late(self) -> None:
        rng = self.rng
        command = self._press()
        for _ in range(rng.randint(1, 4)):
            self._tick(command, dt_s=rng.choice(LATE_S))

    def _press(self) -> EngineCommand:
        rig = self.rig
        return people.press(self.rng, rig.engine.state, rig.programs)

    def _at_rest(self) -> None:
        """Nobody is at it: somebody comes, or works on it."""
        rng, rig = self.rng, self.rig
        drawn = rng.random()
        if drawn < 0.55:
            person = self._favourite if rng.random() < 0.8 else rng.choice((None, *people.PEOPLE))
            wanted = people.wants(rng, person, rig.programs)
            if self._passers_by.random() < WARM_FIRST:
                self._get_warm(wanted)
            self._tick(wanted)
            if rig.engine.session is None:  # not so much for this person
                shortest = min(rig.programs[wanted.program].minutes)
                self._tick(replace(wanted, intensity=2, minutes=shortest))
        elif drawn < 0.65:
            self._tick(people.start(rng, rig.programs))
        elif drawn < 0.75:
            self._check()
        elif drawn < 0.87:
            self._hold()
        elif drawn < 0.93:
            self._tune()
        else:
            self._live(rng.choice((60.0, 300.0, 600.0)))

    def _get_warm(self, wanted: Start) -> None:
        """Pads are warmed for whoever gets ready: once or again and again, until they start, think better of
        it, or go."""
        draw, rig = self._passers_by, self.rig
        preheat = Preheat(feet=wanted.feet, person=wanted.person, answers=wanted.answers)
        for _ in range(draw.choice((1, 1, 1, 4))):
            self._tick(preheat)
            until = rig.now + draw.choice((1.0, 20.0, 60.0, 200.0))
            while rig.engine.state == "preheating" and rig.now < until:
                self._live(1.0)
                if draw.random() < RARELY:
                    self._tick(people.for_another(draw, preheat))
                if draw.random() < RARELY:
                    rig.others = ()
            if draw.random() < 0.5:
                return  # and starts at once
            self._tick(draw.choice((Stop(), EndPreheat())))
            self._live(draw.choice((1.0, 5.0, 60.0)))

    def _check(self) -> None:
        """The machine is to check itself, and somebody else presses it as well."""
        check = people.check(self.rng)
        self._tick(check)
        if self._passers_by.random() < 0.3:
            self._live(self._passers_by.uniform(0.0, 20.0))
            if self.rig.engine.state == "self-test":
                self._tick(people.for_another(self._passers_by, check))

    def _hold(self) -> None:
        """An output is held by hand, for as long as somebody likes, by one screen or two."""
        rng, rig = self.rng, self.rig
        drive, by = people.drive(rng, self.rig.machine), rng.choice((SCREEN, TERMINAL))
        until = rig.now + rng.choice((1.0, 10.0, 60.0, 240.0))
        while rig.now < until and rig.engine.state in ("idle", "service", "stopping"):
            self._tick(Given(drive, by))
            self._live(0.2)
            self._meanwhile()
            if rng.random() < RARELY:
                drive = people.drive(rng, self.rig.machine)
            if self._passers_by.random() < NOW_AND_THEN:
                drive = people.for_another(self._passers_by, drive)
            if rng.random() < RARELY:
                by = rng.choice(SENDERS)

    def _tune(self) -> None:
        """To its end, or until somebody or something ends it."""
        rng, rig = self.rng, self.rig
        by = rng.choice((SCREEN, TERMINAL))
        feet = dict(rig.plant.feet)
        if rng.random() < 0.8:  # as it is meant to be done
            for side in feet:
                rig.plant.set_foot(side, False)
        tune = people.tune(rng)
        self._tick(Given(tune, by))
        patience_s = rng.choice((30.0, 1000.0, 1000.0))
        until = rig.now + patience_s
        while rig.engine.state == "service" and rig.now < until:
            self._live(1.0)
            self._meanwhile()
            if self._passers_by.random() < 0.003:
                self._tick(Given(people.for_another(self._passers_by, tune), by))
            if rng.random() < 0.001:
                rig.others = ()
        self._tick(Given(Stop() if rng.random() < 0.3 else KeepGains(), by))
        rig.others = ()
        for side, there in feet.items():
            rig.plant.set_foot(side, there)

    # --- trials --------------------------------------------------------------------------------------

    def _try(self, trial: trials.Trial) -> None:
        """A session with one fault in it, and what becomes of it."""
        told = self._session(trial.program)
        if told is None:
            return
        rng, rig = self.rng, self.rig
        where = trials.targets(trial, rig.machine, rng)
        amount = rng.choice(trial.amounts)
        for target in where:
            rig.plant.faults.put(trial.fault, target, amount)
        self._watch(trial, where, told)
        self.troubles.mend()

    def _pair(self) -> None:
        """A session with two faults of one part in it, the second some time after the first; what holds then
        is for the judges."""
        program, faults = trials.pair(self.rig.machine, self.rng)
        if self._session(program) is None:
            return
        for name, target, amount in faults:
            self.rig.plant.faults.put(name, target, amount)
            self._live(self.rng.choice((0.0, 5.0, 60.0, 200.0)))
        self._live(self.rng.uniform(200.0, 600.0))
        self.troubles.mend()

    def _session(self, program_id: str) -> int | None:
        """Have one that runs for some minutes with nothing said; how much was told before. None: not so."""
        rng, rig = self.rng, self.rig
        self.verdicts.sound = False
        for side in people.SIDES:
            rig.plant.set_foot(side, True)
        if not self._recover():
            return None
        person = rng.choice((None, *people.PEOPLE))
        program = rig.programs[program_id]
        self._tick(
            Start(
                program=program.id,
                minutes=max(program.minutes),
                intensity=rng.randint(3, 8),
                heat_c=rng.uniform(39.0, 42.0),
                person=person,
                answers=() if person is None else None,
            )
        )
        session = rig.engine.session
        if session is None or ("heat" if program_id == trials.HEATS else "squeeze") not in session.kinds:
            return None  # not for this person
        told = len(rig.events)
        self._live(rng.uniform(60.0, 480.0))
        return None if rig.engine.session is None or self._codes(told) else told

    def _codes(self, told: int) -> set[str]:
        events = self.rig.events[told:]
        return {e.code for e in events if isinstance(e, Noted) and e.what == "fault"}

    def _watch(self, trial: trials.Trial, where: list[str], told: int) -> None:
        """Until it is found, or has not been for too long while the part was used."""
        rig, used_s = self.rig, 0.0
        part = where[0].split()[0] if where[0] else ""
        froze_c = rig.plant.pad_c if trial.fault == "sensor-frozen" else ()
        seen = len(rig.events)
        while rig.engine.session is not None and used_s <= trial.within_s:
            self._tick()
            if len(rig.events) != seen:
                seen = len(rig.events)
                if self._codes(told) & trial.codes:
                    return
            if rig.engine.state == "running" and self._uses(trial, part) and self._moved(part, froze_c):
                used_s += TICK_S
        codes = self._codes(told)
        if used_s > trial.within_s and not codes & trial.codes:
            put = " and ".join(faults.strip() for faults in map(str, rig.plant.faults.active()))
            others = f"; said {sorted(codes)}" if codes else ""
            what = f"{trial.fault}{' twice' if trial.both else ''}"
            self.verdicts.add("missed", what, f"{put}, {used_s:.0f} s in use{others}")

    def _moved(self, side: str, froze_c: tuple[float, ...]) -> bool:
        """Whether a sensor that froze ought to say something else by now: silence alone proves nothing."""
        pads = zip(self.rig.machine.pad, self.rig.plant.pad_c, froze_c, strict=False)
        return not froze_c or any(pad.side == side and abs(now - then) >= MOVES_C for pad, now, then in pads)

    def _uses(self, trial: trials.Trial, part: str) -> bool:
        """Whether what is broken is used now, as far as the fault needs that to be felt."""
        shown = self.truth.look.shown
        if trials.heats(trial):
            return any(pad.side == part and pad.target_c is not None for pad in shown.pads)
        if trials.squeezes(trial):
            return any(bag.zone == part or not part for bag in shown.bags if bag.target_mmhg is not None)
        return True

    def _recover(self) -> bool:
        """Everything is mended and seen; the pads may cool."""
        rig = self.rig
        self.troubles.mend()
        for _ in range(6):
            if rig.engine.session is not None:
                self._tick(Stop())
            self._live(20.0)
            if rig.engine.state == "fault":
                self._tick(Acknowledge())
            if self._until_idle(60.0):
                break
        if rig.engine.state == "idle" and rig.engine.snapshot().faults:
            self._tick(CheckItself(answers=()))
            self._live(2.0)
            return self._until_idle(130.0)
        return rig.engine.state == "idle"
