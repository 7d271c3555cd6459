"""``scripts/campaign-processes``: real processes, struck in every state, judged from the daemon's pins."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import click

from app.places import ASSETS
from app.version import our_version
from hardware.machine import load_machine
from tests.process.round import Round

COMMAND = "scripts/campaign-processes"


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """Told to go: as by Ctrl-C, so that every process is ended and every file taken away."""
    raise KeyboardInterrupt


def records(ledger: Path | None) -> Iterator[dict[str, Any]]:
    """The rounds in a ledger; a line that was cut short is none."""
    if ledger is None or not ledger.exists():
        return
    for line in ledger.read_text().splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def keep(ledger: Path | None, record: dict[str, Any]) -> None:
    if ledger is None:
        return
    ledger.parent.mkdir(parents=True, exist_ok=True)
    with ledger.open("a+b") as file:
        file.seek(0, os.SEEK_END)
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # cut short: it shall not take the next line with it
                file.write(b"\n")
        file.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")


def replay(found: dict[str, Any], strikes: int) -> str:
    return f"{COMMAND} --replay {found['seed']} --strikes {strikes}"


def summary(rounds: list[dict[str, Any]]) -> Iterator[str]:
    """By kind, and of each 1,000 strikes."""
    strikes = sum(record["strikes"] for record in rounds)
    kinds: Counter[str] = Counter(found["kind"] for record in rounds for found in record["found"])
    if not kinds:
        yield f"every rule held in {strikes} strikes"
    if not rounds:
        return
    versions = sorted({record["version"] for record in rounds})
    yield f"{len(rounds)} rounds, {strikes} strikes, of {', '.join(versions)}"
    for kind, times in kinds.most_common():
        yield f"{kind}: {times}, {1000 * times / max(strikes, 1):.1f} in 1,000 strikes"
        for record in rounds:
            for found in record["found"]:
                if found["kind"] == kind:
                    yield f"  strike {found['strike']}, {found['what']}: {found['words']}"
                    yield f"    {replay(record, record['strikes'])}"
    took: dict[str, float] = {}
    for record in rounds:
        for rule, seconds in record.get("took_s", {}).items():
            took[rule] = max(seconds, took.get(rule, 0.0))
    for rule, seconds in sorted(took.items()):
        yield f"  {rule}: power lasted {seconds:.2f} s at most, where the computer was not busy"
    struck: Counter[str] = Counter()
    for record in rounds:
        struck.update(record["struck"])
    for name, times in struck.most_common():
        yield f"  {times:5d} times {name}"


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=10, show_default=True)
@click.option("--strikes", type=click.IntRange(1), default=20, show_default=True, help="In each round.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the first round.")
@click.option("--replay", "only", type=int, help="Only this seed's round, each strike told as it comes.")
@click.option("--minutes", type=click.FloatRange(min=0.1), help="Begin no round after so long.")
@click.option(
    "--ledger", type=click.Path(dir_okay=False, path_type=Path), help="A line a round; goes on there."
)
@click.option("--summary", "sums_up", is_flag=True, help="Only what the ledger has.")
def main(
    rounds: int,
    strikes: int,
    seed: int,
    only: int | None,
    minutes: float | None,
    ledger: Path | None,
    sums_up: bool,
) -> None:
    """Kill, freeze and confuse the real processes, and look at the pins."""
    before = list(records(ledger))
    if sums_up:
        for line in summary(before):
            click.echo(line)
        sys.exit(any(record["found"] for record in before))
    signal.signal(signal.SIGTERM, _leave)
    machine = load_machine(ASSETS / "machines" / "reference.toml")
    done = {record["seed"] for record in before}
    begun, version = time.monotonic(), our_version()
    seeds = [only] if only is not None else [s for s in range(seed, seed + rounds) if s not in done]
    told: list[dict[str, Any]] = []
    try:
        for number in seeds:
            if minutes is not None and time.monotonic() - begun > minutes * 60:
                break
            this = Round(number, machine)
            this.run(strikes, lambda line: click.echo(line, err=True))
            record: dict[str, Any] = {
                "seed": number,
                "version": version,
                "strikes": strikes,
                "struck": dict(this.counted),
                "took_s": this.took_s,
                "found": [found._asdict() for found in this.found],
            }
            told.append(record)
            if only is None:
                keep(ledger, record)
            for found in record["found"]:
                click.echo(f"{found['kind']}: {found['what']}: {found['words']}")
                click.echo(f"  {replay(record, strikes)}")
    except KeyboardInterrupt:
        click.echo("stopped; go on with the same ledger", err=True)
        sys.exit(130)
    for line in summary(told):
        click.echo(line)
    sys.exit(any(record["found"] for record in told))


if __name__ == "__main__":
    main(prog_name=COMMAND)
