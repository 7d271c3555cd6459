"""The board where the loop's own edges feed the rail, as on lgpio, on gpiozero's mock pins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import pairwise
from secrets import token_hex
from typing import Any, Self

import gpiozero
import msgspec
import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from hardware.board.claim import Claim, Request
from hardware.board.gpio import GpioBoard
from hardware.board.interface import all_off
from hardware.errors import BoardError, SwitchedOffError
from hardware.machine import Machine
from tests.shaped import flat


class Silent(AbstractContextManager[Any]):
    """A converter that is not there: mock pins have no SPI, and a wire that is off reads zeros."""

    raw_value = 0

    def __init__(self, channel: int, **wiring: object) -> None:
        assert wiring["port"] == wiring["device"] == 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        pass


@pytest.fixture
def lgpio(machine: Machine) -> Machine:
    return msgspec.structs.replace(machine, pins=msgspec.structs.replace(machine.pins, factory="lgpio"))


@pytest.fixture
def factory(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockFactory]:
    found = MockFactory(pin_class=MockPWMPin)
    monkeypatch.setattr(gpiozero, "MCP3008", Silent)
    yield found
    found.close()


@pytest.fixture
def board(lgpio: Machine, factory: MockFactory) -> Iterator[GpioBoard]:
    with GpioBoard(lgpio, factory=factory) as found:
        yield found


def test_every_tick_makes_an_edge_on_the_rail_and_silence_makes_none(
    board: GpioBoard, lgpio: Machine, factory: MockFactory
) -> None:
    rail = factory.pin(lgpio.rail.pin)
    rail.clear_states()
    for _ in range(4):
        board.keep_alive()
    levels = [state.state for state in rail.states]
    assert all(a != b for a, b in pairwise(levels))
    assert len(levels) == 5


def test_outputs_reach_their_pins_and_closing_drops_them(
    board: GpioBoard, lgpio: Machine, factory: MockFactory
) -> None:
    board.write(flat((0.5, 0.0, 0.0, 0.0, 0.0, 0.25), 0.8, (True, False, False, True), (0.1, 0.0)))
    assert factory.pin(12).state == 0.5
    assert factory.pin(19).state == 0.25
    assert factory.pin(20).state == 0.8
    assert factory.pin(21).state
    assert not factory.pin(22).state
    assert factory.pin(25).state == 0.1
    board.write(all_off(lgpio))
    assert not any(factory.pin(pin).state for pin in lgpio.power_pins())


def test_the_stop_button_is_read_by_level(board: GpioBoard, lgpio: Machine, factory: MockFactory) -> None:
    pin = factory.pin(lgpio.emergency_stop.pin)
    assert board.read().stop_open, "a pulled-up pin that nothing pulls down: the wire is broken"
    pin.drive_low()
    assert not board.read().stop_open


def test_a_converter_that_is_not_there_reads_nothing_believable(board: GpioBoard) -> None:
    readings = board.read()
    assert all(value is None for value in readings.values)


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_controller_that_is_asked_switches_off_and_may_begin_again(
    lgpio: Machine, factory: MockFactory
) -> None:
    """Nobody else can open a line that it holds: it has to do it itself."""
    place = f"test {token_hex(8)}"
    with GpioBoard(lgpio, factory=factory, claim=Claim(place)) as board:
        some = flat((0.5, 0.0, 0.0, 0.0, 0.0, 0.25), 0.8, (True, False, False, True), (0.1, 0.0))
        board.write(some)
        board.keep_alive()
        request = Request(place)
        with pytest.raises(SwitchedOffError):
            board.write(some)
        assert not any(factory.pin(pin).state for pin in lgpio.power_pins())
        assert request.done(1.0)
        board.write(some)
        board.keep_alive()
        assert factory.pin(12).state == 0.5


def test_what_a_tick_writes_after_it_was_frozen_for_as_long_as_the_rail_holds_is_off(
    lgpio: Machine, factory: MockFactory
) -> None:
    clock = Clock()
    with GpioBoard(lgpio, factory=factory, clock=clock) as board:
        heat = flat((0.0,) * 6, 0.0, (False,) * 4, (0.5, 0.5))
        board.write(heat)
        board.keep_alive()
        assert factory.pin(25).state == 0.5
        clock.now_s += 0.6
        board.write(heat)
        board.keep_alive()
        assert factory.pin(25).state == 0
        board.write(heat)
        assert factory.pin(25).state == 0.5


def test_every_output_is_sent_again_within_a_second(lgpio: Machine, factory: MockFactory) -> None:
    clock = Clock()
    with GpioBoard(lgpio, factory=factory, clock=clock) as board:
        board.write(all_off(lgpio))
        for pin in lgpio.power_pins():
            factory.pin(pin).state = 1
        for _ in range(20):
            clock.now_s += 0.05
            board.write(all_off(lgpio))
        assert not any(factory.pin(pin).state for pin in lgpio.power_pins())


class WithoutSpi(MockFactory):
    """A Pi without dtparam=spi=on."""

    def _get_spi_class(self, shared: bool, hardware: bool) -> Any:
        if hardware:
            raise OSError("can not open SPI device")
        return super()._get_spi_class(shared, hardware)


def test_an_spi_that_is_not_enabled_is_refused_not_toggled_by_hand(lgpio: Machine) -> None:
    factory = WithoutSpi(pin_class=MockPWMPin)
    with pytest.raises(BoardError, match="dtparam=spi=on"):
        GpioBoard(lgpio, factory=factory)
    factory.close()
