"""``instep self-test`` and ``instep tune``: what a builder asks of the machine without a session."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from app.cli.attach import TEST_S, Stopped, ask, attached, follow, until_idle
from app.cli.options import machine_option, pins_option, place_options
from app.cli.plot import plot
from app.gains import gains_line
from app.places import Places, machine_file
from hardware.errors import TerminalError
from hardware.machine import load_machine
from hardware.messages import Alive, CheckItself, CheckView, KeepGains, Snapshot, Stop, Tune, TuneView
from hardware.safety import limits
from hardware.words import Side

ALIVE_S = 0.2
LINE_S = 15.0


@click.command("self-test")
@machine_option
@place_options
@pins_option
def self_test(machine_name: str | None, data: Path | None, runtime: Path | None, pins: str | None) -> None:
    """Have the machine test itself: its sensors, then each valve and pad by a short pulse.

    It takes half a minute. Keep your feet out, or still. Ctrl-C ends it.

    Exit code: 0 all is sound, 1 something is not.
    """
    places = Places(data, runtime)
    path = machine_file(machine_name, places)
    stopped = Stopped()
    with attached(path, load_machine(path), places, pins, "service") as client:
        until_idle(client, stopped)
        ask(client, CheckItself())
        told = False

        def over(snapshot: Snapshot) -> bool:
            nonlocal told
            if stopped.asked and not told:
                client.send(Stop())
                told = True
            return snapshot.state != "self-test"

        follow(client, over, TEST_S)
        snapshot = client.latest
        assert snapshot is not None
        if told:
            raise click.Abort
        check = snapshot.check
        assert check is not None
        click.echo("\n".join(_verdict(check)))
        sys.exit(1 if check.heat or check.air or snapshot.state == "fault" else 0)


def _verdict(check: CheckView) -> list[str]:
    return [f"heat  {check.heat or 'sound'}", f"air   {check.air or 'sound'}"]


@click.command()
@click.argument("side", type=click.Choice(["left", "right"]))
@click.option(
    "--target", type=click.FloatRange(25, 40), default=38.0, show_default=True, help="°C to swing around."
)
@click.option("--yes", is_flag=True, help="Keep what is found without asking.")
@machine_option
@place_options
@pins_option
def tune(
    side: Side,
    target: float,
    yes: bool,
    machine_name: str | None,
    data: Path | None,
    runtime: Path | None,
    pins: str | None,
) -> None:
    """Find the heat control's gains for the pad of one SIDE, and keep them if you like them.

    Take your feet out first. The pad swings around the target for five to fifteen minutes; Ctrl-C ends
    that. The gains in use stay until you accept the new ones, which are written to the machine file.

    \b
      instep tune left
      instep tune right --target 34      in a cold room, or with a weak heater
    """
    places = Places(data, runtime)
    path = machine_file(machine_name, places)
    stopped = Stopped()
    with attached(path, load_machine(path), places, pins, "service") as client:
        until_idle(client, stopped)
        click.echo(f"Tuning the {side} pad around {target:g} °C. Keep your feet out.")
        ask(client, Tune(side=side, target_c=target))
        watch = _Watch(stopped)

        def over(snapshot: Snapshot) -> bool:
            if watch.proof_due():
                client.send(Alive())
            if watch.stop_due():
                client.send(Stop())
            return watch.seen(snapshot)

        follow(client, over, limits.SCREEN_STOP_S)
        found = watch.result
        assert found is not None
        click.echo("\n".join(plot([(at_s, c) for at_s, c, _ in found.curve], found.target_c, "°C")))
        if found.found is None:
            raise TerminalError(str(found.reason or "The tuning was ended by a fault; see instep history."))
        click.echo(f"in use   {gains_line(found.in_use)}")
        click.echo(f"found    {gains_line(found.found)}")
        if not (yes or (sys.stdin.isatty() and click.confirm("Keep what was found?"))):
            click.echo("Left as it was.")
            return
        until_idle(client, stopped)
        ask(client, KeepGains())
        click.echo(f"Kept, and written to {machine_file(machine_name, places)}.")


class _Watch:
    """One tuning as it is followed: a line now and then, and the result at its end."""

    def __init__(self, stopped: Stopped) -> None:
        self.result: TuneView | None = None
        self._stopped = stopped
        self._told = False
        self._alive_due = 0.0
        self._line_due = 0.0

    def proof_due(self) -> bool:
        now = time.monotonic()
        if now < self._alive_due:
            return False
        self._alive_due = now + ALIVE_S
        return True

    def stop_due(self) -> bool:
        due = self._stopped.asked and not self._told
        self._told = self._told or due
        return due

    def seen(self, snapshot: Snapshot) -> bool:
        view = snapshot.tune
        if view is None:
            return False
        self.result = view
        if view.curve and view.elapsed_s >= self._line_due:
            self._line_due = view.elapsed_s + LINE_S
            _, celsius, duty = view.curve[-1]
            minutes, seconds = divmod(int(view.elapsed_s), 60)
            click.echo(f"{minutes:3d}:{seconds:02d}  {view.state:<10} {celsius:5.1f} °C  duty {duty:4.0%}")
        return view.state in ("done", "aborted") or snapshot.state == "fault"
