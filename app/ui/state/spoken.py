"""Programs as the screen says them: the words of the shipped ones in the language spoken now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from app.glyphs import UNKNOWN, drawable
from app.ui.words import of_program
from hardware.program import Program


class Spoken(Mapping[str, Program]):
    """A view of ``programs``, which may change; who asks gets each in today's words."""

    def __init__(self, programs: Mapping[str, Program]) -> None:
        self._programs = programs

    def __getitem__(self, program: str) -> Program:
        return spoken(self._programs[program])

    def __iter__(self) -> Iterator[str]:
        return iter(self._programs)

    def __len__(self) -> int:
        return len(self._programs)


def spoken(program: Program) -> Program:
    """Its own texts; phases and guides come from the controller as they are played."""
    return replace(
        program,
        title=_title(of_program(program.title), program.id),
        line=drawable(of_program(program.line)),
        about=of_program(program.about),
        advice=of_program(program.advice),
        cold=of_program(program.cold),
    )


def _title(title: str, file: str) -> str:
    """A title whose letters the screen has not makes way for the file's name."""
    for words in (drawable(title), drawable(file)):
        if any(letter.isalnum() for letter in words):
            return words
    return UNKNOWN
