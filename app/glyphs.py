"""Which letters the screen can draw: those of our own fonts. There is no other font to fall back on.

A name is refused with the letter that cannot be shown; in words that are somebody else's (a program's title,
a file's name) it stands as a question mark, and a picture in them is left out.
"""

from __future__ import annotations

import struct
import unicodedata
from array import array
from bisect import bisect_left
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from sys import byteorder

from app.places import ASSETS

FONT = ASSETS / "fonts" / "Manrope-SemiBold.ttf"
"""Its sisters have the same letters."""
UNKNOWN = "?"


def undrawable(text: str) -> str:
    """The letters of ``text`` that the screen has not, each once, in their order."""
    if text.isascii():
        return ""
    font = _font()
    return "".join(dict.fromkeys(letter for letter in text if letter != "\n" and not font.has(letter)))


@lru_cache(maxsize=2048)
def drawable(text: str) -> str:
    """``text`` with nothing in it that would be drawn as an empty box."""
    missing = undrawable(text)
    if not missing:
        return text
    parts = []
    for kind, letters in groupby(text, lambda letter: _kind(letter) if letter in missing else ""):
        parts.append("".join(letters) if kind == "" else UNKNOWN if kind == "letter" else "")
    return "\n".join(" ".join(line.split()) for line in "".join(parts).split("\n"))


def _kind(letter: str) -> str:
    return "letter" if unicodedata.category(letter)[0] in "LNP" else "picture"


class Font:
    """The table of a TrueType font that leads from letters to their shapes (its format 4)."""

    def __init__(self, path: Path) -> None:
        """Raises OSError; struct.error or LookupError for what is no such font."""
        raw = path.read_bytes()
        (count,) = struct.unpack_from(">H", raw, 4)
        tables = (struct.unpack_from(">4s4xL", raw, 12 + 16 * at) for at in range(count))
        cmap = dict(tables)[b"cmap"]
        (count,) = struct.unpack_from(">H", raw, cmap + 2)
        ways = (struct.unpack_from(">HHL", raw, cmap + 4 + 8 * at) for at in range(count))
        begins = cmap + {(platform, encoding): at for platform, encoding, at in ways}[3, 1]
        form, length = struct.unpack_from(">HH", raw, begins)
        if form != 4:
            raise LookupError(form)
        words = array("H", raw[begins : begins + length])
        if byteorder == "little":
            words.byteswap()
        self._words, many = words, words[3] // 2
        self._ends = words[7 : 7 + many]
        self._starts_at = 8 + many
        self._many = many

    def has(self, letter: str) -> bool:
        code = ord(letter)
        at = bisect_left(self._ends, code)
        if at == self._many or code > 0xFFFE or code < self._words[self._starts_at + at]:
            return False
        delta_at = self._starts_at + self._many + at
        offset_at = delta_at + self._many
        offset = self._words[offset_at]
        if not offset:
            return (code + self._words[delta_at]) % 0x10000 != 0
        place = offset_at + offset // 2 + code - self._words[self._starts_at + at]
        return place < len(self._words) and self._words[place] != 0


class _NoFont:
    """Ours are not installed: nobody knows."""

    def has(self, letter: str) -> bool:
        return True


@cache
def _font() -> Font | _NoFont:
    try:
        return Font(FONT)
    except (OSError, struct.error, LookupError):
        return _NoFont()
