"""Messages and faults as tests need them."""

from __future__ import annotations

from functools import cache

from hardware.message import Foreign, Message, verbatim
from hardware.messages import FaultView
from hardware.safety.faults import FaultLog
from hardware.safety.pad_watch import Present
from scripts.catalogues.spoken import Declared, messages


def say(words: str) -> Message:
    """The declared message that has this text; else one of these words, which no catalogue has."""
    for declared in _declared():
        if declared.text == words:
            return Message(declared.code, words)
    return verbatim(Foreign(words))


@cache
def _declared() -> tuple[Declared, ...]:
    return tuple(messages())


def fault_view(
    code: str, found: Message | None = None, *, stops: bool = True, present: bool = True
) -> FaultView:
    """As a controller would send it."""
    log = FaultLog()
    log.update({code: Present(found, stops)}, 0.0)
    if not present:
        log.update({}, 1.0)
    return log.views()[0]
