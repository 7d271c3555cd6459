"""One line of the doctor's page, and what all of them come to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

Verdict = Literal["ok", "attention", "broken"]
Section = Literal["Computer", "Pins", "Machine", "Screen", "Software"]

GRAVITY: dict[Verdict, int] = {"ok": 0, "attention": 1, "broken": 2}
"""Also the command's exit code."""


class Line(Struct, frozen=True):
    section: Section
    id: str
    """For machines; stays the same from version to version."""
    name: str
    value: str
    verdict: Verdict = "ok"
    do: str = ""
    """What to do about it; empty when all is well."""
    miswired: bool = False
    """Of an input that no sensor is on, or another one: what follows from that is told nowhere else."""


def worst(lines: Iterable[Line]) -> Verdict:
    return max((line.verdict for line in lines), key=GRAVITY.__getitem__, default="ok")
