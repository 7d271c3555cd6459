"""The numbers of the plant: each with its everyday value, and a way to draw other plausible machines."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from random import Random
from typing import Self, TypeVar

from msgspec import Struct
from msgspec.structs import asdict, replace

from hardware.words import Side, Zone

SIDES: tuple[Side, ...] = ("left", "right")

P = TypeVar("P", bound=Struct)

SOCK_W_PER_M2K = 30.0
BARE_W_PER_M2K = 80.0


class FootParams(Struct, frozen=True, kw_only=True):
    """A foot: one lump of skin between the pad, the air and the blood."""

    present: bool = True
    skin_c: float = 25.0
    """When it is put in."""
    skin_j_per_k: float = 275.0
    contact_w_per_m2k: float = 60.0
    contact_m2: float = 0.015
    blood_cool_w_per_k: float = 0.2
    blood_warm_w_per_k: float = 0.95
    """Blood flow opens from the first to the second as the skin warms from 33 to 42 °C."""
    blood_c: float = 36.5
    air_w_per_k: float = 0.125
    contact_varies: float = 0.0
    """No foot sits twice alike: the contact is up to this share more or less, drawn anew whenever it is put
    in or moves. Up to 0.3: a sole lies on its heel and ball only, more or less of it."""
    slack_varies: float = 0.0
    """The same for each bag's slack around it. Up to 0.2: a foot's width, a sock, a trouser leg."""
    shifts_per_h: float = 0.0
    """How often it moves by itself. Up to 30: somebody who is restless."""
    swells: float = 0.0
    """Share of its volume that it gains in a session, or loses below zero. ±0.02: what volumetry finds
    after an hour of sitting, and what intermittent compression drains."""


class PadParams(Struct, frozen=True, kw_only=True):
    heater_share: float = 1.0
    """Of the machine file's watts."""
    j_per_k: float = 85.0
    back_w_per_k: float = 0.10
    front_w_per_m2k: float = 9.0
    free_m2: float = 0.025
    covered_m2: float = 0.010
    """Front still open to the air with no foot, and with a foot on it."""
    sensor_lag_s: float = 10.0
    """Up to twice that: a thermistor that is pressed on badly."""
    sensor_dead_s: float = 1.0
    sensor_noise_c: float = 0.05
    sensor_offsets_c: tuple[float, float] = (0.0, 0.0)
    sun_w: float = 0.0
    """What the sun warms it by while it shines on it. Up to 3 W: a tenth of full sun on its free front,
    through a window and a hood."""
    sun_s: float = 300.0
    """How long it shines and how long it is gone, on average: some minutes, as clouds and branches go.
    0: it always shines."""


class BagParams(Struct, frozen=True, kw_only=True):
    """A bag over both feet: P = 0 until ``slack_ml`` is full, then (760 + P)(slack + C·P) = 760·n."""

    slack_ml: float = 200.0
    ml_per_mmhg: float = 1.0
    no_foot_slack: float = 2.0
    no_foot_ml_per_mmhg: float = 4.0
    """Factors for a side without a foot: the bag bulges into the hole."""
    leak_ml_s: float = 0.03
    """At 60 mmHg."""
    orifice_mm: float = 1.5
    discharge: float = 0.68
    empties_mmhg: float = 2.0
    """What the foot's weight and the cloth press out of a slack bag while it is open."""
    valve_s: float = 0.015
    """From its current to its switching. Up to 0.1 after months: dust and oil on the plunger."""
    sensor_lag_s: float = 0.05
    sensor_noise_mmhg: float = 0.5
    zero_mmhg: float = 0.0
    drift_mmhg_per_k: float = 0.1
    """Zero drift as the case warms from 20 °C."""
    creep: float = 0.0
    """Share of its volume at pressure that the tissue under it yields by in time. Up to 0.03: pressed
    tissue keeps yielding for minutes as its fluid leaves, by a few percent of what is in the bag."""
    creep_tau_s: float = 30.0
    """How soon: 5 s (a soft calf) to 120 s."""
    air_warms: float = 0.0
    """How far its cloth, and with it the air, comes from the room's temperature to the skin's in some
    minutes, 0..1: less the thicker the sock."""


BAGS: dict[Zone, BagParams] = {
    "foot": BagParams(slack_ml=200.0, ml_per_mmhg=1.0),
    "ankle": BagParams(slack_ml=250.0, ml_per_mmhg=1.2),
    "calf": BagParams(slack_ml=500.0, ml_per_mmhg=2.0),
    "heel": BagParams(slack_ml=150.0, ml_per_mmhg=0.8),
}


class PlantParams(Struct, frozen=True, kw_only=True):
    """Everything that differs between two machines built from the same machine file, and between feet."""

    room_c: float = 20.0
    room_c_per_h: float = 0.0
    """0.6 is 15 °C in a day; 10 is a window that was opened."""
    room_to_c: float = 38.0
    """The room warms (or cools) at so much until it is at this."""
    blanket: float = 0.0
    """Share of the loss to the room that a blanket over machine and feet holds back, 0..1."""
    noise: float = 1.0
    """Of every sensor's usual noise, 0 to 3: none, as behind good filters, to a bad wire's."""
    spikes: float = 0.0
    """Share of looks at the inputs in which one word is wrong, any of them, by any amount."""
    hum: float = 0.0
    """The mains on all inputs at once, and in step: its root mean square in multiples of each sensor's usual
    noise. With ``noise`` it makes 0 to 3: long unshielded wires beside the 12 V supply."""
    hum_hz: float = 50.0
    """Grids keep 50 or 60 Hz to within 0.05. Looked at 20 times a second 60 Hz is a slow swell of a minute
    or so, and 50 Hz is up in one look and down in the next, more and less so as slowly."""
    pulse_mmhg: float = 0.0
    """Height of a beat in a bag that lies on feet. 0.1 to 0.3: what a cuff so large makes of a few tenths
    of a millilitre."""
    pulse_per_min: float = 70.0
    """50 to 100, of a person at rest."""
    droop: float = 0.0
    """Share of its volts that the supply loses at its full load. Up to 0.1: a plug-in supply's regulation
    and some tenths of an ohm in plugs and cable."""
    pump_air_k: float = 0.0
    """How much warmer than the case the pump's air comes. Up to 15: it has just been compressed."""
    feet: dict[Side, FootParams] = {}
    pads: dict[Side, PadParams] = {}
    bags: dict[Zone, BagParams] = {}
    """By side or zone; what is left out has the everyday values."""
    pump_ml_s: float = 200.0
    pump_stall_mmhg: float = 350.0
    relief_mmhg: float = 150.0
    motor_tau_s: float = 0.2
    case_k_per_w: float = 0.15
    case_tau_s: float = 600.0
    """How the electronics warm with the power drawn."""
    thermostat_c: float = 50.0
    thermostat_back_c: float = 45.0
    fuse_c: float = 70.0

    def foot(self, side: Side) -> FootParams:
        return self.feet.get(side, FootParams())

    def pad(self, side: Side) -> PadParams:
        return self.pads.get(side, PadParams())

    def bag(self, zone: Zone) -> BagParams:
        return self.bags.get(zone) or BAGS.get(zone, BagParams())

    @classmethod
    def random(cls, rng: Random, spread: float = 0.3) -> Self:
        """Another plausible machine, room and pair of feet: each number within ± ``spread`` of its usual one.

        Protective parts (thermostat, fuse, relief valve) and the temperature of blood stay as they are.
        """

        def near(value: float) -> float:
            return value * rng.uniform(1.0 - spread, 1.0 + spread)

        room_c = rng.uniform(10.0, 30.0)
        contact = rng.choice((SOCK_W_PER_M2K, BARE_W_PER_M2K, FootParams().contact_w_per_m2k))
        feet: dict[Side, FootParams] = {}
        pads: dict[Side, PadParams] = {}
        for side in SIDES:
            feet[side] = _vary(
                FootParams(contact_w_per_m2k=contact, present=rng.random() > 0.1),
                near,
                skin_c=rng.uniform(18.0, 32.0),
                blood_c=FootParams().blood_c,
            )
            offsets = (rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.3))
            pads[side] = _vary(PadParams(sensor_offsets_c=offsets), near, heater_share=near(1.0))
        bags: dict[Zone, BagParams] = {
            zone: _vary(
                bag,
                near,
                leak_ml_s=rng.uniform(0.01, 0.05),
                zero_mmhg=rng.uniform(-3.0, 3.0),
                drift_mmhg_per_k=rng.uniform(-0.15, 0.15),
            )
            for zone, bag in BAGS.items()
        }
        return cls(
            room_c=room_c,
            feet=feet,
            pads=pads,
            bags=bags,
            pump_ml_s=near(cls().pump_ml_s),
            pump_stall_mmhg=near(cls().pump_stall_mmhg),
            motor_tau_s=near(cls().motor_tau_s),
            case_k_per_w=near(cls().case_k_per_w),
            case_tau_s=near(cls().case_tau_s),
        )

    def awkward(self, rng: Random) -> Self:
        """The same machine and feet where sensors and rooms are less kind: noise of 0 to 3 times the usual,
        wrong words, rooms of 5 to 38 °C that drift, a blanket."""
        return replace(
            self,
            room_c=rng.uniform(5.0, 38.0),
            room_c_per_h=rng.choice((0.0, 0.0, rng.uniform(-10.0, 10.0))),
            room_to_c=rng.uniform(5.0, 38.0),
            blanket=rng.choice((0.0, 0.0, rng.uniform(0.0, 0.8))),
            noise=rng.choice((0.0, 0.2, 1.0, rng.uniform(0.0, 3.0))),
            spikes=rng.choice((0.0, 0.02)),
        )

    def restless(self, rng: Random) -> Self:
        """The same machine, with what else real ones have and only some of the time: hum among the noise,
        a pulse, feet of 10 to 38 °C that sit otherwise each time, one of them or none, tissue that yields,
        air that warms, sun on a pad, a supply that droops, old valves, sensors that lag twice as much."""

        def some(low: float, high: float) -> float:
            return rng.choice((0.0, rng.uniform(low, high)))

        hum = rng.choice((0.0, 0.0, rng.random()))
        lag = rng.choice((1.0, 1.0, 2.0))
        old_s = rng.choice((0.0, 0.0, rng.uniform(0.02, 0.1)))
        there = rng.choice((*(SIDES,) * 7, SIDES[:1], SIDES[1:], ()))
        cold_c = rng.uniform(10.0, 38.0)
        contact_varies, slack_varies = some(0.1, 0.3), some(0.05, 0.2)
        shifts_per_h, swells = some(2.0, 30.0), some(-0.02, 0.02)
        feet: dict[Side, FootParams] = {
            side: replace(
                self.foot(side),
                present=side in there,
                skin_c=min(38.0, max(10.0, cold_c + rng.uniform(-2.0, 2.0))),
                contact_varies=contact_varies,
                slack_varies=slack_varies,
                shifts_per_h=shifts_per_h,
                swells=swells,
            )
            for side in SIDES
        }
        pads: dict[Side, PadParams] = {
            side: replace(self.pad(side), sensor_lag_s=self.pad(side).sensor_lag_s * lag) for side in SIDES
        }
        sunny = rng.choice(SIDES)
        pads[sunny] = replace(pads[sunny], sun_w=some(0.5, 3.0), sun_s=rng.uniform(60.0, 900.0))
        creep, air_warms = some(0.005, 0.03), some(0.2, 1.0)
        bags: dict[Zone, BagParams] = {}
        for zone in BAGS:
            bag = self.bag(zone)
            bags[zone] = replace(
                bag,
                orifice_mm=bag.orifice_mm * rng.uniform(0.8, 1.2),
                valve_s=bag.valve_s * rng.uniform(0.8, 1.2) + old_s * rng.random(),
                sensor_lag_s=bag.sensor_lag_s * lag,
                creep=creep,
                creep_tau_s=rng.uniform(5.0, 120.0),
                air_warms=air_warms,
            )
        return replace(
            self,
            noise=self.noise * sqrt(1.0 - hum * hum),
            hum=self.noise * hum,
            hum_hz=rng.choice((50.0, 60.0)) + rng.uniform(-0.05, 0.05),
            pulse_mmhg=some(0.1, 0.3),
            pulse_per_min=rng.uniform(50.0, 100.0),
            droop=some(0.01, 0.1),
            pump_air_k=some(2.0, 15.0),
            feet=feet,
            pads=pads,
            bags=bags,
        )

    @classmethod
    def odd(cls, rng: Random) -> Self:
        """One from wider than what we believe: a machine within ± 45 % of the usual one, awkward and
        restless."""
        return cls.random(rng, 0.45).awkward(rng).restless(rng)


RESTLESS = frozenset(
    (
        *("contact_varies", "slack_varies", "shifts_per_h", "swells"),
        *("sun_w", "sun_s", "creep", "creep_tau_s", "air_warms"),
    )
)
"""What feet, pads and bags have of ``unrest``: drawn by :meth:`PlantParams.restless`, none of it usual."""


def _vary(params: P, near: Callable[[float], float], **fixed: float) -> P:
    """``params`` with every plain number redrawn by ``near``, but for those in ``fixed``."""
    drawn = {
        name: near(value)
        for name, value in asdict(params).items()
        if type(value) is float and name not in RESTLESS
    }
    return replace(params, **(drawn | fixed))
