"""The errors that the hardware layer raises on purpose: each says what, where and what to do."""

from __future__ import annotations

from hardware.message import Foreign, Message, Named, says, verbatim
from hardware.plaintext import legible

WORDS_LETTERS = 300
"""A reason that quotes a file may quote all of it."""


@says("{file}: {reason}")
def in_file(file: Named, reason: Message) -> None: ...


@says("{file}: {where}: {reason}")
def at_key(file: Named, where: Named, reason: Message) -> None: ...


class InstepError(Exception):
    """Anything Instep refuses or cannot do, as a message a person can act on."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(message)

    def __str__(self) -> str:
        return str(self.message)


class FileError(InstepError, ValueError):
    """A machine or program file that cannot be used.

    ``where`` is the key inside the file (``motor[2].pin``) or an empty string for the whole file.
    """

    def __init__(self, file: str, where: str, reason: Message) -> None:
        file, where = legible(file), short(where)
        self.file, self.where, self.reason = file, where, reason
        super().__init__(at_key(Named(file), Named(where), reason) if where else in_file(Named(file), reason))


def short(text: str) -> str:
    """``text`` of a file so that it can be shown on one line, however long it is."""
    text = legible(text)
    return text if len(text) <= WORDS_LETTERS else f"{text[: WORDS_LETTERS - 1]}…"


def quoted(words: str) -> Foreign:
    """A parser's words, which may quote the file."""
    return Foreign(short(words))


class TerminalError(InstepError):
    """What only a terminal ever shows: its commands speak English, and no catalogue has it."""

    def __init__(self, words: str) -> None:
        super().__init__(verbatim(Foreign(words)))


class BoardError(InstepError, OSError):
    """The pins cannot be reached: no daemon, no chip, or it went away."""


class NotOwnerError(BoardError):
    """The pins are another controller's now: nothing may be driven or fed any more."""


class SwitchedOffError(BoardError):
    """Somebody else has switched the machine off. The pins can still be reached, and everything is off."""
