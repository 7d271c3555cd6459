"""A curve in the terminal, drawn in braille dots."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT = 64, 12
DOTS_X, DOTS_Y = 2, 4
BRAILLE = 0x2800
DOT = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def plot(points: Sequence[tuple[float, float]], level: float, unit: str) -> list[str]:
    """Lines of text: (x, y) points with a scale at the left and a dotted line at ``level``."""
    if not points:
        return []
    values = [y for _, y in points] + [level]
    low, high = min(values), max(values)
    span = max(high - low, 1e-9)
    last = max(points[-1][0], 1e-9)
    cells = [[0] * WIDTH for _ in range(HEIGHT)]

    def mark(x: float, y: float) -> None:
        column = min(int(x / last * (WIDTH * DOTS_X - 1)), WIDTH * DOTS_X - 1)
        row = round((high - y) / span * (HEIGHT * DOTS_Y - 1))
        cells[row // DOTS_Y][column // DOTS_X] |= DOT[row % DOTS_Y][column % DOTS_X]

    for step in range(0, WIDTH * DOTS_X, 4):
        mark(step / (WIDTH * DOTS_X - 1) * last, level)
    for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[-1]], strict=True):
        steps = max(int((x1 - x0) / last * WIDTH * DOTS_X * 2), 1)
        for step in range(steps):
            share = step / steps
            mark(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share)
    lines = []
    for index, row in enumerate(cells):
        at = high - span * index / (HEIGHT - 1)
        scale = f"{at:6.1f} {unit}" if index % 3 == 0 or index == HEIGHT - 1 else " " * (7 + len(unit))
        lines.append(f"{scale} {''.join(chr(BRAILLE | bits) for bits in row)}")
    minutes = f"{last / 60:.0f} min"
    lines.append(f"{' ' * (8 + len(unit))}0{minutes:>{WIDTH - 1}}")
    return lines
