"""One small file: whole or not at all, set aside when damaged, shared by two processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import pytest
from msgspec import Meta, Struct
from msgspec.structs import replace

from app.household.kept import MAX_BYTES, Kept
from hardware.errors import InstepError


class Taste(Struct, frozen=True):
    version: int = 1
    sugar: Annotated[int, Meta(ge=0, le=5)] = 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "taste.json"


def test_without_a_file_there_is_the_default_and_nothing_is_wrong(path: Path) -> None:
    kept = Kept(path, Taste())
    assert kept.value == Taste()
    assert kept.problem is None
    assert not path.exists()


def test_what_is_saved_is_there_again_and_is_the_owners_alone(path: Path) -> None:
    Kept(path, Taste()).save(Taste(sugar=3))
    assert Kept(path, Taste()).value == Taste(sugar=3)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 50_000,
        "\x00" * 40,
        "Zucker",
    ],
)
def test_a_file_that_cannot_be_understood_is_set_aside_and_kept(path: Path, text: str) -> None:
    path.write_text(text)
    kept = Kept(path, Taste())
    assert kept.value == Taste()
    (aside,) = path.parent.glob("taste.damaged-*.json")
    assert aside.read_text() == text
    assert aside.name in str(kept.problem)
    kept.save(Taste(sugar=2))
    assert kept.problem is None
    assert Kept(path, Taste()).value == Taste(sugar=2)
    assert aside.exists()


def test_a_file_larger_than_any_of_ours_is_not_believed(path: Path) -> None:
    path.write_text('{"sugar": 2}' + " " * MAX_BYTES + "x")
    assert Kept(path, Taste()).value == Taste()


def test_what_the_reader_would_refuse_is_not_written(path: Path) -> None:
    kept = Kept(path, Taste())
    kept.save(Taste(sugar=4))
    with pytest.raises(InstepError, match="not written"):
        kept.save(Taste(sugar=6))
    assert kept.value == Kept(path, Taste()).value == Taste(sugar=4)


def test_a_disk_that_takes_nothing_leaves_all_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept(path, Taste())
    kept.save(Taste(sugar=4))

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InstepError, match="No space left"):
        kept.save(Taste(sugar=5))
    monkeypatch.undo()
    assert kept.value == Kept(path, Taste()).value == Taste(sugar=4)
    assert [file.name for file in path.parent.iterdir()] == ["taste.json"]


def test_a_folder_in_the_files_place_is_a_problem_in_words(path: Path) -> None:
    path.mkdir()
    kept = Kept(path, Taste())
    assert kept.value == Taste()
    assert "is a folder" in str(kept.problem)


def test_another_processs_change_is_seen_and_a_file_that_went_too(path: Path) -> None:
    kept = Kept(path, Taste())
    code = (
        "from pathlib import Path; from tests.household.test_kept import Kept, Taste; import sys;"
        "Kept(Path(sys.argv[1]), Taste()).save(Taste(sugar=5))"
    )
    assert not kept.refresh()
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, cwd=Path(__file__).parents[2])
    assert kept.refresh()
    assert kept.value == Taste(sugar=5)
    assert not kept.refresh(), "nothing has changed since"
    path.unlink()
    assert kept.refresh()
    assert kept.value == Taste()


def test_a_reader_beside_a_writer_never_sees_half_a_file(path: Path) -> None:
    code = (
        "from pathlib import Path; from tests.household.test_kept import Kept, Taste; import sys\n"
        "kept = Kept(Path(sys.argv[1]), Taste())\n"
        "for number in range(300): kept.save(Taste(sugar=number % 6))\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(path)], cwd=Path(__file__).parents[2])
    reader = Kept(path, Taste())
    seen = 0
    while writer.poll() is None:
        seen += reader.refresh()
        assert reader.problem is None
    assert writer.returncode == 0
    assert seen > 1
    assert not list(path.parent.glob("*.damaged-*"))


@pytest.mark.parametrize("written", ['{"sugar": 9}', '{"sugar": "much"}', '{"version": 2}', '{"salt": 1}'])
def test_what_a_later_version_wrote_falls_back_and_stays(path: Path, written: str) -> None:
    path.write_text("\ufeff" + written, encoding="utf-8")
    kept = Kept(path, Taste())
    assert kept.value.sugar == 1
    assert not kept.problem
    kept.save(replace(kept.value, sugar=2))
    assert json.loads(path.read_text()) == {"version": 1, **json.loads(written), "sugar": 2}


def test_a_pipe_in_the_files_place_is_a_problem_in_words_and_holds_nobody_up(path: Path) -> None:
    os.mkfifo(path)
    kept = Kept(path, Taste())
    assert str(kept.problem) == "taste.json: is a pipe, not a file"
    kept.save(Taste(sugar=2))
    assert Kept(path, Taste()).value == Taste(sugar=2)
