"""The panel's backlight, where there is one that we may set. Never in the way: it raises nothing."""

from __future__ import annotations

import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)

BACKLIGHTS = Path("/sys/class/backlight")


class Backlight:
    """Sets ``brightness`` of every backlight that the kiosk may write (on the Pi: group video).

    ``bl_power`` is left alone: it is root's, and a panel that was switched off by it would stay dark.
    """

    def __init__(self, folder: Path = BACKLIGHTS) -> None:
        self._panels: list[tuple[Path, int]] = []
        self._now: int | None = None
        try:
            found = sorted(folder.iterdir())
        except OSError:
            found = []
        for panel in found:
            brightness = panel / "brightness"
            try:
                most = int((panel / "max_brightness").read_text())
            except (OSError, ValueError):
                continue
            if most > 0 and os.access(brightness, os.W_OK):
                self._panels.append((brightness, most))

    @property
    def there(self) -> bool:
        return bool(self._panels)

    def set(self, percent: int) -> None:
        """0 to 100; above 0 it is never so little that the panel is dark."""
        percent = min(100, max(0, percent))
        if percent == self._now or not self._panels:
            return
        self._now = percent
        for panel in list(self._panels):
            brightness, most = panel
            value = 0 if percent == 0 else max(1, round(most * percent / 100))
            try:
                brightness.write_text(str(value))
            except OSError as error:
                # Once is enough: the stage darkens what the backlight cannot.
                log.warning("the backlight %s cannot be set: %s", brightness.parent.name, error)
                self._panels.remove(panel)
