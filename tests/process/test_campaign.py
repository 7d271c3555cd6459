"""The campaign over processes: a short round of it holds, and its command keeps and sums up what it found."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from hardware.machine import Machine
from scripts.campaigns import processes
from tests.process.round import Found, Round
from tests.process.strikes import STRIKES, TOLD, unexpected
from tests.process.struck import STATES

SEED = int(os.environ.get("INSTEP_SEED") or random.SystemRandom().randrange(10**6))


@pytest.mark.process
def test_a_short_round_holds(machine: Machine) -> None:
    this = Round(SEED, machine, patience=3.0)
    this.run(1, print)
    assert not this.found, f"scripts/campaign-processes --replay {SEED} --strikes 1"


class Drawn(Round):
    """One that strikes nobody, and finds something in each second seed."""

    def run(self, strikes: int, told: object = None) -> None:
        self.counted = Counter({"Stop": strikes})
        if self.seed % 2:
            self.found = [Found("S12", 1, "running: Stop", "power from 2.00 s after: Stop")]


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(processes, "Round", Drawn)
    return tmp_path / "ledger.jsonl"


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(processes.main, [str(argument) for argument in arguments])
    return done.exit_code, done.output


def test_a_violation_is_told_with_what_replays_it_and_ends_nothing(ledger: Path) -> None:
    code, told = run("--rounds", 4, "--seed", 10, "--strikes", 5, "--ledger", ledger)
    assert code == 1
    assert "S12: 2, 100.0 in 1,000 strikes" in told
    assert "scripts/campaign-processes --replay 11 --strikes 5" in told
    assert "scripts/campaign-processes --replay 13 --strikes 5" in told
    assert len(ledger.read_text().splitlines()) == 4


def test_it_goes_on_where_it_was_stopped_and_sums_up(ledger: Path) -> None:
    run("--rounds", 1, "--seed", 10, "--strikes", 5, "--ledger", ledger)
    with ledger.open("a") as file:
        file.write('{"seed": 11, "str')  # the plug was pulled
    assert run("--rounds", 1, "--seed", 10, "--ledger", ledger) == (0, "every rule held in 0 strikes\n")
    code, _ = run("--rounds", 3, "--seed", 10, "--strikes", 5, "--ledger", ledger)
    assert code == 1
    kept = ledger.read_text().splitlines()
    assert [json.loads(line)["seed"] for line in (kept[0], *kept[2:])] == [10, 11, 12]
    code, told = run("--summary", "--ledger", ledger)
    assert code == 1
    assert "3 rounds, 15 strikes" in told
    assert "S12: 1, 66.7 in 1,000 strikes" in told


def test_every_explanation_of_a_fault_is_of_a_state_or_a_strike() -> None:
    assert set(TOLD) <= {*STATES, *STRIKES}
    assert unexpected(["running", "Stop"], ["pins-lost", "controller-late"]) == ["pins-lost"]
    assert unexpected(["running", "Stop"], ["pins-lost"], busy=True) == []
    assert unexpected(["switched off", "the daemon is gone"], ["pins-lost", "switched-off-elsewhere"]) == []
