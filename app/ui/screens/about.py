"""About and licences: what this is, which version, and whose work is in it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from app.ui.layout import Rect
from app.ui.state.settings import COMPONENTS
from app.ui.widgets.base import Element, Panel, Text, Ui, paragraph, text_width
from app.ui.words import _

LINE = 3.25


def own_version() -> str:
    try:
        return version("instep")
    except PackageNotFoundError:
        return "0"


class About(Element):
    """``lowest`` is where the list of licences ends; below it on the right is the way out."""

    def __init__(self, ui: Ui, rect: Rect, lowest: float) -> None:
        super().__init__(ui, rect)
        area = rect.copy()
        area.cut_bottom(lowest - rect.y)
        head = area.cut_top(ui.g(4.5), ui.g(0.5))
        self.add_widget(Text(ui, head.copy(), "Instep", size="title", weight="strong"))
        self.add_widget(
            Text(
                ui,
                head,
                _("Version {version}").format(version=own_version()),
                tone="quiet",
                align="right",
            )
        )
        said = _("For comfort, not a medical device. Free software under the MIT licence.")
        self.add_widget(paragraph(ui, area.cut_top(ui.g(6.5), ui.g(1.5)), said, ("small",), tone="quiet"))
        self.add_widget(
            Text(ui, area.cut_top(ui.g(3), ui.g(0.5)), _("With thanks to"), size="small", weight="strong")
        )
        self._licences(area.cut_top(min(area.h, ui.g(LINE) * -(-len(COMPONENTS) // 2) + ui.g(2))))

    def _licences(self, area: Rect) -> None:
        ui = self.ui
        self.add_widget(Panel(ui, area, "surface"))
        half = -(-len(COMPONENTS) // 2)
        halves = COMPONENTS[:half], COMPONENTS[half:]
        widths = [
            tuple(max(text_width(ui, pair[part], "small") for pair in shown) for part in (0, 1))
            for shown in halves
        ]
        # Each column as wide as its words: names and licences of one stand apart as far as the other's.
        columns = area.inset(ui.g(1.5), ui.g(1)).shares(tuple(sum(wide) for wide in widths), ui.g(3))
        for shown, column in zip(halves, columns, strict=True):
            for (name, licence), row in zip(shown, column.rows(half), strict=False):
                wants = (text_width(ui, name, "small"), text_width(ui, licence, "small"))
                left, right = row.shares(wants, ui.g(0.5))
                self.add_widget(Text(ui, left, name, size="small"))
                self.add_widget(Text(ui, right, licence, size="small", tone="quiet", align="right"))
