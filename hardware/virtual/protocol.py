"""pigpio's socket protocol: its numbers, its frames, and the tables they come from."""

from __future__ import annotations

from enum import IntEnum
from struct import Struct

FRAME = Struct("<IIII")
"""Request: command, p1, p2, bytes that follow. Reply: command, p1, p2, result."""
REPORT = Struct("<HHII")
"""Notification: sequence number, flags, tick, levels of GPIO 0 to 31."""

MAX_EXTENSION = 1 << 16
"""A request with as many bytes after it, or more, ends its connection."""

VERSION = 79
PI_4B = 0xC03114

WATCHDOG_FLAG = 1 << 5
ALIVE_FLAG = 1 << 6
ALIVE_EVERY_S = 60.0

SAMPLE_US = 5
FREQUENCIES = (8000, 4000, 2000, 1600, 1000, 800, 500, 400, 320, 250, 200, 160, 100, 80, 50, 40, 20, 10)
"""What PWM can run at with samples of 5 µs."""
DEFAULT_FREQUENCY = 800
DEFAULT_RANGE = 255

HARDWARE_PWM = {12: (0, 4), 13: (1, 4), 18: (0, 2), 19: (1, 2)}
"""GPIO: (PWM channel, mode that selects it)."""
HARDWARE_PWM_CLOCK = 375_000_000
HARDWARE_PWM_MAX = 187_500_000
HARDWARE_PWM_FULL = 1_000_000


class Cmd(IntEnum):
    """What is understood; every other number is answered with ``Err.UNKNOWN_COMMAND``."""

    MODES = 0
    MODEG = 1
    PUD = 2
    READ = 3
    WRITE = 4
    PWM = 5
    PRS = 6
    PFS = 7
    WDOG = 9
    BR1 = 10
    BR2 = 11
    BC1 = 12
    BS1 = 14
    TICK = 16
    HWVER = 17
    NO = 18
    NB = 19
    NP = 20
    NC = 21
    PRG = 22
    PFG = 23
    PRRG = 24
    PIGPV = 26
    PROC = 38
    PROCD = 39
    PROCR = 40
    PROCS = 41
    PROCP = 45
    MICS = 46
    MILS = 47
    SPIO = 71
    SPIC = 72
    SPIR = 73
    SPIW = 74
    SPIX = 75
    GDC = 83
    HP = 86
    FG = 97
    FN = 98
    NOIB = 99
    PROCU = 117


class Err(IntEnum):
    BAD_USER_GPIO = -2
    BAD_GPIO = -3
    BAD_MODE = -4
    BAD_LEVEL = -5
    BAD_PUD = -6
    BAD_DUTYCYCLE = -8
    BAD_WDOG_TIMEOUT = -15
    BAD_DUTYRANGE = -21
    NO_HANDLE = -24
    BAD_HANDLE = -25
    NOT_PERMITTED = -41
    SOME_PERMITTED = -42
    BAD_SCRIPT = -47
    BAD_SCRIPT_ID = -48
    BAD_PARAM_NUM = -52
    DUP_TAG = -53
    TOO_MANY_TAGS = -54
    BAD_SCRIPT_CMD = -55
    BAD_VAR_NUM = -56
    NO_SCRIPT_ROOM = -57
    TOO_MANY_PARAM = -61
    SCRIPT_NOT_READY = -62
    BAD_TAG = -63
    BAD_MICS_DELAY = -64
    BAD_MILS_DELAY = -65
    BAD_SPI_CHANNEL = -76
    BAD_FLAGS = -77
    BAD_SPI_SPEED = -78
    BAD_SPI_COUNT = -84
    UNKNOWN_COMMAND = -88
    NOT_PWM_GPIO = -92
    NOT_HPWM_GPIO = -95
    BAD_HPWM_FREQ = -96
    BAD_HPWM_DUTY = -97
    BAD_FILTER = -125


def nearest_frequency(hertz: int) -> int:
    """The frequency of the table that is numerically closest."""
    return min(FREQUENCIES, key=lambda known: abs(known - hertz))


def real_range(frequency: int) -> int:
    """How many steps of duty a frequency of the table has."""
    return 1_000_000 // (SAMPLE_US * frequency)


def reply(command: int, p1: int, p2: int, result: int, data: bytes = b"") -> bytes:
    return FRAME.pack(command, p1, p2, result & 0xFFFFFFFF) + data
