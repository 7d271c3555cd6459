"""Rehearsing by typing: ``put bag-leak calf 30`` and its like, done on a running virtual machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import Any

from hardware.errors import TerminalError
from hardware.virtual.watch import StateClient

HELP = """\
put FAULT [WHERE] [AMOUNT]   put a fault in, as: put bag-leak calf 30
take FAULT [WHERE]           take it out; without WHERE wherever it is
clear                        take all out
faults [FAULT]               what there is, or all about one
quit                         end (so does Ctrl-C); Tab completes, Up brings back the last line"""

MANY = 12
"""Pairs: more are told by what they are made of."""
FaultEntry = Mapping[str, Any]
"""One of the registry's, as the state socket tells it."""


class Rehearsal:
    """Does what is typed on the machine that ``client`` asks."""

    def __init__(self, client: StateClient) -> None:
        self._client = client
        self._commands: dict[str, Callable[[list[str]], str]] = {
            "put": self._put,
            "take": self._take,
            "clear": self._clear,
            "faults": self._faults,
            "help": lambda words: HELP,
        }
        self._known: dict[str, FaultEntry] = {fault["name"]: fault for fault in client.faults()["faults"]}

    def do(self, line: str) -> str:
        """What came of it, in words; what cannot be done, too. Raises BoardError when the machine is gone."""
        words = line.split()
        if not words:
            return ""
        command = self._commands.get(words[0].lower())
        if command is None:
            return f"there is no command {words[0]!r}; type help"
        try:
            return command(words[1:])
        except ValueError as error:
            return str(error)

    def complete(self, line: str) -> str:
        """The line with its last word as complete as it is certain."""
        before, _, begun = line.rpartition(" ")
        words = before.split()
        if not words:
            choice = [*self._commands, "quit"]
        elif len(words) == 1:
            choice = list(self._known)
        else:
            left = " ".join(words[2:])
            targets = self._known.get(words[1], {}).get("targets", ())
            choice = [target[len(left) :].split()[0] for target in targets if _goes_on(target, left)]
        fitting = sorted({word for word in choice if word.startswith(begun)})
        if not fitting:
            return line
        whole = _common(fitting) + (" " if len(fitting) == 1 else "")
        return f"{before} {whole}" if before else whole

    def _put(self, words: list[str]) -> str:
        if not words:
            return "put what? type faults"
        name, *rest = words
        amount = None
        targets = self._known.get(name, {}).get("targets", ())
        a_place = any(sorted(target.split()) == sorted(rest) for target in targets)  # pins are numbers, too
        if rest and not a_place and (number := _number(rest[-1])) is not None:
            amount = number
            rest = rest[:-1]
        return f"in: {in_words(self._client.put(name, ' '.join(rest), amount))}"

    def _take(self, words: list[str]) -> str:
        if not words:
            return "take what? " + (self._active() or "nothing is in")
        name, *rest = words
        self._client.take(name, " ".join(rest))
        return f"out: {' '.join(words)}"

    def _clear(self, words: list[str]) -> str:
        self._client.clear()
        return "all faults are out"

    def _faults(self, words: list[str]) -> str:
        if not words:
            return ", ".join(self._known)
        fault = self._known.get(words[0])
        if fault is None:
            raise RehearsalError(f"there is no fault named {words[0]!r}; type faults")
        return "\n".join(describe(fault))

    def _active(self) -> str:
        return ", ".join(in_words(active) for active in self._client.faults()["active"])


class RehearsalError(TerminalError, ValueError):
    """Something typed that makes no sense."""


def in_words(active: Mapping[str, Any]) -> str:
    """A fault that is in, as a person would type it."""
    amount = active["amount"]
    words = (active["name"], active["target"], "" if amount is None else f"{amount:g}")
    return " ".join(word for word in words if word)


def describe(fault: FaultEntry) -> list[str]:
    """A fault in two or three lines: what it is, where it can be, how much of it."""
    lines = [f"{fault['name']}: {fault['about']}"]
    targets = [target for target in fault["targets"] if target]
    if len(targets) > MANY and all(len(target.split()) == 2 for target in targets):
        words = dict.fromkeys(word for target in targets for word in target.split())
        lines.append(f"  on any two of {', '.join(words)}")
    elif targets:
        lines.append(f"  on {', '.join(targets)}")
    if (amount := fault["amount"]) is not None:
        bounds = f"{amount['least']:g} to {amount['most']:g} {amount['unit']}"
        lines.append(f"  amount {bounds}, usually {amount['default']:g}")
    return lines


def _goes_on(target: str, left: str) -> bool:
    return target.startswith(f"{left} ") if left else bool(target)


def _common(words: list[str]) -> str:
    """What sorted words all begin with."""
    pairs = zip(words[0], words[-1], strict=False)
    return "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None
