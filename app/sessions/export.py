"""The history as files for other tools: CSV for spreadsheets or programs, JSON with everything in it."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, Protocol, TextIO

import msgspec

from app.files import sync_folder
from app.filing import cannot_be_written
from app.sessions.errors import HistoryError
from app.sessions.history import History, Person
from app.sessions.rows import SessionDetail, SessionRow
from app.sessions.table import PLAIN, Cell, Style
from hardware.message import Message, Named, foreign, says, verbatim


@says("{file} is a folder; name a file in it")
def export_to_folder(file: Named) -> None: ...


@says("{file} exists already; choose another name or ask to overwrite it")
def export_exists(file: Named) -> None: ...


@says("{file} has appeared meanwhile; choose another name")
def export_appeared(file: Named) -> None: ...


@says("the disk is full; make room or take another")
def export_disk_full() -> None: ...


@says("the disk does not allow it; it may be write-protected")
def export_not_allowed() -> None: ...


@says("there is no such folder; is the stick plugged in?")
def export_no_folder() -> None: ...


@says("the disk does not answer; plug it in again")
def export_disk_silent() -> None: ...


@says("there is no session {session} in the history")
def no_such_session(session: Named) -> None: ...


Format = Literal["csv", "json"]


class Lines(Protocol):
    """What the lines are made from: a :class:`History`, or what a test has in its place."""

    def rows(self, person: Person = ...) -> Iterable[SessionRow]: ...


class Out(Protocol):
    """Where text goes."""

    def write(self, text: str, /) -> object: ...


Names = Mapping[str, str]
"""What people are called, by id; those who were removed are not in it."""

COLUMNS = (
    "id",
    "person",
    "name",
    "program",
    "title",
    "started_at",
    "minutes_asked",
    "duration_s",
    "intensity_asked",
    "max_level",
    "heat_c",
    "feet",
    "outcome",
    "before",
    "after",
)
"""Of the table of sessions; ``person`` and ``name`` are empty for guests."""

JSON_FORMAT = "instep-history"
JSON_VERSION = 1


def export_csv(history: History, out: Out, style: Style = PLAIN, names: Names | None = None) -> None:
    """Write one row a session, in the order they were recorded. Raises HistoryError, OSError."""
    for line in csv_lines(history, ..., style, names):
        out.write(line)


def csv_lines(
    history: Lines, person: Person = ..., style: Style = PLAIN, names: Names | None = None
) -> Iterator[str]:
    """The lines of the table of sessions. Raises HistoryError."""
    yield style.start + style.line(COLUMNS)
    for row in history.rows(person):
        yield style.line(_cells(row, style, names or {}))


def export_curves_csv(history: History, session: str, out: Out, style: Style = PLAIN) -> None:
    """Write one row a second of one session: pads in °C, bags in mmHg, level 0 to 10.

    Raises HistoryError if there is no such session; OSError.
    """
    detail = _existing(history, session)
    pads = [f"pad_{side}_c" for side in detail.pads]
    bags = [f"bag_{zone}_mmhg" for zone in detail.bags]
    out.write(style.start + style.line(["second", *pads, *bags, "level"]))
    columns = (*detail.pads.values(), *detail.bags.values(), detail.level)
    for cells in zip(detail.seconds, *columns, strict=True):
        out.write(style.line(cells))


def export_json(history: History, out: Out, session: str | None = None, names: Names | None = None) -> None:
    """Write every session, or one, with its curves and events: one line each inside one JSON object.

    Raises HistoryError, OSError.
    """
    details = history.everything() if session is None else iter([_existing(history, session)])
    for line in json_lines(details, names):
        out.write(line)


def json_lines(details: Iterable[SessionDetail], names: Names | None = None) -> Iterator[str]:
    """The lines of the JSON object, which begins with what the people are called. Raises what ``details``
    raises."""
    people = msgspec.json.encode(names or {}).decode()
    yield f'{{"format": "{JSON_FORMAT}", "version": {JSON_VERSION}, "people": {people}, "sessions": ['
    separator = "\n"
    for detail in details:
        yield separator + msgspec.json.encode(detail).decode()
        separator = ",\n"
    yield "\n]}\n"


def export_to(
    history: History,
    path: Path,
    form: Format,
    *,
    session: str | None = None,
    overwrite: bool = False,
    style: Style = PLAIN,
    names: Names | None = None,
) -> None:
    """Write the history, or the curves of one session, to the file at ``path``: all of it or nothing.

    Raises HistoryError: there is a file already and ``overwrite`` was not asked for, no such session, the
    history cannot be read, or the place cannot be written.
    """
    try:
        with _whole_file(path, overwrite) as out:
            if form == "json":
                export_json(history, out, session, names)
            elif session is None:
                export_csv(history, out, style, names)
            else:
                export_curves_csv(history, session, out, style)
    except OSError as error:
        raise HistoryError(cannot_be_written(Named(str(path)), _why(error))) from error


@contextlib.contextmanager
def _whole_file(path: Path, overwrite: bool) -> Iterator[TextIO]:
    """A file that takes its name only once it is complete and on the disk."""
    if path.is_dir():
        raise HistoryError(export_to_folder(Named(str(path))))
    if not overwrite and path.exists():
        raise HistoryError(export_exists(Named(str(path))))
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        # The line ends are those of the table.
        with part.open("w", encoding="utf-8", newline="") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        if not overwrite and path.exists():
            raise HistoryError(export_appeared(Named(str(path))))
        part.replace(path)
        sync_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _existing(history: History, session: str) -> SessionDetail:
    detail = history.session(session)
    if detail is None:
        raise HistoryError(no_such_session(Named(repr(session))))
    return detail


def _cells(row: SessionRow, style: Style, names: Names) -> list[Cell]:
    return [
        style.text(row.id),
        style.text(row.person),
        style.text(names.get(row.person or "")),
        style.text(row.program),
        style.text(row.title),
        None if row.started_at is None else style.moment(row.started_at),
        row.minutes,
        round(row.duration_s, 1),
        row.intensity,
        round(row.max_level, 1),
        row.heat_c,
        row.feet,
        row.outcome,
        row.before,
        row.after,
    ]


def _why(error: OSError) -> Message:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return export_disk_full()
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return export_not_allowed()
        case errno.ENOENT | errno.ENOTDIR:
            return export_no_folder()
        case errno.EIO | errno.ENODEV | errno.ENXIO:
            return export_disk_silent()
        case _:
            return verbatim(foreign(error))
