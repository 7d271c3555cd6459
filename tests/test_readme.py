"""What the README shows is true: its program loads, its files and pictures are there."""

from __future__ import annotations

import re
from pathlib import Path

from hardware.machine import Machine
from hardware.program import load_program

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_the_program_in_the_readme_is_a_good_one(tmp_path: Path, machine: Machine) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "evening.toml"
    path.write_text(block)
    program = load_program(path)
    assert program.left_out(machine) == ()


def test_every_file_it_names_is_there() -> None:
    named = re.findall(r"\]\(((?!http)[^)#]+)\)", README)
    assert len(named) > 8
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_top_level_is_as_it_was_asked_for() -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert folders - {"build", "dist", "instep.egg-info", "__pycache__"} == {
        "app", "hardware", "assets", "systemd", "tests", "scripts",
    }  # fmt: skip
