"""The judges are judged: a product with one thing wrong in it breaks the rule that says so, by its number."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from hardware import orders
from hardware.machine import Machine
from hardware.messages import DONE, Acknowledge, Alive, Drive, Pause, Resume, Start, Stop
from hardware.program import Program
from hardware.safety import limits
from hardware.safety.locks import NO_LOCKS, Locks
from hardware.senders import Given, Sender
from tests.rig import TERMINAL, Rig
from tests.truth import Truth, ViolationError

Programs = dict[str, Program]
LONG_S = 0.25
"""A tick that is not late yet: hours pass in a fifth of the time."""
Patch = pytest.MonkeyPatch


class Judged:
    """A rig whose every tick is judged."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.truth = Truth(rig)

    def tick(self, *commands: object, dt_s: float = limits.TICK_S) -> None:
        self.rig.tick(*commands, dt_s=dt_s)  # type: ignore[arg-type]
        self.truth.check()

    def live(self, seconds: float, dt_s: float = limits.TICK_S) -> None:
        until = self.rig.now + seconds
        while self.rig.now < until:
            self.tick(dt_s=dt_s)


@pytest.fixture
def judged(machine: Machine, programs: Programs) -> Callable[..., Judged]:
    def made(program: str = "", **start: object) -> Judged:
        judged = Judged(Rig(machine, programs).ready())
        if program:
            chosen = programs[program]
            asked = {"minutes": max(chosen.minutes), "intensity": 8, "answers": (), **start}
            judged.tick(Start(program=program, **asked))  # type: ignore[arg-type]
            assert judged.rig.engine.session is not None
        return judged

    return made


def breaks(rule: str) -> pytest.RaisesExc[ViolationError]:
    return pytest.raises(ViolationError, match=rf"^{rule} ")


def test_nothing_is_wrong_with_the_product_as_it_is(judged: Callable[..., Judged]) -> None:
    life = judged("relax", heat_c=42.0)
    life.live(200.0)
    life.tick(Stop())
    life.live(10.0)
    assert life.rig.engine.state == "idle"


def test_s4_a_gate_that_lets_everything_through(judged: Callable[..., Judged], monkeypatch: Patch) -> None:
    monkeypatch.setattr("hardware.engine.gate", lambda wanted, *_: wanted)
    monkeypatch.setattr("hardware.control.heat.HeatControl.update", lambda *_: 0.5)
    life = judged("relax", heat_c=40.0)
    life.live(1.0)
    life.rig.plant.faults.put("sensor-open", "left a")
    with breaks("S4"):
        life.live(1.0)


@pytest.mark.parametrize("heat_c", [39.0, 42.0])
def test_s5_heat_that_is_never_counted(
    judged: Callable[..., Judged], monkeypatch: Patch, heat_c: float
) -> None:
    """A person's half hour in one session and the next, a pad's quarter of an hour in one."""
    monkeypatch.setattr("hardware.safety.heat_ledger.HeatLedger.used_s", lambda *_: 0.0)
    life = judged("circulation", heat_c=heat_c)

    def twice() -> None:
        for _ in range(2):
            life.live(1210.0, LONG_S)
            life.tick(life.rig.given[0].command if life.rig.engine.session else Stop())
            life.live(5.0)
            life.tick(Start(program="circulation", minutes=20, intensity=3, heat_c=heat_c, answers=()))

    with breaks("S5"):
        twice()


def test_s6_bags_that_may_be_twice_as_full(judged: Callable[..., Judged], monkeypatch: Patch) -> None:
    monkeypatch.setattr("hardware.session.bag_mmhg_at", lambda *_: 180.0)
    monkeypatch.setattr("hardware.control.bag.BagControl.follow", _follow_at_once)
    for name in ("BAG_TARGET_MAX_MMHG", "BAG_PUMP_STOP_MMHG", "BAG_OPEN_MMHG"):
        monkeypatch.setattr(limits, name, 2 * getattr(limits, name))
    life = judged("circulation")
    with breaks("S[68]"):
        life.live(240.0)


def _follow_at_once(bag: object, order: object, dt_s: float) -> None:
    raise NotImplementedError
