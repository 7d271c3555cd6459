"""The icons: strokes and shapes in a square of 24, y upwards."""

from __future__ import annotations

import itertools
from functools import lru_cache
from math import cos, pi, sin

from app.ui.draw.raster import Contour, Mask, Point, arc, box, disc, fill, spline, stroke

_W = 2.0


def _lines(*lines: list[Point]) -> list[Contour]:
    """Straight pen strokes; each is cut into its segments so that corners stay round and even."""
    found: list[Contour] = []
    for line in lines:
        for a, b in itertools.pairwise(line):
            found.extend(stroke([a, b], _W))
    return found


def _curve(points: list[Point]) -> list[Contour]:
    return stroke(points, _W)


def _ring(x: float, y: float, r: float) -> list[Contour]:
    return stroke(disc(x, y, r), _W, closed=True)


def _spoke(x: float, y: float, near: float, far: float, turn: float) -> list[Contour]:
    """A short stroke pointing away from a middle."""
    across, up = cos(2 * pi * turn), sin(2 * pi * turn)
    return _lines([(x + near * across, y + near * up), (x + far * across, y + far * up)])


def _shapes(name: str) -> list[list[Contour]]:
    """Layers to lay over each other; within a layer nothing overlaps."""
    match name:
        case "plus":
            return [_lines([(12, 4.5), (12, 19.5)]), _lines([(4.5, 12), (19.5, 12)])]
        case "minus":
            return [_lines([(4.5, 12), (19.5, 12)])]
        case "pause":
            return [[box(6, 4.5, 4, 15, 1.4), box(14, 4.5, 4, 15, 1.4)]]
        case "play":
            return [[_rounded([(7, 4.5), (19.5, 12), (7, 19.5)])]]
        case "stop":
            return [[box(5, 5, 14, 14, 3)]]
        case "skip":
            return [[_rounded([(4.5, 5), (14.5, 12), (4.5, 19)])], [box(16.5, 5, 3, 14, 1.3)]]
        case "left":
            return _each(_lines([(14.5, 5), (8, 12), (14.5, 19)]))
        case "right":
            return _each(_lines([(9.5, 5), (16, 12), (9.5, 19)]))
        case "up":
            return _each(_lines([(5, 9.5), (12, 16), (19, 9.5)]))
        case "down":
            return _each(_lines([(5, 14.5), (12, 8), (19, 14.5)]))
        case "down-two":
            return _each(_lines([(5, 19), (12, 12.5), (19, 19)], [(5, 11.5), (12, 5), (19, 11.5)]))
        case "check":
            return _each(_lines([(4.5, 12.5), (10, 7), (20, 17.5)]))
        case "home":
            return [
                *_each(_lines([(3.5, 11.5), (12, 19.5), (20.5, 11.5)])),
                *_each(_lines([(6, 10), (6, 4.5), (18, 4.5), (18, 10)])),
            ]
        case "history":
            return [
                _curve(arc(12.5, 12, 8.2, 8.2, 0.5, -0.38)),
                *_each(_lines([(1.8, 14.2), (4.3, 11.4), (7.4, 13.6)])),
                *_each(_lines([(12.5, 16.4), (12.5, 12), (15.8, 9.8)])),
            ]
        case "again":
            return [
                _curve(arc(12, 12, 7.6, 7.6, 0.14, 0.97)),
                *_each(_lines([(18.8, 19.5), (18.4, 15), (14, 14.8)])),
            ]
        case "sliders":
            return [
                *_each(_lines([(4, 17.5), (20, 17.5)], [(4, 12), (20, 12)], [(4, 6.5), (20, 6.5)])),
                [disc(15, 17.5, 3), disc(8, 12, 3), disc(13, 6.5, 3)],
            ]
        case "plus-time":
            return [
                _curve(arc(11, 11, 7.8, 7.8, 0.18, 1.0)),
                *_each(_lines([(11, 15), (11, 11), (8, 9)])),
                *_each(_lines([(19, 22), (19, 15)], [(15.5, 18.5), (22.5, 18.5)])),
            ]
        case "bolt":
            return [[_rounded([(13.5, 22), (4.5, 10.5), (11, 10.5), (9.5, 2), (19.5, 14), (12.6, 14)])]]
        case "here":
            return [_ring(12, 12, 8), [disc(12, 12, 3.4)]]
        case "warning":
            return [
                *_each(_lines([(12, 20.2), (22, 3.8), (2, 3.8), (12, 20.2)])),
                _lines([(12, 14.2), (12, 9.6)]),
                [disc(12, 6.8, 1.3)],
            ]
        case "link":
            return [_curve(arc(12, 12, 8, 8, 0.05, 0.45)), _curve(arc(12, 12, 8, 8, 0.55, 0.95))]
        case "warm":
            return [
                _curve(spline([(x, 4.5), (x - 1.8, 8), (x + 1.8, 14), (x, 19.5)], False))
                for x in (6.5, 12, 17.5)
            ]
        case "air":
            return [
                _curve([(3, 9), (15, 9), *arc(15, 12, 3, 3, -0.25, 0.4, 12)][1:]),
                _curve([(3, 9), (15, 9)]),
                _curve([(3, 14.5), (8, 14.5), *arc(8, 17, 2.5, 2.5, -0.25, 0.4, 12)]),
                _curve([(6, 4.5), (20, 4.5)]),
            ]
        case "chair":
            return _each(_lines([(6, 20), (6, 4)], [(6, 10.5), (17, 10.5), (17, 4)], [(6, 10.5), (12.5, 16)]))
        case "foot":
            return [
                _curve(spline([(9, 21), (8, 13), (5.5, 7), (7, 4), (12, 5), (17, 4), (20.5, 5.5), (19, 8.5),
                               (14.5, 11.5), (14.5, 21)], False))
            ]  # fmt: skip
        case "eye":
            return [
                _curve(spline([(2.5, 12), (7, 17), (12, 18.5), (17, 17), (21.5, 12)], False)),
                _curve(spline([(2.5, 12), (7, 7), (12, 5.5), (17, 7), (21.5, 12)], False)),
                [disc(12, 12, 3)],
            ]
        case "filter":
            return _each(_lines([(4, 18), (20, 18)], [(7, 12), (17, 12)], [(10, 6), (14, 6)]))
        case "gear":
            teeth = [_spoke(12, 12, 7.2, 9.2, turn / 8) for turn in range(8)]
            return [_ring(12, 12, 6.4), [disc(12, 12, 2.4)], *_each([c for tooth in teeth for c in tooth])]
        case "sun":
            rays = [_spoke(12, 12, 7.6, 10, turn / 8) for turn in range(8)]
            return [[disc(12, 12, 4.4)], *_each([c for ray in rays for c in ray])]
        case "moon":
            return [
                [[*arc(11.5, 12, 8.6, 8.6, 0.25, 0.9717, 32), *arc(15.8, 15.6, 6.6, 6.6, 0.8586, 0.3631)]]
            ]
        case "globe":
            return [
                _ring(12, 12, 8.6),
                stroke(arc(12, 12, 4, 8.6, 0.0, 1.0, 32), 1.6),
                *_each(stroke([(3.6, 12), (20.4, 12)], 1.6)),
            ]
        case "bell":
            dome = [(4.5, 7), (6.5, 9.5), (6.8, 14), (9, 18), (12, 19.2), (15, 18), (17.2, 14), (17.5, 9.5)]
            return [
                _curve(spline([*dome, (19.5, 7)], False)),
                *_each(_lines([(4.5, 7), (19.5, 7)])),
                [disc(12, 4, 1.8)],
            ]
        case "lock":
            return [
                [box(5, 3.5, 14, 10.5, 2.4)],
                _curve([(8, 14), *arc(12, 16, 4, 4, 0.5, 0.0, 16), (16, 14)]),
            ]
        case "info":
            return [_ring(12, 12, 8.6), _lines([(12, 12), (12, 7.6)]), [disc(12, 15.8, 1.3)]]
        case "erase":
            return [
                *_each(_lines([(9, 18.5), (3, 12), (9, 5.5), (21, 5.5), (21, 18.5), (9, 18.5)])),
                *_each(_lines([(11.5, 14.6), (16.7, 9.4)], [(11.5, 9.4), (16.7, 14.6)])),
            ]
        case "person":
            return [[disc(12, 16.5, 4.2)], [[(3.8, 3.6), *arc(12, 3.6, 8.2, 7.4, 0.5, 0.0, 24)]]]
        case "edit":
            return [
                *_each(
                    _lines([(5.2, 5.2), (6.4, 10.2), (16.4, 20.2), (20.2, 16.4), (10.2, 6.4), (5.2, 5.2)])
                ),
                *_each(_lines([(13.6, 17.4), (17.4, 13.6)])),
            ]
        case "shift":
            return _each(
                _lines(
                    [
                        (12, 20),
                        (4, 11.5),
                        (8.5, 11.5),
                        (8.5, 5),
                        (15.5, 5),
                        (15.5, 11.5),
                        (20, 11.5),
                        (12, 20),
                    ]
                )
            )
        case "bin":
            return [
                *_each(_lines([(4, 18), (20, 18)], [(9, 21), (15, 21)])),
                *_each(_lines([(6, 18), (7, 4), (17, 4), (18, 18)], [(12, 14), (12, 8)])),
            ]
        case "stick":
            return [
                *_each(_lines([(7, 14.5), (7, 2.8), (17, 2.8), (17, 14.5), (7, 14.5)])),
                *_each(_lines([(9, 14.5), (9, 20.8), (15, 20.8), (15, 14.5)])),
            ]
        case _:
            raise KeyError(name)


def _each(contours: list[Contour]) -> list[list[Contour]]:
    return [[contour] for contour in contours]


def _rounded(points: list[Point]) -> Contour:
    """A polygon with its corners cut round."""
    found: Contour = []
    for i, (x, y) in enumerate(points):
        for px, py in (points[i - 1], points[(i + 1) % len(points)]):
            dx, dy = px - x, py - y
            length = (dx * dx + dy * dy) ** 0.5
            found.append((x + dx / length * 1.4, y + dy / length * 1.4))
    return found


@lru_cache(maxsize=128)
def icon(name: str, size: int) -> Mask:
    """The icon's mask, ``size`` pixels square."""
    k = size / 24
    cover = bytearray(size * size)
    for layer in _shapes(name):
        mask = fill([[(x * k, y * k) for x, y in contour] for contour in layer])
        for row in range(mask.h):
            y = row + mask.y
            if not 0 <= y < size:
                continue
            for column in range(mask.w):
                x = column + mask.x
                value = mask.cover[row * mask.w + column]
                if value and 0 <= x < size:
                    at = y * size + x
                    # Layers join as paint does: each covers its share of what was left open.
                    cover[at] = 255 - (255 - cover[at]) * (255 - value) // 255
    return Mask(0, 0, size, size, bytes(cover))
