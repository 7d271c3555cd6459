"""The bags on the plant: targets reached, order kept, rests kept."""

from __future__ import annotations

import random

import msgspec
import pytest

from hardware.messages import Pause, Resume, SetBoost, SkipTo, TooStrong
from hardware.safety import limits
from hardware.virtual.params import BAGS
from hardware.virtual.plant import PlantParams
from tests import shaped
from tests.rig import Rig

INDEX = {"foot": 0, "ankle": 1, "calf": 2, "heel": 3}


LONG_REST_S = 12.0


@pytest.mark.parametrize("seed", [11])
def test_s7_in_circulation_the_leg_has_twelve_seconds_to_fill_again(machine, programs, seed: int) -> None:  # type: ignore[no-untyped-def]
    print(f"seed {seed}")
    rng = random.Random(seed)
    rig = Rig(machine, programs, params=PlantParams.random(rng, 0.3) if seed else None, seed=seed)
    rig.start("circulation", intensity=10, minutes=10)
    rig.give(SkipTo(phase=1))
    empty, held, squeezes = [99.0] * 4, [False] * 4, 0
    act_at = rig.now + 60
    while rig.engine.session is not None:
        if rig.now >= act_at:  # what a person does to a program's clock costs no rest
            act_at = rig.now + rng.uniform(40, 90)
            if rig.engine.state == "paused":
                rig.tick(Resume())
            else:
                rig.tick(rng.choice((Pause(), SkipTo(phase=rng.randint(1, 3)), TooStrong())))
        rig.tick()
        for index, mmhg in enumerate(rig.plant.bag_mmhg):
            if mmhg > limits.BAG_HELD_MMHG:
                if not held[index]:
                    squeezes += 1
                    assert empty[index] >= LONG_REST_S - 0.5, machine.bag[index].zone
                held[index] = True
            elif mmhg < limits.BAG_EMPTY_MMHG:
                empty[index] = 0.0 if held[index] else empty[index] + limits.TICK_S
                held[index] = False
    assert squeezes > 7


def test_a_bag_too_slow_for_its_squeeze_takes_from_its_rest_and_gets_there(machine, programs) -> None:  # type: ignore[no-untyped-def]
    slow = PlantParams(pump_ml_s=150.0)
    rig = Rig(machine, programs, params=slow).start("circulation", intensity=10)
    rig.wait(150)
    rig.give(SkipTo(phase=3))
    rig.wait(25)  # the target rises only so fast, too
    calf = rig.engine._air.bags[INDEX["calf"]]
    for _ in range(2):
        rig.until(lambda: calf.setpoint_mmhg is not None, 40)
        highest = 0.0
        while calf.setpoint_mmhg is not None:
            rig.tick()
            highest = max(highest, rig.plant.bag_mmhg[INDEX["calf"]])
        assert highest == pytest.approx(calf.plateau_mmhg, abs=5)


def test_the_leg_is_never_squeezed_harder_than_the_foot(machine, programs) -> None:  # type: ignore[no-untyped-def]
    rig = Rig(machine, programs).start("circulation", intensity=9, minutes=10)
    rig.give(SetBoost(zone="calf"))
    foot, ankle, calf = rig.engine._air.bags[:3]
    compared = 0
    while rig.engine.session is not None:
        rig.tick()
        for near, far in ((ankle, foot), (calf, ankle)):
            if near.setpoint_mmhg is not None and far.setpoint_mmhg is not None:
                assert near.plateau_mmhg <= far.plateau_mmhg + 0.01
                compared += 1
    assert compared > 500


def test_a_zero_that_has_drifted_is_found_again_while_the_bags_are_open(machine, programs) -> None:  # type: ignore[no-untyped-def]
    rig = Rig(machine, programs)

    def offset(readings):  # type: ignore[no-untyped-def]
        bags = tuple(None if mmhg is None else mmhg + 6 for mmhg in shaped.bags_mmhg(machine, readings))
        return shaped.reading(machine, readings, bags_mmhg=bags)

    rig.doctor = offset
    rig.ready()
    rig.wait(15)
    rig.start("circulation", intensity=5)
    assert [bag.zero_mmhg for bag in rig.engine._air.bags] == pytest.approx([6] * 4, abs=1)


@pytest.mark.parametrize(("seed", "zero_mmhg", "per_k"), [(3, -8.0, -0.3)])
def test_a_sensor_s_drift_does_not_change_what_a_foot_feels(
    machine, programs, seed: int, zero_mmhg: float, per_k: float
) -> None:  # type: ignore[no-untyped-def]
    """The case warms while the pads are on: what the sensors say at rest is found again in every rest."""
    bags = {
        zone: msgspec.structs.replace(bag, zero_mmhg=zero_mmhg, drift_mmhg_per_k=per_k)
        for zone, bag in BAGS.items()
    }
    params = PlantParams(bags=bags, case_k_per_w=0.4, case_tau_s=200.0)
    rig = Rig(machine, programs, params=params, seed=seed).start(
        "circulation", intensity=6, heat_c=42.0, minutes=10
    )
    begun_c = rig.plant.case_c
    rig.wait(60)  # what they say at first is found in the first rest
    last: list[tuple[float, float] | None] = [None] * 4
    held = 0
    while rig.engine.session is not None:
        rig.tick()
        off_mmhg = zero_mmhg + per_k * (rig.plant.case_c - 20.0)
        for index, (bag, truth) in enumerate(zip(rig.engine._air.bags, rig.plant.bag_mmhg, strict=True)):
            assert bag.zero_mmhg == pytest.approx(off_mmhg, abs=1.5)
            if bag.stage == "hold" and bag.setpoint_mmhg is not None:
                last[index] = truth, bag.setpoint_mmhg
            elif (ended := last[index]) is not None:
                assert ended[0] == pytest.approx(ended[1], abs=6)
                held += 1
                last[index] = None
    assert held > 25
    assert rig.plant.case_c - begun_c > 3, "nothing drifted"
    assert rig.noted("fault") == []
