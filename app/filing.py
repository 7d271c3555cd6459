"""Small files are written by a thread of their own: whoever changes one never waits for a disk."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hardware.errors import InstepError
from hardware.message import Foreign, Message, Named, foreign, says


@says("{file} cannot be written: {why}")
def cannot_be_written(file: Named, why: Foreign | Message) -> None: ...


@says("there is no time left")
def no_time_left() -> None: ...


log = logging.getLogger(__name__)

RETRY_S = 5.0
"""What the disk did not take is tried again after so long."""
MOST = 64
"""Files that may wait; there are about five."""

Write = Callable[[], None]
"""Puts a file on the disk, whole or not at all. Raises InstepError or OSError."""


@dataclass(eq=False)
class _Waiting:
    write: Write
    due_s: float = 0.0


class Filing:
    """In the order in which they were put; of one file only the newest counts.

    What cannot be written is said in ``troubles``, is tried again, and is not forgotten. ``changes`` grows
    with each try, so that whoever looks now and then knows when to look closer.
    """

    def __init__(self, retry_s: float = RETRY_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._retry_s, self._clock = retry_s, clock
        self._changed = threading.Condition()
        self._waiting: dict[Path, _Waiting] = {}
        self._writing: Path | None = None
        self._closing = False
        self._thread: threading.Thread | None = None
        self._troubles: dict[Path, Message] = {}
        self.changes = 0

    @property
    def troubles(self) -> tuple[Message, ...]:
        """Why something is not on the disk; one message a file."""
        with self._changed:
            return tuple(self._troubles.values())

    def trouble(self, path: Path) -> Message | None:
        """Why ``path`` is not on the disk, if it is not."""
        with self._changed:
            return self._troubles.get(path)

    def put(self, path: Path, write: Write) -> None:
        """Have the newest of ``path`` written, and return at once. Raises InstepError when it is too late."""
        with self._changed:
            if self._closing or (len(self._waiting) >= MOST and path not in self._waiting):
                raise InstepError(cannot_be_written(Named(path.name), no_time_left()))
            self._waiting[path] = _Waiting(write)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="filing", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def waits(self, path: Path) -> bool:
        """Whether the newest of ``path`` is not on the disk yet."""
        with self._changed:
            return path in self._waiting or path == self._writing

    def again(self) -> None:
        """Try at once what could not be written: somebody waits for it."""
        with self._changed:
            for waiting in self._waiting.values():
                waiting.due_s = 0.0
            self._changed.notify_all()

    def close(self, timeout: float) -> bool:
        """Write what waits, each once more, and stop; say whether all is written within ``timeout`` s."""
        with self._changed:
            self._closing = True
            for waiting in self._waiting.values():
                waiting.due_s = 0.0
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(timeout)
        with self._changed:
            return not self._waiting and self._writing is None and not self._troubles

    # --- its own thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        while (found := self._next()) is not None:
            path, write = found
            trouble: Message | None = None
            try:
                write()
            except InstepError as error:
                trouble = error.message
            except OSError as error:
                trouble = cannot_be_written(Named(path.name), foreign(error))
            except Exception as error:
                log.exception("%s", path)
                trouble = cannot_be_written(Named(path.name), foreign(error))
            with self._changed:
                if trouble and trouble != self._troubles.get(path):
                    log.error("%s", trouble)
                if not trouble:
                    self._troubles.pop(path, None)
                else:
                    self._troubles[path] = trouble
                    if not self._closing:
                        self._waiting.setdefault(path, _Waiting(write, self._clock() + self._retry_s))
                self._writing = None
                self.changes += 1
                self._changed.notify_all()

    def _next(self) -> tuple[Path, Write] | None:
        """What is due, once something is; None when all is done and nothing more will come."""
        with self._changed:
            while True:
                now = self._clock()
                for path, waiting in self._waiting.items():
                    if waiting.due_s <= now:
                        del self._waiting[path]
                        self._writing = path
                        return path, waiting.write
                if self._closing and not self._waiting:
                    return None
                first = min((waiting.due_s for waiting in self._waiting.values()), default=None)
                self._changed.wait(None if first is None else first - now)
