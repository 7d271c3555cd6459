"""S4, S5: heat only on good readings, never too warm, never too long; told from pins, pads and skin.

Counted over sessions, hours and restarts alike: a pad and a person do not know that a controller died.
"""

from __future__ import annotations

from collections import deque

from hardware.messages import CheckItself, Drive, Preheat, Start, Tune
from tests.judge import rules
from tests.judge.look import DOCTORED, Look

SENSOR_LIES = frozenset({"sensor-frozen", "sensor-detached", "sensor-offset", "sensor-reversed"})
LIES = frozenset(
    {
        *SENSOR_LIES,
        *("heater-stuck-on", "adc-dead", "adc-stuttering", "heaters-swapped", "sensors-swapped", DOCTORED),
    }
)
LIES_LAST_S = 900.0
"""A pad and a foot that became too warm need this long to cool."""
AT_ONCE_S = 120.0
"""Faults that were in within so long of one another hide one another."""
LOOK_EVERY = 4
"""Ticks: the plant moves heat in steps of 0.2 s, at most 0.03 °C each."""
BUCKET_S = 10.0
SLACK_S = 1.0


class Window:
    """Seconds of something within the last hour, to ten seconds less."""

    def __init__(self) -> None:
        self._buckets: deque[tuple[int, float]] = deque()
        self._sum_s = 0.0

    def add(self, now: float, seconds: float) -> float:
        """So much more now; what there was within the hour."""
        at, buckets = int(now // BUCKET_S), self._buckets
        if buckets and buckets[-1][0] == at:
            buckets[-1] = (at, buckets[-1][1] + seconds)
        else:
            buckets.append((at, seconds))
        self._sum_s += seconds
        while buckets[0][0] * BUCKET_S < now - rules.HOUR_S:
            self._sum_s -= buckets.popleft()[1]
        return self._sum_s


class HeatJudge:
    def __init__(self, look: Look) -> None:
        self.look = look
        self._hot = [Window() for _ in look.machine.pad]
        """By pad: at 41 °C or more, whoever sat there, however often it was started."""
        self._was_hot = [False] * len(look.machine.pad)
        self._warm: dict[str | None, Window] = {}
        """By person, guests as one: with power at a heater."""
        self._sitting: str | None = None
        self._checked_s = look.rig.now

    def check(self) -> None:
        look = self.look
        if not look.machine.pad:
            return
        self._who()
        heaters = look.pins[look.heaters]
        if any(heaters):
            self._readings(heaters)
            self._person()
        if look.fresh:
            for pad in look.shown.pads:
                if pad.target_c is not None and pad.target_c > rules.TARGET_MOST_C:
                    look.fail("S5", f"a target of {pad.target_c:.2f} °C")
        if look.turn % LOOK_EVERY == 0 or look.restarted or look.late:
            self._temperatures()

    def _who(self) -> None:
        """Whose feet are in, as far as anybody said."""
        look = self.look
        if look.restarted:
            self._sitting = None
        for command, role, _, reply in look.orders:
            if reply.ok and isinstance(command, Start | Preheat | CheckItself | Tune | Drive):
                self._sitting = None if role == "service" else command.person
        if look.session is not None:
            self._sitting = look.session.person

    def _readings(self, heaters: tuple[float, ...]) -> None:
        """S4, by what the controller was told in this tick."""
        read = self.look.rig.read
        for duty, pad, sensors in zip(heaters, self.look.machine.pad, self.look.pads_c(read), strict=True):
            if duty == 0:
                continue
            for celsius in sensors:
                if celsius is None or not celsius < rules.NO_HEAT_C:
                    self.look.fail("S4", f"{pad.side} heated at {sensors}")
        if self.look.at_s - read.at_s > rules.FRESH_S:
            self.look.fail("S4", f"heated on readings {self.look.at_s - read.at_s:.1f} s old")

    def _person(self) -> None:
        """S5: how long a person has heat in any hour; nothing excuses more."""
        look = self.look
        warm = self._warm.setdefault(self._sitting, Window())
        # A later tick drives nothing.
        warm_s = warm.add(look.at_s, min(look.gap_s, rules.LATE_S))
        if warm_s > rules.PERSON_MOST_S + SLACK_S:
            look.fail("S5", f"{warm_s:.0f} s of heat for {self._sitting} in an hour")

    def _temperatures(self) -> None:
        look = self.look
        since_s, self._checked_s = look.rig.now - self._checked_s, look.rig.now
        plant = look.rig.plant
        hottest, skin = max(plant.pad_c), max(plant.skin_c.values())
        if hottest < rules.HOT_C and not any(self._was_hot):  # below every bound
            return
        for index, pad in enumerate(look.machine.pad):
            self._pad(index, pad.side, plant.pad_c[index], since_s)
        if skin >= rules.SKIN_C:
            lies = max(self._lies(pad.side, LIES_LAST_S) for pad in look.machine.pad)
            bound = rules.SKIN_C if lies < 2 else rules.SKIN_WITH_FAULTS_C
            many = max(self._lies(pad.side, AT_ONCE_S) for pad in look.machine.pad) > 2
            around = max(self._outside_c(pad.side) for pad in look.machine.pad) >= rules.HOT_C
            if (
                skin >= bound
                and not look.excused("three-faults-of-a-pad", many)
                and not look.excused("sun-or-room", around)
            ):
                look.fail("S5", f"skin at {skin:.1f} °C")

    def _lies(self, side: str, lasts_s: float) -> int:
        """How many faults there are, or were lately, that bear on how warm a pad gets."""
        return self.look.wrong(LIES, lasts_s, side)

    def _outside_c(self, side: str) -> float:
        """How warm room and sun alone make a pad in the end, without a foot; a blanket changes nothing."""
        pad = self.look.rig.plant.params.pad(side)
        loss_w_per_k = pad.back_w_per_k + pad.front_w_per_m2k * pad.free_m2
        return float(self.look.rig.plant.room_c + pad.sun_w / loss_w_per_k)

    def _pad(self, index: int, side: str, celsius: float, since_s: float) -> None:
        look = self.look
        was, self._was_hot[index] = self._was_hot[index], celsius >= rules.HOT_C
        if not self._was_hot[index]:
            return
        if not was:
            since_s = min(since_s, rules.LATE_S)  # what it was meanwhile nobody saw
        outside = look.excused("sun-or-room", self._outside_c(side) >= rules.HOT_C)
        lies = self._lies(side, LIES_LAST_S)
        hot_s = self._hot[index].add(look.at_s, since_s)
        if celsius >= rules.NO_HEAT_C and not look.excused("pad-fault-above-43", lies) and not outside:
            look.fail("S5", f"the {side} pad at {celsius:.1f} °C")
        if celsius >= rules.WITH_FAULTS_C and not outside:
            at_once = self._lies(side, AT_ONCE_S)
            if not look.excused("three-faults-of-a-pad", at_once > 2):
                look.fail("S5", f"the {side} pad at {celsius:.1f} °C with {at_once} faults")
        if celsius >= rules.THERMOSTAT_LEAVES_C:
            look.fail("S5", f"the {side} pad at {celsius:.1f} °C")
        if hot_s <= rules.HOT_MOST_S:
            return
        if not look.excused("pad-fault-hides-41", lies) and not outside:
            look.fail("S5", f"the {side} pad at 41 °C or more for {hot_s:.0f} s in an hour")
