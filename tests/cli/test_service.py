"""``instep self-test`` and ``instep tune`` as a builder types them, on a machine in fake time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import main, service
from app.gains import write_gains
from app.places import ASSETS, Places
from hardware.machine import Machine, load_machine
from hardware.messages import Command, KeepGains, Reply
from hardware.program import Program
from tests.bench import NO_FEET, Bench
from tests.rig import TERMINAL, Rig


class KeepingBench(Bench):
    """Keeps gains in the machine file, as the controller's process does beside the engine."""

    def __init__(self, rig: Rig, places: Places) -> None:
        super().__init__(rig)
        self.places = places

    def send(self, command: Command, on_reply: Callable[[Reply], None] | None = None) -> None:
        if isinstance(command, KeepGains) and (tuning := self.rig.engine.tuning) and tuning.found:
            write_gains(ASSETS / "machines" / "reference.toml", self.places, tuning.side, tuning.found)
        super().send(command, on_reply)


@pytest.fixture
def bench(
    machine: Machine, programs: Mapping[str, Program], places: Places, monkeypatch: pytest.MonkeyPatch
) -> Bench:
    found = KeepingBench(Rig(machine, programs, by=TERMINAL, params=NO_FEET), places)

    @contextlib.contextmanager
    def attached(*_args: Any) -> Iterator[Bench]:
        yield found

    monkeypatch.setattr(service, "attached", attached)
    # Proofs of life are due by the wall's clock; here a second of it passes in a few milliseconds.
    monkeypatch.setattr(service, "ALIVE_S", 0.0)
    return found


def instep(places: Places, *arguments: str, typed: str = "") -> Result:
    environment = {"INSTEP_DATA": str(places.data), "INSTEP_RUNTIME": str(places.runtime)}
    return CliRunner().invoke(main, arguments, input=typed, env=environment)


def test_a_sound_machine_says_so(bench: Bench, places: Places) -> None:
    result = instep(places, "self-test")
    assert result.exit_code == 0, result.output
    assert result.output.split() == ["heat", "sound", "air", "sound"]


def test_what_is_wrong_is_named_and_the_exit_code_says_it(bench: Bench, places: Places) -> None:
    bench.rig.plant.faults.put("heaters-swapped")
    result = instep(places, "self-test")
    assert result.exit_code == 1
    assert "swapped" in result.output
    assert "air   sound" in result.output


def test_gains_are_found_shown_and_kept_when_wanted(bench: Bench, places: Places) -> None:
    result = instep(places, "tune", "left", "--yes")
    assert result.exit_code == 0, result.output
    for words in ("Keep your feet out", "measuring", "in use", "found", "written to"):
        assert words in result.output
    assert "⠀" in result.output, "the curve"
    found = bench.rig.engine.tuning
    assert found is not None
    assert found.found is not None
    assert load_machine(places.own_machine).pad[0].gains.kp == pytest.approx(found.found.kp, rel=1e-3)


def test_without_a_yes_everything_stays_as_it_was(bench: Bench, places: Places) -> None:
    result = instep(places, "tune", "right")
    assert result.exit_code == 0, result.output
    assert "Left as it was." in result.output
    assert not places.own_machine.exists()
    assert not bench.rig.noted("gains")


def test_a_tuning_that_finds_nothing_says_why(bench: Bench, places: Places) -> None:
    bench.rig.plant.faults.put("heater-stuck-off", "left")
    result = instep(places, "tune", "left")
    assert result.exit_code == 1
    assert "does not reach 38 °C" in result.output
