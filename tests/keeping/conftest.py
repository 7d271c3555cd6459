"""A data folder with something in every file that a person would miss."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from app.household.people import People
from app.places import ASSETS, Places
from app.sessions.store import open_for_writing


@pytest.fixture
def places(tmp_path: Path) -> Places:
    places = Places(tmp_path / "data", tmp_path / "run")
    places.make()
    open_for_writing(places.history).close()
    add_session(places, "s1")
    People(places.people).add("Ada")
    (places.data / "preferences.json").write_text("{}\n")
    places.mounting.write_text('{"version": 1, "rotation": 270}\n')
    shutil.copy(ASSETS / "machines" / "reference.toml", places.own_machine)
    shutil.copy(ASSETS / "programs" / "relax.toml", places.own_programs / "mine.toml")
    return places


def add_session(places: Places, name: str) -> None:
    with contextlib.closing(sqlite3.connect(places.history)) as db, db:
        number = db.execute("SELECT count(*) FROM sessions").fetchone()[0]
        db.execute(
            "INSERT INTO sessions (id, boot, program, program_version, title, position, monotonic_s, minutes,"
            " intensity, feet, channels) VALUES (?, 'b', 'relax', 1, 'Relax', ?, 0, 10, 3, 'both', '[]')",
            (name, number),
        )


def sessions(path: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        return [row[0] for row in db.execute("SELECT id FROM sessions ORDER BY position")]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the history and what lies beside it, by its path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.relative_to(folder).parts[0] not in ("backups",)
        and "history.db" not in path.name
    }
