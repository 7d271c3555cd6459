"""Runs the app without a panel: a window that nobody sees, fingers that are scripted, a clock of its own."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from scenes import NOW, ScriptedHistory, ScriptedLink, idle, many_programs

from app.household.household import Household
from app.household.preferences import Preferences
from app.kiosk import configure
from app.places import ASSETS, Places
from hardware.machine import Machine, load_machine
from hardware.message import Message
from hardware.program import load_programs


def a_folder(prefix: str) -> Path:
    """One for as long as this process lives."""
    found = Path(tempfile.mkdtemp(prefix=prefix))
    atexit.register(shutil.rmtree, found, ignore_errors=True)
    return found


def prepare(size: tuple[int, int] = (800, 480)) -> None:
    """Kivy's settings, before Kivy is imported."""
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    if "KIVY_HOME" not in os.environ:
        os.environ["KIVY_HOME"] = str(a_folder("kivy-"))
    configure(size=size)


def at_once(work: Any) -> bool:
    """A disk that answers before one has asked."""
    work()
    return True


@cache
def _machine(name: str) -> Machine:
    return load_machine(ASSETS / "machines" / f"{name}.toml")


COLLECTED_EVERY = 40
"""Apps."""


class Hand:
    """One app at a time in the process's window."""

    def __init__(
        self,
        size: tuple[int, int] = (800, 480),
        dark: bool = True,
        language: Any = "en",
        large_text: bool = False,
    ) -> None:
        prepare(size)
        from kivy.clock import Clock
        from kivy.core.window import Window

        # The loop's pauses between frames are for a panel; nobody sees this one.
        Clock._max_fps = 0
        self.window = Window
        self.preferences = Preferences(
            look="dark" if dark else "light", language=language, large_text=large_text
        )
        """What a household likes that has said nothing itself."""
        self.draws = True
        """Off where only places matter: drawing takes most of the time."""
        self.machine = _machine("reference")
        self.programs, _broken = load_programs(ASSETS / "programs")
        self.beside: Any = at_once
        """What may wait for a disk."""
        self.now = 1000.0
        self.app: Any = None
        self._closed = 0
        self._folder = tempfile.TemporaryDirectory(prefix="houses-")
        self.link = ScriptedLink()
        self.resize(size)

    def resize(self, size: tuple[int, int]) -> None:
        self.window.size = size
        self.frames(2)

    def start(
        self,
        snapshot: Any = None,
        *,
        history: Any = None,
        programs: Any = None,
        problems: tuple[Message, ...] = (),
        link: Any = None,
        household: Any = None,
        wrong: str = "",
        machine: Any = None,
    ) -> Any:
        """Build the app and bring it up on this snapshot."""
        from kivy.base import EventLoop

        from app.ui.app import InstepApp

        self.close()
        self.link = link or ScriptedLink(snapshot or idle())
        household = household or Household(Places(self._house()))
        if household.preferences.value == Preferences() != self.preferences:
            household.preferences.save(self.preferences)
        reader = history or ScriptedHistory()
        self.app = InstepApp(
            self.link, lambda: reader, programs or self.programs, machine or self.machine,
            household, problems, wrong=wrong, now=lambda: self.now, wall=lambda: NOW,
            beside=self.beside,
        )  # fmt: skip
        self.app.root = self.app.build()
        EventLoop.ensure_window()
        EventLoop.status = "started"
        self.window.add_widget(self.app.root)
        self.app._look_back()  # before anything is built, or Home is built twice
        self.app.on_start()
        self.frames(3)
        return self.app

    def _house(self) -> Path:
        """A new household's folder; it goes with the hand."""
        return Path(tempfile.mkdtemp(dir=self._folder.name))

    def close(self) -> None:
        """The app is gone, and now and then what it left: looking for it at every touch takes longest."""
        from kivy.clock import Clock

        self._closed += 1
        if self._closed % COLLECTED_EVERY == 0:
            gc.collect()
        if self.app is not None:
            self.app.on_stop()
            self.window.remove_widget(self.app.root)
            self.app = None
            self.window.rotation = 0
            self.window.update_viewport()
        for event in list(Clock.get_events()):
            event.cancel()

    def frames(self, count: int = 1) -> None:
        """Let the loop go round, with nothing waited for."""
        from kivy.base import EventLoop
        from kivy.clock import Clock
        from kivy.graphics.opengl import glFinish
        from kivy.lang import Builder

        for _ in range(count):
            Clock.tick()
            Builder.sync()
            Clock.tick_draw()
            Builder.sync()
            if self.draws and self.window.canvas.needs_redraw:
                EventLoop.window.dispatch("on_draw")
                glFinish()  # nothing swaps buffers here: what is queued would be kept

    def settle(self, seconds: float = 0.4) -> None:
        """Let what moves come to rest, and what is timed come due, without waiting."""
        from kivy.animation import Animation

        self.now += seconds
        screen = self.app.stage.screen
        Animation.cancel_all(screen)
        screen.opacity = 1.0
        self.app.refresh()
        self.frames(3)

    def touch(self, name: str) -> None:
        """A finger comes down on the widget of this name, and stays."""
        from app.ui import find

        widget = find(self.app.stage, name)
        assert widget is not None, f"there is no {name} here"
        self.touch_at(*widget.center)

    def touch_at(self, x: float, y: float) -> None:
        """At a place of the picture."""
        from kivy.tests.common import UnitTestTouch

        UnitTestTouch(*self.as_felt(x, y)).touch_down()

    def as_felt(self, x: float, y: float) -> tuple[float, float]:
        """What UnitTestTouch has to be given for a place of the picture, which may have been turned.

        It makes shares of the picture's size of it, and Kivy takes them for shares of the panel's.
        """
        width, height = self.window.size[0] - 1, self.window.size[1] - 1
        u, v = x / width, y / height
        turned = {0: (u, v), 90: (1 - v, u), 180: (1 - u, 1 - v), 270: (v, 1 - u)}
        across, up = turned[self.window.rotation]
        return across * width, up * height

    def touch_panel(self, sx: float, sy: float) -> None:
        """As a provider reports it: shares of the panel's own width and height, from its own bottom left."""
        from kivy.tests.common import UnitTestTouch

        width, height = self.window.size
        UnitTestTouch(sx * (width - 1), sy * (height - 1)).touch_down()

    def play(self, moment: Any) -> None:
        """Go to a moment of ``pictures``."""
        past = dict(moment.history)
        history = past.pop("make", ScriptedHistory)(**past)
        programs = many_programs(self.programs) if moment.many else None
        if moment.programs is not None:
            programs = moment.programs(self.programs)
        household = Household(Places(self._house()))
        household.preferences.save(self.preferences)
        if moment.before is not None:
            moment.before(household)
        self.start(
            moment.snapshot,
            history=history,
            programs=programs,
            problems=moment.problems,
            wrong=moment.wrong,
            household=household,
            machine=_machine(moment.machine),
        )
        self.link.connected = moment.connected
        if moment.snapshot is None:
            self.link.latest = None
        self.settle()
        if moment.refuse:
            from hardware.messages import Start

            self.link.refuse[Start] = moment.refuse
        if moment.then is not None:
            self.link.show(moment.then)
            self.settle()
            self.app._session_over()
        if moment.place:
            self.app.go(moment.place)
            self.settle(1.0)
        for name in moment.touches:
            self.settle(1.0)
            self.touch(name)
            # A button stays lit for a moment after a touch; the picture is of what comes then.
            self.calm()
        if moment.last is not None:
            self.link.show(moment.last)
        if moment.acts is not None:
            self.settle(1.0)
            moment.acts(self)
        self.settle(0.5)
        self.calm()

    def calm(self) -> None:
        from app.ui.widgets.button import PushButton

        self.frames(1)
        for widget in self.app.stage.walk(restrict=True):
            if isinstance(widget, PushButton):
                widget._paint()
        self.frames(2)

    def pixels(self) -> tuple[int, int, bytes]:
        """What the panel shows as RGB, rows from its own top."""
        from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels

        before, self.draws = self.draws, True
        self.window.canvas.ask_update()
        self.frames(1)
        self.draws = before
        width, height = self.window.system_size
        raw = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
        stride = width * 3
        rows = [raw[i * stride : (i + 1) * stride] for i in range(height)]
        return width, height, b"".join(reversed(rows))

    def save(self, path: Path) -> None:
        from PIL import Image

        width, height, raw = self.pixels()
        picture = Image.frombytes("RGB", (width, height), raw)
        picture.rotate(-self.window.rotation, expand=True).save(path)
