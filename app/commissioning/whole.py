"""One mistake that shows at several outputs: found behind what was seen at each, and told once. Pure.

``moved`` is by output what moved when it was driven, None for nothing. What a finding here explains is taken
out of it, so that nothing else is blamed for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.commissioning.record import Finding
from app.parts import by_key
from hardware.machine import Machine

PUMP = "pump"
OFTEN = 2
"""A part that moves at so many other outputs moves by itself."""
FEW_BAGS = 3
"""With fewer, one bag alone that fills says nothing."""

Moved = dict[str, str | None]


def is_valve(key: str) -> bool:
    return key.startswith("valve.")


def is_pad(key: str) -> bool:
    return key.startswith("pad.")


def turns(key: str) -> bool:
    """A motor or the pump."""
    return not is_valve(key) and not is_pad(key)


def always_on(moved: Moved) -> list[Finding]:
    """A motor or the pump that turns whatever is driven."""
    found = []
    for what in sorted({what for what in moved.values() if what and turns(what)}):
        at = [key for key, seen in moved.items() if seen == what != key]
        if len(at) < OFTEN or moved.get(what, what) != what:
            continue
        moved.update((key, key) for key in at)
        found.append(Finding("always-on", (what,)))
    return found


def by_the_pump(moved: Moved) -> None:
    """Whichever bag is driven, the pump's pin moves something else: then that is the pump's answer."""
    bags = {what for key, what in moved.items() if is_valve(key)}
    if len(bags) != 1:
        return
    (instead,) = bags
    if instead is None:
        running = [key for key, what in moved.items() if what == PUMP]
        instead = running[0] if len(running) == 1 else None
    if instead is not None and not is_valve(instead):
        for key in [key for key in moved if is_valve(key)]:
            del moved[key]
        moved[PUMP] = instead


def one_bag_alone(machine: Machine, moved: Moved) -> list[Finding]:
    """A valve and the pump on each other's pins: then that bag fills, and no other."""
    pump = machine.pump
    bags = [key for key in moved if is_valve(key)]
    filled = [key for key in bags if moved[key] is not None]
    if pump is None or len(bags) < FEW_BAGS or len(filled) != 1 or moved[filled[0]] != filled[0]:
        return []
    silent = [key for key in bags if key not in filled]
    for key in silent:
        del moved[key]
    return [Finding("one-bag-alone", (filled[0], PUMP, *silent))]


def shut_valves(unvented: Mapping[str, Sequence[str]]) -> list[Finding]:
    """Bags that filled while another one was driven and did not empty. ``unvented`` has, by the bag that was
    driven as the machine stopped for it, those whose sensors felt air.
    """
    shut: dict[str, None] = {}
    for driven, risen in unvented.items():
        others = [key for key in risen if key != driven]
        if driven not in risen and len(others) > 1:
            shut[driven] = None  # it opened instead
        shut |= dict.fromkeys(others)
    return [Finding("valve-shut", (key,)) for key in sorted(shut)]


def crossed_sensors(machine: Machine, felt: Mapping[str, frozenset[str]]) -> list[Finding]:
    """One sensor of a pad on an input of the other pad. ``felt``: by the pad that got warm, which inputs."""
    pads = machine.outputs[machine.layout.pads]
    sensors = {pad.key: {machine.inputs[place].key for place in pad.felt_by} for pad in pads}
    for pad, own in sensors.items():
        warm = felt.get(pad, frozenset())
        (missing, foreign) = (own - warm, warm - own)
        if len(missing) != 1 or len(foreign) != 1:
            continue
        (cold,), (instead,) = missing, foreign
        other = next((key for key, theirs in sensors.items() if instead in theirs), pad)
        return [Finding("pad-sensor-crossed", (pad, other), inputs=(cold, instead))]
    return []


def both_sides(machine: Machine, found: Sequence[Finding]) -> list[Finding]:
    """Everything left is right and the other way round: one finding in place of all the pairs."""
    outputs, layout = machine.outputs, machine.layout
    pairs = {frozenset((outputs[left].key, outputs[right].key)) for left, right in machine.side_pairs()}
    pads = outputs[layout.pads]
    if len(pads) == 2:
        pairs.add(frozenset(pad.key for pad in pads))
    told = [one for one in found if one.code in ("swapped", "pads-exchanged")]
    if len(pairs) < OFTEN or not pairs <= {frozenset(one.parts) for one in told}:
        return list(found)
    known = by_key(machine)
    keys = [sorted(pair, key=lambda key: known[key].pin) for pair in pairs]
    ordered = sorted(keys, key=lambda pair: known[pair[0]].place)
    whole = Finding("sides-exchanged", tuple(key for pair in ordered for key in pair))
    rest = [one for one in found if one not in told or frozenset(one.parts) not in pairs]
    return [whole, *rest]
