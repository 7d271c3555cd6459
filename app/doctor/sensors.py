"""What the machine's sensors say, each with a verdict, and which wire or part to look at. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from statistics import median

from app.doctor.expected import expected, explained
from app.doctor.line import Line
from hardware.machine import FULL_SCALE, SPI_BUS_PINS, SPI_PINS, Bag, Machine, Pad
from hardware.messages import InputsView, Snapshot
from hardware.parts import Input
from hardware.safety.pad_watch import DISAGREE_C
from hardware.sensors import NTC_HIGH, NTC_LOW, bag_mmhg, pad_celsius
from hardware.service.finding import BAG_REST_MMHG, PAD_REST_MAX_C

APART_C = 1.5
"""Two sensors of one sound pad are within 1 °C of each other."""
PADS_APART_C = 4.0
ROOM_C = (8.0, 40.0)
"""A pad at rest is as warm as its room, or as the foot that was on it."""
NEAR_ZERO_MMHG = 8.0
"""Above, an open bag's sensor wants to be zeroed; above BAG_REST_MMHG something is wrong."""
LEAST_LOOKS = 5
LEAP = 60
"""Of the converter's 1023 words: at rest nothing changes by so much within seconds."""

WANDERS = 15
"""Words: noise and hum of a sensor that is there stay far below."""

AT_REST = ("starting", "self-test", "idle", "fault")


def sensors(machine: Machine, heard: Sequence[Snapshot]) -> Iterator[Line]:
    """Of the snapshots of a few seconds the usual word counts: a single wrong one is the converter's."""
    views = [snapshot.inputs for snapshot in heard if snapshot.inputs]
    said = {measured.channel: _words(measured, views) for measured in machine.inputs}
    if not views or not all(said.values()):
        return
    used = list(said)
    usual = {channel: round(median(words)) for channel, words in said.items()}
    rest = all(snapshot.state in AT_REST for snapshot in heard)
    if len(used) > 1 and len({word for words in said.values() for word in words}) == 1:
        do = f"Check the MCP3008's 3.3 V and ground, and its wires: {converter_wires(machine)}."
        value = f"gives the word {usual[used[0]]} whatever it is asked, so no sensor can be read"
        yield Line("Machine", "adc", "Converter", value, "broken", do)
        return
    loose = [c for c, words in said.items() if rest and _wanders(words, usual[c])]
    leaping = [c for c, words in said.items() if rest and c not in loose and max(words) - min(words) > LEAP]
    if len(views) >= LEAST_LOOKS and len(leaping) > 1:
        do = f"Look for a loose wire or a missing capacitor at the MCP3008: {converter_wires(machine)}."
        value = f"answers, but its words leap (inputs {', '.join(map(str, leaping))})"
        yield Line("Machine", "adc", "Converter", value, "broken", do)
    elif used:
        yield Line("Machine", "adc", "Converter", "answers")
    mixed = _mixed(machine, usual) if rest else []
    told = [*loose, *mixed]
    beside = {measured.key.replace(".", "-"): of for measured, of in expected(machine, views)}
    for pad in machine.pad:
        yield from (explained(line, beside.get(line.id)) for line in _pad(pad, usual, machine, rest, told))
    if not told:
        yield from _pads_together(machine, usual, rest)
    for bag in machine.bag:
        if bag.channel not in told:
            yield explained(_bag(bag, usual[bag.channel], machine, rest), beside.get(_bag_name(bag)[1]))
    yield from _wires(machine, usual, loose, mixed)
    yield _stop(views[-1], machine)


def _words(measured: Input, views: Sequence[InputsView]) -> list[int]:
    told = (view.by_key[measured.key].word for view in views if measured.key in view.by_key)
    return [word for word in told if word is not None]


def _wanders(words: Sequence[int], usual: int) -> bool:
    """Nothing holds the input: hardly a word is like another. Of a converter that stutters many still are."""
    far = sum(abs(word - usual) > WANDERS for word in words)
    return len(words) >= LEAST_LOOKS and max(words) - min(words) > LEAP and far > 2 * len(words) / 3


def _mixed(machine: Machine, usual: dict[int, int]) -> list[int]:
    """Inputs where a sensor of the other kind is: a pad's that shows an open bag's rest, and the reverse."""
    low, high = ROOM_C
    empty = []
    for pad in machine.pad:
        for channel in pad.channels:
            mmhg, celsius = bag_mmhg(usual[channel], machine), pad_celsius(usual[channel], machine)
            if celsius is None and mmhg is not None and abs(mmhg) <= BAG_REST_MMHG:
                empty.append(channel)
    room = []
    for bag in machine.bag:
        mmhg, celsius = bag_mmhg(usual[bag.channel], machine), pad_celsius(usual[bag.channel], machine)
        if celsius is not None and low <= celsius <= high and (mmhg is None or mmhg > BAG_REST_MMHG):
            room.append(bag.channel)
    return sorted((*empty, *room)) if len(empty) == len(room) else []


def _wires(machine: Machine, usual: dict[int, int], loose: list[int], mixed: list[int]) -> Iterator[Line]:
    """Of inputs that no sensor, or one of the other kind, is on."""
    names = {
        channel: _pad_name(pad, letter)
        for pad in machine.pad
        for letter, channel in zip("AB", pad.channels, strict=True)
    }
    bags = {bag.channel: _bag_name(bag) for bag in machine.bag}
    for channel, (name, id_) in (names | bags).items():
        where = f"input {channel}, word {usual[channel]}"
        if channel in loose:
            do = f"Nothing is on it: see the solder joints and wires between input {channel} and its sensor."
            yield Line(
                "Machine", id_, name, f"wanders, as no sensor does ({where})", "broken", do, miswired=True
            )
        elif channel in mixed:
            kind = "a bag's" if channel in names else "a pad's"
            listed = " and ".join(map(str, mixed))
            do = f"The wires of inputs {listed} are swapped: exchange them at the converter."
            value = f"reads as {kind} sensor does ({where})"
            yield Line("Machine", id_, name, value, "broken", do, miswired=True)


def _pad_name(pad: Pad, letter: str) -> tuple[str, str]:
    """Of one of its sensors: as it is said, and its line's id."""
    return f"{pad.side.capitalize()} pad {letter}", f"pad-{pad.side}-{letter.lower()}"


def _bag_name(bag: Bag) -> tuple[str, str]:
    return f"{bag.zone.capitalize()} bag", f"bag-{bag.zone}"


def converter_wires(machine: Machine) -> str:
    """Where the converter is wired to, for whoever has to check it."""
    miso, mosi, clock = SPI_BUS_PINS[machine.adc.port]
    select = SPI_PINS[machine.adc.port][machine.adc.select]
    return f"data out to pin {miso}, data in to pin {mosi}, clock to pin {clock}, select to pin {select}"


def _pad(
    pad: Pad, usual: dict[int, int], machine: Machine, rest: bool, told: Collection[int]
) -> Iterator[Line]:
    """``told``: inputs that say nothing of a pad, and have a line of their own."""
    both = [None if c in told else pad_celsius(usual[c], machine) for c in pad.channels]
    elsewhere = [
        celsius
        for other in machine.pad
        for channel in other.channels
        if other is not pad
        and channel not in told
        and (celsius := pad_celsius(usual[channel], machine)) is not None
    ]
    for place, (letter, channel) in enumerate(zip("AB", pad.channels, strict=True)):
        if channel in told:
            continue
        word, celsius, other = usual[channel], both[place], both[1 - place]
        where = f"input {channel}, word {word}"
        name, id_ = _pad_name(pad, letter)

        def line(value: str, do: str = "", *, grave: bool = True, n: str = name, i: str = id_) -> Line:
            return Line("Machine", i, n, value, ("broken" if grave else "attention") if do else "ok", do)

        if word > NTC_HIGH * FULL_SCALE:
            yield line(
                f"open ({where})", f"Its wire is broken or its plug is out: see the wires of input {channel}."
            )
        elif word < NTC_LOW * FULL_SCALE:
            yield line(
                f"shorted ({where})", f"Its two wires touch, or input {channel} lies on ground: part them."
            )
        elif celsius is None:
            yield line(
                f"beyond -5 to 60 °C ({where})",
                f"Compare sensor and resistor at input {channel} with the machine file's [pad_sensor].",
            )
        else:
            value = f"{celsius:.1f} °C ({where})"
            apart = 0.0 if other is None else abs(celsius - other)
            if rest and celsius > PAD_REST_MAX_C:
                yield line(
                    f"{value}, hot at rest",
                    "Unplug the 12 V. "
                    f"The MOSFET of pin {pad.pin} may conduct by itself, or the sensor is wrong.",
                )
            elif other is not None and apart > APART_C and _odd(celsius, other, elsewhere):
                yield line(
                    f"{value}, {apart:.1f} °C from its twin on input {pad.channels[1 - place]}",
                    f"It is loose, or of another kind: press it on, and see the resistor of input {channel}.",
                    grave=apart > DISAGREE_C,
                )
            else:
                yield line(value)


def _odd(celsius: float, other: float, elsewhere: list[float]) -> bool:
    """Of two that disagree the one that is farther from the other pad's; without another pad, both."""
    if not elsewhere:
        return True
    usual = median(elsewhere)
    return abs(celsius - usual) >= abs(other - usual)


def _pads_together(machine: Machine, usual: dict[int, int], rest: bool) -> Iterator[Line]:
    """The pads against one another and against a room."""
    means = []
    for pad in machine.pad:
        both = [pad_celsius(usual[channel], machine) for channel in pad.channels]
        known = [celsius for celsius in both if celsius is not None]
        if len(known) < 2 or abs(known[0] - known[1]) > APART_C:
            return
        means.append(sum(known) / 2)
    if not means or not rest:
        return
    value = " and ".join(f"{pad.side} {c:.1f} °C" for pad, c in zip(machine.pad, means, strict=True))
    low, high = ROOM_C
    if max(means) - min(means) > PADS_APART_C:
        do = (
            "Right after a session that may be so. In a cold machine: see the resistors of both pads' inputs."
        )
        value = f"{value}: {max(means) - min(means):.1f} °C apart"
    elif not low <= min(means) <= max(means) <= high:
        do = (
            "No room is like that: compare the sensors with the machine file's [pad_sensor] (ohms_25c, beta)."
        )
    else:
        do = ""
    yield Line("Machine", "pads", "Pads at rest", value, "attention" if do else "ok", do)


def _bag(bag: Bag, word: int, machine: Machine, rest: bool) -> Line:
    where = f"input {bag.channel}, word {word}"
    name, id_ = _bag_name(bag)
    mmhg = bag_mmhg(word, machine)
    if mmhg is None and word < NTC_LOW * FULL_SCALE:
        do = f"Its plug is out, a wire is broken or its 5 V is missing: see the wires of input {bag.channel}."
        return Line("Machine", id_, name, f"no voltage ({where})", "broken", do)
    if mmhg is None and word > NTC_HIGH * FULL_SCALE:
        do = f"Input {bag.channel} lies on a supply, or the divider before it is missing: see both resistors."
        return Line("Machine", id_, name, f"top of the scale ({where})", "broken", do)
    if mmhg is None:
        do = f"Compare sensor and divider at input {bag.channel} with the machine file's [pressure_sensor]."
        return Line("Machine", id_, name, f"beyond its range ({where})", "broken", do)
    value = f"{round(mmhg) + 0} mmHg ({where})"
    if rest and abs(mmhg) > BAG_REST_MMHG:
        do = (
            f"Open it should read 0. Pull its hose off: if the value stays, see the sensor, its 5 V and its "
            f"divider; if it falls, the valve on pin {bag.valve_pin} or the hose does not let air out."
        )
        return Line("Machine", id_, name, f"{value} at rest", "broken", do)
    if rest and abs(mmhg) > NEAR_ZERO_MMHG:
        do = "Take the feet out and zero the pressures: instep commission, or Service on the screen."
        return Line("Machine", id_, name, f"{value} at rest", "attention", do)
    return Line("Machine", id_, name, value)


def _stop(view: InputsView, machine: Machine) -> Line:
    pin = machine.emergency_stop.pin
    if not view.stop_open:
        return Line("Machine", "stop", "Stop button", f"closed, as it should be (pin {pin})")
    do = (
        f"Unlatch it (turn or pull it). If it is not pressed: see its plug, and its two wires to pin {pin} "
        "and to ground. If this line is ok while you press it, they are on its normally open contact: take "
        "the normally closed one."
    )
    return Line(
        "Machine",
        "stop",
        "Stop button",
        f"open: pressed, unplugged or a broken wire (pin {pin})",
        "broken",
        do,
    )
