"""The pressures beside their zeros."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.state.service import parts
from app.ui.words import _
from hardware.machine import Machine
from hardware.messages import Snapshot


@dataclass(frozen=True)
class Bag:
    title: str
    now: str
    zero: str


@dataclass(frozen=True)
class Air:
    bags: tuple[Bag, ...]
    can_zero: bool


def air(snapshot: Snapshot, machine: Machine) -> Air:
    bags = []
    raw = snapshot.inputs.by_key if snapshot.inputs else {}
    for index, bag in enumerate(machine.bag):
        measured = raw.get(f"bag.{bag.zone}")
        now = snapshot.bags[index].mmhg if index < len(snapshot.bags) else None
        read = measured.value if measured else None
        zero = None if now is None or read is None else read - now
        bags.append(
            Bag(
                parts.bag(bag.zone),
                "–" if now is None else f"{round(now) + 0:d}",
                _("zero {mmhg}").format(mmhg=parts.signed(zero)),
            )
        )
    return Air(tuple(bags), snapshot.state == "idle" and bool(bags))
