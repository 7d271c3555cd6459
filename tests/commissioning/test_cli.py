"""``instep commission`` as a builder types it, on a machine in fake time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.commissioning import record
from app.places import Places
from hardware.machine import Machine
from hardware.program import Program
from tests.bench import NO_FEET, Bench
from tests.rig import Rig

OUTPUTS = 12
ALL_SEEN = "y\n" * OUTPUTS


@pytest.fixture
def bench(machine: Machine, programs: Mapping[str, Program], monkeypatch: pytest.MonkeyPatch) -> Bench:
    found = Bench(Rig(machine, programs, params=NO_FEET))

    @contextlib.contextmanager
    def attached(*_args: Any) -> Iterator[Bench]:
        yield found

    from app.cli import commission as command

    module = __import__(command.callback.__module__, fromlist=["time"])  # type: ignore[union-attr]
    monkeypatch.setattr(module, "attached", attached)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: found.rig.now))
    return found


def instep(places: Places, *arguments: str, typed: str = "") -> Result:
    environment = {"INSTEP_DATA": str(places.data), "INSTEP_RUNTIME": str(places.runtime)}
    return CliRunner().invoke(main, ["commission", *arguments], input=typed, env=environment)


def test_a_sound_machine_is_gone_through_kept_and_shown(bench: Bench, places: Places) -> None:
    assert instep(places, "--show").exit_code == 1
    result = instep(places, typed=ALL_SEEN + "n\nno time\nn\n\n")
    assert result.exit_code == 0, result.output
    assert "The machine is as it should be." in result.output
    kept = record.read(places.commissioned)
    assert kept is not None
    assert len(kept.outputs) == OUTPUTS
    assert [one.skipped for one in kept.tuned] == ["no time", "Left for later."]
    shown = instep(places, "--show")
    assert shown.exit_code == 0
    assert "pin 16  left kneader            yes" in shown.output
    assert "not tuned (no time)" in shown.output


def test_what_moved_instead_is_chosen_from_a_list(bench: Bench, places: Places) -> None:
    # The left kneader is the third; without it in the list, the right one is third as well.
    typed = "y\ny\no\n3\no\n3\n" + "y\n" * (OUTPUTS - 4)
    result = instep(places, "--no-tuning", typed=typed)
    assert result.exit_code == 1
    assert "The left kneader and the right kneader are swapped" in result.output
    assert "pins 16 and 17" in result.output
    shown = instep(places, "--show")
    assert shown.exit_code == 1
    assert "right kneader instead" in shown.output


def test_an_output_can_be_driven_again_and_left_out(bench: Bench, places: Places) -> None:
    result = instep(places, "--no-tuning", typed="a\ny\ns\n" + "y\n" * (OUTPUTS - 2))
    assert result.exit_code == 1
    assert result.output.count("Watch the left roller") == 2
    assert "The right roller on pin 13 was left out" in result.output


def test_a_fault_is_in_the_way_until_it_is_mended(bench: Bench, places: Places) -> None:
    bench.rig.plant.faults.put("stop-pressed")
    bench.rig.wait(0.2)
    result = instep(places, "--no-tuning", typed="n\n")
    assert result.exit_code == 1
    assert "The stop button is pressed" in result.output
    assert "Stop button: open" in result.output
    assert not places.commissioned.exists()


def test_going_away_keeps_nothing_and_leaves_everything_off(bench: Bench, places: Places) -> None:
    result = instep(places, typed="y\ny\n")  # then the terminal is closed
    assert result.exit_code == 1
    assert "nothing was kept" in result.output
    assert not places.commissioned.exists()
    bench.rig.wait(1)
    assert not any(bench.rig.plant.motor_duty)
