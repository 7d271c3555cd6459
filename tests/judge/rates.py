"""S8: nothing that a foot feels rises faster than it may; it may always fall at once."""

from __future__ import annotations

from math import inf

from hardware.messages import Noted
from tests.judge import rules
from tests.judge.look import Look

TINY = 1e-6
SHOWN_S = 0.3
"""What is shown may be this old."""


class RateJudge:
    def __init__(self, look: Look) -> None:
        self.look = look
        self._stalls = [motor.stalls_below for motor in look.machine.motor]
        self._duties = list(look.pins[look.motors])
        self._unseen_s = 0.0
        self._setpoints = [pad.target_c for pad in look.shown.pads]
        self._shown_s = 0.0
        """Since the screens' last look."""
        self._air_s = 0.0 if look.session is None else inf
        """For how long targets may have risen: since the bags were all let go of."""
        session = look.session
        self._session = session.id if session else ""
        self._level = session.level if session else 0.0
        self._run_s = session.elapsed_s if session else 0.0
        """For how long this session has run: without its pauses."""

    def check(self) -> None:
        look = self.look
        self._unseen_s += look.gap_s
        self._shown_s += look.gap_s
        # In a late tick the pins may be what they were before; what it dropped rises anew (S11).
        if not look.late:
            if look.pins_changed:
                self._motors(self._unseen_s)
            self._unseen_s = 0.0
        opened = any(isinstance(event, Noted) and event.what == "too-strong" for event in look.news)
        if look.state != "running" or look.late or opened:
            self._air_s = 0.0
        else:
            self._air_s += look.gap_s
        if look.fresh:
            self._air()
            self._heat(self._shown_s)
            self._levels(self._shown_s)
            self._shown_s = 0.0
        elif look.state == "running":
            self._run_s += look.gap_s

    def _motors(self, gap_s: float) -> None:
        """From the pins alone. What stands still may be waiting at the edge of its stall band."""
        look = self.look
        rise = rules.DUTY_PER_S * gap_s + TINY
        for index, duty in enumerate(look.pins[look.motors]):
            before = self._duties[index]
            if duty > before and duty > max(before + rise, self._stalls[index] + rise):
                look.fail("S8", f"motor {index} from {before:.3f} to {duty:.3f} in {gap_s:.2f} s")
            self._duties[index] = duty

    def _air(self) -> None:
        """A bag's target begins at nothing whenever all were let go of."""
        most = rules.AIR_MMHG_PER_S * (self._air_s + rules.TICK_S) + TINY
        for bag in self.look.shown.bags:
            if bag.target_mmhg is not None and bag.target_mmhg > most:
                self.look.fail(
                    "S8", f"{bag.zone} to be at {bag.target_mmhg:.1f} mmHg {self._air_s:.1f} s after nothing"
                )

    def _heat(self, gap_s: float) -> None:
        setpoints = [pad.target_c for pad in self.look.shown.pads]
        for before, setpoint in zip(self._setpoints, setpoints, strict=True):
            if setpoint is None or before is None:
                continue
            if setpoint - before > rules.HEAT_C_PER_S * gap_s + TINY:
                self.look.fail("S8", f"a pad's target from {before:.2f} to {setpoint:.2f} °C")
        self._setpoints = setpoints

    def _levels(self, gap_s: float) -> None:
        look, session = self.look, self.look.session
        if session is None:
            self._session = ""
            return
        if session.id != self._session:
            self._run_s = 0.0
        elif look.state == "running":
            self._run_s += look.gap_s
        level = session.level
        rises = level - self._level > rules.LEVEL_PER_S * gap_s + TINY
        if session.id == self._session and rises:
            look.fail("S8", f"the level from {self._level:.2f} to {level:.2f}")
        if self._run_s < rules.GENTLE_S - SHOWN_S and level > 1.0:
            look.fail("S8", f"a level of {level:.2f} in the first minute")
        if level > session.intensity:
            look.fail("S8", f"a level of {level:.2f} with {session.intensity} asked")
        self._session, self._level = session.id, level
