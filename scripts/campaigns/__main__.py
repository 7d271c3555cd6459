"""``scripts/campaign``: hours of simulated life on all processors; a violation names its seed."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time

import click

from app.places import ASSETS
from hardware.machine import load_machine
from hardware.program import load_programs
from tests.campaign import EPISODE_S, Episode


def _episode(seed: int) -> str:
    """One machine's hour; what rule did not hold, or an empty string."""
    machine = load_machine(ASSETS / "machines" / "reference.toml")
    programs, _ = load_programs(ASSETS / "programs")
    try:
        for _ in Episode(seed, machine, programs).run():
            pass
    except Exception as error:  # a crash of the engine is a violation too
        return f"seed {seed}: {type(error).__name__}: {error}"
    return ""


@click.command()
@click.option("--hours", type=click.FloatRange(min=0.1), default=10.0, show_default=True, help="Simulated.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the first episode.")
@click.option("--replay", type=int, help="Only this seed's episode.")
@click.option("--workers", type=click.IntRange(1, 64), default=os.cpu_count() or 1, show_default=True)
def main(hours: float, seed: int, replay: int | None, workers: int) -> None:
    """Look for a violation of a safety rule."""
    if replay is not None:
        found = _episode(replay)
        click.echo(found or f"seed {replay}: every rule held")
        sys.exit(bool(found))
    episodes = max(round(hours * 3600 / EPISODE_S), 1)
    begun, bad = time.monotonic(), 0
    with multiprocessing.Pool(workers) as pool:
        for done, found in enumerate(pool.imap_unordered(_episode, range(seed, seed + episodes)), 1):
            if found:
                bad += 1
                click.echo(found)
            if done % 20 == 0 or done == episodes:
                minutes = (time.monotonic() - begun) / 60
                lived = done * EPISODE_S / 3600
                click.echo(f"{lived:.0f} h, {lived / minutes:.0f} h a minute, {bad} violations", err=True)
    click.echo(f"{episodes * EPISODE_S / 3600:.0f} h from seed {seed}: {bad} violations")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main(prog_name="scripts/campaign")
