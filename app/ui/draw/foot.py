"""The foot and lower leg, and where on it the machine works, as paths.

Drawn in a space of 320 by 400, y downwards as on paper, seen from the inner side, toes to the right.
``parts`` gives every part as a mask for a height wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from app.ui.draw.raster import (
    Contour,
    Mask,
    Point,
    arc,
    box,
    disc,
    fill,
    shade,
    spline,
    stroke,
)

WIDTH, HEIGHT = 320.0, 400.0

_SKIN: list[Point] = [
    # Down the back of the leg: the calf's belly, the Achilles tendon, round the heel ...
    (75, 14), (64, 52), (58, 96), (62, 140), (75, 184), (84, 220), (83, 250), (73, 278), (67, 304),
    (71, 328), (86, 342),
    # ... along the sole: heel, arch, ball, big toe ...
    (108, 344), (130, 336), (156, 326), (184, 327), (208, 338), (232, 345), (254, 343), (270, 341),
    (288, 343), (303, 337), (307, 324), (298, 313), (281, 309),
    # ... and back over the toes and the instep to the shin.
    (262, 306), (242, 296), (219, 277), (197, 254), (179, 230), (168, 206), (164, 176), (169, 136),
    (177, 96), (180, 52), (177, 14),
]  # fmt: skip

# The air bags, each a little wider than the limb it sits on; through these points runs a closed smooth curve.
_BAGS: dict[str, Sequence[Point]] = {
    "calf": (
        (66, 69), (90, 75), (118, 77), (146, 75), (173, 69), (182, 77), (181, 100), (177, 124), (172, 141),
        (165, 149), (142, 154), (118, 156), (92, 154), (70, 149), (57, 140), (53, 118), (52, 96), (57, 77),
    ),
    "ankle": (
        (86, 197), (104, 201), (124, 203), (146, 201), (163, 197), (171, 203), (177, 216), (185, 231),
        (184, 242), (166, 248), (132, 251), (104, 249), (85, 245), (77, 238), (78, 222), (77, 205),
    ),
    "foot": (
        (204, 253), (216, 266), (230, 279), (243, 290), (246, 299), (238, 312), (229, 328), (222, 342),
        (213, 347), (196, 338), (178, 333), (165, 332), (161, 324), (170, 308), (182, 288), (191, 264),
        (196, 254),
    ),
    "heel": (
        (76, 278), (65, 290), (60, 306), (63, 326), (73, 342), (90, 350), (110, 350), (119, 344), (112, 335),
        (100, 328), (92, 316), (90, 300), (91, 284), (85, 277),
    ),
}  # fmt: skip

BAGS = tuple(_BAGS)

LABEL_AT: dict[str, Point] = {
    "calf": (184, 112), "ankle": (176, 226), "foot": (226, 268), "heel": (66, 318), "sole": (236, 362),
    "arch": (156, 348), "toes": (262, 302),
}  # fmt: skip
"""Where the line from a part's words ends."""

_NODES = ((130, 351, 8.5), (156, 344, 9.5), (183, 345, 8.5))
_ROLLERS = ((224, 363, 10), (250, 361, 10), (102, 361, 10))


def _scaled(points: Sequence[Point], height: float) -> Contour:
    k = height / HEIGHT
    return [(x * k, (HEIGHT - y) * k) for x, y in points]


def _fade(y: float) -> float:
    """The leg is not cut off at the top: it fades away."""
    return (0.985 - y) * 7


def _skin() -> Contour:
    # The leg's upper end is a straight hem with rounded corners: the doubled points keep it one.
    return spline([*_SKIN[:1], *_SKIN, *_SKIN[-1:], (168, 8), (168, 8), (84, 8), (84, 8)])


@lru_cache(maxsize=8)
def parts(height: int) -> dict[str, Mask]:
    """Every part's mask for a drawing ``height`` pixels high and 0.8 times as wide.

    ``skin``, ``light`` (a soft light on it), ``lines`` (outline, ankle bone, toenail), the bags ``calf``,
    ``ankle``, ``foot``, ``heel``, with ``<bag>-edge``; ``sole`` (rollers), ``arch`` (kneading nodes),
    ``vibrate`` (waves at the toes) and ``plate`` (the warm pad under the sole).
    """
    k = height / HEIGHT
    skin = _skin()
    skin_mask = shade(fill([_scaled(skin, height)]), _fade)
    found = {
        "skin": skin_mask,
        "light": shade(skin_mask, lambda y: 0.25 + 0.75 * y, lambda x: 0.9 - abs(x - 0.42) * 2.3),
        "lines": shade(
            fill(
                [
                    *_px(stroke(skin, max(2.0, 1.2 / k), closed=True), height),
                    *_px(stroke(arc(124, 268, 13, 15, 0.06, 0.44, 16), max(1.8, 1.1 / k)), height),
                    *_px(
                        stroke(spline([(287, 316), (292, 322), (301, 323)], False), max(1.8, 1.1 / k)), height
                    ),
                ]
            ),
            _fade,
        ),
        "sole": fill([_scaled(disc(x, y, r), height) for x, y, r in _ROLLERS]),
        "arch": fill([_scaled(disc(x, y, r), height) for x, y, r in _NODES]),
        "vibrate": fill(
            [
                contour
                for r in (10, 19)
                for contour in _px(stroke(arc(292, 358, r, r, -0.12, 0.12, 10), 4), height)
            ]
        ),
        "plate": fill([_scaled(box(58, 379, 244, 9, 4.5), height)]),
    }
    for name, points in _BAGS.items():
        shape = spline(points)
        found[name] = fill([_scaled(shape, height)])
        found[f"{name}-edge"] = fill(_px(stroke(shape, max(2.4, 1.3 / k), closed=True), height))
    return found


def _px(contours: Sequence[Contour], height: float) -> list[Contour]:
    return [_scaled(contour, height) for contour in contours]
