"""Which program's sessions the history shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from app.ui.layout import Rect
from app.ui.screens.base import Desk
from app.ui.widgets.base import Element, Text, Ui, text_width
from app.ui.widgets.button import PushButton
from app.ui.widgets.paint import Ground, Picture, disc_texture
from app.ui.words import _


class FilterSheet(Element):
    """All programs, or one."""

    def __init__(
        self,
        ui: Ui,
        rect: Rect,
        desk: Desk,
        choose: Callable[[str | None], None],
        chosen: str | None,
        out: Rect,
    ) -> None:
        super().__init__(ui, rect)
        self.canvas.add(Ground(rect, ui.color("base")))
        page = rect.inset(ui.g(3))
        page.cut_bottom(out.h, ui.g(2))
        self.add_widget(
            PushButton(
                ui,
                out,
                "filter-back",
                _("Back"),
                partial(choose, chosen),
                icon="left",
                radius=4.5,
                ground="surface",
            )
        )
        self.add_widget(
            Text(ui, page.cut_top(ui.g(5), ui.g(2)), _("Show sessions of"), size="title", weight="strong")
        )
        options = [(None, _("All programs"), "")] + [
            (program.id, program.title, program.accent) for program in desk.programs.values()
        ]
        columns = 2 if rect.h > rect.w else 3
        high = min(ui.g(9), (page.h - ui.g(1.5) * -(-len(options) // columns)) / -(-len(options) // columns))
        for at in range(0, len(options), columns):
            row = page.cut_top(high, ui.g(1.5))
            for (program, title, accent), place in zip(
                options[at : at + columns], row.columns(columns, ui.g(1.5)), strict=False
            ):
                self.add_widget(
                    PushButton(
                        ui,
                        place,
                        f"filter-{program or 'all'}",
                        title,
                        partial(choose, program),
                        style="chosen" if program == chosen else "plain",
                        accent=accent,
                        ground="surface",
                        may_cut=program is not None,
                    )
                )
                if accent and program != chosen:
                    # The colour stands with the name, as in the list.
                    dot, wide = ui.g(1.75), text_width(ui, title, "body", "strong")
                    x = max(place.x + ui.g(1), place.center[0] - wide / 2 - ui.g(1.25) - dot)
                    mark = Picture(disc_texture(dot), round(x), place.center[1] - dot / 2, ui.color(accent))
                    self.canvas.after.add(mark)

    def on_touch_down(self, touch: Any) -> bool:
        super().on_touch_down(touch)
        return True
