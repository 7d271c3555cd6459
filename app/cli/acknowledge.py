"""``instep acknowledge``: a person at a terminal has seen the fault and to its cause."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.cli.attach import TEST_S, ask, attached, follow
from app.cli.options import machine_option, pins_option, place_options
from app.places import Places, machine_file
from hardware.machine import load_machine
from hardware.messages import Acknowledge, FaultView, Snapshot


@click.command()
@click.option("--yes", is_flag=True, help="Ask nothing: the cause has been seen to.")
@machine_option
@place_options
@pins_option
def acknowledge(
    yes: bool, machine_name: str | None, data: Path | None, runtime: Path | None, pins: str | None
) -> None:
    """Say that you have seen the machine's fault, once its cause has gone.

    A fault outlives a restart and a pulled plug; until somebody has seen it nothing is driven.

    Exit code: 0 the machine is ready again, or had no fault; 1 the cause is still there.
    """
    places = Places(data, runtime)
    path = machine_file(machine_name, places)
    with attached(path, load_machine(path), places, pins, "command-line") as client:
        latest = client.latest
        assert latest is not None
        stopping = [fault for fault in latest.faults if fault.latched]
        if not stopping:
            click.echo("There is no fault.")
            return
        click.echo("\n".join(_told(stopping)))
        if not yes and not (sys.stdin.isatty() and click.confirm("Has it been seen to?")):
            click.echo("Left as it was.")
            sys.exit(1)
        ask(client, Acknowledge())

        def over(snapshot: Snapshot) -> bool:
            return snapshot.state in ("idle", "fault")

        follow(client, over, TEST_S)
        assert client.latest is not None
        if client.latest.state == "fault":
            click.echo("\n".join(_told([fault for fault in client.latest.faults if fault.latched])))
            sys.exit(1)
        click.echo("The machine is ready.")


def _told(faults: list[FaultView]) -> list[str]:
    return [f"{fault.words} ({fault.code}: {fault.detail})" for fault in faults]
