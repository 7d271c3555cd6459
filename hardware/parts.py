"""Everything that a machine can do and measure, derived once from its machine file: outputs and inputs.

Duties and readings are tuples in this order. Inside a process they are read through references that are made
once (:class:`InputRef`); whatever leaves it carries keys: ``knead.arch.left``, ``pump``, ``valve.calf``,
``pad.left``; ``pad.left.a``, ``bag.calf``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import inf, nextafter
from typing import TYPE_CHECKING, Generic, Literal, NewType, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from hardware.safety import limits
from hardware.safety.interlocks import Below, Fresh, Interlock, Known, NotHeld, OnlyIn
from hardware.words import Kind, Side, State, Zone

if TYPE_CHECKING:
    from hardware.board.interface import Readings
    from hardware.machine import Bag, Machine, Motor, Pad, Pump

Family = Literal["motion", "air", "heat"]
GivesWay = Literal["scaled", "cut"]
ByHand = Literal["alone", "with-valve"]
Quantity = Literal["temperature", "pressure"]

Celsius = NewType("Celsius", float)
Mmhg = NewType("Mmhg", float)
T = TypeVar("T", Celsius, Mmhg)

PAD_PLAUSIBLE_C = (-5.0, 60.0)
BAG_PLAUSIBLE_MMHG = (-25.0, 300.0)
"""A zero offset of 25 mmHg is more than re-zeroing may hide."""

WITH_AIR: frozenset[State] = frozenset({"running", "self-test", "service"})

HEAT, VIBRATE, ROLL, KNEAD, AIR = range(5)
"""Priorities (S16): what gives way first comes first. Air comes last: a bag that was begun is finished."""
_PRIORITY: dict[str, int] = {"vibrate": VIBRATE, "roll": ROLL, "knead": KNEAD}


class Output(Struct, frozen=True, kw_only=True):
    """One pin that puts power near a person."""

    key: str
    place: int
    """Into the machine's outputs, and so into every tuple of duties."""
    family: Family
    kind: Kind
    zone: Zone | None = None
    side: Side | None = None
    """Neither: the pump."""
    where: str
    """Its key in the machine file."""
    pin: int
    pwm_hz: int | None
    """None: a switch, on or off."""
    ceiling: float = 1.0
    stalls_below: float = 0.0
    """A duty below this is never sent."""
    watts: float
    """At full duty."""
    priority: int
    gives_way: GivesWay
    """How, when the supply cannot feed all that is wanted."""
    by_hand: ByHand
    """On its own, or along with a valve."""
    by_hand_duty: float
    """Gently: what it is driven with by hand."""
    felt_by: tuple[int, ...] = ()
    """Places of the inputs that tell what it does."""
    interlocks: tuple[Interlock, ...]
    """What has to hold for it to be on; there is at least one."""

    def __post_init__(self) -> None:
        if not self.interlocks:
            raise ValueError(f"{self.key}: an output without an interlock")


class Input(Struct, frozen=True, kw_only=True):
    """One thing that is measured."""

    key: str
    place: int
    """Into the machine's inputs, and so into every tuple of readings."""
    quantity: Quantity
    zone: Zone | None = None
    side: Side | None = None
    where: str
    """Its key in the machine file."""
    channel: int
    """Of the converter."""
    plausible: tuple[float, float]
    """What a sound sensor says at least and at most, in °C or mmHg."""


class Layout(Struct, frozen=True, kw_only=True):
    """Where each family's duties are among a machine's outputs."""

    motors: slice
    pump: int | None
    valves: slice
    pads: slice


class InputRef(Struct, Generic[T], frozen=True):
    """Where an input's reading is. Made once from a machine; the checker knows its unit."""

    key: str
    place: int

    def of(self, readings: Readings) -> T | None:
        value: T | None = readings.values[self.place]  # type: ignore[assignment]
        return value


PadRefs = tuple[InputRef[Celsius], InputRef[Celsius]]
"""Of one pad's two sensors."""


def outputs_of(machine: Machine) -> tuple[Output, ...]:
    """Motors, pump, valves, pads, each as the machine file has them."""
    found: list[Output] = []
    bags = tuple(i.place for i in machine.inputs if i.quantity == "pressure")
    for index, motor in enumerate(machine.motor):
        found.append(_motor(motor, index, len(found)))
    if machine.pump is not None:
        found.append(_pump(machine.pump, len(found), bags))
    for index, bag in enumerate(machine.bag):
        found.append(_valve(bag, index, len(found), bags))
    for index, pad in enumerate(machine.pad):
        own = tuple(i.place for i in machine.inputs if i.key.startswith(f"pad.{pad.side}."))
        found.append(_pad(pad, index, len(found), own))
    return tuple(_told_apart(found))


def _told_apart(outputs: list[Output]) -> Iterator[Output]:
    """Two motors of one kind in one place are a first and a second."""
    seen: Counter[str] = Counter()
    for output in outputs:
        seen[output.key] += 1
        number = seen[output.key]
        yield output if number == 1 else replace(output, key=f"{output.key}.{number}")


def just_above(limit: float) -> float:
    """For a bound that may be reached, where what is asked is to be below."""
    return nextafter(limit, inf)


def layout_of(machine: Machine) -> Layout:
    motors, bags = len(machine.motor), len(machine.bag)
    valves = motors + (machine.pump is not None)
    return Layout(
        motors=slice(0, motors),
        pump=None if machine.pump is None else motors,
        valves=slice(valves, valves + bags),
        pads=slice(valves + bags, valves + bags + len(machine.pad)),
    )


def _motor(motor: Motor, index: int, place: int) -> Output:
    return Output(
        key=f"{motor.kind}.{motor.zone}.{motor.side}",
        place=place,
        family="motion",
        kind=motor.kind,
        zone=motor.zone,
        side=motor.side,
        where=f"motor[{index}].pin",
        pin=motor.pin,
        pwm_hz=motor.frequency_hz,
        ceiling=motor.max_duty,
        stalls_below=motor.stalls_below,
        watts=motor.watts,
        priority=_PRIORITY[motor.kind],
        gives_way="cut",
        by_hand="alone",
        by_hand_duty=motor.duty_at_1,
        interlocks=(OnlyIn(frozenset({"running", "service"})),),
    )


def _pump(pump: Pump, place: int, bags: tuple[int, ...]) -> Output:
    return Output(
        key="pump",
        place=place,
        family="air",
        kind="squeeze",
        where="pump.pin",
        pin=pump.pin,
        pwm_hz=pump.frequency_hz,
        ceiling=pump.max_duty,
        stalls_below=pump.stalls_below,
        watts=pump.watts,
        priority=AIR,
        gives_way="cut",
        by_hand="with-valve",
        by_hand_duty=pump.max_duty,
        felt_by=bags,
        interlocks=(
            OnlyIn(WITH_AIR),
            Below(  # S6: no air while any bag is above the bound or cannot be measured
                bags,
                just_above(limits.ERRAND_BAG_MMHG),
                {"running": just_above(limits.BAG_PUMP_STOP_MMHG)},
            ),
        ),
    )


def _valve(bag: Bag, index: int, place: int, bags: tuple[int, ...]) -> Output:
    return Output(
        key=f"valve.{bag.zone}",
        place=place,
        family="air",
        kind="squeeze",
        zone=bag.zone,
        where=f"bag[{index}].valve_pin",
        pin=bag.valve_pin,
        pwm_hz=None,
        watts=bag.watts,
        priority=AIR,
        gives_way="cut",
        by_hand="alone",
        by_hand_duty=1.0,
        felt_by=(bags[index],),
        interlocks=(OnlyIn(WITH_AIR), Known(bags), NotHeld()),
    )


def _pad(pad: Pad, index: int, place: int, sensors: tuple[int, ...]) -> Output:
    return Output(
        key=f"pad.{pad.side}",
        place=place,
        family="heat",
        kind="heat",
        zone="sole",
        side=pad.side,
        where=f"pad[{index}].pin",
        pin=pad.pin,
        pwm_hz=pad.frequency_hz,
        ceiling=pad.max_duty,
        watts=pad.watts,
        priority=HEAT,
        gives_way="scaled",
        by_hand="alone",
        by_hand_duty=pad.max_duty,
        felt_by=sensors,
        interlocks=(
            OnlyIn(frozenset({*WITH_AIR, "preheating"})),
            Fresh(),
            Below(sensors, limits.PAD_HOT_C, {"preheating": limits.PREHEAT_OFF_C}),  # S2, S4
        ),
    )


def inputs_of(machine: Machine) -> tuple[Input, ...]:
    """Each pad's two sensors, then the bags', as the machine file has them."""
    found: list[Input] = []
    for index, pad in enumerate(machine.pad):
        for sensor, (letter, channel) in enumerate(zip("ab", pad.channels, strict=True)):
            found.append(
                Input(
                    key=f"pad.{pad.side}.{letter}",
                    place=len(found),
                    quantity="temperature",
                    zone="sole",
                    side=pad.side,
                    where=f"pad[{index}].channels[{sensor}]",
                    channel=channel,
                    plausible=PAD_PLAUSIBLE_C,
                )
            )
    for index, bag in enumerate(machine.bag):
        found.append(
            Input(
                key=f"bag.{bag.zone}",
                place=len(found),
                quantity="pressure",
                zone=bag.zone,
                where=f"bag[{index}].channel",
                channel=bag.channel,
                plausible=BAG_PLAUSIBLE_MMHG,
            )
        )
    return tuple(found)


def refs_of(inputs: tuple[Input, ...]) -> tuple[tuple[PadRefs, ...], tuple[InputRef[Mmhg], ...]]:
    """The pads' sensors, two by two, and the bags'."""
    celsius = [InputRef[Celsius](i.key, i.place) for i in inputs if i.quantity == "temperature"]
    mmhg = tuple(InputRef[Mmhg](i.key, i.place) for i in inputs if i.quantity == "pressure")
    return tuple(zip(celsius[::2], celsius[1::2], strict=True)), mmhg
