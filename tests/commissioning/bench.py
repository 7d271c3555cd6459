"""Somebody who goes through a virtual machine with open eyes: what they see is what the plant does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from app.commissioning.conclude import words
from app.commissioning.record import Record
from app.commissioning.walk import Walk
from app.commissioning.whole import turns
from hardware.machine import Machine
from hardware.parts import Output
from hardware.program import Program
from hardware.virtual.wiring import Wiring
from tests.bench import NO_FEET
from tests.rig import TERMINAL, Rig
from tests.said import say

AT = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
LONGEST_S = 200.0
HAND_S = 1.0
SEEN = 0.8
"""Of a part's way: so little is overlooked."""


def miswired(machine: Machine, programs: Mapping[str, Program], wired: Machine) -> Rig:
    """The controller goes by ``machine``; the wires between pins and parts are those of ``wired``."""
    rig = Rig(machine, programs, by=TERMINAL, params=NO_FEET)
    rig.board.wiring = Wiring(wired, rig.plant, rig.board.now_s)
    return rig.ready()


class Eyes:
    """Walks through all of it, or until there is a fault, and answers by what the plant shows meanwhile."""

    def __init__(self, rig: Rig, *, tired: bool = True) -> None:
        self.rig = rig
        self.walk = Walk(rig.machine)
        self.tired = tired
        """Skips tuning, and says why."""

    def go(self) -> Walk:
        walk = self.walk
        while not walk.over and not walk.problem:
            self.do()
        return walk

    def do(self) -> None:
        """One step, answered."""
        walk, rig = self.walk, self.rig
        if walk.step.kind == "tune" and self.tired:
            walk.skip(say("No time today."))
            return
        if walk.step.kind == "stop":
            self._stop()
            return
        at = walk.at
        before = self._state()
        walk.begin(rig.now)
        shown = self._busy(before)
        if walk.stage == "asking" and walk.step.output is not None:
            self._answer(walk.step.output, shown)
        elif walk.stage == "asking":
            walk.answer("yes")
            self._busy(before)
        elif walk.stage == "told":
            walk.next()
        assert walk.at > at or walk.problem

    def _stop(self) -> None:
        """A hand on the emergency stop, an eye on the rail."""
        walk, rig = self.walk, self.rig
        at = walk.at
        walk.begin(rig.now)
        while walk.at == at and not walk.problem:
            match walk.stop.phase:
                case "press" | "release" as phase:
                    rig.plant.stop_pressed = phase == "press"
                    self._live(HAND_S)
                    if walk.stop.phase == "press":
                        walk.answer("no")
                case "dark" | "still":
                    walk.answer("no" if rig.plant.rail else "yes")
                case "told":
                    walk.next()
                case _:
                    self._live(0.0)
        rig.plant.stop_pressed = False

    def _live(self, seconds: float) -> None:
        """As long as nobody is asked."""
        walk, rig = self.walk, self.rig
        until = rig.now + seconds
        while True:
            commands = walk.update(rig.now, rig.engine.snapshot())
            step = rig.tick(*commands)  # type: ignore[arg-type]
            for command, reply in zip(commands, step.replies, strict=False):
                walk.replied(command, reply)
            if rig.now > until:
                return

    def _busy(self, before: dict[str, float]) -> dict[str, float]:
        """Until the person is asked; how far each part went."""
        walk, rig = self.walk, self.rig
        shown: dict[str, float] = {}
        now = before
        begun = rig.now
        while walk.stage == "busy" and rig.now - begun < LONGEST_S * 10:
            commands = walk.update(rig.now, rig.engine.snapshot())
            step = rig.tick(*commands)  # type: ignore[arg-type]
            for command, reply in zip(commands, step.replies, strict=False):
                walk.replied(command, reply)
            rig.tick()
            now = self._state()
            for key, value in now.items():
                shown[key] = max(shown.get(key, 0.0), value - before[key])
        return shown | {key: before[key] for key in before if turns(key) and now[key] >= before[key] > 1}

    def _state(self) -> dict[str, float]:
        """Of every part, so that more than 1 can be seen or felt."""
        plant = self.rig.plant
        shows = [20 * speed for speed in plant.motor_speed]
        shows += [] if self.rig.machine.pump is None else [20 * plant.pump_speed]
        shows += [*(mmhg / 5 for mmhg in plant.bag_mmhg), *plant.pad_c]
        return {output.key: shown for output, shown in zip(self.rig.machine.outputs, shows, strict=True)}

    def _answer(self, output: Output, shown: dict[str, float]) -> None:
        own = shown.pop(output.key)
        if output.family == "air":
            del shown["pump"]  # it has to be heard then
        other = max(shown, key=shown.__getitem__)
        if shown[other] >= SEEN:
            self.walk.answer("other", other)
        else:
            self.walk.answer("yes" if own >= SEEN else "no")

    def record(self) -> Record:
        return self.walk.record(AT, virtual=True)

    @property
    def said(self) -> list[str]:
        return [words(finding, self.rig.machine) for finding in self.walk.findings]
