"""The log of what went wrong and what was serviced: read out of the history, and as a text to take along."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from app.sessions.clock import a_date
from app.sessions.rows import found_of
from hardware.message import Message

if TYPE_CHECKING:
    from sqlite_utils import Database

KINDS = ("fault", "cleared", "self-test", "tune", "gains", "frozen", "screen-lost", "shut-down")
"""What a builder looks for; the rest of the events belongs to the sessions."""

_READ = f"""
SELECT events.number, coalesce(events.at, sessions.started_at + events.elapsed_s), events.what, events.detail,
  sessions.title, {{said}}
FROM events LEFT JOIN sessions ON sessions.number = events.session
WHERE events.what IN ({", ".join("?" for _ in KINDS)}) AND events.number < ?
ORDER BY events.number DESC LIMIT ?
"""
_DETAIL = msgspec.json.Decoder(dict[str, Any])
_LAST = 2**62
_AT_A_TIME = 200


class LogRow(Struct, frozen=True, kw_only=True):
    """One thing that happened to the machine, in a session or outside."""

    key: int
    """The next page begins before it."""
    at: float | None
    """Seconds since 1970; None while the clock was not known to be right."""
    what: str
    detail: dict[str, Any]
    title: str | None
    """Of the session in which it happened."""
    code: str = ""
    """Of the fault that it is about."""
    found: Message | None = None
    """What was measured or found."""


def read(db: Database, said: str, limit: int, before: int | None) -> list[LogRow]:
    """The newest first; ``said`` as :func:`app.sessions.schema.said` has it.

    Raises what SQLite and the decoder raise.
    """
    values = (*KINDS, _LAST if before is None else before, max(0, limit))
    return [
        LogRow(
            key=key,
            at=a_date(at),
            what=what,
            detail=_DETAIL.decode(detail),
            title=title,
            code=code or "",
            found=found_of(found, text),
        )
        for key, at, what, detail, title, code, _severity, found, text in db.execute(
            _READ.format(said=said), values
        ).fetchall()
    ]


def text(
    page: Callable[[int, int | None], Sequence[LogRow]], heading: str, now: datetime, dated: bool = True
) -> Iterator[bytes]:
    """The whole log, newest first, in lines that any editor opens. Raises what ``page`` raises.

    ``dated``: whether the clock is known to be right.
    """
    written = f"{now:%Y-%m-%d %H:%M %Z}" if dated else "on a day that is not known"
    yield f"{heading}\nwritten {written}\n\n".encode()
    before: int | None = None
    nothing = True
    while rows := page(_AT_A_TIME, before):
        nothing = False
        yield "".join(f"{line(row, now)}\n" for row in rows).encode()
        before = rows[-1].key
    if nothing:
        yield b"Nothing has gone wrong so far.\n"


def line(row: LogRow, now: datetime) -> str:
    """ "2026-11-19 20:14  fault        code=pad-too-hot  detail=…  (Relax)" in the time zone of ``now``."""
    when = "date unknown"
    if row.at is not None:
        when = f"{datetime.fromtimestamp(row.at, now.tzinfo):%Y-%m-%d %H:%M}"
    told: dict[str, Any] = {**row.detail}
    if row.code:
        told["code"] = row.code
    if row.found is not None:
        told["detail"] = row.found
    about = "  ".join(f"{key}={_flat(value)}" for key, value in told.items())
    title = f"  ({row.title})" if row.title else ""
    return f"{when:<16}  {row.what:<11}  {about}{title}".rstrip()


def _flat(value: Any) -> str:
    """On one line, whatever it was."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_flat(inner)}" for key, inner in value.items())
    if isinstance(value, float):
        return f"{value:.4g}"
    return " ".join(str(value).split())
