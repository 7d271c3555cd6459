"""Why a bag does not fill: nothing is said that a missing foot, air or sensor may explain as well."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from hardware.machine import Machine
from hardware.message import Part
from hardware.program import Program
from hardware.safety.bag_causes import (
    ANY,
    TIMES,
    Causes,
    Trouble,
    it_leaks,
    no_air_arrives,
    no_foot_in_it,
    not_sure_why,
    too_little,
)
from hardware.safety.manifold import shares
from hardware.virtual.plant import PlantParams
from tests.rig import Rig

LEAK: Causes = frozenset(("leak",))
GONE: Causes = frozenset(("leak", "no-foot"))


FOOT = Part("bag.foot")


def said(*cycles: tuple[Causes, bool | None], felt: bool = True) -> object:
    """The cause that is said after these cycles; None: nothing is."""
    trouble = Trouble()
    for causes, own in cycles:
        assert trouble.words(FOOT) is None
        trouble.note(causes, own, felt=felt, full=False)
    words = trouble.words(FOOT)
    return None if words is None else words.value("cause")


@pytest.mark.parametrize(
    ("cycles", "felt", "words"),
    [
        ([(ANY, None)] * TIMES, False, not_sure_why()),
        ([(ANY, None), (ANY, True), (ANY, None)], False, no_air_arrives()),
        ([(ANY, None), (ANY, False), (ANY, False)], False, not_sure_why()),
        ([(ANY - {"no-foot"}, None), (ANY, None), (ANY, None)], False, no_air_arrives()),
        ([(LEAK, None)] * TIMES, True, it_leaks()),
        ([(GONE, None)] * TIMES, True, not_sure_why()),
        ([(GONE, None), (GONE, True), (GONE, True)], True, it_leaks()),
        ([(GONE, None), (GONE, False), (GONE, False)], True, no_foot_in_it()),
        ([(GONE, None), (GONE, True), (GONE, False)], True, not_sure_why()),
        ([(LEAK, None), (LEAK, False), (LEAK, False)], True, None),
    ],
)
def test_what_explains_all_cycles_is_said(
    cycles: list[tuple[Causes, bool | None]], felt: bool, words: object
) -> None:
    assert said(*cycles, felt=felt) == words


def test_a_foot_that_goes_in_the_middle_of_a_fill_may_explain_what_a_sensor_or_a_leak_does() -> None:
    assert too_little(1.0, 3.0, slows=False, leaks=False) == {"sensor", "no-foot"}
    assert too_little(1.0, 9.0, slows=True, leaks=False) == {"leak", "no-foot"}
    assert too_little(1.5, 2.5, slows=False, leaks=False) == {"no-foot"}
    assert too_little(3.0, 3.0, slows=False, leaks=False) == ANY - {"sensor"}
    assert too_little(None, None, slows=False, leaks=False) == ANY
    assert too_little(None, None, slows=False, leaks=True) == LEAK


def test_the_lowest_of_the_closed_bags_share_the_air() -> None:
    assert shares((20.0, 21.0, 40.0, 0.0), (True, True, True, False)) == [0.5, 0.5, 0.0, 0.0]
    assert shares((None, 5.0), (True, True)) == [1.0, 0.0]
    assert shares((1.0, 1.0), (False, False)) == [0.0, 0.0]


@pytest.mark.parametrize("seed", [1, 6])
def test_without_feet_no_sensor_is_blind_and_no_bag_leaks(
    machine: Machine, programs: Mapping[str, Program], seed: int
) -> None:
    print(f"seed {seed}")
    rng = random.Random(seed)
    params = PlantParams.odd(rng)
    params = replace(params, feet={side: replace(foot, present=False) for side, foot in params.feet.items()})
    rig = Rig(replace(machine, pad=(), motor=()), programs, params=params, seed=seed)
    rig.start("circulation", intensity=7, heat_c=None)
    rig.wait(300)
    told = {(str(one["code"]), str(one["detail"])) for one in rig.noted("fault")}
    assert all(code == "bag-not-filling" and "No foot" in detail for code, detail in told), told
