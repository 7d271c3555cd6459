"""Random people, commands, plants and faults on a fake clock, every rule checked at every tick.

One episode is one machine with one plant, at most an hour of its life. Its seed replays it exactly.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from hardware.machine import Machine
from hardware.messages import (
    Acknowledge,
    EngineCommand,
    JustRight,
    Linger,
    Pain,
    Pause,
    Resume,
    SetBalance,
    SetBoost,
    SetHeat,
    SetIntensity,
    SetMinutes,
    SkipTo,
    Start,
    Stop,
    TooStrong,
)
from hardware.program import Program
from hardware.virtual.faults import FaultError
from hardware.virtual.plant import PlantParams
from hardware.words import KINDS, ZONES
from tests.rig import Rig
from tests.truth import Truth, ViolationError

EPISODE_S = 3600.0
SPREAD = 0.3
NOT_IN_PROCESS = ("daemon-slow", "daemon-gone", "daemon-died")


class Episode:
    """One machine's hour. ``run`` yields now and then; raises ViolationError with what did not hold."""

    def __init__(self, seed: int, machine: Machine, programs: Mapping[str, Program]) -> None:
        self.seed = seed
        self.rng = rng = random.Random(seed)
        self.rig = Rig(machine, programs, params=PlantParams.random(rng, SPREAD), seed=seed)
        self.truth = Truth(self.rig)
        self.faulty = rng.random() < 0.6
        self.faults = [f for f in self.rig.plant.faults.possible() if f.name not in NOT_IN_PROCESS]
        self.empty = False

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
            excused = {"bag-not-filling"} if self.empty else set()  # a bag without its foot fills slowly
            tripped = [detail["code"] for detail in rig.noted("fault") if detail["code"] not in excused]
            if tripped:
                raise ViolationError(f"seed {self.seed}: normal life tripped {tripped}")

    def _act(self) -> None:
        rng, rig = self.rng, self.rig
        if self.faulty and rng.random() < 0.10:
            self._break()
        if rng.random() < 0.03:
            rig.alive = not rig.alive
        if rng.random() < 0.05:
            rig.plant.set_foot(rng.choice(("left", "right")), rng.random() < 0.7)
        self.empty = self.empty or not all(rig.plant.feet.values())
        rig.tick(self._command())
        self.truth.check()

    def _break(self) -> None:
        rng, faults = self.rng, self.rig.plant.faults
        if faults.active() and rng.random() < 0.5:
            faults.clear()
            return
        fault = rng.choice(self.faults)
        try:
            faults.put(fault.name, rng.choice(faults.targets(fault.name)))
        except FaultError:
            return

    def _command(self) -> EngineCommand:
        rng, engine = self.rng, self.rig.engine
        if engine.state == "fault":
            return Acknowledge()
        if engine.session is None:
            self.rig.alive = True
            return Start(
                program=rng.choice(sorted(self.rig.programs)),
                minutes=rng.randint(5, 30),
                intensity=rng.randint(1, 10),
                heat_c=rng.choice((None, rng.uniform(34, 42))),
                feet=rng.choice(("both", "both", "left", "right")),
            )
        if engine.state == "paused" and rng.random() < 0.7:
            return Resume()
        return rng.choice(
            (
                SetIntensity(level=rng.randint(1, 10)),
                SetIntensity(level=rng.randint(1, 10)),
                SetBalance(kind=rng.choice(KINDS), balance=rng.choice(("off", "soft", "normal", "strong"))),
                SetBoost(zone=rng.choice((None, *ZONES))),
                SetHeat(heat_c=rng.choice((None, rng.uniform(34, 42)))),
                SetMinutes(minutes=rng.randint(5, 30)),
                SkipTo(phase=rng.randint(0, 6)),
                TooStrong(),
                Linger(),
                JustRight(),
                JustRight(),
                Pause(),
                rng.choice((Stop(), Pain(), JustRight())),
            )
        )


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
