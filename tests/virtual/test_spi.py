"""The MCP3008 answers as its data sheet draws it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hardware.machine import Machine
from hardware.virtual.protocol import Err
from hardware.virtual.spi import AUXILIARY, Spi, mcp3008

CODES = [0, 1, 512, 1023, 300, 299, 7, 681]


def test_the_three_byte_read() -> None:
    for channel, code in enumerate(CODES):
        _, high, low = mcp3008(bytes((1, 0x80 | channel << 4, 0)), CODES.__getitem__)
        assert (high & 3) << 8 | low == code
        assert high & 4 == 0


def test_a_differential_read_is_the_difference_and_at_least_0() -> None:
    _, high, low = mcp3008(bytes((1, 4 << 4, 0)), CODES.__getitem__)
    assert high << 8 | low == 1
    assert mcp3008(bytes((1, 5 << 4, 0)), CODES.__getitem__)[1:] == b"\0\0"


def test_the_word_comes_again_backwards() -> None:
    answer = int.from_bytes(mcp3008(bytes((1, 0xF0, 0, 0, 0)), CODES.__getitem__), "big")
    bits = f"{answer:040b}"[14:33]
    assert int(bits[:10], 2) == CODES[7]
    assert bits[9:] == bits[:10][::-1]


@given(st.binary(max_size=40))
def test_any_bytes_are_answered_with_as_many(sent: bytes) -> None:
    assert len(mcp3008(sent, CODES.__getitem__)) == len(sent)


def test_handles_and_their_errors(machine: Machine) -> None:
    spi = Spi(machine, CODES.__getitem__)
    assert spi.open(2, 500_000, 0) == Err.BAD_SPI_CHANNEL
    assert spi.open(3, 500_000, AUXILIARY) == Err.BAD_SPI_CHANNEL
    assert spi.open(0, 31_999, 0) == Err.BAD_SPI_SPEED
    assert spi.open(0, 500_000, 1 << 22) == Err.BAD_FLAGS
    handle, elsewhere = spi.open(0, 500_000, 0), spi.open(1, 500_000, 0)
    assert spi.transfer(handle, b"\x01\xf0\x00") == (3, b"\x00\x02\xa9")
    assert spi.transfer(elsewhere, b"\x01\xf0\x00") == (3, b"\0\0\0")
    assert spi.transfer(handle, b"")[0] == Err.BAD_SPI_COUNT
    assert spi.close(handle) == 0
    assert spi.close(handle) == Err.BAD_HANDLE
    assert spi.transfer(handle, b"\0")[0] == Err.BAD_HANDLE
    opened = [spi.open(0, 500_000, 0) for _ in range(32)]
    assert opened[-1] == Err.NO_HANDLE
