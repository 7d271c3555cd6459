"""Programs as the screen says them: the words of the shipped ones in the language spoken now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from app.ui.words import told
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
        title=told(program.title),
        line=told(program.line),
        about=told(program.about),
        advice=told(program.advice),
        cold=told(program.cold),
    )
