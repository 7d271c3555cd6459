"""``instep history`` and ``instep export``: what was done."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from app.cli.options import data_option
from app.household.preferences import Language
from app.places import Places
from app.ui.languages import HABITS
from app.ui.state.common import dated
from hardware.errors import TerminalError
from hardware.plaintext import legible

if TYPE_CHECKING:
    from app.sessions.rows import SessionDetail, SessionRow


@click.command()
@click.argument("session", required=False)
@click.option("-n", "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option("--program", help="Only this program.")
@data_option
def history(session: str | None, limit: int, program: str | None, data: Path | None) -> None:
    """List the sessions, newest first, or show one SESSION by its id (its first letters will do)."""
    from app.sessions.history import History

    past = History(Places(data).history)
    try:
        if session:
            session = legible(session)
            found = past.session(_whole_id(session, past.page(10_000)))
            if found is None:
                raise TerminalError(f"there is no session {session}")
            _show(found)
            return
        rows = past.page(limit, program=_key(program, Places(data)) if program else None)
        if not rows:
            click.echo("No sessions yet. Try: instep run relax --fast")
        for row in rows:
            click.echo(line_of(row))
    finally:
        past.close()


def _key(name: str, places: Places) -> str:
    """The key under which the history has a program; one that is not there any more is called by its own."""
    from app.shelf import Shelf
    from hardware.program_file import key_of

    found = Shelf(places.shipped_programs, places.own_programs).find(name)
    return found.id if found else key_of(name)


def _whole_id(start: str, rows: list[SessionRow]) -> str:
    found = [row.id for row in rows if row.id.startswith(start)]
    if len(found) > 1:
        raise TerminalError(f"{len(found)} sessions begin with {start}: give more letters")
    return found[0] if found else start


def line_of(row: SessionRow) -> str:
    """One session in one line."""
    at = dated(row.started_at, datetime.now().astimezone())
    when = "date unknown" if at is None else f"{at:%Y-%m-%d %H:%M}"
    ratings = f"  {row.before} → {row.after}" if row.before is not None and row.after is not None else ""
    return (
        f"{row.id[:8]}  {when:<16}  {' '.join(row.title.split()):<14}{minutes_of(row.duration_s):>9}  "
        f"intensity {row.intensity:<2}  {row.outcome}{ratings}"
    )


def minutes_of(seconds: float | None) -> str:
    whole = int(seconds or 0)
    return f"{whole // 60}:{whole % 60:02d} min"


def _show(detail: SessionDetail) -> None:
    click.echo(line_of(detail.row))
    for event in detail.events:
        about = ", ".join(f"{key} {value}" for key, value in event.detail.items())
        click.echo(f"  {minutes_of(event.elapsed_s):>10}  {event.what:<12}{about}".rstrip())
    for side, pad in detail.pads.items():
        known = [celsius for celsius in pad if celsius is not None]
        if known:
            click.echo(f"  {side} pad: {min(known):.1f} to {max(known):.1f} °C")
    for zone, bag in detail.bags.items():
        filled = [mmhg for mmhg in bag if mmhg is not None]
        if filled:
            click.echo(f"  {zone} bag: up to {max(filled):.0f} mmHg")


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), default="-")
@click.option(
    "--format", "form", type=click.Choice(["csv", "json"]), help="[default: by OUT's ending, else csv]"
)
@click.option("--curves", metavar="SESSION", help="The curves of one session instead of the list (CSV).")
@click.option("--plain", is_flag=True, help="CSV for programs: commas, points, ISO dates, no mark.")
@click.option(
    "--language",
    type=click.Choice(list(HABITS)),
    help="Whose decimals and separator the CSV has.  [default: the screen's]",
)
@click.option("--force", is_flag=True, help="Replace OUT if it is there.")
@data_option
def export(
    out: Path,
    form: str | None,
    curves: str | None,
    plain: bool,
    language: Language | None,
    force: bool,
    data: Path | None,
) -> None:
    """Write the history to OUT ("-": standard output) as CSV or JSON.

    The CSV is for a spreadsheet in the language of the screen: with semicolons and decimal commas where that
    is the habit. A text that a spreadsheet would take for a formula, a number or a date has an apostrophe
    before it. With --plain it is for programs, and texts are as they are.
    """
    from app.household.people import People
    from app.sessions import export as exports
    from app.sessions.history import History
    from app.sessions.table import PLAIN, spreadsheet

    places = Places(data)
    style = PLAIN if plain else spreadsheet(HABITS[language or _language(places)].decimal)
    names = {person.id: person.name for person in People(places.people).all}
    past = History(places.history)
    try:
        chosen: Literal["csv", "json"] = "json" if (form or out.suffix[1:]) == "json" else "csv"
        session = _whole_id(legible(curves), past.page(10_000)) if curves else None
        if str(out) != "-":
            form_of: Literal["csv", "json"] = "csv" if session else chosen
            exports.export_to(past, out, form_of, session=session, overwrite=force, style=style, names=names)
            click.echo(f"Written to {out}.")
            return
        to = _StandardOutput()
        if session:
            exports.export_curves_csv(past, session, to, style)
        elif chosen == "json":
            exports.export_json(past, to, names=names)
        else:
            exports.export_csv(past, to, style, names)
    finally:
        past.close()


class _StandardOutput:
    """Always UTF-8, whatever the terminal's encoding: it goes to a file or to another program."""

    def write(self, text: str) -> None:
        sys.stdout.buffer.write(text.encode())


def _language(places: Places) -> Language:
    """The one chosen on the screen; where nobody has chosen anything, this terminal's."""
    from app.household.preferences import preferences

    path = places.data / "preferences.json"
    if path.exists():
        return preferences(path).value.language
    for name in ("LC_ALL", "LC_NUMERIC", "LANG"):
        if said := os.environ.get(name):
            return next((known for known in HABITS if known == said[:2]), "en")
    return "en"
