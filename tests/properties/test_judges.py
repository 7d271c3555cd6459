"""The judges are judged: a product with one thing wrong in it breaks the rule that says so, by its number."""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from msgspec.structs import replace

from hardware import orders
from hardware.board.interface import Outputs, Readings
from hardware.machine import Machine
from hardware.messages import (
    DONE,
    Acknowledge,
    Alive,
    CheckItself,
    Drive,
    EndPreheat,
    Pause,
    Preheat,
    Resume,
    SkipTo,
    Start,
    Stop,
    Tune,
)
from hardware.program import Program
from hardware.safety import limits
from hardware.safety.faults import FAULTS, FaultLog
from hardware.safety.gate import gate
from hardware.safety.locks import NO_LOCKS, Locks
from hardware.safety.protection import Protection
from hardware.senders import Given, Sender
from hardware.virtual.plant import PlantParams
from tests import judge, shaped
from tests.rig import LONG_S, TERMINAL, Rig
from tests.truth import Truth, ViolationError

Programs = dict[str, Program]
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


def breaks(rule: str) -> AbstractContextManager[object]:
    return pytest.raises(ViolationError, match=rf"^({rule}) ")


def test_judges_share_nothing_with_what_they_judge() -> None:
    """No limit, no arithmetic, no private thought: only messages, the machine file and their own rules."""
    for path in sorted(Path(judge.__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        froms = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        products = {module for module in froms if module.split(".")[0] in ("hardware", "app")}
        assert products <= {"hardware.messages", "hardware.machine"}, path.name
        others = [
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and node.attr.startswith("_")
            and not node.attr.startswith("__")
            if not (isinstance(node.value, ast.Name) and node.value.id == "self")
        ]
        assert others == [], path.name


def test_nothing_is_wrong_with_the_product_as_it_is(judged: Callable[..., Judged]) -> None:
    life = judged("relax", heat_c=42.0)
    life.live(200.0)
    life.tick(Stop())
    life.live(10.0)
    assert life.rig.engine.state == "idle"


def test_nor_with_its_preheating(judged: Callable[..., Judged]) -> None:
    life = judged()
    life.rig.others = (life.rig.by,)
    for command in (EndPreheat(), Stop(), Preheat(answers=())):
        life.tick(Preheat(answers=()))
        assert life.rig.engine.state == "preheating"
        life.live(50.0, LONG_S)
        life.tick(command)
        life.live(2.0)
    life.live(100.0, LONG_S)
    assert life.rig.engine.state == "idle"
    life.tick(Preheat(answers=()))
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
    life = judged("circulation", heat_c=heat_c, intensity=1)
    start = life.rig.given[0].command

    def two_sessions() -> None:
        life.live(1080.0, LONG_S)
        life.tick(Stop())
        life.live(8.0)
        life.tick(start)
        life.live(1080.0, LONG_S)

    with breaks("S5"):
        two_sessions()


def test_s6_bags_that_may_be_twice_as_full(machine: Machine, programs: Programs, monkeypatch: Patch) -> None:
    monkeypatch.setattr("hardware.session.bag_mmhg_at", lambda *_: 140.0)
    for name in ("BAG_TARGET_MAX_MMHG", "BAG_PUMP_STOP_MMHG", "BAG_OPEN_MMHG"):
        monkeypatch.setattr(limits, name, 2 * getattr(limits, name))
    life = Judged(Rig(replace(machine), programs, locks_for=lambda _: Locks(max_squeeze_mmhg=300.0)).ready())
    life.tick(Start(program="circulation", minutes=20, intensity=8, answers=()), SkipTo(phase=2))
    with breaks("S6"):
        life.live(120.0)


def test_s7_full_bags_that_are_not_let_go_of(judged: Callable[..., Judged], monkeypatch: Patch) -> None:
    finds = Protection.update
    monkeypatch.setattr(Protection, "update", lambda *told: finds(*told) and {})
    monkeypatch.setattr("hardware.engine.gate", _shut)
    life = judged("circulation")
    life.tick(SkipTo(phase=2))
    with breaks("S7"):
        life.live(90.0)


def _shut(wanted: Outputs, readings: Readings, state: str, machine: Machine, *more: object) -> Outputs:
    outputs = gate(wanted, readings, state, machine, *more)  # type: ignore[arg-type]
    bags_mmhg = shaped.bags_mmhg(machine, readings)
    full = [mmhg is not None and mmhg > 28.0 and state == "running" for mmhg in bags_mmhg]
    valves = tuple(map(bool.__or__, shaped.valves(machine, outputs), full))
    layout = machine.layout
    return Outputs(
        (*outputs.duties[: layout.valves.start], *map(float, valves), *outputs.duties[layout.pads])
    )


@pytest.mark.parametrize("name", ["DUTY_PER_S", "AIR_MMHG_PER_S", "LEVEL_PER_S", "HEAT_C_PER_S", "GENTLE_S"])
def test_s8_what_rises_twice_as_fast(judged: Callable[..., Judged], monkeypatch: Patch, name: str) -> None:
    faster = 0.5 if name == "GENTLE_S" else 2.0
    monkeypatch.setattr(limits, name, faster * getattr(limits, name))
    monkeypatch.setattr(limits, "GENTLE_RISE_S", 1.0)
    program = "circulation" if name.startswith("AIR") else "relax"
    life = judged()

    def risen() -> None:
        life.tick(Start(program=program, minutes=15, intensity=8, heat_c=42.0, answers=()))
        life.live(100.0)

    with breaks("S8"):
        risen()


def test_s9_a_session_of_an_hour(judged: Callable[..., Judged], monkeypatch: Patch) -> None:
    monkeypatch.setattr(limits, "SESSION_MAX_S", 3600.0)
    life = judged("circulation", intensity=1)
    for _ in range(4):
        life.tick(Pause())
        life.live(250.0, LONG_S)
        life.tick(Resume())
    with breaks("S9"):
        life.live(1300.0, LONG_S)


def test_s10_a_screen_that_may_be_silent_for_twice_as_long(
    judged: Callable[..., Judged], monkeypatch: Patch
) -> None:
    monkeypatch.setattr(limits, "SCREEN_PAUSE_S", 2 * limits.SCREEN_PAUSE_S)
    life = judged("relax")
    life.rig.alive = False
    with breaks("S10"):
        life.live(5.0)


def test_s10_somebody_elses_proof_of_life(judged: Callable[..., Judged], monkeypatch: Patch) -> None:
    monkeypatch.setitem(orders._ANY_TIME, Alive, _any_proof)
    life = judged("relax")
    life.rig.alive, life.rig.others = False, (Sender("screen", "s2"),)
    with breaks("S10"):
        life.live(5.0)


def _any_proof(engine: orders.Conductor, command: Alive, by: Sender, now: float) -> object:
    engine.alive_at = now
    return DONE


def test_s11_a_late_tick_that_drops_nothing(judged: Callable[..., Judged], monkeypatch: Patch) -> None:
    monkeypatch.setattr(limits, "LATE_TICK_S", 2 * limits.LATE_TICK_S)
    life = judged("relax")
    life.live(30.0)
    life.tick(dt_s=0.5)
    with breaks("S11"):
        life.live(1.0)


@pytest.mark.parametrize("commands", [(Stop(),), (Pause(), Stop(), Resume())])
def test_s3_a_stop_that_waits(
    judged: Callable[..., Judged], monkeypatch: Patch, commands: tuple[object, ...]
) -> None:
    monkeypatch.setitem(orders._ANY_TIME, Stop, lambda *_: DONE)
    life = judged("relax")
    life.live(30.0)
    with breaks("S3"):
        life.tick(*commands)


def test_s13_a_fault_that_forgets_itself_over_a_restart(
    judged: Callable[..., Judged], monkeypatch: Patch
) -> None:
    life = judged("relax")
    life.live(5.0)
    life.rig.plant.stop_pressed = True
    life.live(1.0)
    assert life.rig.engine.state == "fault"
    life.rig.plant.stop_pressed = False
    monkeypatch.setattr("hardware.engine.FaultLog", lambda _remembered: FaultLog())
    life.rig.restart(3.0)
    with breaks("S13"):
        life.live(3.0)


def test_s13_a_fault_that_goes_by_itself(judged: Callable[..., Judged], monkeypatch: Patch) -> None:
    life = judged("relax")
    life.rig.plant.stop_pressed = True
    life.live(1.0)
    life.rig.plant.stop_pressed = False
    life.rig.engine.faults = FaultLog()
    with breaks("S13"):
        life.live(3.0)


def test_s13_a_fault_that_is_cleared_with_its_cause_still_there(
    judged: Callable[..., Judged], monkeypatch: Patch
) -> None:
    monkeypatch.setattr("hardware.safety.faults.fault_of", lambda code: replace(FAULTS[code], believed_s=0.0))
    life = judged("relax", heat_c=None)
    life.live(2.0)
    life.rig.plant.faults.put("sensor-offset", "left a", 12.0)
    life.live(20.0)
    assert life.rig.engine.state == "fault"
    life.rig.plant.faults.clear()
    life.live(1.0)

    def acknowledged() -> None:
        for _ in range(8):
            life.live(1.0)
            life.tick(Acknowledge())

    with breaks("S13"):
        acknowledged()


def test_s13_heat_that_does_not_wait_for_the_disk(judged: Callable[..., Judged], monkeypatch: Patch) -> None:
    monkeypatch.setattr("hardware.safety.memory.Remembering.may_heat", lambda *_: True)
    life = judged()
    life.rig.disk_works = False
    with breaks("S13"):
        life.tick(Start(program="relax", minutes=15, intensity=3, heat_c=40.0, answers=()))


LOCKED = Locks(max_intensity=4, max_levels={"heat": 0.0, "roll": 2.0}, left_out=frozenset({"foot"}))


@pytest.mark.parametrize("by_hand", [False, True])
def test_s14_locks_that_nobody_asks(
    machine: Machine, programs: Programs, monkeypatch: Patch, by_hand: bool
) -> None:
    monkeypatch.setattr(orders, "_locks_for", lambda *_: NO_LOCKS)
    life = Judged(Rig(machine, programs, locks_for=lambda _: LOCKED).ready())
    command = (
        Drive(output="pad.left", person="ann")
        if by_hand
        else Start(program="relax", minutes=15, intensity=4, heat_c=40.0, person="ann")
    )

    def held() -> None:
        for _ in range(40):
            life.tick(command)
            life.live(0.3)

    with breaks("S14"):
        held()


@pytest.mark.parametrize(
    "command",
    [Drive(output="pad.left"), Tune(side="left"), CheckItself()],
    ids=lambda command: type(command).__name__,
)
def test_s14_whoever_asks_once_more_is_not_asked(
    machine: Machine, programs: Programs, monkeypatch: Patch, command: Drive | Tune | CheckItself
) -> None:
    monkeypatch.setattr(orders, "_again", lambda *_: DONE)
    locks = {"ann": NO_LOCKS, "ben": LOCKED}
    life = Judged(Rig(machine, programs, locks_for=lambda seated: locks[seated.person or ""]).ready())
    life.tick(replace(command, person="ann"))
    with breaks("S14"):
        for _ in range(40):
            life.tick(replace(command, person="ben"))
            life.live(0.3)


def test_s15_a_service_command_from_anywhere(judged: Callable[..., Judged], monkeypatch: Patch) -> None:
    monkeypatch.setattr(orders, "may", lambda *_: True)
    life = judged()
    with breaks("S15"):
        life.tick(Given(Drive(output="roll.sole.left", answers=()), Sender("command-line", "c")))


def test_s16_a_supply_that_is_asked_for_too_much(
    machine: Machine, programs: Programs, monkeypatch: Patch
) -> None:
    monkeypatch.setattr("hardware.engine.within_budget", lambda wanted, _: wanted)
    poor = replace(machine, supply=replace(machine.supply, watts=20.0))
    life = Judged(Rig(poor, programs).ready())
    life.tick(Start(program="relax", minutes=15, intensity=8, heat_c=42.0, answers=()))
    with breaks("S16"):
        life.live(30.0)


@pytest.mark.parametrize(
    ("rule", "where", "wrong"),
    [
        ("S2", "hardware.safety.limits.PREHEAT_C", 38.0),
        ("S2", "hardware.safety.limits.PREHEAT_S", 360.0),
        ("S2", "hardware.service.preheat.AGAIN_S", 30.0),
        ("S10", "hardware.safety.limits.SCREEN_PAUSE_S", 4.0),
        ("S10", "hardware.orders._alive", None),
        ("S2", "hardware.orders._end_preheat", None),
    ],
    ids=lambda value: value.rsplit(".", 1)[-1] if isinstance(value, str) else "",
)
def test_s2_pads_that_are_warmed_otherwise_before_a_session(
    judged: Callable[..., Judged], monkeypatch: Patch, rule: str, where: str, wrong: object
) -> None:
    if wrong is not None:
        monkeypatch.setattr(where, wrong)
    elif where.endswith("_alive"):
        monkeypatch.setitem(orders._ANY_TIME, Alive, _any_proof)
    else:
        monkeypatch.setitem(orders._ANY_TIME, EndPreheat, lambda *_: DONE)
    life = judged()

    def got_ready() -> None:
        for _ in range(2):
            life.tick(Preheat(answers=()))
            life.rig.others = (life.rig.by,)
            life.live(95.0, LONG_S)
            if rule == "S10":
                life.rig.others = () if wrong else (Sender("screen", "s2"),)
            life.live(5.0)
            life.tick(EndPreheat())
            life.live(30.0, LONG_S)

    with breaks(rule):
        got_ready()


def test_s2_pads_that_are_warmed_as_in_a_session_before_one(
    machine: Machine, programs: Programs, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(limits, "PREHEAT_OFF_C", limits.PAD_HOT_C)
    monkeypatch.setattr("hardware.control.heat.HeatControl.update", lambda *_: 1.0)
    life = Judged(Rig(replace(machine), programs, params=PlantParams(room_c=30.0)).ready())
    life.tick(Preheat(answers=()))
    life.rig.others = (life.rig.by,)
    with breaks("S2"):
        life.live(120.0, LONG_S)


def test_s2_a_motor_that_is_driven_fast_by_hand(judged: Callable[..., Judged], monkeypatch: Patch) -> None:
    monkeypatch.setattr("hardware.service.drive.Slew", lambda *_, **__: _Fast())
    life = judged()
    with breaks("S2|S8"):
        life.tick(Given(Drive(output="roll.sole.left"), TERMINAL))


class _Fast:
    value = 0.9

    def toward(self, *_: float) -> float:
        return self.value
