"""``scripts/campaign``: hours of simulated life on all processors; what is found names its seed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from app.places import ASSETS
from hardware.machine import load_machine
from hardware.program import load_programs
from tests.campaign.episode import Episode, drawn
from tests.campaign.ledger import Ledger, Row, summary

TELL_S = 30.0
ROOT = Path(__file__).resolve().parents[2]


def _version() -> str:
    """Of the code that is judged, as well as can be told."""
    asked = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--tags"]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("instep")
        except PackageNotFoundError:
            return "unknown"
    return told.stdout.strip()


def _live(seed: int, version: str) -> Row:
    machine = load_machine(ASSETS / "machines" / "reference.toml")
    programs, _ = load_programs(ASSETS / "programs")
    episode = Episode(seed, machine, programs)
    for _ in episode.run():
        pass
    return Row(
        seed=seed,
        version=version,
        life=episode.life,
        hours=round(episode.lived_s / 3600.0, 3),
        sessions=episode.verdicts.sessions,
        found=episode.found,
        excuses=dict(episode.truth.excuses + episode.verdicts.excuses),
    )


def _job(job: tuple[int, str]) -> Row:
    return _live(*job)


def _deaf() -> None:
    """A worker leaves Ctrl-C to who started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def _rows(jobs: Iterable[tuple[int, str]], workers: int) -> Iterator[Iterator[Row]]:
    if workers == 1:
        yield map(_job, jobs)
        return
    with multiprocessing.Pool(workers, _deaf) as pool:
        yield pool.imap_unordered(_job, jobs)


def _seeds(first: int, hours: float, done: frozenset[int]) -> Iterator[int]:
    """From the first on until so much is lived, less what was."""
    lived = 0.0
    for seed in count(first):
        if lived >= hours:
            return
        lived += drawn(seed).hours
        if seed not in done:
            yield seed


def _tell(row: Row) -> None:
    """The first of each kind, and how often it came."""
    times = Counter((found.kind, found.what) for found in row.found)
    for found in row.found:
        again = times.pop((found.kind, found.what), 0)
        if not again:
            continue
        often = f", {again} times" if again > 1 else ""
        words = f"{found.kind} {found.what} at {found.at_s:.1f} s{often}: {found.words}"
        click.echo(f"seed {row.seed}, {row.life}: {words}\n    scripts/campaign --replay {row.seed}")


@click.command()
@click.option("--hours", type=click.FloatRange(min=0.1), default=10.0, show_default=True, help="Simulated.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the first episode.")
@click.option("--replay", type=int, help="Only this seed's episode.")
@click.option("--workers", type=click.IntRange(1, 64), default=os.cpu_count() or 1, show_default=True)
@click.option(
    "--ledger",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep what was lived here; seeds that stand in it for this version are not lived again.",
)
@click.option("--summary", "only", is_flag=True, help="Only say what stands in the ledger.")
def main(hours: float, seed: int, replay: int | None, workers: int, path: Path | None, only: bool) -> None:
    """Look for broken safety rules, false alarms, and faults that are not found."""
    if replay is not None:
        row = _live(replay, _version())
        _tell(row)
        if not row.found:
            click.echo(f"seed {replay}: every rule held for {row.hours:.1f} h")
        sys.exit(bool(row.found))
    ledger = Ledger(path)
    if not only:
        _campaign(ledger, hours, seed, workers)
    for line in summary(ledger.rows):
        click.echo(line)
    sys.exit(any(row.found for row in ledger.rows))


def _campaign(ledger: Ledger, hours: float, seed: int, workers: int) -> None:
    """Until it has lived so much, or is told to stop; what was not finished is lost."""

    def stop(signum: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    version = _version()
    jobs = ((one, version) for one in list(_seeds(seed, hours, ledger.done(version))))
    begun = told = time.monotonic()
    lived, bad = 0.0, 0
    try:
        with _rows(jobs, workers) as rows:
            for row in rows:
                ledger.add(row)
                _tell(row)
                lived, bad = lived + row.hours, bad + len(row.found)
                now = time.monotonic()
                if now - told >= TELL_S:
                    told = now
                    rate = lived / ((now - begun) / 60.0)
                    click.echo(f"{lived:.0f} h, {rate:.0f} h a minute, {bad} found", err=True)
    except KeyboardInterrupt:
        click.echo("stopped; the same ledger goes on from here", err=True)


if __name__ == "__main__":
    main(prog_name="scripts/campaign")
