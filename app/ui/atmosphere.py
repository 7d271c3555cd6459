"""Light and sound around the screens: dims and darkens the panel, wakes it, plays the few sounds."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from app.ui.state.chimes import Chimes
from app.ui.state.comfort import Comfort

if TYPE_CHECKING:
    from app.backlight import Backlight
    from app.household.preferences import Preferences
    from app.ui.sounds import Sounds
    from app.ui.stage import Stage
    from hardware.messages import Snapshot

log = logging.getLogger(__name__)


class Atmosphere:
    """Without a backlight the stage darkens itself; without sounds it is silent."""

    def __init__(
        self,
        now: Callable[[], float],
        wall: Callable[[], datetime],
        preferences: Callable[[], Preferences],
        backlight: Backlight | None = None,
        sounds: Sounds | None = None,
    ) -> None:
        self.comfort = Comfort(now)
        self._chimes = Chimes()
        self._wall, self._preferences = wall, preferences
        self._backlight, self._sounds = backlight, sounds
        self._stage: Stage | None = None

    def attach(self, stage: Stage) -> None:
        """From now on it is this stage that is dark or light and feels the fingers."""
        self._stage = stage
        stage.felt = self.felt
        self._show()

    def see(self, snapshot: Snapshot | None) -> None:
        """Take in how the machine is. A mistake here is logged: it must not cost a screen."""
        try:
            self.comfort.see(snapshot, self._preferences())
            chime = self._chimes.see(snapshot) if snapshot is not None else None
            if chime is not None and self._sounds is not None:
                self._sounds.play(chime)
            self._show()
        except Exception:
            log.exception("light and sound fail")

    def felt(self) -> bool:
        """A finger came down; False when it has only woken the screen."""
        may_act = self.comfort.touched()
        self._show()
        return may_act

    def close(self) -> None:
        """Leave the panel lit: whoever comes next may not know how to."""
        if self._backlight is not None:
            self._backlight.set(self._preferences().brightness)
        if self._sounds is not None:
            self._sounds.close()

    def _show(self) -> None:
        light = self.comfort.light(self._wall().hour)
        panel = self._backlight
        if panel is not None:
            panel.set(light.percent)
        if self._stage is not None:
            # Some backlights glow at 0 still: what is dark is black in any case.
            own = panel is not None and panel.there and light.mood != "dark"
            self._stage.darken(0.0 if own else light.shade)
