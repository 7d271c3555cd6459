"""What a screen is shown of the pads, bags and motors: measured values beside what they are regulated to."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from hardware.board.interface import Outputs, Readings, pad_means
from hardware.machine import Machine
from hardware.messages import BagView, InputsView, InputView, MotorView, PadView
from hardware.safety.bag_watch import BagWatch
from hardware.safety.expectation import Expectation
from hardware.safety.pad_watch import PadWatch

DECIMALS = 2
"""Of what is expected, on its way to a screen: no sensor tells more, and a float in full is long."""


UNKNOWN = Expectation(None, None)


class Expected(Struct, frozen=True):
    """What the observers say now, in the machine file's order; empty where nobody says anything."""

    pads: tuple[tuple[Expectation, Expectation], ...] = ()
    """Sensors a and b, °C."""
    skin: tuple[Expectation, ...] = ()
    """Of the foot on each pad, °C; nothing reads it."""
    bags: tuple[Expectation, ...] = ()
    """mmHg above the bag's zero."""


NOTHING_EXPECTED = Expected()


def expected_of(pads: Sequence[PadWatch], bags: Sequence[BagWatch]) -> Expected:
    """What these watches expect."""
    return Expected(
        tuple(watch.expectations for watch in pads),
        tuple(watch.skin for watch in pads),
        tuple(watch.expectation for watch in bags),
    )


def zone_views(
    machine: Machine,
    outputs: Outputs,
    readings: Readings | None,
    setpoints_c: tuple[float | None, ...],
    setpoints_mmhg: tuple[float | None, ...],
    expected: Expected = NOTHING_EXPECTED,
) -> tuple[tuple[PadView, ...], tuple[BagView, ...], tuple[MotorView, ...]]:
    """Pads, bags and motors in the machine file's order; without readings nothing is measured."""
    pads_c = pad_means(readings, machine.pad_sensors) if readings else (None,) * len(machine.pad)
    bags_mmhg = tuple(bag.of(readings) if readings else None for bag in machine.bag_sensors)
    duties, layout = outputs.duties, machine.layout
    skins = [_short(skin) for skin in expected.skin] or [UNKNOWN] * len(machine.pad)
    pads = tuple(
        PadView(pad.side, celsius, setpoint, duty, skin.expected, skin.within)
        for pad, celsius, setpoint, duty, skin in zip(
            machine.pad, pads_c, setpoints_c, duties[layout.pads], skins, strict=True
        )
    )
    bags = tuple(
        BagView(bag.zone, mmhg, setpoint, bool(closed))
        for bag, mmhg, setpoint, closed in zip(
            machine.bag, bags_mmhg, setpoints_mmhg, duties[layout.valves], strict=True
        )
    )
    motors = tuple(
        MotorView(motor.kind, motor.zone, motor.side, duty)
        for motor, duty in zip(machine.motor, duties[layout.motors], strict=True)
    )
    return pads, bags, motors


def inputs_view(
    machine: Machine,
    readings: Readings | None,
    expected: Expected = NOTHING_EXPECTED,
    zeros_mmhg: Sequence[float] = (),
) -> InputsView | None:
    """The readings as they came, for the builder, beside what they should be.

    ``zeros_mmhg`` are the bags', which their expectations begin at.
    """
    if readings is None:
        return None
    expectations: list[Expectation | None] = [None] * len(machine.inputs)
    for refs, both in zip(machine.pad_sensors, expected.pads, strict=False):
        for ref, of in zip(refs, both, strict=True):
            expectations[ref.place] = _short(of)
    for bag, of, zero in zip(machine.bag_sensors, expected.bags, zeros_mmhg, strict=False):
        expectations[bag.place] = _short(of, zero)
    words = readings.words or (None,) * len(machine.inputs)
    each = zip(machine.inputs, readings.values, words, expectations, strict=True)
    by_key = {measured.key: InputView(value, word, of) for measured, value, word, of in each}
    return InputsView(readings.stop_open, by_key)


def _short(of: Expectation, above: float = 0.0) -> Expectation:
    """In as many digits as mean something, and ``above`` what it was counted from."""
    return Expectation(_rounded(of.read, above), _rounded(of.expected, above), round(of.within, DECIMALS))


def _rounded(value: float | None, above: float) -> float | None:
    return None if value is None else round(value + above, DECIMALS)
