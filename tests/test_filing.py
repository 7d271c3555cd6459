"""Small files and a disk that is slow, full or both: nobody waits, and nothing is lost."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.aside import Aside
from app.filing import Filing, cannot_be_written
from app.household.kept import Kept
from app.household.people import People
from hardware.errors import InstepError
from hardware.message import Foreign, Named
from tests.household.test_kept import Taste

DEADLINE_S = 60.0
A, B = Path("a.json"), Path("b.json")


class Disk:
    """Answers once it is let, in the order of its writes; ``full`` takes nothing."""

    def __init__(self) -> None:
        self.asked, self.open = threading.Event(), threading.Event()
        self.full = False
        self.written: list[str] = []

    def sync(self, _file: int = 0) -> None:
        self.asked.set()
        assert self.open.wait(DEADLINE_S)
        if self.full:
            raise OSError(28, "No space left on device")

    def text(self, text: str) -> Callable[[], None]:
        def write() -> None:
            self.sync()
            self.written.append(text)

        return write


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def filing() -> Iterator[Filing]:
    found = Filing(retry_s=1e6)
    yield found
    found.close(DEADLINE_S)


def until_tried(filing: Filing, tries: int) -> None:
    with filing._changed:
        assert filing._changed.wait_for(lambda: filing.changes >= tries, DEADLINE_S)


def test_nobody_waits_and_of_each_file_the_newest_is_written_in_order(disk: Disk, filing: Filing) -> None:
    filing.put(A, disk.text("a1"))
    assert disk.asked.wait(DEADLINE_S)
    for path, text in ((B, "b1"), (A, "a2"), (B, "b2"), (A, "a3")):
        filing.put(path, disk.text(text))
    assert filing.waits(A)
    assert filing.waits(B)
    disk.open.set()
    assert filing.close(DEADLINE_S)
    assert disk.written == ["a1", "b2", "a3"]
    assert not filing.waits(A)


def test_what_a_full_disk_does_not_take_is_told_and_written_when_there_is_room(
    disk: Disk, filing: Filing
) -> None:
    disk.open.set()
    disk.full = True
    filing.put(A, disk.text("a1"))
    until_tried(filing, 1)
    assert filing.troubles == (cannot_be_written(Named(A.name), Foreign("No space left on device", 28)),)
    assert filing.waits(A), "it is not forgotten"
    filing.put(A, disk.text("a2"))
    until_tried(filing, 2)
    disk.full = False
    filing.again()
    until_tried(filing, 3)
    assert disk.written == ["a2"]
    assert filing.troubles == ()
    assert not filing.waits(A)


def test_closing_writes_what_waits_once_more_and_says_what_is_lost(disk: Disk) -> None:
    disk.open.set()
    disk.full = True
    filing = Filing(retry_s=1e6)
    filing.put(A, disk.text("a1"))
    until_tried(filing, 1)
    assert not filing.close(DEADLINE_S)
    assert filing.troubles
    with pytest.raises(InstepError):
        filing.put(A, disk.text("a2"))
    stuck = Disk()
    other = Filing()
    other.put(A, stuck.text("a1"))
    assert not other.close(0.0), "and waits no longer than it may"
    stuck.open.set()
    assert other.close(DEADLINE_S)


def test_a_file_counts_at_once_and_is_on_the_disk_later(
    tmp_path: Path, disk: Disk, filing: Filing, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "taste.json"
    Kept(path, Taste()).save(Taste(sugar=2))
    monkeypatch.setattr(os, "fsync", disk.sync)
    kept = Kept(path, Taste(), filing)
    kept.save(Taste(sugar=4))
    assert (kept.value.sugar, kept.on_disk, kept.refresh()) == (4, False, False)
    assert Kept(path, Taste()).value.sugar == 2
    with pytest.raises(InstepError, match="not written"):
        kept.save(Taste(sugar=6))
    assert kept.value.sugar == 4
    disk.open.set()
    until_tried(filing, 1)
    assert kept.on_disk
    assert Kept(path, Taste()).value.sugar == 4
    assert not kept.refresh(), "it is ours"


def test_people_are_known_at_once_and_changed_again_while_the_disk_is_slow(
    tmp_path: Path, disk: Disk, filing: Filing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", disk.sync)
    people = People(tmp_path / "people.json", filing=filing)
    anna = people.add("Anna")
    jo = people.add("Jo")
    people.remove(anna.id)
    assert not people.reads(jo.id)
    disk.open.set()
    assert filing.close(DEADLINE_S)
    assert people.reads(jo.id)
    assert [person.name for person in People(tmp_path / "people.json").all] == ["Jo"]


def test_work_aside_is_done_in_order_bounded_and_outlives_a_mistake(disk: Disk) -> None:
    aside = Aside("test", most=2)
    done: list[int] = []
    assert aside.do(disk.sync)
    assert disk.asked.wait(DEADLINE_S)
    assert aside.do(lambda: done.append(1 // 0))
    assert aside.do(lambda: done.append(2))
    assert not aside.do(lambda: done.append(3))
    disk.open.set()
    assert aside.close(DEADLINE_S)
    assert done == [2]
    assert not aside.do(lambda: done.append(4))
