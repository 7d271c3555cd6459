"""The words on the screen pass through here, so that a catalogue can translate them.

Texts are whole sentences with named placeholders, never glued from pieces. What others say (the controller,
the household) comes as messages, see :mod:`app.ui.speech`.
"""

from __future__ import annotations

from gettext import NullTranslations

from hardware.message import Count, Message

_catalogue: NullTranslations = NullTranslations()


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


def of_program(text: str) -> str:
    """A text of a program's file: those that ship are translated, a person's own stay as they are."""
    return _catalogue.gettext(text) if text else text


def template(message: Message) -> str:
    """The text of a message with its places still open, in the language spoken now."""
    context = message.code
    if message.part and _catalogue.pgettext(f"{context}@{message.part}", message.text) != message.text:
        context = f"{context}@{message.part}"  # the catalogue has a sentence of its own for this part
    count = message.value("count")
    if message.many and isinstance(count, Count):
        return _catalogue.npgettext(context, message.text, message.many, count.n)
    return _catalogue.pgettext(context, message.text)
