"""pigpio's SPI handles, and the MCP3008 that hangs on one of them."""

from __future__ import annotations

from collections.abc import Callable

from hardware.machine import Machine
from hardware.virtual.protocol import Err

SLOTS = 32
MIN_BAUD, MAX_BAUD = 32_000, 125_000_000
MAX_FLAGS = 1 << 22
AUXILIARY = 1 << 8
MAX_COUNT = 1 << 16

START_BITS = 5
"""Start, single-ended or differential, three bits of channel."""


def mcp3008(sent: bytes, code: Callable[[int], int]) -> bytes:
    """What the chip clocks out while ``sent`` is clocked in; ``code`` gives an input's word.

    After the start bit come the mode and the channel, then one clock to sample, a zero, ten bits from the
    highest on, and the same ten backwards. A differential read is the first input less the second, at
    least 0.
    """
    bits = len(sent) * 8
    stream = int.from_bytes(sent, "big")
    start = bits - stream.bit_length()
    request_ends = start + START_BITS
    if stream == 0 or request_ends > bits:
        return bytes(len(sent))
    request = stream >> (bits - request_ends) & 0xF
    channel = request & 7
    word = code(channel) if request & 8 else max(0, code(channel) - code(channel ^ 1))
    backwards = int(f"{word:010b}"[::-1], 2)
    answer = word << 9 | backwards & 0x1FF  # the lowest bit is sent once
    answer_ends = request_ends + 2 + 19
    shift = bits - answer_ends
    answer = answer << shift if shift >= 0 else answer >> -shift
    return answer.to_bytes(len(sent), "big")


class Spi:
    """Open handles. Every method answers as pigpio does: a value, or a negative error."""

    def __init__(self, machine: Machine, code: Callable[[int], int]) -> None:
        self._adc = (bool(machine.adc.port), machine.adc.select)
        self._code = code
        self._open: dict[int, tuple[bool, int]] = {}

    def open(self, channel: int, baud: int, flags: int) -> int:
        auxiliary = bool(flags & AUXILIARY)
        if channel > (2 if auxiliary else 1):
            return Err.BAD_SPI_CHANNEL
        if not MIN_BAUD <= baud <= MAX_BAUD:
            return Err.BAD_SPI_SPEED
        if flags >= MAX_FLAGS:
            return Err.BAD_FLAGS
        for handle in range(SLOTS):
            if handle not in self._open:
                self._open[handle] = (auxiliary, channel)
                return handle
        return Err.NO_HANDLE

    def close(self, handle: int) -> int:
        return 0 if self._open.pop(handle, None) is not None else Err.BAD_HANDLE

    def transfer(self, handle: int, sent: bytes) -> tuple[int, bytes]:
        """(count, bytes clocked in); nothing but zeros where no chip is selected."""
        device = self._open.get(handle)
        if device is None:
            return Err.BAD_HANDLE, b""
        if not 0 < len(sent) <= MAX_COUNT:
            return Err.BAD_SPI_COUNT, b""
        if device != self._adc:
            return len(sent), bytes(len(sent))
        return len(sent), mcp3008(sent, self._code)
