"""One page of going through the machine: what is said, and what can be answered. Plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    name: str
    text: str
    style: str = "plain"


@dataclass(frozen=True)
class Shown:
    heading: str
    words: str = ""
    choices: tuple[Choice, ...] = ()
    lines: tuple[str, ...] = ()
    """What was found; empty when nothing was."""
    many: bool = False
    """The choices are parts of the machine: small and many."""
    note: str = ""


def primary(name: str, text: str) -> Choice:
    return Choice(name, text, "primary")
