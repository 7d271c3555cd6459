"""Sharp pain of today: where it was told rests for the rest of the day (S14)."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol, get_args

from msgspec import Struct

from app.sessions.errors import HistoryError
from app.sessions.history import History
from hardware.messages import EndedView, PainWhere
from hardware.words import Zone

LOOK_BACK = 100
"""More sessions than this are not had in a day."""
AT_LEAST_S = 6 * 3600.0
"""A pain counts for so long whatever the clock says: it may be set right in the middle of an evening."""


class Row(Protocol):
    """What is read of a session."""

    @property
    def id(self) -> str: ...
    @property
    def person(self) -> str | None: ...
    @property
    def started_at(self) -> float | None: ...
    @property
    def outcome(self) -> str: ...


class Reader(Protocol):
    """What is needed of the history."""

    def page(self, limit: int) -> Iterable[Row]: ...
    def session(self, session: str, /) -> Any: ...


class Pain(Struct, frozen=True):
    session: str
    person: str | None
    """None: a guest; all of them count as one."""
    zone: Zone | None
    """None: nobody said where."""


def pains_in(reader: Reader, today: date) -> Iterator[Pain]:
    """Yield the pains of ``today`` that the history knows, newest first. Raises HistoryError.

    One without a date, because the clock was not known to be right, or with one that is still to come,
    because it was wrong, counts until that person has had another session: that keeps it from being forgotten
    at a restart, and from being kept for ever.
    """
    since: set[str | None] = set()
    for row in reader.page(LOOK_BACK):
        day = None if row.started_at is None else _day(row.started_at)
        if day is not None and (today - day).days < -1:
            day = None
        counts = row.person not in since if day is None else day == today
        since.add(row.person)
        if counts and row.outcome == "pain":
            yield Pain(row.id, row.person, _where(reader.session(row.id)))


def zones_of(pains: Iterable[Pain], person: str | None) -> frozenset[Zone | None]:
    """Where it hurt this person."""
    return frozenset(pain.zone for pain in pains if pain.person == person)


class Pains:
    """What the controller knows of today: the history's at its start, and all that it is told since.

    May be asked and told from any thread.
    """

    def __init__(
        self,
        path: Path,
        today: Callable[[], date],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path, self._today, self._monotonic = path, today, monotonic
        self._known: dict[str, tuple[Pain, date, float]] = {}
        self.look()

    def look(self) -> None:
        """Take in what the history says of today."""
        with contextlib.closing(History(self._path)) as history, contextlib.suppress(HistoryError):
            for pain in pains_in(history, self._today()):
                self._note(pain)

    def ended(self, session: EndedView) -> None:
        """A session is over; if it was for pain, nobody has said yet where."""
        if session.outcome == "pain":
            self._note(Pain(session.id, session.person, None))

    def told(self, where: PainWhere) -> bool:
        """Somebody says where it hurt. False when this session is not known to have ended so."""
        found = self._known.get(where.session)
        if found is None:
            return False
        self._note(Pain(where.session, found[0].person, where.zone))
        return True

    def of(self, person: str | None) -> frozenset[Zone | None]:
        """Where this person (None: guests) is sore today."""
        today, now_s = self._today(), self._monotonic()
        known = list(self._known.values())
        return zones_of(
            (pain for pain, day, at_s in known if day == today or now_s - at_s < AT_LEAST_S), person
        )

    def _note(self, pain: Pain) -> None:
        self._known[pain.session] = (pain, self._today(), self._monotonic())


def _day(at: float) -> date:
    return datetime.fromtimestamp(at).astimezone().date()


def _where(detail: Any) -> Zone | None:
    for event in reversed(detail.events if detail is not None else ()):
        if event.what == "pain-where":
            zone = event.detail.get("zone")
            return zone if zone in get_args(Zone) else None
    return None
