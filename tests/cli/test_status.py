"""``instep status`` says who would be disturbed."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from app.cli import main
from hardware.machine import Machine
from hardware.messages import Preheat, Snapshot
from hardware.program import Program
from tests.rig import Rig


class Heard:
    def __init__(self, latest: Snapshot) -> None:
        self.latest = latest
        self.closed = False

    def close(self) -> None:
        self.closed = True


def _status(tmp_path: Path) -> Result:
    return CliRunner().invoke(
        main, ["status", "--data", str(tmp_path / "data"), "--runtime", str(tmp_path / "run")]
    )


def test_without_a_controller_nobody_is_disturbed_and_it_says_so(tmp_path: Path) -> None:
    done = _status(tmp_path)
    assert (done.exit_code, done.output) == (4, "not running\n")


@pytest.mark.parametrize(
    ("state", "code"), [("idle", 0), ("fault", 0), ("self-test", 3), ("service", 3), ("stopping", 3)]
)
def test_an_idle_machine_may_be_stopped_and_a_busy_one_not(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    machine: Machine,
    programs: dict[str, Program],
    state: str,
    code: int,
) -> None:
    snapshot = Rig(machine, programs).engine.snapshot(())
    heard = Heard(msgspec.structs.replace(snapshot, state=state))
    monkeypatch.setattr(sys.modules["app.cli.status"], "running_controller", lambda _places: heard)
    done = _status(tmp_path)
    assert (done.exit_code, done.output.split(":")[0].strip()) == (code, state)
    assert heard.closed


def test_a_session_is_named_with_what_is_left_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: Machine, programs: dict[str, Program]
) -> None:
    rig = Rig(machine, programs)
    rig.start("relax", minutes=15)
    heard = Heard(rig.engine.snapshot(()))
    monkeypatch.setattr(sys.modules["app.cli.status"], "running_controller", lambda _places: heard)
    done = _status(tmp_path)
    assert done.exit_code == 3
    assert done.output == "running: relax, 15 min left\n"


def test_so_is_the_warming_before_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: Machine, programs: dict[str, Program]
) -> None:
    rig = Rig(machine, programs).ready()
    assert rig.give(Preheat(answers=())).ok
    heard = Heard(rig.engine.snapshot(()))
    monkeypatch.setattr(sys.modules["app.cli.status"], "running_controller", lambda _places: heard)
    done = _status(tmp_path)
    assert (done.exit_code, done.output) == (3, "preheating: 180 s left\n")
