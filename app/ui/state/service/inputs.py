"""Every input as the machine reads it now, beside what it should read, and what is to be thought of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from app.spread import spread
from app.ui.habits import number as written
from app.ui.state.service import parts
from app.ui.words import _, meant
from hardware.machine import Machine
from hardware.messages import InputsView, Snapshot
from hardware.safety.expectation import Expectation

CHANNELS = 8
"""An MCP3008 has so many."""
APART_C = 3.0
"""Two sensors of one pad that differ by more are not both right."""

FULL_SCALE = 1023
NTC_LOW, NTC_HIGH = 0.01, 0.99
BAG_REST_MMHG = 15.0
"""As the controller has them: what is marked here is what it stumbles over."""

OFF_S = 3.0
"""A sound sensor is off in one look of a hundred: what is marked has been off for so long."""
KEEP_S = 2.0
"""Nor does one look that is not off take the mark away."""

Verdict = Literal["ok", "open", "short", "odd", "high", "low", "pressed", "unused", ""]


@dataclass(frozen=True)
class Line:
    what: str
    value: str
    source: str
    """Where it comes from, with the word as it was read."""
    brief: str = ""
    """The same, where there is no room for all of it."""
    verdict: Verdict = ""
    expected: str = ""
    """Without its unit, which the value has; empty as long as nothing can be said."""

    @property
    def said(self) -> str:
        return {
            "ok": _("ok"),
            "open": _("open"),
            "short": _("short"),
            "odd": _("odd"),
            "high": _("high"),
            "low": _("low"),
            "unused": _("not used"),
        }.get(self.verdict, "")

    @property
    def bad(self) -> bool:
        return self.verdict in ("open", "short", "odd", "high", "low", "pressed")

    @property
    def unexpected(self) -> bool:
        return self.verdict in ("high", "low")


class Doubts:
    """Which inputs have been off for a while, beyond what their observers can explain."""

    def __init__(self) -> None:
        self._since: dict[int, float] = {}
        self._seen: dict[int, float] = {}
        self._boot = ""

    def hear(self, snapshot: Snapshot, machine: Machine) -> frozenset[int]:
        """The inputs to be marked, after one more snapshot."""
        now = snapshot.at_s
        if snapshot.boot != self._boot:
            self.forget()
            self._boot = snapshot.boot
        for channel, expectation in _expected(snapshot.inputs, machine):
            if expectation.unexplained:
                self._since.setdefault(channel, now)
                self._seen[channel] = now
        for channel, seen in list(self._seen.items()):
            if now - seen > self._patience(channel):
                del self._since[channel], self._seen[channel]
        return frozenset(channel for channel in self._since if self._marked(channel))

    def forget(self) -> None:
        """It was not looked at for a while."""
        self._since.clear()
        self._seen.clear()

    def _marked(self, channel: int) -> bool:
        return self._seen[channel] - self._since[channel] >= OFF_S

    def _patience(self, channel: int) -> float:
        """What is not marked yet has to be off nearly all the time."""
        return KEEP_S if self._marked(channel) else KEEP_S / 4


def _expected(view: InputsView | None, machine: Machine) -> Iterator[tuple[int, Expectation]]:
    """(input, what is expected of it); an older controller says nothing of it."""
    if view is None:
        return
    for pad, both in zip(machine.pad, view.pads_expected, strict=False):
        yield from zip(pad.channels, both, strict=True)
    for bag, expectation in zip(machine.bag, view.bags_expected, strict=False):
        yield bag.channel, expectation


def expected(of: Expectation | None, decimals: int) -> str:
    """ "38.0 ± 0.4"; empty while nothing can be said."""
    found = spread(of, decimals)
    return " ± ".join(written(value, decimals) for value in found) if found else ""


def inputs(snapshot: Snapshot, machine: Machine, off: Collection[int] = ()) -> tuple[Line, ...]:
    """The converter's inputs in order, then the stop contact and the rail.

    ``off``: inputs that have been off for a while, as ``Doubts`` has them.
    """
    view = snapshot.inputs
    sure = dict(_expected(view, machine))
    by_channel: dict[int, Line] = {}
    for number, pad in enumerate(machine.pad):
        for place, channel in enumerate(pad.channels):
            by_channel[channel] = _pad_line(view, number, place, machine, sure, off)
    for number, bag in enumerate(machine.bag):
        by_channel[bag.channel] = _bag_line(snapshot, number, machine, sure, off)
    lines = [
        by_channel.get(channel)
        or Line(_("Not connected"), "", *_source(view, channel), "unused" if view else "")
        for channel in range(CHANNELS)
    ]
    return (*lines, _contact(view, machine), _rail(snapshot, machine))


def _source(view: InputsView | None, channel: int) -> tuple[str, str]:
    """The same in fewer words beside it."""
    if view is None or channel >= len(view.codes):
        return _("input {channel}").format(channel=channel), str(channel)
    word = view.codes[channel]
    return _("input {channel}: {word}").format(channel=channel, word=word), f"{channel}: {word}"


def _pad_line(
    view: InputsView | None,
    number: int,
    place: int,
    machine: Machine,
    sure: dict[int, Expectation],
    off: Collection[int],
) -> Line:
    pad = machine.pad[number]
    channel, twin = pad.channels[place], pad.channels[1 - place]
    what = parts.pad_sensor(pad.side, bool(place))
    if view is None or channel >= len(view.codes):
        return Line(what, "–", *_source(view, channel))
    both = view.pads_c[number]
    c, other = both[place], both[1 - place]
    share = view.codes[channel] / FULL_SCALE
    verdict: Verdict = "ok"
    if share > NTC_HIGH:
        verdict = "open"
    elif share < NTC_LOW:
        verdict = "short"
    elif c is None:
        verdict = "odd"
    elif channel in off:
        verdict = _side(sure.get(channel), c)
    elif other is not None and abs(c - other) > APART_C and twin not in off:
        verdict = "odd"
    return Line(what, parts.degrees(c), *_source(view, channel), verdict, expected(sure.get(channel), 1))


def _side(of: Expectation | None, read: float) -> Verdict:
    """On which side of what is expected it is."""
    if of is None or of.expected is None:
        return "ok"
    return "high" if read > of.expected else "low"


def _bag_line(
    snapshot: Snapshot, number: int, machine: Machine, sure: dict[int, Expectation], off: Collection[int]
) -> Line:
    view, bag = snapshot.inputs, machine.bag[number]
    channel = bag.channel
    what = parts.bag(bag.zone)
    if view is None or channel >= len(view.codes):
        return Line(what, "–", *_source(view, channel))
    mmhg = view.bags_mmhg[number]
    verdict: Verdict = "ok"
    if mmhg is None:
        # An input that nothing drives is pulled to ground by the divider.
        verdict = "open" if view.codes[channel] < FULL_SCALE * NTC_LOW else "odd"
    elif channel in off:
        verdict = _side(sure.get(channel), mmhg)
    elif snapshot.state in ("idle", "fault") and abs(mmhg) > BAG_REST_MMHG:
        verdict = "odd"
    return Line(what, parts.pressure(mmhg), *_source(view, channel), verdict, expected(sure.get(channel), 0))


def _contact(view: InputsView | None, machine: Machine) -> Line:
    source = _("pin {pin}").format(pin=machine.emergency_stop.pin)
    if view is None:
        return Line(_("Stop button"), "–", source)
    if view.stop_open:
        return Line(_("Stop button"), _("pressed"), source, verdict="pressed")
    return Line(_("Stop button"), _("closed"), source, verdict="ok")


def _rail(snapshot: Snapshot, machine: Machine) -> Line:
    fed = snapshot.inputs is not None and snapshot.state != "fault"
    pin = machine.rail.pin
    return Line(
        _("Power rail"),
        meant("the power rail", "on") if fed else meant("the power rail", "off"),
        _("pin {pin}, as asked").format(pin=pin),
        brief=_("pin {pin}").format(pin=pin),
    )
