"""What is never quite at rest in a real machine: hum, a pulse, feet that shift, tissue, air, sun.

None of it is a fault. Only a plant whose parameters ask for any of it has one. Units as the plant's; all
that is drawn is drawn from the plant's seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, pi, sin, sqrt
from random import Random

from hardware.machine import KELVIN, Machine
from hardware.virtual.params import SIDES, FootParams, PadParams, PlantParams
from hardware.virtual.parts import BagState, PadState
from hardware.words import Side

SHIFT_TAU_S = 0.5
"""A foot that moves is in its new place within a second or two."""
SWELL_TAU_S = 600.0
"""Fluid comes and goes over a session of some twenty minutes."""
TISSUE_SHARE = 3.0
"""The legs in a bag have so many times the volume of its slack (a foot about a litre, water displaced)."""
CREEP_FULL_MMHG = 40.0
"""Tissue yields to less pressure by less; from here on by all of it."""
PULSE_FULL_MMHG = 40.0
"""A bag that lies on looser feels less of the pulse; as with a cuff."""
WALL_TAU_S = 300.0
"""A bag's cloth takes this long to warm with the foot in it."""
AIR_TAU_S = 5.0
"""The little air in a bag soon has its walls' temperature."""


def asked_for(machine: Machine, params: PlantParams) -> bool:
    """Whether a machine with these parameters has any of it."""
    whole = (params.hum, params.pulse_mmhg, params.pump_air_k)
    feet = (_restless(params.foot(side)) for side in SIDES)
    pads = (params.pad(pad.side).sun_w for pad in machine.pad)
    bags = (bag.creep or bag.air_warms for bag in (params.bag(part.zone) for part in machine.bag))
    return any((*whole, *feet, *pads, *bags))


def _restless(foot: FootParams) -> bool:
    return any((foot.contact_varies, foot.slack_varies, foot.swells))


class Unrest:
    """``hum`` is at this moment, in multiples of each sensor's usual noise; ``contact`` each foot's with its
    pad, of what its parameters say."""

    def __init__(self, machine: Machine, params: PlantParams, seed: int) -> None:
        self.params = params
        self.hum = 0.0
        self.contact: dict[Side, float] = dict.fromkeys(SIDES, 1.0)
        self._seating = Random(f"{seed} seating")
        weather = Random(f"{seed} weather")
        self._hum_at, self._beat_at = weather.random(), weather.random()
        """Of a period, 0..1."""
        self._beat = 0.0
        self._suns = [Sun(params.pad(pad.side), weather.random()) for pad in machine.pad]
        self._bags = len(machine.bag)
        self._feet = 0.0
        self._roomy: dict[Side, list[float]] = {side: [1.0] * self._bags for side in SIDES}
        """Each bag's slack around this foot, of what its parameters say."""
        self._to_contact = dict(self.contact)
        self._to_roomy = {side: list(each) for side, each in self._roomy.items()}
        self._swollen: dict[Side, float] = dict.fromkeys(SIDES, 0.0)
        self._crept_ml = [0.0] * self._bags
        self._held_ml = [0.0] * self._bags
        self._wall_c = [params.room_c] * self._bags
        self._air_c = [params.room_c] * self._bags
        self._warmth = [1.0] * self._bags
        """Volume of the air in a bag, of what it would be at the room's temperature."""
        self._airy = bool(params.pump_air_k) or any(params.bag(bag.zone).air_warms for bag in machine.bag)

    def sits_anew(self, side: Side) -> None:
        """Another foot, or the same one put in once more: it never sits as it did before."""
        self._draw_seat(side)
        self.contact[side] = self._to_contact[side]
        self._roomy[side] = list(self._to_roomy[side])
        self._swollen[side] = 0.0

    def _draw_seat(self, side: Side) -> None:
        foot, rng = self.params.foot(side), self._seating
        self._to_contact[side] = 1.0 + rng.uniform(-1.0, 1.0) * foot.contact_varies
        self._to_roomy[side] = [1.0 + rng.uniform(-1.0, 1.0) * foot.slack_varies for _ in range(self._bags)]

    def pass_time(self, dt_s: float) -> None:
        """What swings goes on."""
        params = self.params
        if params.hum:
            self._hum_at = (self._hum_at + params.hum_hz * dt_s) % 1.0
            self.hum = params.hum * sqrt(2.0) * sin(2.0 * pi * self._hum_at)
        if params.pulse_mmhg:
            self._beat_at = (self._beat_at + params.pulse_per_min / 60.0 * dt_s) % 1.0
            self._beat = 0.5 * params.pulse_mmhg * sin(2.0 * pi * self._beat_at)

    def pulse_mmhg(self, bag: BagState) -> float:
        """What the feet's pulse adds to a bag that lies on them, at this moment."""
        if not bag.closed:
            return 0.0
        return self._beat * min(1.0, bag.mmhg / PULSE_FULL_MMHG) * self._feet / 2.0

    def shine(self, dt_s: float, pads: Sequence[PadState], bare: float) -> None:
        """The sun warms the pads that it reaches, by the share that no blanket holds back."""
        for sun, pad in zip(self._suns, pads, strict=True):
            pad.joules += sun.watts(dt_s) * bare * dt_s

    def settle(
        self,
        dt_s: float,
        bags: Sequence[BagState],
        seated: Mapping[Side, float],
        skin_c: Mapping[Side, float],
        room_c: float,
        case_c: float,
    ) -> None:
        """Feet shift and swell, tissue yields, air takes on its bag's temperature; then :meth:`fit` again."""
        for side in SIDES:
            if seated[side]:
                self._shift(dt_s, side)
        feet = sum(seated.values())
        if self._airy:
            warmer_k = sum(there * (skin_c[side] - room_c) for side, there in seated.items()) / 2.0
            for place, bag in enumerate(bags):
                self._warm(dt_s, place, bag, room_c, warmer_k, case_c)
        for place, bag in enumerate(bags):
            p = bag.params
            if p.creep:
                full_ml = p.slack_ml + p.ml_per_mmhg * bag.mmhg
                goal_ml = p.creep * full_ml * min(1.0, bag.mmhg / CREEP_FULL_MMHG) * feet / 2.0
                self._crept_ml[place] += _alpha(dt_s, p.creep_tau_s) * (goal_ml - self._crept_ml[place])

    def _shift(self, dt_s: float, side: Side) -> None:
        foot = self.params.foot(side)
        if foot.shifts_per_h and self._seating.random() < foot.shifts_per_h / 3600.0 * dt_s:
            self._draw_seat(side)
        near = _alpha(dt_s, SHIFT_TAU_S)
        self.contact[side] += near * (self._to_contact[side] - self.contact[side])
        roomy = self._roomy[side]
        for place, goal in enumerate(self._to_roomy[side]):
            roomy[place] += near * (goal - roomy[place])
        self._swollen[side] += _alpha(dt_s, SWELL_TAU_S) * (foot.swells - self._swollen[side])

    def _warm(
        self, dt_s: float, place: int, bag: BagState, room_c: float, warmer_k: float, case_c: float
    ) -> None:
        wall_c, air_c = self._wall_c[place], self._air_c[place]
        wall_c += _alpha(dt_s, WALL_TAU_S) * (room_c + bag.params.air_warms * warmer_k - wall_c)
        fed_ml = bag.ml - self._held_ml[place]
        if fed_ml > 0.0:
            air_c += fed_ml / bag.ml * (case_c + self.params.pump_air_k - air_c)
        air_c += _alpha(dt_s, AIR_TAU_S) * (wall_c - air_c)
        self._wall_c[place], self._air_c[place], self._held_ml[place] = wall_c, air_c, bag.ml
        self._warmth[place] = (air_c + KELVIN) / (room_c + KELVIN)

    def fit(self, bags: Sequence[BagState], seated: Mapping[Side, float]) -> None:
        """Give each bag the shape that it has around these feet as they are now."""
        self._feet = feet = sum(seated.values())
        for place, bag in enumerate(bags):
            share = sum(
                there * (self._roomy[side][place] - 1.0 - TISSUE_SHARE * self._swollen[side])
                for side, there in seated.items()
            )
            more_ml = share * bag.params.slack_ml / 2.0 + self._crept_ml[place]
            bag.fit(feet, more_ml, self._warmth[place])


class Sun:
    """On one pad, for some minutes, and gone for some."""

    def __init__(self, pad: PadParams, late: float) -> None:
        self._watts, self._mean_s = pad.sun_w, pad.sun_s
        self._rng = Random(late)
        self._shines = not self._mean_s
        self._left_s = late * self._mean_s

    def watts(self, dt_s: float) -> float:
        """What it gives now; ``dt_s`` has passed."""
        if not self._watts:
            return 0.0
        if self._mean_s:
            self._left_s -= dt_s
            if self._left_s < 0.0:
                self._shines = not self._shines
                self._left_s = self._mean_s * self._rng.uniform(0.5, 1.5)
        return self._watts if self._shines else 0.0


def _alpha(dt_s: float, tau_s: float) -> float:
    return 1.0 - exp(-dt_s / tau_s)
