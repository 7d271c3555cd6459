"""A few hours of the campaign, and whether it would see what it looks for; the long one is
``scripts/campaign``."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.machine import Machine
from hardware.program import Program
from hardware.safety.pad_watch import Present
from hardware.safety.protection import Protection
from tests.campaign import trials
from tests.campaign.episode import Episode, Life
from tests.campaign.ledger import Ledger, Row, summary
from tests.campaign.verdicts import Found

LIVES: list[tuple[int, Life]] = [(1, "sound"), (2, "faulty"), (3, "faulty"), (4, "trial")]
EPISODE_S = 300.0
PROTECT = "hardware.safety.protection.Protection.update"


def lived(episode: Episode, seconds: float) -> Episode:
    for _ in episode.run(seconds):
        pass
    return episode


@pytest.mark.parametrize(("seed", "life"), LIVES)
def test_every_rule_holds_through_an_episode(
    machine: Machine, programs: dict[str, Program], seed: int, life: Life
) -> None:
    episode = lived(Episode(seed, machine, programs, life=life), EPISODE_S)
    assert episode.found == []
    assert episode.lived_s >= EPISODE_S - 1.0


def test_an_episode_replays_exactly(machine: Machine, programs: dict[str, Program]) -> None:
    one, other = (lived(Episode(5, machine, programs), 150.0) for _ in range(2))
    assert one.rig.events == other.rig.events
    assert one.rig.plant.pad_c == other.rig.plant.pad_c


def test_a_sound_machine_that_stops_is_found_and_life_goes_on(
    machine: Machine, programs: dict[str, Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    says: dict[str, Present] = {"pad-too-hot": Present()}
    monkeypatch.setattr(PROTECT, lambda *_: says)
    episode = lived(Episode(1, machine, programs, life="sound"), 60.0)
    assert ("false-stop", "pad-too-hot") in {(found.kind, found.what) for found in episode.found}
    assert episode.lived_s >= 59.0
    says.clear()
    says["pad-not-heating"] = Present(stops=False)
    episode = lived(Episode(1, machine, programs, life="sound"), 60.0)
    assert ("false-advice", "pad-not-heating") in {(found.kind, found.what) for found in episode.found}


def test_a_fault_that_nobody_finds_is_missed(
    machine: Machine, programs: dict[str, Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    finds = Protection.update
    monkeypatch.setattr(PROTECT, lambda *told: finds(*told) and {})
    open_wires = tuple(trial for trial in trials.TRIALS if trial.fault == "sensor-open")
    monkeypatch.setattr(trials, "TRIALS", open_wires)
    episode = lived(Episode(7, machine, programs, life="trial"), 300.0)
    assert [(found.kind, found.what) for found in episode.found] == [("missed", "sensor-open")]


def test_what_the_engine_dies_of_is_found(
    machine: Machine, programs: dict[str, Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(PROTECT, dies)
    episode = lived(Episode(1, machine, programs), 60.0)
    assert [(found.kind, found.what) for found in episode.found] == [("crash", "ZeroDivisionError")]


def test_a_ledger_goes_on_after_a_line_that_was_torn(tmp_path: Path) -> None:
    path = tmp_path / "campaign.jsonl"
    found = [Found("false-stop", "pad-too-hot", 12.0, "a warm room")]
    ledger = Ledger(path)
    ledger.add(Row(seed=1, version="a", life="sound", hours=2.0, sessions=4, found=found))
    ledger.add(Row(seed=2, version="b", life="faulty", hours=1.0, sessions=3))
    with path.open("ab") as file:
        file.write(b'{"seed":3,"ver')
    again = Ledger(path)
    assert again.done("a") == {1}
    again.add(Row(seed=4, version="a", life="sound", hours=1.0, sessions=1))
    assert Ledger(path).done("a") == {1, 4}
    lines = summary(Ledger(path).rows)
    assert lines[0] == "3 episodes, 4.0 h, 8 sessions, 5 on sound machines"
    assert "false-stop: 1, 200.0 in 1,000 sessions" in lines
    assert "    pad-too-hot: 1 (seeds 1)" in lines
