"""S14: what a person's answers forbid is forbidden at the pins and in the bags, whatever was asked for."""

from __future__ import annotations

from hardware.control.motion import duty_at
from hardware.safety.locks import NO_LOCKS, Locks
from tests.judge.look import Look

TINY = 1e-6
SQUEEZE_OVER_MMHG = 10.0
"""Overshoot of a fill, the sensor's noise and its zero's drift."""
AFTER_LATE_S = 3.0
"""While the controller stands still the pump goes on; what came in by then has to get out."""


class LockJudge:
    def __init__(self, look: Look) -> None:
        self.look = look
        self._session: object = None
        self._locks: Locks = NO_LOCKS
        self._ceilings: list[float] = []
        self._late_at = -AFTER_LATE_S

    def check(self) -> None:
        look = self.look
        if look.late:
            self._late_at = look.at_s
        session = look.rig.engine.session
        if session is None:
            self._session = None
            return
        if session is not self._session:
            self._session = session
            begun = look.rig.begun
            assert begun is not None
            assert begun.person == session.person
            if begun.person is None and begun.answers is None:
                look.fail("S14", "a session for a guest who was not asked")
            self._locks = locks = look.rig.locks_for(begun)
            self._ceilings = [
                duty_at(motor, locks.max_levels.get(motor.kind, 10.0)) for motor in look.machine.motor
            ]
            if locks.refuse:
                look.fail("S14", f"a session for {session.person}: {locks.refuse}")
        locks = self._locks
        if locks is NO_LOCKS:
            return
        if session.intensity > locks.max_intensity or session.minutes > locks.max_minutes:
            look.fail("S14", f"intensity {session.intensity}, {session.minutes} minutes for {locks}")
        for duty, ceiling in zip(look.pins[look.motors], self._ceilings, strict=True):
            if duty > ceiling + TINY:
                look.fail("S14", f"motors {look.pins[look.motors]} for {locks}")
        if locks.forbids("heat") and any(look.pins[look.heaters]):
            look.fail("S14", f"heaters {look.pins[look.heaters]} for {locks}")
        if locks.left_out:
            self._left_out(locks)
        if locks.forbids("squeeze") and any(look.pins[look.valves]):
            look.fail("S14", f"valves {look.pins[look.valves]} for {locks}")
        on_time = look.at_s - self._late_at >= AFTER_LATE_S
        if look.state == "running" and look.sound() and look.settled and on_time:
            highest = max(look.rig.plant.bag_mmhg, default=0.0)
            if highest > locks.max_squeeze_mmhg + SQUEEZE_OVER_MMHG:
                look.fail("S14", f"{highest:.0f} mmHg for {locks}")

    def _left_out(self, locks: Locks) -> None:
        """Where nothing is to work, nothing has power."""
        look, machine = self.look, self.look.machine
        for duty, motor in zip(look.pins[look.motors], machine.motor, strict=True):
            if duty and motor.zone in locks.left_out:
                look.fail("S14", f"{motor.kind} at the {motor.zone} for {locks}")
        for open_, bag in zip(look.pins[look.valves], machine.bag, strict=True):
            if open_ and bag.zone in locks.left_out:
                look.fail("S14", f"air at the {bag.zone} for {locks}")
        if "sole" in locks.left_out and any(look.pins[look.heaters]):
            look.fail("S14", f"heat at the sole for {locks}")
