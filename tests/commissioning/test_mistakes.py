"""What a builder does wrong with his hands: what each of the three that look at a machine says of it.

One table. Each mistake is put into the virtual machine's wires; the doctor looks at rest, the doctor looks
after a self-test, and somebody with open eyes is led through commissioning.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec import Struct

from app.doctor.look import Look
from app.doctor.parts import parts, rail
from app.places import Places
from hardware.machine import Machine
from hardware.messages import CheckItself
from hardware.program import Program
from hardware.virtual.fault_kinds import MISTAKES
from tests.bench import NO_FEET
from tests.commissioning.bench import Eyes
from tests.rig import TERMINAL, Rig

SETTLED_S = 12.0
HEARD = 20


class Mistake(Struct, frozen=True):
    """What is put in, and what has to be in what is said; empty: nothing is said to be broken."""

    put: str
    rest: tuple[str, ...] = ()
    tested: tuple[str, ...] = ()
    walked: tuple[str, ...] = ()
    never: str = ""
    """What must not be blamed by any of them."""
    by_chance: bool = False
    """The self-test may say nothing of it: it compares what each pad's two sensors have in common, and here
    both pads' answer half to each output."""
    findings: int = 1
    """How often commissioning may tell of it."""


TABLE = (
    Mistake("pins-swapped 16 17", walked=("left kneader", "right kneader", "swapped", "pins 16 and 17")),
    Mistake("pins-swapped 12 19", walked=("left roller", "right vibration motor", "pins 12 and 19")),
    Mistake(
        "pins-swapped 19 20",
        tested=("No bag takes air", "pin 20", "instep commission"),
        walked=("air pump", "right vibration motor", "swapped", "pins 20 and 19"),
        never="valve",
    ),
    Mistake(
        "pins-swapped 16 21",
        tested=("foot bag", "pin 21", "instep commission"),
        walked=("left kneader", "foot bag", "swapped", "pins 21 and 16"),
    ),
    Mistake(
        "pins-swapped 16 25",
        tested=("left pad", "pin 25", "instep commission"),
        walked=("left kneader", "left pad", "swapped", "pins 25 and 16"),
        never="right pad",
    ),
    Mistake(
        "pins-swapped 20 25",
        tested=("instep commission",),
        walked=("left pad", "air pump", "swapped", "pins 25 and 20"),
    ),
    Mistake(
        "pins-swapped 24 25",
        tested=("left pad", "pin 25"),
        walked=("heel bag", "left pad", "swapped", "pins 24 and 25"),
        never="right pad",
    ),
    Mistake(
        "pins-swapped 20 21",
        tested=("takes no air", "instep commission"),
        walked=("only the foot bag fills", "pins 21 and 20", "swapped"),
    ),
    Mistake(
        "pins-swapped 21 23",
        tested=("foot bag", "calf bag", "pin 21", "pin 23"),
        walked=("foot bag", "calf bag", "swapped", "pins 21 and 23"),
    ),
    Mistake(
        "pins-swapped 25 27",
        tested=("swapped", "pin 25", "pin 27"),
        walked=("heaters", "swapped", "pins 25 and 27"),
    ),
    Mistake(
        "inputs-swapped 4 5",
        tested=("foot bag", "ankle bag", "input 4", "input 5"),
        walked=("pressure sensors", "swapped", "inputs 4 and 5"),
    ),
    Mistake("inputs-swapped 0 1", findings=0),
    Mistake(
        "inputs-swapped 1 2",
        tested=("sensors are swapped", "inputs 0 and 1", "inputs 2 and 3"),
        walked=("One sensor of each pad", "exchange the wires of inputs 1 and 2"),
        by_chance=True,
    ),
    Mistake(
        "inputs-swapped 3 4",
        rest=("inputs 3 and 4 are swapped", "right", "foot"),
        walked=("inputs 3 and 4 are swapped",),
        never="divider",
        findings=2,
    ),
    Mistake(
        "sides-swapped", walked=("Left and right", "12 and 13; 16 and 17; 18 and 19; 25 and 27", "inputs")
    ),
    Mistake(
        "input-loose 1",
        rest=("wanders", "Nothing is on it", "input 1"),
        tested=("wanders", "input 1"),
        walked=("Left pad B", "input 1"),
        never="MOSFET",
    ),
    Mistake(
        "input-loose 5",
        rest=("wanders", "Nothing is on it", "input 5"),
        tested=("wanders", "input 5"),
        walked=("Ankle bag", "input 5"),
        never="valve on pin",
    ),
    Mistake("motor-wire-off knead left", walked=("left kneader", "plug and wires on pin 16")),
    Mistake(
        "motor-stuck-on knead left",
        walked=("left kneader runs whatever is driven", "MOSFET on pin 16"),
        never="swapped",
    ),
    Mistake(
        "ports-swapped calf",
        tested=("calf bag", "pin 23", "sold as normally open", "ports are exchanged"),
        walked=("calf bag", "valve on pin 23", "sold as normally open", "ports are exchanged"),
        never="foot bag",
    ),
    Mistake(
        "stop-normally-open",
        rest=("pin 5", "normally open contact"),
        walked=("pin 5", "normally open contact"),
        never="12 V",
    ),
    Mistake(
        "stop-bridged",
        walked=("emergency stop is not read", "pin 5", "contact is bridged", "on another pin"),
        never="12 V",
    ),
    Mistake(
        "rail-wire-off",
        tested=("12 V supply", "relay", "pin 26 has to pulse"),
        walked=("12 V supply", "monostable on pin 26"),
        never="swapped",
    ),
    Mistake(
        "rail-bridged",
        walked=("Pull the plug", "pin 26", "welded or bridged", "monostable", "WIRING.md"),
        never="is not read",
    ),
    Mistake(
        "supply-missing",
        tested=("12 V supply", "fuse"),
        walked=("12 V supply", "fuse"),
        never="swapped",
    ),
)


def wrong(machine: Machine, programs: Mapping[str, Program], mistake: Mistake) -> Rig:
    rig = Rig(machine, programs, by=TERMINAL, params=NO_FEET, seed=2)
    name, _, where = mistake.put.partition(" ")
    rig.plant.faults.put(name, where)
    rig.wait(SETTLED_S)
    return rig


def doctored(rig: Rig) -> str:
    """All that the doctor calls broken, and what to do about it."""
    heard = []
    for _ in range(HEARD):
        rig.wait(0.1)
        heard.append(rig.engine.snapshot())
    lines = parts(Look(Places(), Path("machine.toml"), rig.machine, heard=tuple(heard)))
    return "\n".join(f"{line.name}: {line.value}. {line.do}" for line in lines if line.verdict == "broken")


def check(said: str, wanted: tuple[str, ...], never: str) -> None:
    assert bool(said) == bool(wanted), said
    for words in wanted:
        assert words.lower() in said.lower(), said
    assert not never or never.lower() not in said.lower(), said


by_name = pytest.mark.parametrize("mistake", TABLE, ids=lambda mistake: mistake.put)


@by_name
def test_the_doctor_at_rest_and_after_a_self_test(
    machine: Machine, programs: Mapping[str, Program], mistake: Mistake
) -> None:
    rig = wrong(machine, programs, mistake)
    check(doctored(rig), mistake.rest, mistake.never)
    if not rig.give(CheckItself()).ok:
        assert mistake.rest, "only what is seen at rest already may be in its way"
        return
    rig.until(lambda: rig.engine.state in ("idle", "fault"), 180)
    said = doctored(rig)
    if said or not mistake.by_chance:
        check(said, mistake.tested, mistake.never)


@by_name
def test_commissioning(machine: Machine, programs: Mapping[str, Program], mistake: Mistake) -> None:
    eyes = Eyes(wrong(machine, programs, mistake))
    eyes.go()
    check("\n".join(eyes.said), mistake.walked, mistake.never)
    assert len(eyes.said) == mistake.findings, eyes.said


def test_every_mistake_is_in_the_table() -> None:
    assert {mistake.name for mistake in MISTAKES} == {mistake.put.split()[0] for mistake in TABLE}


def test_what_no_sensor_sees_is_not_said_to_be_proven(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    """A bridged relay answers every test as a sound one does; the line says who can see it."""
    rig = wrong(machine, programs, Mistake("rail-bridged"))
    rig.give(CheckItself())
    rig.until(lambda: rig.engine.state == "idle", 180)
    (line,) = rail(rig.engine.snapshot(), machine)
    assert "only its lamp shows" in line.value
