"""The recorder: takes events from the control loop without ever keeping it waiting, and files them."""

from __future__ import annotations

import itertools
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from app.sessions import trouble
from app.sessions.errors import RefusedError
from app.sessions.keeper import Keeper
from hardware.message import Message, Named
from hardware.messages import (
    DeleteSession,
    Event,
    ForgetPerson,
    HistoryCommand,
    Noted,
    Reply,
    Sampled,
    SessionEnded,
    SessionStarted,
)

_log = logging.getLogger(__name__)

CAPACITY = 4000
"""Samples that may wait for the disk: more than an hour of curves."""

BATCH = 2000
"""Events in one commit, so that catching up after a bad day is no single long one."""

MOST_ASKED = 256
"""Commands that may wait for the disk."""

LONGEST_RETRY_S = 30.0
CLOCK_CHECK_S = 30.0


@dataclass(eq=False)
class _Asked:
    command: HistoryCommand
    answer: Future[Reply] = field(default_factory=Future)

    def reply(self, reply: Reply) -> None:
        if self.answer.set_running_or_notify_cancel():
            self.answer.set_result(reply)


class Recorder:
    """One thread that keeps events in the SQLite file at ``path``.

    ``boot`` names this run of the machine. ``clock`` gives seconds since 1970, ``monotonic`` the seconds
    that events carry, ``is_good`` whether the former can be believed. A start, an end and a fault are on
    the disk as soon as it can; everything else follows within ``flush_s``. When the disk does not take
    them, events wait in memory and are tried again, first after ``retry_s``; of samples at most
    ``capacity`` wait, further ones are dropped.

        recorder = Recorder(path, boot="b1")
        recorder.start()
        recorder.put(event)
        recorder.close(5.0)
    """

    def __init__(
        self,
        path: Path,
        *,
        boot: str,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        is_good: Callable[[], bool] | None = None,
        capacity: int = CAPACITY,
        flush_s: float = 10.0,
        retry_s: float = 1.0,
    ) -> None:
        self._path = path
        self._keeper = Keeper(path, boot, clock, monotonic, is_good)
        self._capacity = capacity
        self._flush_s = flush_s
        self._retry_s = retry_s
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._changed = threading.Condition()
        # All below is guarded by it. Its holders only move references about: put() never waits for a disk.
        self._waiting: deque[Event | _Asked] = deque()
        self._samples = 0
        self._urgent = 0
        self._due_s = 0.0
        self._delay_s = 0.0
        self._hurry = True
        self._closing = False
        self._stopped = False
        self._gave_up = False
        self._lost_points = False
        self._trouble: Message | None = None
        self._for_good: tuple[Message, ...] = ()

    @property
    def notices(self) -> tuple[Message, ...]:
        """What a person should know; empty when all is well."""
        now = (self._trouble,) if self._trouble else ()
        return (*now, *self._for_good, *((trouble.curves_lost(),) if self._lost_points else ()))

    def start(self) -> None:
        """Open the file, in the recorder's own thread."""
        self._thread.start()

    def put(self, event: Event) -> None:
        """Take an event; it may be forgotten only if it is a sample and too many are waiting."""
        with self._changed:
            if self._stopped:
                return
            if isinstance(event, Sampled):
                if self._samples >= self._capacity:
                    self._lost_points = True
                    return
                self._samples += 1
            elif isinstance(event, SessionStarted):
                self._lost_points = False
            self._add(event)

    def ask(self, command: HistoryCommand) -> Future[Reply]:
        """Do what a person asks; it is refused for what the history does not know.

        When the disk does not take it, what was said of a session waits as events do. What removes something
        is refused then: nobody expects it any more when the disk is well again. The same command, asked
        again while it waits, is done once.
        """
        asked = _Asked(command)
        words = trouble.recorder_stopped()
        with self._changed:
            if not self._stopped and not self._closing:
                others = [item for item in self._waiting if isinstance(item, _Asked)]
                for other in others:
                    if other.command == command:
                        return other.answer
                if len(others) < MOST_ASKED:
                    self._add(asked)
                    return asked.answer
                words = trouble.history_busy()
        asked.reply(_refusal(command, self._trouble or words))
        return asked.answer

    def flush(self, timeout: float) -> bool:
        """Wait up to ``timeout`` s until all that was put is in the file; say whether it is."""
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: not self._waiting and not self._hurry, timeout)
            return done and not self._gave_up

    def close(self, timeout: float) -> bool:
        """Keep what is still waiting and stop; say whether all of it was kept within ``timeout`` s.

        A session that is still running stays open in the file, to be called interrupted next time.
        """
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        with self._changed:
            return not self._waiting and not self._gave_up

    # --- whatever follows runs in the recorder's thread, but for _add -------------------------

    def _add(self, item: Event | _Asked) -> None:
        if not self._waiting and not self._delay_s:
            self._due_s = time.monotonic() + self._flush_s
        self._waiting.append(item)
        urgent = _urgent(item)
        self._urgent += urgent
        if urgent or len(self._waiting) == 1:
            self._changed.notify_all()

    def _run(self) -> None:
        try:
            while self._turn():
                pass
        except Exception:
            _log.exception("the recorder has stopped")
            self._give_up(trouble.recorder_stopped())
        finally:
            self._keeper.close()
            with self._changed:
                self._stopped = True
                asked = self._take_asked()
            _refuse(asked, self._trouble or trouble.recorder_stopped())

    def _turn(self) -> bool:
        """Wait until something is to be done and do it; say whether to go on."""
        with self._changed:
            while (wait_s := self._wait_s()) > 0:
                self._changed.wait(wait_s)
            batch = list(itertools.islice(self._waiting, BATCH))
            closing = self._closing
        events = [item for item in batch if not isinstance(item, _Asked)]
        asked = [item for item in batch if isinstance(item, _Asked)]
        try:
            at_once = closing or any(_urgent(item) for item in batch)
            replies = self._keeper.keep(events, [item.command for item in asked], at_once=at_once)
        except RefusedError as error:
            _log.error("%s", error)
            self._give_up(trouble.history_refused(error.message))
            return False
        except (sqlite3.Error, OSError) as error:
            self._retry_later(error)
            return not closing
        for item, reply in zip(asked, replies, strict=True):
            item.reply(reply)
        self._done(len(batch))
        return not closing or bool(self._waiting)

    def _wait_s(self) -> float:
        """Seconds until the next attempt; none when it is due."""
        if self._closing or self._hurry:
            return 0.0
        now_s = time.monotonic()
        if self._delay_s:  # after a failure nothing is urgent enough to hammer at the disk
            return self._due_s - now_s
        if self._urgent:
            return 0.0
        if self._waiting:
            return self._due_s - now_s
        if not self._keeper.dated:
            return self._due_s + CLOCK_CHECK_S - now_s
        return threading.TIMEOUT_MAX

    def _done(self, count: int) -> None:
        with self._changed:
            for _ in range(count):
                item = self._waiting.popleft()
                self._samples -= isinstance(item, Sampled)
                self._urgent -= _urgent(item)
            if self._trouble:
                _log.warning("the history is being kept again")
            self._trouble, self._delay_s = None, 0.0
            self._due_s = time.monotonic() + (self._flush_s if self._waiting else 0.0)
            self._hurry = self._hurry and bool(self._waiting)
            set_aside = tuple(trouble.history_set_aside(Named(name)) for name in self._keeper.set_aside)
            self._for_good = set_aside + ((trouble.events_lost(),) if self._keeper.unwritable else ())
            self._changed.notify_all()

    def _retry_later(self, error: Exception) -> None:
        words = trouble.passing(error, self._path)
        self._keeper.recover(error)
        with self._changed:
            if words != self._trouble:
                _log.error("%s (%s)", words, error)
            self._trouble, self._hurry = words, False
            self._delay_s = min(self._delay_s * 2 or self._retry_s, LONGEST_RETRY_S)
            self._due_s = time.monotonic() + self._delay_s
            asked = self._take_asked((DeleteSession, ForgetPerson))
            self._changed.notify_all()
        _refuse(asked, words)

    def _give_up(self, words: Message) -> None:
        """Nothing will be kept until the next start: remember nothing either."""
        with self._changed:
            self._trouble, self._stopped, self._hurry = words, True, False
            self._gave_up = True
            asked = self._take_asked()
            self._waiting.clear()
            self._samples = self._urgent = 0
            self._changed.notify_all()
        _refuse(asked, words)

    def _take_asked(self, kinds: tuple[type, ...] = (object,)) -> list[_Asked]:
        asked = [
            item for item in self._waiting if isinstance(item, _Asked) and isinstance(item.command, kinds)
        ]
        if asked:
            taken = {id(item) for item in asked}
            self._waiting = deque(item for item in self._waiting if id(item) not in taken)
            self._urgent -= len(asked)
        return asked


def _urgent(item: Event | _Asked) -> bool:
    if isinstance(item, Noted):
        return item.what == "fault"
    return isinstance(item, SessionStarted | SessionEnded | _Asked)


def _refuse(asked: list[_Asked], words: Message) -> None:
    for item in asked:
        item.reply(_refusal(item.command, words))


def _refusal(command: HistoryCommand, words: Message) -> Reply:
    return Reply(False, words, getattr(command, "session", ""))
