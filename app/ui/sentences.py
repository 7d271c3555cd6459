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
    "{name} is what guests are called here. Choose another name.",
    "The screen cannot show {name}. Write the name in other letters.",
    "A PIN has {count} digits.",
    "The history was damaged. It has been kept as {name}, and a new one was begun.",
    "The history is not being kept: {why}.",
    "What was said last is not kept: {why}.",
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
    "The {side} pad's sensors read {a} and {b}.",
    "The {side} pad reads {a} and {b} °C.",
    "The {side} pad reads {c} °C.",
    "The {side} pad is at {c} °C at rest.",
    "The {side} pad is at {c} °C, the other at {c2} °C: it has to cool first.",
    "The {side} pad rose to {c} °C with its output off.",
    "The {side} pad reads {c} °C, where its heat should have made {c2} °C: none arrives.",
    "The {side} pad's sensors read {c} °C; its heat makes {c2} °C.",
    "A {side} pad sensor stands still.",
    "The {side} pad does not follow its output: check its plug, its fuse and its sensors.",
    "The {side} pad's output shows at the {other} pad's sensors: their plugs or their sensors are swapped.",
    "The {zone} bag's sensor is out of range.",
    "The {zone} bag was given air {count} times and no pressure came.",
    "The {zone} bag reads {mmhg} mmHg.",
    "The {zone} bag reads {mmhg} mmHg at rest, which should be about 0.",
    "The {zone} bag still reads {mmhg} mmHg {seconds} s after it was opened.",
    "The {zone} bag did not fill {count} times.",
    "The {zone} bag had to be filled again and again in {count} cycles.",
    "The {zone} bag needed far more air than before in {count} cycles.",
    "The {zone} bag takes no air: check its valve, its hose and its sensor.",
    "The {zone} bag does not empty: check its valve and its hose.",
    (
        "Air for the {zone} bag came into the {other} bag: "
        "their valves, hoses or sensors are swapped, or a valve is stuck."
    ),
    "Tuning stopped: not finished after {count} minutes.",
    "Tuning stopped: the pad reached {c} °C; {limit} °C ends it.",
    (
        "Tuning stopped: the pad stays at {c} °C and does not reach {target} °C. "
        "Is the heater connected, are the feet out, is the room too cold?"
    ),
    "Tuning stopped: the pad does not cool below {target} °C. Does its output stay on?",
    "Tuning stopped: the swings differ by {share}. Keep the feet out and draughts away, and tune again.",
    (
        "no pigpio daemon answers at {place}: start it (on a Pi: sudo systemctl start pigpiod; "
        "without hardware: instep virtual)"
    ),
    "the pigpio daemon at {place} does not answer: it is frozen",
    "the pins cannot be reached any more ({why})",
    "another controller holds this machine's pins (process {number}): stop it first",
    (
        "another controller holds this machine's pins: stop it first "
        "(its lease is script {number} of the daemon on pin {pin})"
    ),
    "another controller has taken this machine's pins",
    "the lease on this machine's pins has gone from the pigpio daemon",
    "another program has ended this machine's lease on its power",
    "another program has asked for everything off",
    (
        "the pigpio daemon has no free SPI handle: another program holds them all; "
        "end it, or restart the daemon (sudo systemctl restart pigpiod)"
    ),
    "the pigpio daemon does not open the SPI that the ADC is on ({why})",
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
    "nothing",
    "No space left on device",
    "Permission denied",
    "Read-only file system",
    "it is a folder, not a file",
    "it is a pipe, not a file",
    "a later version keeps it in another form; update Instep to change it",
)
"""What may be filled in and has words of its own; zones and titles have theirs elsewhere."""
