"""What a program is, beside its controls: picture, name, a line, a paragraph; as much of it as has room."""

from __future__ import annotations

from app.ui.layout import Rect
from app.ui.state.home import ReadyState
from app.ui.widgets.base import Element, Text, Ui, line_count, paragraph, text_width
from app.ui.widgets.footmap import ProgramPicture

NAME = 8.5
"""The program's name above its line, grid steps."""
PICTURE = (11.5, 13.0)
"""The program's picture beside its name, grid steps."""


class ProgramWords(Element):
    """``short``: what is locked stands below and matters more. ``crowded``: the picture makes way for it."""

    def __init__(
        self,
        ui: Ui,
        rect: Rect,
        said: ReadyState,
        line: str,
        short: bool,
        crowded: bool,
        upright: bool,
    ) -> None:
        super().__init__(ui, rect)
        self._said, self._line, self._short = said, line, short
        area = rect.copy()
        if upright:
            self._upright(area)
        elif crowded:
            self._text(area.cut_top(ui.g(4.5)), said.title, "title")
            self._text(area.cut_top(ui.g(3.25)), line, "small")
        else:
            self._beside_picture(area)

    def _beside_picture(self, area: Rect) -> None:
        ui, said = self.ui, self._said
        place = area.cut_top(ui.g(PICTURE[1]), ui.g(1))
        picture = place.cut_left(ui.g(PICTURE[0]), ui.g(2))
        if text_width(ui, said.title, "title", "strong") > place.w:
            # A long name gets the whole width, above its picture.
            self._text(Rect(area.x, place.top - ui.g(4), area.w, ui.g(4)), said.title, "title")
            picture.h -= ui.g(4.5)
            place.h -= ui.g(4.5)
            self._text(place, self._line, "small", wrap=True)
        else:
            lines = 1 if text_width(ui, self._line, "small") <= place.w else 2
            middle = place.middle(place.w, ui.g(4.75 + 3.25 * lines))
            self._text(middle.cut_top(ui.g(4.5)), said.title, "title")
            self._text(middle, self._line, "small", wrap=True, valign="top")
        self._picture(picture)
        if not self._short:
            # What a machine cannot do has to be read; what the program is like stands in its line.
            self._about(area, said.left_out or said.about)

    def _upright(self, area: Rect) -> None:
        """The name and what it is, with the picture beside them; a line alone may have to do without."""
        ui, said = self.ui, self._said
        words = f"{self._line}. {said.left_out}" if said.left_out else said.about
        if self._short:
            words = self._line
        if area.h >= ui.g(PICTURE[0]):
            beside = area.copy()
            picture = beside.cut_right(area.w * 0.4, ui.g(2))
            room = beside.h - ui.g(4.5 if self._short else 5.5)
            high = line_count(ui, words, beside.w, "small") * ui.theme.line_px("small")
            if high > room and not said.left_out:
                # Less said is better than half of it.
                words, high = self._line, 0
            if high <= room:
                self._picture(picture)
                area = beside
        if self._short:
            area = area.middle(area.w, min(area.h, ui.g(NAME)))
        self._text(area.cut_top(ui.g(4.5), 0 if self._short else ui.g(1)), said.title, "title")
        self._about(area, words)

    def _picture(self, place: Rect) -> None:
        said = self._said
        self.add_widget(ProgramPicture(self.ui, place, said.accent, said.works_on, said.warm))

    def _text(self, place: Rect, words: str, size: str, **style: object) -> None:
        strong = size == "title"
        tone, weight = ("text", "strong") if strong else ("quiet", "plain")
        self.add_widget(
            Text(self.ui, place, words, size=size, tone=tone, weight=weight, may_cut=True, **style)  # type: ignore[arg-type]
        )

    def _about(self, place: Rect, words: str) -> None:
        sizes = ("body", "small")
        self.add_widget(paragraph(self.ui, place, words, sizes, tone="quiet", valign="top", may_cut=True))
