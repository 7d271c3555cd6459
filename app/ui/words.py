"""The words on the screen pass through here, so that a catalogue can translate them.

Texts are whole sentences with named placeholders, never glued from pieces. What others say (the controller,
a program's file, the household) comes as finished English: :func:`told` finds the sentence it was made from.
"""

from __future__ import annotations

import re
from gettext import NullTranslations

from app.ui import habits

_catalogue: NullTranslations = NullTranslations()
_sentences: tuple[tuple[re.Pattern[str], str], ...] | None = None

PLACEHOLDER = re.compile(r"\{(\w+)\}")
_NEXT = re.compile(r"(?<=[.?]) (?=\S)")
_NUMBER = re.compile(r"-?\d+\.\d+(?: °C)?")


def use(catalogue: NullTranslations) -> None:
    """Speak this catalogue's language from now on; screens built before keep theirs."""
    global _catalogue  # noqa: PLW0603 - one person reads one language at a time
    _catalogue = catalogue


def _(text: str) -> str:
    return _catalogue.gettext(text)


def meant(context: str, text: str) -> str:
    """A word that says several things in English and takes several words elsewhere: what it is said of."""
    return _catalogue.pgettext(context, text)


def plural(one: str, many: str, count: int) -> str:
    """``one`` or ``many`` by count; ``{count}`` in it is filled in."""
    return _catalogue.ngettext(one, many, count).format(count=count)


def told(text: str) -> str:
    """What the machine, the household or a program's file says, in the language spoken now.

    A sentence with something filled in is found by its shape; several may follow each other. What nobody has
    translated, as the words of a person's own program, stays as it is.
    """
    if not text or type(_catalogue) is NullTranslations:
        return text
    known = _sentence(text)
    if known:
        return known
    # Several sentences, one after the other: as many of them together as are known.
    for end in reversed([found.start() for found in _NEXT.finditer(text)]):
        known = _sentence(text[:end])
        if known:
            return f"{known} {told(text[end + 1 :])}"
    return text


def _sentence(text: str) -> str:
    """A sentence that is known; empty when it is not."""
    known = _catalogue.gettext(text)
    if known != text:
        return known
    for shape, sentence in _shapes():
        found = shape.fullmatch(text)
        if found is not None:
            values = {name: _filled_in(value) for name, value in found.groupdict().items()}
            return _catalogue.gettext(sentence).format(**values)
    return ""


def _filled_in(value: str) -> str:
    """A word that may have one in this language, or a number: "39.2 °C" is "39,2 °C" elsewhere."""
    return value.replace(".", habits.current().decimal) if _NUMBER.fullmatch(value) else told(value)


def _shapes() -> tuple[tuple[re.Pattern[str], str], ...]:
    global _sentences  # noqa: PLW0603 - made when the first such sentence comes
    if _sentences is None:
        from app.ui.sentences import SENTENCES

        _sentences = tuple((shape_of(sentence), sentence) for sentence in SENTENCES)
    return _sentences


def _place(name: str) -> str:
    """What may stand there: anything where others chose the words, elsewhere no second sentence."""
    return ".+?" if name in ("file", "name", "program", "why") else r"(?:(?![.?] [A-Z]).)+?"


def shape_of(sentence: str) -> re.Pattern[str]:
    """A pattern for what a sentence becomes when its places are filled in."""
    parts = PLACEHOLDER.split(sentence)
    made = [
        re.escape(part) if at % 2 == 0 else f"(?P<{part}>{_place(part)})" for at, part in enumerate(parts)
    ]
    return re.compile("".join(made), re.DOTALL)
