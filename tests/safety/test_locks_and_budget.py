"""S14: locks hold whatever is asked. S16: the supply is never asked for more than it has."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.places import ASSETS
from hardware.board.interface import Outputs
from hardware.engine import Engine
from hardware.machine import Machine, load_machine
from hardware.messages import SetBalance, SetBoost, SetIntensity, SetMinutes, Start
from hardware.program import Program
from hardware.safety.budget import watts, within_budget
from hardware.safety.locks import Locks
from tests import shaped
from tests.rig import Rig
from tests.shaped import flat

MACHINE = load_machine(ASSETS / "machines" / "reference.toml")
NUMB = Locks(max_levels={"heat": 0, "knead": 2}, max_squeeze_mmhg=45.0, max_intensity=8)


def locked(machine: Machine, programs: dict[str, Program], locks: Locks) -> Rig:
    rig = Rig(machine, programs)
    ids = itertools.count()
    rig.engine = Engine(
        machine, programs, new_id=lambda: f"s{next(ids)}", locks_for=lambda _start: locks, pulses=False
    )
    return rig


def test_s14_feet_that_feel_little_get_no_heat_gentle_kneading_and_45_mmhg(
    machine: Machine, programs: dict[str, Program]
) -> None:
    rig = locked(machine, programs, NUMB).start("arch", intensity=8, heat_c=42.0)
    for kind in ("knead", "squeeze"):
        assert rig.give(SetBalance(kind=kind, balance="strong")).ok  # type: ignore[arg-type]
    assert not rig.give(SetBalance(kind="heat", balance="strong")).ok
    rig.give(SetBoost(zone="foot"))
    knead = [i for i, motor in enumerate(machine.motor) if motor.kind == "knead"]
    highest = 0.0
    for _ in rig.run(14 * 60):
        assert rig.heaters == (0.0, 0.0)
        highest = max(highest, *rig.plant.bag_mmhg)
        for index in knead:
            assert rig.motors[index] <= 0.30 + 0.55 / 9 + 1e-6, "level 2"
    assert 30 < highest < 45 + 6


@pytest.mark.parametrize(
    ("locks", "asked", "words"),
    [
        (Locks(refuse="Please ask your doctor first."), {}, "doctor"),
        (Locks(max_minutes=10), {"minutes": 15}, "at most 10 minutes"),
        (Locks(max_intensity=4), {"intensity": 5}, "at most 4"),
    ],
)
def test_s14_a_start_beyond_a_lock_is_refused_and_nothing_changes(
    machine: Machine, programs: dict[str, Program], locks: Locks, asked: dict[str, Any], words: str
) -> None:
    rig = locked(machine, programs, locks).ready()
    reply = rig.give(Start(**{"program": "relax", "minutes": 10, "intensity": 3, "answers": (), **asked}))
    assert not reply.ok
    assert words in str(reply.reason)
    assert rig.engine.state == "idle"


def test_s14_nor_can_a_running_session_be_taken_beyond_it(
    machine: Machine, programs: dict[str, Program]
) -> None:
    rig = locked(machine, programs, Locks(max_minutes=15, max_intensity=4)).start("relax", intensity=4)
    assert not rig.give(SetIntensity(level=5)).ok
    assert not rig.give(SetMinutes(minutes=20)).ok
    assert (rig.session.intensity, rig.session.minutes) == (4, 15)


duty = st.floats(0, 1)
outputs = st.builds(
    flat, st.tuples(*[duty] * 6), duty, st.tuples(*[st.booleans()] * 4), st.tuples(duty, duty)
)


@given(outputs, st.floats(1, 100))
def test_s16_what_is_sent_never_exceeds_the_supply_and_only_takes_away(
    wanted: Outputs, supply: float
) -> None:
    machine = msgspec.structs.replace(MACHINE, supply=msgspec.structs.replace(MACHINE.supply, watts=supply))
    given = within_budget(wanted, machine)
    assert watts(given, machine) <= supply + 1e-6
    assert all(a <= b for a, b in zip(given.duties, wanted.duties, strict=True))


def test_s16_heat_gives_way_first() -> None:
    wanted = shaped.outputs(MACHINE, (0.8,) * 6, 1.0, (True,) * 4, (1.0, 1.0))
    given = within_budget(wanted, MACHINE)
    assert shaped.motors(MACHINE, given) == shaped.motors(MACHINE, wanted)
    assert 0 < shaped.heaters(MACHINE, given)[0] < 1
