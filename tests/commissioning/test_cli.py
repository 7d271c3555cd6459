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
from app.commissioning.walk import Walk
from app.places import Places
from hardware.machine import Machine
from hardware.program import Program
from tests.bench import NO_FEET, Bench
from tests.rig import TERMINAL, Rig

OUTPUTS = 12
LAMP_DARK = "y\ny\n"
ALL_SEEN = LAMP_DARK + "y\n" * OUTPUTS


class Builder(Bench):
    """A link whose machine has a hand on its emergency stop, which does what is asked for."""

    walk: Walk | None = None
    reaches = lets_go = True

    def wait(self, seconds: float) -> bool:
        phase = self.walk.stop.phase if self.walk else ""
        if (phase == "press" and self.reaches) or (phase == "release" and self.lets_go):
            self.rig.plant.stop_pressed = phase == "press"
        return super().wait(seconds)


@pytest.fixture
def bench(machine: Machine, programs: Mapping[str, Program], monkeypatch: pytest.MonkeyPatch) -> Builder:
    found = Builder(Rig(machine, programs, by=TERMINAL, params=NO_FEET))

    def watched(machine: Machine) -> Walk:
        found.walk = Walk(machine)
        return found.walk

    @contextlib.contextmanager
    def attached(*_args: Any) -> Iterator[Builder]:
        yield found

    from app.cli import commission as command

    module = __import__(command.callback.__module__, fromlist=["time"])  # type: ignore[union-attr]
    monkeypatch.setattr(module, "attached", attached)
    monkeypatch.setattr("app.commissioning.walk.Walk", watched)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: found.rig.now))
    return found


def instep(places: Places, *arguments: str, typed: str = "") -> Result:
    environment = {"INSTEP_DATA": str(places.data), "INSTEP_RUNTIME": str(places.runtime)}
    return CliRunner().invoke(main, ["commission", *arguments], input=typed, env=environment)


def test_a_sound_machine_is_gone_through_kept_and_shown(bench: Builder, places: Places) -> None:
    assert instep(places, "--show").exit_code == 1
    result = instep(places, typed=ALL_SEEN + "n\nno time\nn\n\n")
    assert result.exit_code == 0, result.output
    assert "The machine is as it should be." in result.output
    kept = record.read(places.commissioned, bench.rig.machine)
    assert kept is not None
    assert len(kept.outputs) == OUTPUTS
    assert [str(one.skipped) for one in kept.tuned] == ["no time", "Left for later."]
    shown = instep(places, "--show")
    assert shown.exit_code == 0
    assert "pin 16  left kneader            yes" in shown.output
    assert "pin 5   emergency stop          read" in shown.output
    assert "pin 26  lamp of the 12 V rail   dark without edges" in shown.output
    assert "not tuned (no time)" in shown.output


def test_what_moved_instead_is_chosen_from_a_list(bench: Builder, places: Places) -> None:
    # The left kneader is the third; without it in the list, the right one is third as well.
    typed = LAMP_DARK + "y\ny\no\n3\no\n3\n" + "y\n" * (OUTPUTS - 4)
    result = instep(places, "--no-tuning", typed=typed)
    assert result.exit_code == 1
    assert "The left kneader and the right kneader are swapped" in result.output
    assert "pins 16 and 17" in result.output
    shown = instep(places, "--show")
    assert shown.exit_code == 1
    assert "right kneader instead" in shown.output


def test_an_output_can_be_driven_again_and_left_out(bench: Builder, places: Places) -> None:
    result = instep(places, "--no-tuning", typed=LAMP_DARK + "a\ny\ns\n" + "y\n" * (OUTPUTS - 2))
    assert result.exit_code == 1
    assert result.output.count("Watch the left roller") == 2
    assert "The right roller on pin 13 was left out" in result.output


def test_a_fault_is_in_the_way_until_it_is_mended(bench: Builder, places: Places) -> None:
    bench.rig.plant.faults.put("stop-pressed")
    bench.rig.wait(0.2)
    result = instep(places, "--no-tuning", typed="n\n")
    assert result.exit_code == 1
    assert "The stop button is pressed" in result.output
    assert "Stop button: open" in result.output
    assert not places.commissioned.exists()


def test_going_away_keeps_nothing_and_leaves_everything_off(bench: Builder, places: Places) -> None:
    result = instep(places, typed=LAMP_DARK + "y\ny\n")  # then the terminal is closed
    assert result.exit_code == 1
    assert "nothing was kept" in result.output
    assert not places.commissioned.exists()
    bench.rig.wait(1)
    assert not any(bench.rig.plant.motor_duty)


def test_a_stop_that_is_not_read_ends_it_before_anything_is_driven(bench: Builder, places: Places) -> None:
    bench.rig.plant.faults.put("stop-bridged")
    result = instep(places, typed="again\nnothing\n")
    assert result.exit_code == 1
    assert result.output.count("Nothing has changed at pin 5") == 2
    assert "The emergency stop is not read" in result.output
    assert "Watch" not in result.output
    kept = record.read(places.commissioned, bench.rig.machine)
    assert kept is not None
    assert (kept.stop, kept.rail, kept.outputs) == ("unread", "", ())
    assert "emergency stop          unread" in instep(places, "--show").output


def test_a_relay_that_does_not_let_go_ends_it_too(bench: Builder, places: Places) -> None:
    bench.rig.plant.faults.put("rail-bridged")
    result = instep(places, typed="no\n")
    assert result.exit_code == 1
    assert "Pull the plug of the 12 V supply" in result.output
    assert "Watch" not in result.output


def test_without_a_lamp_and_without_a_hand_it_goes_on_and_is_unfinished(
    bench: Builder, places: Places
) -> None:
    result = instep(places, "--no-tuning", typed="none\ny\n" + "y\n" * OUTPUTS)
    assert "the emergency stop is read\n" in result.output
    assert result.output.count("\n- ") == 1
    assert "- Whether the relay on pin 26 lets go was not seen" in result.output
    bench.reaches = False
    result = instep(places, "--no-tuning", typed="skip\n" + "y\n" * OUTPUTS)
    assert result.exit_code == 1
    assert "The emergency stop on pin 5 was left out" in result.output


def test_a_stop_that_stays_pressed_is_waited_for_and_in_the_way_of_the_rest(
    bench: Builder, places: Places
) -> None:
    bench.lets_go = False
    result = instep(places, typed="yes\nagain\nskip\n")  # and the terminal is closed
    assert result.output.count("Nothing has changed at pin 5. again, skip") == 2
    assert "The stop button is pressed" in result.output
    assert not places.commissioned.exists()
