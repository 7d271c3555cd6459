"""The board in process keeps the board's promises."""

from __future__ import annotations

import math

import pytest

from hardware.board.interface import Board, Outputs, all_off
from hardware.errors import BoardError
from hardware.machine import Machine
from hardware.virtual.board import VirtualBoard
from tests import shaped

TICK_S = 0.05


@pytest.fixture
def board(machine: Machine) -> VirtualBoard:
    return VirtualBoard(machine, seed=1)


def all_on(machine: Machine) -> Outputs:
    return Outputs((1.0,) * len(machine.outputs))


def test_it_is_a_board(board: VirtualBoard) -> None:
    as_board: Board = board
    readings = as_board.read()
    assert readings.at_s == 0.0
    assert len(readings.words) == 8
    assert not readings.stop_open
    assert shaped.bags_mmhg(board.machine, readings) == pytest.approx((0.0,) * 4, abs=3.0)
    for pair in shaped.pads_c(board.machine, readings):
        assert pair == pytest.approx((20.0, 20.0), abs=0.5)


def test_outputs_have_power_while_it_is_kept_alive(board: VirtualBoard, machine: Machine) -> None:
    board.write(all_on(machine))
    board.advance(1.0)
    assert max(board.plant.motor_speed) == 0.0
    for _ in range(60):
        board.write(all_on(machine))
        board.keep_alive()
        board.advance(TICK_S)
    assert min(board.plant.motor_speed) > 0.99
    assert board.now_s == pytest.approx(4.0)


def test_when_the_lease_runs_out_every_pin_goes_low(board: VirtualBoard, machine: Machine) -> None:
    board.write(all_on(machine))
    board.keep_alive()
    board.advance(0.999)
    assert board.plant.watts > 0.0
    board.advance(0.002)
    assert board.plant.watts == 0.0
    off = [edge for edge in board.wiring.edges if edge[2] == 0.0]
    assert {pin for _, pin, _ in off} == set(machine.power_pins())
    assert {at_s for at_s, _, _ in off} == {1.0}
    board.advance(0.5)
    assert not board.plant.rail


def test_without_a_lease_the_monostable_alone_drops_the_rail(machine: Machine) -> None:
    board = VirtualBoard(machine, lease_s=0.0)
    board.write(all_on(machine))
    board.keep_alive()
    board.advance(0.49)
    assert board.plant.rail
    board.advance(0.02)
    assert not board.plant.rail
    assert board.plant.motor_duty == [1.0] * 6


def test_closing_is_everything_off_and_the_end(board: VirtualBoard, machine: Machine) -> None:
    board.write(all_on(machine))
    board.keep_alive()
    board.close()
    board.close()
    assert board.plant.watts == 0.0
    for call in (board.read, board.keep_alive, lambda: board.write(all_off(machine))):
        with pytest.raises(BoardError, match="closed"):
            call()


@pytest.mark.parametrize("duty", [-0.01, 1.01, math.nan])
def test_a_duty_out_of_bounds_is_refused_and_changes_nothing(
    board: VirtualBoard, machine: Machine, duty: float
) -> None:
    for outputs in (
        shaped.outputs(machine, pump=duty),
        shaped.outputs(machine, heaters=(0.5, duty)),
        shaped.outputs(machine, motors=(duty,) * 6),
    ):
        with pytest.raises(ValueError, match="duty"):
            board.write(outputs)
    assert not board.wiring.edges


def test_a_missing_output_is_refused(board: VirtualBoard, machine: Machine) -> None:
    with pytest.raises(ValueError, match="zip"):
        board.write(Outputs(all_off(machine).duties[1:]))


def test_the_emergency_stop_is_read(board: VirtualBoard) -> None:
    board.plant.stop_pressed = True
    assert board.read().stop_open
