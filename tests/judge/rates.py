"""S8: nothing that a foot feels rises faster than it may; it may always fall at once."""

from __future__ import annotations

from hardware.safety import limits
from tests.judge.look import Look

TINY = 1e-6


class RateJudge:
    def __init__(self, look: Look) -> None:
        self.look = look
        engine = look.rig.engine
        self._stalls = [motor.stalls_below for motor in look.machine.motor]
        self._duties = list(look.pins[look.motors])
        self._ceilings = [bag._ceiling.value for bag in engine._air.bags]
        self._setpoints = list(engine._heat.setpoints_c)
        self._unseen_s = 0.0
        self._session: object = None
        self._level = 0.0

    def check(self) -> None:
        look = self.look
        self._unseen_s += look.gap_s
        # In a late tick the pins may be what they were before; what it dropped rises anew (S11).
        if not look.late:
            self._motors(self._unseen_s)
            self._unseen_s = 0.0
        engine = look.rig.engine
        self._air([bag._ceiling.value for bag in engine._air.bags], look.gap_s)
        self._heat(list(engine._heat.setpoints_c), look.gap_s)
        self._levels(look.gap_s)

    def _motors(self, gap_s: float) -> None:
        """From the pins alone. What stands still may be waiting at the edge of its stall band."""
        look = self.look
        rise = limits.DUTY_PER_S * gap_s + TINY
        for index, duty in enumerate(look.pins[look.motors]):
            before = self._duties[index]
            if duty > before and duty > max(before + rise, self._stalls[index] + rise):
                look.fail("S8", f"motor {index} from {before:.3f} to {duty:.3f} in {gap_s:.2f} s")
            self._duties[index] = duty

    def _air(self, ceilings: list[float], gap_s: float) -> None:
        for before, ceiling in zip(self._ceilings, ceilings, strict=True):
            if ceiling - before > limits.AIR_MMHG_PER_S * gap_s + TINY:
                self.look.fail("S8", f"a bag's target from {before:.1f} to {ceiling:.1f} mmHg")
        self._ceilings = ceilings

    def _heat(self, setpoints: list[float | None], gap_s: float) -> None:
        for before, setpoint in zip(self._setpoints, setpoints, strict=True):
            if setpoint is None or before is None:
                continue
            if setpoint - before > limits.HEAT_C_PER_S * gap_s + TINY:
                self.look.fail("S8", f"a pad's target from {before:.2f} to {setpoint:.2f} °C")
        self._setpoints = setpoints

    def _levels(self, gap_s: float) -> None:
        session = self.look.rig.engine.session
        if session is None:
            self._session = None
            return
        level = session.level.value
        if session is self._session and level - self._level > limits.LEVEL_PER_S * gap_s + TINY:
            self.look.fail("S8", f"the level from {self._level:.2f} to {level:.2f}")
        if session.running_s < limits.GENTLE_S and level > 1.0:
            self.look.fail("S8", f"a level of {level:.2f} in the first minute")
        if level > session.intensity:
            self.look.fail("S8", f"a level of {level:.2f} with {session.intensity} asked")
        self._session, self._level = session, level
