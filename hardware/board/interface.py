"""What every board can do: read all inputs, write all outputs, prove that the controller lives."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from hardware.machine import Machine
from hardware.sensors import BAG_PLAUSIBLE_MMHG, PAD_PLAUSIBLE_C


class Readings(Struct, frozen=True):
    """One look at every input, ordered as the machine file's parts are."""

    at_s: float
    """Monotonic time of the look."""
    pads_c: tuple[tuple[float | None, float | None], ...]
    """Each pad's two sensors; None: open, shorted or implausible."""
    bags_mmhg: tuple[float | None, ...]
    """Each bag's pressure before zeroing; None: the sensor is out of range."""
    stop_open: bool
    """The emergency stop's contact is open: pressed, unplugged or broken."""
    codes: tuple[int, ...] = ()
    """The ADC's raw words by input, for faults that only show there (a frozen sensor)."""


class Outputs(Struct, frozen=True):
    """What every output shall be, computed anew each tick. Duties 0..1."""

    motors: tuple[float, ...]
    pump: float
    valves: tuple[bool, ...]
    """True: driven, closed to the air."""
    heaters: tuple[float, ...]


def all_off(machine: Machine) -> Outputs:
    return Outputs(
        motors=(0.0,) * len(machine.motor),
        pump=0.0,
        valves=(False,) * len(machine.bag),
        heaters=(0.0,) * len(machine.pad),
    )


def pad_means(readings: Readings) -> tuple[float | None, ...]:
    """Each pad's temperature in °C, the mean of its sensors; None when one of them is not believed."""
    return tuple(None if a is None or b is None else (a + b) / 2 for a, b in readings.pads_c)


def plausible(readings: Readings) -> Readings:
    """The same with None for what no sound sensor says, whatever a driver made of it; NaN is among that."""
    low_c, high_c = PAD_PLAUSIBLE_C
    low_mmhg, high_mmhg = BAG_PLAUSIBLE_MMHG
    pads_c = tuple((_within(a, low_c, high_c), _within(b, low_c, high_c)) for a, b in readings.pads_c)
    bags_mmhg = tuple([_within(mmhg, low_mmhg, high_mmhg) for mmhg in readings.bags_mmhg])
    return Readings(readings.at_s, pads_c, bags_mmhg, readings.stop_open, readings.codes)


def _within(value: float | None, low: float, high: float) -> float | None:
    return value if value is not None and low <= value <= high else None


def cautious(zeroed: Readings, raw: Readings) -> Readings:
    """With each bag's higher figure: a zero that was found wrongly must not hide a pressure (S6)."""
    bags = tuple(
        None if mmhg is None or found is None else max(mmhg, found)
        for mmhg, found in zip(zeroed.bags_mmhg, raw.bags_mmhg, strict=True)
    )
    return Readings(zeroed.at_s, zeroed.pads_c, bags, zeroed.stop_open, zeroed.codes)


class Board(Protocol):
    """A machine's inputs and outputs. Every method raises BoardError when the pins cannot be reached.

    ``write`` and ``keep_alive`` raise SwitchedOffError, with everything off, when somebody else has switched
    the machine off; the board stays usable, and its next ``keep_alive`` begins a lease anew.
    """

    def read(self) -> Readings: ...

    def write(self, outputs: Outputs) -> None:
        """Put outputs on the pins; what has not changed is sent again at least once a second."""

    def keep_alive(self) -> None:
        """Renew the lease on the power rail. Call last in a tick that read, checked and wrote."""

    def close(self) -> None:
        """Everything off and every pin released. Safe to call twice."""
