"""What every board can do: read all inputs, write all outputs, prove that the controller lives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from hardware.machine import Machine
from hardware.parts import InputRef, Mmhg, PadRefs


class Readings(Struct, frozen=True):
    """One look at every input, in the order of the machine's inputs."""

    at_s: float
    """Monotonic time of the look."""
    values: tuple[float | None, ...]
    """°C, and mmHg before zeroing, by what the input measures; None: open, shorted or implausible."""
    stop_open: bool
    """The emergency stop's contact is open: pressed, unplugged or broken."""
    words: tuple[int, ...] = ()
    """The converter's raw words, for faults that only show there (a frozen sensor)."""


class Outputs(Struct, frozen=True):
    """What every output shall be, computed anew each tick, in the order of the machine's outputs."""

    duties: tuple[float, ...]
    """0..1; of a switch 0 or 1."""

    def having(self, part: slice, duties: Sequence[float]) -> Outputs:
        """The same with these duties in these places."""
        whole = list(self.duties)
        whole[part] = duties
        return Outputs(tuple(whole))


def all_off(machine: Machine) -> Outputs:
    return Outputs((0.0,) * len(machine.outputs))


def pad_means(readings: Readings, pads: tuple[PadRefs, ...]) -> tuple[float | None, ...]:
    """Each pad's temperature in °C, the mean of its sensors; None when one of them is not believed."""
    values = readings.values
    means = []
    for first, second in pads:
        a, b = values[first.place], values[second.place]
        means.append(None if a is None or b is None else (a + b) / 2)
    return tuple(means)


def plausible(readings: Readings, ranges: tuple[tuple[float, float], ...]) -> Readings:
    """The same with None for what no sound sensor says, whatever a driver made of it; NaN is among that.

    ``ranges``: the lowest and the highest of each input.
    """
    values = tuple(
        [
            value if value is not None and low <= value <= high else None
            for value, (low, high) in zip(readings.values, ranges, strict=True)
        ]
    )
    return Readings(readings.at_s, values, readings.stop_open, readings.words)


def cautious(zeroed: Readings, raw: Readings, bags: tuple[InputRef[Mmhg], ...]) -> Readings:
    """With each bag's higher figure: a zero that was found wrongly must not hide a pressure (S6)."""
    values = list(zeroed.values)
    for bag in bags:
        mmhg, found = values[bag.place], raw.values[bag.place]
        values[bag.place] = None if mmhg is None or found is None else max(mmhg, found)
    return Readings(zeroed.at_s, tuple(values), zeroed.stop_open, zeroed.words)


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
