"""What a screen is shown of the pads, bags and motors: measured values beside what they are regulated to."""

from __future__ import annotations

from hardware.board.interface import Outputs, Readings, pad_means
from hardware.machine import Machine
from hardware.messages import BagView, InputsView, MotorView, PadView


def zone_views(
    machine: Machine,
    outputs: Outputs,
    readings: Readings | None,
    setpoints_c: tuple[float | None, ...],
    setpoints_mmhg: tuple[float | None, ...],
) -> tuple[tuple[PadView, ...], tuple[BagView, ...], tuple[MotorView, ...]]:
    """Pads, bags and motors in the machine file's order; without readings nothing is measured."""
    pads_c = pad_means(readings) if readings else (None,) * len(machine.pad)
    bags_mmhg = readings.bags_mmhg if readings else (None,) * len(machine.bag)
    pads = tuple(
        PadView(pad.side, celsius, setpoint, duty)
        for pad, celsius, setpoint, duty in zip(
            machine.pad, pads_c, setpoints_c, outputs.heaters, strict=True
        )
    )
    bags = tuple(
        BagView(bag.zone, mmhg, setpoint, closed)
        for bag, mmhg, setpoint, closed in zip(
            machine.bag, bags_mmhg, setpoints_mmhg, outputs.valves, strict=True
        )
    )
    motors = tuple(
        MotorView(motor.kind, motor.zone, motor.side, duty)
        for motor, duty in zip(machine.motor, outputs.motors, strict=True)
    )
    return pads, bags, motors


def inputs_view(readings: Readings | None) -> InputsView | None:
    """The readings as they came, for the builder."""
    if readings is None:
        return None
    return InputsView(readings.codes, readings.pads_c, readings.bags_mmhg, readings.stop_open)
