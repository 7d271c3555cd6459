"""Sentences that come to the screen finished, with something filled in: their shapes, for the catalogues.

The code that says them speaks English and knows no screen; a test holds this list to what stands there.
"""

from __future__ import annotations

SENTENCES: tuple[str, ...] = (
    "{file} cannot be read: {why}.",
    "{file} cannot be written: {why}",
    "{file} is not written: {why}",
    "{file} could not be understood; it is kept as {name}.",
    "{file} could not be understood: {why}.",
    "There is room for {count} people. Remove somebody first.",
    "A name has at most {count} letters.",
    "There is a {name} already.",
    "A PIN has {count} digits.",
    "The history was damaged. It has been kept as {name}, and a new one was begun.",
    "The history is not being kept: {why}.",
    "There is no program named {program}.",
    "The parts that {program} needs cannot be used now.",
    "{program} takes {shortest} to {longest} minutes.",
    "Your sessions are at most {count} minutes.",
    "Your intensity is at most {level}.",
    "{program} has nothing to {kind} with here.",
    "{program} does not work on the {zone}.",
    "{program} is done without warmth.",
    "This machine has no {side} pad.",
    "This machine has {count} {part}s; there is no number {number}.",
    "A session is at most {count} minutes.",
    "This program has {count} phases.",
)

FILLED_IN: tuple[str, ...] = (
    "knead",
    "roll",
    "squeeze",
    "vibrate",
    "heat",
    "left",
    "right",
    "motor",
    "bag",
    "pad",
    "No space left on device",
    "Permission denied",
    "Read-only file system",
)
"""What may be filled in and has words of its own; zones and titles have theirs elsewhere."""
