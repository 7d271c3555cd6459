"""What a bag should read for the air that went into it: learnt fill by fill, held against what it reads."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hardware.safety.bag_observer import BagObserver, Known
from hardware.safety.bag_watch import BLIND_TIMES, BagWatch
from hardware.safety.limits import TICK_S

SLACK_S, GAIN = 0.8, 120.0
"""Of the bag that is filled here: not what an everyday one has."""
TARGET_MMHG = 50.0
REST_S = 20.0
Lie = Callable[[float], float]


class Bag:
    """A bag that empties at once, fed by the full pump; ``says`` is what its sensor makes of it."""

    def __init__(self, slack_s: float = SLACK_S, gain: float = GAIN, tick_s: float = TICK_S) -> None:
        self.slack_s, self.gain, self.tick_s = slack_s, gain, tick_s
        self.watch = BagWatch("foot")
        self.air_s = self.hardest = 0.0

    @property
    def mmhg(self) -> float:
        return max(self.air_s - self.slack_s, 0.0) * self.gain

    def _tick(self, says: Lie, *, closed: bool, pumped: float, target: float | None) -> dict[str, object]:
        read = says(self.mmhg)
        return dict(
            self.watch.update(self.tick_s, read, driven=closed, pumped=pumped, target_mmhg=target, used=True)
        )

    def squeeze(self, says: Lie = lambda mmhg: mmhg) -> set[str]:
        """A rest and a fill with a hold, as the air control does it; the faults that were present."""
        found: set[str] = set()
        self.air_s = 0.0
        for _ in range(round(REST_S / self.tick_s)):
            found |= set(self._tick(says, closed=False, pumped=0.0, target=None))
        for _ in range(round(5.0 / self.tick_s)):
            shut = not self.watch.rests
            pumped = float(shut and says(self.mmhg) < TARGET_MMHG)
            self.air_s = self.air_s + pumped * self.tick_s if shut else 0.0
            self.hardest = max(self.hardest, self.mmhg)
            found |= set(self._tick(says, closed=shut, pumped=pumped, target=TARGET_MMHG))
        return found

    @property
    def observer(self) -> BagObserver:
        return self.watch._observer


def known(**changes: float) -> Bag:
    bag = Bag(**changes)
    for _ in range(5):
        assert bag.squeeze() == set()
    bag.hardest = 0.0
    return bag


@pytest.mark.parametrize(("slack_s", "gain"), [(0.8, 120.0), (0.45, 300.0), (2.0, 70.0)])
@pytest.mark.parametrize("tick_s", [TICK_S, 2 * TICK_S])
def test_it_learns_a_bag_within_what_machines_differ_by_on_measured_time(
    slack_s: float, gain: float, tick_s: float
) -> None:
    bag = known(slack_s=slack_s, gain=gain, tick_s=tick_s)
    expectation = bag.watch.expectation
    assert expectation.expected == pytest.approx(bag.mmhg, abs=5.0)
    assert expectation.unexplained == 0.0
    assert bag.observer.most_s == pytest.approx(slack_s, rel=0.45)


def test_what_a_sensor_that_fails_in_a_hold_reads_is_not_explained() -> None:
    bag = known()
    bag._tick(lambda mmhg: mmhg, closed=True, pumped=0.0, target=TARGET_MMHG)
    for _ in range(3):
        bag._tick(lambda _: 0.0, closed=True, pumped=0.0, target=TARGET_MMHG)
    expectation = bag.watch.expectation
    assert expectation.expected is not None
    assert expectation.expected > 40.0
    assert expectation.unexplained < -20.0


def test_before_it_has_been_felt_nothing_is_said_of_it() -> None:
    watch = BagWatch("foot")
    watch.update(TICK_S, 0.0, driven=True, pumped=1.0, target_mmhg=40.0, used=True)
    assert watch.expectation.expected is None


def test_s6_a_known_bag_that_feels_nothing_is_squeezed_hard_once_at_most_and_then_rests() -> None:
    bag, hard = known(), 0
    for _ in range(BLIND_TIMES):
        bag.hardest = 0.0
        found = bag.squeeze(lambda _: 0.0)
        hard += bag.hardest > 120.0
    assert found == {"bag-not-filling"}, "nobody says that any air comes"
    assert hard <= 1
    bag.hardest = 0.0
    bag.squeeze(lambda _: 0.0)
    assert bag.hardest == 0.0


@pytest.mark.parametrize("as_ever", [True, False])
def test_s6_while_other_bags_answer_a_blind_one_is_found_and_never_squeezed_hard(as_ever: bool) -> None:
    bag, other = known(), BagWatch("ankle")
    bag.watch.others, other.known_s = [other], 1000.0
    found: set[str] = set()
    for _ in range(BLIND_TIMES):
        other.answered, other.answered_s = as_ever, 0.0
        found |= bag.squeeze(lambda _: 0.0)
    if as_ever:
        assert "bag-sensor-blind" in found
        assert bag.hardest < 120.0
    else:
        assert "bag-sensor-blind" not in found, "they may miss the foot, too"


def test_who_learnt_what_is_usual_only_since_says_nothing_of_it() -> None:
    bag, other = known(), BagWatch("ankle")
    bag.watch.others, other.known_s = [other], 0.0
    found: set[str] = set()
    for _ in range(BLIND_TIMES):
        other.answered, other.answered_s = True, 0.0
        found |= bag.squeeze(lambda _: 0.0)
    assert "bag-sensor-blind" not in found
    assert bag.watch.rests


def test_a_sensor_that_reads_too_little_does_not_get_its_bag_overfilled() -> None:
    bag, found = known(), set()
    for _ in range(3):
        found |= bag.squeeze(lambda mmhg: 0.4 * mmhg)
    assert bag.hardest < 2.0 * TARGET_MMHG
    assert found == {"bag-not-filling"}


def test_feet_that_come_out_for_a_minute_and_a_half_are_no_blind_sensor() -> None:
    bag, found = known(), set()
    bag.slack_s, bag.gain = 2 * SLACK_S, GAIN / 3.6
    for _ in range(3):
        found |= bag.squeeze()
    bag.slack_s, bag.gain = SLACK_S, GAIN
    for _ in range(2):
        found |= bag.squeeze()
    assert "bag-sensor-blind" not in found
    assert bag.squeeze() == set()


def test_a_new_session_is_less_sure_and_forgets_nothing() -> None:
    bag = known()
    gain, sure = bag.observer.gain.value, bag.observer.gain.spread
    bag.watch.new_session()
    assert bag.observer.gain.value == gain
    assert bag.observer.gain.spread > 2 * sure


def test_a_surprise_counts_for_less_than_what_was_likely() -> None:
    likely, surprise = Known(1.0, 0.1), Known(1.0, 0.1)
    likely.learn(1.1, 0.1)
    surprise.learn(3.0, 0.1)
    assert 1.0 < surprise.value < likely.value
