"""Backups are whole, verified, counted, few, and never in the way of a running machine."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.keeping import backup as keeping
from app.keeping.backup import KEPT, MANIFEST, BackupError, backups, make, read, verify
from app.keeping.restore import restore
from app.places import Places
from tests.keeping.conftest import add_session, sessions

NOW = datetime(2026, 3, 1, 3, 10, tzinfo=UTC)


def test_everything_a_person_would_miss_is_in_it(places: Places) -> None:
    made = make(places, now=NOW)
    assert made is not None
    assert made.name == "000001-2026-03-01"
    assert set(made.manifest.files) == {
        "history.db",
        "people.json",
        "preferences.json",
        "mounting.json",
        "machine.toml",
        "programs/mine.toml",
    }
    assert sessions(made.path / "history.db") == ["s1"]
    assert made.manifest.sessions == 1
    assert (made.path / "people.json").read_bytes() == places.people.read_bytes()
    assert {path.stat().st_mode & 0o077 for path in made.path.rglob("*")} == {0}


def test_a_running_session_is_in_it_though_it_is_still_in_the_side_file(places: Places) -> None:
    with contextlib.closing(sqlite3.connect(places.history)) as writer:
        writer.execute("SELECT count(*) FROM sessions").fetchone()  # now it has the file open
        add_session(places, "s2")
        assert (places.data / "history.db-wal").stat().st_size
        made = make(places)
    assert made is not None
    assert sessions(made.path / "history.db") == ["s1", "s2"]
    assert not list(made.path.glob("*-wal"))


def test_nothing_new_makes_no_new_one_but_reads_the_last_one_again(places: Places) -> None:
    made = make(places)
    assert made is not None
    assert make(places) is None
    assert [one.name for one in backups(places.backups)] == [made.name]
    (made.path / "people.json").write_text("worn out")
    with pytest.raises(BackupError, match=r"people\.json"):
        make(places)


def test_the_newest_is_told_by_its_number_whatever_the_clock_says(places: Places) -> None:
    make(places, now=NOW)
    add_session(places, "s2")
    later = make(places, now=datetime(1970, 1, 1, tzinfo=UTC))
    assert later is not None
    assert backups(places.backups)[0] == later


def test_what_was_made_while_nobody_knew_the_day_has_none(places: Places) -> None:
    made = make(places, now=NOW, is_good=lambda: False)
    assert made is not None
    assert made.name == "000001-0000-00-00"
    assert backups(places.backups) == [made]
    listed = CliRunner().invoke(main, ["backup", "--list", "--data", str(places.data)])
    assert "date unknown" in listed.output


def test_only_so_many_are_kept(places: Places) -> None:
    for number in range(KEPT + 2):
        add_session(places, f"more{number}")
        make(places, now=NOW)
    names = [one.name[:6] for one in backups(places.backups)]
    assert names == [f"{number:06d}" for number in range(KEPT + 2, 2, -1)]


def test_a_damaged_history_makes_no_backup_and_harms_none(places: Places) -> None:
    first = make(places)
    assert first is not None
    with contextlib.closing(sqlite3.connect(places.history)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = bytearray(places.history.read_bytes())
    for page in range(1, len(raw) // 2048):
        raw[page * 2048 : page * 2048 + 64] = bytes(64)
    places.history.write_bytes(raw)
    with pytest.raises(BackupError, match=r"damaged|malformed"):
        make(places)
    assert backups(places.backups) == [first]
    verify(first)


def test_a_card_without_room_is_said_and_nothing_is_begun(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(places.data)._replace(free=5 << 20)
    monkeypatch.setattr(keeping.shutil, "disk_usage", lambda _folder: full)
    with pytest.raises(BackupError, match="5 MB free"):
        make(places)
    assert list(places.backups.iterdir()) == []


@pytest.mark.parametrize("writes", range(8))
def test_cut_off_anywhere_leaves_whole_backups_only(
    places: Places, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """The plug is pulled at the n-th sync: nothing of what was begun counts, and the next run sweeps it."""

    class PulledError(BaseException):
        pass

    first = make(places)
    add_session(places, "s2")
    left = [writes]
    real = os.fsync

    def fsync(handle: int) -> None:
        if left[0] == 0:
            raise PulledError
        left[0] -= 1
        real(handle)

    # Without power nothing is tidied up either.
    with monkeypatch.context() as unplugged:
        unplugged.setattr(keeping.os, "fsync", fsync)
        unplugged.setattr(keeping.shutil, "rmtree", lambda *_a, **_k: None)
        with contextlib.suppress(PulledError):
            make(places)
    for one in backups(places.backups):
        verify(one)
    assert first in backups(places.backups)
    make(places)
    assert not list(places.backups.glob(".*.new"))
    assert sessions(backups(places.backups)[0].path / "history.db") == ["s1", "s2"]


def test_a_list_that_points_elsewhere_is_refused(places: Places) -> None:
    made = make(places)
    assert made is not None
    listed = (made.path / MANIFEST).read_text().replace("people.json", "../../people.json")
    (made.path / MANIFEST).write_text(listed)
    with pytest.raises(BackupError, match="not Instep's"):
        read(made.path)
    assert backups(places.backups) == []


def test_no_folder_no_backups(tmp_path: Path) -> None:
    assert backups(tmp_path / "nowhere") == []


def test_programs_of_any_name_come_along_and_what_is_none_stops_no_backup(places: Places) -> None:
    own = places.own_programs
    own.mkdir(exist_ok=True)
    names = ["evening (1).toml", "EVENING.TOML", "two\nlines.toml", os.fsdecode(b"f\xfc.toml")]
    for name in names:
        (own / name).write_text("# mine")
    os.mkfifo(own / "pipe.toml")
    (own / "loop.toml").symlink_to("loop.toml")
    (own / "._evening.toml").write_text("of a Mac")
    with (own / "big.toml").open("wb") as big:
        big.truncate(50_000_000)
    made = make(places)
    assert made is not None
    kept = {name.removeprefix("programs/") for name in made.manifest.files if name.startswith("programs/")}
    assert kept == {"mine.toml", *names[:3], r"f\xfc.toml"}
    aside = restore(places, made)
    assert {path.name for path in own.iterdir()} == {*kept, "._evening.toml"}
    assert (aside / "programs" / "pipe.toml").is_fifo()


def test_a_backup_of_a_later_version_is_put_back_as_far_as_it_is_known(places: Places) -> None:
    made = make(places)
    assert made is not None
    path = made.path / "backup.json"
    later = json.loads(path.read_text())
    later |= {"version": 3, "by": "night"}
    later["files"]["moods.json"] = {"bytes": 1, "sha256": "0" * 64, "kind": "new"}
    path.write_text(json.dumps(later))
    (found,) = backups(places.backups)
    assert found.manifest.files == made.manifest.files
    restore(places, found)
    for strange in (
        "../people.json",
        "/etc/passwd",
        "programs/../x.toml",
        "programs/a/b.toml",
        "..",
        "programs/",
    ):
        later["files"] = {strange: {"bytes": 1, "sha256": "0" * 64}}
        path.write_text(json.dumps(later))
        assert backups(places.backups) == []
