"""Random people, commands, plants and faults on a fake clock, every rule checked at every tick.

One episode is one machine with one plant, at most an hour of its life. Its seed replays it exactly.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace

from app.household.screening import locks_of
from hardware.board.interface import Readings
from hardware.machine import Machine
from hardware.messages import EngineCommand, Start
from hardware.program import Program
from hardware.safety import limits
from hardware.safety.locks import Locks
from hardware.service.finding import PAD_ALONE_C
from hardware.virtual.faults import FaultError
from hardware.virtual.plant import PlantParams
from tests import people
from tests.rig import Rig
from tests.truth import Truth, ViolationError

EPISODE_S = 3600.0
SPREAD = 0.3
NOT_IN_PROCESS = ("daemon-slow", "daemon-gone", "daemon-died")
LATE_S = (0.1, 0.2, 0.28, 0.4, 0.7, 1.2, 4.0)
"""How long a tick takes that others kept waiting; above 0.3 s it is late (S11)."""
PULSES = 0.3
"""Share of machines whose self-test asks valves and pads, too."""
AWKWARD = 0.3
"""Share of machines with noise, wrong words, warm rooms and blankets."""
WARM_ROOM_C = 30.0
NONSENSE = (float("nan"), float("inf"), -1e9, None)
RARELY, NOW_AND_THEN, OFTEN = 0.01, 0.05, 0.10


def machines(machine: Machine) -> tuple[Machine, ...]:
    """Machines with fewer parts than this one has."""
    return (
        replace(machine, bag=(), pump=None),
        replace(machine, pad=()),
        replace(machine, pad=machine.pad[:1], bag=machine.bag[::2]),
        replace(machine, motor=machine.motor[2:4], bag=machine.bag[:1]),
        replace(machine, supply=replace(machine.supply, watts=30)),
    )


class Episode:
    """One machine's hour. ``run`` yields now and then; raises ViolationError with what did not hold."""

    def __init__(self, seed: int, machine: Machine, programs: Mapping[str, Program]) -> None:
        self.seed = seed
        self.rng = rng = random.Random(seed)
        if rng.random() < OFTEN:
            machine = rng.choice(machines(machine))
        locks = {person: people.locks(rng) for person in people.PEOPLE}
        params = PlantParams.random(rng, SPREAD)
        odd = random.Random(f"{seed} sensors")  # of its own, so that a seed's people stay the same
        if odd.random() < AWKWARD:
            params = params.awkward(odd)
        pulses = rng.random() < PULSES

        def locks_for(start: Start) -> Locks:
            return locks_of(start.answers or ()) if start.person is None else locks[start.person]

        self.rig = Rig(machine, programs, params=params, seed=seed, locks_for=locks_for, pulses=pulses)
        self.truth = Truth(self.rig)
        self.faulty = rng.random() < 0.6
        self.faults = [f for f in self.rig.plant.faults.possible() if f.name not in NOT_IN_PROCESS]
        self.excused: set[str] = set()
        """What may be found although the machine is sound."""
        if params.room_c > WARM_ROOM_C or params.room_c_per_h > 0.0 or params.blanket:
            self.excused.add("pad-heating-by-itself")  # as advice

    def run(self, seconds: float = EPISODE_S) -> Iterator[float]:
        """Live for this long; yields the time of its clock after every act."""
        rig = self.rig
        end = rig.now + seconds
        try:
            while rig.now < end:
                self._act()
                for _ in rig.run(self.rng.choice((0.05, 1.0, 5.0, 20.0, 60.0, 150.0))):
                    self.truth.check()
                yield rig.now
        except ViolationError as violation:
            raise ViolationError(f"seed {self.seed}: {violation}") from violation
        if not self.faulty:
            found = [detail["code"] for detail in rig.noted("fault") if detail["code"] not in self.excused]
            if found:
                raise ViolationError(f"seed {self.seed}: normal life tripped {found}")

    def _act(self) -> None:
        """Something happens to the machine, and somebody presses something."""
        rng, rig = self.rng, self.rig
        if self.faulty:
            self._suffer()
        if rng.random() < 0.03:
            rig.alive = not rig.alive
        if rng.random() < NOW_AND_THEN:
            rig.plant.set_foot(rng.choice(("left", "right")), rng.random() < 0.7)
        if not all(rig.plant.feet.values()):
            self.excused |= {"bag-not-filling", "bag-sensor-blind"}  # a bag without its foot fills slowly
        if rng.random() < NOW_AND_THEN or rig.plant.stop_pressed:
            rig.plant.stop_pressed = rng.random() < 0.3
            self.excused.add("emergency-stop")
        if rng.random() < RARELY:
            rig.restart(rng.choice((0.0, 0.3, 1.0, 3.0)))
            if max(rig.plant.pad_c, default=0.0) > min(rig.plant.pad_c, default=0.0) + PAD_ALONE_C / 2:
                self.excused.add("self-test-failed")  # a pad that was heated alone has to cool
        command = self._command()
        late = rng.random() < NOW_AND_THEN
        for _ in range(rng.randint(1, 4) if late else 1):
            rig.tick(command, dt_s=rng.choice(LATE_S) if late else limits.TICK_S)
            self.truth.check()
        if late:
            self.excused.add("controller-late")

    def _command(self) -> EngineCommand:
        engine = self.rig.engine
        if engine.session is None:
            self.rig.alive = True
        return people.press(self.rng, engine.state, self.rig.programs)

    # --- what goes wrong -----------------------------------------------------------------------------

    def _suffer(self) -> None:
        rng, rig = self.rng, self.rig
        if rng.random() < OFTEN:
            self._break()
        rig.cut = rng.random() < RARELY
        if rng.random() < NOW_AND_THEN:
            rig.doctor = self._nonsense()
        elif rng.random() < 0.5:
            rig.doctor = lambda readings: readings

    def _break(self) -> None:
        """A fault more, of any amount it can have; or all of them gone."""
        rng, faults = self.rng, self.rig.plant.faults
        if faults.active() and rng.random() < 0.5:
            faults.clear()
            return
        fault = rng.choice(self.faults)
        amount = None
        if fault.amount is not None and rng.random() < 0.5:
            amount = rng.uniform(fault.amount.least, fault.amount.most)
        try:
            faults.put(fault.name, rng.choice(faults.targets(fault.name)), amount)
        except FaultError:
            return

    def _nonsense(self) -> Callable[[Readings], Readings]:
        """One of the readings is now and then what no sensor says."""
        rng = self.rng
        often, value = rng.choice((0.01, 0.3, 1.0)), rng.choice(NONSENSE)
        pads, bags = len(self.rig.machine.pad), len(self.rig.machine.bag)
        which = rng.randrange(2 * pads + bags)
        draw = random.Random(rng.random())

        def doctor(readings: Readings) -> Readings:
            if draw.random() > often:
                return readings
            sensors = [list(pair) for pair in readings.pads_c]
            mmhg = list(readings.bags_mmhg)
            if which < 2 * pads:
                sensors[which // 2][which % 2] = value
            else:
                mmhg[which - 2 * pads] = value
            return replace(readings, pads_c=tuple((a, b) for a, b in sensors), bags_mmhg=tuple(mmhg))

        return doctor


def campaign(seed: int, hours: float, machine: Machine, programs: Mapping[str, Program]) -> Iterator[float]:
    """Episodes from ``seed`` on until so many hours were lived; yields the hours so far."""
    lived = 0.0
    while lived < hours * 3600:
        seconds = min(EPISODE_S, hours * 3600 - lived)
        for _ in Episode(seed, machine, programs).run(seconds):
            pass
        lived += seconds
        seed += 1
        yield lived / 3600
