"""Finds faults: what was measured and what was driven in, the faults that are present out."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from hardware.board.interface import Outputs, Readings
from hardware.machine import Machine
from hardware.safety import limits
from hardware.safety.bag_watch import BagWatch
from hardware.safety.manifold import shares
from hardware.safety.pad_watch import STEP_C, PadWatch, Present
from hardware.sensors import pad_step_c

MINUTE_S = 60.0


class Protection:
    """Watches one machine. ``update`` once a tick, before anything is decided."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._pad_refs, self._bag_refs = machine.pad_sensors, machine.bag_sensors
        self.pads = [PadWatch(pad.side, pad.watts) for pad in machine.pad]
        self.bags = [BagWatch(bag.zone) for bag in machine.bag]
        for watch in self.bags:
            watch.others = [other for other in self.bags if other is not watch]
        self._late: deque[float] = deque()
        self._stop_open = False

    def late(self, now: float) -> bool:
        """Note a late tick; true when it is one too many (S11)."""
        self._late.append(now)
        while now - self._late[0] > MINUTE_S:
            self._late.popleft()
        return len(self._late) >= limits.LATE_TICKS

    def forget_late(self) -> None:
        self._late.clear()

    def new_session(self, *, warmed: bool = False) -> None:
        """``warmed``: its pads are under way already, and what is known of their heat stands."""
        self.forget_late()
        for pad in () if warmed else self.pads:
            pad.new_session()
        for bag in self.bags:
            bag.new_session()

    def break_off(self) -> None:
        """Every bag was let go of, in whatever it did."""
        for bag in self.bags:
            bag.break_off()

    def update(
        self,
        readings: Readings,
        air_used: bool,
        dt_s: float,
        driven: Outputs,
        heated: tuple[bool, ...],
        setpoints_c: tuple[float | None, ...],
        air_targets: tuple[float | None, ...],
    ) -> dict[str, Present]:
        """The faults present now by code.

        ``air_used``: a session runs and has air in it. ``driven`` is what the last tick put on the pins; the
        others are what the controllers were after then: ``heated`` (a pad is to be warm), ``setpoints_c`` in
        °C, and ``air_targets`` in mmHg.
        """
        present: dict[str, Present] = {}
        # The gate lets go of everything with the first look; a fault takes two in a row (S17).
        if readings.stop_open and self._stop_open:
            present["emergency-stop"] = Present()
        self._stop_open = readings.stop_open
        values, codes, layout = readings.values, readings.words, self.machine.layout
        duties = driven.duties[layout.pads]
        for (a, b), watch, wanted, setpoint, duty in zip(
            self._pad_refs, self.pads, heated, setpoints_c, duties, strict=True
        ):
            words, step_c, sensors = None, STEP_C, (values[a.place], values[b.place])
            if codes:
                words = (codes[a.place], codes[b.place])
                step_c = pad_step_c(words[0], self.machine)
            found = watch.update(readings.at_s, dt_s, sensors, words, wanted, setpoint, duty, step_c)
            _first(present, found)
        for watch in self.pads:
            by_itself = watch.by_itself([other for other in self.pads if other is not watch], dt_s)
            if by_itself is not None:
                _first(present, {"pad-heating-by-itself": by_itself})
        bags_mmhg = [values[ref.place] for ref in self._bag_refs]
        valves = [bool(duty) for duty in driven.duties[layout.valves]]
        pump = 0.0 if layout.pump is None else driven.duties[layout.pump]
        for bag_watch, mmhg, closed, share, target in zip(
            self.bags, bags_mmhg, valves, shares(bags_mmhg, valves), air_targets, strict=True
        ):
            found = bag_watch.update(
                dt_s,
                mmhg,
                driven=closed,
                pumped=pump * share,
                shared=share < 1.0,
                target_mmhg=target,
                used=air_used,
            )
            _first(present, found)
        return present

    @property
    def held(self) -> tuple[int, ...]:
        """The places of valves that have held a foot long enough (S7)."""
        first: int = self.machine.layout.valves.start
        return tuple(first + bag for bag, watch in enumerate(self.bags) if watch.must_open)

    def believed(self, readings: Readings) -> Readings:
        """The readings with what no sound sensor says taken out."""
        values = list(readings.values)
        for (a, b), watch in zip(self._pad_refs, self.pads, strict=True):
            values[a.place], values[b.place] = watch.believed
        return Readings(readings.at_s, tuple(values), readings.stop_open, readings.words)


def _first(present: dict[str, Present], found: Mapping[str, Present]) -> None:
    """Add what is new; of two with one code the graver stays."""
    for code, fault in found.items():
        if code not in present or (fault.stops and not present[code].stops):
            present[code] = fault
