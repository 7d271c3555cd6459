"""Puts the kiosk process together: Kivy's settings first, then the app."""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from hardware.machine import Machine
from hardware.message import Message
from hardware.program import Program

if TYPE_CHECKING:
    from app.household.household import Household
    from app.household.mounting import Rotation
    from app.touch.told import Told
    from app.ui.ports import Controller, HistoryReader

RULES = Path(__file__).parent / "ui" / "rules"
WINDOW = (800, 480)
MAX_FPS = 60


def configure(
    fullscreen: bool = False,
    size: tuple[int, int] | None = None,
    *,
    whole: bool = False,
) -> None:
    """Set Kivy up with our own settings, never the user's. Before Kivy is imported.

    None of Kivy's input providers is left: each would report a finger twice, or only the first of several.
    Ours is ``app.ui.fingers``. ``whole`` leaves Kivy its rules for every widget it has, for an app that is
    not ours.
    """
    os.environ["KIVY_NO_ARGS"] = "1"
    os.environ.setdefault("KIVY_NO_FILELOG", "1")
    os.environ.setdefault("KIVY_NO_CONFIG", "1")  # neither read nor written: ours are in the code
    os.environ.setdefault("KCFG_KIVY_LOG_LEVEL", "warning")
    if "KIVY_HOME" not in os.environ:
        home = Path(tempfile.gettempdir()) / f"instep-kivy-{os.getuid()}"
        home.mkdir(mode=0o700, exist_ok=True)
        os.environ["KIVY_HOME"] = str(home)
    # Kivy says at length that it makes a configuration where there was none.
    logging.getLogger("kivy").addFilter(lambda record: not record.getMessage().startswith("Config:"))
    from kivy.config import Config

    for name in Config.options("input"):
        Config.remove_option("input", name)
    width, height = size or WINDOW
    for section, key, value in (
        ("graphics", "width", str(width)),
        ("graphics", "height", str(height)),
        ("graphics", "fullscreen", "auto" if fullscreen else "0"),
        ("graphics", "show_cursor", "0" if fullscreen else "1"),
        ("graphics", "maxfps", str(MAX_FPS)),
        ("graphics", "multisamples", "0"),
        ("kivy", "exit_on_escape", "0" if fullscreen else "1"),
        ("kivy", "desktop", "0"),
        ("kivy", "log_maxfiles", "0"),
    ):
        Config.set(section, key, value)
    # Kivy would open libmtdev for the one that is not there, and say at length that it cannot.
    sys.modules.setdefault("kivy.input.providers.mtdev", ModuleType("mtdev"))
    if not whole:
        _only_our_rules()


def _only_our_rules() -> None:
    """Kivy reads rules for some forty widgets when it is imported; reading those of ours is 30 ms quicker."""
    import kivy

    of_kivy = kivy.kivy_data_dir
    kivy.kivy_data_dir = str(RULES)
    try:
        import kivy.lang
    finally:
        kivy.kivy_data_dir = of_kivy


def finish_frames() -> None:
    """Where SDL draws offscreen nothing ever swaps buffers, and software GL would keep every frame's work.

    Waiting for each frame to be finished lets it go. A real screen does that by itself.
    """
    if os.environ.get("SDL_VIDEODRIVER") == "offscreen":
        from kivy.core.window import Window
        from kivy.graphics.opengl import glFinish

        Window.bind(on_flip=lambda _window: glFinish())


def run_kiosk(
    link: Controller,
    history: Callable[[], HistoryReader],
    programs: Mapping[str, Program],
    machine: Machine,
    problems: Sequence[Message],
    household: Household,
    fullscreen: bool = False,
    size: tuple[int, int] | None = None,
    look_again: Callable[[], Callable[[], Sequence[Message]] | None] = lambda: None,
    wrong: str = "",
    told: Callable[[Told], None] = lambda _told: None,
    rotation: Rotation | None = None,
) -> None:
    """Show the kiosk until it is closed. Raises ImportError when Kivy is not installed.

    ``told`` hears what is open for fingers, whenever that changes, from another thread. ``rotation`` is for
    this time only; by default the picture is turned as the household has kept it.
    """
    configure(fullscreen, size)
    from app.backlight import Backlight
    from app.ui.app import InstepApp
    from app.ui.fingers import attach
    from app.ui.sounds import Sounds

    finish_frames()
    # What fills the screen has it to itself: there a touchscreen is what people have.
    fingers = attach(told, appliance=fullscreen)
    app = InstepApp(
        link,
        history,
        programs,
        machine,
        household,
        problems,
        look_again=look_again,
        wrong=wrong,
        feels=lambda: fingers.hears,
        backlight=Backlight(),
        sounds=Sounds(lambda: household.preferences.value.sounds),
        rotation=rotation,
    )
    # What is still to be written is, before it goes.
    signal.signal(signal.SIGTERM, lambda _number, _frame: app.leave())
    app.run()
