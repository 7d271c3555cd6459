"""Records of before outputs and inputs had keys: each was a number in the machine file."""

from __future__ import annotations

import re
from typing import Any

from hardware.machine import Machine


def in_keys(raw: Any, machine: Machine) -> Any:
    """A record's JSON with keys where it has numbers. What ``machine`` has not is left as it was."""
    if not isinstance(raw, dict):
        return raw
    layout, outputs = machine.layout, machine.outputs
    known = {"pump 0": "pump"}
    for part, places in (("motor", layout.motors), ("bag", layout.valves), ("pad", layout.pads)):
        known |= {f"{part} {number}": output.key for number, output in enumerate(outputs[places])}
    channels = {str(measured.channel): measured.key for measured in machine.inputs}

    def seen(one: Any) -> Any:
        if not isinstance(one, dict) or "part" not in one:
            return one
        number = f"{one['part']} {one.get('index')}"
        rose = str(one.get("rose", ""))
        felt = [known.get(rose, rose)] if one["part"] == "bag" else [channels.get(c, c) for c in rose.split()]
        rest = {key: value for key, value in one.items() if key not in ("part", "index")}
        moved = known.get(str(one.get("moved", "")), one.get("moved", ""))
        return {**rest, "output": known.get(number, number), "moved": moved, "rose": [f for f in felt if f]}

    def finding(one: Any) -> Any:
        if not isinstance(one, dict) or not isinstance(one.get("parts"), list):
            return one
        found = {**one, "parts": [known.get(part, part) for part in one["parts"] if isinstance(part, str)]}
        if one.get("code") == "pad-sensor-crossed" and "inputs" not in one:
            found["inputs"] = [channels.get(c, c) for c in re.findall(r"\d+", str(one.get("detail", "")))]
        return found

    each = {"outputs": seen, "findings": finding}
    return {
        key: [each[key](one) for one in value] if key in each and isinstance(value, list) else value
        for key, value in raw.items()
    }
