"""S14: what a person's answers forbid is forbidden at the pins and in the bags, whatever was asked for.

In a session, in self-test, in tuning and by hand; and to whoever sat there when a controller died.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from hardware.messages import CheckItself, Drive, Preheat, Seated, Start, Tune
from tests.judge import rules
from tests.judge.look import DOCTORED, Look

TINY = 1e-6
SQUEEZE_OVER_MMHG = 10.0
"""Overshoot of a fill, the sensor's noise and its zero's drift."""
NO_PRESSURE = frozenset(
    {
        *("pressure-offset", "pressure-frozen", "pressure-tap-blocked", "adc-dead", "adc-stuttering"),
        *("valves-swapped", "valve-stuck-shut", "hose-kinked", DOCTORED),
    }
)
NO_PRESSURE_LASTS_S = 300.0
BUSY = frozenset({"running", "paused", "preheating", "service"})
SITS = BUSY | {"self-test"}


class Locked(Protocol):
    """What somebody may not have, as the house gives it for their answers."""

    @property
    def refuse(self) -> object:
        """What is said when there is nothing at all for them; None: there is something."""

    @property
    def max_minutes(self) -> int: ...
    @property
    def max_intensity(self) -> int: ...
    @property
    def max_squeeze_mmhg(self) -> float: ...
    @property
    def max_levels(self) -> Mapping[Any, float]: ...
    @property
    def left_out(self) -> Collection[str]: ...


class LockJudge:
    def __init__(self, look: Look) -> None:
        self.look = look
        self._locks: Locked | None = None
        """Of whoever sat down last; None: nobody did, or a builder at a terminal."""
        self._busy = False
        self._ceilings: list[float] = []

    def check(self) -> None:
        look = self.look
        if look.restarted and not self._busy:
            self._locks = None  # nobody sat there
        for command, role, _, reply in look.orders:
            # Also what is asked for once more, while it goes on: whoever asked last sits there.
            if reply.ok and isinstance(command, Start | Preheat | CheckItself | Tune | Drive):
                self._sits_down(command, role)
        self._busy = look.state in BUSY or (look.restarted and self._busy)
        if self._locks is not None and look.state in SITS:
            self._holds(self._locks)

    def _sits_down(self, command: Seated, role: str) -> None:
        look = self.look
        self._locks = None
        if role == "service":
            return
        if command.person is None and command.answers is None:
            look.fail("S14", f"{command} for a guest who was not asked")
        self._locks = locks = look.rig.locks_for(command)
        if locks.refuse:
            look.fail("S14", f"{command}: {locks.refuse}")
        self._ceilings = [
            rules.highest_duty(motor, locks.max_levels.get(motor.kind, 10.0)) for motor in look.machine.motor
        ]

    def _holds(self, locks: Locked) -> None:
        look, session = self.look, self.look.session
        levels = locks.max_levels
        if session is not None and (
            session.intensity > locks.max_intensity or session.minutes > locks.max_minutes
        ):
            look.fail("S14", f"intensity {session.intensity}, {session.minutes} minutes for {locks}")
        if not any(look.pins):
            return
        for duty, ceiling in zip(look.pins[look.motors], self._ceilings, strict=True):
            if duty > ceiling + TINY:
                look.fail("S14", f"motors {look.pins[look.motors]} for {locks}")
        if levels.get("heat", 10.0) <= 0.0 and any(look.pins[look.heaters]):
            look.fail("S14", f"heaters {look.pins[look.heaters]} for {locks}")
        if locks.left_out:
            self._left_out(locks)
        if levels.get("squeeze", 10.0) <= 0.0 and any(look.pins[look.valves]):
            look.fail("S14", f"valves {look.pins[look.valves]} for {locks}")
        highest = max(look.rig.plant.bag_mmhg, default=0.0)
        if look.state == "running" and highest > locks.max_squeeze_mmhg + SQUEEZE_OVER_MMHG:
            if look.held_up or not look.settled:
                return
            if not look.excused("pressure-sensor-lies", look.wrong(NO_PRESSURE, NO_PRESSURE_LASTS_S)):
                look.fail("S14", f"{highest:.0f} mmHg for {locks}")

    def _left_out(self, locks: Locked) -> None:
        """Where nothing is to work, nothing has power."""
        look, machine = self.look, self.look.machine
        for duty, motor in zip(look.pins[look.motors], machine.motor, strict=True):
            if duty and motor.zone in locks.left_out:
                look.fail("S14", f"{motor.kind} at the {motor.zone} for {locks}")
        for shut, bag in zip(look.pins[look.valves], machine.bag, strict=True):
            if shut and bag.zone in locks.left_out:
                look.fail("S14", f"air at the {bag.zone} for {locks}")
        if "sole" in locks.left_out and any(look.pins[look.heaters]):
            look.fail("S14", f"heat at the sole for {locks}")
