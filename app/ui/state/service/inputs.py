"""Every input as the machine reads it now, beside what it should read, and what is to be thought of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, assert_never

from app.spread import spread
from app.ui.habits import number as written
from app.ui.state.service import parts
from app.ui.words import _, meant
from hardware.machine import Machine
from hardware.messages import InputsView, InputView, Snapshot
from hardware.parts import Input
from hardware.safety.expectation import Expectation
from hardware.words import State

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
        self._since: dict[str, float] = {}
        self._seen: dict[str, float] = {}
        """By input."""
        self._boot = ""

    def hear(self, snapshot: Snapshot) -> frozenset[str]:
        """Keys of the inputs to be marked, after one more snapshot."""
        now = snapshot.at_s
        if snapshot.boot != self._boot:
            self.forget()
            self._boot = snapshot.boot
        for key, view in snapshot.inputs.by_key.items() if snapshot.inputs else ():
            if view.expected is not None and view.expected.unexplained:
                self._since.setdefault(key, now)
                self._seen[key] = now
        for key, seen in list(self._seen.items()):
            if now - seen > self._patience(key):
                del self._since[key], self._seen[key]
        return frozenset(key for key in self._since if self._marked(key))

    def forget(self) -> None:
        """It was not looked at for a while."""
        self._since.clear()
        self._seen.clear()

    def _marked(self, key: str) -> bool:
        return self._seen[key] - self._since[key] >= OFF_S

    def _patience(self, key: str) -> float:
        """What is not marked yet has to be off nearly all the time."""
        return KEEP_S if self._marked(key) else KEEP_S / 4


def expected(of: Expectation | None, decimals: int) -> str:
    """ "38.0 ± 0.4"; empty while nothing can be said."""
    found = spread(of, decimals)
    return " ± ".join(written(value, decimals) for value in found) if found else ""


def inputs(snapshot: Snapshot, machine: Machine, off: Collection[str] = ()) -> tuple[Line, ...]:
    """The converter's inputs in order, then the stop contact and the rail.

    ``off``: keys of inputs that have been off for a while, as ``Doubts`` has them.
    """
    by_channel = {measured.channel: _line(measured, snapshot, machine, off) for measured in machine.inputs}
    free: Verdict = "unused" if snapshot.inputs else ""
    lines = [
        by_channel.get(channel) or Line(_("Not connected"), "", *_source(channel, None), free)
        for channel in range(CHANNELS)
    ]
    return (*lines, _contact(snapshot.inputs, machine), _rail(snapshot, machine))


def _source(channel: int, word: int | None) -> tuple[str, str]:
    """The same in fewer words beside it."""
    if word is None:
        return _("input {channel}").format(channel=channel), str(channel)
    return _("input {channel}: {word}").format(channel=channel, word=word), f"{channel}: {word}"


def _line(measured: Input, snapshot: Snapshot, machine: Machine, off: Collection[str]) -> Line:
    view = snapshot.inputs.by_key.get(measured.key) if snapshot.inputs else None
    what = parts.named(measured.key)
    if view is None or view.word is None:
        return Line(what, "–", *_source(measured.channel, None))
    source = _source(measured.channel, view.word)
    marked = _side(view.expected, view.value) if measured.key in off else None
    match measured.quantity:
        case "temperature":
            verdict = _of_pad(measured, view, snapshot, machine, off, marked)
            return Line(what, parts.degrees(view.value), *source, verdict, expected(view.expected, 1))
        case "pressure":
            verdict = _of_bag(view, snapshot.state, marked)
            return Line(what, parts.pressure(view.value), *source, verdict, expected(view.expected, 0))
        case _:
            assert_never(measured.quantity)


def _of_pad(
    measured: Input,
    view: InputView,
    snapshot: Snapshot,
    machine: Machine,
    off: Collection[str],
    marked: Verdict | None,
) -> Verdict:
    share = (view.word or 0) / FULL_SCALE
    if share > NTC_HIGH:
        return "open"
    if share < NTC_LOW:
        return "short"
    if view.value is None:
        return "odd"
    if marked is not None:
        return marked
    for twin in machine.inputs:
        if (twin.quantity, twin.side) != (measured.quantity, measured.side) or twin is measured:
            continue
        other = snapshot.inputs.by_key[twin.key].value if snapshot.inputs else None
        if other is not None and abs(view.value - other) > APART_C and twin.key not in off:
            return "odd"
    return "ok"


def _of_bag(view: InputView, state: State, marked: Verdict | None) -> Verdict:
    if view.value is None:
        # An input that nothing drives is pulled to ground by the divider.
        return "open" if (view.word or 0) < FULL_SCALE * NTC_LOW else "odd"
    if marked is not None:
        return marked
    return "odd" if state in ("idle", "fault") and abs(view.value) > BAG_REST_MMHG else "ok"


def _side(of: Expectation | None, read: float | None) -> Verdict:
    """On which side of what is expected it is."""
    if of is None or of.expected is None or read is None:
        return "ok"
    return "high" if read > of.expected else "low"


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
