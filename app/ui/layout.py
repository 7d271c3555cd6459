"""Rectangles cut from rectangles: the whole layout, in pixels, origin at the bottom left."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Rect:
    """An area that hands out strips of itself and keeps the rest."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def top(self) -> float:
        return self.y + self.h

    @property
    def pos(self) -> tuple[float, float]:
        return (self.x, self.y)

    @property
    def size(self) -> tuple[float, float]:
        return (self.w, self.h)

    @property
    def center(self) -> tuple[float, float]:
        return (self.x + self.w / 2, self.y + self.h / 2)

    def cut_top(self, height: float, gap: float = 0) -> Rect:
        part = Rect(self.x, self.top - height, self.w, height)
        self.h -= height + gap
        return part

    def cut_bottom(self, height: float, gap: float = 0) -> Rect:
        part = Rect(self.x, self.y, self.w, height)
        self.y += height + gap
        self.h -= height + gap
        return part

    def cut_left(self, width: float, gap: float = 0) -> Rect:
        part = Rect(self.x, self.y, width, self.h)
        self.x += width + gap
        self.w -= width + gap
        return part

    def cut_right(self, width: float, gap: float = 0) -> Rect:
        part = Rect(self.right - width, self.y, width, self.h)
        self.w -= width + gap
        return part

    def inset(self, dx: float, dy: float | None = None) -> Rect:
        dy = dx if dy is None else dy
        return Rect(self.x + dx, self.y + dy, self.w - 2 * dx, self.h - 2 * dy)

    def columns(self, count: int, gap: float = 0) -> list[Rect]:
        """``count`` equal columns, on whole pixels."""
        width = (self.w - gap * (count - 1)) / count
        edges = [round(self.x + i * (width + gap)) for i in range(count)]
        return [Rect(edge, self.y, round(width), self.h) for edge in edges]

    def rows(self, count: int, gap: float = 0) -> list[Rect]:
        """``count`` equal rows from the top, on whole pixels."""
        height = (self.h - gap * (count - 1)) / count
        tops = [self.top - i * (height + gap) for i in range(count)]
        return [Rect(self.x, round(top - height), self.w, round(height)) for top in tops]

    def shares(self, parts: tuple[float, ...], gap: float = 0) -> list[Rect]:
        """Columns as wide as their shares."""
        free = self.w - gap * (len(parts) - 1)
        x = self.x
        found = []
        for part in parts:
            width = free * part / sum(parts)
            found.append(Rect(round(x), self.y, round(width), self.h))
            x += width + gap
        return found

    def middle(self, width: float, height: float) -> Rect:
        """A rectangle of this size in the centre."""
        return Rect(
            round(self.x + (self.w - width) / 2), round(self.y + (self.h - height) / 2), width, height
        )

    def overlaps(self, other: Rect) -> bool:
        return self.x < other.right and other.x < self.right and self.y < other.top and other.y < self.top

    def copy(self) -> Rect:
        return Rect(self.x, self.y, self.w, self.h)
