"""The file of what safety has to remember: read at the start, written whole by a thread of its own (S13).

Small and apart from the history: it is read before anything is driven, and nothing of it is ever dropped.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import shutil
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from app.files import in_memory, write_whole
from app.filing import Filing
from app.sessions.clock import boot_id, clock_is_good
from hardware.errors import InstepError
from hardware.plainfile import TooLargeError, read_regular, without_mark
from hardware.safety.memory import FRESH, Keep, Memory, Recalled

log = logging.getLogger(__name__)

MAX_BYTES = 1024 * 1024
SPARE_BYTES = 64 * 1024
RETRY_S = 1.0
LOOK_S = 2.0
"""How often a clock that is not known to be good is asked again."""


class _Stamp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    boot: Annotated[str, Meta(max_length=64)]
    """Of the computer; within one, the monotonic clock tells how long ago."""
    monotonic_s: float
    wall_s: float | None
    """Seconds since 1970; None: the clock was not known to be good."""


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Literal[1] = 1
    stamp: _Stamp
    memory: Memory


class SafetyFile:
    """``recalled`` is what the file said; ``put`` keeps what a later start is to know, and never waits.

    ``written`` is the number of the newest that is on the disk. ``off_s`` is how long before this start the
    file was written, None until a clock that is good can tell. A file that cannot be understood is set
    aside under another name. A controller that is killed in the very moment has left a copy in ``runtime``,
    for as long as the computer runs: where that is memory (``at_once``) it is there as soon as ``put``
    returns; where it is a disk, as soon as that has taken it.
    """

    def __init__(
        self,
        path: Path,
        runtime: Path,
        *,
        boot: str | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        is_good: Callable[[], bool] | None = None,
        write: Callable[[Path, str], None] = write_whole,
        at_once: bool | None = None,
    ) -> None:
        self.path = path
        self._copies = None if (in_memory(runtime) if at_once is None else at_once) else Filing()
        self._copy = runtime / path.name
        self._spare = path.with_name(f"{path.stem}.spare")
        self.written = 0
        self.off_s: float | None = None
        self._boot = boot if boot is not None else boot_id()
        self._clock, self._monotonic = clock, monotonic
        self._is_good = is_good or (lambda: clock_is_good(clock))
        self._write = write
        self._began_s = monotonic()
        self._stamp: _Stamp | None = None
        self._spoilt = False
        """What stands in the file cannot be read; it stays so until a new one takes its place."""
        self.recalled = self._recall()
        self._changed = threading.Condition()
        self._waiting: tuple[Keep, float] | None = None
        """And when it was put: what happens after that is not in it."""
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="safety-file", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, keep: Keep) -> None:
        put_s = self._monotonic()
        text = self._text(keep.memory, put_s, None)
        if self._copies is None:
            self._write_copy(text)
        else:
            with contextlib.suppress(InstepError):  # it is being closed
                self._copies.put(self._copy, partial(self._write_copy, text))
        with self._changed:
            self._waiting = keep, put_s
            self._changed.notify()

    def _write_copy(self, text: str) -> None:
        with contextlib.suppress(OSError):  # then the file alone has to do
            new = self._copy.with_name(f".{self._copy.name}.new")
            new.write_text(text, encoding="utf-8")
            new.replace(self._copy)

    def close(self, timeout: float) -> bool:
        """Write what is waiting and stop; whether all was written within ``timeout`` s."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        if self._copies is not None:
            self._copies.close(timeout if self._waiting is None else 0.0)
        return self._waiting is None

    # --- reading -------------------------------------------------------------------------------------

    def _recall(self) -> Recalled:
        copy = self._copied()
        try:
            found = _read(self.path)
            of_before = found.stamp.boot != self._boot
            if copy is not None and (of_before or copy.stamp.monotonic_s > found.stamp.monotonic_s):
                found = copy
        except FileNotFoundError:
            if copy is None:
                return FRESH
            found = copy
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            log.error("%s cannot be read: %s", self.path, error)
            self._spoilt = True
            if copy is None:
                return Recalled(Memory(), None, damaged=True)
            self._stamp = copy.stamp
            self.off_s = self._passed()
            return Recalled(copy.memory, self.off_s, damaged=True)
        self._stamp = found.stamp
        self.off_s = self._passed()
        return Recalled(found.memory, self.off_s)

    def _copied(self) -> _File | None:
        """The copy, if there is one of this run of the computer."""
        try:
            copy = _read(self._copy)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        return copy if copy.stamp.boot == self._boot else None

    def _passed(self) -> float | None:
        """How long before this start the file was written; None while nobody can tell."""
        stamp = self._stamp
        if stamp is None:
            return None
        if stamp.boot == self._boot and stamp.monotonic_s <= self._began_s:
            return self._began_s - stamp.monotonic_s
        if stamp.wall_s is None or not self._is_good():
            return None
        began_wall_s = self._clock() - (self._monotonic() - self._began_s)
        return max(began_wall_s - stamp.wall_s, 0.0)

    def _set_aside(self) -> None:
        """Keep what was damaged beside: a copy, so that there is never a moment without either."""
        kept = self.path.with_name(f"{self.path.stem}.damaged-{time.time_ns() // 1_000_000_000}.json")
        try:
            shutil.copyfile(self.path, kept)
            log.error("%s is kept as %s", self.path, kept.name)
        except OSError as error:
            log.error("%s cannot be set aside: %s", self.path, error)
        if self.path.is_dir():
            with contextlib.suppress(OSError):
                self.path.rename(kept)

    # --- writing, in its own thread ------------------------------------------------------------------

    def _run(self) -> None:
        failing = ""
        while True:
            with self._changed:
                while self._waiting is None and not self._closing:
                    knows = self._stamp is None or self.off_s is not None
                    if not self._changed.wait(None if knows else LOOK_S):
                        break
                waiting, closing = self._waiting, self._closing
            if self.off_s is None:
                self.off_s = self._passed()
            if waiting is not None:
                keep, put_s = waiting
                if self._spoilt:
                    self._set_aside()
                    self._spoilt = False
                try:
                    wall_s = self._clock() - (self._monotonic() - put_s) if self._is_good() else None
                    self._write(self.path, self._text(keep.memory, put_s, wall_s))
                except OSError as error:
                    if error.errno == errno.ENOSPC and self._give_room():
                        continue
                    why = error.strerror or str(error)
                    if why != failing:
                        log.error("%s cannot be written: %s", self.path, why)
                    failing = why
                    if closing:
                        return
                    time.sleep(RETRY_S)
                    continue
                failing = ""
                self.written = keep.number
                self._keep_room()
                with self._changed:
                    if self._waiting is waiting:
                        self._waiting = None
            elif closing:
                return

    def _keep_room(self) -> None:
        """A little of the disk is held for the day on which there is none left."""
        if not self._spare.exists():
            with contextlib.suppress(OSError):
                self._spare.write_bytes(bytes(SPARE_BYTES))

    def _give_room(self) -> bool:
        """Whether there was some to give."""
        try:
            self._spare.unlink()
        except OSError:
            return False
        return True

    def _text(self, memory: Memory, put_s: float, wall_s: float | None) -> str:
        stamp = _Stamp(boot=self._boot, monotonic_s=put_s, wall_s=wall_s)
        return msgspec.json.format(msgspec.json.encode(_File(stamp=stamp, memory=memory))).decode() + "\n"


def _read(path: Path) -> _File:
    """Raises OSError, or msgspec's errors for what is not one of ours."""
    try:
        raw = read_regular(path, MAX_BYTES)
    except TooLargeError as error:
        raise msgspec.DecodeError("larger than any of ours") from error
    return msgspec.json.decode(without_mark(raw), type=_File)
