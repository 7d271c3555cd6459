"""``instep status``: what the machine does now; for people, and for scripts that must not disturb."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.attach import running_controller
from app.cli.options import place_options
from app.places import Places

BUSY, SILENT = 3, 4
"""Exit codes: somebody is at it; no controller answers. 0: nothing would be disturbed."""


@click.command()
@place_options
@click.pass_context
def status(ctx: click.Context, data: Path | None, runtime: Path | None) -> None:
    """Say what the machine does now.

    Exit code 0 when nothing would be disturbed by stopping it, 3 while it is in use, 4 when no controller
    answers.
    """
    client = running_controller(Places(data, runtime))
    if client is None:
        click.echo("not running")
        ctx.exit(SILENT)
    try:
        latest = client.latest
        assert latest is not None
        session = latest.session
        if session is not None:
            click.echo(f"{latest.state}: {session.program}, {round(session.left_s / 60)} min left")
            ctx.exit(BUSY)
        if latest.preheat is not None:
            click.echo(f"{latest.state}: {round(latest.preheat.left_s)} s left")
            ctx.exit(BUSY)
        fault = f": {latest.faults[0].words}" if latest.faults else ""
        click.echo(f"{latest.state}{fault}")
        ctx.exit(0 if latest.state in ("idle", "fault", "starting") else BUSY)
    finally:
        client.close()
