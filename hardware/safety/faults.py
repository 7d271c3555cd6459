"""The faults: one table of what each means, to a person and to a builder, and what it does.

Which of them is present is found by protection.py; here they are only remembered. The first one wins the
screen, all are reported, and one that stops stays until a person has seen it and its cause has gone (S13).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from hardware.messages import FaultView
from hardware.safety.memory import Latched
from hardware.safety.pad_watch import Present


class Fault(Struct, frozen=True, kw_only=True):
    """``words`` and ``advice``: what it means to the person and what to do, when it stops and when not."""

    words: str
    technical: str
    advice: str = ""


FAULTS: dict[str, Fault] = {
    "pad-too-hot": Fault(
        words="A pad got too hot, so everything is off. Let it cool down, then have it checked.",
        advice="A pad is a little too warm, so its heat is off. Let it cool down.",
        technical="A pad read 43.0 °C or more for 3 s (heat off), or for 10 s, or 44.0 °C (stop).",
    ),
    "pad-sensor-invalid": Fault(
        words="A pad's temperature cannot be measured, so everything is off. Check the pad's plug.",
        advice="A pad's temperature cannot be measured, so it stays off. Check the pad's plug.",
        technical="A pad sensor is open, shorted, out of range or faster than 1 °C/s.",
    ),
    "pad-sensors-disagree": Fault(
        words="The two sensors in a pad disagree, so everything is off. Check the pad's plug.",
        technical="A pad's sensors were more than 3 °C apart for 10 s in all.",
    ),
    "pad-sensor-stuck": Fault(
        words="A pad's sensor is stuck, so everything is off. Have the pad checked.",
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
        words="A pad heats by itself, so all power is off. Take your feet out now and have the pad checked.",
        advice="The pads get warm without heat: a warm room, sun or a blanket. Let them cool.",
        technical="A pad rose with its output off. Steeply and alone: its MOSFET conducts, the rail is cut.",
    ),
    "bag-over-pressure": Fault(
        words="An air bag was too full, so everything is off. Check that nothing presses on the hoses.",
        technical="A bag was above 120 mmHg for 0.3 s.",
    ),
    "bag-not-filling": Fault(
        words="An air bag does not fill, so it stays off. Check its hose, and that a foot is in it.",
        advice="An air bag does not fill as it should and may be left out. "
        "Check its hose, and how the foot sits in it.",
        technical="Three times below half of its target after 5 s of pumping: a leak, or no foot.",
    ),
    "bag-sensor-blind": Fault(
        words="An air bag takes air, but no pressure is felt, so it rests. Check its hoses and its plug.",
        advice="An air bag takes air, but no pressure is felt, so it rests. Check its hoses and its plug.",
        technical="Three fills brought no pressure: its sensor, its hose, its valve, or the pump.",
    ),
    "bag-not-venting": Fault(
        words="An air bag does not empty, so all power is off. Pull its hose off, then take your feet out.",
        technical="Above 10 mmHg 6 s after its valve was opened: valve or hose is stuck. The rail is off.",
    ),
    "pressure-sensor-invalid": Fault(
        words="The pressure of an air bag cannot be measured, so everything is off. Check its sensor's plug.",
        advice="The pressure of an air bag cannot be measured, so the air stays off. "
        "Check its sensor's plug.",
        technical="A pressure sensor was out of range for 0.5 s, or again and again.",
    ),
    "emergency-stop": Fault(
        words="The stop button is pressed. Unlatch it (turn it or pull it), then go on here.",
        technical="The emergency stop's contact is open: pressed, unplugged, or its wire is broken.",
    ),
    "controller-late": Fault(
        words="The machine could not keep up and has stopped to be safe. "
        "Start again; if it happens again, restart the machine.",
        technical="Three ticks within a minute came more than 250 ms late.",
    ),
    "pins-lost": Fault(
        words="The machine has lost touch with its motors and pads. Their power is off; it keeps trying.",
        technical="The pin daemon or chip cannot be reached, or another program has it.",
    ),
    "switched-off-elsewhere": Fault(
        words="The machine was switched off from elsewhere. Confirm here when it may have power again.",
        technical="Another program ended the power, such as everything-off; the controller was in time.",
    ),
    "safety-memory-damaged": Fault(
        words=(
            "What the machine had to remember for safety is damaged. "
            "There is no warmth for an hour; the rest works."
        ),
        technical="The file of latched faults and used heat cannot be read. All heat counts as used (S13).",
    ),
    "safety-memory-unsaved": Fault(
        words="The machine cannot save what safety needs, so the pads stay off. Check the SD card.",
        advice="The machine cannot save what safety needs, so the pads stay off. The rest goes on.",
        technical="Used heat could not be written to the disk for 30 s: no heat until it can (S13).",
    ),
    "self-test-failed": Fault(
        words="The self-test failed, so the machine will not start. See the details.",
        advice="A part of the machine cannot be used now; the rest can. See the details.",
        technical="At rest a sensor was invalid, a bag not empty, or a pad hot.",
    ),
}


OF_ANOTHER_VERSION = Fault(
    words="The machine stopped for a reason that this version does not know. Have it checked.",
    technical="A fault remembered by another version of Instep.",
)
DETAIL_MOST = 1000
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
    seen_at: float | None
    """None: it was remembered, and nobody has looked yet whether its cause is there."""

    def gone_s(self, now: float) -> float:
        """How long its cause has been gone, as far as was seen."""
        return 0.0 if self.seen_at is None else now - self.seen_at


class FaultLog:
    """The faults in force, in the order they came. What stops latches; what only advises goes by itself."""

    def __init__(self, remembered: Iterable[Latched] = ()) -> None:
        """``remembered``: what was latched when it was last kept; a code of another version stays, too."""
        self._entries: dict[str, _Entry] = {}
        for known in remembered:
            self._entries[known.code] = _Entry(known.detail, True, known.rail_off, None)
        self._present: frozenset[str] = frozenset()

    def update(self, present: Mapping[str, Present], now: float) -> list[tuple[str, str]]:
        """Take what is present at ``now``; the (code, detail) pairs that are new or have become graver."""
        if not present and not self._entries:
            self._present = frozenset()
            return []
        for remembered in self._entries.values():
            if remembered.seen_at is None:
                remembered.seen_at = now
        news: list[tuple[str, str]] = []
        for code, fault in present.items():
            entry = self._entries.get(code)
            if entry is None or (fault.stops and not entry.latched):
                self._entries[code] = _Entry(fault.detail, fault.stops, fault.rail_off, now)
                news.append((code, fault.detail))
            else:
                entry.seen_at, entry.detail = now, fault.detail  # why as it is now
        self._present = frozenset(present)
        for code, entry in list(self._entries.items()):
            if not entry.latched and entry.gone_s(now) > ADVICE_STAYS_S:
                del self._entries[code]
        return news

    def acknowledge(self, now: float) -> list[str]:
        """A person has seen them: those whose cause has been gone for as long as it took to be believed are
        cleared. Returns their codes."""
        gone = [
            code
            for code, entry in self._entries.items()
            if entry.latched and code not in self._present and entry.gone_s(now) >= BELIEVED_S.get(code, 0.0)
        ]
        for code in gone:
            del self._entries[code]
        return gone

    @property
    def stops(self) -> bool:
        """Something is latched: no session until a person has seen it."""
        return any(entry.latched for entry in self._entries.values())

    @property
    def latched(self) -> tuple[Latched, ...]:
        """What has to be remembered until a person has acknowledged it (S13)."""
        return tuple(
            Latched(code, entry.detail[:DETAIL_MOST], entry.rail_off)
            for code, entry in self._entries.items()
            if entry.latched
        )

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
                _known(code).words if entry.latched else _known(code).advice or _known(code).words,
                f"{_known(code).technical} {entry.detail}".strip(),
                "stop" if entry.latched else "advise",
                entry.latched,
                code in self._present,
            )
            for code, entry in ordered
        )


def _known(code: str) -> Fault:
    return FAULTS.get(code, OF_ANOTHER_VERSION)
