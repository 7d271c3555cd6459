"""Tells the service manager how the controller is: ready, alive, stopping (sd_notify's datagrams).

Where there is no service manager nothing happens. Nothing here waits or raises: it is called by the control
loop.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, Mapping

FEEDS_A_TIMEOUT = 4
"""So that one late or lost word is not yet a bite."""


class Notifier:
    """The service manager named by ``environ``'s NOTIFY_SOCKET, a path or, with an @, an abstract name.

    WATCHDOG_USEC there says within which time it wants to hear of us; without it, it is never fed.
    """

    def __init__(
        self, environ: Mapping[str, str] = os.environ, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._socket: socket.socket | None = None
        self._ready = False
        self._status = ""
        self._feed_every_s = _feed_every_s(environ)
        self._feed_due_s = float("-inf")
        name = environ.get("NOTIFY_SOCKET", "")
        if name.startswith(("/", "@")):
            with contextlib.suppress(OSError):
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                self._socket.setblocking(False)
                self._socket.connect("\0" + name[1:] if name.startswith("@") else name)

    @property
    def there(self) -> bool:
        """Somebody listens, and somebody will start us again."""
        return self._socket is not None

    def ready(self) -> None:
        """The start is over. Said once; call it as often as you like."""
        if not self._ready:
            self._ready = self._send("READY=1")

    def feed(self) -> None:
        """Feed the watchdog, if it is time. Only ever from the loop's thread, at the end of a whole tick."""
        if self._socket is None or self._feed_every_s is None:
            return
        now = self._clock()
        if now >= self._feed_due_s and self._send("WATCHDOG=1"):
            self._feed_due_s = now + self._feed_every_s

    def status(self, words: str) -> None:
        """What ``systemctl status`` shows, one line in plain words."""
        if words != self._status and self._send(f"STATUS={' '.join(words.split())}"):
            self._status = words

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, word: str) -> bool:
        """Whether it is on its way; a manager that is busy hears it with the next try."""
        if self._socket is None:
            return False
        try:
            self._socket.send(word.encode())
        except OSError:
            return False
        return True


def _feed_every_s(environ: Mapping[str, str]) -> float | None:
    """None where no watchdog waits for this process."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    try:
        timeout_us = int(environ.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    return timeout_us / 1e6 / FEEDS_A_TIMEOUT if timeout_us > 0 else None
