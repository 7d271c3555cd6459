"""The keyboard as plain values: its letters in each language, and what has been typed."""

from __future__ import annotations

from dataclasses import dataclass, replace

PER_ROW = 11
"""More keys than this in a row are too small for a finger."""

QWERTY = ("qwertyuiop", "asdfghjkl", "zxcvbnm-'")
ROWS: dict[str, tuple[str, ...]] = {
    "en": QWERTY,
    "de": ("qwertzuiopü", "asdfghjklöä", "yxcvbnmß-'"),
    "es": ("qwertyuiop-", "asdfghjklñ'", "zxcvbnmáéíó"),
    "fr": ("azertyuiopé", "qsdfghjklmè", "wxcvbnçêï-'"),
    "uk": ("йцукенгшщзх", "фівапролджє", "ячсмитьбюїґ"),
}
ACCENTS = ("àáâäãåæçèéê", "ëìíîïñòóôöõ", "øœùúûüýÿß-'")
EASTERN = ("ąăćčďđęěğıł", "İľńňőřśšşșť", "țůűźżž-'")
"""Of Polish, Czech, Slovak, Hungarian, Romanian, Croatian, Turkish."""
SAMPLE = {"latin": "abc", "accents": "äéñ", "eastern": "łčş", "cyrillic": "абв"}


@dataclass(frozen=True)
class Page:
    kind: str
    rows: tuple[str, ...]

    @property
    def letters(self) -> str:
        return "".join(self.rows)

    @property
    def halves(self) -> tuple[str, ...]:
        """The rows people know, each broken in its middle: for a screen too narrow for all of one."""
        found = []
        for row in self.rows:
            middle = -(-len(row) // 2)
            found += [row[:middle], row[middle:]]
        return tuple(found)


def pages(language: str) -> tuple[Page, ...]:
    """The keyboard's pages, the language's own letters first."""
    cyrillic = Page("cyrillic", ROWS["uk"])
    accents = (Page("accents", ACCENTS), Page("eastern", EASTERN))
    if language == "uk":
        return (cyrillic, Page("latin", QWERTY), *accents)
    return (Page("latin", ROWS.get(language, QWERTY)), *accents, cyrillic)


@dataclass(frozen=True)
class Typing:
    """Every key gives a new one. A name's words begin with a capital by themselves."""

    text: str = ""
    most: int = 20
    shift: bool = True
    page: int = 0

    @classmethod
    def of(cls, text: str, most: int) -> Typing:
        return cls(text, most, _begins(text))

    @property
    def full(self) -> bool:
        return len(self.text) >= self.most

    @property
    def empty(self) -> bool:
        return not self.text.strip()

    def letter(self, letter: str) -> Typing:
        if self.full:
            return self
        text = self.text + (self.cased(letter))
        return replace(self, text=text, shift=_begins(text))

    def cased(self, letter: str) -> str:
        """As the key shows it. A sharp s has no capital that names use."""
        return letter.upper() if self.shift and len(letter.upper()) == 1 else letter

    def space(self) -> Typing:
        if self.full or self.text.endswith(" ") or not self.text:
            return self
        return replace(self, text=self.text + " ", shift=True)

    def backspace(self) -> Typing:
        text = self.text[:-1]
        return replace(self, text=text, shift=_begins(text))

    def shifted(self) -> Typing:
        return replace(self, shift=not self.shift)

    def turned(self, count: int) -> Typing:
        """The next of ``count`` pages."""
        return replace(self, page=(self.page + 1) % count)


def _begins(text: str) -> bool:
    return not text or text[-1] in " -"
