"""Whatever the command line is run in: a terminal of any encoding, a pipe that closes, no streams at all.

What a terminal cannot show is written with the letters that it has, and what cannot be written any more is a
sentence at most.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import sys
import unicodedata
from typing import TextIO

import click

AS_ASCII = {
    "→": "->",
    "←": "<-",
    "↑": "^",
    "↓": "v",
    "°": "",
    "…": "...",
    "−": "-",
    "–": "-",
    "—": "-",
    "·": "*",
    "×": "x",
    "±": "+-",
    "≤": "<=",
    "≥": ">=",
    "\u2126": "ohm",
    "\u03a9": "ohm",
    "\u00b5": "u",
    "\u03bc": "u",
    "„": '"',
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "█": "#",
    "━": "-",
    "╸": "-",
    "╺": "-",
    "▏": "|",
}
BRAILLE = range(0x2800, 0x2900)
HANDLER = "instep-legible"
PLACES = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
WHAT_TO_DO = "; make room there, or choose another place with --data, --runtime or for the output"


def legible(text: str) -> str:
    """The same in ASCII, as far as it goes."""
    return "".join(map(_letter, text))


def _letter(letter: str) -> str:
    if letter.isascii():
        return letter
    if ord(letter) in BRAILLE:
        return " " if ord(letter) == BRAILLE[0] else ":"
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", letter) if sign.isascii())
    return AS_ASCII.get(letter, plain or "?")


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return legible(error.object[error.start : error.end]), error.end


codecs.register_error(HANDLER, _replace)


def prepare() -> None:
    """Make the standard streams take everything that is written to them."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # Closed: the next file that is opened would be it, and get what is printed.
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = _nowhere()
    if sys.stderr is None:
        sys.stderr = _nowhere()
    if not os.environ.get("COLUMNS", "1").strip("0"):
        # No terminal is so narrow; it means that nobody knows.
        del os.environ["COLUMNS"]
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=HANDLER)


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")


def lost(error: OSError) -> int:
    """Say an error of the system that nobody else has put into words, and return the exit code."""
    if isinstance(error, BrokenPipeError):
        # Whoever read has seen enough.
        drop_output()
        return 1
    about = f"{error.filename}: " if error.filename else ""
    do = WHAT_TO_DO if error.errno in PLACES else ""
    reason = f"{error.strerror or error}{do}"
    with contextlib.suppress(OSError):
        click.echo(f"Error: {about}{reason}", err=True)
    drop_output()
    return 1


def drop_output() -> None:
    """Nothing that still waits to be written is complained of at the end of the process."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with contextlib.suppress(OSError, ValueError):
                os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
