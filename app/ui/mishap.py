"""What becomes of a mistake in a screen."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from kivy.base import ExceptionHandler, ExceptionManager

log = logging.getLogger(__name__)


class KeepGoing(ExceptionHandler):
    """A mistake in a screen is logged and shown; the loop, and Stop with it, goes on."""

    def __init__(self, shown: Callable[[], None]) -> None:
        self._shown = shown

    def handle_exception(self, inst: BaseException) -> Any:
        if not isinstance(inst, Exception):
            return ExceptionManager.RAISE
        log.error("a screen failed", exc_info=inst)
        self._shown()
        return ExceptionManager.PASS
