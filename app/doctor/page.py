"""All that the doctor looks at, in the order it is read aloud, and the page of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from textwrap import wrap

import msgspec
from msgspec.structs import replace

from app.doctor import computer, parts, pins, screen, software
from app.doctor.line import GRAVITY, Line, Section, worst
from app.doctor.look import Look
from app.version import our_version

log = logging.getLogger(__name__)

Check = Callable[[Look], Iterator[Line]]

CHECKS: tuple[tuple[Section, Check], ...] = (
    ("Computer", computer.model),
    ("Computer", computer.system),
    ("Computer", computer.power),
    ("Computer", computer.warmth),
    ("Computer", computer.disk),
    ("Computer", computer.shield),
    ("Computer", computer.clock),
    ("Pins", pins.machine_file),
    ("Pins", pins.controller),
    ("Pins", pins.daemon),
    ("Pins", pins.chip),
    ("Pins", pins.spi),
    ("Pins", pins.groups),
    ("Machine", parts.parts),
    ("Screen", screen.display),
    ("Screen", screen.picture),
    ("Screen", screen.touch),
    ("Screen", screen.backlight),
    ("Software", software.versions),
    ("Software", software.services),
    ("Software", software.database),
    ("Software", software.programs),
    ("Software", software.backup),
    ("Software", software.commissioned),
)

WIDTH = 110
NAMES = 20
INDENT = 14 + NAMES
"""Columns."""

SAID = {
    "ok": "All is well.",
    "attention": "It works; some lines want attention.",
    "broken": "Something is broken: begin with the first such line.",
}


def examine(look: Look) -> list[Line]:
    """Every line. A check that fails itself is a line, and costs no other."""
    lines: list[Line] = []
    for section, check in CHECKS:
        try:
            lines += check(look)
        except Exception as error:
            log.debug("%s", check, exc_info=True)
            name = check.__name__.replace("_", " ").capitalize()
            value = f"could not be looked at ({type(error).__name__}: {error})"
            do = "Look yourself; with `instep -v doctor` more is said about why."
            lines.append(Line(section, check.__name__, name, value, "attention", do))
    return lines


def page(lines: Sequence[Line], mark: Callable[[Line], str]) -> str:
    """The lines as text; ``mark`` gives the verdict's word."""
    written: list[str] = []
    section = ""
    for line in lines:
        if line.section != section:
            section = line.section
            written += ["", section]
        first, *more = _wrapped(line.value)
        written.append(f"  {mark(line)}  {line.name:<{NAMES}} {first}")
        written += [f"{'':{INDENT}}{rest}" for rest in more]
        written += [
            f"{'':{INDENT}}{'  ' if at else '→ '}{rest}" for at, rest in enumerate(_wrapped(line.do)) if rest
        ]
    counts = [
        f"{len(found)} {verdict}"
        for verdict in GRAVITY
        if (found := [x for x in lines if x.verdict == verdict])
    ]
    return "\n".join((*written[1:], "", f"{SAID[worst(lines)]} ({', '.join(counts)})"))


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDTH - INDENT, break_long_words=False, break_on_hyphens=False) or [""]


def report(lines: Sequence[Line], at_s: float) -> str:
    """The same for machines, as JSON."""
    found = {
        "verdict": worst(lines),
        "at": datetime.fromtimestamp(at_s, UTC),
        "version": our_version(),
        "lines": [replace(line, value=_sound(line.value), do=_sound(line.do)) for line in lines],
    }
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()


def _sound(text: str) -> str:
    """Without the halves of letters that a path from another locale is read as: JSON has no room for them."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
