"""One thread for what may have to wait for a disk: no thread that draws, hears or drives ever does."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

log = logging.getLogger(__name__)

MOST = 64
"""So much may wait; a disk that does not answer is not to fill the memory."""


class Aside:
    """Does one thing after the other, in the order they were given. Its thread starts with the first.

    What fails says so in the log; whoever has to know catches it in the work itself.
    """

    def __init__(self, name: str, most: int = MOST) -> None:
        self._name, self._most = name, most
        self._changed = threading.Condition()
        self._waiting: deque[Callable[[], None]] = deque()
        self._closing = False
        self._thread: threading.Thread | None = None

    def do(self, work: Callable[[], None]) -> bool:
        """Take ``work`` and return at once. False when too much waits already, or it is closed."""
        with self._changed:
            if self._closing or len(self._waiting) >= self._most:
                return False
            self._waiting.append(work)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify()
            return True

    def close(self, timeout: float) -> bool:
        """Take nothing more; say whether all that was taken is done within ``timeout`` s."""
        with self._changed:
            self._closing = True
            self._changed.notify()
            thread = self._thread
        if thread is None:
            return True
        thread.join(timeout)
        return not thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    if self._closing:
                        return
                    self._changed.wait()
                work = self._waiting.popleft()
            try:
                work()
            except Exception:
                log.exception("%s", self._name)
