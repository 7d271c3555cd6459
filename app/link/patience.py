"""Answers in time to commands that hang on a disk: what has become of them, or how they stand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.link.server import Respond
from hardware.messages import Reply

WITHIN_S = 0.5
"""A disk that is well has answered by then; a person has not begun to wonder, and no screen has given up."""


@dataclass(eq=False)
class _Owed:
    respond: Respond
    late: Callable[[Reply], None]
    meanwhile: Reply
    due_s: float


class Patience:
    """``tell`` has to be called now and then; the other methods may come from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._owed: list[_Owed] = []

    def until_known(
        self,
        respond: Respond,
        meanwhile: Reply,
        late: Callable[[Reply], None] = lambda _reply: None,
        within_s: float = WITHIN_S,
    ) -> Respond:
        """Return what is to be called once it is known what has become of a command.

        Within ``within_s`` that is the answer; after it the command has been answered with ``meanwhile``, and
        ``late`` gets what became of it.
        """
        owed = _Owed(respond, late, meanwhile, self._clock() + within_s)
        with self._lock:
            self._owed.append(owed)
            self._owed.sort(key=lambda owed: owed.due_s)

        def known(reply: Reply) -> None:
            (respond if self._take(owed) else late)(reply)

        return known

    def tell(self) -> None:
        """Answer what has waited for too long."""
        now = self._clock()
        while True:
            with self._lock:
                if not self._owed or self._owed[0].due_s > now:
                    return
                owed = self._owed.pop(0)
            owed.respond(owed.meanwhile)

    def _take(self, owed: _Owed) -> bool:
        """Whether it has not been answered yet."""
        with self._lock:
            if owed not in self._owed:
                return False
            self._owed.remove(owed)
            return True
