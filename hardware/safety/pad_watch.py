"""Watches one heated pad: do its sensors lie, does it heat when it should, does it heat when it should not.

What a sound pad does, seen on the plant over ±30 % of every number and rooms of 10 to 30 °C: at most
0.14 °C/s; its two sensors within 1 °C; never a word that stays the same for 30 s under heat.
"""

from __future__ import annotations

from collections import deque

from msgspec import Struct

from hardware.safety import limits
from hardware.safety.heat_check import HeatCheck
from hardware.words import Side

PadReading = tuple[float | None, float | None]

RATE_WINDOW_S = 1.0
RATE_MAX_C_PER_S = 1.0
RATE_NOISE_C = 0.5
"""Noise and rounding of two readings that are compared."""
JUMP_HOLD_S = 2.0
"""A sensor that has jumped is not believed for this long."""
INVALID_STOP_S = 5.0
HOT_HEAT_OFF_S = 3.0
HOT_STOP_S = 10.0
HOT_STOP_C = 44.0
HOT_STOP_NOISE_S = 0.3
DISAGREE_C = 3.0
DISAGREE_S = 10.0
FROZEN_S = 30.0
FROZEN_DUTY = 0.10
OFF_S = 20.0
OFF_RISE_C = 1.5
FOOT_WARMS_TO_C = 34.5
FOOT_COOLS_S = 600.0
"""A warm foot put on a cold pad warms it too, but never above what a foot is: skin that was not heated stays
below 34.5 °C, skin that was may be as warm as the pad lately was. What rises above is electricity."""


class Present(Struct, frozen=True):
    """A fault that is present now."""

    detail: str
    stops: bool = True
    """Ends the session and latches; otherwise it is only shown, and costs what it names."""
    rail_off: bool = False


def what_they_read(side: Side, sensors: PadReading) -> str:
    """Of a pad whose sensors are not to be believed, for the builder."""
    a, b = ("nothing" if c is None else f"{c:.1f} °C" for c in sensors)
    return f"The {side} pad's sensors read {a} and {b}."


class SensorWatch:
    """One thermistor: what it says, if it can be believed."""

    def __init__(self) -> None:
        self._past: deque[tuple[float, float]] = deque()
        self._jumped_at = -JUMP_HOLD_S
        self._code = -1
        self._same_s = 0.0

    def believe(self, now: float, celsius: float | None) -> float | None:
        """The reading, or None for one that no pad can give."""
        if celsius is None or celsius != celsius:
            self._past.clear()
            return None
        past = self._past
        past.append((now, celsius))
        while now - past[0][0] > RATE_WINDOW_S:
            past.popleft()
        if abs(celsius - past[0][1]) > RATE_MAX_C_PER_S * RATE_WINDOW_S + RATE_NOISE_C:
            self._jumped_at = now
            past.clear()
            past.append((now, celsius))
        return None if now - self._jumped_at < JUMP_HOLD_S else celsius

    def frozen_s(self, code: int, heated: bool, dt_s: float) -> float:
        """For how long the same word has come while the pad was heated."""
        if code != self._code:
            self._code, self._same_s = code, 0.0
        elif heated:
            self._same_s += dt_s
        return self._same_s


class PadWatch:
    """One pad. ``update`` once a tick; ``believed`` is what may be regulated by."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.believed: PadReading = (None, None)
        self._sensors = (SensorWatch(), SensorWatch())
        self._invalid_s = self._hot_s = self._very_hot_s = self._apart_s = 0.0
        self._check = HeatCheck()
        self._off_s = 0.0
        self._lowest_c: float | None = None
        self._rising = False
        self._foot_c = FOOT_WARMS_TO_C

    def new_session(self) -> None:
        self._check.new_session()

    def update(
        self,
        now: float,
        dt_s: float,
        sensors: PadReading,
        codes: tuple[int, int] | None,
        wanted: bool,
        setpoint_c: float | None,
        duty: float,
    ) -> dict[str, Present]:
        """``wanted`` (it is to be warm), ``setpoint_c`` and ``duty`` are those of the last tick."""
        a, b = (watch.believe(now, c) for watch, c in zip(self._sensors, sensors, strict=True))
        self.believed = (a, b)
        present: dict[str, Present] = {}
        self._validity(present, dt_s, sensors, wanted)
        valid = [celsius for celsius in (a, b) if celsius is not None]
        if valid:
            self._heat(present, max(valid), dt_s)
        if a is not None and b is not None:
            self._agreement(present, a, b, dt_s)
            self._check.update(dt_s, (a + b) / 2, setpoint_c, duty)
            self._by_itself(present, (a + b) / 2, duty, dt_s)
        if self._check.lost:
            detail = f"The {self.side} pad's heat made no difference to it."
            present["pad-not-heating"] = Present(detail, stops=False)
        if codes is not None:
            heated = duty > FROZEN_DUTY
            same = [watch.frozen_s(c, heated, dt_s) for watch, c in zip(self._sensors, codes, strict=True)]
            if max(same) >= FROZEN_S:
                present["pad-sensor-frozen"] = Present(
                    f"A {self.side} pad sensor gave the same word for {max(same):.0f} s of heating."
                )
        return present

    def _validity(self, present: dict[str, Present], dt_s: float, sensors: PadReading, wanted: bool) -> None:
        if None not in self.believed:
            self._invalid_s = 0.0
            return
        self._invalid_s += dt_s
        # With the heat off by choice nobody depends on the sensor: say it, and go on.
        stops = self._invalid_s >= INVALID_STOP_S and wanted
        present["pad-sensor-invalid"] = Present(what_they_read(self.side, sensors), stops)

    def _heat(self, present: dict[str, Present], hottest: float, dt_s: float) -> None:
        self._hot_s = self._hot_s + dt_s if hottest >= limits.PAD_HOT_C else 0.0
        self._very_hot_s = self._very_hot_s + dt_s if hottest >= HOT_STOP_C else 0.0
        if self._hot_s >= HOT_HEAT_OFF_S or self._very_hot_s >= HOT_STOP_NOISE_S:
            stops = self._hot_s >= HOT_STOP_S or self._very_hot_s >= HOT_STOP_NOISE_S
            present["pad-too-hot"] = Present(f"The {self.side} pad reads {hottest:.1f} °C.", stops)

    def _agreement(self, present: dict[str, Present], a: float, b: float, dt_s: float) -> None:
        self._apart_s = self._apart_s + dt_s if abs(a - b) > DISAGREE_C else 0.0
        if self._apart_s >= DISAGREE_S:
            present["pad-sensors-disagree"] = Present(f"The {self.side} pad reads {a:.1f} and {b:.1f} °C.")

    @property
    def heat_lost(self) -> bool:
        """Its heat has to be off: it does not heat, or rests for a moment so that it can show that it did."""
        return self._check.lost or self._check.resting

    def _by_itself(self, present: dict[str, Present], celsius: float, duty: float, dt_s: float) -> None:
        self._foot_c += (FOOT_WARMS_TO_C - self._foot_c) * min(dt_s / FOOT_COOLS_S, 1.0)
        if duty > 0:
            self._foot_c = max(self._foot_c, celsius)
            self._off_s, self._lowest_c, self._rising = 0.0, None, False
            return
        self._off_s += dt_s
        if self._off_s < OFF_S:
            return
        lowest = celsius if self._lowest_c is None else min(self._lowest_c, celsius)
        # As long as a foot could explain it, a rise only moves the point to measure from.
        self._lowest_c = max(lowest, min(celsius, self._foot_c - OFF_RISE_C))
        rise = celsius - self._lowest_c
        if rise > OFF_RISE_C:
            self._rising = True
        elif rise < OFF_RISE_C / 2:
            self._rising = False
        if self._rising:
            present["pad-heating-by-itself"] = Present(
                f"The {self.side} pad rose to {celsius:.1f} °C with its output off.", rail_off=True
            )
