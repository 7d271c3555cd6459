"""What may wait for a disk is done beside the thread that draws; what comes of it is done in that thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from kivy.clock import Clock

from app.aside import Aside
from hardware.message import Message

log = logging.getLogger(__name__)

T = TypeVar("T")
Act = Callable[[], None]
Take = Callable[[], Sequence[Message]]
"""Takes in the programs that were read, and answers what is wrong with them."""

CLOSE_S = 0.5
"""How long a kiosk that is closed waits for who reads."""


def in_front(act: Act) -> None:
    """From any thread: do it in the one that draws, which is the first."""
    if threading.current_thread() is threading.main_thread():
        act()
    else:
        Clock.schedule_once(lambda _dt: act())


class Beside:
    """``do`` has something done, by default in a thread of its own; False when there is too much to do."""

    def __init__(self, do: Callable[[Act], bool] | None) -> None:
        self._aside = Aside("looks")
        self.do = do or self._aside.do
        self._looking = False

    def ask(self, work: Callable[[], T], done: Callable[[T], None]) -> bool:
        """Do ``work`` beside; ``done`` gets what came of it, in front."""

        def run() -> None:
            found = work()
            in_front(lambda: done(found))

        return self.do(run)

    def look_again(self, look: Callable[[], Take | None], offer: Callable[[Take], None]) -> None:
        """Look for new programs, once at a time; ``offer`` gets what takes them in."""
        if self._looking:
            return

        def look_once() -> Take | None:
            try:
                return look()
            except Exception:
                log.exception("the programs cannot be looked at")
                return None

        def looked(take: Take | None) -> None:
            self._looking = False
            if take is not None:
                offer(take)

        self._looking = True
        if not self.ask(look_once, looked):
            self._looking = False

    def close(self) -> None:
        self._aside.close(CLOSE_S)
