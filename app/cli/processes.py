"""``instep``, ``instep kiosk``, ``instep controller``: the processes, one or all."""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from app.cli.options import machine_option, pins_option, place_options, rotation_option
from app.cli.run import run
from app.cli.surroundings import has_display, on_a_pi
from app.places import Places, machine_file
from hardware.errors import FileError, TerminalError
from hardware.machine import load_machine

if TYPE_CHECKING:
    from app.commissioning.record import Standing
    from app.sessions.history import History
    from hardware.machine import Machine

TEND_S = 0.5
KIVY_BYTES = 32 * 1024
"""More than Kivy's settings take."""


def _leave(number: int, _frame: FrameType | None) -> None:
    """Told to go, or the terminal was closed: go as after Ctrl-C, with the processes we started."""
    raise SystemExit(128 + number)


@click.command()
@machine_option
@place_options
@click.option("--fullscreen", is_flag=True, help="Fill the screen.")
@rotation_option
@pins_option
@click.pass_context
def start(
    ctx: click.Context,
    machine_name: str | None,
    data: Path | None,
    runtime: Path | None,
    fullscreen: bool,
    rotation: str | None,
    pins: str | None,
) -> None:
    """Start everything: kiosk, controller and, without hardware, the virtual machine.

    Without a display it runs a Relax session in the terminal instead.
    """
    if not has_display():
        click.echo("No display here: running a Relax session in the terminal instead of the kiosk.")
        ctx.invoke(run, program="relax", machine_name=machine_name, data=data, runtime=runtime, pins=pins)
        return
    from app.stack import Stack

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    places = Places(data, runtime)
    path = machine_file(machine_name, places)
    virtual = (pins or ("machine" if on_a_pi() else "virtual")) == "virtual"
    with Stack(path, load_machine(path), places, virtual=virtual) as stack:
        where = "a virtual machine" if virtual else f"the pins of {stack.machine.name}"
        click.echo(f"Instep runs on {where}. Close the window, or press Ctrl-C here, to end it.")
        stack.start_kiosk(
            *(["--fullscreen"] if fullscreen else []), *(["--rotation", rotation] if rotation else [])
        )
        try:
            while (code := stack.kiosk_ended()) is None:
                stack.tend()
                time.sleep(TEND_S)
        except KeyboardInterrupt:
            click.echo("Stopping.")
            return
    if code:
        raise click.ClickException(f"the kiosk ended with code {code}; see {stack.log}")


@click.command()
@machine_option
@place_options
@click.option("--port", type=click.IntRange(1, 65535), help="Of the pigpio daemon, instead of the file's.")
@click.option(
    "--pulses/--no-pulses",
    default=True,
    show_default=True,
    help="In the self-test at the start, move air and warm the pads for a moment, too.",
)
def controller(
    machine_name: str | None, data: Path | None, runtime: Path | None, port: int | None, pulses: bool
) -> None:
    """Run the controller alone: it owns the pins, keeps them safe and records sessions.

    It needs its pins: on a Pi the pigpio daemon or lgpio, elsewhere "instep virtual" and --port.
    """
    from app.controller import run_controller

    places = Places(data, runtime)
    run_controller(machine_file(machine_name, places), places, port=port, pulses=pulses)


@click.command()
@machine_option
@place_options
@click.option("--fullscreen", is_flag=True, help="Fill the screen.")
@click.option("--size", metavar="WxH", help="Of the window, as 800x480.")
@rotation_option
def kiosk(
    machine_name: str | None,
    data: Path | None,
    runtime: Path | None,
    fullscreen: bool,
    size: str | None,
    rotation: str | None,
) -> None:
    """Run the kiosk alone; it finds the controller by the runtime folder, whenever that comes."""
    from app import usb
    from app.filing import Filing
    from app.household.household import Household
    from app.household.mounting import turned
    from app.kiosk import run_kiosk
    from app.link.client import Client
    from app.places import make_private, only_one
    from app.shelf import Shelf
    from app.touch.told import forget, teller

    def history() -> History:
        from app.sessions.history import History  # opened after the first frame, which needs no database

        return History(places.history)

    def gone_through(machine: Machine) -> Standing:
        from app.commissioning.record import wanted  # as late as that

        return wanted(places, machine)

    places = Places(data, runtime)
    make_private(places.runtime)
    usb.keep_off(places.data, places.runtime)
    # Kivy's settings are ours, not the person's, and nobody else can put any there.
    os.environ.setdefault("KIVY_HOME", str(places.runtime / "kivy"))
    make_private(Path(os.environ["KIVY_HOME"]))
    _see_room(Path(os.environ["KIVY_HOME"]))
    shelf = Shelf(places.shipped_programs, places.own_programs)
    household = Household(places, filing=Filing())
    household.standing = gone_through
    wrong = ""
    try:
        machine = load_machine(machine_file(machine_name, places))
    except FileError as error:
        # The controller does not start with it; the screen is there to say so.
        machine, wrong = load_machine(machine_file("reference")), str(error)
    # Two would each hold half of what a person sees and does; the first one has the machine (S10).
    with only_one(places.runtime, "screen"), closing(Client(places.runtime, "screen")) as client:
        try:
            run_kiosk(
                client,
                history,
                shelf,
                machine,
                shelf.problems,
                household,
                fullscreen=fullscreen,
                size=_size(size),
                look_again=shelf.look,
                wrong=wrong,
                told=teller(places.runtime),
                rotation=turned(0, int(rotation)) if rotation else None,
            )
        finally:
            forget(places.runtime)


def _see_room(folder: Path) -> None:
    """Raises InstepError where Kivy could not write its settings, and would die of that without a word."""
    probe = folder / "room"
    try:
        probe.write_bytes(bytes(KIVY_BYTES))
    except OSError as error:
        raise TerminalError(
            f"{folder} cannot be written: {error.strerror}; make room there, or choose another runtime "
            "folder with --runtime or INSTEP_RUNTIME"
        ) from error
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)


def _size(words: str | None) -> tuple[int, int] | None:
    if words is None:
        return None
    width, _, height = words.partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) >= 320 and int(height) >= 320):
        raise click.BadParameter(f"{words!r} is not a size such as 800x480", param_hint="--size")
    return int(width), int(height)
