"""Sheet 4: the pump, the valves and their drivers on the left; hoses, bags and relief valve on the right."""

from __future__ import annotations

from hardware.machine import Bag, Machine
from hardware.wiring import pneumatics
from hardware.wiring.driver import HEIGHT, Look, low_side
from hardware.wiring.names import amps, rail_name
from hardware.wiring.svg import AIR, AIR_TINT, MARGIN, SMALL, WARNING, Sheet

TOP, MANIFOLD = 116.0, 580.0
AIR_LOOK = Look(AIR, AIR_TINT)


def draw(machine: Machine) -> Sheet | None:
    if machine.pump is None:
        return None
    sheet = Sheet(
        "4  Air",
        "Wires are dark, hoses are blue. Drawn without power: every bag is open to the room.",
        machine.name,
    )
    pump = machine.pump
    middle = low_side(
        sheet, MARGIN, TOP, pump.pin, "motor", AIR_LOOK, "Air pump",
        f"{amps(machine, pump.watts)} · PWM {pump.frequency_hz} Hz", rail_name(machine),
    )  # fmt: skip
    last = TOP + len(machine.bag) * HEIGHT + 56
    pneumatics.hose(sheet, (MANIFOLD, middle), (MANIFOLD, last))
    sheet.text(MANIFOLD + 14, TOP + HEIGHT - 30, "manifold", size=SMALL, colour=AIR)
    pneumatics.hose(sheet, (MANIFOLD, middle), (MANIFOLD + 90, middle))
    sheet.dot(MANIFOLD, middle, AIR)
    pneumatics.hose(sheet, (MANIFOLD - 60, middle), (MANIFOLD, middle))
    pneumatics.pump(sheet, MANIFOLD - 60, middle)
    sheet.text(MANIFOLD - 60, middle + 42, "air pump", size=SMALL, colour=AIR, anchor="middle")
    pneumatics.relief(sheet, MANIFOLD + 90, middle)
    sheet.text(MANIFOLD + 172, middle - 4, "relief valve 150 mmHg", weight=700, colour=WARNING)
    sheet.text(
        MANIFOLD + 172,
        middle + 17,
        "no software can close it; limits the pump, and",
        size=SMALL,
        colour=WARNING,
    )
    sheet.text(
        MANIFOLD + 172,
        middle + 34,
        "empties no bag: it sits before the check valves",
        size=SMALL,
        colour=WARNING,
    )
    for index, bag in enumerate(machine.bag):
        _bag(sheet, machine, bag, TOP + (index + 1) * HEIGHT)
    sheet.notes(
        TOP + (len(machine.bag) + 1) * HEIGHT + 10,
        "Three-way valve, sold as normally closed (NC): without power port 1 (pump) is shut and port 2 (bag) "
        "is joined to port 3 (open air). Driven it joins 1 to 2. A normally open one (NO) joins 1 to 2 "
        "without power and keeps the bag hard. Makers number ports in their own ways: blow through each "
        "before fitting.",
        "Leave port 3 free; a bit of foam keeps it quiet. Check valves point to the bags: a bag cannot empty "
        "into another, nor out through the relief valve. A bag that stays full is emptied at its hose.",
        "Hoses of 4 mm inside, the sensor's tee close to the bag. Diodes as on sheet 3.",
    )
    return sheet


def _bag(sheet: Sheet, machine: Machine, bag: Bag, y: float) -> None:
    middle = low_side(
        sheet, MARGIN, y, bag.valve_pin, "coil", AIR_LOOK, f"Valve, {bag.zone}",
        f"{amps(machine, bag.watts)} · on/off", rail_name(machine),
    )  # fmt: skip
    sheet.dot(MANIFOLD, middle, AIR)
    check, valve = MANIFOLD + 46, MANIFOLD + 80
    pneumatics.hose(sheet, (MANIFOLD, middle), (check - 18, middle))
    pneumatics.check_valve(sheet, check, middle)
    out_x, out_y = pneumatics.three_way(sheet, valve, middle)
    pneumatics.hose(sheet, (check + 18, middle), (valve, middle))
    tee = 962.0
    pneumatics.hose(sheet, (out_x, out_y), (tee, out_y))
    sensor = out_x + 74
    sheet.dot(sensor, out_y, AIR)
    pneumatics.hose(sheet, (sensor, out_y), (sensor, out_y + 46))
    pneumatics.gauge(sheet, sensor, out_y + 68, f"CH{bag.channel}")
    sheet.dot(tee, out_y, AIR)
    for side, shift in (("left", -32.0), ("right", 32.0)):
        pneumatics.hose(sheet, (tee, out_y), (tee, out_y + shift), (tee + 40, out_y + shift))
        pneumatics.bag(sheet, tee + 40, out_y + shift, f"{bag.zone} bag, {side}")
