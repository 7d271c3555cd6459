"""The way back from a backup. What was there is set aside, never deleted.

It can be cut short anywhere: a note says which backup was being put back, and whoever starts next goes on. A
file is replaced whole, and doing it twice is the same as once.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from app.files import sync_folder, write_whole
from app.keeping.backup import (
    HISTORY,
    OF_THE_CASE,
    PROGRAMS,
    SINGLE,
    Backup,
    BackupError,
    backups,
    programs_in,
    read,
    verify,
)
from app.places import Places

log = logging.getLogger(__name__)

_SIDES = ("-wal", "-shm")
BEGUN = ".restore.new"
"""What is being written, whatever it will be called: a program's own name may leave no room for more."""


class _Note(Struct, frozen=True, forbid_unknown_fields=True):
    backup: str
    aside: str
    stage: Literal["setting aside", "putting back"] = "setting aside"


def choose(places: Places, name: str, folder: Path | None = None) -> Backup:
    """The backup that ``name`` begins or is; "newest" is the newest. Raises BackupError."""
    found = backups(folder or places.backups)
    if not found:
        raise BackupError(f"there are no backups in {folder or places.backups}; make one with: instep backup")
    fitting = found[:1] if name == "newest" else [one for one in found if one.name.startswith(name)]
    if len(fitting) != 1:
        names = ", ".join(one.name for one in found)
        raise BackupError(f"{name} is {'several backups' if fitting else 'no backup'}; there are: {names}")
    return fitting[0]


def restore(places: Places, backup: Backup) -> Path:
    """Put ``backup`` where it came from. The caller sees to it that nothing of Instep runs.

    Returns the folder with what was there before. Raises BackupError; a backup that is not sound changes
    nothing.
    """
    unfinished = finish(places)
    if unfinished is not None:
        log.warning("a restore that had been cut short was finished first")
    verify(backup)
    needed = backup.bytes
    free = shutil.disk_usage(places.data).free
    if free < needed:
        raise BackupError(f"{places.data} has {free >> 20} MB free and the backup is {needed >> 20} MB")
    aside = _free_name(places.data)
    _go_on(places, _Note(str(backup.path.absolute()), aside.name))
    return aside


def finish(places: Places) -> Path | None:
    """Go on with a restore that was cut short. Returns where the older state is, None if there was none.

    Raises BackupError when the backup has gone meanwhile; the note stays.
    """
    note = places.restoring
    try:
        begun = msgspec.json.decode(note.read_bytes(), type=_Note)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise BackupError(f"{note} cannot be read: {error}. Remove it, and restore once more") from error
    _go_on(places, begun)
    return places.data / begun.aside


def give_up(places: Places) -> None:
    """Let the note of a restore that cannot be finished be history: the machine starts with what it has."""
    with contextlib.suppress(OSError):
        places.restoring.rename(places.restoring.with_suffix(".failed.json"))


def _go_on(places: Places, note: _Note) -> None:
    data = places.data
    backup = read(Path(note.backup))
    if os.path.basename(note.aside) != note.aside:
        raise BackupError(f"{places.restoring} names {note.aside}, which is no folder of ours")
    try:
        if note.stage == "setting aside":
            _keep_note(places, note)
            _set_aside(data, data / note.aside, case_too=OF_THE_CASE in backup.manifest.files)
            note = msgspec.structs.replace(note, stage="putting back")
            _keep_note(places, note)
        for name in backup.manifest.files:
            _put_back(backup.path / name, data / name)
        places.restoring.unlink()
        sync_folder(data)
    except OSError as error:
        raise BackupError(
            f"the backup {backup.name} could not be put back: {error.strerror}. What was there is in "
            f"{data / note.aside}; make room and run it once more"
        ) from error


def _keep_note(places: Places, note: _Note) -> None:
    write_whole(places.restoring, msgspec.json.encode(note).decode())


def _set_aside(data: Path, aside: Path, *, case_too: bool) -> None:
    """The history's side files go first: one must never lie beside a database it does not belong to."""
    aside.mkdir(mode=0o700, exist_ok=True)
    for name in (*(HISTORY + side for side in _SIDES), *SINGLE):
        if name == OF_THE_CASE and not case_too:
            continue
        with contextlib.suppress(FileNotFoundError):
            (data / name).rename(aside / name)
    programs = programs_in(data)
    if programs:
        (aside / PROGRAMS).mkdir(mode=0o700, exist_ok=True)
    for program in programs:
        (data / PROGRAMS / program).rename(aside / PROGRAMS / program)
    sync_folder(aside)
    sync_folder(data)


def _put_back(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    new = target.with_name(BEGUN)
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb") as file:
        with source.open("rb") as known:
            shutil.copyfileobj(known, file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(target)
    sync_folder(target.parent)


def _free_name(data: Path) -> Path:
    number = 1
    while (data / f"before-restore-{number}").exists():
        number += 1
    return data / f"before-restore-{number}"
