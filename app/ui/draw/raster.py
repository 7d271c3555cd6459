"""Paths to coverage: exact area anti-aliasing in plain Python.

Kivy draws polygons without smooth edges unless the panel's GL gives it multisampling, which it does not
everywhere. So a shape is filled here, once per size, into a mask of 256 greys; the screen then only tints the
mask, which costs nothing when a live value changes its colour.

Each edge adds, per row, how much of every pixel lies to its right; a running sum along the row is the
coverage. Paths have y upwards; row 0 of a mask is the bottom one, as in a Kivy texture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import atan2, ceil, cos, floor, hypot, pi, sin

Point = tuple[float, float]
Contour = list[Point]


@dataclass(frozen=True)
class Mask:
    """Coverage 0..255, row by row from the bottom; ``x`` and ``y`` place it in the path's own space."""

    x: int
    y: int
    w: int
    h: int
    cover: bytes


def fill(contours: Iterable[Sequence[Point]]) -> Mask:
    """The coverage of closed contours; where two overlap in the same direction they count once."""
    shapes = [list(contour) for contour in contours]
    xs = [x for shape in shapes for x, _ in shape]
    ys = [y for shape in shapes for _, y in shape]
    if not xs:
        return Mask(0, 0, 1, 1, b"\0")
    left, bottom = floor(min(xs)), floor(min(ys))
    width, height = ceil(max(xs)) - left + 1, ceil(max(ys)) - bottom + 1
    # A row keeps only the pixels that an edge crosses: between them the coverage stays what it is.
    rows: list[dict[int, float]] = [{} for _ in range(height)]
    for shape in shapes:
        for (x0, y0), (x1, y1) in zip(shape, [*shape[1:], shape[0]], strict=True):
            _edge(rows, x0 - left, y0 - bottom, x1 - left, y1 - bottom)
    cover = bytearray()
    for row in rows:
        total, value, at = 0.0, 0, 0
        for column in sorted(row):
            if column >= width:
                break
            cover += _GREYS[value] * (column - at)
            total += row[column]
            value, at = min(255, int(abs(total) * 255 + 0.5)), column
        cover += _GREYS[value] * (width - at)
    return Mask(left, bottom, width, height, bytes(cover))


_GREYS = [bytes([grey]) for grey in range(256)]


def _edge(rows: list[dict[int, float]], x0: float, y0: float, x1: float, y1: float) -> None:
    if y0 == y1:
        return
    sign = 1.0
    if y0 > y1:
        x0, y0, x1, y1, sign = x1, y1, x0, y0, -1.0
    slope = (x1 - x0) / (y1 - y0)
    x = x0
    for index in range(int(y0), ceil(y1)):
        low, high = max(y0, index), min(y1, index + 1)
        x_next = x + slope * (high - low)
        amount = sign * (high - low)
        first, last = (x, x_next) if x < x_next else (x_next, x)
        row = rows[index]
        cell = int(first)
        if last <= cell + 1:
            share = 1 - ((first + last) / 2 - cell)
            row[cell] = row.get(cell, 0.0) + amount * share
            row[cell + 1] = row.get(cell + 1, 0.0) + amount * (1 - share)
        else:
            per_x = amount / (last - first)
            column = cell
            while column < last:
                begin, end = max(first, column), min(last, column + 1)
                entered = (end - begin) * per_x
                share = 1 - ((begin + end) / 2 - column)
                row[column] = row.get(column, 0.0) + entered * share
                row[column + 1] = row.get(column + 1, 0.0) + entered * (1 - share)
                column += 1
        x = x_next


def shade(mask: Mask, up: Callable[[float], float], across: Callable[[float], float] | None = None) -> Mask:
    """The mask made fainter by ``up`` of the height and ``across`` of the width, both 0..1."""
    cover = bytearray(mask.cover)
    for row in range(mask.h):
        begin, end = row * mask.w, (row + 1) * mask.w
        cover[begin:end] = cover[begin:end].translate(_dimmer(up(row / max(1, mask.h - 1))))
    if across is not None:
        for column in range(mask.w):
            table = _dimmer(across(column / max(1, mask.w - 1)))
            cover[column :: mask.w] = cover[column :: mask.w].translate(table)
    return Mask(mask.x, mask.y, mask.w, mask.h, bytes(cover))


def _dimmer(strength: float) -> bytes:
    return _dimmers(round(min(1.0, max(0.0, strength)) * 128))


@lru_cache(maxsize=129)
def _dimmers(strength: int) -> bytes:
    return bytes([grey * strength // 128 for grey in range(256)])


# --- building paths -----------------------------------------------------------------------------------


def spline(points: Sequence[Point], closed: bool = True, steps: int = 8) -> Contour:
    """A smooth curve through the points (Catmull-Rom). A point given twice in a row is a corner."""
    count = len(points)
    found: Contour = []
    for i in range(count if closed else count - 1):
        p1, p2 = points[i % count], points[(i + 1) % count]
        if p1 == p2:
            continue
        p0 = points[(i - 1) % count] if closed or i > 0 else p1
        p3 = points[(i + 2) % count] if closed or i + 2 < count else p2
        for step in range(steps):
            t = step / steps
            found.append(
                tuple(  # type: ignore[arg-type]
                    0.5
                    * (
                        2 * b
                        + (c - a) * t
                        + (2 * a - 5 * b + 4 * c - d) * t * t
                        + (3 * b - a - 3 * c + d) * t**3
                    )
                    for a, b, c, d in zip(p0, p1, p2, p3, strict=True)
                )
            )
    if not closed:
        found.append(points[-1])
    return found


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float, steps: int = 24) -> Contour:
    """Points along an ellipse, angles as shares of a turn, anticlockwise from the right."""
    turn = [2 * pi * (start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(x + rx * cos(a), y + ry * sin(a)) for a in turn]


def disc(x: float, y: float, rx: float, ry: float | None = None) -> Contour:
    return arc(x, y, rx, rx if ry is None else ry, 0, 1, 40)[:-1]


def box(x: float, y: float, w: float, h: float, radius: float = 0) -> Contour:
    """A rectangle with rounded corners."""
    r = min(radius, w / 2, h / 2)
    if r <= 0:
        return [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
    return [
        *arc(x + w - r, y + r, r, r, -0.25, 0, 12),
        *arc(x + w - r, y + h - r, r, r, 0, 0.25, 12),
        *arc(x + r, y + h - r, r, r, 0.25, 0.5, 12),
        *arc(x + r, y + r, r, r, 0.5, 0.75, 12),
    ]


def offset(contour: Sequence[Point], distance: float, closed: bool = True) -> Contour:
    """The curve moved sideways, to its right when positive; outwards for one that runs anticlockwise."""
    found: Contour = []
    count = len(contour)
    for i, (x, y) in enumerate(contour):
        before = contour[(i - 1) % count] if closed or i > 0 else contour[i]
        after = contour[(i + 1) % count] if closed or i + 1 < count else contour[i]
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = hypot(dx, dy) or 1.0
        found.append((x + dy / length * distance, y - dx / length * distance))
    return found


def stroke(contour: Sequence[Point], width: float, closed: bool = False) -> list[Contour]:
    """A line of this width along the curve, with round ends."""
    half = width / 2
    if closed:
        return [offset(contour, half), offset(contour, -half)[::-1]]
    right, left = offset(contour, half, False), offset(contour, -half, False)
    return [_round_end(right, left, contour[-1], half)]


def _round_end(right: Contour, left: Contour, tip: Point, half: float) -> Contour:
    def cap(center: Point, start: Point) -> Contour:
        angle = atan2(start[1] - center[1], start[0] - center[0])
        return [
            (center[0] + half * cos(angle + pi * i / 10), center[1] + half * sin(angle + pi * i / 10))
            for i in range(1, 10)
        ]

    foot = ((right[0][0] + left[0][0]) / 2, (right[0][1] + left[0][1]) / 2)
    return [*right, *cap(tip, right[-1]), *left[::-1], *cap(foot, left[0])]
