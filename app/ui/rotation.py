"""Turns the window's picture, and the touches with it: one way for every display.

Neither SDL nor cage turns anything by itself, and the kernel's ``rotate=`` and the overlays' ``rotation=``
turn the text console alone. Kivy turns its drawing on the GPU and each touch as it comes in, so a provider
delivers touches as the panel feels them.
"""

from __future__ import annotations

from kivy.core.window import Window

from app.household.mounting import Rotation


def turn(rotation: Rotation) -> None:
    """``rotation`` is clockwise. ``Window.size`` is then the picture's, its ``system_size`` the panel's."""
    Window.rotation = -rotation % 360  # Kivy counts the other way
    # Kivy does it only where the size is another than the last that it told of: from 0 to 180 degrees
    # the touches would turn and the picture would not.
    Window.update_viewport()
