"""The safety rules as seen from the far end: pins, rail and plant, whatever the controller believes.

The single home of the rules' checks, for property tests, fault table and campaign. Which judge has which
rule, and what excuses it, stands in ``tests/judge``.
"""

from __future__ import annotations

from collections import Counter

from tests.judge.air import AirJudge
from tests.judge.course import CourseJudge
from tests.judge.heat import HeatJudge
from tests.judge.locks import LockJudge
from tests.judge.look import Look, ViolationError
from tests.judge.memory import MemoryJudge
from tests.judge.power import PowerJudge
from tests.judge.preheat import PreheatJudge
from tests.judge.rates import RateJudge
from tests.rig import Rig


class Truth:
    """Call ``check`` after every tick; it raises ViolationError with the rule that did not hold."""

    def __init__(self, rig: Rig) -> None:
        self.look = look = Look(rig)
        self._judges = (
            PowerJudge(look),
            PreheatJudge(look),
            HeatJudge(look),
            AirJudge(look),
            RateJudge(look),
            CourseJudge(look),
            LockJudge(look),
            MemoryJudge(look),
        )

    def check(self) -> None:
        self.look.take()
        for judge in self._judges:
            judge.check()

    @property
    def excuses(self) -> Counter[str]:
        """How often what did not hold was excused, by the excuse's name; at most one a minute each."""
        return self.look.excuses


__all__ = ["Truth", "ViolationError"]
