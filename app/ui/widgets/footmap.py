"""The foot: as a program's picture, and lit by what the machine measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.ui.draw import foot
from app.ui.layout import Rect
from app.ui.theme import Rgba, mix
from app.ui.widgets.base import Element, Ui
from app.ui.widgets.paint import Picture, foot_texture, glow_texture

QUIET = 0.16
"""How much of its colour a part shows when nothing happens there."""


class FootMap(Element):
    """A foot and lower leg as high as its place, at its left edge or in its middle."""

    def __init__(self, ui: Ui, rect: Rect, centred: bool = True) -> None:
        super().__init__(ui, rect)
        self._height = self.height_in(rect)
        self._x = round(rect.x + ((rect.w - self._height * 0.8) / 2 if centred else 0))
        self._y = round(rect.y + (rect.h - self._height) / 2)
        theme = ui.theme
        ground = ui.color("surface")
        self._picture("skin", ui.color("skin"))
        self._picture("light", ui.color("outline", 0.30 if theme.dark else 0.0))
        self._picture("lines", ui.color("outline"))
        self._parts: dict[str, tuple[Picture, Picture | None]] = {}
        for part in ("plate", "sole", "arch", "vibrate", *foot.BAGS):
            body = self._picture(part, mix(ground, ui.color("outline"), 0.35))
            edge = self._picture(f"{part}-edge", ui.color("outline", 0.5)) if part in foot.BAGS else None
            self._parts[part] = (body, edge)
            self._unlit(part)

    @staticmethod
    def height_in(rect: Rect) -> int:
        return int(min(rect.h, rect.w / (foot.WIDTH / foot.HEIGHT)))

    @classmethod
    def warm(cls, rect: Rect) -> None:
        """Work out the shapes for a place before they are wanted: they take longer than all the rest."""
        foot.parts(cls.height_in(rect))

    def point(self, part: str) -> tuple[float, float]:
        """Where a part's words should point to."""
        x, y = foot.LABEL_AT[part]
        k = self._height / foot.HEIGHT
        return (self._x + x * k, self._y + (foot.HEIGHT - y) * k)

    def light(self, part: str, rgba: Rgba, strength: float) -> None:
        """Light one part: 0 as if asleep, 1 fully."""
        body, edge = self._parts[part]
        # Steps of 2 %: finer ones cannot be seen and would draw the screen again for nothing.
        strength = round(strength * 50) / 50
        share = QUIET + (1 - QUIET) * strength
        skin = self.ui.color("skin")
        body.tint(mix(skin, rgba, share))
        if edge:
            edge.tint((*rgba[:3], 0.45 + 0.55 * strength))

    def only(self, parts: Iterable[str]) -> None:
        """Leave out what this machine or program does not have."""
        kept = set(parts)
        for part in self._parts:
            if part not in kept:
                self._unlit(part)

    def _unlit(self, part: str) -> None:
        body, edge = self._parts[part]
        if edge or part == "vibrate":
            body.tint(self.ui.color("skin", 0.0))
        else:
            body.tint(mix(self.ui.color("surface"), self.ui.color("outline"), 0.22))
        if edge:
            edge.tint(self.ui.color("outline", 0.0))

    def _picture(self, part: str, rgba: Rgba) -> Picture:
        mask = foot.parts(self._height)[part]
        picture = Picture(foot_texture(part, self._height), self._x + mask.x, self._y + mask.y, rgba)
        self.canvas.add(picture)
        return picture


class ProgramPicture(FootMap):
    """Where a program works, in its own colour, on a soft light of it."""

    def __init__(self, ui: Ui, rect: Rect, accent: str, works_on: Iterable[str], warm: bool) -> None:
        super().__init__(ui, rect)
        # As wide as a card around it at most: the light belongs to the card.
        side = min(max(rect.w, rect.h) * 1.35, rect.w + ui.g(4))
        x, y = rect.center
        glow = Picture(
            glow_texture(),
            x - side / 2,
            y - side / 2,
            ui.color(accent, 0.16 if ui.theme.dark else 0.22),
            (side, side),
        )
        self.canvas.insert(0, glow)
        strengths: Mapping[str, float] = dict.fromkeys(works_on, 0.85)
        for part, strength in strengths.items():
            if part in self._parts:
                self.light(part, ui.color(accent), strength)
        if warm:
            self.light("plate", ui.color("heat"), 0.7)
