"""What goes wrong with a machine in a campaign: faults alone and in pairs, wires that come and go, and words
that no sensor says."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from hardware.board.interface import Readings
from hardware.virtual.faults import FaultError
from tests.rig import Rig

NOT_IN_PROCESS = ("daemon-slow", "daemon-gone", "daemon-died")
FEET = ("foot-withdrawn", "foot-put-in")
NONSENSE = (float("nan"), float("inf"), -1e9, None)
PAD_LIES = ("sensor-frozen", "sensor-detached", "sensor-offset", "sensor-reversed")
OFTEN, SELDOM = 0.1, 0.05
WIRE_S = (0.1, 0.3, 1.0, 5.0, 30.0)
DOES_S = 600.0
"""A wire that comes and goes is mended after so long, at the latest."""


class Wire(Struct):
    """A fault that is in and out, each for so long."""

    name: str
    target: str
    amount: float | None
    in_s: float
    out_s: float
    turns_at: float
    ends_at: float
    is_in: bool = False


class Troubles:
    """``act`` now and then puts something in or takes it out; ``live`` once a tick lets wires come and go."""

    def __init__(self, rig: Rig, rng: Random) -> None:
        self.rig = rig
        self.rng = rng
        self.wires: list[Wire] = []
        self._possible = [f for f in rig.plant.faults.possible() if f.name not in (*NOT_IN_PROCESS, *FEET)]
        self._turns_at = float("inf")

    def live(self, now: float) -> None:
        if now < self._turns_at:
            return
        for wire in list(self.wires):
            if now >= wire.ends_at:
                self.wires.remove(wire)
                self._turn(wire, False)
            elif now >= wire.turns_at:
                self._turn(wire, not wire.is_in)
                wire.turns_at = now + (wire.in_s if wire.is_in else wire.out_s)
        self._turns_at = min((wire.turns_at for wire in self.wires), default=float("inf"))

    def act(self) -> None:
        rng, rig = self.rng, self.rig
        faults = rig.plant.faults
        drawn = rng.random()
        if drawn < OFTEN:
            self._more()
        elif drawn < OFTEN + SELDOM:
            self._wire()
        elif (faults.active() or self.wires) and drawn < OFTEN + 3 * SELDOM:
            self.mend()
        rig.cut = rng.random() < 0.02
        if rng.random() < SELDOM:
            rig.doctor = self._nonsense()
        elif rng.random() < 0.5:
            rig.doctor = lambda readings: readings

    def mend(self) -> None:
        """Nothing is wrong any more."""
        self.wires, self._turns_at = [], float("inf")
        self.rig.plant.faults.clear()
        self.rig.cut = False
        self.rig.doctor = lambda readings: readings

    def _more(self) -> None:
        """One fault, a pair of them, or both sensors of a pad that lie alike."""
        rng, pads = self.rng, self.rig.machine.pad
        drawn = rng.random()
        if pads and drawn < 0.25:
            side, lie = rng.choice(pads).side, rng.choice(PAD_LIES)
            amount = rng.choice((-15.0, -6.0, -3.0, 4.0, 10.0)) if lie == "sensor-offset" else None
            for letter in "ab":
                self._put(lie, f"{side} {letter}", amount)
            return
        for _ in range(2 if drawn > 0.75 else 1):
            self._put(*self._draw())

    def _draw(self) -> tuple[str, str, float | None]:
        rng, fault = self.rng, self.rng.choice(self._possible)
        amount = None
        if fault.amount is not None and rng.random() < 0.5:
            amount = rng.uniform(fault.amount.least, fault.amount.most)
        return fault.name, rng.choice(self.rig.plant.faults.targets(fault.name)), amount

    def _wire(self) -> None:
        name, target, amount = self._draw()
        rng, now = self.rng, self.rig.now
        self.wires.append(
            Wire(
                name,
                target,
                amount,
                rng.choice(WIRE_S),
                rng.choice(WIRE_S),
                now,
                now + rng.uniform(5.0, DOES_S),
            )
        )
        self._turns_at = now

    def _turn(self, wire: Wire, is_in: bool) -> None:
        wire.is_in = is_in
        if is_in:
            self._put(wire.name, wire.target, wire.amount)
            return
        try:
            self.rig.plant.faults.take(wire.name, wire.target)
        except FaultError:
            return  # mended meanwhile

    def _put(self, name: str, target: str, amount: float | None) -> None:
        try:
            self.rig.plant.faults.put(name, target, amount)
        except FaultError:
            return  # a machine without such a part

    def _nonsense(self) -> Callable[[Readings], Readings]:
        """One of the readings is now and then what no sensor says."""
        rng = self.rng
        often, value = rng.choice((0.01, 0.3, 1.0)), rng.choice(NONSENSE)
        which = rng.randrange(len(self.rig.machine.inputs))
        draw = Random(rng.random())

        def doctor(readings: Readings) -> Readings:
            if draw.random() > often:
                return readings
            values = list(readings.values)
            values[which] = value
            return replace(readings, values=tuple(values))

        return doctor
