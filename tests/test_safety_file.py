"""The file of safety's memory: whole or not at all, in nobody's way, read as the worst when in doubt."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from app.files import in_memory
from app.safety_file import SafetyFile
from hardware.safety.memory import FRESH, Keep, Latched, Memory

FAULTY = Memory(faults=(Latched("pad-too-hot", "The left pad reads 44.2 °C.", False),), clock_s=12.0)


class Clocks:
    """One computer's clocks; ``good`` is whether the date can be believed."""

    def __init__(self) -> None:
        self.wall_s, self.monotonic_s, self.good = 1_800_000_000.0, 50.0, True
        self.boot = "b1"

    def file(self, path: Path, **more: object) -> SafetyFile:
        runtime = path.parent / "run"
        runtime.mkdir(exist_ok=True)
        return SafetyFile(
            path,
            runtime,
            boot=self.boot,
            clock=lambda: self.wall_s,
            monotonic=lambda: self.monotonic_s,
            is_good=lambda: self.good,
            **{"at_once": True, **more},  # type: ignore[arg-type]
        )

    def keep(self, path: Path, memory: Memory) -> None:
        kept = self.file(path)
        kept.start()
        kept.put(Keep(1, memory))
        assert kept.close(20.0)
        assert kept.written == 1

    def plug_pulled(self, seconds: float) -> None:
        self.boot, self.monotonic_s = "b2", 9.0
        self.wall_s += seconds


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "safety.json"


def test_without_a_file_there_is_nothing_to_remember(path: Path, clocks: Clocks) -> None:
    assert clocks.file(path).recalled == FRESH
    assert not path.exists(), "and none is made for it"


def test_what_was_kept_is_recalled_with_how_long_ago(path: Path, clocks: Clocks) -> None:
    clocks.keep(path, FAULTY)
    clocks.monotonic_s += 7.0
    found = clocks.file(path).recalled
    assert (found.memory, found.off_s, found.damaged) == (FAULTY, 7.0, False)


def test_within_one_boot_a_bad_date_does_not_matter(path: Path, clocks: Clocks) -> None:
    clocks.good = False
    clocks.keep(path, FAULTY)
    clocks.monotonic_s += 7.0
    clocks.wall_s += 1e6
    assert clocks.file(path).recalled.off_s == 7.0


@pytest.mark.parametrize(("good_then", "good_now"), [(True, False), (False, True), (False, False)])
def test_over_a_pulled_plug_a_date_that_is_not_good_tells_nothing(
    path: Path, clocks: Clocks, good_then: bool, good_now: bool
) -> None:
    clocks.good = good_then
    clocks.keep(path, FAULTY)
    clocks.plug_pulled(4000.0)
    clocks.good = good_now
    assert clocks.file(path).recalled.off_s is None


def test_a_clock_that_becomes_good_later_tells_it_then(path: Path, clocks: Clocks) -> None:
    clocks.keep(path, FAULTY)
    clocks.plug_pulled(4000.0)
    clocks.good = False
    found = clocks.file(path)
    assert found.off_s is None
    found.start()
    clocks.monotonic_s += 30.0
    clocks.wall_s += 30.0
    clocks.good = True
    found.put(Keep(1, FAULTY))
    assert found.close(20.0)
    assert found.off_s == 4000.0


def test_a_date_that_runs_backwards_is_no_time_at_all(path: Path, clocks: Clocks) -> None:
    clocks.keep(path, FAULTY)
    clocks.plug_pulled(-500.0)
    assert clocks.file(path).recalled.off_s == 0.0


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"version": 2}', '{"version": 1, "memory": {}}', "\x00" * 40, "9" * 2_000_000],
    ids=["empty", "cut", "a list", "newer", "no stamp", "zeros", "huge"],
)
def test_what_cannot_be_understood_is_damaged_and_kept_aside(path: Path, clocks: Clocks, text: str) -> None:
    path.write_text(text)
    assert clocks.file(path).recalled.damaged
    assert clocks.file(path).recalled.damaged, "a start that came to nothing has seen to nothing"
    clocks.keep(path, FAULTY)
    (aside,) = path.parent.glob("safety.damaged-*.json")
    assert aside.read_text() == text
    assert clocks.file(path).recalled.memory == FAULTY


def test_a_changed_bound_or_key_is_not_trusted(path: Path, clocks: Clocks) -> None:
    clocks.keep(path, FAULTY)
    good = path.read_text()
    for wrong in (
        good.replace('"clock_s": 12.0', '"clock_s": -1.0'),
        good.replace('"heating"', '"heatings"'),
        good.replace('"rail_off": false', '"rail_off": "no"'),
    ):
        assert wrong != good
        path.write_text(wrong)
        assert clocks.file(path).recalled.damaged


def test_a_slow_disk_keeps_nobody_waiting_and_the_newest_wins(path: Path, clocks: Clocks) -> None:
    go, began = threading.Event(), threading.Event()
    texts: list[str] = []

    def slow(_path: Path, text: str) -> None:
        began.set()
        assert go.wait(60)
        texts.append(text)

    kept = clocks.file(path, write=slow)
    kept.start()
    kept.put(Keep(1, Memory()))
    assert began.wait(60)
    for number in range(2, 50):
        kept.put(Keep(number, Memory(clock_s=float(number))))
    assert kept.written == 0, "nothing is on the disk before it is"
    go.set()
    assert kept.close(60.0)
    assert kept.written == 49
    assert len(texts) == 2


def test_who_is_killed_in_the_very_moment_is_remembered(path: Path, clocks: Clocks) -> None:
    clocks.keep(path, Memory())
    clocks.monotonic_s += 1.0
    clocks.file(path).put(Keep(1, FAULTY))  # whose thread never got to write it
    assert clocks.file(path).recalled.memory == FAULTY, "as a controller would find it that starts now"


def test_a_copy_of_an_earlier_run_of_the_computer_or_a_spoilt_one_is_passed_over(
    path: Path, clocks: Clocks
) -> None:
    clocks.keep(path, FAULTY)
    clocks.file(path, write=lambda _path, _text: None).put(Keep(2, Memory()))
    clocks.plug_pulled(10.0)
    assert clocks.file(path).recalled.memory == FAULTY
    (path.parent / "run" / path.name).write_text("{")
    assert clocks.file(path).recalled.memory == FAULTY


def test_a_damaged_file_costs_nothing_that_a_copy_of_this_run_knows(path: Path, clocks: Clocks) -> None:
    clocks.keep(path, FAULTY)
    path.write_text("{")
    found = clocks.file(path).recalled
    assert (found.memory, found.damaged) == (FAULTY, True)


def test_a_full_disk_has_a_little_room_left_for_it(path: Path, clocks: Clocks) -> None:
    clocks.keep(path, Memory())
    spare = path.with_name("safety.spare")
    assert spare.exists()

    def full(path: Path, text: str) -> None:
        if spare.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        path.write_text(text)

    kept = clocks.file(path, write=full)
    kept.start()
    kept.put(Keep(7, FAULTY))
    assert kept.close(20.0)
    assert kept.written == 7


def test_a_disk_that_fails_is_tried_again(
    path: Path, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.safety_file.RETRY_S", 0.001)
    fails = iter([OSError(errno.EIO, "Input/output error")] * 3)

    def bad(_path: Path, _text: str) -> None:
        for error in fails:
            raise error

    kept = clocks.file(path, write=bad)
    kept.start()
    kept.put(Keep(5, Memory()))
    for _ in range(20_000):
        if kept.written == 5:
            break
        threading.Event().wait(0.001)
    assert kept.written == 5
    assert kept.close(20.0)


def test_a_runtime_folder_that_is_no_memory_keeps_nobody_waiting_either(
    path: Path, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, copy = threading.Event(), SafetyFile._write_copy

    def slow(self: SafetyFile, text: str) -> None:
        assert go.wait(60)
        copy(self, text)

    monkeypatch.setattr(SafetyFile, "_write_copy", slow)
    kept = clocks.file(path, at_once=False)
    kept.put(Keep(1, Memory()))
    kept.put(Keep(2, FAULTY))
    assert not (path.parent / "run" / path.name).exists()
    go.set()
    assert kept._copies is not None
    assert kept._copies.close(60.0)
    assert clocks.file(path).recalled.memory == FAULTY


def test_what_is_memory_is_known_from_the_mounts(tmp_path: Path) -> None:
    device = tmp_path.stat().st_dev
    mounts = tmp_path / "mountinfo"
    for kind, is_memory in (("tmpfs tmpfs rw,size=8k", True), ("ext4 /dev/mmcblk0p2 rw", False)):
        mounts.write_text(
            "22 1 254:99 / / rw,relatime shared:1 - ext4 /dev/root rw\n"
            f"36 22 {os.major(device)}:{os.minor(device)} / /run rw,nosuid shared:14 - {kind}\n"
        )
        assert in_memory(tmp_path, mounts) == is_memory
    assert not in_memory(tmp_path / "gone", mounts)
    assert not in_memory(tmp_path, tmp_path / "gone")
