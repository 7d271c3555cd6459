"""Every input as the machine reads it now, and what is to be thought of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.ui.state.service import parts
from app.ui.words import _, meant
from hardware.machine import Machine
from hardware.messages import InputsView, Snapshot

CHANNELS = 8
"""An MCP3008 has so many."""
APART_C = 3.0
"""Two sensors of one pad that differ by more are not both right."""

FULL_SCALE = 1023
NTC_LOW, NTC_HIGH = 0.01, 0.99
BAG_REST_MMHG = 15.0
"""As the controller has them: what is marked here is what it stumbles over."""

Verdict = Literal["ok", "open", "short", "odd", "pressed", "unused", ""]


@dataclass(frozen=True)
class Line:
    what: str
    value: str
    source: str
    """Where it comes from, with the word as it was read."""
    verdict: Verdict = ""

    @property
    def said(self) -> str:
        return {
            "ok": _("ok"),
            "open": _("open"),
            "short": _("short"),
            "odd": _("odd"),
            "unused": _("not used"),
        }.get(self.verdict, "")

    @property
    def bad(self) -> bool:
        return self.verdict in ("open", "short", "odd", "pressed")


def inputs(snapshot: Snapshot, machine: Machine) -> tuple[Line, ...]:
    """The converter's inputs in order, then the stop contact and the rail."""
    view = snapshot.inputs
    by_channel: dict[int, Line] = {}
    for number, pad in enumerate(machine.pad):
        for place, channel in enumerate(pad.channels):
            by_channel[channel] = _pad_line(view, number, place, channel, machine)
    for number, bag in enumerate(machine.bag):
        by_channel[bag.channel] = _bag_line(snapshot, view, number, bag.channel, machine)
    lines = [
        by_channel.get(channel)
        or Line(_("Not connected"), "", _source(view, channel), "unused" if view else "")
        for channel in range(CHANNELS)
    ]
    return (*lines, _contact(view, machine), _rail(snapshot, machine))


def _source(view: InputsView | None, channel: int) -> str:
    if view is None or channel >= len(view.codes):
        return _("input {channel}").format(channel=channel)
    return _("input {channel}: {word}").format(channel=channel, word=view.codes[channel])


def _pad_line(view: InputsView | None, number: int, place: int, channel: int, machine: Machine) -> Line:
    what = parts.pad_sensor(machine.pad[number].side, bool(place))
    if view is None or channel >= len(view.codes):
        return Line(what, "–", _source(view, channel))
    both = view.pads_c[number]
    c, other = both[place], both[1 - place]
    share = view.codes[channel] / FULL_SCALE
    verdict: Verdict = "ok"
    if share > NTC_HIGH:
        verdict = "open"
    elif share < NTC_LOW:
        verdict = "short"
    elif c is None or (other is not None and abs(c - other) > APART_C):
        verdict = "odd"
    return Line(what, parts.degrees(c), _source(view, channel), verdict)


def _bag_line(
    snapshot: Snapshot, view: InputsView | None, number: int, channel: int, machine: Machine
) -> Line:
    what = parts.bag(machine.bag[number].zone)
    if view is None or channel >= len(view.codes):
        return Line(what, "–", _source(view, channel))
    mmhg = view.bags_mmhg[number]
    verdict: Verdict = "ok"
    if mmhg is None:
        # An input that nothing drives is pulled to ground by the divider.
        verdict = "open" if view.codes[channel] < FULL_SCALE * NTC_LOW else "odd"
    elif snapshot.state in ("idle", "fault") and abs(mmhg) > BAG_REST_MMHG:
        verdict = "odd"
    return Line(what, parts.pressure(mmhg), _source(view, channel), verdict)


def _contact(view: InputsView | None, machine: Machine) -> Line:
    source = _("pin {pin}").format(pin=machine.emergency_stop.pin)
    if view is None:
        return Line(_("Stop button"), "–", source)
    if view.stop_open:
        return Line(_("Stop button"), _("pressed"), source, "pressed")
    return Line(_("Stop button"), _("closed"), source, "ok")


def _rail(snapshot: Snapshot, machine: Machine) -> Line:
    fed = snapshot.inputs is not None and snapshot.state != "fault"
    source = _("pin {pin}, as asked").format(pin=machine.rail.pin)
    return Line(
        _("Power rail"), meant("the power rail", "on") if fed else meant("the power rail", "off"), source
    )
