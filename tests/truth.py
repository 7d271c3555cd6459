"""The safety rules as seen from the far end: pins, rail and plant, whatever the controller believes.

The single home of the rules' checks, for property tests, fault table and campaign. Which judge has which
rule, and what excuses it, stands in ``tests/judge``.
"""

from __future__ import annotations

from tests.judge.air import AirJudge
from tests.judge.course import CourseJudge
from tests.judge.heat import HeatJudge
from tests.judge.locks import LockJudge
from tests.judge.look import Look, ViolationError
from tests.judge.power import PowerJudge
from tests.judge.rates import RateJudge
from tests.rig import Rig


class Truth:
    """Call ``check`` after every tick; it raises ViolationError with the rule that did not hold."""

    def __init__(self, rig: Rig) -> None:
        look = self._look = Look(rig)
        self._judges = (
            PowerJudge(look),
            HeatJudge(look),
            AirJudge(look),
            RateJudge(look),
            CourseJudge(look),
            LockJudge(look),
        )

    def check(self) -> None:
        self._look.take()
        for judge in self._judges:
            judge.check()


__all__ = ["Truth", "ViolationError"]
