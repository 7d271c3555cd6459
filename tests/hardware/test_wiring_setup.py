"""The pin daemon's mask and the boot settings hold every pin of the machine file, and no other."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from app.cli import main
from hardware.board.gpio import GpioBoard
from hardware.machine import Machine, Pins
from hardware.virtual.protocol import Cmd, Err
from hardware.wiring.setup import boot_settings, pin_mask
from tests import shaped
from tests.daemon import Daemon, ask, raw


def test_the_mask_has_every_output_and_the_emergency_stop(machine: Machine) -> None:
    pins = {pin for pin in range(64) if pin_mask(machine) >> pin & 1}
    assert pins == {*machine.power_pins(), 26, 5}
    assert pin_mask(machine) == 0xFFF3020


def test_every_output_is_low_from_boot_on(machine: Machine) -> None:
    low, stop, spi = boot_settings(machine)
    found = re.fullmatch(r"gpio=([\d,]+)=op,dl", low)
    assert found
    assert {int(pin) for pin in found[1].split(",")} == {*machine.power_pins(), 26}
    assert stop == "gpio=5=ip,pu"
    assert spi == "dtparam=spi=off"
    assert max(map(len, boot_settings(machine))) <= 98  # the firmware reads no more of a line


@pytest.mark.parametrize(
    ("port", "select", "line"),
    [
        (0, 0, "dtparam=spi=on"),
        (0, 1, "dtparam=spi=on"),
        (1, 0, "dtoverlay=spi1-1cs"),
        (1, 1, "dtoverlay=spi1-2cs"),
    ],
)
def test_on_lgpio_the_kernel_has_the_spi_and_lets_go_of_pins(
    machine: Machine, port: int, select: int, line: str
) -> None:
    adc = msgspec.structs.replace(machine.adc, port=port, select=select)
    other = msgspec.structs.replace(machine, pins=Pins(factory="lgpio"), adc=adc)
    assert boot_settings(other)[2:] == [line, "dtparam=strict_gpiod"]


def test_the_command_prints_them_bare() -> None:
    assert CliRunner().invoke(main, ["machine", "reference", "--pin-mask"]).output == "0xfff3020\n"
    assert CliRunner().invoke(main, ["machine", "reference", "--boot-settings"]).output.splitlines() == [
        "gpio=12,13,16,17,18,19,20,21,22,23,24,25,26,27=op,dl",
        "gpio=5=ip,pu",
        "dtparam=spi=off",
    ]


@pytest.mark.process
def test_the_board_works_within_the_mask_and_nobody_gets_beyond_it(machine: Machine) -> None:
    with tempfile.TemporaryDirectory(prefix="vm-", dir="/tmp") as folder:
        daemon = Daemon(Path(folder), "--mask", f"{pin_mask(machine):#x}")
        try:
            with GpioBoard(machine, port=daemon.port) as board:
                board.write(shaped.outputs(machine, valves=(True,) * 4, pump=1.0))
                board.keep_alive()
                assert not board.read().stop_open
            with raw(daemon) as plain:
                assert ask(plain, Cmd.WRITE, 14, 1) == Err.NOT_PERMITTED
        finally:
            daemon.stop()
