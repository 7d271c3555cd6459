"""Lines as ribbons of triangles with soft edges: for what moves too often to be rasterised again."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, hypot, pi, sin

from app.ui.draw.raster import Point

FEATHER_PX = 1.0

Vertices = list[float]


def ribbon(points: Sequence[Point], width: float, closed: bool = False) -> tuple[Vertices, list[int]]:
    """x, y, u, v for every vertex of a triangle strip along the points, and its indices.

    u runs across the line: 0 and 1 are its outer edges, one feather wider than ``width``.
    """
    if len(points) < 2:
        return [], []
    half = width / 2 + FEATHER_PX / 2
    vertices: Vertices = []
    count = len(points)
    for i, (x, y) in enumerate(points):
        before = points[i - 1] if closed or i > 0 else points[i]
        after = points[(i + 1) % count] if closed or i + 1 < count else points[i]
        ax, ay = _unit(x - before[0], y - before[1])
        bx, by = _unit(after[0] - x, after[1] - y)
        if (ax, ay) == (0, 0):
            ax, ay = bx, by
        if (bx, by) == (0, 0):
            bx, by = ax, ay
        nx, ny = _unit(-(ay + by), ax + bx)
        # A mitre, never longer than twice the half width: spikes in a curve say what is not there.
        along = max(0.5, nx * -by + ny * bx)
        reach = half / along
        vertices += (x + nx * reach, y + ny * reach, 0.0, 0.5, x - nx * reach, y - ny * reach, 1.0, 0.5)
    return vertices, list(range(len(vertices) // 4))


def _unit(dx: float, dy: float) -> Point:
    length = hypot(dx, dy)
    return (dx / length, dy / length) if length else (0.0, 0.0)


def dial(x: float, y: float, radius: float, start: float, end: float) -> list[Point]:
    """Points along a dial from share ``start`` to ``end`` of a turn, clockwise from the top."""
    steps = max(2, int(abs(end - start) * 120) + 1)
    angles = [2 * pi * (start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(x + radius * sin(a), y + radius * cos(a)) for a in angles]


def edge_cover(width: float) -> bytes:
    """The ribbon's texture: coverage across ``width`` pixels, soft for one feather at each edge."""
    texels = 64
    whole = width + FEATHER_PX
    found = bytearray()
    for i in range(texels):
        inside = min((i + 0.5) / texels, 1 - (i + 0.5) / texels) * whole / FEATHER_PX
        found.append(int(255 * min(1.0, inside)))
    return bytes(found)
