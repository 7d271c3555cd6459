"""The command line: ``instep``. Heavy things are imported by the command that needs them."""

from __future__ import annotations

import logging
import sys
from typing import Any

import click

from app.cli import terminal
from app.cli.acknowledge import acknowledge
from app.cli.commission import commission
from app.cli.doctor import doctor
from app.cli.inspect import machine, programs
from app.cli.keeping import backup, restore
from app.cli.past import export, history
from app.cli.processes import controller, kiosk, start
from app.cli.run import run
from app.cli.service import self_test, tune
from app.cli.status import status
from app.cli.virtual import fault, virtual
from hardware.errors import InstepError


class _Group(click.Group):
    """What Instep refuses on purpose is one line on standard error and exit code 1, never a traceback."""

    def main(self, *args: Any, **more: Any) -> Any:
        terminal.prepare()
        try:
            try:
                return super().main(*args, **more)
            finally:
                sys.stdout.flush()
        except OSError as error:
            sys.exit(terminal.lost(error))

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except InstepError as error:
            raise click.ClickException(str(error)) from error


@click.group(
    cls=_Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("-v", "--verbose", is_flag=True, help="Say more about what happens inside.")
@click.version_option(package_name="instep", prog_name="instep")
@click.pass_context
def main(ctx: click.Context, verbose: bool) -> None:
    """The software of a foot massager you can build.

    Without a command it starts the kiosk; on a computer without the hardware, on a virtual machine. Its
    options are those of "instep start".

    \b
    Try it:
      instep                                       the kiosk
      instep run relax --fast --answers none       a whole session in seconds
      instep run arch --minutes 10 --intensity 4   one in real time, in the terminal
      instep history                               what was done
    """
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING,
        format="%(asctime)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    if ctx.invoked_subcommand is None:
        ctx.invoke(start)


for command in (
    start, run, history, export, programs, machine, self_test, tune, doctor, commission, virtual, fault,
    controller, kiosk, status, acknowledge, backup, restore,
):  # fmt: skip
    main.add_command(command)
