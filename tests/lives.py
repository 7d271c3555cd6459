"""Sessions that many tests begin with: lived through once, with every rule checked, and handed out as copies.

What was lived before is gone on with: what is found five, seven and ten minutes into a session costs ten
minutes of it. A copy shares nothing with its original but what never changes.
"""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field
from functools import cache

from msgspec.structs import replace

from app.places import ASSETS
from hardware.machine import Machine, load_machine
from hardware.program import Program, load_programs
from hardware.virtual.plant import PlantParams
from tests.rig import Rig
from tests.truth import Truth

SPREAD = 0.3


@dataclass(frozen=True)
class Life:
    """How a session on the reference machine begins. Seed 0 is the usual plant, any other draws one."""

    program: str
    seed: int = 0
    start: tuple[tuple[str, object], ...] = ()
    """What is asked for beside the program."""
    plant: tuple[tuple[str, object], ...] = ()
    """What the plant has that is not drawn."""
    both_feet: bool = False


@dataclass
class Lived:
    """A life up to now."""

    rig: Rig
    truth: Truth
    seconds: float = field(default=0.0)

    def go_on(self, seconds: float) -> None:
        """Raises ViolationError where a rule does not hold."""
        for _ in self.rig.run(seconds):
            self.truth.check()
        self.seconds += seconds


_lived: dict[Life, list[Lived]] = {}


@cache
def _shared() -> tuple[Machine, dict[str, Program]]:
    programs, broken = load_programs(ASSETS / "programs")
    assert not broken
    return load_machine(ASSETS / "machines" / "reference.toml"), programs


def forget() -> None:
    """Let go of all of them: collecting garbage among so many objects is slow."""
    _lived.clear()


def plant(life: Life) -> PlantParams:
    drawn = PlantParams.random(random.Random(life.seed), SPREAD) if life.seed else PlantParams()
    if life.both_feet:
        feet = {side: replace(foot, present=True) for side, foot in drawn.feet.items()}
        drawn = replace(drawn, feet=feet)
    return replace(drawn, **dict(life.plant))  # type: ignore[arg-type]


def begun(life: Life) -> Lived:
    """One whose session has just begun."""
    machine, programs = _shared()
    rig = Rig(machine, programs, params=plant(life), seed=life.seed)
    rig.start(life.program, **dict(life.start))
    return Lived(rig, Truth(rig))


def lived(life: Life, seconds: float) -> Lived:
    """A copy of this life after so many seconds of its session, judged at every tick. The caller's own."""
    print(f"seed {life.seed}")
    if life not in _lived:
        _lived[life] = [begun(life)]
    known = _lived[life]
    one = max((one for one in known if one.seconds <= seconds), key=lambda one: one.seconds)
    if one.seconds < seconds:
        one = copied(one)
        one.go_on(seconds - one.seconds)
        known.append(one)
    return copied(one)


def copied(one: Lived) -> Lived:
    """Another of the same, which goes its own way."""
    shared = {id(thing): thing for thing in (*_shared(), *_shared()[1].values())}
    return copy.deepcopy(one, shared)
