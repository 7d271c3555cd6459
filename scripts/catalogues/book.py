"""Catalogues as files: what should be in them, what is, and bringing the two together."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from hardware.message import PLACE as PLACEHOLDER
from scripts.catalogues import spoken

ROOT = spoken.ROOT
WORDS = ROOT / "assets" / "words"
BEGUN = datetime(2026, 11, 21, tzinfo=UTC)
"""In every header: a date that changed by itself would be a change in every commit."""
HEADER = "# Instep's words. Take them along, change them, add a language: see CONTRIBUTING.md.\n#"


def template() -> Catalog:
    """Every message there is now, with the files it stands in."""
    found = Catalog(project="Instep", version="1", creation_date=BEGUN, charset="utf-8")
    keywords = {"_": None, "plural": (1, 2), "meant": ((1, "c"), 2)}
    ui = ROOT / "app" / "ui"
    for file, _line, message, comments, context in extract_from_dir(ui, keywords=keywords):
        found.add(message, locations=[(f"app/ui/{file}", 0)], auto_comments=comments, context=context)
    for message, where in spoken.programs():
        found.add(message, locations=[(where, 0)])
    for said in spoken.messages():
        if PLACEHOLDER.sub("", said.text).strip(": "):  # what is only values needs no words
            text = (said.text, said.many) if said.many else said.text
            found.add(text, locations=[(said.where, 0)], context=said.code)
    for each in found:
        if each.id:
            each.locations = sorted(set(each.locations))
            # Our places are named in braces; nothing is formatted by position.
            each.flags.discard("python-format")
            each.flags.discard("python-brace-format")
    return found


def languages() -> list[str]:
    return sorted(path.parent.parent.name for path in WORDS.glob("*/LC_MESSAGES/instep.po"))


def po(language: str) -> Path:
    return WORDS / language / "LC_MESSAGES" / "instep.po"


def mo(language: str) -> Path:
    return po(language).with_suffix(".mo")


def read(language: str) -> Catalog:
    with po(language).open("rb") as file:
        return read_po(file, locale=language)


def begin(language: str) -> None:
    """An empty catalogue."""
    po(language).parent.mkdir(parents=True, exist_ok=True)
    _write(
        language,
        Catalog(locale=language, project="Instep", version="1", creation_date=BEGUN, charset="utf-8"),
    )
    update(language, template())


def update(language: str, wanted: Catalog) -> None:
    """New messages come in untranslated, unused ones go."""
    catalogue = read(language)
    catalogue.update(wanted, no_fuzzy_matching=True, update_header_comment=False)
    _write(language, catalogue)


def _write(language: str, catalogue: Catalog) -> None:
    catalogue.header_comment, catalogue.fuzzy = HEADER, False
    catalogue.creation_date = catalogue.revision_date = BEGUN
    catalogue.last_translator = catalogue.language_team = "Instep"
    with po(language).open("wb") as file:
        write_po(file, catalogue, width=110, ignore_obsolete=True, include_lineno=False, sort_by_file=True)
    mo(language).write_bytes(compiled(catalogue))


def compiled(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def _meaning(compiled: Path | io.BytesIO) -> tuple[dict[str, tuple[str, ...]], str] | None:
    """What a compiled catalogue says, whoever compiled it; None where it cannot be read."""
    try:
        file = io.BytesIO(compiled.read_bytes()) if isinstance(compiled, Path) else compiled
        found = read_mo(file)
    except (OSError, ValueError, struct.error):
        return None
    said = {_key(message): _forms(message) for message in found if message.id}
    return said, found.plural_forms


def _forms(message: Message) -> tuple[str, ...]:
    """What is said, by plural form; empty where it is not translated."""
    said = message.string
    return (said or "",) if isinstance(said, str | None) else tuple(form or "" for form in said)


def problems(language: str, wanted: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue, a line each."""
    catalogue = read(language)
    here = {_key(message) for message in catalogue if message.id}
    there = {_key(message) for message in wanted if message.id}
    yield from (f"{language}: missing: {key}" for key in sorted(there - here))
    yield from (f"{language}: not used any more: {key}" for key in sorted(here - there))
    for message in catalogue:
        if not message.id or _key(message) not in there:
            continue
        forms = _forms(message)
        if message.fuzzy:
            yield f"{language}: unsure: {_key(message)}"
        elif not all(forms) or (message.pluralizable and len(forms) != catalogue.num_plurals):
            yield f"{language}: not translated: {_key(message)}"
        else:
            yield from _misplaced(language, message, forms)
    if _meaning(mo(language)) != _meaning(io.BytesIO(compiled(catalogue))):
        yield f"{language}: {mo(language).name} is not what is in {po(language).name}"


def _misplaced(language: str, message: Message, forms: tuple[str, ...]) -> Iterator[str]:
    """The same places to fill in; "one" may be said in words."""
    places = set(PLACEHOLDER.findall(message.id if isinstance(message.id, str) else message.id[-1]))
    for number, form in enumerate(forms):
        said = set(PLACEHOLDER.findall(form))
        if said != places and not (message.pluralizable and number == 0 and said == places - {"count"}):
            yield f"{language}: other places to fill in: {form}"


def _key(message: Message) -> str:
    words = str(message.id if isinstance(message.id, str) else message.id[0])
    return f"{message.context}: {words}" if message.context else words
