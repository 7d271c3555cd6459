"""S1, S2, S3, S5, S8, S9, S10 under any sequence of commands, on any plant, at every tick."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from app.places import ASSETS
from hardware.machine import load_machine
from hardware.messages import (
    Acknowledge,
    EngineCommand,
    JustRight,
    Linger,
    Pain,
    Pause,
    Resume,
    SetBalance,
    SetBoost,
    SetHeat,
    SetIntensity,
    SetMinutes,
    SkipTo,
    Start,
    Stop,
    TooStrong,
)
from hardware.program import load_programs
from hardware.safety import limits
from hardware.virtual.plant import PlantParams
from hardware.words import KINDS, ZONES
from tests.rig import Rig

MACHINE = load_machine(ASSETS / "machines" / "reference.toml")
PROGRAMS, _ = load_programs(ASSETS / "programs")
HEAT = st.one_of(st.none(), st.floats(34, 42))

starts = st.builds(
    Start,
    program=st.sampled_from(sorted(PROGRAMS)),
    minutes=st.integers(5, 30),
    intensity=st.integers(1, 10),
    heat_c=HEAT,
    feet=st.sampled_from(["both", "left", "right"]),
)
changes = st.one_of(
    st.builds(SetIntensity, level=st.integers(1, 10)),
    st.builds(
        SetBalance, kind=st.sampled_from(KINDS), balance=st.sampled_from(["off", "soft", "normal", "strong"])
    ),
    st.builds(SetBoost, zone=st.one_of(st.none(), st.sampled_from(ZONES))),
    st.builds(SetHeat, heat_c=HEAT),
    st.builds(SetMinutes, minutes=st.integers(5, 30)),
    st.builds(SkipTo, phase=st.integers(0, 6)),
    *[st.just(make()) for make in (Pause, Resume, TooStrong, Linger, JustRight, Acknowledge, Resume)],
)
rare = st.one_of(st.just(Stop()), st.just(Pain()), starts)
step = st.tuples(
    st.one_of(changes, changes, changes, changes, rare), st.sampled_from([0.05, 0.5, 3.0, 20.0, 60.0, 90.0])
)


class Watch:
    """Checks every rule at every tick against what came before."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.level = 0.0
        self.ceilings = [0.0] * 4
        self.heat: tuple[float | None, ...] = (None, None)
        self.ramps = [0.0] * len(MACHINE.motor)
        self.stopped_at: float | None = None
        self.silent_s = 0.0

    def check(self) -> None:
        rig, engine = self.rig, self.rig.engine
        out = engine.outputs
        on = any(out.motors) or out.pump or any(out.valves) or any(out.heaters)
        for duty, motor in zip(out.motors, MACHINE.motor, strict=True):
            assert duty == 0 or motor.stalls_below <= duty <= motor.max_duty, "S1"
        assert all(0 <= duty <= 1 for duty in (*out.heaters, out.pump)), "S1"
        if engine.state != "running":
            assert not on, "S2"
            self.stopped_at = rig.now if self.stopped_at is None else self.stopped_at
            if rig.now - self.stopped_at > limits.VENT_S:
                assert max(rig.plant.bag_mmhg) < limits.BAG_EMPTY_MMHG, "S3"
        else:
            self.stopped_at = None
        for setpoint, before in zip(engine._heat.setpoints_c, self.heat, strict=True):
            assert setpoint is None or setpoint <= limits.PAD_TARGET_MAX_C, "S5"
            if setpoint is not None and before is not None:
                assert setpoint - before <= limits.HEAT_C_PER_S * limits.TICK_S + 1e-6, "S8 heat"
        self.heat = engine._heat.setpoints_c
        assert max(rig.plant.pad_c) < limits.PAD_HOT_C, "S5"
        for index, bag in enumerate(engine._air.bags):
            ceiling = bag._ceiling.value
            assert ceiling - self.ceilings[index] <= limits.AIR_MMHG_PER_S * limits.TICK_S + 1e-6, "S8 air"
            self.ceilings[index] = ceiling
        assert max(rig.plant.bag_mmhg) < limits.BAG_PUMP_STOP_MMHG, "S6"
        for index, duty in enumerate(out.motors):
            # What a ramp of 8 % a second allows since the motor was last asked for nothing.
            self.ramps[index] = self.ramps[index] + limits.DUTY_PER_S * limits.TICK_S
            assert duty <= self.ramps[index] + 1e-6, "S8 motion"
            slew = engine._motion._slews[index].value
            self.ramps[index] = min(self.ramps[index], max(slew, duty))
        session = engine.session
        if session is None:
            self.level = 0.0
            return
        assert rig.now - session.started_at <= limits.SESSION_MAX_S + limits.TICK_S, "S9"
        if self.level:
            assert session.level.value - self.level <= limits.LEVEL_PER_S * limits.TICK_S + 1e-6, "S8"
        self.level = session.level.value
        if session.running_s < limits.GENTLE_S:
            assert session.level.value <= 1.0, "gentle first"
        assert session.level.value <= session.intensity, "down at once"
        if not rig.alive and engine.state == "running":
            assert rig.now - engine.alive_at <= limits.SCREEN_PAUSE_S + 2 * limits.TICK_S, "S10"


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(seed=st.integers(0, 10_000), first=starts, steps=st.lists(step, max_size=14), silent=st.booleans())
def test_the_rules_hold_at_every_tick(seed: int, first: Start, steps: list[Any], silent: bool) -> None:
    note(f"seed {seed}")
    rig = Rig(MACHINE, PROGRAMS, params=PlantParams.random(random.Random(seed), 0.3), seed=seed).ready()
    watch = Watch(rig)

    def play(command: EngineCommand, seconds: float) -> None:
        outputs = rig.tick(command).outputs
        if isinstance(command, Stop | Pain) and rig.engine.session is None:
            assert not any((*outputs.motors, outputs.pump, *outputs.heaters)), "S3: in the same tick"
        watch.check()
        for _ in rig.run(seconds):
            watch.check()

    play(first, 1.0)
    for command, seconds in steps:
        play(command, seconds)
    if silent:
        rig.alive = False
        for _ in rig.run(limits.SCREEN_STOP_S + 1):
            watch.check()
        assert rig.engine.session is None, "S10"
    assert not rig.noted("fault"), rig.noted("fault")
