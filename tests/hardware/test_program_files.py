"""Program files: the four that ship are good; mistakes are told by file, key and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.places import ASSETS
from app.shelf import Shelf
from hardware.errors import FileError
from hardware.machine import Machine
from hardware.program import Program, load_program, load_programs

RELAX = (ASSETS / "programs" / "relax.toml").read_text()


def test_the_four_programs_ship_in_the_order_of_home(programs: dict[str, Program]) -> None:
    assert list(programs) == ["relax", "circulation", "arch", "heel"]
    assert [program.default_minutes for program in programs.values()] == [15, 20, 15, 12]


def test_phases_add_up_to_the_default_length(programs: dict[str, Program]) -> None:
    for program in programs.values():
        assert sum(phase.minutes for phase in program.phase) == program.default_minutes


def test_every_program_begins_with_warming_until_the_feet_are_warm(programs: dict[str, Program]) -> None:
    for program in programs.values():
        assert [phase.until_skin_c for phase in program.phase] == [30, *[None] * (len(program.phase) - 1)]


def test_nothing_is_left_out_on_the_reference_machine(programs: dict[str, Program], machine: Machine) -> None:
    assert all(program.left_out(machine) == () for program in programs.values())


def test_relax_never_vibrates_and_heel_never_rolls(programs: dict[str, Program], machine: Machine) -> None:
    assert "vibrate" not in programs["relax"].kinds(machine)
    assert "roll" not in programs["heel"].kinds(machine)


@pytest.mark.parametrize(
    ("old", "new", "where", "reason"),
    [
        ("target_c = 39", "target_c = 45", "heat.target_c", "<= 42"),
        ("default_minutes = 15", "default_minutes = 14", "default_minutes", "not one of the minutes"),
        ("minutes = [10, 15, 20, 30]", "minutes = [10, 15, 45]", "minutes[2]", "<= 30"),
        ('zone = "foot"', 'zone = "knee"', "phase[0].squeeze[0].zone", "invalid enum"),
        ("mmhg = 20", "mmhg = 200", "phase[0].squeeze[0].mmhg", "<= 60"),
        ("mmhg = 20", "mmhg = 20\n  level = 0.5", "phase[0].squeeze[0]", "not both"),
        ("rest_s = 5", "rest_s = 1", "phase[0].squeeze[0].rest_s", ">= 3"),
        ("hold_s = 3", "hold_s = 14", "phase[0].squeeze[0]", "longer than 20 s"),
        ('pattern = "swell"', 'pattern = "wobble"', "phase[2].motion[0].pattern", "invalid enum"),
        ("period_s = 20", "period_s = 0", "phase[2].motion[0].period_s", "above 0"),
        ("off_before_end_min = 1", 'off_at = "Nowhere"', "heat.off_at", "no phase named"),
        ('name = "Close"', 'name = "Warm"', "phase", "same name"),
        ("until_skin_c = 30", "until_skin_c = 38", "phase[0].until_skin_c", "<= 36"),
        ("until_skin_c = 30", "until_skin_c = 20", "phase[0].until_skin_c", ">= 25"),
        ('never = ["vibrate"]', 'never = ["heat"]', "phase[0].until_skin_c", "needs a program with heat"),
        ("off_before_end_min = 1", 'off_at = "Warm"', "phase[0].until_skin_c", "heat is off from 'Warm' on"),
        ("until_skin_c = 30", "until_skin_c = 30\nfixed = true", "phase[0].until_skin_c", "keeps its length"),
        ("cap = 5", "until_skin_c = 30", "phase[4].until_skin_c", "needs a later phase"),
        ("version = 1", "version = 1\nauthor = 1", "", "unknown key `author`"),
        ("version = 1", 'version = 1\nid = "x"', "id", "leave this key out"),
    ],
)
def test_a_mistake_is_told_by_file_key_and_reason(
    tmp_path: Path, old: str, new: str, where: str, reason: str
) -> None:
    assert old in RELAX
    path = tmp_path / "mine.toml"
    path.write_text(RELAX.replace(old, new, 1))
    with pytest.raises(FileError) as caught:
        load_program(path)
    assert (caught.value.file, caught.value.where) == ("mine.toml", where)
    assert reason in str(caught.value.reason)


def test_a_broken_file_costs_one_program_and_not_the_others(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(RELAX)
    (tmp_path / "bad.toml").write_text("title = 3")
    found, broken = load_programs(tmp_path)
    assert list(found) == ["good"]
    assert [error.file for error in broken] == ["bad.toml"]


def test_a_program_somebody_adds_appears_without_a_restart(tmp_path: Path) -> None:
    shelf = Shelf(ASSETS / "programs", tmp_path)
    assert "mine" not in shelf
    (tmp_path / "mine.toml").write_text(RELAX.replace('"Relax"', '"Mine"'))
    assert shelf.refresh()
    assert shelf["mine"].title == "Mine"
    assert not shelf.refresh(), "nothing has changed since"


def test_what_a_lesser_machine_lacks_is_named(programs: dict[str, Program], machine: Machine) -> None:
    small = type(machine)(
        **{name: getattr(machine, name) for name in machine.__struct_fields__ if name not in ("motor", "pad")}
    )
    relax = programs["relax"]
    assert relax.kinds(small) == ("squeeze",)
    assert relax.left_out(small) == ("roll at the sole", "knead at the arch", "heat at the sole")
