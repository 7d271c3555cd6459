"""``scripts/bench``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import click

from scripts.benchmarks import air, engine, heat, history, kill, kiosk, lateness, touch
from scripts.benchmarks.figure import Figure

SUBJECTS: dict[str, Callable[[float], Iterator[Figure]]] = {
    "air": air.figures,
    "engine": engine.figures,
    "heat": heat.figures,
    "lateness": lateness.figures,
    "touch": touch.figures,
    "kill": kill.figures,
    "kiosk": kiosk.figures,
    "history": history.figures,
}


@click.command()
@click.argument("subjects", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--list", "listing", is_flag=True, help="Name the subjects.")
@click.option(
    "--seconds", type=click.FloatRange(5, 3600), default=30, show_default=True, help="Of each watch."
)
def main(subjects: tuple[str, ...], as_json: bool, listing: bool, seconds: float) -> None:
    """Measure SUBJECTS, or everything."""
    if listing:
        click.echo("\n".join(SUBJECTS))
        return
    unknown = [name for name in subjects if name not in SUBJECTS]
    if unknown:
        raise click.BadParameter(f"no subject {unknown[0]!r}; there are: {', '.join(SUBJECTS)}")
    for name in subjects or SUBJECTS:
        for figure in SUBJECTS[name](seconds):
            click.echo(figure.json() if as_json else figure.line())
            sys.stdout.flush()


main()
