"""Deleting a session with a moment to think again: hidden at once, gone for good only later.

Until then nothing has happened to it: a crash in between loses no session.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hardware.message import Message, says
from hardware.messages import Command, DeleteSession, Reply


@says("That is not possible now.")
def not_possible_now() -> None: ...


UNDO_S = 8.0

Send = Callable[[Command, Callable[[Reply], None]], None]


class Removal:
    """At most one session waits; deleting another sends the first on its way."""

    def __init__(
        self, send: Send, now: Callable[[], float], changed: Callable[[], None] = lambda: None
    ) -> None:
        self._send, self._now, self._changed = send, now, changed
        self._until = 0.0
        self.waiting = ""
        """The session that can still be had back."""
        self.hidden: frozenset[str] = frozenset()
        """What the lists leave out."""
        self.problem: Message | None = None
        """Why the last one is back in the list."""

    def begin(self, session: str) -> None:
        """Hide it. The same one twice is once."""
        if session in self.hidden:
            return
        self.settle()
        self.waiting, self._until = session, self._now() + UNDO_S
        self.hidden |= {session}
        self.problem = None

    def undo(self) -> None:
        self.hidden -= {self.waiting}
        self.waiting = ""

    def tick(self) -> None:
        if self.waiting and self._now() >= self._until:
            self.settle()

    def settle(self) -> None:
        """Delete what waits now: its time is over, or the person has gone on to something else."""
        session, self.waiting = self.waiting, ""
        if session:
            self._send(DeleteSession(session=session), partial(self._answered, session))

    def _answered(self, session: str, reply: Reply) -> None:
        if not reply.ok:
            self.hidden -= {session}
            self.problem = reply.reason or not_possible_now()
        self._changed()
