"""What the observers say, on its way to a screen."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

import msgspec

from hardware.board.interface import Readings, all_off
from hardware.machine import Machine
from hardware.messages import InputsView, PadView, Snapshot
from hardware.program import Program
from hardware.safety.expectation import Expectation
from hardware.views import expected_of, inputs_view, zone_views
from tests.rig import Rig

READINGS = Readings(0.0, (24.1, 24.2, 24.2, None, 1.8, 0.4, None, 6.0), False, (500,) * 8)


def watches(machine: Machine) -> tuple[list[SimpleNamespace], list[SimpleNamespace]]:
    """Of pads and bags, each with something to say."""
    pads = [
        SimpleNamespace(
            expectations=(Expectation(24.1, 24.0 + number / 3, 0.123456), Expectation(None, 24.2, 0.3)),
            skin=Expectation(None, 31.0 + number / 3, 1.98765),
        )
        for number, _ in enumerate(machine.pad)
    ]
    bags = [SimpleNamespace(expectation=Expectation(0.0, 1.0, 3.0)) for _ in machine.bag]
    return pads, bags


def test_expectations_go_with_the_inputs_in_the_same_terms(machine: Machine) -> None:
    expected = expected_of(*watches(machine))
    view = inputs_view(machine, READINGS, expected, (1.5, 0.0, 0.0, -2.0))
    assert view is not None
    said = {key: of.expected for key, of in view.by_key.items()}
    assert said["pad.right.a"] == Expectation(24.1, 24.33, 0.12)
    assert said["pad.right.b"] == Expectation(None, 24.2, 0.3)
    assert said["bag.foot"] == Expectation(1.5, 2.5, 3.0), "before zeroing, as what is read"
    assert said["bag.heel"] == Expectation(-2.0, -1.0, 3.0)
    assert inputs_view(machine, None, expected, (0.0,) * 4) is None


def test_every_sensor_of_a_running_machine_has_its_place(
    machine: Machine, programs: Mapping[str, Program]
) -> None:
    view = Rig(machine, programs).ready().engine.snapshot().inputs
    assert view is not None
    assert list(view.by_key) == [measured.key for measured in machine.inputs]
    assert all(of.expected is not None and of.word is not None for of in view.by_key.values())


def test_the_skin_goes_with_its_pad(machine: Machine) -> None:
    expected = expected_of(*watches(machine))
    nothing = (None,) * 4
    pads, _, _ = zone_views(machine, all_off(machine), READINGS, nothing[:2], nothing, expected)
    assert [(pad.skin_c, pad.skin_within_c) for pad in pads] == [(31.0, 1.99), (31.33, 1.99)]
    pads, _, _ = zone_views(machine, all_off(machine), READINGS, nothing[:2], nothing)
    assert [pad.skin_c for pad in pads] == [None, None]


def test_what_an_older_controller_says_is_understood() -> None:
    old = {
        "at_s": 1.0, "boot": "b", "state": "idle",
        "pads": [{"side": "left", "c": 24.0, "target_c": None, "duty": 0.0}],
        "inputs": {"codes": [1], "pads_c": [[24.0, None]], "bags_mmhg": [0.5], "stop_open": False},
    }  # fmt: skip
    snapshot = msgspec.json.decode(msgspec.json.encode(old), type=Snapshot)
    assert snapshot.inputs == InputsView(stop_open=False)
    assert snapshot.pads == (PadView("left", 24.0, None, 0.0, None, 0.0),)


def test_what_is_expected_comes_through_the_link_as_it_was(machine: Machine) -> None:
    view = inputs_view(machine, READINGS, expected_of(*watches(machine)), (0.0,) * 4)
    snapshot = Snapshot(at_s=1.0, boot="b", state="idle", inputs=view)
    assert msgspec.json.decode(msgspec.json.encode(snapshot), type=Snapshot) == snapshot
