"""How Service names the machine's parts."""

from __future__ import annotations

from app.ui.habits import number
from app.ui.words import _
from hardware.words import ZONES, MotionKind, Side, Zone


def pad(side: Side) -> str:
    return _("Left pad") if side == "left" else _("Right pad")


def pad_sensor(side: Side, second: bool) -> str:
    if side == "left":
        return _("Left pad B") if second else _("Left pad A")
    return _("Right pad B") if second else _("Right pad A")


def bag(zone: Zone) -> str:
    return {
        "sole": _("Sole bag"),
        "arch": _("Arch bag"),
        "foot": _("Foot bag"),
        "heel": _("Heel bag"),
        "ankle": _("Ankle bag"),
        "calf": _("Calf bag"),
    }[zone]


def named(key: str) -> str:
    """A part by its key (``bag.calf``, ``pad.left.a``, ``knead.arch.left``); empty: it is not known."""
    match key.split("."):
        case [("bag" | "valve"), zone] if zone in ZONES:
            return bag(zone)
        case ["pad", ("left" | "right") as side]:
            return pad(side)
        case ["pad", ("left" | "right") as side, ("a" | "b") as sensor]:
            return pad_sensor(side, sensor == "b")
        case [("knead" | "roll" | "vibrate") as kind, _zone, ("left" | "right") as side, *_number]:
            return _motor(kind, side)
        case ["pump"]:
            return _("Air pump")
    return ""


def _motor(kind: MotionKind, side: Side) -> str:
    left = side == "left"
    match kind:
        case "knead":
            return _("Knead, left") if left else _("Knead, right")
        case "roll":
            return _("Roll, left") if left else _("Roll, right")
        case _:
            return _("Vibrate, left") if left else _("Vibrate, right")


def degrees(c: float | None) -> str:
    """Always Celsius: so are the machine file and every limit that a builder compares with."""
    return "–" if c is None else _("{value} °C").format(value=number(c))


def pressure(mmhg: float | None) -> str:
    # A zero that is nearly met is not "-0".
    return "–" if mmhg is None else _("{value} mmHg").format(value=f"{round(mmhg) + 0:d}")


def signed(value: float | None) -> str:
    if value is None:
        return "–"
    shown = round(value, 1) + 0.0
    return f"+{number(shown)}" if shown >= 0 else number(shown)


def share(duty: float) -> str:
    return _("{value} %").format(value=round(duty * 100))
