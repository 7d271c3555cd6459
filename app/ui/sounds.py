"""Plays the few soft sounds. A machine without a speaker is silent; the screen never waits for one."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.places import ASSETS

log = logging.getLogger(__name__)

SOUNDS = ASSETS / "sounds"
MOST_WAITING = 2
"""A speaker that hangs is not to be caught up with."""


def _kivy(path: Path) -> Any:
    from kivy.core.audio import SoundLoader

    found = SoundLoader.load(str(path))
    # Without a speaker there is an object all the same, but nothing in it.
    return found if found is not None and found.length > 0 else None


class Sounds:
    """``wanted`` is asked each time; nothing of the audio system is touched before the first sound."""

    def __init__(self, wanted: Callable[[], bool], load: Callable[[Path], Any] = _kivy) -> None:
        self._wanted, self._load = wanted, load
        self._waiting: queue.Queue[str | None] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._loaded: dict[str, Any] = {}
        self._silent = False

    def play(self, name: str) -> None:
        """Soon, or not at all."""
        if self._silent or not self._wanted():
            return
        if self._thread is None:
            # Opening a sound device may take seconds: not in the screen's thread.
            self._thread = threading.Thread(target=self._run, name="sounds", daemon=True)
            self._thread.start()
        try:
            self._waiting.put_nowait(name)
        except queue.Full:
            log.info("the sound %s is left out: the speaker is busy", name)

    def close(self, wait_s: float = 0.2) -> None:
        if self._thread is not None:
            try:
                self._waiting.put(None, timeout=wait_s)
            except queue.Full:
                return
            self._thread.join(wait_s)

    def _run(self) -> None:
        while (name := self._waiting.get()) is not None:
            try:
                self._sound(name).play()
            except Exception as error:
                # Said once: a machine without a speaker is no fault.
                log.info("no sounds: %s", error)
                self._silent = True
                return

    def _sound(self, name: str) -> Any:
        if name not in self._loaded:
            found = self._load(SOUNDS / f"{name}.wav")
            if found is None:
                raise OSError("no sound device")
            self._loaded[name] = found
        return self._loaded[name]
