"""The faults: one table of what each means, to a person and to a builder, and what it does.

Which of them is present is found in protection.py; here they are only remembered: the first one wins the
screen, all are reported, a latched one stays until a person has seen it and its cause has gone (S13).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from hardware.messages import FaultView
from hardware.words import Severity


class Fault(Struct, frozen=True):
    words: str
    """What it means to the person and what to do."""
    technical: str
    severity: Severity


FAULTS: dict[str, Fault] = {
    "emergency-stop": Fault(
        "The stop button is pressed. Release it, then go on here.",
        "The emergency stop's contact is open: pressed, unplugged, or its wire is broken.",
        "stop",
    ),
    "pad-too-hot": Fault(
        "A pad got too warm, so the heat is off. Let it cool down before you start again.",
        "A pad read 43.0 °C or more for 3 s.",
        "stop",
    ),
    "pad-sensor-invalid": Fault(
        "A warm pad cannot be measured, so everything is off. Check its plug.",
        "A pad sensor was open, shorted or out of range for 5 s while a session ran.",
        "stop",
    ),
    "bag-over-pressure": Fault(
        "An air bag was too full, so all bags were opened. Check that nothing presses on the hoses.",
        "A bag was above 120 mmHg for 0.3 s.",
        "stop",
    ),
    "pressure-sensor-invalid": Fault(
        "An air bag cannot be measured, so all bags were opened. Check its plug.",
        "A pressure sensor was out of range while a session ran.",
        "stop",
    ),
    "controller-late": Fault(
        "The machine was too busy to be safe and has stopped. Start again; if it repeats, restart it.",
        "Three ticks within a minute came more than 250 ms late.",
        "stop",
    ),
    "pins-lost": Fault(
        "The machine has lost touch with its motors and pads. Their power is off; it keeps looking.",
        "The pin daemon or chip cannot be reached.",
        "stop",
    ),
    "self-test-failed": Fault(
        "The machine's check of itself failed, so it will not start. See the detail below.",
        "A sensor was invalid, a bag not empty or a pad hot while everything was off.",
        "stop",
    ),
}


class FaultLog:
    """The faults in force, in the order they came."""

    def __init__(self) -> None:
        self._since: dict[str, str] = {}
        self._present: set[str] = set()

    def update(self, present: Mapping[str, str]) -> list[tuple[str, str]]:
        """Take what is present now (code → detail); the (code, detail) pairs that are new."""
        new = [(code, detail) for code, detail in present.items() if code not in self._since]
        self._since.update(new)
        self._present = set(present)
        return new

    def acknowledge(self) -> list[str]:
        """A person has seen them: those whose cause has gone are cleared. Returns their codes."""
        gone = [code for code in self._since if code not in self._present]
        for code in gone:
            del self._since[code]
        return gone

    def __bool__(self) -> bool:
        return bool(self._since)

    @property
    def present(self) -> bool:
        return bool(self._present)

    def views(self) -> tuple[FaultView, ...]:
        return tuple(
            FaultView(
                code,
                FAULTS[code].words,
                f"{FAULTS[code].technical} {detail}".strip(),
                FAULTS[code].severity,
                True,
                code in self._present,
            )
            for code, detail in self._since.items()
        )
