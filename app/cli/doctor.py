"""``instep doctor``: one page on what is well and what is not, with what to do about it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from app.cli.attach import TEST_S, ask, follow, running_controller
from app.cli.options import machine_option, place_options
from app.cli.surroundings import has_display
from app.places import Places, machine_file
from app.virtual import virtual_port, virtual_there
from hardware.errors import FileError, TerminalError
from hardware.machine import Machine, load_machine
from hardware.messages import CheckItself, Snapshot

LISTEN_S = 2.0
COLOURS = {"ok": "green", "attention": "yellow", "broken": "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option("--self-test", "test", is_flag=True, help="Have the running controller test its parts first.")
@machine_option
@place_options
def doctor(
    as_json: bool, test: bool, machine_name: str | None, data: Path | None, runtime: Path | None
) -> None:
    """Look at everything and say in a line each what is well, what wants attention, what is broken.

    The computer, the way to the pins, each sensor, the screen, the software; with what to do. It opens no
    pin: what the sensors say it asks of the controller that runs.

    Exit code: 0 all is well, 1 something wants attention, 2 something is broken.
    """
    from app.doctor.line import GRAVITY, Line, worst
    from app.doctor.look import look_here
    from app.doctor.page import examine, page, report

    places = Places(data, runtime)
    path = machine_file(machine_name, places)
    machine: Machine | None = None
    wrong = ""
    try:
        machine = load_machine(path)
    except FileError as error:
        wrong = str(error)
    heard = _listen(places, test)
    there = virtual_there(places)
    look = look_here(
        places,
        path,
        machine,
        wrong,
        heard,
        virtual=there,
        port=virtual_port(places),
        display=has_display(),
    )
    lines = examine(look)

    def mark(line: Line) -> str:
        return click.style(f"{line.verdict:<9}", fg=COLOURS[line.verdict], bold=line.verdict != "ok")

    click.echo(report(lines, time.time()) if as_json else page(lines, mark))
    sys.exit(GRAVITY[worst(lines)])


def _listen(places: Places, test: bool) -> list[Snapshot]:
    """What the controller says within two seconds; nothing when none runs."""
    client = running_controller(places, "service")
    if client is None:
        if test:
            raise TerminalError("no controller answers that could test itself: start Instep first")
        return []
    try:
        if test:
            click.echo(
                "The machine is checking itself; this takes half a minute. Keep your feet out.", err=True
            )
            ask(client, CheckItself())
            follow(client, lambda snapshot: snapshot.state != "self-test", TEST_S)
        heard = [client.latest] if client.latest else []
        ends = time.monotonic() + LISTEN_S
        while time.monotonic() < ends:
            if client.wait(0.1) and client.latest is not None:
                heard.append(client.latest)
        return heard
    finally:
        client.close()
