"""``instep programs`` and ``instep machine``: look at the files, and check them."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.options import data_option, machine_option
from app.glyphs import undrawable
from app.places import Places, machine_file
from app.shelf import Shelf
from hardware.errors import TerminalError
from hardware.machine import Machine, load_machine
from hardware.plaintext import legible
from hardware.program import Program, load_program
from hardware.program_file import is_program
from hardware.timeline import lay_out
from hardware.wiring.diagram import file_names
from hardware.wiring.keys import key_table
from hardware.wiring.setup import boot_settings as settings_of
from hardware.wiring.setup import pin_mask as mask_of
from hardware.wiring.table import tables


@click.command()
@click.argument("name", required=False)
@machine_option
@data_option
def programs(name: str | None, machine_name: str | None, data: Path | None) -> None:
    """List the programs, or show one by NAME, or check a program file.

    \b
    A program is a text file. To add your own, copy one of assets/programs
    into the folder named at the end of the list, change it, and check it:
      instep programs ./my-program.toml
    """
    places = Places(data)
    machine = load_machine(machine_file(machine_name, places))
    if name and (is_program(name) or "/" in name):
        program = load_program(Path(name))
        _show(program, machine)
        click.echo("This file is good.")
        return
    shelf = Shelf(places.shipped_programs, places.own_programs)
    if name:
        found = shelf.find(name)
        if found is None:
            raise TerminalError(f"there is no program named {legible(name)}; there are: {', '.join(shelf)}")
        _show(found, machine)
        return
    for program in shelf.values():
        minutes = "/".join(str(minute) for minute in program.minutes)
        click.echo(f"{program.id:<13} {program.line:<26}{minutes} min")
    for program in shelf.values():
        unknown = undrawable(f"{program.title}{program.line}{program.about}")
        if unknown:
            click.echo(f"{program.id}: the screen's font has no {unknown}, and leaves it out", err=True)
    for problem in shelf.problems:
        click.echo(f"left out: {problem}", err=True)
    click.echo(f"\nYour own programs belong in {places.own_programs}")
    if shelf.problems:
        raise SystemExit(1)


def _show(program: Program, machine: Machine) -> None:
    click.echo(f"{program.title} - {program.line}")
    if program.about:
        click.echo(program.about)
    click.echo()
    for slot in lay_out(program, program.default_minutes).slots:
        parts = [*(f"{m.kind} {m.zone}" for m in slot.phase.motion)]
        parts += [f"squeeze {squeeze.zone}" for squeeze in slot.phase.squeeze]
        if slot.phase.until_skin_c is not None:
            parts.append(f"until the feet are at {slot.phase.until_skin_c:g} °C")
        start, length = slot.start_s / 60, slot.duration_s / 60
        click.echo(f"{start:5.1f} min  {slot.phase.name:<20}{length:4.1f} min  {', '.join(parts)}")
    if program.heat:
        until = lay_out(program, program.default_minutes).heat_until_s / 60
        click.echo(f"\nWarm at {program.heat.target_c:g} °C until minute {until:g}.")
    for missing in program.left_out(machine):
        click.echo(f"Left out on {machine.name}: {missing}.")


@click.command()
@click.argument("file", required=False)
@click.option(
    "--diagram", type=click.Path(path_type=Path, dir_okay=False), metavar="OUT.svg", help="Draw the wiring."
)
@click.option("--table", is_flag=True, help="Print parts, pins and ADC inputs as Markdown.")
@click.option("--keys", is_flag=True, help="Print every key that a machine file may have, with its bounds.")
@click.option("--pin-mask", is_flag=True, help="Print the pins that pigpiod may change, for its option -x.")
@click.option("--boot-settings", is_flag=True, help="Print the lines for the Pi's config.txt.")
def machine(
    file: str | None, diagram: Path | None, table: bool, keys: bool, pin_mask: bool, boot_settings: bool
) -> None:
    """Show a machine file's parts and pins, or say what is wrong with it.

    Without FILE: the machine in use. A FILE is a path, or the name of a machine that ships with Instep.

    \b
      instep machine ./mine.toml                     check a machine file
      instep machine ./mine.toml --diagram mine.svg  draw its wiring: mine-1-header.svg and so on
    """
    path = machine_file(file)
    found = load_machine(path)
    if diagram:
        _draw(found, diagram)
    if table:
        for name, text in tables(found).items():
            click.echo(f"## {name.capitalize()}\n\n{text}\n")
    if keys:
        click.echo(key_table())
    if pin_mask:
        click.echo(f"{mask_of(found):#x}")
    if boot_settings:
        click.echo("\n".join(settings_of(found)))
    if not (diagram or table or keys or pin_mask or boot_settings):
        _show_machine(found, path)


def _draw(found: Machine, out: Path) -> None:
    for path, svg in file_names(found, out).items():
        try:
            path.write_text(svg, encoding="utf-8")
        except OSError as error:
            raise TerminalError(f"{path} cannot be written: {error.strerror}") from error
        click.echo(path)


def _show_machine(found: Machine, path: Path) -> None:
    click.echo(f"{found.name} ({path})")
    click.echo(f"pins by {found.pins.factory}; {found.supply.volts:g} V, {found.supply.watts:g} W\n")
    rows = [(found.rail.pin, "12 V rail", f"drops after {found.rail.drops_after_ms} ms without an edge")]
    rows.append((found.emergency_stop.pin, "emergency stop", "open contact stops"))
    for motor in found.motor:
        stall = f"stalls below {motor.stalls_below:.0%}" if motor.stalls_below else ""
        rows.append((motor.pin, f"{motor.kind} {motor.zone} {motor.side}", stall))
    if found.pump:
        rows.append((found.pump.pin, "air pump", f"stalls below {found.pump.stalls_below:.0%}"))
    for bag in found.bag:
        about = f"{bag.mmhg_at_1:g} to {bag.mmhg_at_10:g} mmHg, ADC input {bag.channel}"
        rows.append((bag.valve_pin, f"valve {bag.zone}", about))
    for pad in found.pad:
        about = (
            f"{pad.watts:g} W, at most {pad.max_c:g} °C, ADC inputs {pad.channels[0]} and {pad.channels[1]}"
        )
        rows.append((pad.pin, f"warm pad {pad.side}", about))
    for pin, what, about in sorted(rows):
        click.echo(f"  GPIO {pin:<4}{what:<22}{about}".rstrip())
