"""The interlock gate: the last word on every output, each tick, whatever asked for it.

It keeps nothing and trusts nobody: it sees what the controllers want, what the sensors say and the state
of the machine, and only ever takes away.
"""

from __future__ import annotations

from msgspec.structs import replace

from hardware.board.interface import Outputs, Readings, all_off
from hardware.machine import Machine
from hardware.safety import limits
from hardware.words import State

DRIVES: frozenset[State] = frozenset({"running", "preheating", "self-test", "service"})
"""S2: in every other state nothing is on. Without a session only a test, a tuning or a hand drives, and
pads are warmed for one."""


def gate(
    wanted: Outputs,
    readings: Readings,
    state: State,
    machine: Machine,
    now: float,
    must_open: tuple[bool, ...] = (),
    most_c: tuple[float, ...] = (),
) -> Outputs:
    """What may really be put on the pins.

    ``must_open``: bags that have held a foot long enough (S7). ``most_c``: the reading at which a pad that
    has had its time at 41 °C goes off (S5).
    """
    if state not in DRIVES or readings.stop_open:  # S2, S3
        return all_off(machine)
    hot_c = limits.PAD_HOT_C
    if state == "preheating":  # S2: pads alone, and not above what it is to come to
        wanted, hot_c = replace(all_off(machine), heaters=wanted.heaters), limits.PREHEAT_OFF_C
    fresh = now - readings.at_s <= limits.SENSOR_STALE_S
    measured = all(mmhg is not None and mmhg == mmhg for mmhg in readings.bags_mmhg)  # S6
    return Outputs(
        motors=tuple(
            _turning(duty, motor.stalls_below, motor.max_duty) if state != "self-test" else 0.0
            for duty, motor in zip(wanted.motors, machine.motor, strict=True)
        ),
        pump=_pump(
            wanted.pump,
            readings,
            machine,
            limits.BAG_PUMP_STOP_MMHG if state == "running" else limits.ERRAND_BAG_MMHG,
        ),
        valves=tuple(
            driven and measured and not opened
            for driven, opened in zip(wanted.valves, must_open or (False,) * len(wanted.valves), strict=True)
        ),
        heaters=tuple(
            _heater(duty, pad.max_duty, sensors, min(most, hot_c)) if fresh else 0.0
            for duty, pad, sensors, most in zip(
                wanted.heaters,
                machine.pad,
                readings.pads_c,
                most_c or (limits.PAD_HOT_C,) * len(machine.pad),
                strict=True,
            )
        ),
    )


def _bounded(duty: float, ceiling: float) -> float:
    """S1; what is not a number is off."""
    if not duty > 0.0:
        return 0.0
    return duty if duty < ceiling else ceiling


def _turning(duty: float, stalls_below: float, ceiling: float) -> float:
    duty = _bounded(duty, ceiling)
    return duty if duty >= stalls_below else 0.0


def _pump(duty: float, readings: Readings, machine: Machine, stops_mmhg: float) -> float:
    """S6: no air while any bag is above the bound or cannot be measured."""
    if machine.pump is None:
        return 0.0
    for mmhg in readings.bags_mmhg:
        if mmhg is None or not mmhg <= stops_mmhg:
            return 0.0
    return _turning(duty, machine.pump.stalls_below, machine.pump.max_duty)


def _heater(duty: float, ceiling: float, sensors: tuple[float | None, float | None], most_c: float) -> float:
    """S4, S5: no heat without two believable sensors, nor at or above the bound."""
    for celsius in sensors:
        if celsius is None or not celsius < most_c:
            return 0.0
    return _bounded(duty, ceiling)
