"""The words on the screen pass through here, so that a catalogue can translate them.

Texts are whole sentences with named placeholders, never glued from pieces.
"""

from __future__ import annotations

from gettext import NullTranslations

_catalogue: NullTranslations = NullTranslations()


def use(catalogue: NullTranslations) -> None:
    """Speak this catalogue's language from now on; screens built before keep theirs."""
    global _catalogue  # noqa: PLW0603 - one person reads one language at a time
    _catalogue = catalogue


def _(text: str) -> str:
    return _catalogue.gettext(text)


def plural(one: str, many: str, count: int) -> str:
    """``one`` or ``many`` by count; ``{count}`` in it is filled in."""
    return _catalogue.ngettext(one, many, count).format(count=count)
