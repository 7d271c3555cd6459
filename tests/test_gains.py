"""Accepted gains in the machine file: written whole, the rest untouched; or not, and what to do then."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.gains import write_gains
from app.places import ASSETS, Places, machine_file
from hardware.errors import InstepError
from hardware.machine import Gains, load_machine

SHIPPED = ASSETS / "machines" / "reference.toml"
FOUND = Gains(kp=0.41237, ki=0.00871, kd=4.2)


def test_a_shipped_file_is_copied_and_used_from_then_on(places: Places) -> None:
    places.make()
    before = SHIPPED.read_text()
    assert machine_file(None, places) == SHIPPED
    written = write_gains(SHIPPED, places, "right", FOUND)
    assert SHIPPED.read_text() == before
    assert machine_file(None, places) == written
    machine = load_machine(written)
    assert machine.pad[1].gains == Gains(kp=0.4124, ki=0.00871, kd=4.2)
    assert machine.pad[0] == load_machine(SHIPPED).pad[0]
    changed = [
        (a, b) for a, b in zip(before.splitlines(), written.read_text().splitlines(), strict=True) if a != b
    ]
    assert len(changed) == 1, "comments and all else stay"


def test_an_own_file_is_changed_in_place(places: Places, tmp_path: Path) -> None:
    places.make()
    own = tmp_path / "mine.toml"
    own.write_text(SHIPPED.read_text())
    assert write_gains(own, places, "left", FOUND) == own
    assert load_machine(own).pad[0].gains.kd == 4.2
    assert not places.own_machine.exists()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_as_an_editor_left_it_gets_them_too(places: Places, tmp_path: Path, encoding: str) -> None:
    own = tmp_path / "mine.toml"
    own.write_bytes(SHIPPED.read_text().encode(encoding))
    assert load_machine(write_gains(own, places, "left", FOUND)).pad[0].gains.kd == 4.2


def test_what_cannot_be_written_is_said_with_the_line_to_put_there(places: Places, tmp_path: Path) -> None:
    own = tmp_path / "gone" / "mine.toml"
    with pytest.raises(InstepError, match=r"kp = 0\.4124, ki = 0\.00871, kd = 4\.2"):
        write_gains(own, places, "left", FOUND)


def test_gains_that_no_machine_file_may_have_leave_the_old_ones(places: Places, tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text(SHIPPED.read_text())
    with pytest.raises(InstepError, match="could not be written"):
        write_gains(own, places, "left", Gains(kp=99.0, ki=0.0, kd=0.0))
    assert own.read_text() == SHIPPED.read_text()
    assert [path.name for path in tmp_path.glob(".*")] == []
