"""From what was seen and felt to what is wired wrongly, with the pins of the machine file. Pure.

What a person saw tells which output moves what; which bag's sensor felt the air, and whose pad's sensors
felt the warmth, tells which sensor is on which part. Two that answer for each other are swapped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from app.commissioning import whole
from app.commissioning.record import Finding, Seen, finding_unknown
from app.commissioning.whole import PUMP, Moved, is_pad, is_valve, turns
from app.parts import by_key, name
from hardware.machine import Machine
from hardware.message import Message
from hardware.parts import Family, Output
from hardware.safety.bag_watch import bag_sensor_out_of_range
from hardware.safety.pad_watch import pad_sensors_read
from hardware.service.finding import bag_not_empty, pad_hot_at_rest
from hardware.service.pulses import nothing_answers, pads_swapped


def conclude(
    machine: Machine,
    seen: Sequence[Seen],
    *,
    rest: Sequence[str] = (),
    not_zeroed: Message | None = None,
    self_test: Mapping[str, Message] | None = None,
    faults: Sequence[Message] = (),
    unread: Collection[str] = (),
    unvented: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Finding, ...]:
    """All that is not as it should be, causes before what follows from them.

    ``rest`` are sentences on sensors that are wrong at rest, ``unread`` the bags and pads that these are of,
    ``not_zeroed`` why the pressures could not be, ``self_test`` what it found wanting of "heat" and "air",
    ``faults`` what stopped the machine meanwhile, ``unvented`` as :func:`whole.shut_valves` has it.
    """
    check = dict(self_test or {})
    found = [Finding("rest", detail=words) for words in rest]
    moved: Moved = {one.output: _moved(one) for one in seen if one.answer != "skipped"}
    if not_zeroed and not any(map(is_valve, unread)):
        found.append(Finding("not-zeroed", detail=not_zeroed))
    if any(map(nothing_answers.made, check.values())) or (len(moved) > 1 and not any(moved.values())):
        return (*found, Finding("no-power"))
    no_air = any(map(is_valve, unread))  # one such sensor stops the pump for all of them
    for key in [key for key, what in moved.items() if what is None]:
        if key in unread or (no_air and is_valve(key)):
            del moved[key]  # it was not driven
    wires = _wires(machine, seen, moved, check, unvented or {}, unread)
    told = [*unread, *(key for one in wires for key in one.parts)]
    known_air = any(is_valve(key) or key == PUMP for key in told)
    known_heat = any(map(is_pad, told))
    for kind, known in (("heat", known_heat), ("air", known_air)):
        words = check.get(kind)
        if words is not None and not known and not _said(words, rest):
            wires.append(Finding("self-test", detail=words))
    skipped = [
        Finding("skipped", (one.output,))
        for one in seen
        if one.answer == "skipped" and (not is_pad(one.output) or check.get("heat"))
    ]
    return (*found, *wires, *skipped, *(Finding("fault", detail=words) for words in faults))


def _wires(
    machine: Machine,
    seen: Sequence[Seen],
    moved: Moved,
    check: Mapping[str, Message],
    unvented: Mapping[str, Sequence[str]],
    unread: Collection[str],
) -> list[Finding]:
    """What is wired wrongly; first what shows at several outputs at once."""
    shut = whole.shut_valves(unvented)
    for one in shut:
        moved.pop(one.parts[0], None)
        moved |= {
            key: key for key, what in moved.items() if what == one.parts[0]
        }  # it filled along with them
    running = whole.always_on(moved)
    whole.by_the_pump(moved)
    alone = whole.one_bag_alone(machine, moved)
    crossed = list(_crossed(moved))
    swapped = {key for one in crossed if one.code == "swapped" for key in one.parts}
    silent = [one for one in _silent(moved) if not swapped & set(one.parts)]
    found = [*running, *shut, *alone, *silent, *crossed, *_bag_sensors(seen, moved, unread)]
    sensors = [] if any(is_pad(key) for one in found for key in one.parts) else _pad_sensors(machine, seen)
    # What each single sensor felt says more than the self-test, which takes a pad's two together.
    found += sensors or _pads(moved, check)
    return whole.both_sides(machine, found)


SEEN_AT_REST = (pad_sensors_read, pad_hot_at_rest, bag_sensor_out_of_range, bag_not_empty)


def _said(words: Message, rest: Sequence[str]) -> bool:
    """The self-test only repeats what the sensors showed at rest."""
    return bool(rest) and words.code in {seen.code for seen in SEEN_AT_REST}


def _moved(one: Seen) -> str | None:
    """The key of what moved when it was driven, None for nothing."""
    return {"yes": one.output, "no": None}.get(one.answer, one.moved)


def _silent(moved: Mapping[str, str | None]) -> Iterator[Finding]:
    silent = [key for key, what in moved.items() if what is None]
    bags = [key for key in moved if is_valve(key)]
    if len(bags) > 1 and set(bags) <= set(silent):
        yield Finding("no-air", tuple(bags))
        silent = [key for key in silent if key not in bags]
    yield from (Finding("silent", (key,)) for key in silent)


def _crossed(moved: Mapping[str, str | None]) -> Iterator[Finding]:
    """Outputs that move something else; two that move each other are named once."""
    told: set[str] = set()
    for key, what in moved.items():
        if what is None or what == key or key in told or (is_pad(key) and is_pad(what)):
            continue
        if moved.get(what) == key or _half_seen(key, what, moved):
            told |= {key, what}
            yield Finding("swapped", (key, what))
        else:
            yield Finding("moves-other", (key, what))


def _half_seen(key: str, what: str, moved: Mapping[str, str | None]) -> bool:
    """Two parts of different kinds that are swapped, of which only one could be seen: a motor's pin gives too
    little for a pump, a valve or a pad to show.
    """
    if (turns(key) and key != PUMP) or (is_valve(key) and is_valve(what)):
        return False
    return moved.get(what, "") is None and key not in moved.values()


def _bag_sensors(
    seen: Sequence[Seen], moved: Mapping[str, str | None], unread: Collection[str]
) -> Iterator[Finding]:
    """Which sensor felt the air of which bag, by what was seen to fill."""
    felt: dict[str, str] = {}
    for one in seen:
        key, rose = one.output, next(iter(one.rose), "")
        if not is_valve(key) or key not in moved:
            continue
        filled = moved[key]
        if filled is None:
            if rose:
                yield Finding("felt-unseen", (key, rose))
        elif is_valve(filled):
            felt[filled] = rose
    told: set[str] = set()
    for filled, rose in felt.items():
        if rose == filled or filled in told or filled in unread:
            continue
        if not rose:
            yield Finding("sensor-silent", (filled,))
        elif felt.get(rose) == filled:
            told |= {filled, rose}
            yield Finding("sensors-swapped", (filled, rose))
        else:
            yield Finding("sensor-elsewhere", (filled, rose))


def _pads(moved: Mapping[str, str | None], check: Mapping[str, Message]) -> Iterator[Finding]:
    """A person feels which pad gets warm, the self-test whose sensors do: together they tell the mistake."""
    pads = [key for key in moved if is_pad(key)]
    crossed = [key for key in pads if is_pad(moved[key] or "") and moved[key] != key]
    sensors_crossed = pads_swapped.made(check.get("heat"))
    if crossed and len(pads) == 2:
        yield Finding("heaters-swapped" if sensors_crossed else "pads-exchanged", tuple(pads))
    elif crossed:
        yield from (Finding("moves-other", (key, moved[key] or "")) for key in crossed)
    elif sensors_crossed and len(pads) == 2 and all(moved[key] == key for key in pads):
        yield Finding("pad-sensors-swapped", tuple(pads))


def _pad_sensors(machine: Machine, seen: Sequence[Seen]) -> list[Finding]:
    felt = {
        what: frozenset(one.rose)
        for one in seen
        if is_pad(one.output) and one.rose and (what := _moved(one)) is not None
    }
    return whole.crossed_sensors(machine, felt)


# --- in words ----------------------------------------------------------------------------------------


class _Part(NamedTuple):
    """An output as a builder looks for it."""

    key: str
    family: Family
    name: str
    pin: int
    inputs: str
    """Of the converter, of the sensors that tell what it does."""


def words(finding: Finding, machine: Machine) -> str:
    """A finding as a builder reads it: what, where, what to do."""
    known = by_key(machine)
    parts = [_part(known[key], machine) for key in finding.parts if key in known]
    if len(parts) < len(finding.parts):
        return f"{finding.code}: {' '.join(finding.parts)} (of another machine file)."
    saying = _SAYING.get(finding.code)
    if saying is None:
        known_detail = _DETAIL.get(finding.code)
        if known_detail is None:
            return str(finding.detail or finding_unknown())
        channels = {measured.key: str(measured.channel) for measured in machine.inputs}
        inputs = " and ".join(channels.get(key, key) for key in finding.inputs)
        return known_detail.format(finding.detail or inputs)
    return saying(parts, machine)


def _part(output: Output, machine: Machine) -> _Part:
    inputs = " and ".join(map(str, machine.channels_of(output)))
    return _Part(output.key, output.family, name(output, machine), output.pin, inputs)


def _no_power(parts: list[_Part], machine: Machine) -> str:
    pump = f", pump (pin {machine.pump.pin})" if machine.pump else ""
    return (
        f"Nothing moves at all: see the 12 V supply, its fuse, and the relay with its monostable on pin "
        f"{machine.rail.pin}; every motor{pump}, valve and pad hangs on it."
    )


def _no_air(parts: list[_Part], machine: Machine) -> str:
    pin = machine.pump.pin if machine.pump else "?"
    return (
        f"No bag fills: see the pump, its MOSFET and wires on pin {pin}, and the hose from it to the valves."
    )


def _silent_words(parts: list[_Part], machine: Machine) -> str:
    (one,) = parts
    what = {
        "motion": "MOSFET, plug and wires",
        "air": "valve, its hose, MOSFET and wires",
        "heat": "plug, thermostat, fuse, MOSFET and wires",
    }[one.family]
    return f"Nothing moved at the {one.name}: see its {what} on pin {one.pin}."


def _swapped(parts: list[_Part], machine: Machine) -> str:
    one, other = parts
    what = "valves or their hoses" if is_valve(one.key) and is_valve(other.key) else "wires"
    return (
        f"The {one.name} and the {other.name} are swapped: exchange the {what} of pins {one.pin} and "
        f"{other.pin}, or the two pins in the machine file."
    )


def _moves_other(parts: list[_Part], machine: Machine) -> str:
    one, other = parts
    return (
        f"Pin {one.pin} is the {one.name}'s but moves the {other.name}: follow the wire of pin {one.pin}, "
        f"and that of pin {other.pin}, which is the {other.name}'s."
    )


def _sensors_swapped(parts: list[_Part], machine: Machine) -> str:
    one, other = parts
    return (
        f"The pressure sensors of the {one.name} and the {other.name} are swapped: exchange the wires of "
        f"inputs {one.inputs} and {other.inputs}, or their hoses at the sensors."
    )


def _sensor_elsewhere(parts: list[_Part], machine: Machine) -> str:
    one, other = parts
    return (
        f"The {one.name} filled, but the sensor on input {other.inputs} felt it, which is the "
        f"{other.name}'s: follow the hose from the {one.name} to its sensor, and the wire to input "
        f"{one.inputs}."
    )


def _sensor_silent(parts: list[_Part], machine: Machine) -> str:
    (one,) = parts
    return (
        f"The {one.name} filled, but no sensor felt it: see the hose from it to its sensor, the sensor, and "
        f"input {one.inputs}."
    )


def _felt_unseen(parts: list[_Part], machine: Machine) -> str:
    one, rose = parts
    return (
        f"Nobody saw the {one.name} fill, but the {rose.name}'s sensor on input {rose.inputs} "
        "felt air: look at the hoses of both, then go through it again."
    )


def _heaters_swapped(parts: list[_Part], machine: Machine) -> str:
    one, other = parts
    return (
        f"The heaters of the {one.name} and the {other.name} are swapped: exchange the wires of pins "
        f"{one.pin} and {other.pin}, or the two pins in the machine file."
    )


def _pad_sensors_swapped(parts: list[_Part], machine: Machine) -> str:
    one, other = parts
    return (
        f"The sensors of the {one.name} and the {other.name} are swapped: exchange the wires of inputs "
        f"{one.inputs} with those of inputs {other.inputs}."
    )


def _pads_exchanged(parts: list[_Part], machine: Machine) -> str:
    one, other = parts
    return (
        f"The {one.name} and the {other.name} lie on each other's side, heaters and sensors alike: exchange "
        f"the pads, or their plugs (pins {one.pin} and {other.pin})."
    )


def _always_on(parts: list[_Part], machine: Machine) -> str:
    (one,) = parts
    return (
        f"The {one.name} runs whatever is driven: its MOSFET on pin {one.pin} is shorted, or it is soldered "
        "past it. Mend that, and go through all of it again."
    )


def _one_bag_alone(parts: list[_Part], machine: Machine) -> str:
    one, pump, *silent = parts
    pins = ", ".join(str(other.pin) for other in silent)
    return (
        f"Of all bags only the {one.name} fills: the wires of pins {one.pin} and {pump.pin}, its valve's and "
        "the pump's, are swapped. If the pump runs for the others, too, their valves have no power: see what "
        f"the wires of pins {pins} have in common."
    )


def _valve_shut(parts: list[_Part], machine: Machine) -> str:
    (one,) = parts
    return (
        f"The {one.name} fills while another one is driven, and does not empty: its valve on pin {one.pin} "
        "is sold as normally open (needed is a normally closed one, which lets the bag out without current), "
        "two of its ports are exchanged, or it is stuck."
    )


def _sides_exchanged(parts: list[_Part], machine: Machine) -> str:
    pairs = zip(parts[::2], parts[1::2], strict=True)
    listed = "; ".join(f"{one.pin} and {other.pin}" for one, other in pairs)
    return (
        "Left and right are exchanged throughout: exchange the plugs of both feet, or the pins in the "
        f"machine file ({listed}), and the pads' inputs with them."
    )


def _skipped(parts: list[_Part], machine: Machine) -> str:
    (one,) = parts
    return f"The {one.name} on pin {one.pin} was left out: go through it once more."


def _stop_unread(parts: list[_Part], machine: Machine) -> str:
    return (
        f"The emergency stop is not read: pressed, it changes nothing at pin {machine.emergency_stop.pin}. "
        "Its second contact is bridged, its wire is on another pin, or the machine file names a wrong one. "
        "Nothing was driven: mend it, then begin again."
    )


def _stop_skipped(parts: list[_Part], machine: Machine) -> str:
    return (
        f"The emergency stop on pin {machine.emergency_stop.pin} was left out, and the relay on pin "
        f"{machine.rail.pin} with it: go through them once more."
    )


def _rail_lit(parts: list[_Part], machine: Machine) -> str:
    return (
        "Pull the plug of the 12 V supply. The rail has power while the emergency stop is pressed and nobody "
        f"makes edges on pin {machine.rail.pin}: see the relay's contact, which is welded or bridged, then "
        "its monostable and the stop's first contact (hardware/WIRING.md, first power-up, step 4)."
    )


def _rail_held(parts: list[_Part], machine: Machine) -> str:
    return (
        "Pull the plug of the 12 V supply. The rail has power as soon as the emergency stop is unlatched, "
        f"although nobody makes edges on pin {machine.rail.pin}: see the monostable, which does not let go, "
        "then the relay's MOSFET, which may be shorted (hardware/WIRING.md, first power-up, step 4)."
    )


def _rail_skipped(parts: list[_Part], machine: Machine) -> str:
    return (
        f"Whether the relay on pin {machine.rail.pin} lets go was not seen: put the lamp of the 12 V rail "
        "in, or measure there, and go through it once more."
    )


_SAYING = {
    "stop-unread": _stop_unread,
    "stop-skipped": _stop_skipped,
    "rail-lit": _rail_lit,
    "rail-held": _rail_held,
    "rail-skipped": _rail_skipped,
    "no-power": _no_power,
    "no-air": _no_air,
    "silent": _silent_words,
    "swapped": _swapped,
    "moves-other": _moves_other,
    "sensors-swapped": _sensors_swapped,
    "sensor-elsewhere": _sensor_elsewhere,
    "sensor-silent": _sensor_silent,
    "felt-unseen": _felt_unseen,
    "heaters-swapped": _heaters_swapped,
    "pad-sensors-swapped": _pad_sensors_swapped,
    "pads-exchanged": _pads_exchanged,
    "skipped": _skipped,
    "always-on": _always_on,
    "one-bag-alone": _one_bag_alone,
    "valve-shut": _valve_shut,
    "sides-exchanged": _sides_exchanged,
}
_DETAIL = {
    "rest": "{}",
    "not-zeroed": "The pressures could not be zeroed: {}",
    "self-test": "The self-test: {}",
    "fault": "The machine stopped meanwhile: {}",
    "pad-sensor-crossed": (
        "One sensor of each pad is on an input of the other pad: exchange the wires of inputs {}."
    ),
}
CODES = frozenset({*_SAYING, *_DETAIL})
