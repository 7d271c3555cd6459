"""The controller process put together: what it does with commands that are not the engine's alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.controller import Controller
from app.places import ASSETS, Places
from hardware.machine import Gains, Machine, load_machine
from hardware.messages import KeepGains, Reply
from hardware.service.tuning import PadTuning

FOUND = Gains(kp=0.4, ki=0.008, kd=4.0)


class Tuned(PadTuning):
    found = FOUND  # type: ignore[assignment]


@pytest.fixture
def controller(places: Places) -> Iterator[Controller]:
    found = Controller(ASSETS / "machines" / "reference.toml", places)
    yield found
    found.server.close()


def keep(controller: Controller) -> list[Reply]:
    replies: list[Reply] = []
    controller._handle(KeepGains(), replies.append)
    return replies


def test_accepted_gains_are_in_the_file_before_the_engine_is_asked(
    controller: Controller, places: Places, machine: Machine
) -> None:
    controller.engine.tuning = Tuned(machine, "right", 38.0)
    assert keep(controller) == [], "the engine answers, from its own thread"
    assert load_machine(places.own_machine).pad[1].gains == FOUND


def test_what_cannot_be_written_is_not_used(controller: Controller, places: Places, machine: Machine) -> None:
    controller.engine.tuning = Tuned(machine, "right", 38.0)
    controller.machine_path = places.data / "gone" / "machine.toml"
    (reply,) = keep(controller)
    assert not reply.ok
    assert "could not be written" in reply.reason
    assert not controller.loop._commands


def test_without_a_tuning_nothing_is_written(controller: Controller, places: Places) -> None:
    assert keep(controller) == []
    assert not places.own_machine.exists()
