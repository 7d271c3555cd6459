"""What is kept of it: whole or not at all, and only as long as the wiring is the same."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from app.commissioning import record
from app.commissioning.conclude import CODES, words
from app.commissioning.record import Finding, Seen, Tuned
from app.places import Places
from hardware.errors import InstepError
from hardware.machine import Machine
from tests.commissioning.bench import AT

SEEN = Seen(output="knead.arch.left", name="left kneader", pin=16, answer="other", moved="knead.arch.right")


def test_it_comes_back_as_it_was(places: Places, machine: Machine) -> None:
    assert record.read(places.commissioned, machine) is None
    assert record.standing(places, machine, virtual=False) == "never"
    made = record.new_record(
        machine,
        virtual=False,
        at=AT,
        outputs=(SEEN,),
        zeroed=True,
        tuned=(Tuned(side="left", skipped="Later."),),
        findings=(Finding("swapped", ("knead.arch.left", "knead.arch.right")),),
    )
    record.keep(made, places)
    assert record.read(places.commissioned, machine) == made
    assert record.standing(places, machine, virtual=False) == "unfinished"
    record.keep(replace(made, findings=()), places)
    assert record.standing(places, machine, virtual=False) == "done"


def test_one_from_before_the_stop_was_asked_for_counts_as_it_did(places: Places, machine: Machine) -> None:
    record.keep(record.new_record(machine, virtual=False, at=AT, zeroed=True), places)
    older = json.loads(places.commissioned.read_text())
    del older["stop"], older["rail"]
    places.commissioned.write_text(json.dumps(older))
    kept = record.read(places.commissioned, machine)
    assert kept is not None
    assert (kept.stop, kept.rail) == ("", "")
    assert record.standing(places, machine, virtual=False) == "done"


def test_another_wiring_makes_it_outdated_and_other_gains_do_not(places: Places, machine: Machine) -> None:
    record.keep(record.new_record(machine, virtual=False, at=AT), places)
    left, right = machine.pad
    tuned = replace(machine, name="Mine", pad=(replace(left, gains=replace(left.gains, kp=0.9)), right))
    assert record.standing(places, tuned, virtual=False) == "done"
    for changed in (
        replace(machine, rail=replace(machine.rail, pin=4)),
        replace(machine, emergency_stop=replace(machine.emergency_stop, pin=6)),
        replace(machine, pad=(replace(left, channels=(1, 0)), right)),
        replace(machine, bag=machine.bag[:3]),
        replace(machine, motor=(replace(machine.motor[0], side="right"), *machine.motor[1:])),
    ):
        assert record.standing(places, changed, virtual=False) == "outdated"


def test_a_virtual_machine_says_nothing_about_a_real_one(places: Places, machine: Machine) -> None:
    record.keep(record.new_record(machine, virtual=True, at=AT), places)
    assert record.standing(places, machine, virtual=False) == "never"
    assert record.standing(places, machine, virtual=True) == "done"


def test_one_of_a_later_version_is_read_as_far_as_it_can_be(places: Places, machine: Machine) -> None:
    record.keep(record.new_record(machine, virtual=False, at=None), places)
    later = json.loads(places.commissioned.read_text())
    later |= {"version": 4, "lamp": {"of": 1}, "stop": "felt", "outputs": [{"answer": "perhaps"}], "at": 7}
    places.commissioned.write_text("\ufeff" + json.dumps(later))
    assert record.standing(places, machine, virtual=False) == "done"
    later["findings"] = [{"code": 9, "where": "toes"}]
    places.commissioned.write_text(json.dumps(later))
    assert record.standing(places, machine, virtual=False) == "unfinished"
    kept = record.read(places.commissioned, machine)
    assert kept is not None
    assert words(kept.findings[0], machine) == str(record.finding_unknown())


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 2}', "\x00" * 64])
def test_a_damaged_file_is_named(places: Places, machine: Machine, text: str) -> None:
    places.commissioned.write_text(text)
    assert record.standing(places, machine, virtual=False) == "unreadable"
    with pytest.raises(InstepError, match="commission the machine anew"):
        record.read(places.commissioned, machine)


def test_what_cannot_be_kept_is_said_and_the_last_one_stays(
    places: Places, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = record.new_record(machine, virtual=False, at=AT)
    record.keep(made, places)

    def full(_path: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InstepError, match="No space left"):
        record.keep(replace(made, zeroed=True), places)
    assert record.read(places.commissioned, machine) == made


def test_every_finding_has_words_that_name_pins_or_inputs(machine: Machine) -> None:
    for code in CODES:
        for parts in ((), ("valve.foot",), ("valve.foot", "valve.ankle"), ("pad.left", "pad.right")):
            try:
                said = words(Finding(code, parts, "The detail."), machine)
            except ValueError:
                continue  # of another number of parts
            assert said.endswith(".")
            break
        else:
            pytest.fail(code)
    assert "another machine file" in words(Finding("silent", ("motor.31",)), machine)


NUMBERED = {
    "software": "0.9",
    "machine": "Instep reference machine",
    "virtual": False,
    "outputs": [
        {
            "part": "motor",
            "index": 2,
            "name": "left kneader",
            "pin": 16,
            "answer": "other",
            "moved": "motor 3",
        },
        {"part": "bag", "index": 1, "name": "ankle bag", "pin": 22, "answer": "yes", "rose": "bag 2"},
        {"part": "pad", "index": 0, "name": "left pad", "pin": 25, "answer": "yes", "rose": "0 3"},
        {"part": "pad", "index": 9, "name": "third pad", "pin": 27, "answer": "no"},
    ],
    "findings": [
        {"code": "swapped", "parts": ["motor 2", "pump 0"]},
        {"code": "pad-sensor-crossed", "parts": ["pad 0", "pad 1"], "detail": "1 and 2"},
    ],
}
"""As it was kept before outputs and inputs had keys."""


def test_a_record_that_counted_its_parts_is_read_in_keys(places: Places, machine: Machine) -> None:
    kept = {**NUMBERED, "wiring": record.wiring(machine)}
    places.commissioned.write_bytes(msgspec.json.encode(kept))
    read = record.read(places.commissioned, machine)
    assert read is not None
    assert [(one.output, one.moved, one.rose) for one in read.outputs] == [
        ("knead.arch.left", "knead.arch.right", ()),
        ("valve.ankle", "", ("valve.calf",)),
        ("pad.left", "", ("pad.left.a", "pad.right.b")),
        ("pad 9", "", ()),  # of another machine file
    ]
    swapped, crossed = read.findings
    assert swapped.parts == ("knead.arch.left", "pump")
    assert crossed.inputs == ("pad.left.b", "pad.right.a")
    assert "of inputs 1 and 2" in words(crossed, machine)
    assert record.standing(places, machine, virtual=False) == "unfinished"


@pytest.mark.parametrize("raw", [{"outputs": 3}, {"outputs": [7]}, {"findings": [{"parts": [1]}]}, [1], "x"])
def test_one_that_makes_no_sense_is_damaged_and_not_a_crash(
    places: Places, machine: Machine, raw: object
) -> None:
    places.commissioned.write_bytes(msgspec.json.encode(raw))
    assert record.standing(places, machine, virtual=False) == "unreadable"
