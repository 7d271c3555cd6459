"""``instep backup`` and ``instep restore``: copies of what people have, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.options import data_option, place_options
from app.places import Places, make_private, only_one

if TYPE_CHECKING:
    from app.keeping.backup import Backup

_folder = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option(
    "--to",
    "folder",
    type=_folder,
    help="Another folder, say on a USB stick.  [default: backups, in the data folder]",
)
@click.option("--list", "listing", is_flag=True, help="Only list the backups that are there.")
@data_option
def backup(folder: Path | None, listing: bool, data: Path | None) -> None:
    """Back up history, people, settings, machine file and programs; the ten newest are kept.

    It may run while a session does. Somebody who was deleted is gone from the backups when ten newer ones
    have been made.
    """
    from app.keeping.backup import backups, make

    places = Places(data)
    if listing:
        found = backups(folder or places.backups)
        for one in found:
            click.echo(_line(one))
        if not found:
            click.echo("No backups yet. Make one: instep backup")
        return
    made = make(places, folder)
    if made is None:
        click.echo("Nothing has changed since the newest backup; it was read once more and is sound.")
    else:
        click.echo(f"Backed up, and read back: {_line(made)}\n{made.path}")


@click.command()
@click.argument("name", required=False)
@click.option("--from", "folder", type=_folder, help="Another folder of backups than the data folder's.")
@place_options
def restore(name: str | None, folder: Path | None, data: Path | None, runtime: Path | None) -> None:
    """Put the backup NAME back ("newest": the newest); without a NAME list what there is.

    What was there is set aside in the data folder, not deleted. The controller must not be running: on the
    appliance "sudo systemctl stop instep-kiosk instep-controller" comes before, "start" after.
    """
    from app.keeping.backup import backups
    from app.keeping.restore import choose
    from app.keeping.restore import restore as put_back

    places = Places(data, runtime)
    if name is None:
        found = backups(folder or places.backups)
        for one in found:
            click.echo(_line(one))
        click.echo(
            "Put one back: instep restore NAME" if found else "No backups yet. Make one: instep backup"
        )
        return
    places.make()
    make_private(places.runtime)
    chosen = choose(places, name, folder)
    with only_one(places.runtime):
        aside = put_back(places, chosen)
    click.echo(f"Back as of {_line(chosen)}\nWhat was there before is in {aside}")


def _line(one: Backup) -> str:
    manifest = one.manifest
    sessions = "1 session" if manifest.sessions == 1 else f"{manifest.sessions} sessions"
    when = f"{manifest.made:%Y-%m-%d %H:%M}" if manifest.dated else "date unknown    "
    return f"{one.name}  {when}  {sessions}  {max(one.bytes >> 10, 1)} kB"
