"""Service in every state: snapshots of a machine under a builder's hands, and the pictures of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import msgspec
from scenes import ADVICE, FAULT, NOW, idle

from app.sessions.faultlog import LogRow
from hardware.control.autotune import tuning_too_long
from hardware.machine import Gains
from hardware.message import Count, Part, Pressure, Temperature
from hardware.messages import (
    BagView,
    CheckView,
    InputsView,
    InputView,
    MotorView,
    PadView,
    Snapshot,
    TuneView,
)
from hardware.safety.bag_causes import bag_did_not_fill, it_leaks
from hardware.safety.expectation import Expectation
from hardware.safety.pad_watch import nothing_read, pad_sensors_read
from hardware.service.finding import bag_not_empty
from hardware.service.pulses import bag_takes_no_air
from hardware.words import MotionKind, Side, Zone

CODES = (513, 511, 512, 510, 104, 103, 105, 102)
KEYS = (
    *("pad.left.a", "pad.left.b", "pad.right.a", "pad.right.b"),
    *("bag.foot", "bag.ankle", "bag.calf", "bag.heel"),
)
MOTORS = (("roll", "sole"), ("knead", "arch"), ("vibrate", "sole"))
IN_USE = Gains(kp=0.5, ki=0.01, kd=5.5)
FOUND = Gains(kp=0.6123, ki=0.01384, kd=6.772)
SOUND = CheckView(None, None, True, 0)


def read(
    words: Sequence[int],
    values: Sequence[float | None],
    expected: Sequence[Expectation | None] = (None,) * len(KEYS),
    *,
    stop_open: bool = False,
) -> InputsView:
    """Of the reference machine's inputs, the pads' first."""
    each = zip(KEYS, values, words, expected, strict=True)
    return InputsView(stop_open, {key: InputView(value, word, of) for key, value, word, of in each})


INPUTS = read(CODES, (24.1, 24.2, 24.2, 24.3, 1.8, 0.4, 2.9, -0.6))


def at_rest(**more: Any) -> Snapshot:
    motors = tuple(MotorView(kind, zone, side, 0.0) for kind, zone in MOTORS for side in ("left", "right"))
    values: dict[str, Any] = {"inputs": INPUTS, "motors": motors, "check": SOUND}
    return idle(**{**values, **more})


def broken() -> Snapshot:
    """A pad whose one sensor is off, one that is shorted, a bag's sensor unplugged, the stop pressed."""
    codes = (1023, 511, 2, 510, 3, 103, 190, 102)
    inputs = read(codes, (None, 24.2, None, 24.3, None, 0.4, 61.0, -0.6), stop_open=True)
    return at_rest(inputs=inputs, state="fault", faults=(FAULT,))


def sensed(off: float = 0.0, mmhg_off: float = 0.0, **more: Any) -> Snapshot:
    """A warm machine whose observers know what to expect; a sensor of each kind is off by so much."""
    codes = (360, 360, 358, 356, 104, 440, 105, 190)
    values = (38.2 + off, 38.1, 37.9, 38.3, 1.8, 52.4, 2.9, 9.4 + mmhg_off)
    means = (38.0, 38.0, 38.1, 38.1, 0.4, 50.0, 2.0, 10.0)
    within = (*(0.44,) * 4, *(4.6,) * 4)
    expected = [Expectation(*each) for each in zip(values, means, within, strict=True)]
    return at_rest(**{"inputs": read(codes, values, expected), "state": "service", **more})


def without_bags() -> Snapshot:
    """The small machine: a pad that was just plugged in, of which nothing can be said yet, and no air."""
    full = sensed().inputs
    assert full is not None
    pads = {key: view for key, view in full.by_key.items() if key.startswith("pad.")}
    for key in ("pad.right.a", "pad.right.b"):
        pads[key] = msgspec.structs.replace(pads[key], expected=Expectation(pads[key].value, None))
    return sensed(inputs=InputsView(full.stop_open, pads), state="idle", bags=())


def driving(output: str, **more: Any) -> Snapshot:
    """The machine says that it drives this output."""
    rest = at_rest()
    values: dict[str, Any] = {"state": "service", "driven": output}
    kind, where, *side = output.split(".")
    match kind:
        case "valve":
            now = BagView(cast(Zone, where), 23.6, None, True)
            values["bags"] = tuple(now if was.zone == where else was for was in rest.bags)
        case "pad":
            warm = PadView(cast(Side, where), 25.4, None, 1.0)
            values["pads"] = tuple(warm if was.side == where else was for was in rest.pads)
        case _:
            turns = MotorView(cast(MotionKind, kind), cast(Zone, where), cast(Side, side[0]), 0.3)
            values["motors"] = tuple(
                turns if (was.kind, was.zone, was.side) == (kind, where, side[0]) else was
                for was in rest.motors
            )
    return msgspec.structs.replace(rest, **{**values, **more})


def curve(seconds: int, target_c: float = 38.0) -> tuple[tuple[int, float, float], ...]:
    """What a relay makes of a pad."""
    step = max(1, -(-seconds // 120))
    points = []
    for at in range(0, seconds, step):
        if at < 180:
            points.append((at, round(24 + (target_c - 24) * (1 - math.exp(-at / 60)) / 0.95, 2), 1.0))
        else:
            swing = math.sin((at - 180) / 14)
            points.append((at, round(target_c + 0.6 * swing, 2), 0.72 if swing < 0 else 0.18))
    return tuple(points)


def tune(state: Any = "measuring", seconds: int = 412, **more: Any) -> TuneView:
    values: dict[str, Any] = {
        "side": "left",
        "state": state,
        "reason": None,
        "target_c": 38.0,
        "elapsed_s": float(seconds),
        "curve": curve(seconds),
        "in_use": IN_USE,
        "found": None,
    }
    return TuneView(**{**values, **more})


def log_rows(count: int) -> list[LogRow]:
    """Newest first, of every kind."""
    calf = bag_did_not_fill(Part("bag.calf"), Count(3), it_leaks())
    left = pad_sensors_read(Part("pad.left"), Temperature(39.2), Temperature(31.8))
    made: list[tuple[str, dict[str, Any], str | None]] = [
        ("cleared", {"code": "bag-not-filling"}, None),
        ("fault", {"code": "bag-not-filling", "found": calf}, "Relax"),
        ("gains", {"side": "left", "now": {"kp": 0.6123, "ki": 0.01384, "kd": 6.772}, "before": {}}, None),
        ("tune", {"side": "left"}, None),
        ("fault", {"code": "emergency-stop"}, "Circulation"),
        ("screen-lost", {"silent_s": 4.2}, "Heel"),
        ("frozen", {"seconds": 3.1}, "Relax"),
        ("fault", {"code": "pad-sensors-disagree", "found": left}, None),
        ("shut-down", {}, "Arch"),
    ]
    rows = []
    for number in range(count):
        what, detail, title = made[number % len(made)]
        when = NOW - timedelta(hours=5 * number + 1)
        at = None if number % 11 == 7 else when.timestamp()
        code, found = detail.get("code", ""), detail.get("found")
        rows.append(
            LogRow(
                key=count - number,
                at=at,
                what=what,
                detail={} if code else detail,
                title=title,
                code=code,
                found=found,
            )
        )
    return rows


def led_to(key: str, stage: Any = "ready", *touches: str, wrong: bool = False, phase: str = "") -> Any:
    """Through the machine as far as an output or a kind of step; everything was seen as it should be.

    ``phase``: as far into the emergency stop's step.
    """

    def lead(hand: Any) -> None:
        from app.commissioning.walk import Walk

        walk = Walk(hand.app.machine)
        while not walk.over and key not in (walk.step.kind, walk.step.output and walk.step.output.key):
            output = walk.step.output
            if output is None:
                walk.next()
            elif wrong and output.kind == "knead":
                walk.answer("other", f"knead.arch.{'right' if output.side == 'left' else 'left'}")
            elif wrong and output.key in ("vibrate.sole.right", "valve.calf", "pad.left"):
                walk.answer("no")
            else:
                walk.answer("yes")
        if wrong:
            walk.self_test = {"air": bag_takes_no_air(Part("bag.calf"))}
        walk.stage = stage or "ready"
        if phase:
            walk.stop.phase, walk.stop.stop, walk.stop.rail = phase, "read", "dark"
        page = hand.app.stage.screen._page
        page._core = walk
        hand.app.refresh()
        for name in touches:
            hand.settle(1.0)
            hand.touch(name)
            hand.calm()

    return lead


def moments() -> list[Any]:
    from pictures import Moment

    def of(name: str, snapshot: Snapshot, *touches: str, last: Any = None, **more: Any) -> Moment:
        return Moment(f"service-{name}", snapshot, touches=touches, place="service", last=last, **more)

    checking = at_rest(state="self-test", check=CheckView(None, None, False, 18))
    lacking = CheckView(
        pad_sensors_read(Part("pad.left"), nothing_read(), Temperature(24.2)),
        bag_not_empty(Part("bag.calf"), Pressure(61.0)),
        False,
        0,
    )
    tuning = at_rest(state="service", tune=tune())
    aborted = tune("aborted", 301, reason=tuning_too_long(Count(60)))
    return [
        of("inputs", at_rest()),
        of("inputs-broken", at_rest(), last=broken()),
        of("inputs-expected", sensed()),
        of(
            "inputs-off",
            sensed(-4.3, 46.0),
            last=sensed(-4.3, 46.0, at_s=1010.0),
        ),
        of("inputs-small", without_bags(), machine="small"),
        of("inputs-dead", at_rest(inputs=None)),
        of("outputs", at_rest(), "tab-outputs", "none-of-these"),
        of("outputs-driven", at_rest(), "tab-outputs", "none-of-these", last=driving("valve.ankle")),
        of("outputs-motor", at_rest(), "tab-outputs", "none-of-these", last=driving("knead.arch.left")),
        of("outputs-pad", at_rest(), "tab-outputs", "none-of-these", last=driving("pad.right")),
        of("guest", at_rest(), "tab-outputs"),
        of("tuning", at_rest(), "tab-tuning", "none-of-these"),
        of("tuning-going", at_rest(), "tab-tuning", "none-of-these", last=tuning),
        of(
            "tuning-found",
            at_rest(),
            "tab-tuning",
            "none-of-these",
            last=at_rest(tune=tune("done", found=FOUND)),
        ),
        of("tuning-failed", at_rest(), "tab-tuning", "none-of-these", last=at_rest(tune=aborted)),
        of("air", at_rest(), "tab-air"),
        of("air-advice", at_rest(faults=(ADVICE,)), "tab-air"),
        of("check", at_rest(), "tab-check", "none-of-these"),
        of("check-going", at_rest(), "tab-check", "none-of-these", last=checking),
        of("check-lacking", at_rest(check=lacking), "tab-check", "none-of-these"),
        *(
            of(name, at_rest(), "tab-computer", "walk", "none-of-these", acts=acts)
            for name, acts in {
                "walk": None,
                "walk-stop": led_to("stop"),
                "walk-press": led_to("stop", "asking", phase="press"),
                "walk-dark": led_to("stop", "asking", phase="dark"),
                "walk-still": led_to("stop", "asking", phase="still"),
                "walk-read": led_to("stop", "told", phase="told"),
                "walk-part": led_to("knead.arch.left"),
                "walk-asks": led_to("valve.ankle", "asking"),
                "walk-which": led_to("knead.arch.left", "asking", "walk-other"),
                "walk-told": led_to("rest", "told"),
                "walk-tune": led_to("tune"),
                "walk-found": led_to("", "", wrong=True),
                "walk-sound": led_to(""),
            }.items()
        ),
        of("log", at_rest(), "tab-log"),
        of("log-older", at_rest(), "tab-log", "log-on"),
        of("log-empty", at_rest(), "tab-log", history={"count": 0}),
        of("log-broken", at_rest(), "tab-log", history={"broken": True}),
        of("computer", at_rest(), "tab-computer"),
        of("rotation", at_rest(), "tab-computer", "rotation"),
        of("rotation-asks", at_rest(), "tab-computer", "rotation", "turn-down"),
        of("rotation-asks-upright", at_rest(), "tab-computer", "rotation", "turn-right"),
        of("computer-asks", at_rest(), "tab-computer", "shut-down"),
    ]
