"""What all tests share: the reference machine, the shipped programs, folders of a test's own."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.places import ASSETS, Places
from hardware.machine import Machine, load_machine
from hardware.program import Program, load_programs

# What tests and the product put into the temporary folder is in one of this process's own, which goes with
# it. Made here, because other conftests already have use of it. Pytest's own folders stay where they are
# looked for, after a run that failed.
_COMMON = tempfile.gettempdir()
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", _COMMON)
tempfile.tempdir = os.environ["TMPDIR"] = tempfile.mkdtemp(prefix="it-")

# A shell that starts this in the background has it ignore Ctrl-C, and so would every process started here.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_unconfigure() -> None:
    shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)
    tempfile.tempdir = os.environ["TMPDIR"] = _COMMON
    if "PYTEST_XDIST_WORKER" not in os.environ:
        for folder in Path(_COMMON).glob("pytest-of-*"):
            with contextlib.suppress(OSError):
                folder.rmdir()  # only where it is empty


@pytest.fixture(scope="module", autouse=True)
def _little_to_look_through() -> Iterator[None]:
    """What was imported or made before stays, and is not looked through for garbage again: a board collects
    what an abandoned one left, and the controller that lives in this process stands still meanwhile."""
    gc.collect()
    gc.freeze()
    yield
    lives = sys.modules.get("tests.lives")
    if lives is not None:
        lives.forget()


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
