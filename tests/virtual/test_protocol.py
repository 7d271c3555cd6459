"""The numbers are the genuine client's own."""

from __future__ import annotations

import pigpio
import pytest

from hardware.virtual.protocol import FREQUENCIES, Cmd, Err, nearest_frequency, real_range, reply


@pytest.mark.parametrize("command", Cmd)
def test_command_numbers(command: Cmd) -> None:
    names = {Cmd.MICS: "MICRO", Cmd.MILS: "MILLI"}
    assert getattr(pigpio, f"_PI_CMD_{names.get(command, command.name)}") == command


@pytest.mark.parametrize("error", Err)
def test_error_numbers(error: Err) -> None:
    assert getattr(pigpio, f"PI_{error.name}") == error


def test_every_frequency_is_its_own_nearest() -> None:
    assert [nearest_frequency(hertz) for hertz in FREQUENCIES] == list(FREQUENCIES)
    assert [real_range(hertz) for hertz in (8000, 800, 10)] == [25, 250, 20_000]


def test_a_negative_result_is_sent_as_32_bits() -> None:
    assert reply(4, 12, 1, -41) == bytes.fromhex("040000000c00000001000000d7ffffff")
