"""What all tests share: the reference machine, the shipped programs, folders of a test's own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.places import ASSETS, Places
from hardware.machine import Machine, load_machine
from hardware.program import Program, load_programs


@pytest.fixture(scope="session")
def machine() -> Machine:
    return load_machine(ASSETS / "machines" / "reference.toml")


@pytest.fixture(scope="session")
def programs() -> dict[str, Program]:
    found, broken = load_programs(ASSETS / "programs")
    assert not broken
    return found


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    """Data and runtime folders; the latter short enough for a unix socket wherever tests run."""
    with tempfile.TemporaryDirectory(prefix="in-", dir="/tmp") as runtime:
        found = Places(tmp_path / "data", Path(runtime))
        found.make()
        yield found
