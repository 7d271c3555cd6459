"""A file for the history, recorders that are closed whatever happens, and a disk of a megabyte."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.sessions.history import History
from app.sessions.recorder import Recorder

from .story import DEADLINE_S, Recording, recorder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.db"


@pytest.fixture
def history(path: Path) -> Iterator[History]:
    reader = History(path)
    yield reader
    reader.close()


@pytest.fixture
def recording(path: Path) -> Iterator[Recording]:
    """Start a recorder at ``path``."""
    begun: list[Recorder] = []

    def begin(**options: Any) -> Recorder:
        keeper = recorder(options.pop("at", path), **options)
        begun.append(keeper)
        keeper.start()
        return keeper

    yield begin
    for keeper in begun:
        keeper.close(DEADLINE_S)


class SmallDisk:
    """A real file system of one megabyte."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        with (self.folder / "ballast").open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(b"x" * 4096)
            except OSError:
                return

    def make_room(self) -> None:
        (self.folder / "ballast").unlink()

    def lock(self, read_only: bool) -> bool:
        how = "ro" if read_only else "rw"
        return not _run("mount", "-o", f"remount,{how}", str(self.folder)).returncode


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() or _run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)).returncode:
        pytest.skip("no disks can be mounted here")
    yield SmallDisk(folder)
    _run("umount", "-l", str(folder))


def _run(*command: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, check=False, capture_output=True)
