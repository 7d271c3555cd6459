"""The wiring pictures of a machine, drawn from its file: they cannot disagree with it."""

from __future__ import annotations

from pathlib import Path

from hardware.machine import Machine
from hardware.wiring import sheet_air, sheet_header, sheet_heat, sheet_motors, sheet_power, sheet_sensors

SHEETS = {
    "1-header": sheet_header.draw,
    "2-power": sheet_power.draw,
    "3-motors": sheet_motors.draw,
    "4-air": sheet_air.draw,
    "5-heat": sheet_heat.draw,
    "6-sensors": sheet_sensors.draw,
}


def pictures(machine: Machine) -> dict[str, str]:
    """Each sheet as SVG, by name; sheets of parts that the machine does not have are left out."""
    drawn = {name: draw(machine) for name, draw in SHEETS.items()}
    return {name: sheet.render() for name, sheet in drawn.items() if sheet is not None}


def file_names(machine: Machine, out: Path) -> dict[Path, str]:
    """The pictures by the file each belongs in, beside ``out``: ``mine.svg`` → ``mine-1-header.svg`` …"""
    return {out.with_name(f"{out.stem}-{name}.svg"): svg for name, svg in pictures(machine).items()}
