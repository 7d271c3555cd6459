"""Tables as text: for the spreadsheets of each language, and plain for programs.

A spreadsheet takes the separator and the decimals for those of its own language, needs a byte-order mark to
read anything but English, and runs what looks like a formula. Programs want none of that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

Cell = str | int | float | None

BYTE_ORDER_MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula."""
_WORDS = re.compile(r"[^\W\d_]+")
_IN_NUMBERS = frozenset(("e", "am", "pm"))
_MONTHS = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    "mär", "mai", "okt", "dez", "ene", "abr", "ago", "dic", "fév", "avr", "juin", "juil", "aoû", "déc",
    "січ", "лют", "бер", "кві", "тра", "чер", "лип", "сер", "вер", "жов", "лис", "гру",
)  # fmt: skip
"""How the months begin in our languages."""
_TRUTHS = frozenset(
    ("true", "false", "wahr", "falsch", "verdadero", "falso", "vrai", "faux", "істина", "хибність")
)
_QUOTED = re.compile(r"""[",;\t\r\n']|^\s|\s$""")
"""Every separator there is: whichever a spreadsheet takes, a text stays in its cell."""


@dataclass(frozen=True)
class Style:
    """How a table is written."""

    separator: str = ","
    decimal: str = "."
    for_spreadsheet: bool = False

    @property
    def start(self) -> str:
        """What comes before the first line."""
        return BYTE_ORDER_MARK if self.for_spreadsheet else ""

    def line(self, cells: Iterable[Cell]) -> str:
        return self.separator.join(map(self._cell, cells)) + "\r\n"

    def moment(self, at_s: float) -> str:
        """A point in time (seconds since 1970) in this place's time: as every spreadsheet takes one, or as
        ISO 8601 with the offset."""
        local = datetime.fromtimestamp(at_s, UTC).astimezone()
        if self.for_spreadsheet:
            return local.strftime("%Y-%m-%d %H:%M:%S")
        return local.isoformat(timespec="seconds")

    def text(self, text: str | None) -> str | None:
        """A text that nothing is made of: in a spreadsheet an apostrophe keeps it from being a formula,
        a number or a date. Programs get it as it is."""
        if text is None or not self.for_spreadsheet:
            return text
        seen = text.lstrip()
        while seen and unicodedata.category(seen[0])[0] in "CZ":
            seen = seen[1:]
        if text.startswith(_FORMULA) or seen.startswith(_FORMULA) or _like_a_value(seen):
            return f"'{text}"
        return text

    def _cell(self, cell: Cell) -> str:
        match cell:
            case None:
                return ""
            case float():
                return str(cell).replace(".", self.decimal)
            case int():
                return str(cell)
        return '"' + cell.replace('"', '""') + '"' if _QUOTED.search(cell) else cell


def _like_a_value(text: str) -> bool:
    """Whether a spreadsheet could read this as a number, an amount, a time, a date, or as true or false."""
    words = [word.casefold() for word in _WORDS.findall(text)]
    if not any(letter.isdigit() for letter in text):
        return words == [text.strip().casefold()] and words[0] in _TRUTHS
    return all(word in _IN_NUMBERS or word.startswith(_MONTHS) for word in words)


PLAIN = Style()


def spreadsheet(decimal: str = ".") -> Style:
    """For a spreadsheet in a language with this decimal sign; where it is a comma, semicolons separate."""
    return Style(";" if decimal == "," else ",", decimal, for_spreadsheet=True)
