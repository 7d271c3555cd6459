"""A plug pulled while something is written: the old or the new is there, and half of it stops nobody."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.commissioning import record
from app.controller import Controller, _finish_restore
from app.files import write_whole
from app.gains import write_gains
from app.household.mounting import Mounting, mounting
from app.household.people import People
from app.household.pin import Pin
from app.household.preferences import Preferences, preferences
from app.keeping import restore
from app.places import ASSETS, Places, machine_file
from app.sessions import trouble
from hardware.errors import FileError, InstepError
from hardware.machine import Gains, Machine, load_machine
from hardware.safety import everything_off

AT = datetime(2026, 5, 1, tzinfo=UTC)
REFERENCE = ASSETS / "machines" / "reference.toml"


class PlugPulledError(BaseException):
    """Nothing of the program runs after it."""


def some(path: Path) -> None:
    preferences(path).save(Preferences(language="de"))


def somebody(path: Path) -> None:
    People(path).add("Anna")


def secret(path: Path) -> None:
    Pin(path).set("2580")


def gone_through(path: Path) -> None:
    machine = load_machine(REFERENCE)
    record.keep(record.new_record(machine, virtual=False, at=AT), Places(path.parent, path.parent))


def built_in(path: Path) -> None:
    mounting(path).save(Mounting(rotation=180))


def tuned(path: Path) -> None:
    found = Gains(kp=0.4, ki=0.008, kd=4.0)
    write_gains(path if path.exists() else REFERENCE, Places(path.parent, path.parent), "left", found)


WRITERS: dict[str, Callable[[Path], None]] = {
    "preferences.json": some,
    "mounting.json": built_in,
    "people.json": somebody,
    "pin.json": secret,
    "commissioned.json": gone_through,
    "machine.toml": tuned,
}


def damaged(whole: bytes) -> list[bytes]:
    """What a card may give back: nothing, a part, zeros for the blocks that were never written, anything."""
    parts = [whole[: len(whole) * part // 8] for part in range(8)]
    half = len(whole) // 2
    anything = random.Random(5).randbytes(300)
    return [*parts, whole[:-2], bytes(len(whole)), whole[:half] + bytes(len(whole) - half), anything]


@pytest.mark.parametrize("name", WRITERS)
def test_the_old_or_the_new_is_there_wherever_the_plug_is_pulled(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    WRITERS[name](path)
    before = path.read_bytes()
    steps: list[str] = []

    def pull_at(module: object, what: str) -> None:
        def pulled(*_args: object, **_more: object) -> None:
            steps.append(what)
            raise PlugPulledError

        monkeypatch.setattr(module, what, pulled)

    for module, what in ((os, "fsync"), (Path, "replace")):
        pull_at(module, what)
        with pytest.raises(PlugPulledError):
            write_whole(path, "something new")
        monkeypatch.undo()
        assert path.read_bytes() == before, f"pulled at {what}"
    assert steps == ["fsync", "replace"]


@pytest.mark.parametrize("name", WRITERS)
def test_everything_that_is_kept_is_on_the_disk_before_it_takes_the_olds_place(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(number: int) -> None:
        done.append("sync")
        fsync(number)

    def replaced(path: Path, target: Path) -> Path:
        done.append("replace")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    WRITERS[name](tmp_path / name)
    assert done == ["sync", "replace", "sync"], "the file, its new name, the folder"


@pytest.mark.parametrize("name", ["preferences.json", "people.json", "pin.json"])
def test_half_a_file_of_the_household_costs_no_start_and_is_kept(name: str, tmp_path: Path) -> None:
    whole = tmp_path / name
    WRITERS[name](whole)
    for number, content in enumerate(damaged(whole.read_bytes())):
        path = tmp_path / str(number) / name
        path.parent.mkdir()
        path.write_bytes(content)
        WRITERS[name](path)  # it reads first, and then life goes on
        (kept,) = path.parent.glob("*.damaged-*")
        assert kept.read_bytes() == content
        assert path.exists()


def test_half_a_machine_file_is_refused_with_its_name_and_everything_off_goes_on(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = REFERENCE.read_bytes()
    off: list[Machine] = []

    def switched_off(machine: Machine, *, port: int | None = None) -> list[str]:
        off.append(machine)
        return []

    monkeypatch.setattr(everything_off, "everything_off", switched_off)
    for content in damaged(whole):
        places.own_machine.write_bytes(content)
        with pytest.raises(FileError, match=r"machine\.toml"):
            Controller(machine_file(None, places), places)
        assert everything_off.main(["--machine", str(places.own_machine)]) == 0
        assert "reference machine's pins are driven instead" in capsys.readouterr().err
    assert {machine.name for machine in off} == {load_machine(REFERENCE).name}


def test_the_command_line_names_a_damaged_machine_file_and_the_doctor_what_to_do(places: Places) -> None:
    places.own_machine.write_bytes(REFERENCE.read_bytes()[:900])
    options = ["--data", str(places.data), "--runtime", str(places.runtime)]
    done = CliRunner().invoke(main, ["controller", *options])
    assert done.exit_code != 0
    assert "machine.toml" in done.output
    done = CliRunner().invoke(main, ["doctor", *options])
    assert done.exit_code == 2
    assert "Correct that line" in done.output


def test_half_a_record_of_commissioning_is_named(places: Places, machine: Machine) -> None:
    gone_through(places.commissioned)
    for content in damaged(places.commissioned.read_bytes()):
        places.commissioned.write_bytes(content)
        assert record.standing(places, machine, virtual=False) == "unreadable"
        with pytest.raises(InstepError, match="commission the machine anew"):
            record.read(places.commissioned, machine)


def test_half_a_note_of_a_restore_costs_no_start(places: Places) -> None:
    whole = restore._Note("/backups/one", "before-restore")
    restore._keep_note(places, whole)
    for content in damaged(places.restoring.read_bytes()):
        places.restoring.write_bytes(content)
        _finish_restore(places)
        assert not places.restoring.exists()


def test_a_missing_data_partition_is_said_before_everything_else(places: Places) -> None:
    places.astray.write_text("it is elsewhere")
    controller = Controller(REFERENCE, places)
    try:
        assert controller.loop._notices() == (trouble.data_disk_missing(),)
    finally:
        controller.server.close()
