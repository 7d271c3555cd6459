"""One suite for every board: in process, and gpiozero with the genuine pigpio client on the daemon."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from hardware.board.gpio import GpioBoard
from hardware.board.interface import Board, all_off
from hardware.board.lease import LEASE_S
from hardware.errors import BoardError
from hardware.machine import Machine
from hardware.virtual.board import VirtualBoard
from hardware.virtual.watch import StateClient
from tests.daemon import Daemon, virtual_daemon
from tests.shaped import flat

SOME = flat((0.5, 0.4, 0.3, 0.0, 0.6, 0.0), 0.8, (True, False, True, False), (0.25, 0.5))


class Bench(Protocol):
    """A board, and the machine's truth behind it."""

    board: Board

    def wait(self, seconds: float) -> None: ...
    def duties(self) -> dict[int, float]: ...
    def rail(self) -> bool: ...
    def pressures(self) -> list[float]: ...
    def press_stop(self, pressed: bool) -> None: ...


class InProcess:
    def __init__(self, machine: Machine) -> None:
        self.board = VirtualBoard(machine)
        self._machine = machine

    def wait(self, seconds: float) -> None:
        self.board.advance(seconds)

    def duties(self) -> dict[int, float]:
        return {pin: self.board.wiring.duties.get(pin, 0.0) for pin in self._machine.power_pins()}

    def rail(self) -> bool:
        return self.board.wiring.rail

    def pressures(self) -> list[float]:
        return list(self.board.plant.bag_mmhg)

    def press_stop(self, pressed: bool) -> None:
        self.board.plant.stop_pressed = pressed


class OverTheWire:
    def __init__(self, machine: Machine, daemon: Daemon) -> None:
        self.board = GpioBoard(machine, port=daemon.port)
        self._watch = StateClient(daemon.state)
        self._machine = machine

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)  # the daemon's physics are in real time

    def duties(self) -> dict[int, float]:
        pins = self._watch.state()["pins"]
        return {pin: pins[str(pin)]["duty"] for pin in self._machine.power_pins()}

    def rail(self) -> bool:
        return bool(self._watch.state()["rail"])

    def pressures(self) -> list[float]:
        return list(self._watch.state()["bags_mmhg"])

    def press_stop(self, pressed: bool) -> None:
        self._watch.set("emergency_stop", pressed=pressed)


@pytest.fixture(params=["in process", "pigpio"])
def bench(request: pytest.FixtureRequest, machine: Machine, tmp_path: Path) -> Iterator[Bench]:
    if request.param == "in process":
        yield InProcess(machine)
        return
    with virtual_daemon() as daemon:
        found = OverTheWire(machine, daemon)
        yield found
        found.board.close()


def wanted(machine: Machine) -> dict[int, float]:
    return {output.pin: duty for output, duty in zip(machine.outputs, SOME.duties, strict=True)}


def eventually(bench: Bench, condition: Callable[[], bool], within_s: float = 3.0) -> None:
    waited = 0.0
    while not condition():
        assert waited < within_s
        bench.wait(0.05)
        waited += 0.05


def test_it_reads_every_input_within_reason(bench: Bench, machine: Machine) -> None:
    readings = bench.board.read()
    assert len(readings.values) == len(machine.inputs)
    for measured, value in zip(machine.inputs, readings.values, strict=True):
        assert value is not None
        assert 5 < value < 35 if measured.quantity == "temperature" else abs(value) < 5
    assert readings.stop_open is False
    assert len(readings.words) == 8


def test_it_puts_every_output_on_its_own_pin(bench: Bench, machine: Machine) -> None:
    bench.board.write(SOME)
    bench.board.keep_alive()
    assert bench.duties() == pytest.approx(wanted(machine), abs=0.005)
    bench.board.write(all_off(machine))
    assert set(bench.duties().values()) == {0.0}


def test_the_machine_does_what_the_pins_say_only_while_the_rail_is_fed(bench: Bench) -> None:
    air = flat((0.0,) * 6, 1.0, (True, False, False, False), (0.0, 0.0))
    for _ in range(30):
        bench.board.write(air)
        bench.board.keep_alive()
        bench.wait(0.05)
    assert bench.rail()
    assert bench.pressures()[0] > 20


def test_s12_a_lease_that_is_not_renewed_drops_every_pin_and_the_rail(bench: Bench) -> None:
    bench.board.write(SOME)
    bench.board.keep_alive()
    bench.wait(LEASE_S * 0.7)
    assert any(bench.duties().values())
    bench.wait(LEASE_S * 0.5)
    assert not any(bench.duties().values())
    eventually(bench, lambda: not bench.rail(), 0.7)


def test_after_the_lease_ran_out_it_can_be_driven_again(bench: Bench, machine: Machine) -> None:
    bench.board.write(SOME)
    bench.board.keep_alive()
    bench.wait(LEASE_S * 1.3)
    bench.board.keep_alive()
    assert not any(bench.duties().values()), "nothing comes back by itself"
    bench.board.write(SOME)
    bench.board.keep_alive()
    assert bench.duties() == pytest.approx(wanted(machine), abs=0.005)


def test_the_emergency_stop_is_read_by_level(bench: Bench) -> None:
    bench.press_stop(True)
    bench.wait(0.02)
    assert bench.board.read().stop_open
    bench.press_stop(False)
    bench.wait(0.02)
    assert not bench.board.read().stop_open


def test_closing_has_everything_off_and_may_happen_twice(bench: Bench) -> None:
    bench.board.write(SOME)
    bench.board.keep_alive()
    bench.board.close()
    bench.board.close()
    assert not any(bench.duties().values())
    with pytest.raises(BoardError):
        bench.board.read()
    with pytest.raises(BoardError):
        bench.board.write(SOME)
