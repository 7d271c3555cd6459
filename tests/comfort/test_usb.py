"""Sticks that are found, written, finished, pulled out, full and write-protected."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import usb

from .computer import Tree


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A system with a stick in it, beside the machine's own card."""
    tree = Tree(tmp_path)
    tree.disk("sda", 1, removable=True)
    tree.disk("mmcblk0", 2)
    tree.mount("mmcblk0p2", "/", "ext4")
    tree.mount("mmcblk0p1", "/mnt/card")
    tree.mount("sda1", "/media/pi/MY STICK")
    return tmp_path


@pytest.fixture
def stick(root: Path) -> usb.Stick:
    (found,) = usb.sticks(root)
    return found


def names(stick: usb.Stick) -> list[str]:
    return sorted(path.name for path in stick.path.iterdir())


def test_a_stick_is_found_and_the_machines_own_card_is_not(root: Path, stick: usb.Stick) -> None:
    assert (stick.device, stick.name, stick.read_only) == ("/dev/sda1", "MY STICK", False)
    assert stick.path == root / "media/pi/MY STICK"
    assert stick.free > 0


def test_a_system_that_tells_nothing_has_no_sticks(tmp_path: Path) -> None:
    assert usb.sticks(tmp_path) == []


def test_where_nobody_mounts_it_udisks_is_asked(root: Path) -> None:
    table = root / "proc/self/mountinfo"
    whole = table.read_text()
    table.write_text("".join(line for line in whole.splitlines(True) if "sda1" not in line))
    Tree(root).disk("sdb", 0, removable=True, size=0)
    asked: list[Any] = []

    def run(command: list[str], **_more: Any) -> Any:
        asked.append(command[1:])
        table.write_text(whole)
        return subprocess.CompletedProcess(command, 0)

    assert usb.look(root, run, lambda _name: None) == []
    (found,) = usb.look(root, run, lambda _name: "/usr/bin/udisksctl")
    assert found.device == "/dev/sda1"
    assert asked == [["mount", "--no-user-interaction", "-b", "/dev/sda1"]]
    usb.look(root, run, lambda _name: "/usr/bin/udisksctl")
    assert len(asked) == 1


def test_what_is_written_is_there_whole_under_a_name_of_its_own(stick: usb.Stick) -> None:
    first = usb.write(stick, "log.txt", iter([b"one ", b"two"]))
    second = usb.write(stick, "log.txt", [b"three"])
    assert (first.name, first.read_bytes()) == ("log.txt", b"one two")
    assert (second.name, second.read_bytes()) == ("log-2.txt", b"three")
    assert names(stick) == ["log-2.txt", "log.txt"]


def test_what_was_begun_when_a_stick_was_pulled_out_is_swept(stick: usb.Stick) -> None:
    (stick.path / ".instep-old.csv.part").write_bytes(b"half")
    (stick.path / ".theirs.part").write_bytes(b"not ours")
    usb.write(stick, "new.csv", [b"x"])
    assert names(stick) == [".theirs.part", "new.csv"]


def trouble(stick: usb.Stick, chunks: Any) -> str:
    with pytest.raises(usb.UsbError) as found:
        usb.write(stick, "a.csv", chunks)
    return found.value.trouble


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, "full"),
        (errno.EIO, "gone"),
        (errno.ENODEV, "gone"),
        (errno.EROFS, "read-only"),
        (errno.EINVAL, "failed"),
    ],
)
@pytest.mark.parametrize("call", ["write", "fsync", "read", "rename"])
def test_every_failure_says_why_and_leaves_nothing(
    stick: usb.Stick, monkeypatch: pytest.MonkeyPatch, call: str, number: int, expected: str
) -> None:
    def fail(*_args: Any, **_more: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(usb.os, call, fail)
    with pytest.raises(usb.UsbError) as found:
        usb.write(stick, "a.csv", [b"x"])
    monkeypatch.undo()
    assert found.value.trouble == expected
    assert names(stick) == []


def test_a_stick_pulled_out_in_the_middle(stick: usb.Stick) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"some"
        for path in stick.path.iterdir():
            path.unlink()
        stick.path.rmdir()
        yield b"more"

    assert trouble(stick, chunks()) == "gone"
    assert not stick.path.exists()


def test_the_empty_mount_point_of_a_stick_that_is_gone_is_no_stick(stick: usb.Stick) -> None:
    other = usb.Stick(
        stick.device, stick.path, stick.name, stick.free, read_only=False, number=stick.number + 1
    )
    assert trouble(other, [b"x"]) == "gone"
    assert names(stick) == []


def test_a_stick_that_forgets_what_was_written_is_found_out(
    stick: usb.Stick, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usb, "_read_back", lambda *_args: b"something else")
    assert trouble(stick, [b"x"]) == "differs"
    assert names(stick) == []


def test_a_write_protected_stick_is_not_tried(root: Path) -> None:
    Tree(root).mount("sda1", "/media/pi/MY STICK", options="ro,nosuid")
    (found,) = usb.sticks(root)
    assert found.read_only
    assert trouble(found, [b"x"]) == "read-only"


def test_what_gives_the_chunks_may_fail_too(stick: usb.Stick) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"some"
        raise LookupError("the history")

    with pytest.raises(LookupError):
        usb.write(stick, "a.csv", chunks())
    assert names(stick) == []


def test_finishing_unmounts_where_that_can_be_done(stick: usb.Stick, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usb.os, "sync", lambda: None)
    asked: list[Any] = []

    def run(command: list[str], **_more: Any) -> Any:
        asked.append(command)
        return subprocess.CompletedProcess(command, 0)

    assert usb.finish(stick, run, lambda _name: "/usr/bin/udisksctl")
    assert asked == [["/usr/bin/udisksctl", "unmount", "--no-user-interaction", "-b", "/dev/sda1"]]
    assert not usb.finish(stick, run, lambda _name: None)

    def hangs(command: list[str], **_more: Any) -> Any:
        raise subprocess.TimeoutExpired(command, 30)

    assert not usb.finish(stick, hangs, lambda _name: "udisksctl")


def test_a_real_stick_that_is_full(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no disks can be mounted here")
    try:
        found = usb.Stick("/dev/sda1", folder, "disk", 0, read_only=False, number=folder.stat().st_dev)
        assert trouble(found, (b"x" * 65536 for _ in range(20))) == "full"
        assert names(found) == []
        assert usb.write(found, "small.txt", [b"x"]).read_bytes() == b"x"
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)
