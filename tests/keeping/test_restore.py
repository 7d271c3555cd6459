"""The way back: all of it, nothing lost, and cut short anywhere it goes on."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.controller import _finish_restore
from app.household.people import People
from app.keeping import restore as back
from app.keeping.backup import BackupError, make
from app.keeping.restore import choose, finish, restore
from app.places import Places, only_one
from tests.keeping.conftest import add_session, contents, sessions


def _changed(places: Places) -> None:
    add_session(places, "later")
    People(places.people).add("Bo")
    (places.own_programs / "other.toml").write_text("# another\n")


def test_back_as_it_was_and_what_was_there_is_set_aside(places: Places) -> None:
    made = make(places)
    assert made is not None
    before = contents(places.data)
    _changed(places)
    changed = contents(places.data)
    aside = restore(places, made)
    assert sessions(places.history) == ["s1"]
    assert {name: raw for name, raw in contents(places.data).items() if aside.name not in name} == before
    assert sessions(aside / "history.db") == ["s1", "later"]
    assert contents(aside) == changed


@pytest.mark.parametrize("stem", ["a" * 250, "ä" * 125])
def test_a_program_whose_name_is_as_long_as_can_be_comes_back(places: Places, stem: str) -> None:
    program = places.own_programs / f"{stem}.toml"
    program.write_text("# mine\n")
    made = make(places)
    assert made is not None
    program.unlink()
    restore(places, made)
    assert program.read_text() == "# mine\n"
    assert not list(places.own_programs.glob(".*"))


def test_a_backup_from_before_there_was_one_leaves_the_picture_as_it_is(places: Places) -> None:
    kept = places.mounting.read_bytes()
    places.mounting.unlink()
    made = make(places)
    assert made is not None
    places.mounting.write_bytes(kept)
    aside = restore(places, made)
    assert places.mounting.read_bytes() == kept
    assert not (aside / places.mounting.name).exists()


def test_a_backup_that_is_not_sound_changes_nothing(places: Places) -> None:
    made = make(places)
    assert made is not None
    (made.path / "machine.toml").write_text("worn out")
    before = contents(places.data)
    with pytest.raises(BackupError, match=r"machine\.toml"):
        restore(places, made)
    assert contents(places.data) == before
    assert sessions(places.history) == ["s1"]


@pytest.mark.parametrize("step", range(24))
def test_cut_short_anywhere_the_next_start_goes_on(
    places: Places, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    class PulledError(BaseException):
        pass

    made = make(places)
    assert made is not None
    before = contents(places.data)
    _changed(places)
    left = [step]

    def cut(name: str) -> None:
        real = getattr(Path, name)

        def method(self: Path, *arguments: object, **named: object) -> object:
            if self.is_relative_to(places.data):
                if left[0] == 0:
                    raise PulledError
                left[0] -= 1
            return real(self, *arguments, **named)

        unplugged.setattr(Path, name, method)

    pulled = False
    with monkeypatch.context() as unplugged:
        for name in ("rename", "replace", "unlink"):
            cut(name)
        try:
            restore(places, made)
        except PulledError:
            pulled = True
    if pulled and (places.restoring).exists():
        finish(places)
        assert sessions(places.history) == ["s1"]
    elif pulled:  # before anything was begun
        assert sessions(places.history) == ["s1", "later"]
        restore(places, made)
    now = {name: raw for name, raw in contents(places.data).items() if not name.startswith("before-restore")}
    assert {name: raw for name, raw in now.items() if not name.endswith(".new")} == before
    assert sessions(places.data / "before-restore-1" / "history.db") == ["s1", "later"]


def test_a_backup_that_has_gone_meanwhile_is_said(places: Places) -> None:
    (places.restoring).write_text('{"backup": "/nowhere/000001-2026-03-01", "aside": "before-restore-1"}')
    with pytest.raises(BackupError, match="no backup at /nowhere"):
        finish(places)
    assert sessions(places.history) == ["s1"]
    _finish_restore(places)  # the controller says so and starts all the same
    assert not places.restoring.exists()
    assert (places.data / "restoring.failed.json").exists()
    assert sessions(places.history) == ["s1"]


def test_one_is_chosen_by_its_first_figures(places: Places) -> None:
    with pytest.raises(BackupError, match="no backups"):
        choose(places, "newest")
    first = make(places)
    add_session(places, "s2")
    second = make(places)
    assert choose(places, "newest") == second
    assert choose(places, "000001") == first
    with pytest.raises(BackupError, match="several"):
        choose(places, "00000")


def _instep(places: Places, *words: str) -> tuple[int, str]:
    at = ["--data", str(places.data)]
    run = [] if words[0] == "backup" else ["--runtime", str(places.runtime)]
    done = CliRunner().invoke(main, [*words, *at, *run])
    return done.exit_code, done.output


def test_by_the_command_line(places: Places) -> None:
    code, said = _instep(places, "backup")
    assert code == 0
    assert "000001-" in said
    add_session(places, "s2")
    assert "Put one back" in _instep(places, "restore")[1]
    with contextlib.ExitStack() as stack:
        stack.enter_context(only_one(places.runtime))
        code, said = _instep(places, "restore", "newest")
        assert code == 1
        assert "stop it first" in said
        assert sessions(places.history) == ["s1", "s2"]
    code, said = _instep(places, "restore", "newest")
    assert code == 0, said
    assert sessions(places.history) == ["s1"]
    assert "before-restore-1" in said


def test_a_note_about_another_folder_is_refused(places: Places) -> None:
    made = make(places)
    assert made is not None
    (places.restoring).write_text(f'{{"backup": "{made.path}", "aside": "../elsewhere"}}')
    with pytest.raises(BackupError, match="no folder of ours"):
        back.finish(places)
