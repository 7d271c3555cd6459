"""A monkey at the screen: random fingers on every screen of a living machine, in fake time; seeds replay.

``scripts/monkey --touches 10000 --seed 1``. What must hold: no screen is ever in trouble, no safety rule is
broken as the plant sees it, and at the end the app still starts and stops a session.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parent)]

import click  # noqa: E402
from living import LivingMachine  # noqa: E402
from stagehand import Hand  # noqa: E402

from hardware.messages import Stop  # noqa: E402

AIMED = 0.8
"""Share of touches that go for something that can be touched."""
TWICE, HELD, DEATH, FOOT, FAULT = 0.10, 0.15, 0.004, 0.01, 0.004
FRAME_S = 1 / 30


class TroubleError(AssertionError):
    """A screen failed."""


class Monkey:
    """One app, one machine, one seed."""

    def __init__(self, hand: Hand, seed: int) -> None:
        self.hand = hand
        self.seed = seed
        self.rng = random.Random(seed)
        self.machine = LivingMachine(hand.machine, hand.programs, seed)
        self.places: Counter[str] = Counter()
        self._fingers: list[Any] = []
        self._time_s = 0.0

    def run(self, touches: int) -> None:
        """Raises TroubleError, ViolationError, or whatever a screen let through."""
        from kivy.clock import Clock

        hand = self.hand
        before, hand.draws = hand.draws, False
        real_time, real_run = Clock.time, subprocess.run
        self._time_s = Clock.time()
        Clock.time = lambda: self._time_s
        subprocess.run = _no_commands  # type: ignore[assignment]  # restart and shut down are for real
        try:
            self.machine.live(2.0)
            hand.start(
                self.machine.latest,
                link=self.machine,
                household=self.machine.household,
                history=self.machine.history(),
            )
            hand.app.in_trouble = self._trouble
            for _ in range(touches):
                self._act()
            self._still_works()
        finally:
            for finger in self._fingers:
                finger.touch_up()
            hand.close()
            Clock.time, subprocess.run = real_time, real_run
            hand.draws = before
            self.machine.close()

    def _trouble(self) -> None:
        error = sys.exc_info()[1]
        raise TroubleError(
            f"seed {self.seed}: {self.hand.app._shown} failed: {type(error).__name__}: {error}"
        ) from error

    def _act(self) -> None:
        rng = self.rng
        self.places[str(self.hand.app._shown)] += 1
        if rng.random() < DEATH or (not self.machine.connected and rng.random() < 0.1):
            self.machine.die_and_return()
        if rng.random() < FOOT:
            self.machine.rig.plant.set_foot(rng.choice(("left", "right")), rng.random() < 0.7)
        if rng.random() < FAULT:
            self._fault()
        self._touch()
        self._pass(rng.choice((0.05, 0.1, 0.2, 0.2, 0.5, 0.5, 1.0, 3.0)))
        if rng.random() < 0.01:
            self._pass(rng.choice((10.0, 30.0, 120.0)))

    def _fault(self) -> None:
        faults = self.machine.rig.plant.faults
        if faults.active():
            faults.clear()
        else:
            name, where = self.rng.choice(
                (("sensor-open", "left a"), ("stop-pressed", ""), ("pump-dead", ""))
            )
            faults.put(name, where)

    def _touch(self) -> None:
        from kivy.tests.common import UnitTestTouch

        rng = self.rng
        while self._fingers and rng.random() < 0.7:
            finger = self._fingers.pop()
            if rng.random() < 0.3:
                finger.touch_move(*self._anywhere())
            finger.touch_up()
        x, y = self._target()
        for _ in range(2 if rng.random() < TWICE else 1):
            finger = UnitTestTouch(x, y)
            finger.touch_down()
            if rng.random() < HELD:
                self._fingers.append(finger)  # it may never leave
            else:
                if rng.random() < 0.3:
                    finger.touch_move(*self._anywhere())
                finger.touch_up()

    def _anywhere(self) -> tuple[float, float]:
        width, height = self.hand.window.size
        return self.rng.uniform(0, width - 1), self.rng.uniform(0, height - 1)

    def _target(self) -> tuple[float, float]:
        from app.ui.widgets.button import Touchable

        if self.rng.random() > AIMED:
            return self._anywhere()
        found = [w for w in self.hand.app.stage.walk(restrict=True) if isinstance(w, Touchable) and w.shown]
        if not found:
            return self._anywhere()
        widget = self.rng.choice(found)
        return widget.center

    def _pass(self, seconds: float) -> None:
        """Time goes by for the machine, the screen's clock and Kivy's alike."""
        hand = self.hand
        left = seconds
        while left > 1e-9:
            part = min(left, FRAME_S if left < 1.0 else 0.15)
            self._time_s += part
            hand.now += part
            self.machine.live(part)
            hand.frames(1)
            left -= part

    def _still_works(self) -> None:
        """After all that: a stop leaves nothing on, and the app answers."""
        if not self.machine.connected:
            self.machine.die_and_return()
        self.machine.rig.plant.faults.clear()
        self.machine.send(Stop())
        self._pass(3.0)
        assert not any(
            self.machine.rig.board.wiring.duties.get(pin, 0.0) for pin in self.hand.machine.power_pins()
        )
        assert self.hand.app.stage.screen is not None


def _no_commands(*_args: object, **_more: object) -> None:
    raise OSError("the monkey may not run commands")


@click.command()
@click.option("--touches", default=10_000, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--size", default="800x480", show_default=True)
def main(touches: int, seed: int, size: str) -> None:
    """Let a monkey touch every screen."""
    width, height = (int(part) for part in size.split("x"))
    hand = Hand((width, height))
    monkey = Monkey(hand, seed)
    monkey.run(touches)
    click.echo(f"seed {seed}: {touches} touches, {monkey.machine.rig.now / 60:.0f} min of life, all well")
    click.echo(", ".join(f"{place} {count}" for place, count in monkey.places.most_common()))


if __name__ == "__main__":
    main()
