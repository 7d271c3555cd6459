"""The foot map with its numbers: every light has its words beside it."""

from __future__ import annotations

from collections.abc import Sequence

from app.ui.layout import Rect
from app.ui.state.session import ZoneLight
from app.ui.widgets.base import Element, Text, Ui, least_width, text_width
from app.ui.widgets.footmap import FootMap
from app.ui.widgets.paint import Line, Picture, disc_texture
from app.ui.words import _

BESIDE = ("calf", "ankle", "foot", "heel")
"""The bags, as they stand from above; only the heel's words have no line to it, the foot is in its way."""
ASLEEP = 0.02
"""Below this strength a part does nothing, and its words are quiet."""
ROW = 4.25
"""A bag's line of words, grid steps."""
ROW_BELOW = 3.25
"""The same of motors and pads."""
MARK = 1.75
"""A light before its words, and the gap between them."""
APART = 1.0
"""Between two of them: more than between a light and its words."""
VALUE = 6.0
"""Room for a pressure, grid steps."""


class Readings(Element):
    """The foot on the left, the bags' pressures beside it, motors and pads in lines below."""

    def __init__(self, ui: Ui, rect: Rect) -> None:
        super().__init__(ui, rect)
        self._shape: tuple[str, ...] | None = None
        self._values: dict[str, Text] = {}
        self._marks: dict[str, Picture] = {}
        self._map: FootMap | None = None
        self._unit: Text | None = None

    def covered(self, low: float) -> None:
        """Something lies over all that is above ``low``: no half of a word is to look out below it."""
        if self._unit is not None:
            self._unit.opacity = 1.0 if self._unit.top <= low else 0.0

    def update(self, lights: Sequence[ZoneLight]) -> None:
        shape = tuple(light.part for light in lights)
        if shape != self._shape:
            self._shape = shape
            self._build(lights)
        assert self._map is not None
        pads = [light.strength for light in lights if light.part.startswith("pad-")]
        for light in lights:
            rgba = self.ui.color(light.tone)
            words = self._values[light.part]
            words.set(_spoken(light))
            words.tint(rgba if light.strength >= ASLEEP else self.ui.color("quiet"))
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
        self._values, self._marks, self._unit = {}, {}, None
        area = self.rect.copy()
        bags = [light for name in BESIDE for light in lights if light.part == name]
        motors = [light for light in lights if light.tone == "motion"]
        pads = [light for light in lights if light.tone == "heat"]
        for group in (pads, motors):
            if not group:
                continue
            if self._too_wide(group):
                # Under each other, the foot a little smaller: no word is to be cut.
                for light in reversed(group):
                    self._row(area.cut_bottom(ui.g(ROW_BELOW)), [light])
            else:
                self._row(area.cut_bottom(ui.g(ROW_BELOW)), group)
        place, spare = _map_place(ui, area)
        self._map = FootMap(ui, place, centred=False)
        self._map.only([light.part for light in lights] + (["plate"] if pads else []))
        self.add_widget(self._map)
        self._beside(area.right - round(spare / 2), bags)

    def _beside(self, right: float, bags: Sequence[ZoneLight]) -> None:
        """Names and pressures in two columns at the right, each name on a fine line to its bag."""
        ui = self.ui
        assert self._map is not None
        if not bags:
            return
        high = ui.g(ROW)
        column = Rect(right - ui.g(VALUE), 0, ui.g(VALUE), high)
        widest = max(text_width(ui, light.name, "small") for light in bags) + ui.g(0.5)
        lowest = self._map.point("toes")[1] + ui.g(0.75)
        # From the foot upwards, each at its bag's height or right above the one below.
        for light in reversed(bags):
            x, y = self._map.point(light.part)
            here = light.part != "heel"
            middle = max(lowest + high / 2, y + ui.g(1)) if here else lowest + high / 2
            lowest = middle + high / 2
            words = Rect(column.x - ui.g(0.5) - widest, middle - high / 2, widest, high)
            self.add_widget(Text(ui, words, light.name, size="small", tone="quiet", align="right"))
            place = Rect(column.x, words.y, column.w, high)
            value = Text(ui, place, size="title", tone=light.tone, weight="strong", align="right")
            self._values[light.part] = value
            self.add_widget(value)
            if here:
                end = words.right - text_width(ui, light.name, "small") - ui.g(1)
                self._leader((x, y), middle, end)
        unit = Rect(column.x - ui.g(8), lowest, column.w + ui.g(8), ui.g(3))
        self._unit = Text(ui, unit, _("air, mmHg"), size="small", tone="quiet", align="right")
        self.add_widget(self._unit)

    def _leader(self, start: tuple[float, float], level: float, end: float) -> None:
        """A fine line from a bag up to the height of its words."""
        ui = self.ui
        x, y = start
        bend = x + abs(level - y)
        if end <= bend:
            return
        points = [(x, y), (bend, level), (end, level)]
        self.canvas.add(Line(points, max(1.2, ui.g(1) * 0.15), ui.color("outline", 0.8)))
        dot = ui.g(0.75)
        self.canvas.add(Picture(disc_texture(dot), x - dot / 2, y - dot / 2, ui.color("outline")))

    def _too_wide(self, group: Sequence[ZoneLight]) -> bool:
        """Whether these have no room beside each other, in small print either."""
        ui = self.ui
        marks = len(group) * ui.g(MARK) + (len(group) - 1) * ui.g(APART)
        return sum(least_width(ui, _longest(ui, light)) for light in group) + marks > self.rect.w

    def _row(self, row: Rect, group: Sequence[ZoneLight]) -> None:
        ui = self.ui
        dot, gap = ui.g(MARK - 0.5), ui.g(0.5)
        wide = [dot + gap + text_width(ui, _longest(ui, light), "small") for light in group]
        # Even columns as long as the words fit them; else each as wide as its words.
        even = max(2, len(group))
        apart = ui.g(APART)
        places = row.columns(even, apart)
        if max(wide) > places[0].w:
            places = row.shares(tuple(wide), apart)
        for light, place in zip(group, places, strict=False):
            mark = place.cut_left(dot, gap)
            picture = Picture(
                disc_texture(dot), mark.x, round(mark.center[1] - dot / 2), ui.color(light.tone)
            )
            self._marks[light.part] = picture
            self.canvas.add(picture)
            text = Text(ui, place, size="small", tone=light.tone)
            self._values[light.part] = text
            self.add_widget(text)


def warm(ui: Ui, rect: Rect) -> None:
    """Be ready to show a session of any shipped program."""
    area = rect.copy()
    area.cut_bottom(2 * ui.g(ROW_BELOW))
    FootMap.warm(_map_place(ui, area)[0])


def _map_place(ui: Ui, area: Rect) -> tuple[Rect, float]:
    """Where the foot stands above the lines, and how much room is to spare beside it and its words."""
    area = area.copy()
    area.cut_bottom(ui.g(1))
    # The words stand where the leg leaves room, above the toes: the foot may reach below them.
    side = min(area.h, (area.w - ui.g(3)) / 0.8)
    spare = max(0.0, area.w - side * 0.8 - ui.g(16))
    return Rect(area.x + round(spare / 2), area.y + (area.h - side) / 2, side * 0.8, side), spare


def _longest(ui: Ui, light: ZoneLight) -> str:
    """What a line may come to say while it stands: a motor that goes now will rest."""
    said = [_spoken(light)]
    if light.tone == "motion":
        said.append(f"{light.name} {_('at rest')}")
    return max(said, key=lambda words: least_width(ui, words))


def _spoken(light: ZoneLight) -> str:
    if light.part in BESIDE:
        return light.value
    return f"{light.name} {light.value} {light.unit}".rstrip()
