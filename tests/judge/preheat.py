"""S2, S10: what warms the pads before a session: for whom it was asked, how warm, how long."""

from __future__ import annotations

from math import inf

from hardware.messages import Alive, EndPreheat, Preheat, Start, Stop
from tests.judge import rules
from tests.judge.heat import LIES, LIES_LAST_S
from tests.judge.look import Look

WARMS = "preheating"
TINY = 1e-6


class PreheatJudge:
    def __init__(self, look: Look) -> None:
        self.look = look
        self._owner = ""
        self._proof_at = -inf
        self._sum_s = 0.0
        """Of it, since it was last left alone for so long that all of it may be had anew."""
        self._at_s = -inf
        """When it last was under way."""

    def check(self) -> None:
        look = self.look
        if look.restarted:  # nobody remembers, and a person has to ask anew
            self._sum_s = 0.0
        self._owners()
        if look.state != WARMS:
            return
        if look.before != WARMS and not any(
            reply.ok and isinstance(command, Preheat) for command, _, _, reply in look.orders
        ):
            look.fail("S2", "the pads are warmed, and nobody asked")
        self._lasts()
        if look.at_s - self._proof_at > rules.SILENT_PAUSES_S + rules.TICK_S:
            look.fail("S10", f"warmed {look.at_s - self._proof_at:.1f} s after the last proof of life")
        if self._left():
            look.fail("S2", "warmed for somebody who has left the page")
        self._power()

    def _owners(self) -> None:
        """Whose proof of life counts, and when it came last."""
        look = self.look
        state = look.before
        for command, _, by, reply in look.given:
            if not reply.ok:
                continue
            if isinstance(command, Preheat) and state != WARMS:
                state, self._owner, self._proof_at = WARMS, by, look.at_s
            elif isinstance(command, Alive) and state == WARMS:
                if by != self._owner:
                    look.fail("S10", f"the proof of life of {by} counts for the pads of {self._owner}")
                self._proof_at = look.at_s
            elif isinstance(command, Start) and state == WARMS and by != self._owner:
                look.fail("S10", f"the session of {by} on pads that {self._owner} had warmed")

    def _lasts(self) -> None:
        look = self.look
        if look.at_s - self._at_s >= rules.PREHEAT_ANEW_S:
            self._sum_s = 0.0
        if look.before == WARMS:
            self._sum_s += look.gap_s
        self._at_s = look.at_s
        if self._sum_s > rules.PREHEAT_MOST_S + rules.TICK_S:
            look.fail("S2", f"warmed for {self._sum_s:.1f} s before a session")

    def _left(self) -> bool:
        """Somebody said so in this tick, or stopped it, and nobody asked after that."""
        left = False
        for command, _, _, reply in self.look.orders:
            if reply.ok and isinstance(command, EndPreheat | Stop):
                left = True
            elif reply.ok and isinstance(command, Preheat):
                left = False
        return left

    def _power(self) -> None:
        look = self.look
        pins = look.pins
        if any(pins[: look.heaters.start]):
            look.fail("S2", f"pins {pins} where only pads are warmed")
        targets = [pad.target_c for pad in look.shown.pads if pad.target_c is not None]
        if look.fresh and max(targets, default=0.0) > rules.PREHEAT_C + TINY:
            look.fail("S2", f"targets of {targets} °C before a session")
        for duty, pad, celsius in zip(
            pins[look.heaters], look.machine.pad, look.rig.plant.pad_c, strict=True
        ):
            if duty and celsius > rules.PREHEAT_C + rules.PREHEAT_OVER_C:
                lies = look.wrong(LIES, LIES_LAST_S, pad.side)
                if not look.excused("pad-fault-preheats", lies):
                    look.fail("S2", f"the {pad.side} pad warmed at {celsius:.1f} °C before a session")
