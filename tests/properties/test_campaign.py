"""A few hours of the campaign; the long one is ``scripts/campaign``."""

from __future__ import annotations

import pytest

from hardware.machine import Machine
from hardware.program import Program
from tests.campaign import Episode
from tests.rig import Rig
from tests.truth import Truth, ViolationError

SEEDS = range(1, 4)
EPISODE_S = 600.0


@pytest.mark.parametrize("seed", SEEDS)
def test_every_rule_holds_through_an_episode(
    machine: Machine, programs: dict[str, Program], seed: int
) -> None:
    for _ in Episode(seed, machine, programs).run(EPISODE_S):
        pass


def test_an_episode_replays_exactly(machine: Machine, programs: dict[str, Program]) -> None:
    lives = [Episode(5, machine, programs) for _ in range(2)]
    for life in lives:
        for _ in life.run(150):
            pass
    assert lives[0].rig.events == lives[1].rig.events
    assert lives[0].rig.plant.pad_c == lives[1].rig.plant.pad_c


def test_a_broken_gate_would_be_seen(
    machine: Machine, programs: dict[str, Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judge is judged: with the gate gone and a sensor lost, it calls out."""
    monkeypatch.setattr("hardware.engine.gate", lambda wanted, *_: wanted)
    monkeypatch.setattr("hardware.control.heat.HeatControl.update", lambda *_: 0.5)
    rig = Rig(machine, programs).start("relax")
    truth = Truth(rig)
    rig.plant.faults.put("sensor-open", "left a")

    def live() -> None:
        for _ in rig.run(1):
            truth.check()

    with pytest.raises(ViolationError, match="S4"):
        live()
