"""Bad days: the session runs on, the person is told, nothing is lost, and it mends by itself."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.sessions import keeper as keeper_module
from app.sessions import trouble
from app.sessions.history import History
from app.sessions.recorder import Recorder
from hardware.messages import DeleteSession, Rate

from .conftest import SmallDisk
from .story import DEADLINE_S, Recording, ended, noted, record, sampled, started


def told(keeper: Recorder, word: object) -> None:
    """Wait until the recorder has said ``word``, or nothing any more."""
    ends_s = time.monotonic() + DEADLINE_S
    while (str(word) not in "".join(map(str, keeper.notices))) if word else keeper.notices:
        assert time.monotonic() < ends_s, keeper.notices
        with keeper._changed:
            keeper._changed.wait(0.01)


def long_story(keeper: Recorder, session: str, seconds: int = 1200) -> None:
    keeper.put(started(session))
    for second in range(seconds):
        keeper.put(sampled(second, session))
        keeper.put(noted("level", float(second), session, words="x" * 500))


def test_a_full_disk(small_disk: SmallDisk, recording: Recording) -> None:
    path = small_disk.folder / "data" / "history.db"
    record(path, started("old"), ended("old"))
    keeper = recording(at=path)
    assert keeper.flush(DEADLINE_S)
    small_disk.fill()
    long_story(keeper, "s1")
    told(keeper, "full")
    assert not keeper.ask(DeleteSession(session="old")).result(DEADLINE_S).ok, "nothing is removed later"
    rated = keeper.ask(Rate(session="old", after=1))
    keeper.put(ended("s1"))
    small_disk.make_room()
    # 600 kB of it: the disk takes that only if what was written in vain is not in the way.
    told(keeper, "")
    assert keeper.flush(DEADLINE_S)
    history = History(path)
    assert {row.id: row.outcome for row in history.page(10)} == {"old": "completed", "s1": "completed"}
    assert rated.result(DEADLINE_S).ok
    assert [row.after for row in history.page(10) if row.id == "old"] == [1], "what was said of it waited"
    detail = history.session("s1")
    history.close()
    assert detail is not None
    assert (len(detail.seconds), len(detail.events)) == (1200, 1200)


def test_a_disk_that_turns_read_only(small_disk: SmallDisk, recording: Recording) -> None:
    path = small_disk.folder / "data" / "history.db"
    record(path, started("old"), ended("old"))
    if not small_disk.lock(True):
        pytest.skip("disks cannot be made read-only here")
    keeper = recording(at=path)
    keeper.put(started())
    told(keeper, "only be read")
    history = History(path)
    assert [row.id for row in history.page(10)] == ["old"]  # looking works all the same
    history.close()
    assert small_disk.lock(False)
    told(keeper, "")
    assert keeper.flush(DEADLINE_S)


def test_no_folder_for_it(path: Path, history: History, recording: Recording) -> None:
    path.parent.write_text("a file where the folder should be")
    keeper = recording()
    keeper.put(started())
    told(keeper, "not being kept")
    path.parent.unlink()
    told(keeper, "")
    assert keeper.flush(DEADLINE_S)
    assert len(history.page(10)) == 1


def test_another_program_holds_the_file(
    path: Path, history: History, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sessions.store.BUSY_S", 0.01)
    record(path, started("old"), ended("old"))
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    keeper = recording()
    keeper.put(started())
    told(keeper, "another program")
    other.execute("ROLLBACK")
    other.close()
    told(keeper, "")
    assert keeper.flush(DEADLINE_S)
    assert [row.id for row in history.page(10)] == ["s1", "old"]


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_removed_file_is_written_again(
    what: str, path: Path, history: History, recording: Recording
) -> None:
    record(path, started("old"), ended("old"))
    keeper = recording()
    keeper.put(started())
    keeper.put(sampled(0))
    assert keeper.flush(DEADLINE_S)
    assert len(history.page(10)) == 2
    for file in list(path.parent.iterdir()):
        file.unlink()
    if what == "folder":
        path.parent.rmdir()
    assert history.page(10) == []
    keeper.put(sampled(1))
    keeper.put(ended())
    assert keeper.flush(DEADLINE_S)
    assert [row.id for row in history.page(10)] == ["s1", "old"]
    detail = history.session("s1")
    assert detail is not None
    assert detail.seconds == [0, 1]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_put_in_its_place_is_gone_on_with(path: Path, history: History, recording: Recording) -> None:
    elsewhere = path.with_name("backup.db")
    record(elsewhere, started("backed up"), ended("backed up"))
    keeper = recording()
    keeper.put(started())
    keeper.put(sampled(0))
    assert keeper.flush(DEADLINE_S)
    elsewhere.replace(path)
    keeper.put(ended())
    assert keeper.flush(DEADLINE_S)
    assert {row.id: row.outcome for row in history.page(10)} == {"s1": "completed", "backed up": "completed"}


def test_damage_found_while_it_runs(path: Path, history: History, recording: Recording) -> None:
    record(path, started("old"), ended("old"))
    keeper = recording()
    keeper.put(started())
    keeper.put(sampled(0))
    assert keeper.flush(DEADLINE_S)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    with path.open("r+b") as file:
        file.write(b"\xff" * path.stat().st_size)
    keeper.put(noted("level"))
    keeper.put(ended())
    assert keeper.flush(DEADLINE_S)
    told(keeper, "damaged")
    detail = history.session("s1")
    assert detail is not None
    assert (detail.row.outcome, detail.seconds, len(detail.events)) == ("completed", [0], 1)


def test_a_fault_in_the_recorder_itself_is_told(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_module.Keeper, "keep", lambda *_, **__: 1 / 0)
    keeper = recording()
    told(keeper, trouble.recorder_stopped())
    keeper.put(started())
    assert not keeper.ask(Rate(session="s1", after=1)).result(DEADLINE_S).ok


def test_closing_gives_up_in_time(path: Path, recording: Recording) -> None:
    path.parent.write_text("a file where the folder should be")
    keeper = recording()
    keeper.put(started())
    assert not keeper.close(DEADLINE_S)
    assert "not being kept" in str(keeper.notices[0])


def test_a_file_that_may_not_grow(path: Path) -> None:
    """Where no disk can be mounted: the kernel refuses to let any file grow beyond a size."""
    script = Path(__file__).with_name("limited.py")
    result = subprocess.run(
        [sys.executable, "-m", "sessions.limited", str(path)],
        check=False,
        capture_output=True,
        text=True,
        cwd=script.parents[1],
        env={"PYTHONPATH": f"{script.parents[2]}"},
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["told", "kept", "1200", "1200"]
