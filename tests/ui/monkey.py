"""A monkey at the screen: random fingers on every screen of a living machine, in fake time; seeds replay.

``scripts/monkey --touches 10000 --seed 1``. Each spell begins on the screen that has been touched least. What
must hold: no screen is ever in trouble and nothing is logged as an error; Stop is in its place while a
session runs, and reaches the controller; the plant sees no safety rule broken; at the end all is off.
"""

from __future__ import annotations

import logging
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

from hardware.messages import Acknowledge, Pain, Start, Stop  # noqa: E402

AIMED = 0.8
"""Share of touches that go for something that can be touched."""
TWICE, HELD, SWIPED, DEATH, FOOT, FAULT = 0.10, 0.15, 0.3, 0.004, 0.01, 0.004
PAIR = 0.05
"""Share of touches where two fingers come down on two things at once."""
SPELL = 20
"""Touches from one wandering to the next."""
FRAME_S = 1 / 30
STOP_SOON_S = 0.3
"""The screen looks at the link ten times a second at least."""


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
        """Touches by the screen they fell on."""
        self.sheets: Counter[str] = Counter()
        """Touches by the sheet that lay on the screen, or by its page."""
        self.ways: Counter[str] = Counter()
        """Touches by how the finger was."""
        self._fingers: list[Any] = []
        self._time_s = 0.0
        self._going_s = 0.0
        self._errors = _Errors()

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
            logging.getLogger("app").addHandler(self._errors)
            for number in range(touches):
                if number % SPELL == 0:
                    self._wander()
                self._act()
                self._judge()
            self._still_works()
        finally:
            logging.getLogger("app").removeHandler(self._errors)
            for finger in self._fingers:
                finger.touch_up()
            hand.close()
            Clock.time, subprocess.run = real_time, real_run
            hand.draws = before
            self.machine.close()

    def _trouble(self, _for_s: float = 0.0) -> None:
        error = sys.exc_info()[1]
        raise TroubleError(
            f"seed {self.seed}: {self.hand.app._shown} failed: {type(error).__name__}: {error}"
        ) from error

    def _act(self) -> None:
        from app.ui.screens.balance import BalanceSheet
        from app.ui.screens.filter import FilterSheet
        from app.ui.screens.service.page import Page
        from app.ui.widgets.sheet import Sheet

        rng = self.rng
        self.places[str(self.hand.app._shown)] += 1
        for child in self.hand.app.stage.screen.children:
            if isinstance(child, Sheet | BalanceSheet | FilterSheet | Page):
                self.sheets[type(child).__name__] += 1
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

    def _wander(self) -> None:
        """To the screen that has been touched least, as far as the machine lets a person go there."""
        from app.ui.screens.roster import SCREENS
        from app.ui.state.home import first_choices

        app, machine, rng = self.hand.app, self.machine, self.rng
        place = min(SCREENS, key=lambda each: (self.places[each], rng.random()))
        if place == "offline":
            if machine.connected:
                machine.die_and_return()
            return self._pass(1.0)
        if not machine.connected:
            machine.die_and_return()
        if place == "fault":
            if not machine.rig.plant.faults.active():
                self._fault()
            return self._pass(3.0)
        machine.rig.plant.faults.clear()
        machine.send(Stop())
        self._pass(5.0)
        machine.send(Acknowledge())
        self._pass(0.5)
        if app._shown in ("after", "pain"):
            app.router.leave_after()
        if place in ("session", "after", "pain") or rng.random() < 0.1:
            # As a second screen would: wherever somebody is, their screen has to follow.
            app.go(rng.choice(("home", "people", "settings", "history")))
            program = self.hand.programs[rng.choice(sorted(self.hand.programs))]
            machine.send(
                Start(program=program.id, minutes=program.minutes[0], intensity=3, heat_c=38.0, answers=())
            )
            self._pass(rng.choice((0.2, 2.0)))
            if place != "session":
                machine.send(Pain() if place == "pain" else Stop())
                self._pass(4.0)
            return None
        people = app.household.people.all
        app.sitting.about = rng.choice(people).id if people and rng.random() < 0.9 else None
        app.sitting.onward = rng.choice(("ready", "person"))
        app.choices = first_choices(
            self.hand.programs[rng.choice(sorted(self.hand.programs))], self.hand.machine
        )
        row = machine_last(app)
        app.shown_session = row.id if row is not None else ""
        if place == "ready" and rng.random() < 0.5:
            app.sit(None)  # questions come first for many another
        if place == "pin" and not app.lock.pin.is_set:
            app.lock.setting = True
        return app.go(place)

    def _touch(self) -> None:
        rng = self.rng
        while self._fingers and rng.random() < 0.7:
            finger = self._fingers.pop()
            if rng.random() < SWIPED:
                self._swipe(finger)
            finger.touch_up()
        if rng.random() < PAIR:
            self.ways["two fingers"] += 1
            pair = [self._down(*self._target()) for _ in range(2)]
            for finger in pair:
                finger.touch_up()
            return
        x, y = self._target()
        times = 2 if rng.random() < TWICE else 1
        self.ways["twice" if times == 2 else "once"] += 1
        for _ in range(times):
            finger = self._down(x, y)
            if rng.random() < HELD:
                self.ways["held"] += 1
                self._fingers.append(finger)  # it may never leave
                continue
            if rng.random() < SWIPED:
                self._swipe(finger)
            finger.touch_up()

    def _swipe(self, finger: Any) -> None:
        self.ways["swiped"] += 1
        finger.touch_move(*self.hand.as_felt(*self._anywhere()))

    def _down(self, x: float, y: float) -> Any:
        """A finger comes down. On Stop, it is the controller that has to hear of it."""
        from kivy.tests.common import UnitTestTouch

        from app.ui.theme import BOUNCE_S

        app, machine = self.hand.app, self.machine
        stop = app.stage.stop
        meant = stop.shown and stop.collide_point(x, y) and self.hand.now - stop._last >= BOUNCE_S
        finger = UnitTestTouch(*self.hand.as_felt(x, y))
        finger.touch_down()
        if meant and machine.connected:
            self.ways["on Stop"] += 1
            if not any(isinstance(command, Stop) for command, _ in machine._commands):
                raise TroubleError(f"seed {self.seed}: Stop did not act on {app._shown}")
        return finger

    def _judge(self) -> None:
        if self._errors.heard:
            raise TroubleError(f"seed {self.seed}: {self.hand.app._shown}: {self._errors.heard[0]}")
        stop = self.hand.app.stage.stop
        if self._going_s > STOP_SOON_S and not stop.shown:
            raise TroubleError(
                f"seed {self.seed}: somebody is warmed or massaged and {self.hand.app._shown} has no Stop"
            )

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
            latest = self.machine.latest
            going = latest is not None and latest.state in ("preheating", "running", "paused")
            self._going_s = self._going_s + part if going and self.machine.connected else 0.0
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

    def told(self) -> str:
        """Where it was and how, with what it never saw."""
        from app.ui.screens.roster import SCREENS

        never = [place for place in SCREENS if not self.places[place]]
        lines = [
            ", ".join(f"{name} {count}" for name, count in counted.most_common())
            for counted in (self.places, self.sheets, self.ways)
        ]
        return "\n".join([*lines, f"never: {', '.join(never) or 'no screen'}"])


class _Errors(logging.Handler):
    """What the app calls an error; a screen's mistake may end in the log alone."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(self.format(record))


def machine_last(app: Any) -> Any:
    """The newest session, whoever had it."""
    reader = app.history()
    return reader.last() if reader is not None else None


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
    click.echo(monkey.told())


if __name__ == "__main__":
    main()
