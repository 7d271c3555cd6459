"""The faults: one table of what each means, to a person and to a builder, and what it does.

Which of them is present is found by protection.py; here they are only remembered. The first one wins the
screen, all are reported, and one that stops stays until a person has seen it and its cause has gone (S13).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from hardware.messages import FaultView
from hardware.safety.pad_watch import Present


class Fault(Struct, frozen=True, kw_only=True):
    """``words`` and ``advice``: what it means to the person and what to do, when it stops and when not."""

    words: str
    technical: str
    advice: str = ""


FAULTS: dict[str, Fault] = {
    "pad-too-hot": Fault(
        words="A pad got too warm, so everything is off. Let it cool down, then have the pad checked.",
        advice="A pad is a little too warm, so its heat is off. Leave it to cool.",
        technical="A pad read 43.0 °C or more for 3 s (heat off), or for 10 s, or 44.0 °C (stop).",
    ),
    "pad-sensor-invalid": Fault(
        words="A warm pad cannot be measured, so everything is off. Check the pad's plug.",
        advice="A warm pad cannot be measured, so it stays off. Check the pad's plug.",
        technical="A pad sensor is open, shorted, out of range or faster than 1 °C/s.",
    ),
    "pad-sensors-disagree": Fault(
        words="The two sensors in a pad disagree, so everything is off. Check the pad's plug.",
        technical="A pad's sensors were more than 3 °C apart for 10 s in all.",
    ),
    "pad-sensor-stuck": Fault(
        words="A warm pad's sensor is stuck, so everything is off. Have the pad checked.",
        technical="A pad sensor's word stood still for 30 s of heating while its twin's moved.",
    ),
    "pad-sensors-wrong": Fault(
        words="A warm pad's sensors cannot be right, so everything is off. Have the pad checked.",
        technical="Heat and reading do not belong together: both sensors came off, stick or are reversed.",
    ),
    "pad-not-heating": Fault(
        words="A pad does not get warm, so it stays off. Check the pad's plug.",
        advice="A pad does not get warm, so it stays off; the rest goes on. Check the pad's plug afterwards.",
        technical="Far below target, no cooler when its heat rests: heater, fuse or wire is open.",
    ),
    "pad-heating-by-itself": Fault(
        words="A pad gets warm by itself, so its power was cut. Take your feet out and have it checked.",
        advice="The pads get warm without heat: a warm room, sun or a blanket. Let them cool.",
        technical="A pad rose with its output off. Steeply and alone: its MOSFET conducts, the rail is cut.",
    ),
    "bag-over-pressure": Fault(
        words="An air bag was too full, so all bags were opened. Check that nothing presses on the hoses.",
        technical="A bag was above 120 mmHg for 0.3 s.",
    ),
    "bag-not-filling": Fault(
        words="An air bag does not fill, so it rests. Check its hose, and that a foot is in it.",
        advice="An air bag does not fill as it should and may rest. Check its hose, and the foot in it.",
        technical="Three times below half of its target after 5 s of pumping: a leak, or no foot.",
    ),
    "bag-sensor-blind": Fault(
        words="An air bag takes air, but no pressure is felt, so it rests. Check its hoses and its plug.",
        advice="An air bag takes air, but no pressure is felt, so it rests. Check its hoses and its plug.",
        technical="Three fills brought no pressure: its sensor, its hose, its valve, or the pump.",
    ),
    "bag-not-venting": Fault(
        words="An air bag does not empty, so its power was cut. Pull its hose off, then take your feet out.",
        technical="Above 10 mmHg 6 s after its valve was opened: valve or hose is stuck. The rail is off.",
    ),
    "pressure-sensor-invalid": Fault(
        words="An air bag cannot be measured, so all bags were opened. Check its plug.",
        advice="An air bag cannot be measured, so the air stays off. Check its plug.",
        technical="A pressure sensor was out of range for 0.5 s, or again and again.",
    ),
    "emergency-stop": Fault(
        words="The stop button is pressed. Release it, then go on here.",
        technical="The emergency stop's contact is open: pressed, unplugged, or its wire is broken.",
    ),
    "controller-late": Fault(
        words="The machine was too busy to be safe and has stopped. Start again; if it repeats, restart it.",
        technical="Three ticks within a minute came more than 250 ms late.",
    ),
    "pins-lost": Fault(
        words="The machine has lost touch with its motors and pads. Their power is off; it keeps looking.",
        technical="The pin daemon or chip cannot be reached.",
    ),
    "self-test-failed": Fault(
        words="The machine's check of itself failed, so it will not start. See the details.",
        advice="A part of the machine cannot be used now; the rest can. See the details.",
        technical="At rest a sensor was invalid, a bag not empty, or a pad hot.",
    ),
}


ADVICE_STAYS_S = 10.0
"""Advice stays this long after its cause has gone: long enough to be read, and one that flickers is one."""


BELIEVED_S: Mapping[str, float] = {
    "pad-too-hot": 10.0,
    "pad-sensor-invalid": 5.0,
    "pad-sensors-disagree": 10.0,
    "pad-sensor-stuck": 30.0,
    "pad-sensors-wrong": 30.0,
    "pad-heating-by-itself": 20.0,
    "bag-over-pressure": 0.3,
    "bag-not-venting": 6.0,
    "pressure-sensor-invalid": 0.5,
    "emergency-stop": 0.09,
}
"""How long each takes to be believed; as long its cause has to be gone before it may be cleared (S13)."""


class _Entry(Struct):
    detail: str
    latched: bool
    rail_off: bool
    seen_at: float


class FaultLog:
    """The faults in force, in the order they came. What stops latches; what only advises goes by itself."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._present: frozenset[str] = frozenset()

    def update(self, present: Mapping[str, Present], now: float) -> list[tuple[str, str]]:
        """Take what is present at ``now``; the (code, detail) pairs that are new or have become graver."""
        if not present and not self._entries:
            self._present = frozenset()
            return []
        news: list[tuple[str, str]] = []
        for code, fault in present.items():
            entry = self._entries.get(code)
            if entry is None or (fault.stops and not entry.latched):
                self._entries[code] = _Entry(fault.detail, fault.stops, fault.rail_off, now)
                news.append((code, fault.detail))
            else:
                entry.seen_at = now
        self._present = frozenset(present)
        for code, entry in list(self._entries.items()):
            if not entry.latched and now - entry.seen_at > ADVICE_STAYS_S:
                del self._entries[code]
        return news

    def acknowledge(self, now: float) -> list[str]:
        """A person has seen them: those whose cause has been gone for as long as it took to be believed are
        cleared. Returns their codes."""
        gone = [
            code
            for code, entry in self._entries.items()
            if entry.latched
            and code not in self._present
            and now - entry.seen_at >= BELIEVED_S.get(code, 0.0)
        ]
        for code in gone:
            del self._entries[code]
        return gone

    @property
    def stops(self) -> bool:
        """Something is latched: no session until a person has seen it."""
        return any(entry.latched for entry in self._entries.values())

    @property
    def rail_off(self) -> bool:
        """The power rail is to stay dead: an output does not obey."""
        return any(entry.rail_off and entry.latched for entry in self._entries.values())

    def views(self) -> tuple[FaultView, ...]:
        """For a screen; what stops comes before what advises, each in the order it came."""
        ordered = sorted(self._entries.items(), key=lambda item: not item[1].latched)
        return tuple(
            FaultView(
                code,
                FAULTS[code].words if entry.latched else FAULTS[code].advice or FAULTS[code].words,
                f"{FAULTS[code].technical} {entry.detail}".strip(),
                "stop" if entry.latched else "advise",
                entry.latched,
                code in self._present,
            )
            for code, entry in ordered
        )
