"""Words that people write, cleaned once where they come in: what is left can be shown, compared, counted."""

from __future__ import annotations

import unicodedata

_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
"""Letters and marks by their class, and nothing to see."""

UNSEEN = frozenset({"Cc", "Cf", "Cs"})
"""Classes of what has no shape of its own: controls, marks of direction and joining, halves of a letter."""


def clean(text: str) -> str:
    """``text`` on one line, composed, with single spaces and without what cannot be seen.

    Empty when there is nothing to see in it. What joins letters in some scripts, or people in one picture,
    goes too: no font of ours has those. Cleaning twice is cleaning once.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    spaced = " ".join(text.split())
    seen = "".join(letter for letter in spaced if not _unseen(letter))
    # Composed after that, for what went may have stood between a letter and its accent.
    composed = " ".join(unicodedata.normalize("NFC", seen).split())
    return composed if any(unicodedata.category(letter)[0] in "LNPS" for letter in composed) else ""


def alike(text: str) -> str:
    """What two names have in common that nobody could tell apart by reading or typing them."""
    return unicodedata.normalize("NFC", clean(text).casefold())


def legible(text: str) -> str:
    """``text`` as it can be written on one line anywhere, with what has no shape as its number."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_numbered(letter) if _shapeless(letter) else letter for letter in text)


def _shapeless(letter: str) -> bool:
    return unicodedata.category(letter) in UNSEEN | {"Zl", "Zp"}


def _numbered(letter: str) -> str:
    number = ord(letter)
    if 0xDC80 <= number <= 0xDCFF:  # a byte of a file's name that is no UTF-8
        number -= 0xDC00
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def cleaned(raw: object) -> object:
    """The same for every text in what was read from a file; keys and all else stay as they are."""
    if isinstance(raw, str):
        return clean(raw)
    if isinstance(raw, dict):
        return {key: cleaned(value) for key, value in raw.items()}
    if isinstance(raw, list):
        return [cleaned(value) for value in raw]
    return raw


def _unseen(letter: str) -> bool:
    return (
        unicodedata.category(letter) in UNSEEN
        or letter in _INVISIBLE
        or 0xFE00 <= ord(letter) <= 0xFE0F
        or 0xE0100 <= ord(letter) <= 0xE01EF
    )
