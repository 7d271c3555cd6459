"""S1, S2, S3, S11, S12, S15, S16: what may be on the pins, who may put it there, and when nothing may be."""

from __future__ import annotations

from hardware.messages import CheckItself, Drive, Pain, Preheat, Start, Stop, Tune
from tests.judge import rules
from tests.judge.look import Look

AT_REST = frozenset({"starting", "idle", "paused", "stopping", "fault"})
"""Everything is off in these. A session drives what it needs; a self-test pads and air, but no motor; and in
service there is one thing at a time, a motor no faster than at intensity 1. Preheating has its own judge."""
RAIL_DROPS_S = 1.6
"""The lease (1 s), the relay's monostable (0.5 s) and the tick in which both ran out."""
VENT_S = rules.VENTS_S + 0.2
EMPTY_PLACE = 4.0
"""A bag with no foot in it holds up to this many times the air, and holds nobody."""
NO_VENT = frozenset({"valve-stuck-shut", "hose-kinked", "valves-swapped"})
NO_VENT_LASTS_S = 5.0


class PowerJudge:
    def __init__(self, look: Look) -> None:
        self.look = look
        machine = look.machine
        loads = [(m.stalls_below, m.max_duty, m.watts) for m in machine.motor]
        if machine.pump is not None:
            loads.append((machine.pump.stalls_below, machine.pump.max_duty, machine.pump.watts))
        loads += [(1.0, 1.0, bag.watts) for bag in machine.bag]
        loads += [(0.0, pad.max_duty, pad.watts) for pad in machine.pad]
        self._loads = loads
        self._off_since: float | None = None
        self._fault_since: float | None = None
        self._stop_open = False
        self._reached_at = 0.0

    def check(self) -> None:
        look = self.look
        if not look.rig.cut:
            self._reached_at = look.at_s
        if look.pins_changed:
            self._bounds()
        if any(look.pins):
            self._may_be_on()
        if look.orders:
            self._rights()
        self._bags_empty()
        self._rail()

    def _bounds(self) -> None:
        """S1 and S16; what has not changed was judged before."""
        drawn = 0.0
        for duty, (least, most, watts) in zip(self.look.pins, self._loads, strict=True):
            if not (duty == 0 or least <= duty <= most):
                self.look.fail("S1", f"pins {self.look.pins}")
            drawn += duty * watts
        if drawn > self.look.machine.supply.watts + 1e-6:
            self.look.fail("S16", f"{drawn:.1f} W")

    def _may_be_on(self) -> None:
        look = self.look
        if look.rig.cut or look.rig.now - look.at_s > rules.CUT_OFF_S + 0.1:
            if look.rig.now - self._reached_at > rules.CUT_OFF_S:
                look.fail("S12", f"pins {look.pins} without a controller")
            return
        if look.state in AT_REST:
            look.fail("S2", f"pins {look.pins}")
        motors = look.pins[look.motors]
        if look.state == "self-test" and any(motors):
            look.fail("S2", f"motors {motors}")
        if look.state == "service":
            air = any(look.pins[look.pump]) or any(look.pins[look.valves])
            driven = sum(duty > 0 for duty in (*motors, *look.pins[look.heaters])) + air
            slow = all(
                duty <= motor.duty_at_1 for duty, motor in zip(motors, look.machine.motor, strict=True)
            )
            if driven > 1 or not slow:
                look.fail("S2", f"pins {look.pins}")
        if self._stopped() or look.rig.read.stop_open:
            look.fail("S3", f"pins {look.pins} after stop")
        if look.late:
            look.fail("S11", f"pins {look.pins} after {look.gap_s:.2f} s without a tick")

    def _stopped(self) -> bool:
        """Stop was asked for in this tick, and nobody began anything after it."""
        stopped = False
        for command, role, _, reply in self.look.orders:
            if isinstance(command, Stop | Pain) and rules.may(role, type(command).__name__):
                stopped = True
            elif reply.ok and isinstance(command, Start | Preheat | Drive | Tune | CheckItself):
                stopped = False
        return stopped

    def _rights(self) -> None:
        """S3: Stop is never refused. S15: nothing is done for whom it is not meant."""
        for command, role, _, reply in self.look.orders:
            if isinstance(command, Stop) and not reply.ok:
                self.look.fail("S3", f"refused: {reply.reason}")
            if reply.ok and not rules.may(role, type(command).__name__):
                self.look.fail("S15", f"{command} done for {role}")

    def _bags_empty(self) -> None:
        """S3: seconds after nothing is driven every bag is empty."""
        look = self.look
        if look.state not in AT_REST or any(look.pins):
            self._off_since = None
            return
        if self._off_since is None:
            self._off_since = look.at_s
        within_s = VENT_S if look.feet_in else VENT_S * EMPTY_PLACE
        if (
            look.at_s - self._off_since > within_s
            and max(look.rig.plant.bag_mmhg, default=0.0) >= rules.EMPTY_MMHG
            and look.settled
            and not look.excused("bag-cannot-vent", look.wrong(NO_VENT, NO_VENT_LASTS_S))
        ):
            look.fail("S3", f"bags {look.rig.plant.bag_mmhg}")

    def _rail(self) -> None:
        """S12: in a fault the lease is not renewed, and the rail drops."""
        look = self.look
        if look.state != "fault":
            self._fault_since = None
            return
        if self._fault_since is None:
            self._fault_since = look.at_s
        if look.rig.board.wiring.rail and look.rig.now - self._fault_since > RAIL_DROPS_S:
            look.fail("S12", f"the rail is up {look.rig.now - self._fault_since:.1f} s into a fault")
