"""The errors that the hardware layer raises on purpose: each says what, where and what to do."""

from __future__ import annotations

from hardware.plaintext import legible

REASON_LETTERS = 300
"""A reason that quotes a file may quote all of it."""


class InstepError(Exception):
    """Anything Instep refuses or cannot do, in words a person can act on."""


class FileError(InstepError, ValueError):
    """A machine or program file that cannot be used.

    ``where`` is the key inside the file (``motor[2].pin``) or an empty string for the whole file.
    """

    def __init__(self, file: str, where: str, reason: str) -> None:
        file, where, reason = legible(file), _short(legible(where)), _short(legible(reason))
        self.file, self.where, self.reason = file, where, reason
        place = f"{file}: {where}: " if where else f"{file}: "
        super().__init__(place + reason)


def _short(text: str) -> str:
    return text if len(text) <= REASON_LETTERS else f"{text[: REASON_LETTERS - 1]}…"


class BoardError(InstepError, OSError):
    """The pins cannot be reached: no daemon, no chip, or it went away."""


class NotOwnerError(BoardError):
    """The pins are another controller's now: nothing may be driven or fed any more."""


class SwitchedOffError(BoardError):
    """Somebody else has switched the machine off. The pins can still be reached, and everything is off."""
