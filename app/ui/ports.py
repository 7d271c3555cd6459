"""What the screen needs from others: a link to the controller and a reader of the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import EllipsisType
from typing import Any, Protocol

from hardware.messages import Command, Reply, Snapshot
from hardware.words import Side, Zone

Person = str | EllipsisType | None
"""A person, None for guests, ``...`` for everybody."""


class Controller(Protocol):
    """The link to the controller, from the thread of the screen; nothing in it blocks."""

    @property
    def connected(self) -> bool:
        """False when the controller has not been heard of for a while."""

    @property
    def latest(self) -> Snapshot | None: ...

    def send(self, command: Command, on_reply: Callable[[Reply], None] | None = None) -> None: ...

    def poll(self) -> bool:
        """Read what has arrived; True when there is a new snapshot."""


class SessionRow(Protocol):
    """One line of the history."""

    @property
    def id(self) -> str: ...
    @property
    def program(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def person(self) -> str | None:
        """None: a guest."""

    @property
    def started_at(self) -> float | None:
        """Seconds since 1970; None when the clock was not known."""

    @property
    def minutes(self) -> int:
        """Asked for."""

    @property
    def duration_s(self) -> float | None: ...
    @property
    def intensity(self) -> int: ...
    @property
    def heat_c(self) -> float | None: ...
    @property
    def feet(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def before(self) -> int | None: ...
    @property
    def after(self) -> int | None: ...
    @property
    def key(self) -> float:
        """Where it stands among the others; the next page begins before it."""


class WeekRow(Protocol):
    @property
    def year(self) -> int: ...
    @property
    def week(self) -> int: ...
    @property
    def sessions(self) -> int: ...
    @property
    def minutes(self) -> float: ...


class RatingRow(Protocol):
    """A week's ratings on average, 0 (fine) to 10 (very sore)."""

    @property
    def year(self) -> int: ...
    @property
    def week(self) -> int: ...
    @property
    def sessions(self) -> int:
        """That were rated."""

    @property
    def before(self) -> float: ...
    @property
    def after(self) -> float: ...


class EventRow(Protocol):
    @property
    def elapsed_s(self) -> float: ...
    @property
    def what(self) -> str: ...
    @property
    def detail(self) -> Mapping[str, Any]: ...
    @property
    def code(self) -> str: ...


class SessionDetail(Protocol):
    """One session with its curves, a value a second."""

    @property
    def row(self) -> SessionRow: ...
    @property
    def seconds(self) -> Sequence[int]: ...
    @property
    def level(self) -> Sequence[float]: ...
    @property
    def pads(self) -> Mapping[Side, Sequence[float | None]]: ...
    @property
    def bags(self) -> Mapping[Zone, Sequence[float | None]]: ...
    @property
    def events(self) -> Sequence[EventRow]: ...


class HistoryReader(Protocol):
    """Reads what the recorder wrote. Any error it raises means "the history cannot be read"."""

    def page(
        self, limit: int, before: float | None = None, program: str | None = None, person: Person = ...
    ) -> Sequence[SessionRow]: ...

    def weeks(self, count: int, today: Any, person: Person = ...) -> Sequence[WeekRow]: ...
    def ratings(self, count: int, today: Any, person: Person = ...) -> Sequence[RatingRow]: ...
    def session(self, session: str) -> SessionDetail | None: ...
    def log(self, limit: int, before: int | None = None) -> Sequence[Any]:
        """Faults and deeds of service; rows as in ``app.sessions.faultlog``."""

    def last(self, person: Person = ..., program: str | None = None) -> SessionRow | None: ...
    def close(self) -> None: ...
