"""The foot map with its numbers: every light has its words beside it."""

from __future__ import annotations

from collections.abc import Sequence

from app.ui.layout import Rect
from app.ui.state.session import ZoneLight
from app.ui.widgets.base import Element, Text, Ui, text_width
from app.ui.widgets.footmap import FootMap
from app.ui.widgets.paint import Line, Picture, disc_texture

BAGS = ("calf", "ankle", "foot", "heel")


class Readings(Element):
    """The foot on the left, the bags' pressures beside it, motors and pads in lines below."""

    def __init__(self, ui: Ui, rect: Rect) -> None:
        super().__init__(ui, rect)
        self._shape: tuple[str, ...] | None = None
        self._values: dict[str, Text] = {}
        self._marks: dict[str, Picture] = {}
        self._map: FootMap | None = None

    def update(self, lights: Sequence[ZoneLight]) -> None:
        shape = tuple(light.part for light in lights)
        if shape != self._shape:
            self._shape = shape
            self._build(lights)
        assert self._map is not None
        pads = [light.strength for light in lights if light.part.startswith("pad-")]
        for light in lights:
            rgba = self.ui.color(light.token)
            self._values[light.part].set(_spoken(light))
            if light.part in self._marks:
                self._marks[light.part].tint((*rgba[:3], 0.35 + 0.65 * round(light.strength * 20) / 20))
            if not light.part.startswith("pad-"):
                self._map.light(light.part, rgba, light.strength)
        if pads:
            self._map.light("plate", self.ui.color("heat"), max(pads))

    def _build(self, lights: Sequence[ZoneLight]) -> None:
        ui = self.ui
        self.clear_widgets()
        self.canvas.clear()
        self._values, self._marks = {}, {}
        area = self.rect.copy()
        bags = [light for name in BAGS for light in lights if light.part == name]
        motors = [light for light in lights if light.token == "motion"]
        pads = [light for light in lights if light.token == "heat"]
        for group in (pads, motors):
            if group:
                self._row(area.cut_bottom(ui.g(3.25)), group)
        area.cut_bottom(ui.g(0.5))
        side = min(area.h, (area.w - ui.g(10)) / 0.8)
        place = Rect(area.x, area.y + (area.h - side), side * 0.8, side)
        self._map = FootMap(ui, place, centred=False)
        self._map.only([light.part for light in lights] + (["plate"] if pads else []))
        self.add_widget(self._map)
        self._bags(area, bags)

    def _bags(self, area: Rect, bags: Sequence[ZoneLight]) -> None:
        """Words at the right edge, each on a fine line to its bag."""
        ui = self.ui
        assert self._map is not None
        height = ui.g(6)
        wide = ui.g(11)
        below = area.top
        for light in bags:
            _x, y = self._map.point(light.part)
            # In the order of the leg, each at its bag's height if there is room, else right below the last.
            if light.part == "foot":
                y += ui.g(4)
            if light.part == "heel":
                y = below - height / 2
            top = min(below, y + height / 2)
            below = top - height
            place = Rect(area.right - wide, top - height, wide, height)
            words = place.copy()
            name = words.cut_top(ui.g(2.5))
            self.add_widget(Text(ui, name, light.name, size="small", tone="quiet", align="right"))
            value = Text(ui, words, size="title", tone="air", weight="strong", align="right")
            self._values[light.part] = value
            if light.part != "heel":
                from_x, from_y = self._map.point(light.part)
                middle = name.center[1]
                end = place.right - text_width(ui, light.name, "small") - ui.g(1)
                if end - from_x > ui.g(1):
                    thin = max(1.2, ui.g(1) * 0.15)
                    self.canvas.add(
                        Line([(from_x, from_y), (from_x + ui.g(1), middle), (end, middle)], thin,
                             ui.color("outline", 0.8))
                    )  # fmt: skip

    def _row(self, row: Rect, group: Sequence[ZoneLight]) -> None:
        ui = self.ui
        for light, place in zip(group, row.columns(max(2, len(group)), ui.g(0.5)), strict=False):
            dot = ui.g(1.25)
            mark = place.cut_left(dot, ui.g(0.75))
            picture = Picture(
                disc_texture(dot), mark.x, round(mark.center[1] - dot / 2), ui.color(light.token)
            )
            self._marks[light.part] = picture
            self.canvas.add(picture)
            text = Text(ui, place, size="small", tone=light.token)
            self._values[light.part] = text
            self.add_widget(text)


def _spoken(light: ZoneLight) -> str:
    if light.part in BAGS:
        return light.value
    return f"{light.name} {light.value} {light.unit}".rstrip()
