"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

machine_option = click.option(
    "--machine",
    "machine_name",
    metavar="FILE",
    help="Machine file, or the name of a shipped one.  [default: INSTEP_MACHINE, else reference]",
)
data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the history and of your own programs.  [default: INSTEP_DATA, else the system's]",
)
runtime_option = click.option(
    "--runtime",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the sockets.  [default: INSTEP_RUNTIME, else the system's]",
)

pins_option = click.option(
    "--pins",
    type=click.Choice(["machine", "virtual"]),
    help="The machine file's pins, or a virtual machine.  [default: machine on a Raspberry Pi, else virtual]",
)
rotation_option = click.option(
    "--rotation",
    type=click.Choice(["0", "90", "180", "270"]),
    help="Turn the picture and its touches by so many degrees clockwise, for this time."
    "  [default: as kept on the machine]",
)


def place_options(function: F) -> F:
    return data_option(runtime_option(function))
