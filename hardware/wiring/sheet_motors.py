"""Sheet 3: every motor with its driver."""

from __future__ import annotations

from hardware.machine import Machine
from hardware.wiring.driver import HEIGHT, Look, low_side
from hardware.wiring.names import amps, motor_name, rail_name
from hardware.wiring.parts import COVERED
from hardware.wiring.svg import MARGIN, MOTION, MOTION_TINT, Sheet

TOP, COLUMN = 116.0, 580.0
MOTION_LOOK = Look(MOTION, MOTION_TINT)
COVER = (
    "Kneaders and rollers go behind a fixed cover that comes off with a tool only: no finger and no toe may "
    "get at what turns."
)


def draw(machine: Machine) -> Sheet | None:
    if not machine.motor:
        return None
    rows = (len(machine.motor) + 1) // 2
    end = TOP + rows * HEIGHT + 14
    sheet = Sheet(
        "3  Motors", "One driver each. The motor's plus goes to the switched rail of sheet 2.", machine.name
    )
    for index, motor in enumerate(machine.motor):
        low_side(
            sheet,
            MARGIN + index % 2 * COLUMN,
            TOP + index // 2 * HEIGHT,
            motor.pin,
            "motor",
            MOTION_LOOK,
            motor_name(motor),
            f"{amps(machine, motor.watts)} · PWM {motor.frequency_hz} Hz",
            rail_name(machine),
        )
    sheet.notes(
        end,
        "MOSFET: N-channel, its data sheet giving the on-resistance at 2.5 V of gate (AO3400A, IRLML6344). "
        "The Pi's pins give 3.3 V: an IRF520 or IRFZ44N would only half switch, and burn.",
        "Diode across each motor: Schottky, 1N5819 up to 1 A, SS34 or 1N5822 up to 3 A; its band to the "
        "rail.",
        "The 10 k keeps each MOSFET off while the Pi boots and when a wire has come loose.",
        *([COVER] if any(motor.kind in COVERED for motor in machine.motor) else []),
    )
    return sheet
