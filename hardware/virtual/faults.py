"""What is wrong with the virtual machine: faults are put in and taken out while it runs.

    faults.put("valve-stuck-open", "foot")
    faults.put("sensor-offset", "left b", 6.0)
    faults.take("valve-stuck-open", "foot")
    faults.clear()

Several at once add up; where two contradict each other the one put in last wins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

from msgspec import Struct

from hardware.errors import TerminalError
from hardware.machine import Machine
from hardware.virtual.damage import Damage, places_by_pin
from hardware.virtual.fault_kinds import BY_NAME, FAULTS, MISTAKES, Fault, Place
from hardware.virtual.params import SIDES

Parts = Mapping[str, Any]
"""Target → what an effect is told of it."""


class FaultError(TerminalError, ValueError):
    """A fault that there is not, where it cannot be, or of an amount that cannot be; says what there is."""


class Active(Struct, frozen=True):
    """A fault that is in: where, and how much. ``target`` is empty where there is only one such part."""

    name: str
    target: str = ""
    amount: float | None = None

    def __str__(self) -> str:
        """As a person types it."""
        amount = "" if self.amount is None else f"{self.amount:g}"
        return " ".join(word for word in (self.name, self.target, amount) if word)


class Faults:
    """The faults of one machine. Every change is told to ``apply`` as a damage (None: it is sound), then to
    ``listeners``; ``sense`` gives a sensor's share of full scale, for freezing.
    """

    def __init__(
        self,
        machine: Machine,
        apply: Callable[[Damage | None], None],
        sense: Callable[[int], float],
    ) -> None:
        self._machine = machine
        self._apply = apply
        self._sense = sense
        self._parts = _parts(machine)
        self._in: dict[tuple[str, str], tuple[Active, float]] = {}
        """In the order they were put in, each with what its effect is told."""
        self.listeners: list[Callable[[], None]] = []
        self.damage: Damage | None = None

    def connect_daemon(self) -> None:
        """From now on there is a daemon in front of it, which can fail too."""
        self._parts["daemon"] = {"": None}

    def put(self, name: str, target: str = "", amount: float | None = None) -> Active:
        """Put a fault in, or change the amount of one that is.

        ``target`` may be left out where there is only one such part, and ``amount`` for the usual one.
        Raises FaultError for a name, target or amount that cannot be; then nothing has changed.
        """
        fault = self._find(name)
        found = self._target(fault, target)
        active = Active(name, found, self._amount(fault, amount))
        part = self._parts[fault.on][found]
        told = self._sense(part) if fault.freezes else active.amount or 0.0
        self._in.pop((name, found), None)
        self._in[name, found] = (active, told)
        self._changed()
        return active

    def take(self, name: str, target: str = "") -> None:
        """Take a fault out; without a target, wherever it is. Raises FaultError when it is not in."""
        fault = self._find(name)
        where = self._target(fault, target) if target else ""
        gone = [key for key in self._in if key[0] == name and (not target or key[1] == where)]
        if not gone:
            there = ", ".join(map(str, self.active())) or "none"
            raise FaultError(f"{Active(name, where)} is not in; what is: {there}")
        for key in gone:
            del self._in[key]
        self._changed()

    def clear(self) -> None:
        """Take all of them out."""
        if self._in:
            self._in.clear()
            self._changed()

    def active(self) -> list[Active]:
        """Those that are in, the oldest first."""
        return [active for active, _ in self._in.values()]

    def targets(self, name: str) -> tuple[str, ...]:
        """Where a fault can be put on this machine; ``""`` alone where there is one such part only."""
        return tuple(self._parts[self._find(name).on])

    def possible(self) -> list[Fault]:
        """What can happen to a machine in use, as far as this one has the parts for it."""
        return [fault for fault in FAULTS if self._parts[fault.on]]

    def mistakes(self) -> list[Fault]:
        """What its builder can have done wrong."""
        return [fault for fault in MISTAKES if self._parts[fault.on]]

    def _changed(self) -> None:
        damage = Damage(self._machine) if self._in else None
        if damage is not None:
            for (name, target), (_, told) in self._in.items():
                fault = BY_NAME[name]
                fault.effect(damage, self._parts[fault.on][target], told)
        self.damage = damage
        self._apply(damage)
        for listener in self.listeners:
            listener()

    def _find(self, name: str) -> Fault:
        fault = BY_NAME.get(name)
        if fault is None:
            there = ", ".join(fault.name for fault in (*self.possible(), *self.mistakes()))
            raise FaultError(f"there is no fault named {name!r}; there are: {there}")
        return fault

    def _target(self, fault: Fault, words: str) -> str:
        """The target's own spelling; its words may come in any order, with hyphens or in capitals."""
        targets = tuple(self._parts[fault.on])
        if not targets:
            raise FaultError(f"{fault.name}: there is no {fault.on} here")
        if not words and len(targets) == 1:
            return targets[0]
        wanted = sorted(words.lower().replace("-", " ").split())
        for target in targets:
            if sorted(target.split()) == wanted:
                return target
        if targets == ("",):
            raise FaultError(f"{fault.name} is not on anything: leave out {words!r}")
        choice = ", ".join(targets)
        if not words:
            raise FaultError(f"{fault.name} has to be on one of: {choice}")
        raise FaultError(f"{fault.name} cannot be on {words!r}; on one of: {choice}")

    def _amount(self, fault: Fault, amount: float | None) -> float | None:
        if fault.amount is None:
            if amount is not None:
                raise FaultError(f"{fault.name} takes no amount")
            return None
        if amount is None:
            return fault.amount.default
        if not fault.amount.least <= amount <= fault.amount.most:
            raise FaultError(f"{fault.name} of {amount:g}: it can be {fault.amount}")
        return float(amount)


def _parts(machine: Machine) -> dict[Place, Parts]:
    """What there is to go wrong. A daemon is there once one says so."""
    kinds = [f"{motor.kind} {motor.side}" for motor in machine.motor]
    motors = {
        kind if kinds.count(kind) == 1 else f"{motor.kind} {motor.zone} {motor.side}": index
        for index, (kind, motor) in enumerate(zip(kinds, machine.motor, strict=True))
    }
    bags: dict[str, int] = {bag.zone: index for index, bag in enumerate(machine.bag)}
    only: Parts = {"": None}
    places = places_by_pin(machine)
    inputs = sorted({c for pad in machine.pad for c in pad.channels} | {bag.channel for bag in machine.bag})
    two_sided = len(machine.pad) == 2 or machine.side_pairs()
    return {
        "pad sensor": {
            f"{pad.side} {letter}": channel
            for pad in machine.pad
            for letter, channel in zip("ab", pad.channels, strict=True)
        },
        "pressure sensor": {bag.zone: bag.channel for bag in machine.bag},
        "pad": {pad.side: index for index, pad in enumerate(machine.pad)},
        "pair of pads": only if len(machine.pad) == 2 else {},
        "bag": bags,
        "pair of bags": {f"{one} {other}": (bags[one], bags[other]) for one, other in combinations(bags, 2)},
        "motor": motors,
        "pump": only if machine.pump is not None else {},
        "pair of pins": {f"{a} {b}": (places[a], places[b]) for a, b in combinations(sorted(places), 2)},
        "input": {str(channel): channel for channel in inputs},
        "pair of inputs": {f"{a} {b}": (a, b) for a, b in combinations(inputs, 2)},
        "both sides": only if two_sided else {},
        "adc": only,
        "stop": only,
        "rail": only,
        "supply": only,
        "foot": {side: side for side in SIDES},
        "daemon": {},
    }
