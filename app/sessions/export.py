"""The history as files for other tools: CSV that a spreadsheet opens safely, JSON with everything in it."""

from __future__ import annotations

import contextlib
import csv
import errno
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol, TextIO

import msgspec

from app.files import sync_folder
from app.sessions.errors import HistoryError
from app.sessions.history import History, Person
from app.sessions.rows import SessionDetail, SessionRow

Format = Literal["csv", "json"]


class Lines(Protocol):
    """What the lines are made from: a :class:`History`, or what a test has in its place."""

    def rows(self, person: Person = ...) -> Iterable[SessionRow]: ...


class _Echo:
    """Hands back what the csv module writes."""

    def write(self, line: str) -> str:
        return line


COLUMNS = (
    "id",
    "person",
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
"""Of the table of sessions; ``started_at`` is ISO 8601 with the offset of this place."""

JSON_FORMAT = "instep-history"
JSON_VERSION = 1

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula."""


def export_csv(history: History, out: TextIO) -> None:
    """Write one row a session, in the order they were recorded. Raises HistoryError, OSError."""
    for line in csv_lines(history):
        out.write(line)


def csv_lines(history: Lines, person: Person = ...) -> Iterator[str]:
    """The lines of the table of sessions. Raises HistoryError."""
    table = csv.writer(_Echo())
    yield str(table.writerow(COLUMNS))
    for row in history.rows(person):
        yield str(table.writerow(_cells(row)))


def export_curves_csv(history: History, session: str, out: TextIO) -> None:
    """Write one row a second of one session: pads in °C, bags in mmHg, level 0 to 10.

    Raises HistoryError if there is no such session; OSError.
    """
    detail = _existing(history, session)
    table = csv.writer(out)
    pads = [f"pad_{side}_c" for side in detail.pads]
    bags = [f"bag_{zone}_mmhg" for zone in detail.bags]
    table.writerow(["second", *pads, *bags, "level"])
    columns = (*detail.pads.values(), *detail.bags.values(), detail.level)
    table.writerows(zip(detail.seconds, *columns, strict=True))


def export_json(history: History, out: TextIO, session: str | None = None) -> None:
    """Write every session, or one, with its curves and events: one line each inside one JSON object.

    Raises HistoryError, OSError.
    """
    details = history.everything() if session is None else iter([_existing(history, session)])
    for line in json_lines(details):
        out.write(line)


def json_lines(details: Iterable[SessionDetail]) -> Iterator[str]:
    """The lines of the JSON object. Raises what ``details`` raises."""
    yield f'{{"format": "{JSON_FORMAT}", "version": {JSON_VERSION}, "sessions": ['
    separator = "\n"
    for detail in details:
        yield separator + msgspec.json.encode(detail).decode()
        separator = ",\n"
    yield "\n]}\n"


def export_to(
    history: History, path: Path, form: Format, *, session: str | None = None, overwrite: bool = False
) -> None:
    """Write the history, or the curves of one session, to the file at ``path``: all of it or nothing.

    Raises HistoryError: there is a file already and ``overwrite`` was not asked for, no such session, the
    history cannot be read, or the place cannot be written.
    """
    try:
        with _whole_file(path, overwrite) as out:
            if form == "json":
                export_json(history, out, session)
            elif session is None:
                export_csv(history, out)
            else:
                export_curves_csv(history, session, out)
    except OSError as error:
        raise HistoryError(_words(error, path)) from error


@contextlib.contextmanager
def _whole_file(path: Path, overwrite: bool) -> Iterator[TextIO]:
    """A file that takes its name only once it is complete and on the disk."""
    if path.is_dir():
        raise HistoryError(f"{path} is a folder; name a file in it")
    if not overwrite and path.exists():
        raise HistoryError(f"{path} exists already; choose another name or ask to overwrite it")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        # A spreadsheet wants its line ends as the csv module writes them.
        with part.open("w", encoding="utf-8", newline="") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        if not overwrite and path.exists():
            raise HistoryError(f"{path} has appeared meanwhile; choose another name")
        part.replace(path)
        sync_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _existing(history: History, session: str) -> SessionDetail:
    detail = history.session(session)
    if detail is None:
        raise HistoryError(f"there is no session {session!r} in the history")
    return detail


def _cells(row: SessionRow) -> list[str | int | float | None]:
    return [
        _harmless(row.id),
        _harmless(row.person),
        _harmless(row.program),
        _harmless(row.title),
        None if row.started_at is None else _local(row.started_at),
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


def _local(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).astimezone().isoformat(timespec="seconds")


def _harmless(text: str | None) -> str | None:
    """Keep a spreadsheet from taking ``text`` for a formula: an apostrophe makes it text."""
    return f"'{text}" if text is not None and text.lstrip(" ").startswith(_FORMULA) else text


def _words(error: OSError, path: Path) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            reason = "the disk is full; make room or take another"
        case errno.EROFS | errno.EACCES | errno.EPERM:
            reason = "the disk does not allow it; it may be write-protected"
        case errno.ENOENT | errno.ENOTDIR:
            reason = "there is no such folder; is the stick plugged in?"
        case errno.EIO | errno.ENODEV | errno.ENXIO:
            reason = "the disk does not answer; plug it in again"
        case _:
            reason = error.strerror or str(error)
    return f"{path} cannot be written: {reason}"
