"""Whom a session in the terminal is for, and what is asked of a guest before it (S14)."""

from __future__ import annotations

from typing import TypedDict

import click

from app.household.people import People, person_unknown
from app.household.screening import EFFECTS, QUESTIONS
from app.places import Places
from app.ui.state.questions import adapting, new_today, refusing
from hardware.errors import InstepError, TerminalError
from hardware.plaintext import alike

NONE = "none"


class Whom(TypedDict):
    """What of a start says whom it is for."""

    person: str | None
    answers: tuple[str, ...] | None


def for_whom(name: str | None, answers: str | None, places: Places) -> Whom:
    """The person of this name, or a guest with their answers: those given, or asked for in the terminal.

    Raises InstepError for a name that is not known here, and where nobody answers.
    """
    if name is not None:
        if answers is not None:
            raise TerminalError("A person's answers are kept with them: --answers is for a guest.")
        wanted = alike(name)
        found = [person for person in People(places.people).all if alike(person.name) == wanted]
        if not found:
            raise InstepError(person_unknown())
        if len(found) > 1:  # in a file that was edited; the answers of one are not the other's
            raise TerminalError(
                f"{found[0].name} is what {len(found)} people are called: rename one of them."
            )
        return Whom(person=found[0].id, answers=None)
    return Whom(person=None, answers=_asked() if answers is None else _given(answers))


def _given(answers: str) -> tuple[str, ...]:
    if answers.strip().casefold() == NONE:
        return ()
    ids = tuple(id_.strip() for id_ in answers.split(",") if id_.strip())
    unknown = [id_ for id_ in ids if id_ not in EFFECTS]
    if unknown or not ids:
        known = ", ".join(question.id for question in QUESTIONS)
        raise TerminalError(f"--answers takes {NONE}, or some of: {known}")
    return ids


def _asked() -> tuple[str, ...]:
    """The guest's card in the terminal."""
    rows = (*refusing(), *adapting())
    click.echo("Before the first massage. Which of these apply to you?")
    for number, row in enumerate(rows, 1):
        click.echo(f"  {number:2}  {row.words} ({row.what or 'no massage'})")
    click.echo(f"To start is to say that nothing is new today: {', '.join(new_today()).lower()}.")
    try:
        said: tuple[int, ...] = click.prompt(
            f"Their numbers, with commas, or {NONE}", value_proc=lambda text: _numbers(text, len(rows))
        )
    except click.Abort:
        raise TerminalError(
            f"The questions about health were not answered. Without a terminal: --answers {NONE}, "
            "or those that apply."
        ) from None
    return tuple(id_ for number in said for id_ in rows[number - 1].ids)


def _numbers(text: str, most: int) -> tuple[int, ...]:
    if text.strip().casefold() == NONE:
        return ()
    parts = [part.strip() for part in text.split(",")]
    if all(part.isdecimal() and 1 <= int(part) <= most for part in parts):
        return tuple(int(part) for part in parts)
    raise click.UsageError(f"Numbers from 1 to {most} with commas between them, or {NONE}.")
